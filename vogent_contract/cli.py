"""The command `vogent-contract`, also `python -m vogent_contract`: one subcommand a task.

`test` runs the conformance suite and passes its options on to pytest; the others say theirs with `--help`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

PACKAGE = Path(__file__).parent


def test(arguments: Sequence[str]) -> int:
    """Hold a server to the contract."""
    import pytest  # noqa: PLC0415 - the mock needs no pytest

    installed = PACKAGE / "contract_tests"
    scenes = installed if installed.is_dir() else PACKAGE.parent / "contract_tests"
    return int(pytest.main([str(scenes), *arguments]))


def mock(arguments: Sequence[str]) -> int:
    """Start the mock server."""
    from vogent_contract.mock_command import main  # noqa: PLC0415 - a subcommand loads what it needs

    return main(arguments)


def release(arguments: Sequence[str]) -> int:
    """Release what live runs left in an account."""
    from vogent_contract.live.release import main  # noqa: PLC0415 - a subcommand loads what it needs

    return main(arguments)


def changes(arguments: Sequence[str]) -> int:
    """Say what an edit of the contract changes for callers."""
    from vogent_contract.changes.command import changes_main as main  # noqa: PLC0415 - a subcommand loads what it needs

    return main(arguments)


def drift(arguments: Sequence[str]) -> int:
    """Say whether the vendor's reference has moved."""
    from vogent_contract.changes.command import drift_main as main  # noqa: PLC0415 - a subcommand loads what it needs

    return main(arguments)


def docs(arguments: Sequence[str]) -> int:
    """Write the reference as one page."""
    from vogent_contract.docs.page import main  # noqa: PLC0415 - a subcommand loads what it needs

    return main(arguments)


COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {
    command.__name__: command for command in (test, mock, release, changes, drift, docs)
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run a subcommand; gives its exit code, 2 if there is no such subcommand."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments and arguments[0] in COMMANDS:
        return COMMANDS[arguments[0]](arguments[1:])
    usage = ["usage: vogent-contract COMMAND [OPTIONS]", ""]
    usage += [f"  {name:8} {command.__doc__}" for name, command in COMMANDS.items()]
    asked = arguments in (["--help"], ["-h"])
    print("\n".join(usage), file=sys.stdout if asked else sys.stderr)
    return 0 if asked else 2
