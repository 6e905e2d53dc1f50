"""Runs the conformance suite against a server, in a fork of the process that `warm.py` prepares."""

import json
import multiprocessing
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

SUITE = Path(__file__).parents[2] / "contract_tests"
ARGUMENTS = [str(SUITE), "-p", "no:cacheprovider", "-p", "no:xdist", "--assert=plain"]
SECONDS = {"quick": 120, "full": 900}  # until a run is given up

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.servers.warm"])


@dataclass(frozen=True)
class Verdict:
    """What the suite says of a server."""

    exit: int | None  # None: the run did not end
    findings: list[dict[str, Any]]
    output: str


def judge(base_url: str, api_key: str, report: Path, profile: str, *options: str) -> Verdict:
    """Run the suite and wait for it; it writes its report into a folder."""
    output = report / "output.txt"
    arguments = [*ARGUMENTS, "--base-url", base_url, "--report-dir", str(report)]
    arguments += ["--profile", profile, *options]
    run = FORKS.Process(target=_run, args=(arguments, api_key, output))
    run.start()
    run.join(SECONDS[profile])
    status = run.exitcode
    run.kill()

    evidence = report / "evidence.json"
    findings = json.loads(evidence.read_text())["findings"] if evidence.exists() else []
    return Verdict(status, findings, output.read_text())


def print_to(path: Path) -> None:
    """Send all that this process prints from now on to a file."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT)
    os.dup2(file, 1)
    os.dup2(file, 2)


def _run(arguments: list[str], api_key: str, output: Path) -> None:
    print_to(output)
    os.environ["VOGENT_API_KEY"] = api_key
    sys.exit(pytest.main(arguments))
