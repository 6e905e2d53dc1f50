"""The command `vogent-contract`, also `python -m vogent_contract`: one subcommand a task.

`vogent-contract COMMAND --help` shows the options of one. A subcommand imports what it needs when
it runs: the mock works without the libraries of the suite.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from importlib import metadata

DISTRIBUTION = "vogent-contract-kit"

SUITE_LIBRARIES = ("httpx", "pytest", "schemathesis", "vogent_phone_numbers")
NEED_THE_SUITE = ("test", "release")
FAULT_OF_OURS = 2  # nothing was found out
READER_HAS_LEFT = 141  # what a shell says of a program whose reader has closed the pipe


def main(argv: Sequence[str] | None = None) -> int:
    """Run a subcommand; gives its exit code, 2 for bad input, said in one line."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        try:
            return _run(arguments)
        finally:
            sys.stdout.flush()
    except BrokenPipeError:  # as in `vogent-contract mock --list-faults | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes at its end
        return READER_HAS_LEFT
    except Exception:  # of Python's own exit, 1, `changes` and `drift` say that something differs
        traceback.print_exc()
        return FAULT_OF_OURS


def _run(arguments: Sequence[str]) -> int:
    name = arguments[0] if arguments else ""
    if name in ("-h", "--help"):
        print(_usage())
        return 0
    if name == "--version":
        print(DISTRIBUTION, metadata.version(DISTRIBUTION))
        return 0
    if name not in COMMANDS:
        wrong = f"there is no command {name}" if name else "a command is missing"
        return _refuse(f"vogent-contract: {wrong}; the commands are {', '.join(COMMANDS)}")
    missing = [one for one in SUITE_LIBRARIES if importlib.util.find_spec(one) is None]
    if missing and name in NEED_THE_SUITE:
        install = f"pip install '{DISTRIBUTION}[suite]'"
        return _refuse(f"vogent-contract {name}: {', '.join(missing)} is missing: {install}")
    return COMMANDS[name](arguments[1:])


def test(options: Sequence[str]) -> int:
    """Hold a server to the contract; the options are those of the suite and of pytest."""
    from vogent_contract.suite_command import main

    return main(options)


def mock(options: Sequence[str]) -> int:
    """Start the mock server, or a faulty one."""
    from vogent_contract.mock_command import main

    return main(options)


def release(options: Sequence[str]) -> int:
    """Release what live runs left in an account."""
    from vogent_contract.live.release import main

    return main(options)


def changes(options: Sequence[str]) -> int:
    """Say what an edit of the contract changes for callers."""
    from vogent_contract.changes.command import changes_main as main

    return main(options)


def drift(options: Sequence[str]) -> int:
    """Say whether the vendor's reference has moved."""
    from vogent_contract.changes.drift_command import drift_main as main

    return main(options)


def docs(options: Sequence[str]) -> int:
    """Write the reference as one page."""
    from vogent_contract.docs.page import main

    return main(options)


COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {
    command.__name__: command for command in (test, mock, release, changes, drift, docs)
}


def _usage() -> str:
    rows = [f"  {name:8} {command.__doc__}" for name, command in COMMANDS.items()]
    return "\n".join(["usage: vogent-contract [--version] COMMAND [OPTIONS]", "", *rows])


def _refuse(line: str) -> int:
    print(line, file=sys.stderr)
    return 2
