"""An HTTP server of raw bytes: it sends what a test scripts, and keeps what it received."""

import json
import re
import socket
import socketserver
import struct
from typing import Any

BOUGHT = {"id": "n-1", "number": "+18001234567", "type": "PSTN", "agentId": None}
# Answers that are none.
RESET = b"reset"
HANG = b"hang"
CLOSE = b""


def response(status: int, body: Any, *headers: str, media_type: str = "application/json") -> bytes:
    """Give the bytes of a response.

    Args:
        status: The HTTP status.
        body: Bytes, or what is sent as JSON.
        headers: More lines of the head.
        media_type: The Content-Type; without one that header is left out.
    """
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} Status", f"Content-Length: {len(content)}", *headers]
    if media_type:
        lines.append(f"Content-Type: {media_type}")
    return "\r\n".join([*lines, "", ""]).encode() + content


class Server(socketserver.ThreadingTCPServer):
    """Sends `answer` for every request, on a free loopback port."""

    daemon_threads = True
    request_queue_size = 128  # five by default: the connections of many threads would be refused

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Connection)
        self.url = f"http://127.0.0.1:{self.server_address[1]}/api"
        self.answer = response(200, BOUGHT)
        self.requests: list[bytes] = []
        self.connections = 0


class Connection(socketserver.StreamRequestHandler):
    """Answers the requests of one connection."""

    server: Server

    def handle(self) -> None:
        self.server.connections += 1
        while request := self.read_request():
            self.server.requests.append(request)
            answer = self.server.answer
            if answer == RESET:
                no_time_to_linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, no_time_to_linger)
                self.connection.close()
                return
            if answer == HANG:
                self.rfile.read(1)  # until the client has gone
                return
            self.wfile.write(answer)
            if answer == CLOSE or b"Connection: close" in answer:
                return

    def read_request(self) -> bytes:
        """Read a request, head and body; nothing if the client has gone."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = self.rfile.readline()
            if not line:
                return b""
            head += line
        length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
        return head + self.rfile.read(int(length[1]) if length else 0)
