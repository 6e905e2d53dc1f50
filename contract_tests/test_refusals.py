"""Requests that break the contract are refused, and nothing of them is done.

All of them are sent side by side; then one look shows that nothing was done.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from vogent_contract.openapi import Operation
from vogent_contract.suite.api import Api
from vogent_contract.suite.exchange import Call, Expectation
from vogent_contract.suite.generation import Derived
from vogent_contract.suite.run import Run
from vogent_contract.suite.supplies import Supplies

from .leaves import leaves_of, put, with_body
from .side_by_side import side_by_side

REFUSED = Expectation.REFUSED
METHODS = ("PATCH", "DELETE", "PUT", "POST", "GET")


@side_by_side
def test_derived_refusals(derived: Derived, operation_with_input: Operation) -> Iterator[Call]:
    """Types, bounds, required properties: what schemathesis makes to break them is refused."""
    yield from derived.refusals(operation_with_input)


@side_by_side
def test_malformed_bodies(
    run: Run, supplies: Supplies, operation_with_body: Operation
) -> Iterator[Call]:
    """A body that is no JSON text is refused."""
    if operation_with_body.effect == "changes":
        supplies.linked_subject()
    whole = supplies.call(operation_with_body).content
    malformed = [whole[:-1], b'{"\xff": 1}']
    if run.options.full:
        malformed.append(whole + b"}")
    for content in malformed:
        yield supplies.call(operation_with_body, content=content, expects=REFUSED)


@side_by_side
def test_other_spellings(supplies: Supplies, operation_with_choices: Operation) -> Iterator[Call]:
    """Constants and enum values count to the letter."""
    for leaf in leaves_of(operation_with_choices):
        if leaf.is_choice:
            body = put(supplies.filled(leaf.example), leaf.position.path, leaf.value.swapcase())
            yield with_body(supplies, operation_with_choices, body, REFUSED)


@side_by_side
def test_look_alikes(
    run: Run, supplies: Supplies, operation_with_body: Operation
) -> Iterator[Call]:
    """A value of another type is refused, however much it looks right: 5 is not "5"."""
    for leaf in leaves_of(operation_with_body):
        if leaf.is_choice and not run.options.full:
            continue  # other spellings are as wrong
        value = supplies.filled(leaf.value)
        digits = re.sub(r"\D", "", str(value))
        other: Any = str(value)
        if isinstance(value, str):
            other = int(digits) if len(digits) > 2 else [value]
        body = put(supplies.filled(leaf.example), leaf.position.path, other)
        yield with_body(supplies, operation_with_body, body, REFUSED)


@side_by_side
def test_other_methods(run: Run, supplies: Supplies, path: str) -> Iterator[Call]:
    """A method that a path does not have is refused."""
    target = re.sub(r"\{\w+\}", quote(str(supplies.subject()), safe=""), path)
    others = [method for method in METHODS if run.contract.match(method, target) is None]
    for method in others if run.options.full or target != path else others[-1:]:
        yield Call(method, target, expects=REFUSED)


def test_what_is_refused_is_not_done(api: Api, supplies: Supplies) -> None:
    """After all refusals the phone number that they were about is as it was."""
    key = supplies.subject()
    if key is not None:
        api.get(key)
