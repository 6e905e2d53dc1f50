"""What was asked and how it was answered: for tests, and as the access log."""

from __future__ import annotations

import asyncio
import os
import select
import sys
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

# The interface between a Python web server and an application, ASGI 3.
Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

# Is told of a request once it is answered: its scope, the status sent, the seconds it took.
Record = Callable[[Scope, int | None, float], None]


@dataclass(slots=True)
class RecordedRequest:
    """One request and its answer.

    Attributes:
        operation: The operationId, None if the contract has no such path and method.
        body: The parsed JSON body, None if there was none or it was not read.
        status: The status that was sent, None if the connection was dropped.
        seconds: How long the answer took.
    """

    method: str
    path: str
    query: str
    operation: str | None
    body: Any
    status: int | None
    seconds: float


def recorded(scope: Scope, status: int | None, seconds: float) -> RecordedRequest:
    """What a test may want to know of a request; the key is left out."""
    seen = scope.get("mock", {})
    return RecordedRequest(
        method=scope["method"],
        path=scope["raw_path"].decode("ascii"),
        query=scope["query_string"].decode("ascii", "replace"),
        operation=seen["operation"].id if "operation" in seen else None,
        body=seen["request"].body if "request" in seen else None,
        status=status,
        seconds=seconds,
    )


class AccessLog:
    """One line a request on standard output: no key, no query, no body.

    Lines are written a few milliseconds late and together, which is cheaper, and are lost if nobody
    reads them: a pipe that is full must not stop the server.
    """

    def __init__(self) -> None:
        self._lines: list[str] = []

    def __call__(self, scope: Scope, status: int | None, seconds: float) -> None:
        """Note the line of a request."""
        if not self._lines:
            asyncio.get_running_loop().call_later(0.02, self.flush)
        path = scope["raw_path"][:1000].decode("ascii")
        milliseconds = f"{seconds * 1000:.1f} ms"
        self._lines.append(f"{scope['method']} {path} {status or 'dropped'} {milliseconds}\n")

    def flush(self) -> None:
        """Write the lines noted so far."""
        now = time.strftime("%H:%M:%S")
        text = "".join([f"{now} {line}" for line in self._lines]).encode()
        self._lines.clear()
        output = sys.stdout.fileno()
        try:
            for start in range(0, len(text), select.PIPE_BUF):
                _, writable, _ = select.select([], [output], [], 0)
                if writable:  # then as much as this is written without waiting
                    os.write(output, text[start : start + select.PIPE_BUF])
        except OSError:  # nobody reads any more
            pass
