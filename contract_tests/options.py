"""The options of the suite, and what they come to: bad ones are refused in one line."""

from __future__ import annotations

import argparse
import os
import random
from pathlib import Path

import pytest

from vogent_contract.live.ledger import DEFAULT_PATH
from vogent_contract.openapi import DEFAULT_PATH as CONTRACT_PATH
from vogent_contract.suite import server
from vogent_contract.suite.known import Deviation, KnownError, read_known
from vogent_contract.suite.levels import BROKEN, LENIENT, LEVELS
from vogent_contract.suite.run import Options

WORKERS = 8
LIVE_RATE = 2.0  # requests a second
KNOWN_PATH = CONTRACT_PATH.with_name("contract.known.yaml")


def add_options(parser: pytest.Parser) -> None:
    """Tell pytest the options."""
    add = parser.getgroup("contract", "conformance suite").addoption
    add("--base-url", metavar="URL", help="server to test; default: the mock, started for the run")
    add(
        "--profile",
        choices=("quick", "full"),
        default="quick",
        help="quick: at most 300 requests, the same each time; full: thorough, random",
    )
    add("--seed", type=int, metavar="N", help="repeats a full run; default: random, printed")
    add(
        "--fail-on",
        choices=LEVELS,
        help="broken: a caller who keeps to the contract is let down (default for any server but"
        " the mock); lenient: the letter of the contract",
    )
    add(
        "--known",
        type=Path,
        metavar="FILE",
        help=f"known deviations, which do not fail the run (default: {KNOWN_PATH.name}, if there)",
    )
    add("--write-known", type=Path, metavar="FILE", help="write what was found as known deviations")
    add("--prefix", metavar="DIGITS", help="what numbers for sale begin with")
    add(
        "--request-timeout",
        type=_positive,
        default=10.0,
        metavar="S",
        help="seconds until a request counts as hanging (default: 10)",
    )
    add(
        "--workers",
        type=_at_least_one,
        metavar="N",
        help="how many requests are under way at a time, where their order does not matter"
        f" (default: {WORKERS}; a live account gets one at a time)",
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


def check(option: argparse.Namespace) -> None:
    """Refuse what cannot be, before anything is looked up or sent.

    Raises:
        UsageError: The message is one line.
    """
    if option.base_url is not None:
        try:
            server.check_url(option.base_url)
        except server.ServerError as error:
            raise pytest.UsageError(str(error)) from None
        if getattr(option, "numprocesses", None):
            message = "-n: the workers would see each other's numbers; leave it out with --base-url"
            raise pytest.UsageError(message)
    if is_live(option) and (option.workers or 1) > 1:
        raise pytest.UsageError(
            "--workers: a live account gets one request at a time; leave it out"
        )
    if option.report_dir is not None:
        try:
            option.report_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            message = f"--report-dir: {option.report_dir} cannot be made: {error.strerror}"
            raise pytest.UsageError(message) from None
        option.xmlpath = option.xmlpath or str(option.report_dir / "junit.xml")
    if option.write_known is not None and option.write_known.exists():
        message = f"--write-known: {option.write_known} is there already and is not overwritten"
        raise pytest.UsageError(message)


def options_of(option: argparse.Namespace) -> Options:
    """What the run was asked for.

    Raises:
        UsageError: The known deviations cannot be read.
    """
    seed = option.seed
    if option.profile == "full" and seed is None:
        seed = random.SystemRandom().randrange(2**32)
    own_mock = option.base_url is None
    return Options(
        profile=option.profile,
        seed=seed,
        prefix=option.prefix,
        agent_id=option.agent_id,
        live=is_live(option),
        require_evidence=option.require_evidence,
        stop_first=option.maxfail == 1,
        fail_on=option.fail_on or (LENIENT if own_mock else BROKEN),
        workers=option.workers or (1 if is_live(option) else WORKERS),
        known=() if own_mock and option.known is None else _known(option.known),
    )


def is_live(option: argparse.Namespace) -> bool:
    """Whether the server is somebody's account: said so, by a budget, or by its host."""
    if option.live or option.max_numbers is not None:
        return True
    return option.base_url is not None and server.is_account(option.base_url)


def _known(path: Path | None) -> list[Deviation]:
    if path is None and not KNOWN_PATH.is_file():
        return []
    try:
        return read_known(path or KNOWN_PATH)
    except KnownError as error:
        raise pytest.UsageError(f"--known: {error}") from None


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return value


def _at_least_one(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is below 1")
    return value


def _count(text: str) -> int:
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text} is below 0")
    return value
