"""`vogent-contract mock`: serve the contract over HTTP, or break it in one way."""

from __future__ import annotations

import argparse
import contextlib
import ipaddress
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NoReturn

from vogent_contract.faults import catalogue
from vogent_contract.mock import TEST_KEY, State, StateError, create_app
from vogent_contract.mock.examples import add_examples
from vogent_contract.mock.outcomes import table
from vogent_contract.mock.recording import AccessLog
from vogent_contract.mock.running import base_url, listen, run
from vogent_contract.openapi import Contract, ContractError, load


class CannotStartError(Exception):
    """An option asks for what cannot be had; the message is one line."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; gives 0 after Ctrl-C or SIGTERM, 2 if the server cannot start."""
    options = _parser().parse_args(argv)
    try:
        if options.ready_file:
            with _one_line(f"cannot write {options.ready_file}"):
                options.ready_file.unlink(missing_ok=True)  # of a mock that was killed
        contract = load(options.contract)
        if options.list_faults:
            for fault_id, fault in catalogue(contract).items():
                print(f"{fault_id}  {fault.summary}")
        else:
            _serve(contract, options)
    except (CannotStartError, ContractError, StateError) as error:
        print(f"vogent-contract mock: {error}", file=sys.stderr)
        return 2
    return 0


def _serve(contract: Contract, options: argparse.Namespace) -> None:
    faults = catalogue(contract) if options.fault else {}
    if options.fault and options.fault not in faults:
        raise CannotStartError(f"there is no fault {options.fault}; --list-faults shows them")

    with _one_line(f"cannot listen on {options.host} port {options.port}"):
        listener = listen(options.host, options.port)
    state = State(options.state, seed=options.seed, numbers=options.numbers, reset=options.reset)
    if not options.state:  # a file holds what its user has put there
        add_examples(contract, state)
    log = AccessLog()
    app = create_app(contract, state, options.api_key, faults.get(options.fault), log)

    url = base_url(listener, contract)
    key = f"API key {TEST_KEY}" if options.api_key == TEST_KEY else "API key as given"
    local = ipaddress.ip_address(listener.getsockname()[0]).is_loopback
    reach = "" if local else "reachable from other machines; "
    ready_file: Path | None = options.ready_file

    with contextlib.ExitStack() as at_the_end:
        at_the_end.callback(state.close)
        at_the_end.callback(log.flush)

        def started(stop: Callable[[], None]) -> None:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda *_: stop())
            if ready_file:
                _write_whole(ready_file, json.dumps({"base_url": url, "pid": os.getpid()}))
                at_the_end.callback(ready_file.unlink, missing_ok=True)
            print(f"mock of {contract.server} at {url}; {key}; {reach}Ctrl-C stops it", flush=True)

        run(app, listener, started)


def _write_whole(path: Path, text: str) -> None:
    """Write a file aside and rename it, so that nobody sees half of it."""
    aside = path.with_name(f"{path.name}.{os.getpid()}")
    with _one_line(f"cannot write {path}"):
        aside.write_text(f"{text}\n", "utf-8")
        aside.replace(path)


@contextlib.contextmanager
def _one_line(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = str(error.strerror or error).split(" (while")[0]  # the socket module adds to it
        raise CannotStartError(f"{what}: {reason}") from None


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def _parser() -> argparse.ArgumentParser:
    outcomes = "Buying one of these numbers has a chosen outcome; no search finds them"
    parser = _Parser(
        "vogent-contract mock",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=f"{outcomes}:\n{table()}",
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    port_help = "port to listen on, 0 for a free one (default: %(default)s)"
    add("--port", type=_between(0, 65535), default=8080, metavar="N", help=port_help)
    key = os.environ.get("VOGENT_API_KEY") or TEST_KEY
    key_help = f"the key to ask for (default: VOGENT_API_KEY of the environment, else {TEST_KEY})"
    add("--api-key", type=_key, default=key, metavar="KEY", help=key_help)
    add("--state", metavar="FILE", help="keep everything in this SQLite file (default: in memory)")
    add("--reset", action="store_true", help="forget what the state file holds")
    seed_help = "decides the numbers for sale and the ids (default: 0)"
    add("--seed", type=int, metavar="N", help=seed_help)
    numbers_help = "for sale in each area code (default: %(default)s)"
    add("--numbers", type=_between(1, 10_000), default=100, metavar="N", help=numbers_help)
    add("--contract", metavar="FILE", help="another OpenAPI file than the project's")
    add("--fault", metavar="ID", help="break the contract in one way")
    add("--list-faults", action="store_true", help="print the faults and exit")
    ready_help = 'for programs: {"base_url": ..., "pid": ...}, there while requests are answered'
    add("--ready-file", type=Path, metavar="FILE", help=ready_help)
    return parser


def _between(lowest: int, highest: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not text.isdecimal() or not lowest <= int(text) <= highest:
            raise argparse.ArgumentTypeError(f"{text} is not between {lowest} and {highest}")
        return int(text)

    return number


def _key(text: str) -> str:
    if not text.isascii() or not text.isprintable() or " " in text or not text:
        raise argparse.ArgumentTypeError("a key is printable ASCII without spaces")
    return text
