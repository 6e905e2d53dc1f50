"""Finish what a live run could not: `vogent-contract release --base-url URL [--ledger FILE]`.

Releases what the ledger says, looks up what was asked for and never answered, and prints what it did. It
can be run any number of times. Exit 0: nothing is left. 1: something is. 2: it could not run.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from vogent_contract.live.guard import Guard
from vogent_contract.live.ledger import DEFAULT_PATH, Ledger, LedgerError, server_name
from vogent_contract.openapi import ContractError, load
from vogent_contract.suite.wire import Wire


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; gives its exit code."""
    parser = argparse.ArgumentParser(
        prog="vogent-contract release", description="Release what runs left."
    )
    parser.add_argument(
        "--base-url", required=True, metavar="URL", help="the server, as the run was given it"
    )
    parser.add_argument(
        "--ledger", type=Path, default=DEFAULT_PATH, metavar="FILE", help=f"default: {DEFAULT_PATH}"
    )
    parser.add_argument(
        "--request-timeout", type=float, default=10.0, metavar="S", help="seconds, default: 10"
    )
    parser.add_argument(
        "--rate", type=float, default=2.0, metavar="N", help="requests a second, default: 2"
    )
    options = parser.parse_args(arguments)
    key = os.environ.get("VOGENT_API_KEY", "")
    if not key:
        parser.error("the environment variable VOGENT_API_KEY must hold the API key of the account")
    if (
        urlsplit(options.base_url).scheme not in ("http", "https")
        or not urlsplit(options.base_url).hostname
    ):
        parser.error(f"--base-url: {options.base_url!r} is no http or https URL")
    if options.rate <= 0 or options.request_timeout <= 0:
        parser.error("--rate and --request-timeout must be above 0")
    if not options.ledger.exists():
        print(f"there is no ledger {options.ledger}, so no run has left anything")
        return 0
    try:
        ledger = Ledger(options.ledger)
        wire = Wire(
            load(), options.base_url, key, timeout=options.request_timeout, rate=options.rate
        )
    except (LedgerError, ContractError) as error:
        return _fail(str(error))
    try:
        return _release(ledger, wire)
    except KeyboardInterrupt:
        return _fail("interrupted; run it again")
    finally:
        wire.close()
        ledger.close()


def _release(ledger: Ledger, wire: Wire) -> int:
    server, unfinished = server_name(wire.base_url), ledger.unfinished()
    runs = [run for run in unfinished if run.server == server]
    if runs:
        answer = wire.probe("GET", "/phone_numbers")
        if answer.error or answer.status in (401, 403):
            return _fail(
                f"{server} cannot be asked: {answer.error or f'it answers {answer.status} to this key'}"
            )
    clean = True
    for run in runs:
        guard = Guard(wire, ledger, run=run)
        clean = guard.finish() and clean
        print("\n".join(guard.report()))
    for other in sorted({run.server for run in unfinished} - {server}):
        print(f"a run against {other} is unfinished too: run this with --base-url {other}")
        clean = False
    if not unfinished:
        print("nothing is left to release")
    return 0 if clean else 1


def _fail(line: str) -> int:
    print(f"vogent_contract.live.release: {line}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
