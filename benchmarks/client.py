"""The generated client beside bare httpx: a purchase, many threads on one client, and the import.

Bare httpx posts JSON, checks the status and parses the body, over the same loopback socket. The
sides take turns, each turn gives one ratio, and the median ratio counts: on a busy machine a single
figure says little. `import httpx` is what it costs where this runs: less where httpx finds nothing
of its command line to import.
"""

import argparse
import asyncio
import multiprocessing
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing.connection import Connection
from statistics import median

import httpx
from vogent_phone_numbers import AuthenticatedClient
from vogent_phone_numbers.api.phone_numbers import get_phone_number, purchase_phone_number
from vogent_phone_numbers.models import PurchasePhoneNumberInput

NUMBER = "+18001234567"
BOUGHT = b'{"id":"5f0c7c1e-8f43-4f0e-9c55","number":"+18001234567","type":"PSTN","agentId":null}'
HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\nX-Connections: %d\r\n\r\n"
)
CALLS = 50  # in a turn
THREADS, CALLS_OF_A_THREAD = 50, 20
IMPORT_ALL = """
from vogent_phone_numbers import AuthenticatedClient, errors
from vogent_phone_numbers.models import PhoneNumber, PurchasePhoneNumberInput
from vogent_phone_numbers.api.phone_numbers import purchase_phone_number
"""
TIMED = "import time; start = time.perf_counter()\n{}\nprint(time.perf_counter() - start)"
# The ratios that are promised.
MOST_PURCHASE = 1.05
MOST_IMPORT = 1.15
MOST_CONNECTIONS = 1.5
MOST_IMPORT_ALL = 1.25

Seconds = Callable[[], float]


def main(argv: Sequence[str] = ()) -> int:
    """Print the ratios. Returns 0, or 1 if one is above what is promised."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks client", description=__doc__)
    parser.add_argument(
        "--rounds", type=int, default=60, help=f"turns of {CALLS} calls (%(default)s)"
    )
    parser.add_argument(
        "--threads", type=int, default=5, help="turns of many threads (%(default)s)"
    )
    parser.add_argument("--imports", type=int, default=15, help="turns of an import (%(default)s)")
    options = parser.parse_args(argv)

    with purchases() as (client, bare):
        kept = [compare("a purchase", client, bare, options.rounds, MOST_PURCHASE)]
    kept.append(compare_connections(options.threads))
    httpx_alone = importing("import httpx")
    for name, code, most in (
        ("import the package", "import vogent_phone_numbers", MOST_IMPORT),
        ("import all that a purchase needs", IMPORT_ALL, MOST_IMPORT_ALL),
    ):
        kept.append(compare(name, importing(code), httpx_alone, options.imports, most))
    return 0 if all(kept) else 1


def compare(name: str, client: Seconds, bare: Seconds, turns: int, most: float) -> bool:
    """Measure both sides in turns and print the ratio. False if it is above what is promised."""
    client()  # to be warm
    bare()
    pairs = [(client(), bare()) for _ in range(turns)]
    ours = median(mine for mine, _ in pairs)
    theirs = median(other for _, other in pairs)
    ratio = median(mine / other for mine, other in pairs)
    print(
        f"{name:34} {ours * 1e3:7.2f} ms, httpx {theirs * 1e3:7.2f} ms: "
        f"{ratio:.2f} (at most {most})"
    )
    return ratio <= most


@contextmanager
def running_server() -> Iterator[str]:
    """Run a server in a process of its own, and give its URL."""
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(there,), daemon=True)
    server.start()
    yield f"http://127.0.0.1:{here.recv()}/api"
    server.terminate()
    server.join()


@contextmanager
def purchases() -> Iterator[tuple[Seconds, Seconds]]:
    """Give what times a purchase with the client and with bare httpx."""
    headers = {"Authorization": "Bearer benchmark"}
    body = PurchasePhoneNumberInput(number=NUMBER)
    with (
        running_server() as url,
        warnings.catch_warnings(action="ignore", category=DeprecationWarning),
        AuthenticatedClient(token="benchmark", base_url=url) as client,  # noqa: S106 - any will do
        httpx.Client(headers=headers) as http,
    ):

        def buy() -> None:
            purchase_phone_number.sync(client=client, body=body)

        def post() -> None:
            response = http.post(f"{url}/phone_numbers/purchase", json={"number": NUMBER})
            response.raise_for_status()
            response.json()

        yield partial(per_call, buy), partial(per_call, post)


def compare_connections(turns: int) -> bool:
    """Count what many threads open with a fresh client, as `compare` times."""
    pairs = [(connections_of_the_client(), connections_of_httpx()) for _ in range(turns)]
    ours, theirs = median(mine for mine, _ in pairs), median(other for _, other in pairs)
    ratio = median(mine / other for mine, other in pairs)
    print(
        f"{f'connections of {THREADS} threads':34} {ours:7.0f}   , httpx {theirs:7.0f}   : "
        f"{ratio:.2f} (at most {MOST_CONNECTIONS})"
    )
    return ratio <= MOST_CONNECTIONS


def connections_of_the_client() -> int:
    """Give how many connections the threads opened with a fresh client."""
    with (
        running_server() as url,
        AuthenticatedClient(token="benchmark", base_url=url) as client,  # noqa: S106 - any will do
    ):
        return in_threads(lambda: get_phone_number.sync_detailed("1", client=client).headers)


def connections_of_httpx() -> int:
    """Give how many connections the threads opened with a fresh `httpx.Client`."""
    with running_server() as url, httpx.Client() as http:
        return in_threads(lambda: http.get(f"{url}/phone_numbers/1").headers)


def in_threads(call: Callable[[], httpx.Headers]) -> int:
    """Call from many threads that begin together, and give the highest count in an answer."""
    gate = threading.Barrier(THREADS)

    def work() -> int:
        gate.wait()
        return max(int(call()["X-Connections"]) for _ in range(CALLS_OF_A_THREAD))

    with ThreadPoolExecutor(THREADS) as pool:
        done = [pool.submit(work) for _ in range(THREADS)]
        return max(one.result() for one in done)


def per_call(call: Callable[[], None]) -> float:
    """Give the seconds of a call, on average over a turn."""
    start = time.perf_counter()
    for _ in range(CALLS):
        call()
    return (time.perf_counter() - start) / CALLS


def importing(code: str) -> Seconds:
    """Give what times the import statements in a fresh interpreter."""
    command = [sys.executable, "-c", TIMED.format(code)]
    return lambda: float(subprocess.check_output(command))  # noqa: S603 - our own code


def serve(port: Connection) -> None:
    """Answer each request on a free loopback port with a bought number, until it is terminated.

    Each answer says how many connections there have been.
    """
    connections = 0

    async def reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        with suppress(asyncio.IncompleteReadError, ConnectionError):  # the client has gone
            while head := await reader.readuntil(b"\r\n\r\n"):
                if head.startswith(b"POST"):
                    await reader.readuntil(b"}")  # the end of the JSON body
                writer.write(HEAD % (len(BOUGHT), connections) + BOUGHT)

    async def run() -> None:
        server = await asyncio.start_server(reply, "127.0.0.1", 0)
        port.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())
