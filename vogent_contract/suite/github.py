"""What GitHub Actions shows of a run: an annotation for each finding, and the job's summary.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from vogent_contract.suite import markdown, terminal
from vogent_contract.suite.findings import Finding
from vogent_contract.suite.levels import KNOWN, NOT_SEEN
from vogent_contract.suite.outcome import verdict
from vogent_contract.suite.run import Run

ROWS = 50  # findings in the summary, which may have 1 MiB in all
LONGEST = 4000  # characters of what is told of one
NOT_MADE = "The conformance run could not be made"
PAGE = "report.html"


def annotations_of(run: Run) -> list[str]:
    """An error for each finding that fails the run, a warning for each lenient one.

    Known deviations have none: nobody has to do anything about them now. There are none outside
    of GitHub Actions.
    """
    if not _is_there():
        return []
    lines = []
    for finding in _by_urgency(run):
        if finding.standing != KNOWN:
            level = "error" if finding.fails(run.options.fail_on) else "warning"
            title = run.wire.key.scrub(f"{finding.operation}: {finding.rule}")
            lines.append(_command(level, title, _message(run, finding)))
    return lines


def tell_not_made(reason: str) -> None:
    """Say on standard output and in the job's summary why the run could not be made.

    Args:
        reason: One line, without the key.
    """
    if _is_there():
        print(_command("error", NOT_MADE, reason), flush=True)
    _add_to_summary(f"## {NOT_MADE}\n\n{markdown.literal(reason)}\n")


def write_summary(
    run: Run, exit_code: int, account: Sequence[str] = (), *, has_page: bool = False
) -> None:
    """Add the run to the summary of the job, if there is one.

    Args:
        account: What became of somebody's account.
        has_page: `report.html` is written too, and the findings are linked to it.
    """
    if os.environ.get("GITHUB_STEP_SUMMARY"):
        parts = _Summary(run, has_page).parts(exit_code, account)
        _add_to_summary("\n\n".join(parts) + "\n")


def _is_there() -> bool:
    return os.environ.get("GITHUB_ACTIONS") == "true"


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


def _message(run: Run, finding: Finding) -> str:
    lines = [finding.promise, terminal.headline(run, finding)]
    if finding.assumed:
        lines.append(f"assumed: {finding.assumed}")
    if finding.curl:
        lines.append(run.wire.key.scrub(finding.curl)[: terminal.LONGEST_CURL])
    return "\n".join(lines)


def _by_urgency(run: Run) -> list[Finding]:
    """The findings: what fails the run, then what is lenient, then what is known."""

    def rank(finding: Finding) -> int:
        if finding.standing == KNOWN:
            return 2
        return 0 if finding.fails(run.options.fail_on) else 1

    return sorted(run.findings.all(), key=rank)


class _Summary:
    """The summary's parts. The key is taken out first: Markdown writes its characters otherwise."""

    def __init__(self, run: Run, has_page: bool) -> None:
        self._run = run
        self._has_page = has_page
        self._scrub = run.wire.key.scrub
        found = run.findings.all()
        self._numbers = {one.key: number for number, one in enumerate(found, start=1)}

    def parts(self, exit_code: int, account: Sequence[str]) -> Iterator[str]:
        """Verdict and counts, a table of findings, then what is folded."""
        result = verdict(self._run, exit_code)
        findings = _by_urgency(self._run)
        yield f"## {result.title}"
        counted = markdown.literal(terminal.counted(self._run))
        yield f"{counted}, profile {self._run.options.profile}. {result.told}"
        if findings:
            yield "\n".join(self._table(findings[:ROWS]))
        if len(findings) > ROWS:
            yield f"{len(findings) - ROWS} more are in `evidence.json`."
        if findings and self._has_page:
            yield f"The links with `#` lead into `{PAGE}`, in the report's folder."
        if account:
            yield markdown.block(self._scrub("\n".join(account)))
        for finding in findings[:ROWS]:
            title = f"{self._numbers[finding.key]}. {terminal.headline(self._run, finding)}"
            yield markdown.folded(title, terminal.told(self._run, finding)[:LONGEST])
        yield markdown.folded("What the run saw", "\n".join(terminal.summary(self._run)))

    def _table(self, findings: Sequence[Finding]) -> Iterator[str]:
        yield markdown.row("", "", "operation", "promise", "expected", "got", "request")
        yield markdown.row("---:", *["---"] * 5, "---:")
        for finding in findings:
            number = self._numbers[finding.key]
            operation = self._scrub(finding.operation)
            yield markdown.row(
                self._in_page(f"#{number}", f"finding-{number}"),
                self._level(finding),
                markdown.link(operation, self._page_of(finding.operation)),
                self._promise(finding),
                self._code(finding.expected),
                self._code(finding.got),
                self._request(finding),
            )

    def _level(self, finding: Finding) -> str:
        failing = finding.fails(self._run.options.fail_on)
        return f"**{finding.standing}**" if failing else finding.standing

    def _request(self, finding: Finding) -> str:
        if finding.standing == NOT_SEEN:
            return ""
        return self._in_page(f"#{finding.request}", f"request-{finding.request}")

    def _in_page(self, text: str, anchor: str) -> str:
        return markdown.link(text, f"{PAGE}#{anchor}" if self._has_page else "")

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
