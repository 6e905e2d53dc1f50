"""`vogent-contract mock`: serve the contract, or one fault of it, over HTTP."""

from __future__ import annotations

import argparse
import ipaddress
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from vogent_contract.mock.app import create_app
from vogent_contract.mock.outcomes import table
from vogent_contract.mock.recording import AccessLog
from vogent_contract.mock.running import (
    TEST_KEY,
    FaultError,
    base_url,
    catalogue,
    find_fault,
    listen,
    run,
)
from vogent_contract.mock.state import State, StateError
from vogent_contract.openapi import Contract, ContractError, load


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is 0 after Ctrl-C and 2 if the server cannot start."""
    options = _options(argv)
    try:
        contract = load(options.contract)
        if options.list_faults:
            return _list_faults(contract)
        fault = find_fault(options.fault, contract) if options.fault else None
        listener = _listen(options.host, options.port)
        state = State(
            options.state, seed=options.seed, numbers=options.numbers, reset=options.reset
        )
        log = AccessLog()
        app = create_app(contract, state, options.api_key, fault, log)
    except (ContractError, FaultError, StateError) as error:
        print(f"vogent-contract mock: {error}", file=sys.stderr)
        return 2
    run(app, listener, lambda stop: _started(stop, listener, contract, options.api_key))
    log.flush()
    state.close()
    return 0


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"vogent-contract mock: {message}\n")


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = _Parser(
        "vogent-contract mock",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=f"Buying one of these numbers has a chosen outcome; no search finds them:\n{table()}",
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    add(
        "--port",
        type=int,
        default=8080,
        help="port to listen on, 0 for a free one (default: %(default)s)",
    )
    key = os.environ.get("VOGENT_API_KEY") or TEST_KEY
    says = f"the key to ask for (default: the environment's VOGENT_API_KEY, else {TEST_KEY})"
    add("--api-key", type=_key, default=key, help=says, metavar="KEY")
    add("--state", metavar="FILE", help="keep everything in this SQLite file (default: in memory)")
    add("--reset", action="store_true", help="forget what the state file holds")
    add(
        "--seed",
        type=int,
        metavar="N",
        help="decides the numbers for sale and the ids (default: 0)",
    )
    add(
        "--numbers",
        type=_count,
        default=100,
        metavar="N",
        help="for sale in each area code (default: %(default)s)",
    )
    add("--contract", metavar="FILE", help="another OpenAPI file than the project's")
    add("--fault", metavar="ID", help="break the contract in one way")
    add("--list-faults", action="store_true", help="print the faults and exit")
    options = parser.parse_args(argv)
    if not 0 <= options.port <= 65535:
        parser.error(f"argument --port: {options.port} is not between 0 and 65535")
    return options


def _key(text: str) -> str:
    if not text.isascii() or not text.isprintable() or " " in text or not text:
        raise argparse.ArgumentTypeError("a key is printable ASCII without spaces")
    return text


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 10_000:
        raise argparse.ArgumentTypeError(f"{text} is not between 1 and 10000")
    return int(text)


def _list_faults(contract: Contract) -> int:
    for identity, fault in catalogue(contract).items():
        print(f"{identity}  {fault.summary}")
    return 0


def _listen(host: str, port: int) -> socket.socket:
    try:
        return listen(host, port)
    except OSError as error:
        reason = str(error.strerror or error).split(" (while")[0]
        raise StateError(f"cannot listen on {host} port {port}: {reason}") from None


def _started(
    stop: Callable[[], None], listener: socket.socket, contract: Contract, key: str
) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop())
    shown = f"API key {key}" if key == TEST_KEY else "API key as given"
    local = ipaddress.ip_address(listener.getsockname()[0]).is_loopback
    reach = "" if local else "reachable from other machines; "
    print(
        f"mock of {contract.server} at {base_url(listener, contract)}; {shown}; {reach}Ctrl-C stops it",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
