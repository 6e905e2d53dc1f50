"""`python -m tests.detection`: run the quick profile against every fault, and tell which were found."""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import os
import signal
import statistics
import sys
import tempfile
import time
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import contract_tests.conftest  # noqa: F401 - loaded once, before the forks
from tests.detection.matching import matches
from vogent_contract import mock as mock_server
from vogent_contract.faults import Fault, every_fault
from vogent_contract.openapi import load
from vogent_contract.suite.rules import RULES

SECONDS = 90  # until a run is given up
CONTRACT = load()
PATIENCE = 2.0  # seconds that a request may take where the fault is about time


@dataclass(frozen=True)
class Run:
    """What came of the suite against one server: its findings, None if it broke down, and its requests."""

    fault: Fault | None
    findings: Sequence[Mapping[str, Any]] | None
    requests: int
    output: str

    @property
    def found(self) -> bool:
        """Whether what was reported is about the fault."""
        return bool(self.fault and any(matches(self.fault, one) for one in self.findings or ()))


def main(argv: Sequence[str] | None = None) -> int:
    """Measure; 0 if every fault was found and the unbroken mock passed, 1 if not, 2 if nothing could be measured."""
    options = _options(argv)
    everything = every_fault(CONTRACT)
    chosen = _chosen(everything, options)
    if not chosen:
        print(
            "detection: there is no such fault; vogent-contract mock --list-faults shows them",
            file=sys.stderr,
        )
        return 2
    started = time.monotonic()
    unbroken = warm_up()
    if unbroken.findings is None or unbroken.findings:
        print(
            f"The unbroken mock does not pass, so nothing found counts: 0 of {len(chosen)}.\n{unbroken.output}"
        )
        return 1
    if options.rules:
        return _rules(chosen, options.jobs)
    runs = list(measure([(fault, "") for fault in chosen], options.jobs))
    for run in (run for run in runs if not run.found):
        print(
            f"missed: {run.fault.id if run.fault else ''}: {run.fault.summary if run.fault else ''}\n    {_told(run)}"
        )
    print("\n".join(["", *table(runs), ""]))
    excluded = sum(fault.equivalent is not None for fault in everything.values())
    found = sum(run.found for run in runs)
    print(
        f"{found} of {len(runs)} faults found ({100 * found / len(runs):.4g} %), the unbroken mock passes with"
    )
    print(
        f"{unbroken.requests} requests; {excluded} more would break nothing that the contract says."
    )
    print(f"{time.monotonic() - started:.0f} s with {options.jobs} at a time.")
    return 0 if found == len(runs) else 1


def warm_up() -> Run:
    """Run the suite against the unbroken mock in this process, so that what is forked from it has all in memory."""
    with tempfile.TemporaryDirectory() as place, _output(Path(place)):
        _suite(None, Path(place))
        run = _read(None, Path(place))
    gc.collect()
    gc.freeze()  # what is there stays, so looking for garbage is quick
    return run


def measure(faults: Iterable[tuple[Fault, str]], jobs: int) -> Iterator[Run]:
    """Run the suite against each fault, in processes forked from this one.

    Args:
        faults: Each with the name of a rule that the suite then does not have, empty for none.
        jobs: How many at a time.
    """
    waiting, running = list(faults)[::-1], dict[int, tuple[Fault, Path]]()
    with tempfile.TemporaryDirectory() as place:
        while waiting or running:
            while waiting and len(running) < jobs:
                (fault, without), directory = waiting.pop(), Path(tempfile.mkdtemp(dir=place))
                running[_fork(fault, directory, without)] = fault, directory
            process, _ = os.wait()
            if process in running:
                yield _read(*running.pop(process))


def table(runs: Sequence[Run]) -> Iterator[str]:
    """The result in Markdown: class, found, missed, median of the requests until found."""
    yield "| class of faults | found | missed | requests until found (median) |"
    yield "| --- | ---: | ---: | ---: |"
    for kind in dict.fromkeys(run.fault.kind for run in runs if run.fault):
        of_kind = [run for run in runs if run.fault and run.fault.kind == kind]
        requests = [run.requests for run in of_kind if run.found]
        median = f"{statistics.median(requests):g}" if requests else "-"
        yield f"| {kind} | {len(requests)} | {len(of_kind) - len(requests)} | {median} |"


def _fork(fault: Fault, directory: Path, without: str) -> int:
    """Start a process with one server and one run of the suite; gives its id."""
    process = os.fork()
    if process == 0:
        try:
            signal.alarm(SECONDS)
            RULES.pop(without, None)
            with _output(directory):
                _suite(fault, directory)
        finally:
            os._exit(0)  # nothing of the parent's may run in the child
    return process


@contextlib.contextmanager
def _output(directory: Path) -> Iterator[None]:
    """Send what is printed to a file."""
    kept = [os.dup(1), os.dup(2)]
    file = os.open(directory / "output", os.O_WRONLY | os.O_CREAT)
    try:
        for number in (1, 2):
            os.dup2(file, number)
        yield
    except Exception:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        for number, old in zip((1, 2), kept, strict=True):
            os.dup2(old, number)
            os.close(old)
        os.close(file)


def _suite(fault: Fault | None, directory: Path) -> None:
    """Run the suite's quick profile against a server."""
    os.environ["VOGENT_API_KEY"] = mock_server.TEST_KEY
    os.environ.pop("GITHUB_STEP_SUMMARY", None)
    timeout = PATIENCE if fault and fault.kind == "sometimes" else 10.0
    with mock_server.start(fault=fault, contract=CONTRACT) as server:
        options = [
            "--base-url",
            server.base_url,
            "--report-dir",
            directory,
            "--request-timeout",
            timeout,
        ]
        plugins = ["-p", "no:cacheprovider", "-p", "no:xdist"]
        pytest.main(["contract_tests", "-x", "-q", "--assert=plain", *plugins, *map(str, options)])


def _read(fault: Fault | None, directory: Path) -> Run:
    output = (directory / "output").read_text("utf-8", "replace")
    try:
        evidence = json.loads((directory / "evidence.json").read_text("utf-8"))
    except (OSError, ValueError):
        return Run(fault, None, 0, output)
    return Run(fault, evidence["findings"], evidence["requests"], output)


def _told(run: Run) -> str:
    if run.findings is None:
        return f"the run broke down: {run.output.strip().splitlines()[-1:]}"
    told = [
        f"{one['rule']} at {one['operation']} {one['pointer']} {one['keyword']}"
        for one in run.findings
    ]
    return f"reported after {run.requests} requests: {'; '.join(told) or 'nothing'}"


def _rules(faults: Sequence[Fault], jobs: int) -> int:
    """Whether each rule is needed: a fault that is found with it is missed without it."""
    linked = {name: [fault for fault in faults if fault.rules == (name,)][:1] for name in RULES}
    planted = [(fault, name) for name, of_rule in linked.items() for fault in of_rule]
    found = {
        run.fault.id
        for run in measure([(fault, "") for fault, _ in planted], jobs)
        if run.fault and run.found
    }
    missed = {run.fault.id for run in measure(planted, jobs) if run.fault and not run.found}
    needed = {
        name: [one.id for one in of_rule if one.id in found & missed]
        for name, of_rule in linked.items()
    }
    for name, identities in needed.items():
        print(
            f"{name}: {'needed for ' + identities[0] if identities else 'NOT NEEDED by any fault'}"
        )
    return 0 if all(needed.values()) else 1


def _chosen(faults: Mapping[str, Fault], options: argparse.Namespace) -> list[Fault]:
    """The faults that were asked for; of a sample as many of each class, spread evenly."""
    found = [fault for fault in faults.values() if fault.equivalent is None]
    found = [fault for fault in found if options.kind in (None, fault.kind)]
    found = [fault for fault in found if not options.fault or fault.id in options.fault]
    if options.sample:
        kinds = {
            kind: [fault for fault in found if fault.kind == kind]
            for kind in {fault.kind for fault in found}
        }
        steps = {kind: max(1, len(of_kind) // options.sample) for kind, of_kind in kinds.items()}
        keep = {
            one.id
            for kind, of_kind in kinds.items()
            for one in of_kind[:: steps[kind]][: options.sample]
        }
        found = [fault for fault in found if fault.id in keep]
    return found


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.detection", description=__doc__)
    add = parser.add_argument
    add("--class", dest="kind", metavar="C", help="only this class of faults")
    add("--fault", action="append", metavar="ID", help="only this fault; can be repeated")
    add("--sample", type=int, metavar="N", help="at most so many of each class, spread evenly")
    add(
        "--jobs",
        type=int,
        default=os.cpu_count(),
        metavar="N",
        help="runs at a time (default: %(default)s)",
    )
    add(
        "--rules",
        action="store_true",
        help="take each rule out and show a fault that is missed without it",
    )
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
