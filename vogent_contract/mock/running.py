"""Run the mock: in this thread for the command, in a thread of the test's process with `start`."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path

import uvicorn
from uvicorn.server import ServerState

from vogent_contract.mock.app import TEST_KEY, Fault, create_app, server_path
from vogent_contract.mock.protocol import MockProtocol
from vogent_contract.mock.recording import Application, RecordedRequest, recorded
from vogent_contract.mock.state import State
from vogent_contract.openapi import Contract, load

if sys.platform == "win32":
    new_event_loop = asyncio.new_event_loop
else:
    from uvloop import new_event_loop

Stop = Callable[[], None]


@dataclass(frozen=True)
class MockServer:
    """A mock that runs.

    Attributes:
        base_url: What to give a client, such as `http://127.0.0.1:49152/api`.
        api_key: The key that it wants.
        state: What is for sale and what the account has.
        requests: What was asked and how it was answered, the latest 10,000, oldest first.
    """

    base_url: str
    api_key: str
    state: State
    requests: deque[RecordedRequest]


@contextlib.contextmanager
def start(
    *,
    api_key: str = TEST_KEY,
    contract: Contract | Path | str | None = None,
    fault: Fault | None = None,
    port: int = 0,
    state: State | Path | str | None = None,
) -> Iterator[MockServer]:
    """Run a mock in a thread of this process while the block runs.

    Args:
        contract: The contract or its file, the project's by default.
        fault: Breaks the mock in one way, such as one of `vogent_contract.faults.catalogue`.
        port: Of 127.0.0.1; a free one by default.
        state: A state, which stays open, or the file that keeps it; memory by default.

    Raises:
        ContractError, StateError, OSError: It cannot start.
    """
    contract = contract if isinstance(contract, Contract) else load(contract)
    requests: deque[RecordedRequest] = deque(maxlen=10_000)
    with contextlib.ExitStack() as at_the_end:
        if not isinstance(state, State):
            state = at_the_end.enter_context(contextlib.closing(State(state)))
        app = create_app(
            contract, state, api_key, fault, lambda *seen: requests.append(recorded(*seen))
        )
        listener = listen("127.0.0.1", port)
        at_the_end.enter_context(_in_thread(app, listener))
        yield MockServer(base_url(listener, contract), api_key, state, requests)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=2048)


def base_url(listener: socket.socket, contract: Contract) -> str:
    """Where the API of a server on this socket is."""
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}{server_path(contract)}"


def run(app: Application, listener: socket.socket, started: Callable[[Stop], None]) -> None:
    """Serve until told to stop.

    Args:
        listener: Is closed at the end.
        started: Is called once requests are answered, with what stops the server from any thread.
    """
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(_serve(app, listener, started))


@contextlib.contextmanager
def _in_thread(app: Application, listener: socket.socket) -> Iterator[None]:
    ready: Future[Stop] = Future()

    def serve() -> None:
        try:
            run(app, listener, ready.set_result)
        except BaseException as error:
            if not ready.done():
                ready.set_exception(error)
            raise

    thread = threading.Thread(target=serve, name="mock", daemon=True)
    thread.start()
    stop = ready.result()
    try:
        yield
    finally:
        stop()
        thread.join()


async def _serve(
    app: Application, listener: socket.socket, started: Callable[[Stop], None]
) -> None:
    """Serve without uvicorn's `Server`, which takes 0.2 s to stop and waits for slow answers."""
    config = uvicorn.Config(
        app,
        ws="none",
        lifespan="off",
        proxy_headers=False,
        log_config=None,
        log_level="critical",
        access_log=False,
    )
    config.load()
    shared = ServerState()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: MockProtocol(config, shared, {}, loop), sock=listener)
    stop = asyncio.Event()

    def stop_from_any_thread() -> None:
        loop.call_soon_threadsafe(stop.set)

    started(stop_from_any_thread)
    while not stop.is_set():
        shared.default_headers = [(b"date", formatdate(usegmt=True).encode())]
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), timeout=1)

    server.close()
    for connection in list(shared.connections):
        connection.transport.abort()
    for task in list(shared.tasks):
        task.cancel()
    await asyncio.sleep(0)
