"""HTTP/1.1 on uvicorn's httptools protocol, with limits: what is too long or too slow gets a clear 4xx."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from vogent_contract.mock.app import DROP

MAX_HEAD = 64 * 1024  # bytes of request line and headers
MAX_SECONDS = 30.0  # for one request to arrive whole


class LimitedProtocol(HttpToolsProtocol):
    """One connection.

    uvicorn bounds neither the head of a request nor the time it takes; both are bounded here. A body's
    length is the application's business, framing around it (chunk sizes, trailers) counts as head.
    """

    _overhead = 0
    _arriving = True
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # uvicorn's own
        super().connection_made(_Joined(transport, self.loop))  # type: ignore[arg-type] # all that is used of one
        self._extensions = {DROP: transport.abort}
        self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._overhead += len(data)
        super().data_received(data)
        if not self._arriving:
            self._forget()
        elif self._overhead > MAX_HEAD and not self.transport.is_closing():
            self.send_400_response("")
        else:
            self._expect()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._arriving = True
        self.scope["extensions"] = self._extensions  # type: ignore[typeddict-item] # ours, not one of ASGI's

    def on_headers_complete(self) -> None:
        if (
            self._overhead > MAX_HEAD
            and sum(len(name) + len(value) for name, value in self.headers) > MAX_HEAD // 2
        ):
            raise ValueError  # httptools then reports bad HTTP, uvicorn calls send_400_response
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._overhead = max(
            0, self._overhead - 8 * len(body)
        )  # a chunk of one byte comes with five of framing
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._overhead, self._arriving = 0, False
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's signature
        """Refuse what is no HTTP request."""
        if self._overhead > MAX_HEAD:
            self._refuse(431, f"the request line and headers are longer than {MAX_HEAD} bytes")
        else:
            self._refuse(400, "this is not a valid HTTP request")

    def _refuse(self, status: int, message: str) -> None:
        content = b'{"message":"%s"}' % message.encode()
        head = (
            b"content-type: application/json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n"
            % len(content)
        )
        self.transport.write(STATUS_LINE[status] + head + content)
        self.transport.close()

    def _expect(self) -> None:
        """The rest of a request has to come in time."""
        if self._deadline is None and not self.transport.is_closing():
            self._deadline = self.loop.call_later(
                MAX_SECONDS, self._refuse, 408, "the request took too long to arrive"
            )

    def _forget(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class _Joined:
    """A transport that writes once a turn of the loop: uvicorn's two writes an answer are two system calls."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._waiting: list[bytes] = []
        self.is_closing = transport.is_closing

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        if not self._waiting:
            self._loop.call_soon(self._flush)
        self._waiting.append(data)

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._waiting and not self.is_closing():
            self._transport.write(b"".join(self._waiting))
        self._waiting.clear()
