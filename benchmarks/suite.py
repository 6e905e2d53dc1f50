"""The suite's quick profile beside a tuned `schemathesis run`: requests, wall time, faults found.

Both are commands that are given a server. On the unbroken mock they take turns; the medians of their requests and of
the ratios of their times are shown. Then each gets every fault of a sample of the catalogue, spread evenly over each
class. A fault is found if the exit status is 1: the same for both, and both must pass the unbroken mock.

Schemathesis gets what an expert would give it: `schemathesis.toml` beside this file, the contract's links, and a copy
of the contract whose examples name a number for sale and an id of the account.
"""

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

from vogent_contract import mock as mock_server
from vogent_contract.faults import Fault, catalogue
from vogent_contract.openapi import load

ROOT = Path(__file__).parent.parent
CONTRACT = load()
SECONDS = 60  # until a run is given up: the fault is not found
PATIENCE = 5  # seconds until a request counts as hanging, for both
MOST_REQUESTS = 300  # promised of the quick profile
BROKEN = 1  # the exit status of both for a server that breaks the contract
Commands = Callable[[mock_server.MockServer, Path], list[str]]


@dataclass(frozen=True)
class Run:
    """One run: exit status, None if it was given up; requests that the server got; seconds; what was printed."""

    status: int | None
    requests: int
    seconds: float
    output: str


def main(argv: Sequence[str] = ()) -> int:
    """Prints the table. Returns 0, or 1 if the suite is not what is promised."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.suite", description=__doc__)
    add = parser.add_argument
    add(
        "--rounds",
        type=int,
        default=5,
        help="runs of each on the unbroken mock (default: %(default)s)",
    )
    add(
        "--sample",
        type=int,
        default=40,
        help="about so many faults, 0 for all of them (default: %(default)s)",
    )
    add(
        "--jobs",
        type=int,
        default=os.cpu_count(),
        help="runs at a time with faults (default: %(default)s)",
    )
    options = parser.parse_args(argv)
    rounds = [(run(suite), run(schemathesis)) for _ in range(max(1, options.rounds))]
    for name, runs in zip(("the suite", "schemathesis"), zip(*rounds, strict=True), strict=True):
        for bad in (one for one in runs if one.status != 0):
            print(
                f"{name} does not pass the unbroken mock, so nothing that it finds counts:\n{bad.output[-3000:]}"
            )
            return 1
    faults = sample(list(catalogue(CONTRACT).values()), options.sample)
    with ThreadPoolExecutor(max(1, options.jobs)) as pool:
        ours = list(pool.map(lambda fault: run(suite, fault, "-x"), faults))
        theirs = list(pool.map(lambda fault: run(schemathesis, fault, "--max-failures=1"), faults))
    print("\n".join(table(rounds, faults, ours, theirs)))
    for fault, mine, other in zip(faults, ours, theirs, strict=True):
        if BROKEN not in (mine.status, other.status):
            print(f"neither finds {fault.id}: {fault.summary}")
        elif mine.status != BROKEN:
            print(
                f"only schemathesis finds {fault.id}: {fault.summary}; the suite ended with {mine.status}"
            )
    within = all(mine.requests <= min(MOST_REQUESTS, other.requests) for mine, other in rounds)
    return 0 if within and found(ours) >= found(theirs) else 1


def suite(server: mock_server.MockServer, _: Path) -> list[str]:
    """The command of the suite's quick profile."""
    options = [
        "--base-url",
        server.base_url,
        "--request-timeout",
        str(PATIENCE),
        "-q",
        "-p",
        "no:cacheprovider",
    ]
    return [sys.executable, "-m", "pytest", str(ROOT / "contract_tests"), *options]


def schemathesis(server: mock_server.MockServer, folder: Path) -> list[str]:
    """The command of schemathesis, with configuration and contract made for the server."""
    numbers, ids = stock(server)
    text = Path(__file__).with_name("schemathesis.toml").read_text("utf-8")
    document = yaml.safe_load((ROOT / "openapi.yaml").read_text("utf-8"))
    if len(numbers) > 2 and ids:
        paths = document["paths"]
        examples(paths["/phone_numbers/purchase"]["post"])["fromSearch"]["value"]["number"] = (
            numbers[0]
        )
        examples(paths["/phone_numbers"]["post"])["purchase"]["value"]["purchase"]["number"] = (
            numbers[1]
        )
        paths["/phone_numbers/{id}"]["parameters"][0]["example"] = ids[0]
        for name, values in (("NUMBERS", numbers[2:]), ("IDS", ids)):
            text = text.replace(f'["{name}"]', json.dumps(values))
    (folder / "openapi.json").write_text(json.dumps(document), "utf-8")
    (folder / "schemathesis.toml").write_text(text, "utf-8")
    program = str(Path(sys.executable).with_name("schemathesis"))
    config = ["--config-file", str(folder / "schemathesis.toml")]
    return [
        program,
        *config,
        "run",
        str(folder / "openapi.json"),
        "--url",
        server.base_url,
        "--no-color",
    ]


def stock(server: mock_server.MockServer) -> tuple[list[str], list[str]]:
    """Numbers for sale, and ids of two new SIP users; empty if the server is too broken to give them."""
    users = [
        {"sipPrefix": f"desk-{one}", "username": f"desk-{one}", "password": "desk-word"}
        for one in "ab"
    ]
    headers = {"Authorization": f"Bearer {server.api_key}"}
    try:
        with httpx.Client(base_url=server.base_url, headers=headers, timeout=PATIENCE) as http:
            offers = http.post("/phone_numbers/search", json={"prefix": "415", "limit": 10}).json()
            made = [
                http.post("/phone_numbers", json={"type": "vogent_sip", "vogentSip": one}).json()
                for one in users
            ]
        numbers, ids = [str(one["number"]) for one in offers], [str(one["id"]) for one in made]
    except (httpx.HTTPError, ValueError, LookupError, TypeError):
        return [], []
    return [one for one in numbers if re.fullmatch(r"[\w+-]+", one)], [
        one for one in ids if re.fullmatch(r"[\w-]+", one)
    ]


def examples(operation: dict[str, Any]) -> dict[str, Any]:
    """The examples of an operation's request body."""
    found: dict[str, Any] = operation["requestBody"]["content"]["application/json"]["examples"]
    return found


def run(command: Commands, fault: Fault | None = None, *options: str) -> Run:
    """Run a command against a new mock, broken or not."""
    environment = os.environ | {
        "VOGENT_API_KEY": mock_server.TEST_KEY,
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    environment.pop("GITHUB_STEP_SUMMARY", None)
    with (
        tempfile.TemporaryDirectory() as place,
        mock_server.start(contract=CONTRACT, fault=fault) as server,
    ):
        # The suite is found from the project's folder; schemathesis writes only where it is told to.
        line = [*command(server, Path(place)), *options]
        folder = ROOT if command is suite else Path(place)
        start = time.perf_counter()
        with subprocess.Popen(  # noqa: S603 - the two commands above
            line,
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            try:
                output, _ = process.communicate(timeout=SECONDS)
                status: int | None = process.returncode
            except subprocess.TimeoutExpired:
                process.kill()
                (output, _), status = process.communicate(), None
        return Run(status, len(server.requests), time.perf_counter() - start, output)


def sample(faults: Sequence[Fault], size: int) -> list[Fault]:
    """About so many faults, of each class its share but two at least, spread evenly; all if the size is 0."""
    chosen: list[Fault] = []
    for kind in dict.fromkeys(fault.kind for fault in faults):
        of_kind = [fault for fault in faults if fault.kind == kind]
        count = (
            min(len(of_kind), max(2, round(size * len(of_kind) / len(faults))))
            if size
            else len(of_kind)
        )
        chosen += [of_kind[(2 * index + 1) * len(of_kind) // (2 * count)] for index in range(count)]
    return chosen


def found(runs: Sequence[Run]) -> int:
    """How many of the runs say that the server is broken."""
    return sum(one.status == BROKEN for one in runs)


def table(
    rounds: Sequence[tuple[Run, Run]],
    faults: Sequence[Fault],
    ours: Sequence[Run],
    theirs: Sequence[Run],
) -> Iterator[str]:
    """The result in Markdown."""
    mine, other = zip(*rounds, strict=True)
    yield "| | the suite's quick profile | `schemathesis run`, tuned | ratio |"
    yield "| --- | ---: | ---: | ---: |"
    for name, key, unit in (("requests", "requests", ""), ("wall time", "seconds", " s")):
        our, their = [getattr(one, key) for one in mine], [getattr(one, key) for one in other]
        ratio = statistics.median(b / a for a, b in zip(our, their, strict=True))
        columns = [f"{statistics.median(one):.3g}{unit}" for one in (our, their)]
        yield f"| {name}, unbroken mock | {' | '.join(columns)} | {ratio:.2f} |"
    for kind in dict.fromkeys(fault.kind for fault in faults):
        places = [index for index, fault in enumerate(faults) if fault.kind == kind]
        yield _row(f"found: {kind}", [ours[one] for one in places], [theirs[one] for one in places])
    yield _row("**found: all**", ours, theirs)
    yield ""
    yield f"Ratios are schemathesis to suite; of the times the median over {len(rounds)} rounds that took turns."


def _row(name: str, ours: Sequence[Run], theirs: Sequence[Run]) -> str:
    ratio = f"{found(theirs) / found(ours):.2f}" if found(ours) else "-"
    return f"| {name} | {found(ours)} of {len(ours)} | {found(theirs)} of {len(theirs)} | {ratio} |"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
