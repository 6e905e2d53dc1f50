"""What a run comes to: its verdict in a few words, its counts, and what it was made with.

Terminal, page, job summary and JUnit report tell it from here, so that they agree.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version

from vogent_contract.suite.evidence import Need
from vogent_contract.suite.known import Deviation
from vogent_contract.suite.levels import BROKEN, KNOWN, LENIENT, NOT_SEEN
from vogent_contract.suite.run import Run


@dataclass(frozen=True)
class Verdict:
    """What the run says of the server, in a few words and in a sentence."""

    good: bool
    title: str
    told: str


def verdict(run: Run, exit_code: int) -> Verdict:
    """What the run says of the server."""
    failing = run.failing()
    unseen = len(missing(run))
    if any(one.exchange for one in failing):
        return Verdict(False, "Breaks the contract", "The findings below say where.")
    if failing:
        told = "No answer is wrong, but the run has not seen all that it must have seen."
        return Verdict(False, "Not proven", told)
    if exit_code:
        told = f"No finding fails the run, but it ended with {exit_code}: its output says why."
        return Verdict(False, "The run failed", told)
    if not run.whole:
        told = "No finding fails the run, but only a part of the tests was run."
        return Verdict(True, "Keeps the contract as far as it was tested", told)
    if unseen:
        told = f"No finding fails the run, but it has not seen {unseen} things."
        return Verdict(True, "Keeps the contract as far as it was seen", told)
    return Verdict(True, "Keeps the contract", "The run has seen all that it must have seen.")


def counts(run: Run) -> Mapping[str, int]:
    """How many findings there are of each level, how many are known, and what was not seen."""
    standings = [one.standing for one in run.findings.all()]
    found = {level: standings.count(level) for level in (BROKEN, LENIENT, KNOWN)}
    return {**found, NOT_SEEN: len(missing(run))} if run.whole else found


def missing(run: Run) -> list[Need]:
    """What the run must have seen and has not; of a part of the tests nobody expects it."""
    return run.evidence.missing() if run.whole else []


def stale(run: Run) -> list[Deviation]:
    """Known deviations that a whole run with this profile finds, and that were not found."""
    if not run.whole:
        return []
    return [row for row in run.findings.stale() if run.options.full or not row.full]


def versions(run: Run) -> Mapping[str, str]:
    """What the run was made with."""
    return {
        "contract": str(run.contract.document.raw["info"]["version"]),
        "kit": version("vogent-contract-kit"),
        "Python": platform.python_version(),
    }


def properties(run: Run) -> Mapping[str, str]:
    """The run as a whole, for programs."""
    seed = run.options.seed
    return {
        "server": run.wire.key.scrub(run.wire.base_url),
        "profile": run.options.profile,
        "seed": "" if seed is None else str(seed),
        "version": version("vogent-contract-kit"),
        "contract": versions(run)["contract"],
    }
