"""Hooks, fixtures and exit codes of the suite.

Exit 0: the server keeps the contract and the run saw what it claims to have checked.
1: it does not. Anything else: the run could not be made, and one line says why.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from hypothesis.configuration import set_hypothesis_home_dir

from vogent_contract.live.ledger import LedgerError
from vogent_contract.live.watch import LiveWatch, warning
from vogent_contract.openapi import Contract, ContractError, Operation, Schema, load
from vogent_contract.suite import github, outcome, report, server, terminal
from vogent_contract.suite.api import Api
from vogent_contract.suite.credential import Key
from vogent_contract.suite.findings import Finding
from vogent_contract.suite.generation import Derived
from vogent_contract.suite.har import Recording
from vogent_contract.suite.known import write_known
from vogent_contract.suite.pace import Pace
from vogent_contract.suite.preflight import why_not
from vogent_contract.suite.run import Run
from vogent_contract.suite.supplies import Supplies
from vogent_contract.suite.wire import Wire

from . import default_server, side_by_side, telling
from .options import add_options, check, is_live, options_of

# Refusals come before sales: a shop with few numbers must do.
ORDER = (
    "test_account",
    "test_authentication",
    "test_refusals",
    "test_requests",
    "test_behaviour",
    "test_sequences",
    "test_random",
    "test_end",
)
FULL_ONLY = ("test_sequences.py", "test_random.py")  # at random; a quick run is always the same
LAST_TEST = "test_the_evidence_is_whole"
NOT_CLEAN = "the account is not as it was: the end of the summary says what is left"
SCENES = Path(__file__).parent
CONTRACT = pytest.StashKey[Contract]()
RUN = pytest.StashKey[Run]()
WATCH = pytest.StashKey[LiveWatch]()
TOLD = pytest.StashKey[list[Finding]]()  # what was told with a test
PART = pytest.StashKey[bool]()  # tests were deselected
RESOURCES = pytest.StashKey[ExitStack]()

# Which operations a test is about, by the name of its argument.
OPERATIONS: dict[str, Callable[[Operation], bool]] = {
    "operation": lambda _: True,
    "operation_beside_purchase": lambda one: one.id != "purchasePhoneNumber",  # scenes buy
    "operation_with_input": lambda one: (
        one.body is not None or any(parameter.location == "query" for parameter in one.parameters)
    ),
    "operation_with_body": lambda one: one.body is not None,
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


@pytest.hookimpl(wrapper=True)
def pytest_cmdline_parse() -> Generator[None, pytest.Config, pytest.Config]:
    """Tell of bad options; pytest calls this in a plugin, as `vogent-contract test` has it."""
    with _telling_why():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_cmdline_main() -> Generator[None, object, object]:
    """Tell of a run that cannot begin."""
    with _telling_why():
        return (yield)


@contextmanager
def _telling_why() -> Iterator[None]:
    """Where a run cannot be made, say so on GitHub too; a key among the options is not shown."""
    try:
        yield
    except pytest.UsageError as error:
        reason = str(error).partition(": error: ")[2] or str(error)  # without pytest's own usage
        reason, key = reason.partition("\n")[0], os.environ.get(server.KEY_VARIABLE)
        if key:
            reason = Key(key).scrub(reason)
        github.tell_not_made(reason)
        raise pytest.UsageError(reason) from None


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", f"{side_by_side.MARK}: the test yields requests instead of sending them"
    )
    config.addinivalue_line("filterwarnings", "default")  # a library's say nothing about the server
    check(config.option)
    config.pluginmanager.register(telling)
    config.stash[RESOURCES] = ExitStack()
    set_hypothesis_home_dir(_cache_folder())  # otherwise it leaves one where the run was started
    try:
        config.stash[CONTRACT] = load()
    except ContractError as error:
        raise pytest.UsageError(str(error)) from None


def _cache_folder() -> Path:
    """Where Hypothesis keeps its tables of Unicode: to make them takes longer than to collect."""
    folder = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(folder, "vogent-contract", "hypothesis")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out what is for the full profile; None leaves it to pytest."""
    is_quick = config.option.profile == "quick"
    return True if is_quick and collection_path.name in FULL_ONLY else None


def pytest_unconfigure(config: pytest.Config) -> None:
    if RESOURCES in config.stash:
        config.stash[RESOURCES].close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests into the order of `ORDER`."""

    def place(item: pytest.Item) -> int:
        name = item.nodeid.replace(".py", "")
        return next((index for index, part in enumerate(ORDER) if part in name), len(ORDER))

    items.sort(key=place)
    side_by_side.sort(items)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    operations = metafunc.config.stash[CONTRACT].operations.values()
    for name, concerns in OPERATIONS.items():
        if name in metafunc.fixturenames:
            those = [one for one in operations if concerns(one)]
            metafunc.parametrize(name, those, ids=[one.id for one in those])
    if "path" in metafunc.fixturenames:
        metafunc.parametrize("path", dict.fromkeys(one.path for one in operations))


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    for item in items:
        item.config.stash[PART] = True


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """The run begins: open the server, or say in one line why that cannot be done."""
    config = session.config
    if config.option.collectonly:
        return
    if not session.items:
        raise pytest.UsageError("no test is selected, so nothing would be tested")
    try:
        _begin(config)
    except (server.ServerError, LedgerError) as error:
        raise pytest.UsageError(str(error)) from None


def _begin(config: pytest.Config) -> None:
    option, resources, contract = config.option, config.stash[RESOURCES], config.stash[CONTRACT]
    options = options_of(option)
    if option.base_url is None:
        base_url, key = resources.enter_context(default_server.running(contract))
    else:
        base_url, key = option.base_url, server.key_from_environment()
    pace = Pace(option.rate) if options.live else None
    wire = Wire(base_url, Key(key), timeout=option.request_timeout, pace=pace)
    resources.callback(wire.close)
    run = Run(contract, wire, options)
    if option.report_dir:
        run.record = Recording(option.report_dir, wire.key).record
    reason = why_not(run)
    if reason is not None:
        raise server.ServerError(wire.key.scrub(reason))
    if options.live:
        watch = LiveWatch.begin(run, option.ledger, option.max_numbers or 0)
        resources.callback(watch.close)
        run.watch = config.stash[WATCH] = watch
    run.whole = _is_whole(config)
    config.stash[RUN] = run  # last: a run that could not be made has nothing to report


def _is_whole(config: pytest.Config) -> bool:
    """Whether all tests were asked for."""
    here = config.invocation_params.dir
    places = [(here / argument).resolve() for argument in config.args]
    in_all = any(place in (SCENES, *SCENES.parents) for place in places)
    return in_all and PART not in config.stash


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
def derived(run: Run, supplies: Supplies) -> Derived:
    """Requests that schemathesis makes of the contract."""
    return Derived(run, supplies)


@pytest.fixture(scope="session", autouse=True)
def for_all_side_by_side(supplies: Supplies, derived: Derived) -> None:
    """What tests ask for that give requests: the first of them makes the requests of all."""


@pytest.fixture(scope="session", autouse=True)
def properties(run: Run, record_testsuite_property: Callable[[str, object], None]) -> None:
    """What the JUnit report says of the run as a whole."""
    for name, value in outcome.properties(run).items():
        record_testsuite_property(name, value)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    return side_by_side.judge(pyfuncitem, pyfuncitem.config.stash[RUN]) or None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """A test fails by what was found until its end; what an earlier one told is not said twice."""
    run = item.config.stash[RUN]
    run.test = item.name
    steps, proven = run.steps, run.proven
    ended = False
    try:
        yield
        run.send_waiting()
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
        raise telling.Broken.by(run, failing)
    if known:
        text = "; ".join(f"{one.operation}: {one.rule}: {one.known}" for one in known)
        pytest.xfail(run.wire.key.scrub(f"known: {text}"))


@pytest.hookimpl(tryfirst=True)  # before JUnit's file is written
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A failure too: a number left in an account, a finding of the cleaning."""
    config = session.config
    clean = config.stash[WATCH].finish() if WATCH in config.stash else True
    late = _late_findings(config)
    if late or not clean:
        more = () if clean else (NOT_CLEAN,)
        telling.fail_afterwards(config, telling.Broken.by(config.stash[RUN], late, *more))
    if (late or not clean) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    if RUN in config.stash:
        _leave_behind(config, int(session.exitstatus))


def _leave_behind(config: pytest.Config, exit_code: int) -> None:
    """Write what was asked for."""
    run, option, account = config.stash[RUN], config.option, _account(config)
    run.whole = run.whole and run.test == LAST_TEST
    if option.report_dir:
        report.write(run, option.report_dir, exit_code, account)
    if option.write_known:
        found = [one.at for one in run.findings.all() if one.request]
        write_known(option.write_known, found, full=run.options.full)
    github.write_summary(run, exit_code, account, has_page=option.report_dir is not None)


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
    if RUN in config.stash:
        run = config.stash[RUN]
        terminalreporter.section("what the run saw")
        for line in terminal.summary(run, _account(config)):
            terminalreporter.line(line)
        if config.option.report_dir:
            terminalreporter.line(terminal.files(run, config.option.report_dir))
        for line in github.annotations_of(run):
            terminalreporter.line(line)


def _account(config: pytest.Config) -> list[str]:
    """What became of somebody's account."""
    return config.stash[WATCH].report() if WATCH in config.stash else []
