"""The generated client beside bare httpx: time per purchase over a loopback socket, and time to import.

Both sides use one `httpx.Client` with a connection that is kept open. Bare httpx posts JSON, checks the status and
parses the body. Rounds alternate, each gives one ratio, and the median of the ratios is shown: on a busy machine a
single figure says little.
"""

import argparse
import asyncio
import multiprocessing
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection

import httpx
from vogent_phone_numbers import AuthenticatedClient
from vogent_phone_numbers.api.phone_numbers import purchase_phone_number
from vogent_phone_numbers.models import PurchasePhoneNumberInput

BOUGHT = b'{"id":"5f0c7c1e-8f43-4f0e-9c55-0d6c2a3b1e10","number":"+18001234567","type":"PSTN","agentId":null}'
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (
    len(BOUGHT),
    BOUGHT,
)
MOST_PER_CALL, MOST_PACKAGE, MOST_PURCHASE = 1.05, 1.15, 1.3  # promised ratios
IMPORTS = {
    "import the package": ("import vogent_phone_numbers", MOST_PACKAGE),
    "import all that a purchase needs": (
        "from vogent_phone_numbers import AuthenticatedClient, errors\n"
        "from vogent_phone_numbers.models import PhoneNumber, PurchasePhoneNumberInput\n"
        "from vogent_phone_numbers.api.phone_numbers import purchase_phone_number",
        MOST_PURCHASE,
    ),
}


def main(argv: Sequence[str] = ()) -> int:
    """Prints the ratios. Returns 0, or 1 if one is above what is promised."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks client", description=__doc__)
    parser.add_argument(
        "--rounds", type=int, default=60, help="rounds of 50 calls on each side (default: 60)"
    )
    parser.add_argument(
        "--imports", type=int, default=15, help="fresh interpreters for each import (default: 15)"
    )
    options = parser.parse_args(argv)
    rows = [("a purchase over a loopback socket", *per_call(options.rounds), MOST_PER_CALL)]
    rows += [
        (name, *per_import(code, options.imports), most) for name, (code, most) in IMPORTS.items()
    ]
    for name, ours, httpx_alone, ratio, most in rows:
        print(
            f"{name:34} {ours * 1e3:7.2f} ms, httpx {httpx_alone * 1e3:7.2f} ms: {ratio:.2f} (at most {most})"
        )
    return int(any(ratio > most for *_, ratio, most in rows))


def per_call(rounds: int) -> tuple[float, float, float]:
    """Gives the median seconds per purchase with the client and with bare httpx, and the median ratio."""
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(there,), daemon=True)
    server.start()
    url = f"http://127.0.0.1:{here.recv()}/api"
    body = PurchasePhoneNumberInput(number="+18001234567")
    try:
        with (
            warnings.catch_warnings(action="ignore", category=DeprecationWarning),
            AuthenticatedClient(token="benchmark", base_url=url) as client,  # noqa: S106 - the server takes any key
            httpx.Client(headers={"Authorization": "Bearer benchmark"}) as http,
        ):

            def bare() -> object:
                response = http.post(
                    f"{url}/phone_numbers/purchase", json={"number": "+18001234567"}
                )
                response.raise_for_status()
                return response.json()

            return _compare(
                lambda: purchase_phone_number.sync(client=client, body=body), bare, rounds, calls=50
            )
    finally:
        server.terminate()
        server.join()


def per_import(code: str, times: int) -> tuple[float, float, float]:
    """Gives the median seconds to import in a fresh interpreter, the same for httpx, and the median ratio."""
    timed = "import time; start = time.perf_counter()\n{}\nprint(time.perf_counter() - start)"

    def seconds(imports: str) -> float:
        return float(subprocess.check_output([sys.executable, "-c", timed.format(imports)]))  # noqa: S603 - our own code

    seconds(code)  # writes the byte code
    ours, alone = zip(
        *((seconds(code), seconds("import httpx")) for _ in range(times)), strict=True
    )
    return (
        statistics.median(ours),
        statistics.median(alone),
        statistics.median(map(float.__truediv__, ours, alone)),
    )


def serve(port: Connection) -> None:
    """Answers every request on a free loopback port with a bought number, until the process ends."""

    class Answering(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport = transport
            self.seen = b""

        def data_received(self, data: bytes) -> None:
            self.seen += data
            if self.seen.endswith(b"}"):  # the end of the JSON body
                self.seen = b""
                self.transport.write(ANSWER)  # type: ignore[attr-defined]  # a TCP transport can write

    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(Answering, "127.0.0.1", 0)
        port.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


def _compare(
    ours: Callable[[], object], bare: Callable[[], object], rounds: int, calls: int
) -> tuple[float, float, float]:
    def seconds(call: Callable[[], object]) -> float:
        start = time.perf_counter()
        for _ in range(calls):
            call()
        return (time.perf_counter() - start) / calls

    seconds(ours), seconds(bare)
    pairs = [(seconds(ours), seconds(bare)) for _ in range(rounds)]
    mine, alone = zip(*pairs, strict=True)
    return (
        statistics.median(mine),
        statistics.median(alone),
        statistics.median(o / b for o, b in pairs),
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
