"""The command `vogent-contract`, also `python -m vogent_contract`: one subcommand a task.

`vogent-contract COMMAND --help` shows the options of one. A subcommand imports what it needs when
it runs: the mock works without the libraries of the suite.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

DISTRIBUTION = "vogent-contract-kit"
PACKAGE = Path(__file__).parent

SUITE_LIBRARIES = ("httpx", "pytest", "schemathesis", "vogent_phone_numbers")
NEED_THE_SUITE = ("test", "release")
PYTEST_PLUGINS = ("hypothesispytest", "schemathesis")  # of those that are installed
FAULT_OF_OURS = 2  # nothing was found out
READER_HAS_LEFT = 141  # what a shell says of a program whose reader has closed the pipe


def main(argv: Sequence[str] | None = None) -> int:
    """Run a subcommand; gives its exit code, 2 for bad input, said in one line."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    name = arguments[0] if arguments else ""
    if name in COMMANDS:
        return _run(name, arguments[1:])
    if name in ("-h", "--help"):
        print(_usage())
        return 0
    if name == "--version":
        print(DISTRIBUTION, metadata.version(DISTRIBUTION))
        return 0
    wrong = f"there is no command {name}" if name else "a command is missing"
    return _refuse(f"vogent-contract: {wrong}; the commands are {', '.join(COMMANDS)}")


def _run(name: str, options: Sequence[str]) -> int:
    missing = [one for one in SUITE_LIBRARIES if importlib.util.find_spec(one) is None]
    if missing and name in NEED_THE_SUITE:
        install = f"pip install '{DISTRIBUTION}[suite]'"
        return _refuse(f"vogent-contract {name}: {', '.join(missing)} is missing: {install}")
    try:
        status = COMMANDS[name](options)
        sys.stdout.flush()
    except BrokenPipeError:  # as in `vogent-contract mock --list-faults | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes at its end
        return READER_HAS_LEFT
    except Exception:  # of Python's own exit, 1, `changes` and `drift` say that something differs
        traceback.print_exc()
        return FAULT_OF_OURS
    return status


def test(options: Sequence[str]) -> int:
    """Hold a server to the contract; the options are those of the suite and of pytest."""
    import pytest

    installed = (PACKAGE / "contract_tests").is_dir()  # a checkout has them beside the package
    if not installed:
        sys.path.insert(0, str(PACKAGE.parent))
    scenes = "vogent_contract.contract_tests" if installed else "contract_tests"
    conftest = importlib.import_module(f"{scenes}.conftest")
    folder = Path(str(conftest.__file__)).parent

    # The project in whose folder it runs has no part in it: no settings, conftest, plugin or cache.
    os.environ.pop("PYTEST_ADDOPTS", None)
    os.environ.pop("PYTEST_PLUGINS", None)
    alone = [
        f"--config-file={os.devnull}",
        f"--rootdir={folder.parent}",
        "--noconftest",  # the suite's is a plugin here, so that its options are known at once
        "--disable-plugin-autoload",
        "-p",
        "no:cacheprovider",
    ]
    entries = metadata.entry_points(group="pytest11")
    plugins = [entry.load() for entry in entries if entry.name in PYTEST_PLUGINS]
    sys.dont_write_bytecode = True  # of the scenes, which pytest compiles its own way
    arguments = [str(folder), *alone, "-ra", *options]
    return int(pytest.main(arguments, [conftest, _ShortPaths(), *plugins]))


class _ShortPaths:
    """Makes pytest print `contract_tests/test_end.py`, wherever the kit is installed."""

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            reporter.startpath = session.config.rootpath


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
