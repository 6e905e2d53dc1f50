"""What GitHub Actions shows of a run: an annotation for each finding, and the job's summary.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from vogent_contract.suite import markdown, terminal
from vogent_contract.suite.findings import Finding
from vogent_contract.suite.report_page.page import verdict
from vogent_contract.suite.run import Run

ROWS = 50  # findings in the summary, which may have 1 MiB in all
LONGEST = 4000  # characters of what is told of one
NOT_MADE = "The conformance run could not be made"


def annotations(run: Run) -> list[str]:
    """An error for each finding that fails the run, a warning for each lenient one.

    Known deviations have none: nobody has to do anything about them now. There are none outside
    of GitHub Actions.
    """
    if os.environ.get("GITHUB_ACTIONS") != "true":
        return []
    lines = []
    for finding in _by_urgency(run):
        if finding.known is None:
            level = "error" if finding.fails(run.options.fail_on) else "warning"
            title = f"{finding.operation}: {finding.rule}"
            lines.append(_command(level, title, run.wire.key.scrub(_message(finding))))
    return lines


def tell_not_made(reason: str) -> None:
    """Say on standard output and in the job's summary why the run could not be made."""
    if os.environ.get("GITHUB_ACTIONS") == "true":
        print(_command("error", NOT_MADE, reason), flush=True)
    _add_to_summary(f"## {NOT_MADE}\n\n{markdown.literal(reason)}\n")


def write_summary(
    run: Run, exit_code: int, account: Sequence[str] = (), *, whole: bool = True
) -> None:
    """Add the run to the summary of the job, if there is one.

    Args:
        account: What became of somebody's account.
        whole: All tests were run.
    """
    parts = _Summary(run).parts(exit_code, account, whole)
    _add_to_summary("\n\n".join(parts) + "\n")


def _add_to_summary(text: str) -> None:
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if path:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(text)


def _command(level: str, title: str, message: str) -> str:
    """A workflow command: the runner reads it off a line of the output."""
    return f"::{level} title={_escaped(title, ':,')}::{_escaped(message)}"


def _escaped(text: str, more: str = "") -> str:
    for character in f"%\r\n{more}":
        text = text.replace(character, f"%{ord(character):02X}")
    return text


def _message(finding: Finding) -> str:
    lines = [finding.promise, terminal.headline(finding)]
    if finding.assumed:
        lines.append(f"assumed: {finding.assumed}")
    if finding.curl:
        lines.append(finding.curl[: terminal.LONGEST_CURL])
    return "\n".join(lines)


def _by_urgency(run: Run) -> list[Finding]:
    """The findings: what fails the run, then what is lenient, then what is known."""
    findings = run.findings.all()
    failing = run.failing()
    known = [one for one in findings if one.known is not None]
    lenient = [one for one in findings if one not in failing and one not in known]
    return [*failing, *lenient, *known]


class _Summary:
    """The summary's parts. The key is taken out first: Markdown writes its characters otherwise."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._scrub = run.wire.key.scrub

    def parts(self, exit_code: int, account: Sequence[str], whole: bool) -> Iterator[str]:
        """Verdict and counts, a table of findings, then what is folded."""
        result = verdict(self._run, exit_code)
        findings = _by_urgency(self._run)
        yield f"## {result.title}"
        counts = markdown.literal(self._scrub(terminal.counts(self._run)))
        yield f"{counts}, profile {self._run.options.profile}. {result.told}"
        if findings:
            yield "\n".join(self._table(findings[:ROWS]))
        if len(findings) > ROWS:
            yield f"{len(findings) - ROWS} more are in `evidence.json`."
        if account:
            yield markdown.block(self._scrub("\n".join(account)))
        for number, finding in enumerate(findings[:ROWS], start=1):
            title = self._scrub(terminal.headline(finding))
            yield markdown.folded(f"{number}. {title}", self._scrub(str(finding))[:LONGEST])
        seen = terminal.summary(self._run, whole=whole)
        yield markdown.folded("What the run saw", "\n".join(seen))

    def _table(self, findings: Sequence[Finding]) -> Iterator[str]:
        yield markdown.row("", "", "operation", "promise", "expected", "got")
        yield markdown.row("---:", *["---"] * 5)
        for number, finding in enumerate(findings, start=1):
            yield markdown.row(
                str(number),
                self._level(finding),
                markdown.link(self._scrub(finding.operation), self._page_of(finding.operation)),
                self._promise(finding),
                self._code(finding.expected),
                self._code(finding.got),
            )

    def _level(self, finding: Finding) -> str:
        if finding.known is not None:
            return "known"
        level = finding.level if finding.exchange else "not seen"
        return f"**{level}**" if finding.fails(self._run.options.fail_on) else level

    def _page_of(self, name: str) -> str:
        """Address of the vendor's page of an operation, empty if the contract names none."""
        operation = self._run.contract.operations.get(name)
        if operation is None:
            return ""
        described = self._run.contract.document.at(operation.pointer)
        address: str = described.get("externalDocs", {}).get("url", "")
        return address

    def _promise(self, finding: Finding) -> str:
        where = f" at {finding.pointer}" if finding.pointer else ""
        told = f"{markdown.literal(finding.promise)} {self._code(f'{finding.rule}{where}')}"
        if finding.known is not None:
            return f"{told} Known: {markdown.literal(self._scrub(finding.known))}"
        return f"{told} Assumed: {markdown.literal(finding.assumed)}" if finding.assumed else told

    def _code(self, text: str) -> str:
        return markdown.code(terminal.shortened(self._scrub(text)))
