"""`vogent-contract test`: hold a server to the contract; the options are the suite's and pytest's.

The project in whose folder it runs has no part in it: no settings, conftest, plugin or cache.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Generator, Sequence
from importlib import metadata
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent
PYTEST_PLUGINS = ("hypothesispytest", "schemathesis")  # of those that are installed
NOT_TOLD = ("rootdir:", "configfile:")  # of pytest's header: there is no such project


def main(options: Sequence[str]) -> int:
    """Run the scenes; gives pytest's exit code."""
    installed = (PACKAGE / "contract_tests").is_dir()  # a checkout has them beside the package
    if not installed:
        sys.path.insert(0, str(PACKAGE.parent))
    scenes = "vogent_contract.contract_tests" if installed else "contract_tests"
    conftest = importlib.import_module(f"{scenes}.conftest")
    folder = Path(str(conftest.__file__)).parent

    os.environ.pop("PYTEST_ADDOPTS", None)
    os.environ.pop("PYTEST_PLUGINS", None)
    alone = [
        f"--config-file={os.devnull}",
        f"--rootdir={folder.parent}",
        "--noconftest",  # the suite's is a plugin here, so that its options are known at once
        "--disable-plugin-autoload",
        "-p",
        "no:cacheprovider",
        "--assert=plain",  # otherwise pytest compiles scenes and plugins its own way, at each run
    ]
    entries = metadata.entry_points(group="pytest11")
    plugins = [entry.load() for entry in entries if entry.name in PYTEST_PLUGINS]
    arguments = [str(folder), *alone, "-ra", *options]
    return int(pytest.main(arguments, [conftest, _Alone(), *plugins]))


class _Alone:
    """Makes pytest tell of the scenes alone, wherever the kit is installed."""

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Print `contract_tests/test_end.py`, not the way to it."""
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            reporter.startpath = session.config.rootpath

    @pytest.hookimpl(wrapper=True)
    def pytest_report_header(
        self,
    ) -> Generator[None, list[str | list[str]], list[str | list[str]]]:
        """Leave out where pytest looked for a project."""
        told = yield
        kept: list[str | list[str]] = []
        for part in told:
            lines = [part] if isinstance(part, str) else part
            kept.append([line for line in lines if not line.startswith(NOT_TOLD)])
        return kept
