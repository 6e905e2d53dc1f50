"""What a run leaves behind: the summary, and the files of `--report-dir`."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from vogent_contract.suite.evidence import Evidence
from vogent_contract.suite.levels import BROKEN, LENIENT
from vogent_contract.suite.report_page.page import render
from vogent_contract.suite.run import Run


def summary(run: Run, account: Sequence[str] = ()) -> list[str]:
    """Lines for a person: what each operation answered, what was seen, what was held back.

    Args:
        account: What became of somebody's account.
    """
    lines = [*tables(run.evidence), "", _counts(run)]
    if run.options.seed is not None:
        repeat = f"--profile {run.options.profile} --seed {run.options.seed}"
        lines.append(f"to repeat this run: {repeat}")
    lines += _set_apart(run)
    for need in run.evidence.missing():
        lines.append(f"not seen: {need} ({need.why})")
    for reason, tests in run.held.items():
        lines.append(f"not sent: {tests.total()} requests: {reason}")
        lines.append("  in " + ", ".join(f"{test} {times}" for test, times in tests.items()))
    if account:
        lines += ["", *account]
    return [run.wire.key.scrub(line) for line in lines]


def tables(evidence: Evidence) -> list[str]:
    """Two compact tables: operation by status, schema position by value."""
    width = max(map(len, [*evidence.statuses, *evidence.values]))
    statuses = statuses_seen(evidence)
    head = "".join(status.rjust(7) for status in statuses)
    lines = [f"{'operation'.ljust(width)}{head}"]
    for operation, counts in evidence.statuses.items():
        cells = "".join(str(counts[status] or "-").rjust(7) for status in statuses)
        lines.append(f"{operation.ljust(width)}{cells}")
    lines += ["", f"{'schema position'.ljust(width)} values seen"]
    for place, kinds in evidence.values.items():
        shown = "  ".join(f"{kind} {times or 'NOT SEEN'}" for kind, times in kinds.items())
        lines.append(f"{place.ljust(width)} {shown}")
    return lines


def statuses_seen(evidence: Evidence) -> list[str]:
    """Every status that any operation answered with."""
    seen: set[str] = set()
    for counts in evidence.statuses.values():
        seen |= set(counts)
    return sorted(seen)


def write(run: Run, directory: Path, exit_code: int, account: Sequence[str] = ()) -> None:
    """Write `evidence.json` and `report.html`; in GitHub Actions the job summary too."""
    content = {
        "server": run.wire.base_url,
        "profile": run.options.profile,
        "seed": run.options.seed,
        "exit": exit_code,
        "requests": run.wire.sent,
        "fail_on": run.options.fail_on,
        "findings": [finding.as_json() for finding in run.findings.all()],
        **run.evidence.as_json(),
        "not_sent": {reason: tests.total() for reason, tests in run.held.items()},
    }
    _save(run, directory / "evidence.json", json.dumps(content, indent=2) + "\n")
    page = render(run, directory, exit_code, account)  # it takes the key out itself
    (directory / "report.html").write_text(page, "utf-8")
    job_summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if job_summary:
        with Path(job_summary).open("a", encoding="utf-8") as file:
            file.write(run.wire.key.scrub(_markdown(run, account)))


def _counts(run: Run) -> str:
    findings = run.findings.all()
    known = sum(one.known is not None for one in findings)
    broken = sum(one.known is None and one.level == BROKEN for one in findings)
    told = f"findings: {broken} broken, {len(findings) - broken - known} lenient, {known} known"
    return f"{run.wire.sent} requests to {run.wire.base_url}; {told}"


def _set_apart(run: Run) -> list[str]:
    """A line for each finding that is lenient or known, and each known one that is not there."""
    lines = []
    for finding in run.findings.all():
        if finding.known is not None:
            lines.append(f"known: {finding.line()} ({finding.known})")
        elif finding.level == LENIENT:
            lines.append(f"lenient: {finding.line()}")
    lines += [f"known, but not seen in this run: {row}" for row in run.findings.stale()]
    return lines


def _save(run: Run, path: Path, text: str) -> None:
    path.write_text(run.wire.key.scrub(text), "utf-8")


def _markdown(run: Run, account: Sequence[str]) -> str:
    failing = run.failing()
    findings = [f"```\n{finding}\n```" for finding in failing]
    verdict = "breaks" if failing else "keeps"
    table = "\n".join(summary(run, account))
    parts = [f"## The server {verdict} the contract", *findings, f"```\n{table}\n```", ""]
    return "\n\n".join(parts)
