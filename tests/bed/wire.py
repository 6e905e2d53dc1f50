"""Puts the answers of the server on the wire: HTTP/1.1 with keep-alive on `http.server`, and its wire faults."""

import gzip
import json
import socket
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from .server import MISSING, Call, Response, Server
from .variants import Variant


def serve(server: Server, port: int = 0) -> ThreadingHTTPServer:
    """Bind the server to a loopback port (0: any free one); the caller runs `serve_forever`."""
    return _Socket(
        ("127.0.0.1", port),
        type("BoundHandler", (_Handler,), {"app": server, "timeout": server.variant.idle}),
    )


def encode(response: Response, variant: Variant) -> tuple[bytes, dict[str, str]]:
    """The bytes and headers of a response, before its wire faults."""
    headers = dict(response.headers)
    if response.raw is not None:
        payload = response.raw
    elif response.body is MISSING:
        payload = b""
    else:
        payload = _dump(response.body, variant)
    if response.content_type is not None:
        headers.setdefault("Content-Type", response.content_type)
    if variant.gzip and payload and response.body is not MISSING and response.raw is None:
        payload = gzip.compress(payload)
        headers["Content-Encoding"] = "gzip"
    return payload, headers


def _dump(body: Any, variant: Variant) -> bytes:
    text = json.dumps(
        body, indent=2 if variant.indented else None, ensure_ascii=not variant.raw_utf8
    )
    try:
        return text.encode()
    except UnicodeEncodeError:  # a lone surrogate that came in as an escape
        return json.dumps(body).encode()


class _Socket(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is nobody's news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    app: Server

    def __getattr__(self, name: str) -> Callable[[], None]:
        if name.startswith("do_"):
            return self._one
        raise AttributeError(name)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """No log: the runner reads `/__bed__`."""

    def _one(self) -> None:
        payload = self._payload()
        if self.path == "/__bed__":
            self._send(Response(200, raw=json.dumps(self._state()).encode()))
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        call = Call(self.command, self.path, headers, payload, self.app)
        response = self.app.handle(call)
        if response.delay:
            time.sleep(response.delay)
        self._send(response)

    def _payload(self) -> bytes:
        if "chunked" in (self.headers.get("Transfer-Encoding") or "").lower():
            return b"".join(self._chunks())
        length = self.headers.get("Content-Length") or "0"
        return self.rfile.read(int(length)) if length.isdigit() else b""

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()

    def _send(self, response: Response) -> None:
        variant = self.app.variant
        if response.drop == "all":
            self._hang_up()
            return
        payload, headers = encode(response, variant)
        chunked = variant.chunked and payload
        if chunked:
            headers["Transfer-Encoding"] = "chunked"
        elif response.status != 204:
            headers["Content-Length"] = str(len(payload) + response.length_off)
        if variant.closes or response.drop or response.length_off:
            headers["Connection"] = "close"
            self.close_connection = True
        version = "HTTP/1.0" if variant.closes else "HTTP/1.1"
        reason = self.responses[response.status][0] if response.status in self.responses else "Odd"
        head = f"{version} {response.status} {reason}\r\n" + "".join(
            f"{k}: {v}\r\n" for k, v in headers.items()
        )
        body = b"" if self.command == "HEAD" else _chunk(payload) if chunked else payload
        if response.drop == "half":
            body = body[: len(body) // 2]
        self.wfile.write(head.encode("latin-1") + b"\r\n" + body)

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _state(self) -> dict[str, Any]:
        app = self.app
        return {
            "calls": dict(app.calls),
            "answers": dict(app.answers),
            "requests": sum(app.answers.values()),
            "left": sum(not record.customers for record in app.records.values()),
            "touched": app.touched,
        }


def _chunk(payload: bytes) -> bytes:
    half = len(payload) // 2 or 1
    parts = [part for part in (payload[:half], payload[half:]) if part]
    return b"".join(f"{len(part):x}\r\n".encode() + part + b"\r\n" for part in parts) + b"0\r\n\r\n"
