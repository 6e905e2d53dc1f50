"""`python -m tests.detection`: run the quick profile against every fault and say what it found."""

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

from tests.detection.matching import matches, names
from vogent_contract import mock
from vogent_contract.faults import Fault, every_fault
from vogent_contract.openapi import load
from vogent_contract.suite.levels import LENIENT, LEVELS
from vogent_contract.suite.rules import RULES

CONTRACT = load()
UNBROKEN = Fault("unbroken", lambda _: None)
SECONDS = 90  # until a run is given up
PATIENCE = 10.0  # seconds that a request may take
SHORT_PATIENCE = 2.0  # where the fault is about time


@dataclass(frozen=True)
class Run:
    """What came of the suite against one server; `findings` is None if the run broke down."""

    fault: Fault
    findings: Sequence[Mapping[str, Any]] | None
    requests: int
    output: str

    @property
    def found(self) -> bool:
        """A finding is about the fault."""
        return any(matches(self.fault, one) for one in self.findings or ())

    @property
    def until_found(self) -> int:
        """How many requests were sent until the first finding that is about the fault."""
        for one in self.findings or ():
            if matches(self.fault, one):
                return int(one["request"] or self.requests)
        return self.requests

    @property
    def named(self) -> bool:
        """The first finding names the operation and the position that were broken."""
        return names(self.fault, (self.findings or ())[0])


def main(argv: Sequence[str] | None = None) -> int:
    """Measure. Returns 0 if all is found and the unbroken mock passes, 1 if not, 2 for no fault."""
    options = parse(argv)
    everything = every_fault(CONTRACT).values()
    chosen = choose([one for one in everything if one.equivalent is None], options)
    if not chosen:
        message = "there is no such fault; vogent-contract mock --list-faults shows them"
        print(f"detection: {message}", file=sys.stderr)
        return 2
    started = time.monotonic()
    unbroken = warm_up()
    if unbroken.findings is None or unbroken.findings:
        told = f"The unbroken mock does not pass, so nothing found counts: 0 of {len(chosen)}."
        print(f"{told}\n{unbroken.output}")
        return 1
    if options.rules:
        return show_needed_rules(chosen, options.jobs)
    runs = list(measure([(fault, "") for fault in chosen], options.jobs, options.fail_on))
    found = [run for run in runs if run.found]
    for run in runs:
        if not run.found:
            print(f"missed: {run.fault.id}: {run.fault.summary}\n    {reported(run)}")
    print("\n".join(["", *table(runs), ""]))
    rate = f"{100 * len(found) / len(runs):.4g} %"
    excluded = sum(fault.equivalent is not None for fault in everything)
    print(f"{len(found)} of {len(runs)} faults found ({rate}), the unbroken mock passes with")
    counts = [len(run.findings or ()) for run in runs]
    named = sum(run.named for run in found)
    print(f"{unbroken.requests} requests; {excluded} more break nothing that the contract says.")
    if found:
        print(f"findings a fault: median {statistics.median(counts):g}, mean", end=" ")
        print(f"{statistics.mean(counts):.2f}; the first names operation and position in", end=" ")
        print(f"{named} of {len(found)} ({100 * named / len(found):.4g} %).")
    print(f"{time.monotonic() - started:.0f} s with {options.jobs} at a time.")
    return 0 if len(found) == len(runs) else 1


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser("python -m tests.detection", description=__doc__)
    add = parser.add_argument
    add("--fault", action="append", metavar="ID", help="only this fault; can be repeated")
    add("--sample", type=int, metavar="N", help="at most so many of each class, spread evenly")
    add("--jobs", type=int, default=os.cpu_count(), metavar="N", help="runs at a time")
    add("--fail-on", choices=LEVELS, default=LENIENT, help="level of a finding that ends a run")
    add("--rules", action="store_true", help="show for each rule a fault missed without it")
    return parser.parse_args(argv)


def choose(faults: Iterable[Fault], options: argparse.Namespace) -> list[Fault]:
    """The faults that were asked for; of a sample as many of each class, spread evenly."""
    by_category: dict[str, list[Fault]] = {}
    for fault in faults:
        if not options.fault or fault.id in options.fault:
            by_category.setdefault(fault.category, []).append(fault)
    chosen: list[Fault] = []
    for alike in by_category.values():
        size = options.sample or len(alike)
        chosen += alike[:: max(1, len(alike) // size)][:size]
    return chosen


def warm_up() -> Run:
    """Run the suite against the unbroken mock here, so that forks have all in memory."""
    with tempfile.TemporaryDirectory() as folder:
        run_suite(UNBROKEN, Path(folder))
        run = read(UNBROKEN, Path(folder))
    gc.collect()
    gc.freeze()  # what is there stays, so looking for garbage is quick
    return run


def measure(
    planted: Iterable[tuple[Fault, str]], jobs: int, fail_on: str = LENIENT
) -> Iterator[Run]:
    """Run the suite against each fault, in processes forked from this one.

    Beside each fault is the name of a rule that the suite then lacks, empty for none.
    """
    waiting = list(planted)[::-1]
    running: dict[int, tuple[Fault, Path]] = {}
    with tempfile.TemporaryDirectory() as place:
        while waiting or running:
            while waiting and len(running) < jobs:
                fault, without = waiting.pop()
                folder = Path(tempfile.mkdtemp(dir=place))
                running[fork(fault, folder, without, fail_on)] = fault, folder
            process, _ = os.wait()
            if process in running:
                yield read(*running.pop(process))


def fork(fault: Fault, folder: Path, without: str, fail_on: str) -> int:
    """Start a process with one server and one run of the suite; gives its id."""
    process = os.fork()
    if process == 0:
        try:
            signal.alarm(SECONDS)
            RULES.pop(without, None)
            run_suite(fault, folder, fail_on)
        finally:
            os._exit(0)  # nothing of the parent's may run in the child
    return process


def run_suite(fault: Fault, folder: Path, fail_on: str = LENIENT) -> None:
    """Run the suite's quick profile against a server; evidence and output go to the folder."""
    os.environ["VOGENT_API_KEY"] = mock.TEST_KEY
    os.environ.pop("GITHUB_STEP_SUMMARY", None)
    patience = SHORT_PATIENCE if fault.category == "sometimes" else PATIENCE
    options = ["-q", "--assert=plain", "-p", "no:cacheprovider", "-p", "no:xdist"]
    options += ["--report-dir", str(folder), "--request-timeout", str(patience)]
    options += ["--fail-on", fail_on]
    with (
        (folder / "output").open("w") as output,
        contextlib.redirect_stdout(output),
        contextlib.redirect_stderr(output),
    ):
        try:
            with mock.start(fault=fault, contract=CONTRACT) as server:
                pytest.main(["contract_tests", "--base-url", server.base_url, *options])
        except Exception:  # said as "the run broke down"
            traceback.print_exc()


def read(fault: Fault, folder: Path) -> Run:
    """What a run left in its folder."""
    output = (folder / "output").read_text("utf-8", "replace")
    try:
        evidence = json.loads((folder / "evidence.json").read_text("utf-8"))
    except (OSError, ValueError):
        return Run(fault, None, 0, output)
    return Run(fault, evidence["findings"], evidence["requests"], output)


def table(runs: Sequence[Run]) -> Iterator[str]:
    """The result in Markdown: class, found, missed, median of the requests until found."""
    yield "| class of faults | found | missed | requests until found (median) |"
    yield "| --- | ---: | ---: | ---: |"
    by_category: dict[str, list[Run]] = {}
    for run in runs:
        by_category.setdefault(run.fault.category, []).append(run)
    for category, alike in by_category.items():
        requests = [run.until_found for run in alike if run.found]
        median = f"{statistics.median(requests):g}" if requests else "-"
        yield f"| {category} | {len(requests)} | {len(alike) - len(requests)} | {median} |"


def reported(run: Run) -> str:
    """What a run that missed its fault reported instead."""
    if run.findings is None:
        return f"the run broke down: {run.output.strip().splitlines()[-1:]}"
    told = []
    for one in run.findings:
        told.append(f"{one['rule']} at {one['operation']} {one['pointer']} {one['keyword']}")
    return f"reported after {run.requests} requests: {'; '.join(told) or 'nothing'}"


def show_needed_rules(faults: Sequence[Fault], jobs: int) -> int:
    """Take each rule out and show a fault that is found with it and missed without it."""
    planted: dict[str, Fault] = {}
    for fault in faults:
        if len(fault.rules) == 1:
            planted.setdefault(fault.rules[0], fault)
    with_all = measure([(fault, "") for fault in planted.values()], jobs)
    found = {run.fault.id for run in with_all if run.found}
    without = measure([(fault, rule) for rule, fault in planted.items()], jobs)
    missed = {run.fault.id for run in without if not run.found}
    unneeded = 0
    for rule in RULES:
        if rule in planted and planted[rule].id in found & missed:
            print(f"{rule}: needed for {planted[rule].id}")
        else:
            print(f"{rule}: NOT NEEDED by any fault")
            unneeded += 1
    return 1 if unneeded else 0


if __name__ == "__main__":
    sys.exit(main())
