"""Runs the conformance suite against a server, in a fork of the process that `warm.py` prepares.

What a first run imports and compiles stays in that process's memory: a quick run that is forked
from it takes one second, in a new process it takes four.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
KEY = "sk-live-0123456789abcdef"  # no real key
ARGUMENTS = ("-p", "no:cacheprovider", "-p", "no:xdist", "--assert=plain")
SUITE = str(ROOT / "contract_tests")
SECONDS = 120  # until a run is given up
NOT_HANDED_ON = ("VOGENT_", "GITHUB_", "PYTEST_")  # what variables of the tests begin with

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.warm"])


@dataclass(frozen=True)
class Result:
    """What came of a run.

    Attributes:
        exit: The exit code, minus the signal that ended the run, None if it was given up.
        report: The folder of the report's files.
    """

    exit: int | None
    output: str
    report: Path

    @property
    def evidence(self) -> dict[str, Any]:
        """What `evidence.json` holds."""
        loaded: dict[str, Any] = json.loads((self.report / "evidence.json").read_text("utf-8"))
        return loaded

    @property
    def findings(self) -> list[dict[str, Any]]:
        """The findings of `evidence.json`, none if the run wrote no such file."""
        if not (self.report / "evidence.json").exists():
            return []
        found: list[dict[str, Any]] = self.evidence["findings"]
        return found

    @property
    def rules(self) -> set[str]:
        """Names of the rules that were found broken."""
        return {finding["rule"] for finding in self.findings}


class ForkedRun:
    """A run that is under way.

    Args:
        folder: Where its output goes, and the report to a folder in it.
        options: As `pytest contract_tests` takes them.
        key: The server's API key, None to give none.
        environment: Further environment variables.
    """

    def __init__(
        self, folder: Path, *options: str, key: str | None = KEY, **environment: str
    ) -> None:
        self._output = folder / "output.txt"
        self._report = folder / "report"
        arguments = [SUITE, *ARGUMENTS, "--report-dir", str(self._report), *options]
        values = _environment(key, environment)
        self._process = FORKS.Process(target=_run, args=(arguments, values, self._output))
        self._process.start()

    @property
    def process(self) -> int:
        """Id of the process."""
        return self._process.pid or 0

    def wait(self, seconds: float = SECONDS) -> Result:
        """Wait for the end."""
        self._process.join(seconds)
        code = self._process.exitcode
        self._process.kill()
        return Result(code, self._output.read_text("utf-8"), self._report)


def run(
    folder: Path,
    *options: str,
    key: str | None = KEY,
    seconds: float = SECONDS,
    **environment: str,
) -> Result:
    """Run the suite in a fork and wait for its end."""
    return ForkedRun(folder, *options, key=key, **environment).wait(seconds)


def print_to(path: Path) -> None:
    """Send all that this process prints from now on to a file."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT)
    os.dup2(file, 1)
    os.dup2(file, 2)


def _environment(key: str | None, more: dict[str, str]) -> dict[str, str]:
    """The environment of a run: that of the tests without what is meant for the tests."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith(NOT_HANDED_ON)}
    if key is not None:
        kept["VOGENT_API_KEY"] = key
    return kept | more


def _run(arguments: list[str], environment: dict[str, str], output: Path) -> None:
    print_to(output)
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environment)
    sys.exit(pytest.main(arguments))
