"""The mock beside a bare Starlette app, Prism and Scalar: the same purchase, the same load tool, one core.

Each round starts every server in turn on the core that the load tool uses too, measures the time to its first 200,
its throughput and its memory under load. The medians over the rounds are shown. The peers come from npm and wrk from
the system; what is missing is said. `python -m benchmarks.mock --pressure` instead lets 64 buyers ask for one number
1,000 times, in memory and in a file, and sends 10,000 hostile requests.
"""

import argparse
import asyncio
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from tests.mock_server import pressure
from tests.mock_server.processes import http, spawned
from vogent_contract import mock as mock_server

ROOT = Path(__file__).parent.parent
BODY = b'{"number":"+15005550200"}'  # for sale again and again; stateless servers do not look
NPM = "@stoplight/prism-cli@5.14.2 @scalar/mock-server@0.3.25 @hono/node-server@1 hono@4"
BARE = """
import sys, uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
async def purchase(request):
    if request.headers.get("authorization") != "Bearer test-key":
        return JSONResponse({}, 401)
    return JSONResponse({"id": "5f0c7c1e", "number": "+18001234567", "type": "PSTN", "agentId": None})
app = Starlette(routes=[Route("/api/phone_numbers/purchase", purchase, methods=["POST"])])
uvicorn.run(app, port=int(sys.argv[1]), loop="uvloop", http="httptools", access_log=False, log_level="error")
"""
SCALAR = """
import { readFileSync } from 'node:fs'
import { serve } from '@hono/node-server'
import { createMockServer } from '@scalar/mock-server'
const app = await createMockServer({ specification: readFileSync(process.argv[3], 'utf8') })
serve({ fetch: app.fetch, port: Number(process.argv[2]), hostname: '127.0.0.1' })
"""


@dataclass
class Peer:
    """A server to measure: its command, the path of a purchase, and why it cannot be measured, if so."""

    name: str
    command: list[str]
    path: str = "/api/phone_numbers/purchase"
    missing: str = ""


@dataclass
class Measured:
    """One round of one server: seconds to the first 200, requests a second, MiB after the load."""

    start: float
    throughput: float
    memory: float


def main(argv: list[str] | None = None) -> int:
    """Prints the figures. Returns 0, or 1 if one is not what is promised."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mock", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="rounds (default: %(default)s)")
    parser.add_argument(
        "--seconds", type=int, default=3, help="of load a server and round (default: %(default)s)"
    )
    parser.add_argument(
        "--node",
        type=Path,
        default=ROOT / "build/peers",
        help="folder with node_modules of the peers",
    )
    parser.add_argument(
        "--pressure", action="store_true", help="buyers at once and hostile clients instead"
    )
    options = parser.parse_args(argv)
    if options.pressure:
        return _pressure()
    tool = shutil.which("wrk") or ""
    print(
        f"load: {tool + ' -t2 -c16' if tool else 'wrk is not installed; 16 connections from this process'}"
    )
    peers = _peers(options.node)
    for peer in peers:
        if peer.missing:
            print(f"{peer.name}: not measured, {peer.missing}")
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    results: dict[str, list[Measured]] = {peer.name: [] for peer in peers if not peer.missing}
    for _ in range(options.rounds):
        for peer in peers:
            if not peer.missing:
                results[peer.name].append(_measure(peer, tool, options.seconds))
    return _report(results)


def _peers(node: Path) -> list[Peer]:
    contract, modules = str(ROOT / "openapi.yaml"), node / "node_modules"
    scalar = modules / "peer.mjs"  # beside what it imports
    absent = (
        ""
        if shutil.which("node") and modules.is_dir()
        else f"run: npm install --prefix {node} {NPM}"
    )
    if not absent:
        scalar.write_text(SCALAR)
    starlette = subprocess.run(
        [sys.executable, "-c", "import starlette"], capture_output=True, check=False
    ).returncode
    prism = [str(modules / ".bin/prism"), "mock", contract, "-p"]
    return [
        Peer("mock", [sys.executable, "-m", "vogent_contract", "mock", "--port"]),
        Peer(
            "bare",
            [sys.executable, "-c", BARE],
            missing="starlette is not installed" if starlette else "",
        ),
        Peer("prism", prism, "/phone_numbers/purchase", absent),
        Peer("scalar", ["node", str(scalar)], "/phone_numbers/purchase", absent),
    ]


def _measure(peer: Peer, tool: str, seconds: int) -> Measured:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    after = [str(ROOT / "openapi.yaml")] if peer.name == "scalar" else []
    started = time.perf_counter()
    environment = {name: value for name, value in os.environ.items() if name != "VOGENT_API_KEY"}
    command = [*peer.command, str(port), *after]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as process:  # noqa: S603 - the table's
        try:
            while not _answers(port, peer.path):
                if process.poll() is not None or time.perf_counter() - started > 60:
                    raise SystemExit(f"{peer.name} does not answer 200")
                time.sleep(0.002)
            start = time.perf_counter() - started
            load = _wrk if tool else _own_load
            load(port, peer.path, 1)  # warm up
            throughput = load(port, peer.path, seconds)
            return Measured(start, throughput, _memory(process.pid))
        finally:
            process.kill()


def _answers(port: int, path: str) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    headers = {"Authorization": "Bearer test-key", "Content-Type": "application/json"}
    try:
        connection.request("POST", path, BODY, headers)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _wrk(port: int, path: str, seconds: int) -> float:
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(f"wrk.method='POST' wrk.body='{BODY.decode()}'\n")
        script.flush()
        headers = ["-H", "Authorization: Bearer test-key", "-H", "Content-Type: application/json"]
        command = ["wrk", "-t2", "-c16", f"-d{seconds}s", "-s", script.name, *headers]
        command.append(f"http://127.0.0.1:{port}{path}")
        shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603 - wrk
    if "Non-2xx" in shown:
        raise SystemExit(f"not every answer was a 200:\n{shown}")
    return float(re.findall(r"Requests/sec:\s+([\d.]+)", shown)[0])


def _own_load(port: int, path: str, seconds: int) -> float:
    """Sixteen connections of this process, each sending its next request when it has the answer."""
    request, base_url = pressure.post(path, BODY), f"http://127.0.0.1:{port}"

    async def run() -> float:
        streams = [await pressure.connect(base_url) for _ in range(16)]
        start, count = time.perf_counter(), 0

        async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal count
            while time.perf_counter() - start < seconds:
                writer.write(request)
                if await pressure.status(reader) != 200:
                    raise SystemExit("not every answer was a 200")
                count += 1

        await asyncio.gather(*[client(*one) for one in streams])
        await pressure.close(streams)
        return count / (time.perf_counter() - start)

    return asyncio.run(run())


def _memory(process: int) -> float:
    """Resident MiB of a process."""
    return int(re.findall(r"VmRSS:\s+(\d+)", Path(f"/proc/{process}/status").read_text())[0]) / 1024


def _report(results: dict[str, list[Measured]]) -> int:
    print(f"{'':8}{'first 200':>11}{'requests/s':>12}{'memory':>10}")
    medians = {}
    for name, rounds in results.items():
        columns = [
            statistics.median(getattr(one, key) for one in rounds)
            for key in Measured.__annotations__
        ]
        medians[name] = Measured(*columns)
        print(f"{name:8}{columns[0]:>9.2f} s{columns[1]:>12,.0f}{columns[2]:>6.0f} MiB")
    good = True
    for says, peer, key, bound in PROMISES:
        if peer in medians:
            ours, theirs = ([getattr(one, key) for one in results[name]] for name in ("mock", peer))
            ratio = statistics.median(our / their for our, their in zip(ours, theirs, strict=True))
            kept = ratio >= bound if key == "throughput" else ratio <= bound
            good &= kept
            print(
                f"{says}: {ratio:.2f} (promised: {'at least' if key == 'throughput' else 'at most'} {bound})"
            )
    return 0 if good else 1


PROMISES: Sequence[tuple[str, str, str, float]] = (
    ("throughput to a bare app", "bare", "throughput", 0.65),
    ("throughput to Scalar", "scalar", "throughput", 1.0),
    ("throughput to Prism", "prism", "throughput", 2.5),
    ("start to Prism", "prism", "start", 0.34),
    ("memory to Prism", "prism", "memory", 0.5),
)


def _pressure() -> int:
    won = {(1, 63): 1000}
    with mock_server.start() as server:
        in_memory = pressure.race([server.base_url], server.state, 1000)
    with tempfile.TemporaryDirectory() as folder:
        file = f"{folder}/state"
        with spawned("--state", file) as (_, one), spawned("--state", file) as (_, two):
            state = mock_server.State(file)
            in_file = pressure.race([one, two], state, 1000)
            state.close()
    print(
        f"64 buyers, 1,000 rounds, as (winners, refused): rounds; memory {dict(in_memory)}, two processes on a file"
    )
    print(f"{dict(in_file)}")
    with spawned() as (process, url), http(url) as client:
        pressure.attack(url, 500)
        before = _memory(process.pid)
        seen = pressure.attack(url, 10_000, seed=1)
        grown, answers = _memory(process.pid) - before, client.get("/phone_numbers").status_code
    statuses = ", ".join(f"{status or 'closed'} {count}" for status, count in sorted(seen.items()))
    print(
        f"10,000 hostile requests: {statuses}; memory grew by {grown:.1f} MiB; then answers {answers}"
    )
    bad = [status for status in seen if status >= 500]
    return (
        0
        if in_memory == won and in_file == won and not bad and answers == 200 and grown < 20
        else 1
    )


if __name__ == "__main__":
    sys.exit(main())
