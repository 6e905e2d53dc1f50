"""How pytest tells what was found: with whose name a test fails, and in which words."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence

import pytest

from vogent_contract.suite.findings import Finding
from vogent_contract.suite.repeat.scripts import tell_steps
from vogent_contract.suite.run import Run
from vogent_contract.suite.terminal import headline, told

AFTER = ("contract_tests/test_end.py", None, "found after the last test")  # file, line, name


class Broken(AssertionError):  # noqa: N818 - it is no error of the suite
    """Fails a test, or the run after its last test.

    Attributes:
        headlines: What is wrong, a line each.
    """

    def __init__(self, text: str, headlines: Sequence[str]) -> None:
        self.headlines = headlines
        super().__init__(text)

    @classmethod
    def by(cls, run: Run, findings: Sequence[Finding], *more: str) -> Broken:
        """By what was found.

        Args:
            more: What is wrong beside it, a line each.
        """
        tell_steps(run, findings)
        text = "\n\n".join([*(told(run, one) for one in findings), *more])
        return cls(text, [*(headline(run, one) for one in findings), *more])


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
        _say(report, problem)
    elif crash is not None:
        _note(report, [crash.message.partition("\n")[0]])
    if isinstance(report.longrepr, tuple):  # of a skip: otherwise the line that called for it
        path, line, _ = item.location
        report.longrepr = (path, (line or 0) + 1, report.longrepr[2])
    return report


def fail_afterwards(config: pytest.Config, failure: Broken) -> None:
    """Tell of a failure that belongs to no test, so that JUnit has it like those of tests."""
    report = pytest.TestReport(f"{AFTER[0]}::{AFTER[2]}", AFTER, {}, "failed", None, "call")
    _say(report, failure)
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


def _say(report: pytest.TestReport, failure: Broken) -> None:
    """Tell a failure without a traceback; the first headline is what JUnit calls its message."""
    try:
        raise failure
    except Broken:
        shown = pytest.ExceptionInfo.from_current().getrepr(style="value")
    more = len(failure.headlines) - 1
    if shown.reprcrash is not None:
        shown.reprcrash.message = failure.headlines[0] + (f" (and {more} more)" if more else "")
    report.longrepr = shown
    _note(report, failure.headlines)


def _note(report: pytest.TestReport, headlines: Sequence[str]) -> None:
    vars(report)["headlines"] = headlines  # an attribute of ours, which xdist hands on
