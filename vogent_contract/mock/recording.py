"""What was asked and how it was answered: for tests, and as the access log."""

from __future__ import annotations

import asyncio
import os
import select
import sys
import time
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = Sequence[tuple[bytes, bytes]]
Record = Callable[
    [Scope, int | None, float], None
]  # is told of a request: its scope, the status sent, the seconds


@dataclass(slots=True)
class Exchange:
    """One request and its answer.

    Attributes:
        operation: The operationId, None if the contract has no such path and method.
        body: The parsed JSON body, None if there was none or it was not read.
        status: The status that was sent, None if the connection was dropped.
        seconds: How long it took.
    """

    method: str
    path: str
    query: str
    operation: str | None
    body: Any
    status: int | None
    seconds: float


def exchange(scope: Scope, status: int | None, seconds: float) -> Exchange:
    """What there is to tell of a request."""
    path, query = (
        scope["raw_path"].decode("ascii"),
        scope["query_string"].decode("ascii", "replace"),
    )
    seen = scope.get("mock", {})
    operation = seen["operation"].id if seen else None
    body = seen["request"].body if "request" in seen else None
    return Exchange(scope["method"], path, query, operation, body, status, seconds)


class AccessLog:
    """One line a request on standard output; no key, no query, no body. Lines nobody reads are dropped."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def __call__(self, scope: Scope, status: int | None, seconds: float) -> None:
        """Note a line; it is written with the others of this moment, which is cheaper."""
        if not self._lines:
            asyncio.get_running_loop().call_later(0.02, self.flush)
        path = scope["raw_path"][:1000].decode("ascii")
        self._lines.append(
            f" {scope['method']} {path} {status or 'dropped'} {seconds * 1000:.1f} ms\n"
        )

    def flush(self) -> None:
        """Write what is there as far as it can be written without waiting."""
        now, output = time.strftime("%H:%M:%S"), sys.stdout.fileno()
        text = "".join([now + line for line in self._lines]).encode()
        self._lines.clear()
        try:
            for start in range(0, len(text), select.PIPE_BUF):
                if select.select([], [output], [], 0)[1]:  # a full pipe must not stop the server
                    os.write(output, text[start : start + select.PIPE_BUF])
        except OSError:  # nobody reads any more
            pass
