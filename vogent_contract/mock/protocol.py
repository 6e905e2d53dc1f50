"""HTTP/1.1 as uvicorn speaks it with httptools, and what the mock needs besides."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from vogent_contract.mock.app import DROP


class MockProtocol(HttpToolsProtocol):
    """One connection, which the application can drop."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # uvicorn's own signature
        joined: Any = _JoinedWrites(transport, self.loop)  # has all of a transport that is used
        super().connection_made(joined)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        extensions: Any = {DROP: self.transport.abort}
        self.scope["extensions"] = extensions


class _JoinedWrites:
    """A transport that writes once a turn of the loop.

    uvicorn writes head and body of an answer apart: two system calls, a third of the throughput.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._waiting: list[bytes] = []

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
        if self._waiting and not self._transport.is_closing():
            self._transport.write(b"".join(self._waiting))
        self._waiting.clear()
