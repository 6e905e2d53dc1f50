"""`vogent-contract release`: finishes what a live run could not.

Releases what the ledger says, looks up what was asked for and never answered, and prints what it
did. It can be run any number of times. Exit 0: nothing is left. 1: something is. 2: it did not run.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from vogent_contract.live.cleaning import Cleaning
from vogent_contract.live.ledger import DEFAULT_PATH, Ledger, LedgerError, LiveRun, server_name
from vogent_contract.openapi import ContractError, load
from vogent_contract.suite.credential import Key
from vogent_contract.suite.exchange import Call, Exchange
from vogent_contract.suite.pace import Pace
from vogent_contract.suite.run import Options, Run
from vogent_contract.suite.server import ServerError, check_url, key_from_environment
from vogent_contract.suite.wire import Wire


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; gives its exit code."""
    options = _options(arguments)
    try:
        key = key_from_environment()
        check_url(options.base_url)
        if not options.ledger.exists():
            print(f"there is no ledger {options.ledger}, so no run has left anything")
            return 0
        ledger = Ledger(options.ledger)
        pace = Pace(options.rate)
        wire = Wire(options.base_url, Key(key), timeout=options.request_timeout, pace=pace)
        run = Run(load(), wire, Options(live=True))
    except (ContractError, LedgerError, ServerError) as error:
        return _fail(str(error))
    try:
        return _release(ledger, run)
    except KeyboardInterrupt:
        return _fail("interrupted; run it again")
    finally:
        wire.close()
        ledger.close()


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="vogent-contract release", description="Release what live runs left in an account."
    )
    add = parser.add_argument
    add("--base-url", required=True, metavar="URL", help="the server, as the run was given it")
    path = f"default: {DEFAULT_PATH}"
    add("--ledger", type=Path, default=DEFAULT_PATH, metavar="FILE", help=path)
    add("--request-timeout", type=float, default=10.0, metavar="S", help="seconds, default: 10")
    add("--rate", type=float, default=2.0, metavar="N", help="requests a second, default: 2")
    options = parser.parse_args(arguments)
    if options.rate <= 0 or options.request_timeout <= 0:
        parser.error("--rate and --request-timeout must be above 0")
    return options


def _release(ledger: Ledger, run: Run) -> int:
    def send(call: Call) -> Exchange:
        return run.exchange(run.plan(call))

    server = server_name(run.wire.base_url)
    unfinished = ledger.unfinished()
    if not unfinished:
        print("nothing is left to release")
        return 0
    here = [live_run for live_run in unfinished if live_run.server == server]
    if here:
        answer = send(Call("GET", "/phone_numbers")).answer
        if answer.error or answer.status in (401, 403):
            reason = answer.error or f"it answers {answer.status} to this key"
            return _fail(f"{server} cannot be asked: {reason}")
    clean = True
    for live_run in here:
        cleaning = Cleaning(send, ledger, live_run, watched=False)
        clean = cleaning.finish(cleaning.look()) and clean
        print("\n".join(cleaning.report()))
    return 0 if _tell_of_others(unfinished, server) and clean else 1


def _tell_of_others(unfinished: Sequence[LiveRun], server: str) -> bool:
    """Name the other servers that have unfinished runs; whether there is none."""
    others = sorted({run.server for run in unfinished} - {server})
    for other in others:
        print(f"a run against {other} is unfinished too: run this with --base-url {other}")
    return not others


def _fail(line: str) -> int:
    print(f"vogent-contract release: {line}", file=sys.stderr)
    return 2
