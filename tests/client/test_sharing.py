"""One client in many hands: threads, tasks, event loops, derived clients, forked processes."""

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from vogent_phone_numbers import AuthenticatedClient
from vogent_phone_numbers.api.phone_numbers import get_phone_number

from tests.client.conftest import TOKEN, buy_async, buy_sync
from tests.client.scripted_server import Server

THREADS, CALLS = 50, 20
KEY = f"\r\nAuthorization: Bearer {TOKEN}\r\n".encode()


@pytest.fixture
def hasty() -> Iterator[None]:
    """Threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The HTTP clients that are made, each slowly."""
    made: list[object] = []

    def watch(kind: Any) -> None:
        make = kind.__init__

        def make_slowly(http: object, **arguments: Any) -> None:
            made.append(http)
            make(http, **arguments)
            for _ in range(100):
                time.sleep(0)  # let other threads go first

        monkeypatch.setattr(kind, "__init__", make_slowly)

    watch(httpx.Client)
    watch(httpx.AsyncClient)
    return made


def in_threads(call: Callable[[], object], calls: int = CALLS) -> None:
    """Call from many threads, which begin together."""
    gate = threading.Barrier(THREADS)

    def work() -> None:
        gate.wait()
        for _ in range(calls):
            call()

    with ThreadPoolExecutor(THREADS) as pool:
        for done in [pool.submit(work) for _ in range(THREADS)]:
            done.result()


@pytest.mark.usefixtures("hasty")
def test_threads_share_the_connections(server: Server) -> None:
    """A fresh client in 50 threads opens one connection for each, for all of its calls."""
    client = AuthenticatedClient(token=TOKEN, base_url=server.url)
    with client:
        in_threads(lambda: get_phone_number.sync("1", client=client))
    assert THREADS * CALLS <= len(server.requests)  # a dropped one is read again
    assert all(KEY in request for request in server.requests)
    assert server.connections <= 1.2 * THREADS  # httpx replaces one at times


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("closed_before", [False, True])
def test_threads_make_one_http_client(
    server: Server, made: list[object], closed_before: bool
) -> None:
    """The first calls of many threads make one HTTP client, also after `close`."""
    client = AuthenticatedClient(token=TOKEN, base_url=server.url)
    if closed_before:
        client.close()
        made.clear()
    with client:
        in_threads(lambda: get_phone_number.sync("1", client=client), calls=1)
    assert 1 == len(made)
    assert all(KEY in request for request in server.requests)


def test_tasks_share_the_connections(server: Server, client: AuthenticatedClient) -> None:
    """Tasks of one loop use one HTTP client: its connections serve all later calls."""

    async def call() -> None:
        await get_phone_number.asyncio("1", client=client)

    async def call_at_once_and_again() -> int:
        await asyncio.gather(*(call() for _ in range(5)))
        opened = server.connections
        for _ in range(10):
            await call()
        return opened

    opened = asyncio.run(call_at_once_and_again())
    assert (15, opened) == (len(server.requests), server.connections)
    assert all(KEY in request for request in server.requests)


@pytest.mark.usefixtures("hasty")
def test_event_loops_of_many_threads_have_connections_of_their_own(
    server: Server, made: list[object]
) -> None:
    """Loops that run at the same time do not mix their connections, and each closes its own."""
    client = AuthenticatedClient(token=TOKEN, base_url=server.url, timeout=30)
    in_threads(lambda: buy_async(client), calls=2)
    loops = [http for http in made if isinstance(http, httpx.AsyncClient)]
    assert THREADS * 2 == len(loops)
    assert THREADS * 2 <= server.connections
    assert all(http.is_closed for http in loops)
    assert all(KEY in request for request in server.requests)


def test_derived_clients_share_the_connections(
    server: Server, client: AuthenticatedClient, made: list[object]
) -> None:
    """Clients of `with_timeout` and `with_headers` cost no connection, sync or async."""
    one, two = client.with_timeout(1), client.with_headers({"A": "b"})
    for user in (client, one, two, one.with_headers({"C": "d"})):
        buy_sync(user)

    async def call_with_all() -> None:
        for user in (client, one, two):
            await get_phone_number.asyncio("1", client=user)

    asyncio.run(call_with_all())
    assert (7, 2) == (len(server.requests), server.connections)
    assert 1 == len(made)  # for the loop: the threads' one was there already


def test_a_derived_client_does_not_close_what_others_use(
    server: Server, client: AuthenticatedClient
) -> None:
    """At the end of its `with` the connections stay open for the client that it came from."""
    buy_sync(client)
    with client.with_timeout(1) as derived:
        buy_sync(derived)
    buy_sync(client)
    assert 1 == server.connections
    client.close()
    buy_sync(client)
    assert 2 == server.connections


def test_the_last_derived_client_closes() -> None:
    """A client that was only made to derive another leaves the closing to that one."""
    transport = httpx.MockTransport(lambda _: httpx.Response(200))
    closed: list[bool] = []
    transport.close = lambda: closed.append(True)  # type: ignore[method-assign]
    arguments = {"transport": transport}
    with AuthenticatedClient(token=TOKEN, httpx_args=arguments).with_timeout(1) as only:
        other = only.with_timeout(2)
    assert [] == closed
    other.close()
    assert [True] == closed


FORK = f"""
import os, sys
from vogent_phone_numbers import AuthenticatedClient
from vogent_phone_numbers.api.phone_numbers import get_phone_number

client = AuthenticatedClient(token={TOKEN!r}, base_url=sys.argv[1])
derived = client.with_timeout(5)
call = lambda: get_phone_number.sync("1", client=derived)
call()
for _ in range(2):
    child = os.fork()
    if child == 0:
        call()
        call()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    call()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_has_connections_of_its_own(server: Server) -> None:
    """Parent and each child keep one connection each, and no answer goes to the wrong one."""
    subprocess.run([sys.executable, "-W", "error", "-c", FORK, server.url], check=True)
    assert (7, 3) == (len(server.requests), server.connections)
    assert all(KEY in request for request in server.requests)
