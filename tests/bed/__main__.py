"""Serve one server of the bed, or run the conformance suite against many and say what it saw.

python -m tests.bed list
python -m tests.bed serve --variant plain --port 8090 --api-key key
python -m tests.bed run --variants --faults --class auth --every 5 --jobs 2 --json result.json
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from . import warm
from .faults import FAULTS, KINDS
from .server import BASE, Server
from .variants import VARIANTS
from .wire import serve

ROOT = Path(__file__).resolve().parents[2]
KEY = "bed-Key-4f1d9c"
CAP = 60.0  # seconds a run may take


@dataclass
class Outcome:
    """What the suite said of one server."""

    id: str
    kind: str
    text: str
    grey: bool
    assumed: bool
    exit: int
    seconds: float
    requests: int = 0
    suite_requests: int | None = None
    findings: list[dict[str, Any]] = field(default_factory=list)
    tail: str = ""
    left: int = 0
    touched: int = 0

    @property
    def wrong(self) -> bool:
        """Whether a correct server was accused, or a fault not found."""
        return self.exit != (0 if self.kind == "variant" else 1)


def main(arguments: list[str] | None = None) -> int:
    """Run one of the three commands; the exit status is 1 if the suite was wrong about any counted server."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bed", description="servers that the suite has never seen"
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="print every server")
    one = commands.add_parser("serve", help="serve one")
    one.add_argument("--variant", choices=VARIANTS, metavar="ID")
    one.add_argument("--fault", choices=FAULTS, metavar="ID")
    one.add_argument("--port", type=int, default=0)
    one.add_argument("--api-key", default=KEY)
    many = commands.add_parser("run", help="run the suite against them")
    many.add_argument("--variants", action="store_true")
    many.add_argument("--faults", action="store_true")
    many.add_argument("--class", dest="kinds", action="append", choices=KINDS)
    many.add_argument("--only", action="append", metavar="ID")
    many.add_argument("--every", type=int, default=1, metavar="N", help="each N-th fault only")
    many.add_argument(
        "--offset", type=int, default=0, metavar="K", help="with --every: begin at the K-th"
    )
    many.add_argument(
        "--first", action="store_true", help="end the run on a fault at its first failure"
    )
    many.add_argument(
        "--warm", action="store_true", help="fork runs from one warm process: quicker"
    )
    many.add_argument("--jobs", type=int, default=2)
    many.add_argument("--profile", default="quick")
    many.add_argument("--repeat", type=int, default=1, help="runs against one and the same process")
    many.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args(arguments)
    if options.command == "list":
        for variant in VARIANTS.values():
            print(f"{'variant':10} {variant.id:32} {variant.text}")
        for fault in FAULTS.values():
            print(f"{fault.kind:10} {fault.id:32} {fault.text}")
        return 0
    return _serve(options) if options.command == "serve" else _run(options)


def _serve(options: argparse.Namespace) -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with serve(
        _server(options.fault or options.variant or "plain", options.api_key), options.port
    ) as bound:
        print(f"http://127.0.0.1:{bound.server_address[1]}{BASE}", flush=True)
        bound.serve_forever(poll_interval=0.2)
    return 0


def _server(target: str, key: str) -> Server:
    fault = FAULTS.get(target)
    server = Server(VARIANTS[fault.variant if fault else target], key)
    if fault:
        fault.install(server)
    return server


def _run(options: argparse.Namespace) -> int:
    faults = [f for f in FAULTS.values() if not options.kinds or f.kind in options.kinds]
    targets = list(VARIANTS) if options.variants else []
    targets += (
        [f.id for f in faults[options.offset :: options.every]]
        if options.faults or options.kinds
        else []
    )
    targets = [*(options.only or ()), *targets] if options.only else targets or [*VARIANTS, *FAULTS]
    unknown = [target for target in targets if target not in VARIANTS and target not in FAULTS]
    if unknown:
        print(f"unknown: {', '.join(unknown)}", file=sys.stderr)
        return 2
    outcomes: list[Outcome] = []
    for some in _warm(targets, options) if options.warm else _cold(targets, options):
        outcomes += some
        for outcome in some:
            mark = "WRONG" if outcome.wrong else "ok"
            cost = f"exit {outcome.exit:3} {outcome.requests:4} requests {outcome.seconds:5.1f} s"
            print(f"{mark:6}{outcome.id:36} {cost}  {_first(outcome)}", flush=True)
        if options.json:
            options.json.write_text(json.dumps([asdict(o) for o in outcomes], indent=1))
    return _summary(outcomes)


def _cold(targets: list[str], options: argparse.Namespace) -> Iterator[list[Outcome]]:
    """Every server and every run of the suite is a process of its own."""

    def one(target: str) -> list[Outcome]:
        kind = "--fault" if target in FAULTS else "--variant"
        command = [sys.executable, "-m", "tests.bed", "serve", kind, target, "--api-key", KEY]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            try:
                url = (process.stdout.readline() if process.stdout else "").strip()
                return [_suite(target, url, options) for _ in range(options.repeat)]
            finally:
                process.terminate()

    with ThreadPoolExecutor(options.jobs) as pool:
        yield from pool.map(one, targets)


def _warm(targets: list[str], options: argparse.Namespace) -> Iterator[list[Outcome]]:
    """The same from forks of this process."""
    warm.load()
    with tempfile.TemporaryDirectory() as folder:

        def one(target: str, result: Path) -> None:
            bound = serve(_server(target, KEY))
            server = warm.fork(bound.serve_forever)
            try:
                url = f"http://127.0.0.1:{bound.server_address[1]}{BASE}"
                bound.socket.close()
                outcomes = [_suite(target, url, options) for _ in range(options.repeat)]
                result.write_text(json.dumps([asdict(outcome) for outcome in outcomes]))
            finally:
                os.kill(server, signal.SIGKILL)

        results = [Path(folder, f"{index}.json") for index in range(len(targets))]
        tasks = [
            partial(one, target, result) for target, result in zip(targets, results, strict=True)
        ]
        for index in warm.spread(tasks, options.jobs):
            yield [Outcome(**row) for row in json.loads(results[index].read_text())]


def _suite(target: str, url: str, options: argparse.Namespace) -> Outcome:
    row = FAULTS.get(target) or VARIANTS[target]
    outcome = Outcome(
        target,
        getattr(row, "kind", "variant"),
        row.text,
        row.grey,
        getattr(row, "assumed", False),
        -1,
        0.0,
    )
    before = _state(url)
    with tempfile.TemporaryDirectory() as folder:
        command = [
            "contract_tests",
            "--base-url",
            url,
            "--profile",
            options.profile,
            "--report-dir",
            folder,
        ]
        command += ["-p", "no:cacheprovider", *getattr(row, "suite_args", ())]
        command += ["-x"] if options.first and target in FAULTS else []
        cap = (CAP if options.profile == "quick" else 10 * CAP) + 400 * getattr(row, "delay", 0.0)
        started = time.monotonic()
        outcome.exit, text = _capped(command, Path(folder, "log"), cap, options.warm)
        outcome.seconds = time.monotonic() - started
        after = _state(url)
        outcome.requests = after.get("requests", 0) - before.get("requests", 0)
        outcome.left, outcome.touched = after.get("left", 0), len(set(after.get("touched", ())))
        evidence = Path(folder, "evidence.json")
        if evidence.exists():
            found = json.loads(evidence.read_text())
            outcome.findings, outcome.suite_requests = (
                found.get("findings", []),
                found.get("requests"),
            )
    outcome.tail = text[-6000:] if outcome.wrong else ""
    return outcome


def _capped(command: list[str], log: Path, cap: float, from_warm: bool) -> tuple[int, str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("GITHUB_", "PYTEST_"))}
    environment |= {"VOGENT_API_KEY": KEY}
    if from_warm:
        command += [
            "-W",
            "ignore::pytest.PytestAssertRewriteWarning",
        ]  # the libraries are loaded already
        status = warm.suite(command, log, environment, cap)
        return status, log.read_text()
    command = [sys.executable, "-m", "pytest", *command]
    with (
        log.open("w") as out,
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=out) as run,
    ):
        try:
            status = run.wait(cap)
        except subprocess.TimeoutExpired:
            run.kill()
            status = 124
    return status, log.read_text()


def _state(url: str) -> dict[str, Any]:
    try:
        with urlopen(url.removesuffix(BASE) + "/__bed__", timeout=5) as answer:  # noqa: S310 - our own loopback server
            state: dict[str, Any] = json.load(answer)
            return state
    except (OSError, ValueError):
        return {}


def _first(outcome: Outcome) -> str:
    if outcome.findings:
        found = outcome.findings[0]
        return (
            f"{len(outcome.findings)}: "
            + " | ".join(str(found.get(k)) for k in ("rule", "operation", "pointer"))[:110]
        )
    return "" if outcome.exit in (0, 1) else outcome.tail.strip()[-110:].replace("\n", " ")


def _summary(outcomes: list[Outcome]) -> int:
    counted = [outcome for outcome in outcomes if not outcome.grey]
    for title, wanted in (("ACCUSED", True), ("MISSED", False)):
        for outcome in counted:
            if outcome.wrong and (outcome.kind == "variant") == wanted:
                note = " (assumed)" if outcome.assumed else ""
                print(f"{title} {outcome.id} exit {outcome.exit}{note}: {outcome.text}")
                for found in outcome.findings[:3]:
                    print("    " + json.dumps(found)[:300])
    total = Counter(outcome.kind for outcome in counted)
    right = Counter(outcome.kind for outcome in counted if not outcome.wrong)
    for kind in total:
        print(f"{kind:10} {right[kind]} of {total[kind]} right")
    grey = [outcome for outcome in outcomes if outcome.grey]
    if grey:
        print("not counted: " + ", ".join(f"{o.id} (exit {o.exit})" for o in grey))
    requests = sorted(outcome.requests for outcome in outcomes)
    print(f"requests: median {requests[len(requests) // 2]}, most {requests[-1]}")
    return int(any(outcome.wrong for outcome in counted))


if __name__ == "__main__":
    sys.exit(main())
