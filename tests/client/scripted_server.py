"""An HTTP server of raw bytes: it sends what a test scripts, and keeps what it received."""

import contextlib
import json
import socket
import struct
import threading
from types import TracebackType
from typing import Self

BOUGHT = {"id": "n-1", "number": "+18001234567", "type": "PSTN", "agentId": None}


def response(
    status: int = 200,
    body: bytes | object = b"",
    *headers: str,
    media_type: str = "application/json",
) -> bytes:
    """The bytes of a response; a body that is no bytes is sent as JSON, one without media type without the header."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} Status", f"Content-Length: {len(content)}", *headers]
    lines += [f"Content-Type: {media_type}"] if media_type else []
    return "\r\n".join([*lines, "", ""]).encode() + content


class ScriptedServer:
    """Answers every request with `answer`, or without one: closes (`b""`), resets (`RESET`), waits (`HANG`)."""

    RESET, HANG = b"reset", b"hang"

    def __init__(self) -> None:
        self.answer = response(200, BOUGHT)
        self.requests: list[bytes] = []
        self._stop = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/api"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._stop.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            while request := self._read(connection):
                self.requests.append(request)
                if self.answer == self.RESET:  # closing with no time to linger resets
                    connection.setsockopt(
                        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
                    )
                    return
                if self.answer == self.HANG:
                    self._stop.wait()
                    return
                connection.sendall(self.answer)
                if b"Connection: close" in self.answer or not self.answer:
                    return

    @staticmethod
    def _read(connection: socket.socket) -> bytes:
        data = b""
        while b"\r\n\r\n" not in data:
            if not (more := connection.recv(65536)):
                return b""
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        lengths = [
            line.split(b":")[1]
            for line in head.lower().split(b"\r\n")
            if line.startswith(b"content-length:")
        ]
        while len(body) < int(lengths[0] if lengths else 0):
            body += connection.recv(65536)
        return head + b"\r\n\r\n" + body
