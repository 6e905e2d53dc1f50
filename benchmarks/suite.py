"""The suite's quick profile beside a tuned `schemathesis run`: requests, wall time, faults found.

Both are commands that are given a server and a number of workers. On the unbroken mock, at once
and with each answer late, they take turns; the medians of their requests and of the ratios of their
times are shown. Then each gets every fault of a sample of the catalogue, spread evenly over each
class. A fault is found if the exit status is 1: the same for both, and both must pass the unbroken
mock.

Schemathesis gets what an expert would give it: `schemathesis.toml` beside this file, the contract's
links, and a copy of the contract whose examples name a number for sale and an id of the account.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml

from vogent_contract import mock
from vogent_contract.faults import Fault, catalogue
from vogent_contract.faults.breaking import altered, change_answers
from vogent_contract.openapi import load

ROOT = Path(__file__).parent.parent
CONTRACT = load()
WORKERS = 8  # of both: requests on their way at the same time
SECONDS = 60  # until a run is given up: the fault is not found
SECONDS_LATE = 600  # the same, where each answer is late
PATIENCE = 5  # seconds until a request counts as hanging, for both
MOST_REQUESTS = 300  # promised of the quick profile
BROKEN_DOWN = "Runtime Error:"  # says schemathesis of a fault of its own, with exit status 1
ATTEMPTS = 3
LATE = "late"  # names the mock that breaks nothing
BROKEN = 1  # the exit status of both for a server that breaks the contract
Command = Callable[[mock.MockServer, Path], list[str]]


@dataclass(frozen=True)
class Run:
    """One run of a command.

    Attributes:
        status: The exit status, None if it was given up.
        requests: That the server got.
    """

    status: int | None
    requests: int
    seconds: float
    output: str


@dataclass(frozen=True)
class Pair:
    """A run of the suite and one of schemathesis against the same server; no fault if unbroken.

    Attributes:
        delay: Milliseconds that each answer was late.
    """

    fault: Fault | None
    ours: Run
    theirs: Run
    delay: int = 0


def main(argv: Sequence[str] = ()) -> int:
    """Print the table. Returns 0, or 1 if the suite is not what is promised."""
    options = parse(argv)
    rounds = [run_both(None, delay) for delay in options.delays for _ in range(options.rounds)]
    for pair in rounds:
        for name, one in (("the suite", pair.ours), ("schemathesis", pair.theirs)):
            if one.status != 0:
                print(f"{name} does not pass the unbroken mock, so nothing that it finds counts:")
                print(one.output[-3000:])
                return 1
    chosen = sample(list(catalogue(CONTRACT).values()), options.sample)
    with ThreadPoolExecutor(options.jobs) as pool:
        pairs = list(pool.map(run_both, chosen))
    print("\n".join(table(rounds, pairs)))
    for pair in pairs:
        if pair.fault and pair.ours.status != BROKEN:
            finder = "only schemathesis" if pair.theirs.status == BROKEN else "neither"
            print(f"{finder} finds {pair.fault.id}: {pair.fault.summary}")
    ours, theirs = found(pairs)
    frugal = all(one.ours.requests <= min(MOST_REQUESTS, one.theirs.requests) for one in rounds)
    return 0 if frugal and ours >= theirs else 1


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.suite", description=__doc__)
    add = parser.add_argument
    add("--rounds", type=int, default=3, help="runs of each on the unbroken mock")
    late = "milliseconds that each answer of the unbroken mock is late"
    add("--delays", type=int, nargs="*", default=[0, 50, 200], help=late)
    add("--sample", type=int, default=40, help="about so many faults, 0 for all of them")
    add("--jobs", type=int, default=os.cpu_count(), help="faults at a time")
    return parser.parse_args(argv)


def suite(server: mock.MockServer, _: Path) -> list[str]:
    """The command of the suite's quick profile."""
    command = [sys.executable, "-m", "pytest", str(ROOT / "contract_tests"), "-q"]
    command += ["--base-url", server.base_url, "--request-timeout", str(PATIENCE)]
    command += ["--workers", str(WORKERS)]
    command += ["--fail-on", "lenient"]  # schemathesis goes by the letter too
    return [*command, "-p", "no:cacheprovider"]


def schemathesis(server: mock.MockServer, folder: Path) -> list[str]:
    """The command of schemathesis, with configuration and contract made for the server."""
    numbers, ids = stock(server)
    config = Path(__file__).with_name("schemathesis.toml").read_text("utf-8")
    document = yaml.safe_load((ROOT / "openapi.yaml").read_text("utf-8"))
    if len(numbers) > 2 and ids:
        paths = document["paths"]
        bought = examples(paths["/phone_numbers/purchase"]["post"])["fromSearch"]
        bought["value"]["number"] = numbers[0]
        created = examples(paths["/phone_numbers"]["post"])["purchase"]
        created["value"]["purchase"]["number"] = numbers[1]
        paths["/phone_numbers/{id}"]["parameters"][0]["example"] = ids[0]
        config = config.replace('["NUMBERS"]', json.dumps(numbers[2:]))
        config = config.replace('["IDS"]', json.dumps(ids))
    contract_file, config_file = folder / "openapi.json", folder / "schemathesis.toml"
    contract_file.write_text(json.dumps(document), "utf-8")
    config_file.write_text(config, "utf-8")
    command = [str(Path(sys.executable).with_name("schemathesis"))]
    command += ["--config-file", str(config_file), "run", str(contract_file)]
    command += ["--url", server.base_url, "--workers", str(WORKERS)]
    return [*command, "--no-color", "--max-failures=1"]


def stock(server: mock.MockServer) -> tuple[list[str], list[str]]:
    """Numbers for sale, and ids of two new SIP users; empty if the server is too broken."""
    headers = {"Authorization": f"Bearer {server.api_key}"}
    ids = []
    try:
        with httpx.Client(base_url=server.base_url, headers=headers, timeout=PATIENCE) as http:
            search = {"prefix": "415", "limit": 10}
            offers = http.post("/phone_numbers/search", json=search).json()
            for name in ("desk-a", "desk-b"):
                user = {"sipPrefix": name, "username": name, "password": "desk-word"}
                body = {"type": "vogent_sip", "vogentSip": user}
                ids.append(str(http.post("/phone_numbers", json=body).json()["id"]))
        numbers = [str(one["number"]) for one in offers]
    except (httpx.HTTPError, ValueError, LookupError, TypeError):
        return [], []
    writable = re.compile(r"[\w+-]+")  # in the configuration
    return list(filter(writable.fullmatch, numbers)), list(filter(writable.fullmatch, ids))


def examples(operation: dict[str, Any]) -> dict[str, Any]:
    """The examples of an operation's request body."""
    found: dict[str, Any] = operation["requestBody"]["content"]["application/json"]["examples"]
    return found


def run_both(fault: Fault | None, delay: int = 0) -> Pair:
    """Run both commands against the same fault, or against the unbroken mock that answers late."""
    if delay:
        late = Fault(LATE, change_answers(altered(delay=delay / 1000)))
        return Pair(None, run(suite, late), run_schemathesis(late), delay)
    return Pair(fault, run(suite, fault), run_schemathesis(fault))


def run_schemathesis(fault: Fault | None) -> Run:
    """Run schemathesis, again if it breaks down: Python 3.11 can fail to parse in many threads."""
    for _ in range(ATTEMPTS):
        result = run(schemathesis, fault)
        if BROKEN_DOWN not in result.output:
            break
    return result


def run(command: Command, fault: Fault | None) -> Run:
    """Run a command against a new mock, broken or not."""
    environment = os.environ | {"VOGENT_API_KEY": mock.TEST_KEY, "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("GITHUB_STEP_SUMMARY", None)
    with (
        tempfile.TemporaryDirectory() as place,
        mock.start(contract=CONTRACT, fault=fault) as server,
    ):
        line = command(server, Path(place))
        # The suite is found from the project's folder; schemathesis writes to a folder of its own.
        folder = ROOT if command is suite else Path(place)
        started = time.perf_counter()
        with subprocess.Popen(  # noqa: S603 - the two commands above
            line,
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            try:
                late = fault is not None and fault.id == LATE
                output, _ = process.communicate(timeout=SECONDS_LATE if late else SECONDS)
                status: int | None = process.returncode
            except subprocess.TimeoutExpired:
                process.kill()
                output, _ = process.communicate()
                status = None
        return Run(status, len(server.requests), time.perf_counter() - started, output)


def sample(faults: Sequence[Fault], size: int) -> list[Fault]:
    """About so many faults, of each class its share but two at least; all if the size is 0."""
    chosen: list[Fault] = []
    for category in dict.fromkeys(fault.category for fault in faults):
        alike = [fault for fault in faults if fault.category == category]
        count = len(alike)
        if size:
            share = round(size * len(alike) / len(faults))
            count = min(len(alike), max(2, share))
        step = len(alike) / count
        chosen += [alike[int((index + 0.5) * step)] for index in range(count)]
    return chosen


def found(pairs: Sequence[Pair]) -> tuple[int, int]:
    """How many of the broken servers the suite finds, and schemathesis."""
    ours = sum(pair.ours.status == BROKEN for pair in pairs)
    theirs = sum(pair.theirs.status == BROKEN for pair in pairs)
    return ours, theirs


def table(rounds: Sequence[Pair], pairs: Sequence[Pair]) -> Iterator[str]:
    """The result in Markdown."""
    yield "| | the suite's quick profile | `schemathesis run`, tuned | ratio |"
    yield "| --- | ---: | ---: | ---: |"
    requests = [(one.ours.requests, one.theirs.requests) for one in rounds]
    yield measured("requests, unbroken mock", "", requests)
    for delay in dict.fromkeys(one.delay for one in rounds):
        alike = [one for one in rounds if one.delay == delay]
        name = f"wall time, answers after {delay} ms" if delay else "wall time, answers at once"
        yield measured(name, " s", [(one.ours.seconds, one.theirs.seconds) for one in alike])
    for category in dict.fromkeys(pair.fault.category for pair in pairs if pair.fault):
        alike = [pair for pair in pairs if pair.fault and pair.fault.category == category]
        yield counted(f"found: {category}", alike)
    yield counted("**found: all**", pairs)
    yield ""
    yield f"Both with {WORKERS} workers. Ratios are schemathesis to suite; of the times the median"
    yield "over rounds that took turns."


def measured(name: str, unit: str, values: Sequence[tuple[float, float]]) -> str:
    """A row of medians, with the median of the ratios."""
    ours = statistics.median(our for our, _ in values)
    theirs = statistics.median(their for _, their in values)
    ratio = statistics.median(their / our for our, their in values)
    return f"| {name} | {ours:.3g}{unit} | {theirs:.3g}{unit} | {ratio:.2f} |"


def counted(name: str, pairs: Sequence[Pair]) -> str:
    """A row of how many faults each finds."""
    ours, theirs = found(pairs)
    ratio = f"{theirs / ours:.2f}" if ours else "-"
    return f"| {name} | {ours} of {len(pairs)} | {theirs} of {len(pairs)} | {ratio} |"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
