"""Tests that make requests whose order does not matter: they give them, and here they are sent."""

from __future__ import annotations

import functools
import inspect
import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from vogent_contract.openapi import Operation
from vogent_contract.suite.exchange import Call
from vogent_contract.suite.run import Queue, Run

MARK = "side_by_side"
QUEUED = pytest.StashKey[dict[pytest.Item, tuple[Queue, int]]]()  # how many of it are a test's
EFFECTS = ("none", "creates", "changes", "releases")  # what one may see of another comes after it


def side_by_side(test: Callable[..., Iterator[Call]]) -> Callable[..., Any]:
    """Mark a test that yields requests; they are sent with those of the tests that follow alike."""

    @functools.wraps(test)
    def calls(**arguments: Any) -> list[Call]:
        return list(test(**arguments))

    marked: Callable[..., Any] = pytest.mark.side_by_side(calls)
    return marked


def sort(items: list[pytest.Item]) -> None:
    """Put reads first among such tests of a module, so that more is sent at a time."""
    alike = itertools.groupby(list(items), lambda item: (item.path, _is_marked(item)))
    items.clear()
    for (_, is_marked), group in alike:
        items += sorted(group, key=_effect) if is_marked else group


def _is_marked(item: pytest.Item) -> bool:
    return item.get_closest_marker(MARK) is not None


def _effect(item: pytest.Item) -> int:
    """Place of what the test's operation does in `EFFECTS`; the first without an operation."""
    parameters = item.callspec.params.values() if isinstance(item, pytest.Function) else ()
    operations = [one for one in parameters if isinstance(one, Operation)]
    return max((EFFECTS.index(one.effect) for one in operations), default=0)


def judge(item: pytest.Function, run: Run) -> bool:
    """Judge the requests of a test, if it gives them; whether it does.

    With the first such test those of all that follow are sent, so that they wait side by side.
    """
    if not _is_marked(item):
        return False
    queued = item.config.stash.setdefault(QUEUED, {})
    if item not in queued:
        queued.update(_queue(run, _alike(item), item.funcargs))
        run.test = item.name
    run.judge(*queued.pop(item))
    return True


def _alike(item: pytest.Function) -> list[pytest.Function]:
    """The tests from this one on that give requests, up to one that does not.

    Only the test itself where no other may follow: the run stops at its first failure, or tests are
    spread over processes.
    """
    if item.config.option.maxfail or hasattr(item.config, "workerinput"):
        return [item]
    items = [one for one in item.session.items if isinstance(one, pytest.Function)]
    following = items[items.index(item) :]
    return list(itertools.takewhile(_is_marked, following))


def _queue(
    run: Run, items: list[pytest.Function], fixtures: Mapping[str, Any]
) -> dict[pytest.Item, tuple[Queue, int]]:
    """The requests of several tests, before the first is sent."""
    calls: list[Call] = []
    counts: dict[pytest.Item, int] = {}
    for item in items:
        run.test = item.name
        given = {**fixtures, **item.callspec.params}
        names = inspect.signature(item.obj).parameters
        own = item.obj(**{name: given[name] for name in names})
        calls += own
        counts[item] = len(own)
    queue = run.queue(calls)
    return {item: (queue, count) for item, count in counts.items()}
