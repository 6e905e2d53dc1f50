"""Runs the suite as a user does: in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
KEY = "sk-live-0123456789abcdef"  # no real key


@dataclass(frozen=True)
class Result:
    """What came of a run."""

    exit: int
    output: str
    report: Path

    @property
    def evidence(self) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads((self.report / "evidence.json").read_text())
        return loaded

    @property
    def rules(self) -> set[str]:
        """Names of the rules that the run found broken."""
        return {finding["rule"] for finding in self.evidence["findings"]}


def run(
    report: Path, *options: str, key: str | None = KEY, root: Path = ROOT, **environment: str
) -> Result:
    """Run `pytest contract_tests` with options and wait for it."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "contract_tests",
        "-p",
        "no:cacheprovider",
        "--report-dir",
        str(report),
    ]
    env = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("VOGENT_", "GITHUB_", "PYTEST_"))
    }
    env |= environment | ({"VOGENT_API_KEY": key} if key is not None else {})
    done = subprocess.run(
        [*command, *options],
        cwd=root,
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return Result(done.returncode, done.stdout + done.stderr, report)
