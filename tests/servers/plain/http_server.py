"""The plain server on the wire: HTTP/1.1 of the standard library, and the bytes of an answer."""

import gzip
import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from socketserver import ThreadingMixIn
from typing import Any

from .app import Answer, App
from .habits import Habit


@contextmanager
def serving(habit: Habit, api_key: str) -> Iterator[str]:
    """Serve a new account on a free loopback port; gives the base URL."""
    server_class = OneAtATime if habit.one_at_a_time else Server
    with server_class(App(habit, api_key)) as server:
        threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/api"
        finally:
            server.shutdown()


class OneAtATime(HTTPServer):
    """Listens for one app, in one thread."""

    request_queue_size = 64

    def __init__(self, app: App) -> None:
        super().__init__(("127.0.0.1", 0), Connection)
        self.app = app

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a caller that hangs up."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Server(ThreadingMixIn, OneAtATime):
    """Listens for one app, with a thread for each connection."""

    daemon_threads = True


class Connection(BaseHTTPRequestHandler):
    """One connection, for one request after the other."""

    server: OneAtATime
    disable_nagle_algorithm = True  # an answer is sent in two parts

    def setup(self) -> None:
        """Take from the habit how long a connection lasts."""
        super().setup()
        self.habit = self.server.app.habit
        self.protocol_version = "HTTP/1.0" if self.habit.closes else "HTTP/1.1"

    def answer(self) -> None:
        """Answer one request of any method."""
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        answer = self.server.app.answer(self.command, self.path, self.headers, content)
        time.sleep(self.habit.delay)
        self._send(answer)
        self.connection.settimeout(self.habit.idle)  # until the next request

    do_GET = do_HEAD = do_POST = do_PUT = answer  # noqa: N815 - names of the base class
    do_PATCH = do_DELETE = do_OPTIONS = do_TRACE = answer  # noqa: N815 - the same

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Keep no log."""

    def _send(self, answer: Answer) -> None:
        content, media_type = self._content(answer)
        self.send_response(answer.status)
        for name, value in (*answer.headers.items(), *self.habit.headers.items()):
            self.send_header(name, value)
        if content:
            self.send_header("Content-Type", media_type)
        if content and self.habit.gzip:
            content = gzip.compress(content)
            self.send_header("Content-Encoding", "gzip")
        if content and self.habit.chunked:
            content = _chunks(content)
            self.send_header("Transfer-Encoding", "chunked")
        elif answer.status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _content(self, answer: Answer) -> tuple[bytes, str]:
        if answer.is_error:
            media_type = self.habit.error_type or self.habit.json_type
            return self.habit.error_body.encode(), media_type
        if answer.value is None:
            return b"", ""
        text = json.dumps(answer.value, **self.habit.json)
        # a lone surrogate, which UTF-8 does not have, stays the JSON escape that it came as
        return text.encode("utf-8", "backslashreplace"), self.habit.json_type


def _chunks(content: bytes) -> bytes:
    half = len(content) // 2
    first, second = content[:half], content[half:]
    return b"%x\r\n%b\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(first), first, len(second), second)
