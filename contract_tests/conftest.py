"""Hooks, fixtures and exit codes of the suite.

Exit 0: the server keeps the contract and the run saw what it claims to have checked.
1: it does not. Anything else: the run could not be made, and one line says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from vogent_contract.live.ledger import LedgerError
from vogent_contract.live.watch import LiveWatch, warning
from vogent_contract.openapi import Contract, ContractError, Operation, Schema, load
from vogent_contract.suite import report, server
from vogent_contract.suite.api import Api
from vogent_contract.suite.credential import Key
from vogent_contract.suite.findings import Finding
from vogent_contract.suite.generation import Selection
from vogent_contract.suite.har import Recording
from vogent_contract.suite.known import write_known
from vogent_contract.suite.pace import Pace
from vogent_contract.suite.preflight import why_not
from vogent_contract.suite.run import Run
from vogent_contract.suite.supplies import Supplies
from vogent_contract.suite.wire import Wire

from . import default_server
from .options import add_options, check, is_live, options_of

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
TOLD = pytest.StashKey[list[Finding]]()  # what was told with a test
LATE = pytest.StashKey[list[Finding]]()  # those that fail a run, of after the last test
RESOURCES = pytest.StashKey[ExitStack]()

# Which operations a test is about, by the name of its argument.
OPERATIONS: dict[str, Callable[[Operation], bool]] = {
    "operation": lambda _: True,
    "operation_with_body": lambda one: one.body is not None,
    "secured_operation": lambda one: one.secured,
    "operation_with_options": lambda one: any(
        parameter.location == "query" and not parameter.required for parameter in one.parameters
    ),
    "operation_with_id": lambda one: any(
        parameter.location == "path" for parameter in one.parameters
    ),
    "operation_with_choices": lambda one: any(schema.allowed_values for schema in _schemas(one)),
    "operation_with_numbers": lambda one: any("integer" in one.types for one in _schemas(one)),
    "operation_with_texts": lambda one: any("string" in one.types for one in _schemas(one)),
}


def _schemas(operation: Operation) -> Iterator[Schema]:
    """The schemas of an operation's query and body."""
    for parameter in operation.parameters:
        if parameter.location == "query":
            yield parameter.schema
    for position in operation.body.schema.positions() if operation.body else ():
        yield position.schema


def pytest_addoption(parser: pytest.Parser) -> None:
    add_options(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("filterwarnings", "default")  # a library's say nothing about the server
    check(config.option)
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
    operations = metafunc.config.stash[CONTRACT].operations.values()
    for name, concerns in OPERATIONS.items():
        if name in metafunc.fixturenames:
            those = [one for one in operations if concerns(one)]
            metafunc.parametrize(name, those, ids=[one.id for one in those])
    if "path" in metafunc.fixturenames:
        metafunc.parametrize("path", dict.fromkeys(one.path for one in operations))


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
    option, resources, contract = config.option, config.stash[RESOURCES], config.stash[CONTRACT]
    options = options_of(option)
    if option.base_url is None:
        base_url, key = resources.enter_context(default_server.running())
    else:
        base_url, key = option.base_url, server.key_from_environment()
    pace = Pace(option.rate) if options.live else None
    wire = Wire(base_url, Key(key), timeout=option.request_timeout, pace=pace)
    resources.callback(wire.close)
    run = Run(contract, wire, options)
    if option.report_dir:
        recording = Recording(option.report_dir, wire.key)
        resources.callback(recording.close)
        run.record = recording.record
    reason = why_not(run)
    if reason is not None:
        raise server.ServerError(wire.key.scrub(reason))
    if options.live:
        watch = LiveWatch.begin(run, option.ledger, option.max_numbers or 0)
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
    run = item.config.stash[RUN]
    run.test = item.name
    steps, proven = run.steps, run.proven
    ended = False
    try:
        yield
    except (KeyboardInterrupt, pytest.exit.Exception):
        ended = True  # a finding must not take the place of what ends the run
        raise
    finally:
        if not ended:
            _tell(run, _new_findings(item.config))
    if run.steps == steps:
        reasons = [reason for reason, tests in run.held.items() if run.test in tests]
        pytest.skip("; ".join(reasons) or "the account or the shop has nothing to do this with")
    if run.proven == proven:
        pytest.skip("proves nothing: what every answer broke was found before")


def _new_findings(config: pytest.Config) -> list[Finding]:
    """What was found since this was asked last: what came before a test is told with it."""
    told = config.stash.setdefault(TOLD, [])
    new = [one for one in config.stash[RUN].findings.all() if one not in told]
    told += new
    return new


def _late_findings(config: pytest.Config) -> list[Finding]:
    """What fails the run and was found after its last test: while the account was cleaned."""
    if RUN not in config.stash:
        return []
    level = config.stash[RUN].options.fail_on
    return [one for one in _new_findings(config) if one.fails(level)]


def _tell(run: Run, new: list[Finding]) -> None:
    """Let the test fail by what was found, or be an expected failure if all of it is known."""
    failing = [one for one in new if one.fails(run.options.fail_on)]
    known = [one for one in new if one.known is not None]
    if failing:
        text = "\n\n".join(str(one) for one in failing)
        pytest.fail(run.wire.key.scrub(text), pytrace=False)
    elif known:
        text = "; ".join(f"{one.operation}: {one.rule}: {one.known}" for one in known)
        pytest.xfail(run.wire.key.scrub(f"known: {text}"))


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """A failure too: nothing executed, a number left in an account, a finding of the cleaning."""
    config = session.config
    if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and not config.option.collectonly:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    clean = config.stash[WATCH].finish() if WATCH in config.stash else True
    late = _late_findings(config)
    config.stash[LATE] = late
    if (late or not clean) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    if RUN in config.stash and config.option.report_dir:
        directory, code = config.option.report_dir, int(session.exitstatus)
        report.write(config.stash[RUN], directory, code, _account(config))
    if RUN in config.stash and config.option.write_known:
        findings = config.stash[RUN].findings.all()
        write_known(config.option.write_known, [one.at for one in findings if one.request])


def pytest_report_header(config: pytest.Config) -> str | list[str]:
    profile = f"(profile {config.option.profile})"
    if is_live(config.option):
        return warning(config.option)
    if config.option.base_url is not None:
        return f"server under test: {config.option.base_url} {profile}"
    return f"server under test: the project's mock, started for this run {profile}"


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if config.stash.get(LATE, []):
        terminalreporter.section("found after the last test")
        text = "\n\n".join(str(one) for one in config.stash[LATE])
        terminalreporter.line(config.stash[RUN].wire.key.scrub(text))
    if RUN in config.stash:
        terminalreporter.section("what the run saw")
        for line in report.summary(config.stash[RUN], _account(config)):
            terminalreporter.line(line)


def _account(config: pytest.Config) -> list[str]:
    """What became of somebody's account."""
    return config.stash[WATCH].report() if WATCH in config.stash else []
