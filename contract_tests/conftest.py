"""Options, fixtures and exit codes of the suite.

Exit 0: the server keeps the contract and the run saw what it claims to have checked.
1: it does not. Anything else: the run could not be made, and one line says why.
"""

from __future__ import annotations

import argparse
import os
import random
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from vogent_contract.live.ledger import DEFAULT_PATH, LedgerError
from vogent_contract.live.watch import LiveWatch, warning
from vogent_contract.openapi import Contract, ContractError, Operation, load
from vogent_contract.suite import report, server
from vogent_contract.suite.api import Api
from vogent_contract.suite.credential import Key
from vogent_contract.suite.findings import Finding
from vogent_contract.suite.generation import Selection
from vogent_contract.suite.har import Recording
from vogent_contract.suite.pace import Pace
from vogent_contract.suite.run import Options, Run
from vogent_contract.suite.supplies import Supplies
from vogent_contract.suite.wire import Wire

from . import default_server

# Refusals come before sales: a shop with few numbers must do.
ORDER = (
    "test_account",
    "test_authentication",
    "test_generated::test_derived",
    "test_requests",
    "test_behaviour",
    "test_sequences",
    "test_generated",
    "test_end",
)
CONTRACT = pytest.StashKey[Contract]()
RUN = pytest.StashKey[Run]()
WATCH = pytest.StashKey[LiveWatch]()
TOLD = pytest.StashKey[int]()  # how many findings made a test fail
RESOURCES = pytest.StashKey[ExitStack]()
LIVE_RATE = 2.0  # requests a second


def pytest_addoption(parser: pytest.Parser) -> None:
    add = parser.getgroup("contract", "conformance suite").addoption
    add("--base-url", metavar="URL", help="server to test; default: the mock, started for the run")
    add(
        "--profile",
        choices=("quick", "full"),
        default="quick",
        help="quick: at most 300 requests, the same each time; full: thorough, random",
    )
    add("--seed", type=int, metavar="N", help="repeats a full run; default: random, printed")
    add("--prefix", metavar="DIGITS", help="what numbers for sale begin with")
    add(
        "--request-timeout",
        type=_positive,
        default=10.0,
        metavar="S",
        help="seconds until a request counts as hanging (default: 10)",
    )
    add("--report-dir", type=Path, metavar="DIR", help="where to write the report's files")
    add(
        "--agent-id",
        default=os.environ.get("VOGENT_AGENT_ID"),
        metavar="ID",
        help="an agent that numbers may be linked to (or VOGENT_AGENT_ID)",
    )
    add("--live", action="store_true", help="treat a loopback server as somebody's account too")
    add(
        "--max-numbers",
        type=_count,
        default=0,
        metavar="N",
        help="live: how many phone numbers the run may bring into being (default: 0)",
    )
    add(
        "--ledger",
        type=Path,
        default=DEFAULT_PATH,
        metavar="FILE",
        help=f"live: records what the run buys and releases (default: {DEFAULT_PATH})",
    )
    add(
        "--rate",
        type=_positive,
        default=LIVE_RATE,
        metavar="N",
        help=f"live: requests a second (default: {LIVE_RATE:g})",
    )
    add("--require-evidence", action="store_true", help="live: fail if the evidence is not whole")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("filterwarnings", "default")  # a library's say nothing about the server
    if config.option.base_url is not None:
        try:
            server.check_url(config.option.base_url)
        except server.ServerError as error:
            raise pytest.UsageError(str(error)) from None
    workers = hasattr(config, "workerinput") or getattr(config.option, "numprocesses", None)
    if _is_live(config) and workers:
        message = "a live run is one process, so that it has one budget: leave out -n"
        raise pytest.UsageError(message)
    directory: Path | None = config.option.report_dir
    if directory is not None:
        try:
            directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            message = f"--report-dir: {directory} cannot be made: {error.strerror}"
            raise pytest.UsageError(message) from None
        config.option.xmlpath = config.option.xmlpath or str(directory / "junit.xml")
    try:
        config.stash[CONTRACT] = load()
    except ContractError as error:
        raise pytest.UsageError(str(error)) from None
    config.stash[RESOURCES] = ExitStack()


def pytest_unconfigure(config: pytest.Config) -> None:
    if RESOURCES in config.stash:
        config.stash[RESOURCES].close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests into the order of `ORDER`."""

    def place(item: pytest.Item) -> int:
        name = item.nodeid.replace(".py", "")
        return next((index for index, part in enumerate(ORDER) if part in name), len(ORDER))

    items.sort(key=place)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    operations = list(metafunc.config.stash[CONTRACT].operations.values())
    values: dict[str, list[Operation] | list[str]] = {
        "operation": operations,
        "operation_with_body": [one for one in operations if one.body],
        "secured_operation": [one for one in operations if one.secured],
        "path": list(dict.fromkeys(one.path for one in operations)),
    }
    for name, those in values.items():
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, those, ids=[getattr(one, "id", one) for one in those])


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """The run begins: open the server, or say in one line why that cannot be done."""
    config = session.config
    if config.option.collectonly or not session.items:
        return
    try:
        _begin(config)
    except (server.ServerError, LedgerError) as error:
        raise pytest.UsageError(str(error)) from None


def _begin(config: pytest.Config) -> None:
    option, resources = config.option, config.stash[RESOURCES]
    live = _is_live(config)
    base_url, key = _server(config)
    seed = option.seed
    if option.profile == "full" and seed is None:
        seed = random.SystemRandom().randrange(2**32)
    options = Options(
        profile=option.profile,
        seed=seed,
        prefix=option.prefix,
        agent_id=option.agent_id,
        live=live,
        require_evidence=option.require_evidence,
        stop_first=option.maxfail == 1,
    )
    pace = Pace(option.rate) if live else None
    wire = Wire(base_url, Key(key), timeout=option.request_timeout, pace=pace)
    resources.callback(wire.close)
    run = Run(config.stash[CONTRACT], wire, options)
    if option.report_dir:
        recording = Recording(option.report_dir, wire.key)
        resources.callback(recording.close)
        run.record = recording.record
    if live:
        watch = LiveWatch.begin(run, option.ledger, option.max_numbers)
        resources.callback(watch.close)
        run.watch = config.stash[WATCH] = watch
    config.stash[RUN] = run  # last: a run that could not be made has nothing to report


@pytest.fixture(scope="session")
def run(request: pytest.FixtureRequest) -> Run:
    """The run."""
    return request.config.stash[RUN]


@pytest.fixture(scope="session")
def api(run: Run) -> Api:
    """The seven operations."""
    return Api(run)


@pytest.fixture(scope="session")
def supplies(run: Run, api: Api) -> Supplies:
    """What there is to work with."""
    return Supplies(run, api)


@pytest.fixture(scope="session")
def selection(run: Run, supplies: Supplies) -> Selection:
    """Which generated requests are worth sending."""
    return Selection(run, supplies)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """A test fails by what was found until its end; what an earlier one told is not said twice."""
    item.config.stash[RUN].test = item.name
    ended = False
    try:
        yield
    except (KeyboardInterrupt, pytest.exit.Exception):
        ended = True  # a finding must not take the place of what ends the run
        raise
    finally:
        text = "" if ended else _tell(item.config)
        if text:
            pytest.fail(text, pytrace=False)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """A failure too: nothing executed, a number left in an account, a finding of the cleaning."""
    config = session.config
    if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and not config.option.collectonly:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    clean = config.stash[WATCH].finish() if WATCH in config.stash else True
    if (not clean or _untold(config)) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    if RUN in config.stash and config.option.report_dir:
        directory, code = config.option.report_dir, int(session.exitstatus)
        report.write(config.stash[RUN], directory, code, _account(config))


def pytest_report_header(config: pytest.Config) -> str | list[str]:
    profile = f"(profile {config.option.profile})"
    if _is_live(config):
        return warning(config.option)
    if config.option.base_url:
        return f"server under test: {config.option.base_url} {profile}"
    return f"server under test: the project's mock, started for this run {profile}"


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if _untold(config):
        terminalreporter.section("found after the last test")
        terminalreporter.line(_tell(config))
    if RUN in config.stash:
        terminalreporter.section("what the run saw")
        for line in report.summary(config.stash[RUN], _account(config)):
            terminalreporter.line(line)


def _untold(config: pytest.Config) -> list[Finding]:
    """The findings that no test failed by."""
    found = config.stash[RUN].findings.all() if RUN in config.stash else []
    return found[config.stash.get(TOLD, 0) :]


def _tell(config: pytest.Config) -> str:
    """The findings that no test failed by, as text; from now on they are told."""
    run, untold = config.stash[RUN], _untold(config)
    config.stash[TOLD] = len(run.findings.all())
    return run.wire.key.scrub("\n\n".join(str(finding) for finding in untold))


def _account(config: pytest.Config) -> list[str]:
    """What became of somebody's account."""
    return config.stash[WATCH].report() if WATCH in config.stash else []


def _server(config: pytest.Config) -> tuple[str, str]:
    """Base URL and key of the server under test."""
    base_url: str | None = config.option.base_url
    if base_url is None:
        return config.stash[RESOURCES].enter_context(default_server.running())
    key = server.key_from_environment()
    server.check_reachable(base_url, config.option.request_timeout)
    return base_url, key


def _is_live(config: pytest.Config) -> bool:
    base_url = config.option.base_url
    return bool(config.option.live) or (base_url is not None and server.is_account(base_url))


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return value


def _count(text: str) -> int:
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text} is below 0")
    return value
