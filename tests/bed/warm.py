"""Runs the suite in forks of one process that has its libraries loaded already: the same verdicts for half the time."""

import importlib
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

LOADED = (
    "pytest",
    "_pytest.junitxml",
    "schemathesis",
    "hypothesis",
    "httpx",
    "jsonschema_rs",
    "yaml",
    "attrs",
)


def load() -> None:
    """Import what every run imports, but nothing of the suite itself."""
    for name in LOADED:
        importlib.import_module(name)


def spread(tasks: Sequence[Callable[[], None]], jobs: int) -> Iterator[int]:
    """Run each task in its own fork, so many at a time; gives the index of each that has ended."""
    running: dict[int, int] = {}
    waiting = list(enumerate(tasks))[::-1]
    while waiting or running:
        while waiting and len(running) < jobs:
            index, task = waiting.pop()
            running[fork(task)] = index
        pid, _ = os.wait()
        if pid in running:
            yield running.pop(pid)


def fork(task: Callable[[], object]) -> int:
    """Run a task in a child process; its exit status is what the task returns, if that is a number."""
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return pid
    status = 70
    try:
        result = task()
        status = result if isinstance(result, int) else 0
    except BaseException:  # a fork must never return into its parent's work
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def suite(arguments: list[str], log: Path, environment: dict[str, str], cap: float) -> int:
    """One run of pytest in a fork; returns its exit status, 124 if it has not ended after `cap` seconds."""

    def task() -> int:
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)
        os.environ.clear()
        os.environ.update(environment)
        import pytest  # noqa: PLC0415 - loaded already

        status = int(pytest.main(arguments))
        sys.stdout.flush()
        return status

    pid = fork(task)
    end = time.monotonic() + cap
    while time.monotonic() < end:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return 124
