"""The mock beside a bare Starlette app, Prism and Scalar: the same purchase, one core.

Each round starts every server in turn, on the core that the load tool uses too, and measures the
time to its first 200, its throughput and its memory after the load; medians are shown. The peers
come from npm, wrk from the system; what is missing is said.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

ROOT = Path(__file__).parent.parent
CONTRACT = str(ROOT / "openapi.yaml")
BODY = b'{"number":"+15005550200"}'  # for sale again and again; stateless servers do not look
HEADERS = {"Authorization": "Bearer test-key", "Content-Type": "application/json"}
CONNECTIONS = 16
NPM = "@stoplight/prism-cli@5.14.2 @scalar/mock-server@0.3.25 @hono/node-server@1 hono@4"
BARE = """
import sys, uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
NUMBER = {"id": "5f0c7c1e", "number": "+18001234567", "type": "PSTN", "agentId": None}
async def purchase(request):
    if request.headers.get("authorization") != "Bearer test-key":
        return JSONResponse({}, 401)
    return JSONResponse(NUMBER)
app = Starlette(routes=[Route("/api/phone_numbers/purchase", purchase, methods=["POST"])])
settings = {"loop": "uvloop", "http": "httptools", "access_log": False, "log_level": "error"}
uvicorn.run(app, port=int(sys.argv[1]), **settings)
"""
SCALAR = """
import { readFileSync } from 'node:fs'
import { serve } from '@hono/node-server'
import { createMockServer } from '@scalar/mock-server'
const app = await createMockServer({ specification: readFileSync(process.argv[2], 'utf8') })
serve({ fetch: app.fetch, port: Number(process.argv[3]), hostname: '127.0.0.1' })
"""
# What is said, the peer, what is measured, and at least or at most which part of the peer's.
PROMISES: Sequence[tuple[str, str, str, str, float]] = (
    ("throughput to a bare app", "bare", "throughput", "at least", 0.85),
    ("throughput to Scalar", "scalar", "throughput", "at least", 1.0),
    ("throughput to Prism", "prism", "throughput", "at least", 2.5),
    ("start to Prism", "prism", "start", "at most", 0.34),
    ("memory to Prism", "prism", "memory", "at most", 0.5),
)


@dataclass(frozen=True)
class Peer:
    """A server to measure.

    Attributes:
        command: Starts it; the port comes after.
        path: Of a purchase.
        missing: What to do before it can be measured, empty if nothing.
    """

    name: str
    command: Sequence[str]
    path: str = "/api/phone_numbers/purchase"
    missing: str = ""


@dataclass(frozen=True)
class Measured:
    """One round of one server: seconds to the first 200, requests a second, MiB after the load."""

    start: float
    throughput: float
    memory: float


def main(argv: Sequence[str] | None = None) -> int:
    """Print the figures. Returns 0, or 1 if one is not what is promised."""
    options = _options(argv)
    load = "wrk" if shutil.which("wrk") else "wrk is not installed; threads of this process"
    print(f"load: {load}, {CONNECTIONS} connections")
    peers = []
    for peer in _peers(options.node):
        if peer.missing:
            print(f"{peer.name}: not measured; {peer.missing}")
        else:
            peers.append(peer)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

    results: dict[str, list[Measured]] = {peer.name: [] for peer in peers}
    for _ in range(options.rounds):
        for peer in peers:
            results[peer.name].append(_measure(peer, options.seconds))
    _print_medians(results)
    broken = [promise for promise in PROMISES if not _is_kept(promise, results)]
    return 1 if broken else 0


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks mock", description=__doc__)
    add = parser.add_argument
    add("--rounds", type=int, default=5, help="rounds (default: %(default)s)")
    add("--seconds", type=int, default=3, help="of load in a round (default: %(default)s)")
    peers = ROOT / "build/peers"
    add("--node", type=Path, default=peers, help="folder with the peers' node_modules")
    return parser.parse_args(argv)


def _peers(node: Path) -> list[Peer]:
    modules = node / "node_modules"
    absent = f"run: npm install --prefix {node} {NPM}"
    scalar = modules / "peer.mjs"  # beside what it imports
    if shutil.which("node") and modules.is_dir():
        absent = ""
        scalar.write_text(SCALAR)
    starlette = "" if importlib.util.find_spec("starlette") else "run: make setup"
    mock = [sys.executable, "-m", "vogent_contract", "mock", "--port"]
    prism = [str(modules / ".bin/prism"), "mock", CONTRACT, "-p"]
    purchase = "/phone_numbers/purchase"
    return [
        Peer("mock", mock),
        Peer("bare", [sys.executable, "-c", BARE], missing=starlette),
        Peer("prism", prism, purchase, absent),
        Peer("scalar", ["node", str(scalar), CONTRACT], purchase, absent),
    ]


def _measure(peer: Peer, seconds: int) -> Measured:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if name != "VOGENT_API_KEY"}
    started = time.perf_counter()
    with subprocess.Popen(  # noqa: S603 - a command of the table above
        [*peer.command, str(port)], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
    ) as process:
        try:
            while not _sells(port, peer.path):
                if process.poll() is not None or time.perf_counter() - started > 60:
                    raise SystemExit(f"{peer.name} does not answer 200")
                time.sleep(0.002)
            start = time.perf_counter() - started
            load = _wrk if shutil.which("wrk") else _threads
            load(port, peer.path, 1)  # warm up
            return Measured(start, load(port, peer.path, seconds), _memory(process.pid))
        finally:
            process.kill()


def _sells(port: int, path: str) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("POST", path, BODY, HEADERS)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _wrk(port: int, path: str, seconds: int) -> float:
    """Requests a second as wrk counts them."""
    command = ["wrk", "-t2", f"-c{CONNECTIONS}", f"-d{seconds}s"]
    for name, value in HEADERS.items():
        command += ["-H", f"{name}: {value}"]
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(f"wrk.method='POST' wrk.body='{BODY.decode()}'\n")
        script.flush()
        command += ["-s", script.name, f"http://127.0.0.1:{port}{path}"]
        shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603 - wrk
    if "Non-2xx" in shown:
        raise SystemExit(f"not every answer was a 200:\n{shown}")
    return float(re.findall(r"Requests/sec:\s+([\d.]+)", shown)[0])


def _threads(port: int, path: str, seconds: int) -> float:
    """Requests a second of as many threads, each waiting for its answer."""
    until = time.perf_counter() + seconds
    counts: list[int] = []

    def buy() -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=10)
        count = 0
        while time.perf_counter() < until:
            connection.request("POST", path, BODY, HEADERS)
            answer = connection.getresponse()
            answer.read()
            if answer.status == 200:
                count += 1
        connection.close()
        counts.append(count)

    threads = [threading.Thread(target=buy) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds


def _memory(process: int) -> float:
    """Resident MiB of a process."""
    status = Path(f"/proc/{process}/status").read_text("utf-8")
    return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024


def _print_medians(results: dict[str, list[Measured]]) -> None:
    print(f"{'':8}{'first 200':>11}{'requests/s':>12}{'memory':>10}")
    for name, rounds in results.items():
        start = statistics.median(one.start for one in rounds)
        throughput = statistics.median(one.throughput for one in rounds)
        memory = statistics.median(one.memory for one in rounds)
        print(f"{name:8}{start:>9.2f} s{throughput:>12,.0f}{memory:>6.0f} MiB")


def _is_kept(promise: tuple[str, str, str, str, float], results: dict[str, list[Measured]]) -> bool:
    """Print the median of the rounds' ratios, and say whether it is as promised."""
    says, peer, figure, direction, bound = promise
    if peer not in results:
        return True
    rounds = zip(results["mock"], results[peer], strict=True)
    ratios = [getattr(ours, figure) / getattr(theirs, figure) for ours, theirs in rounds]
    ratio = float(statistics.median(ratios))
    print(f"{says}: {ratio:.2f} (promised: {direction} {bound})")
    return ratio >= bound if direction == "at least" else ratio <= bound


if __name__ == "__main__":
    sys.exit(main())
