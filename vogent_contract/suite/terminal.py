"""What a run tells a person in a terminal. What is too long for a line is shortened there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from vogent_contract.suite.evidence import Evidence
from vogent_contract.suite.findings import Finding
from vogent_contract.suite.levels import BROKEN, LENIENT
from vogent_contract.suite.run import Run

WORD = 60  # characters of a text without spaces, such as an id
LONGEST_CURL = 1000  # characters; a longer one is not copied from a terminal
CURL = "  repeat"


def headline(finding: Finding) -> str:
    """A finding in one line: operation, rule, place, what was expected and what came."""
    return shortened(finding.line())


def told(finding: Finding) -> str:
    """All of a finding; the curl is whole, so that it can be copied, unless it is endless."""
    lines = []
    for line in str(finding).splitlines():
        is_curl = line.startswith(CURL)
        if is_curl and len(line) > LONGEST_CURL:
            lines.append(f"{shortened(line)}  (whole in the files of --report-dir)")
        else:
            lines.append(line if is_curl else shortened(line))
    return "\n".join(lines)


def summary(run: Run, account: Sequence[str] = (), *, whole: bool = True) -> list[str]:
    """What each operation answered, what was seen, what was found and what was held back.

    Args:
        account: What became of somebody's account.
        whole: All tests were run; of a part nobody expects that it has seen everything.
    """
    lines = [*_tables(run.evidence), "", counts(run)]
    if run.options.seed is not None:
        repeat = f"--profile {run.options.profile} --seed {run.options.seed}"
        lines.append(f"to repeat this run: {repeat}")
    lines += _set_apart(run)
    lines += _unseen(run) if whole else _part(run)
    for reason, tests in run.held.items():
        lines.append(f"not sent: {tests.total()} requests: {reason}")
        lines.append("  in " + ", ".join(f"{test} {times}" for test, times in tests.items()))
    if account:
        lines += ["", *account]
    return [run.wire.key.scrub(line) for line in lines]


def counts(run: Run) -> str:
    """How many requests were sent, and how many findings of each level there are."""
    findings = run.findings.all()
    known = sum(one.known is not None for one in findings)
    broken = sum(one.known is None and one.level == BROKEN for one in findings)
    told = f"findings: {broken} broken, {len(findings) - broken - known} lenient, {known} known"
    return f"{run.wire.sent} requests to {run.wire.base_url}; {told}"


def _tables(evidence: Evidence) -> Iterator[str]:
    """Two compact tables: operation by status, schema position by value."""
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
        shown = "  ".join(f"{kind} {times or 'NOT SEEN'}" for kind, times in kinds.items())
        yield f"{place.ljust(width)} {shown}"


def _set_apart(run: Run) -> Iterator[str]:
    """A line for each finding that is lenient or known."""
    for finding in run.findings.all():
        if finding.known is not None:
            yield f"known: {headline(finding)} ({finding.known})"
        elif finding.level == LENIENT:
            yield f"lenient: {headline(finding)}"


def _unseen(run: Run) -> Iterator[str]:
    """What the run should have seen and did not: known deviations, and evidence."""
    for row in run.stale():
        yield f"known, but not seen in this run: {row}"
    for need in run.evidence.missing():
        yield f"not seen: {need} ({need.why})"


def _part(run: Run) -> Iterator[str]:
    unseen = len(list(_unseen(run)))
    if unseen:
        yield f"not all tests were run, so no evidence is claimed ({unseen} things were not seen)"


def shortened(line: str) -> str:
    """The line with `beginning…end` for each long word."""
    return re.sub(rf"\S{{{WORD + 1},}}", _without_its_middle, line)


def _without_its_middle(word: re.Match[str]) -> str:
    return f"{word[0][: WORD // 2]}…{word[0][-(WORD // 2 - 1) :]}"
