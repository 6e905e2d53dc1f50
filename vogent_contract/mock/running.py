"""Run the mock: in this thread for the command line, in a thread of the test process with `start`."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import socket
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path

import uvicorn
from uvicorn.server import ServerState

from vogent_contract.mock.app import Fault, create_app, server_path
from vogent_contract.mock.protocol import LimitedProtocol
from vogent_contract.mock.recording import Application, Exchange, exchange
from vogent_contract.mock.state import State
from vogent_contract.openapi import Contract, load

if sys.platform != "win32":
    import uvloop

TEST_KEY = "test-key"  # documented: not a secret


class FaultError(LookupError):
    """There is no fault with an id; the message is one line."""


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
    requests: deque[Exchange]


@contextlib.contextmanager
def start(
    *,
    api_key: str = TEST_KEY,
    contract: Contract | Path | str | None = None,
    fault: Fault | str | None = None,
    port: int = 0,
    state: State | Path | str | None = None,
) -> Iterator[MockServer]:
    """Run a mock in a thread of this process while the block runs.

    Args:
        contract: The contract or its file, the project's by default.
        fault: A fault or its id; none by default.
        port: Of 127.0.0.1; a free one by default.
        state: A state, or the file that keeps it; memory by default.

    Raises:
        ContractError, FaultError, StateError, OSError: It cannot start.
    """
    contract = contract if isinstance(contract, Contract) else load(contract)
    requests: deque[Exchange] = deque(maxlen=10_000)
    with (
        contextlib.nullcontext(state)
        if isinstance(state, State)
        else contextlib.closing(State(state)) as kept
    ):
        found = find_fault(fault, contract) if isinstance(fault, str) else fault
        app = create_app(
            contract, kept, api_key, found, lambda *seen: requests.append(exchange(*seen))
        )
        listener = listen("127.0.0.1", port)
        ready: Future[Callable[[], None]] = Future()

        def serve() -> None:
            try:
                run(app, listener, ready.set_result)
            except BaseException as error:
                ready.set_exception(error)
                raise

        thread = threading.Thread(target=serve, name="mock", daemon=True)
        thread.start()
        stop = ready.result()
        try:
            yield MockServer(base_url(listener, contract), api_key, kept, requests)
        finally:
            stop()
            thread.join()


def find_fault(identity: str, contract: Contract) -> Fault:
    """The fault with an id.

    Raises:
        FaultError: There is none.
    """
    found = catalogue(contract).get(identity)
    if found is None:
        raise FaultError(f"there is no fault {identity}; --list-faults shows them")
    return found


def catalogue(contract: Contract) -> Mapping[str, Fault]:
    """The faults of a contract by id: `vogent_contract.faults.catalogue`, loaded when first asked for."""
    try:
        faults = importlib.import_module("vogent_contract.faults")
    except ModuleNotFoundError:
        return {}
    found: Mapping[str, Fault] = faults.catalogue(contract)
    return found


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=2048)


def base_url(listener: socket.socket, contract: Contract) -> str:
    """Where the API of a server on this socket is."""
    host, port = listener.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}{server_path(contract)}"


def run(
    app: Application, listener: socket.socket, started: Callable[[Callable[[], None]], None]
) -> None:
    """Serve until told to stop.

    Args:
        listener: Is closed at the end.
        started: Is called once requests are answered, with what stops the server from any thread.
    """
    with asyncio.Runner(
        loop_factory=None if sys.platform == "win32" else uvloop.new_event_loop
    ) as runner:
        runner.run(_serve(app, listener, started))


async def _serve(
    app: Application, listener: socket.socket, started: Callable[[Callable[[], None]], None]
) -> None:
    """uvicorn's protocol without its `Server`, which takes 0.2 s to stop and waits for slow answers."""
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
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    server = await loop.create_server(
        lambda: LimitedProtocol(config, shared, {}, loop), sock=listener
    )

    def stop_from_any_thread() -> None:
        loop.call_soon_threadsafe(stop.set)

    started(stop_from_any_thread)
    while not stop.is_set():
        shared.default_headers = [(b"date", formatdate(usegmt=True).encode())]
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), 1)
    server.close()
    for connection in list(shared.connections):
        connection.transport.abort()
    for task in list(shared.tasks):
        task.cancel()
    await asyncio.sleep(0)
