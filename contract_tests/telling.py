"""How pytest tells what was found: with whose name a test fails, and in which words."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence

import pytest

from vogent_contract.suite.findings import Finding
from vogent_contract.suite.run import Run
from vogent_contract.suite.terminal import headline, told

AFTER = ("contract_tests/test_end.py", None, "found after the last test")  # file, line, name


class Broken(pytest.fail.Exception):
    """Fails a test by what was found.

    Attributes:
        headlines: One line a finding.
    """

    def __init__(self, run: Run, findings: Sequence[Finding]) -> None:
        scrub = run.wire.key.scrub
        self.headlines = [scrub(headline(one)) for one in findings]
        super().__init__(scrub("\n\n".join(told(one) for one in findings)), pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Name the test whole, say first what was found, and point to the test that was skipped."""
    report = yield
    report.nodeid = _whole_name(item)
    problem = call.excinfo.value if call.excinfo else None
    crash = getattr(report.longrepr, "reprcrash", None)
    if isinstance(problem, Broken):
        report.headlines = problem.headlines
        crash.message = _first(problem.headlines)  # JUnit's `message`
    elif crash is not None:
        report.headlines = [crash.message.partition("\n")[0]]
    if isinstance(report.longrepr, tuple):  # of a skip: otherwise the line that called for it
        path, line, _ = item.location
        report.longrepr = (path, (line or 0) + 1, report.longrepr[2])
    return report


def fail_afterwards(config: pytest.Config, text: str, headlines: Sequence[str]) -> None:
    """Tell of a failure that belongs to no test, so that JUnit has it like those of tests."""
    name = f"{AFTER[0]}::{AFTER[2]}"
    report = pytest.TestReport(name, AFTER, {}, "failed", text, "call", headlines=headlines)
    config.hook.pytest_runtest_logreport(report=report)


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Write whole lines for what failed: pytest cuts its own to the terminal's width."""
    if "f" in terminalreporter.reportchars:
        terminalreporter.reportchars = terminalreporter.reportchars.replace("f", "")
        lines = list(_failures(terminalreporter.stats.get("failed", [])))
        if lines:
            terminalreporter.section("what failed")
        for line in lines:
            terminalreporter.line(line, red=True)


def _failures(reports: Sequence[pytest.TestReport]) -> Iterator[str]:
    for report in reports:
        for line in getattr(report, "headlines", [""]):
            yield f"FAILED {report.nodeid} - {line}"


def _whole_name(item: pytest.Item) -> str:
    """The node id; that of a test for each operation made by schemathesis lacks the operation."""
    parent, separator, name = item.nodeid.rpartition("::")
    return f"{parent}{separator}{item.name}" if item.name.startswith(name) else item.nodeid


def _first(headlines: Sequence[str]) -> str:
    more = len(headlines) - 1
    return f"{headlines[0]} (and {more} more)" if more else headlines[0]
