"""A relay before a server that lets requests and answers overtake each other at random."""

from __future__ import annotations

import contextlib
import random
import socket
import socketserver
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

PATIENCE = 0.005  # seconds to wait for another that may pass
CHUNK = 65_536


@contextlib.contextmanager
def relay(base_url: str, seed: int) -> Iterator[str]:
    """Serve what a server on this machine serves, in another order; gives the base URL."""
    upstream = urlsplit(base_url)
    with Relay(("127.0.0.1", upstream.port or 80), seed) as server:
        threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}{upstream.path}"
        finally:
            server.shutdown()


class Relay(socketserver.ThreadingTCPServer):
    """Hands every connection on; each has one request."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, upstream: tuple[str, int], seed: int) -> None:
        super().__init__(("127.0.0.1", 0), Connection)
        self.upstream = upstream
        self._chance = random.Random(seed)  # noqa: S311 - no secret
        self._lock = threading.Lock()
        self._waiting: list[threading.Event] = []

    def let_others_pass(self) -> None:
        """Wait until another is answered, or for nobody; each as likely."""
        passed = threading.Event()
        with self._lock:
            if self._chance.random() < 0.5:
                return
            self._waiting.append(passed)
        passed.wait(PATIENCE)

    def answered(self) -> None:
        """Let one go on that waits."""
        with self._lock:
            if self._waiting:
                self._waiting.pop(self._chance.randrange(len(self._waiting))).set()


class Connection(socketserver.BaseRequestHandler):
    """One request and its answer."""

    server: Relay

    def handle(self) -> None:
        self.server.let_others_pass()
        with (
            contextlib.suppress(OSError),  # who hangs up has reasons that are not the relay's
            socket.create_connection(self.server.upstream) as upstream,
        ):
            threading.Thread(target=_copy, args=(self.request, upstream), daemon=True).start()
            first = upstream.recv(CHUNK)
            self.server.let_others_pass()
            self.request.sendall(first)
            self.server.answered()
            _copy(upstream, self.request)


def _copy(source: socket.socket, target: socket.socket) -> None:
    """Hand on all that comes, then that nothing more comes."""
    with contextlib.suppress(OSError):
        while data := source.recv(CHUNK):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
