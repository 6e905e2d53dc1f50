"""What a run tells a person in a terminal. What is too long for a line is shortened there.

The key is taken out before anything is shortened, lest a part of it be left.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from vogent_contract.suite.findings import Finding
from vogent_contract.suite.levels import KNOWN, LENIENT
from vogent_contract.suite.outcome import counts, missing, stale
from vogent_contract.suite.run import Run

WORD = 60  # characters of a text without spaces, such as an id
LONGEST_CURL = 1000  # characters; a longer one is not copied from a terminal
LONGEST_ANSWER = 300  # characters
SOURCE, ANSWER, CURL = "  source", "  answer", "  repeat"
PART = "a part of the tests was run, so nothing is said of what was not seen"


def headline(run: Run, finding: Finding) -> str:
    """A finding in one line: operation, rule, place, what was expected and what came."""
    return shortened(run.wire.key.scrub(finding.line()))


def told(run: Run, finding: Finding) -> str:
    """All of a finding, a line each."""
    lines = run.wire.key.scrub(str(finding)).splitlines()
    return "\n".join(_fitting(line) for line in lines)


def summary(run: Run, account: Sequence[str] = ()) -> list[str]:
    """What each operation answered, what was seen, what was found and what was held back.

    Args:
        account: What became of somebody's account.
    """
    lines = [*_tables(run), "", counted(run)]
    if run.options.seed is not None:
        repeat = f"--profile {run.options.profile} --seed {run.options.seed}"
        lines.append(f"to repeat this run: {repeat}")
    lines += _set_apart(run)
    lines += _unseen(run)
    for reason, tests in run.held.items():
        lines.append(f"not sent: {tests.total()} requests: {reason}")
        lines.append("  in " + ", ".join(f"{test} {times}" for test, times in tests.items()))
    if account:
        lines += ["", *account]
    return [run.wire.key.scrub(line) for line in lines]


def counted(run: Run) -> str:
    """How many requests were sent, and how many findings of each level there are."""
    told = [f"{times} {level}" for level, times in counts(run).items()]
    server = run.wire.key.scrub(run.wire.base_url)
    return f"{run.wire.sent} requests to {server}; findings: {', '.join(told)}"


def files(run: Run, directory: Path) -> str:
    """Where the page is, and the scripts if there are some."""
    told = f"report: {directory / 'report.html'}"
    scripts = [one.script for one in run.findings.all() if one.script]
    if scripts:
        told = f"{told}; scripts that repeat the findings: {directory / scripts[0]}"
    return f"{told}, ..." if len(scripts) > 1 else told


def shortened(line: str) -> str:
    """The line with `beginning…end` for each long word."""
    return re.sub(rf"\S{{{WORD + 1},}}", _without_its_middle, line)


def _fitting(line: str) -> str:
    """A line of a finding; the curl is whole, so that it can be copied, unless it is endless."""
    if line.startswith(SOURCE):  # the address can be clicked on
        return line
    if line.startswith(ANSWER):
        return line if len(line) <= LONGEST_ANSWER else f"{line[:LONGEST_ANSWER]}…"
    if not line.startswith(CURL):
        return shortened(line)
    if len(line) <= LONGEST_CURL:
        return line
    return f"{shortened(line)}  (whole in the files of --report-dir)"


def _without_its_middle(word: re.Match[str]) -> str:
    return f"{word[0][: WORD // 2]}…{word[0][-(WORD // 2 - 1) :]}"


def _tables(run: Run) -> Iterator[str]:
    """Two compact tables: operation by status, schema position by value."""
    evidence, gaps = run.evidence, [(need.place, need.what) for need in missing(run)]
    width = max(map(len, [*evidence.statuses, *evidence.values]))
    seen = {status for one in evidence.statuses.values() for status in one}
    statuses = sorted(seen)
    head = "".join(status.rjust(7) for status in statuses)
    yield f"{'operation'.ljust(width)}{head}"
    for operation, times_of in evidence.statuses.items():
        cells = "".join(str(times_of[status] or "-").rjust(7) for status in statuses)
        yield f"{operation.ljust(width)}{cells}"
    yield ""
    yield f"{'schema position'.ljust(width)} values seen"
    for place, kinds in evidence.values.items():
        shown = []
        for kind, times in kinds.items():
            shown.append(f"{kind} {'NOT SEEN' if (place, kind) in gaps else times}")
        yield f"{place.ljust(width)} {'  '.join(shown)}"


def _set_apart(run: Run) -> Iterator[str]:
    """A line for each finding that is lenient or known."""
    for finding in run.findings.all():
        if finding.standing == KNOWN:
            yield f"known: {headline(run, finding)} ({finding.known})"
        elif finding.standing == LENIENT:
            yield f"lenient: {headline(run, finding)}"


def _unseen(run: Run) -> Iterator[str]:
    """What the run should have seen and did not: known deviations, and evidence."""
    if not run.whole:
        yield PART
    for row in stale(run):
        yield f"known, but not seen in this run: {row}"
    for need in missing(run):
        yield f"not seen: {need} ({need.why})"
