"""Options, fixtures and exit codes of the suite.

Exit 0: the server keeps the contract and the run saw what it claims to have checked. 1: it does not.
Anything else: the run could not be made, and one line says why.
"""

from __future__ import annotations

import argparse
import ipaddress
import os
import random
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from vogent_contract.live.guard import Guard
from vogent_contract.live.ledger import DEFAULT_PATH, Ledger, LedgerError
from vogent_contract.openapi import Contract, ContractError, Operation, load
from vogent_contract.suite import report
from vogent_contract.suite.run import Options, Suite
from vogent_contract.suite.wire import Wire

from . import default_server

ORDER = ("account", "authentication", "requests", "behaviour", "sequences", "fuzzing", "end")
SUITE = pytest.StashKey[Suite]()
CONTRACT = pytest.StashKey[Contract]()
RESOURCES = pytest.StashKey[ExitStack]()
GUARD = pytest.StashKey[Guard]()
LIVE_RATE = 2.0  # requests a second
BEFORE_THE_SCENES = (
    "test_authentication",
    "test_requests",
)  # they leave the budget to test_behaviour


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("contract", "conformance suite")
    group.addoption(
        "--base-url",
        metavar="URL",
        help="server to test, the API key in VOGENT_API_KEY; default: the mock",
    )
    group.addoption(
        "--profile",
        choices=("quick", "full"),
        default="quick",
        help="quick: at most 300 requests (live: and the guard's look-ups), the same each time; full: thorough, random",
    )
    group.addoption(
        "--seed",
        type=int,
        metavar="N",
        help="seed of a full run, to repeat it; default: a random one, printed",
    )
    group.addoption(
        "--prefix",
        metavar="DIGITS",
        help="what numbers for sale begin with, without the country code",
    )
    group.addoption(
        "--request-timeout",
        type=_positive,
        default=10.0,
        metavar="S",
        help="seconds until a request counts as hanging (default: 10)",
    )
    group.addoption(
        "--report-dir",
        type=Path,
        metavar="DIR",
        help="where to write junit.xml, report.html, run.har and evidence.json",
    )
    group.addoption(
        "--agent-id",
        default=os.environ.get("VOGENT_AGENT_ID"),
        metavar="ID",
        help="an agent that numbers may be linked to (or VOGENT_AGENT_ID)",
    )
    group.addoption(
        "--live",
        action="store_true",
        help="treat the server as somebody's account, as any host but loopback is",
    )
    group.addoption(
        "--max-numbers",
        type=_count,
        default=0,
        metavar="N",
        help="live: how many phone numbers the run may bring into being (default: 0)",
    )
    group.addoption(
        "--ledger",
        type=Path,
        default=DEFAULT_PATH,
        metavar="FILE",
        help=f"live: where it is recorded what the run buys and releases (default: {DEFAULT_PATH})",
    )
    group.addoption(
        "--rate",
        type=_positive,
        default=LIVE_RATE,
        metavar="N",
        help=f"live: requests a second (default: {LIVE_RATE:g})",
    )
    group.addoption(
        "--require-evidence", action="store_true", help="live: fail if the evidence is not whole"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "filterwarnings", "default"
    )  # a library's warning says nothing about the server
    config.addinivalue_line(
        "filterwarnings", "ignore:deprecated by the API"
    )  # it is called on purpose
    if _is_live(config) and (
        hasattr(config, "workerinput") or getattr(config.option, "numprocesses", None)
    ):
        raise pytest.UsageError(
            "a live run is one process, so that it has one budget: leave out -n"
        )
    directory: Path | None = config.option.report_dir
    if directory is not None:
        try:
            directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise pytest.UsageError(
                f"--report-dir: {directory} cannot be made: {error.strerror}"
            ) from None
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
    """Refusals come before sales: a shop with few numbers must do."""
    items.sort(
        key=lambda item: next(
            (n for n, name in enumerate(ORDER) if f"test_{name}." in item.nodeid), len(ORDER)
        )
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    operations = list(metafunc.config.stash[CONTRACT].operations.values())
    values: dict[str, list[Operation] | list[str]] = {
        "operation": operations,
        "operation_with_body": [one for one in operations if one.body],
        "secured_operation": [one for one in operations if one.secured],
        "path": list(dict.fromkeys(one.path for one in operations)),
    }
    for name in set(values) & set(metafunc.fixturenames):
        metafunc.parametrize(
            name, values[name], ids=[getattr(one, "id", one) for one in values[name]]
        )


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """The run begins: open the server, or say in one line why that cannot be done."""
    config = session.config
    if config.option.collectonly or not session.items:
        return
    base_url, key = _server(config)
    seed = config.option.seed
    if config.option.profile == "full" and seed is None:
        seed = random.SystemRandom().randrange(2**32)
    live = _is_live(config)
    options = Options(
        profile=config.option.profile,
        seed=seed,
        prefix=config.option.prefix,
        agent_id=config.option.agent_id,
        live=live,
        require_evidence=config.option.require_evidence,
        stop_first=config.option.maxfail == 1,
    )
    rate = config.option.rate if live else None
    wire = Wire(
        config.stash[CONTRACT], base_url, key, timeout=config.option.request_timeout, rate=rate
    )
    config.stash[RESOURCES].callback(wire.close)
    if live:
        _guard(config, wire)
    config.stash[SUITE] = Suite(config.stash[CONTRACT], wire, key, options)
    if live:
        config.stash[GUARD].refused_but_done = config.stash[SUITE].refused_but_done
    if config.option.report_dir:
        recording = report.Recording(config.option.report_dir, wire)
        config.stash[RESOURCES].callback(recording.close)
        wire.listeners.insert(0, recording.record)


@pytest.fixture
def suite(request: pytest.FixtureRequest) -> Suite:
    """The run."""
    return request.config.stash[SUITE]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """A test fails by what was found while it ran; what an earlier one found already is not said twice."""
    if GUARD in item.config.stash:
        item.config.stash[GUARD].saving = any(name in item.nodeid for name in BEFORE_THE_SCENES)
    item.config.stash[SUITE].test = item.nodeid.partition("::")[2]
    found = item.config.stash[SUITE].findings.all
    before = set(found)
    try:
        yield
    except (KeyboardInterrupt, pytest.exit.Exception):
        before = set(found)  # a finding must not take the place of what ends the run
        raise
    finally:
        new = [finding for key, finding in found.items() if key not in before]
        if new:
            pytest.fail(
                item.config.stash[SUITE].wire.scrub("\n\n".join(map(str, new))), pytrace=False
            )


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Nothing executed is a failure, never green; neither is a number that is left in somebody's account."""
    config = session.config
    if GUARD in config.stash:
        if SUITE in config.stash:
            config.stash[GUARD].wire.listeners.remove(
                config.stash[SUITE].observe
            )  # it could end the release
        if not config.stash[GUARD].finish() and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
    if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and not config.option.collectonly:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    if SUITE in config.stash and config.option.report_dir:
        report.write(config.stash[SUITE], config.option.report_dir, int(session.exitstatus))


def pytest_report_header(config: pytest.Config) -> str | list[str]:
    if _is_live(config):
        return report.warning(config.option)
    if config.option.base_url:
        return f"server under test: {config.option.base_url} (profile {config.option.profile})"
    return f"server under test: the project's mock, started for this run (profile {config.option.profile})"


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if SUITE in config.stash:
        terminalreporter.section("what the run saw")
        for line in report.summary(config.stash[SUITE]):
            terminalreporter.line(line)


def _server(config: pytest.Config) -> tuple[str, str]:
    """Base URL and key; ends the run with one line if the server cannot be reached."""
    base_url: str | None = config.option.base_url
    if base_url is None:
        return config.stash[RESOURCES].enter_context(default_server.running())
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise pytest.UsageError(
            f"--base-url: {base_url!r} is no http or https URL, such as http://127.0.0.1:8080/api"
        )
    key = os.environ.get("VOGENT_API_KEY", "")
    if not key or not key.isascii() or key != key.strip():
        raise pytest.UsageError(
            "the environment variable VOGENT_API_KEY must hold the API key of the server under test"
        )
    try:
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
        socket.create_connection(
            (parts.hostname, port), timeout=config.option.request_timeout
        ).close()
    except (OSError, ValueError) as error:
        raise pytest.UsageError(f"--base-url: {base_url} cannot be reached: {error}") from None
    return base_url, key


def _guard(config: pytest.Config, wire: Wire) -> None:
    """Put the guard on the wire, and let every signal that can be caught end the run in order."""
    try:
        ledger = Ledger(config.option.ledger)
    except LedgerError as error:
        raise pytest.UsageError(str(error)) from None
    config.stash[RESOURCES].callback(ledger.close)
    for run in ledger.unfinished():
        command = f"vogent-contract release --base-url {run.server} --ledger {ledger.path}"
        raise pytest.UsageError(
            f"an earlier run may have left something in the account; release it first: {command}"
        )
    guard = Guard(wire, ledger, config.option.max_numbers, config.option.agent_id)
    guard.start()
    config.stash[GUARD] = guard

    def end(*_: object) -> None:
        if not guard.finishing:
            raise KeyboardInterrupt

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if (number := getattr(signal, name, None)) is not None:
            config.stash[RESOURCES].callback(signal.signal, number, signal.signal(number, end))


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


def _is_live(config: pytest.Config) -> bool:
    """Whether the server is somebody's account: any host but loopback; a name is none, wherever it leads."""
    host = urlsplit(config.option.base_url or "http://localhost").hostname or ""
    try:
        return config.option.live or not (
            host == "localhost" or ipaddress.ip_address(host).is_loopback
        )
    except ValueError:
        return True
