"""Requests that the contract allows: examples and bounds, and what nobody thought of."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from vogent_contract.openapi import Operation
from vogent_contract.suite.exchange import Call
from vogent_contract.suite.generation import Derived
from vogent_contract.suite.run import Run
from vogent_contract.suite.supplies import NOT_FOR_SALE, Supplies

from .leaves import leaves_of, put, with_body
from .side_by_side import side_by_side

UNUSUAL_TEXTS = ("", "9" * 3000, "é漢🙂\u202eñ\u0000\u001f\n\t")
UNUSUAL_IDS = ("é漢🙂 %~" + "9" * 1000, "a/b", "a\u0000b")
UNUSUAL_NUMBERS = (-1, 0, 10**6)


@side_by_side
def test_derived_requests(derived: Derived, operation_beside_purchase: Operation) -> Iterator[Call]:
    """Examples and bounds: what schemathesis makes to keep the contract is done."""
    yield from derived.requests(operation_beside_purchase)


@side_by_side
def test_unusual_texts(
    run: Run, supplies: Supplies, operation_with_texts: Operation
) -> Iterator[Call]:
    """Text of any kind gets a documented answer, in the query and the body."""
    for parameter in operation_with_texts.parameters:
        if parameter.location == "query" and "string" in parameter.schema.types:
            for text in UNUSUAL_TEXTS:
                query = f"?{parameter.name}={quote(text[:1000])}"
                yield supplies.call(operation_with_texts, query=query)
    body = operation_with_texts.body
    examples = list(body.examples.values()) if body else []
    for index, example in enumerate(examples):
        all_of_them = index == 0 or run.options.full
        for text in UNUSUAL_TEXTS if all_of_them else UNUSUAL_TEXTS[1:]:
            value = _with_text(operation_with_texts, example, supplies.filled(example), text)
            if value is not None and value not in examples:  # they are sent as they are
                yield with_body(supplies, operation_with_texts, value)


@side_by_side
def test_unusual_ids(run: Run, supplies: Supplies, operation_with_id: Operation) -> Iterator[Call]:
    """An id of any kind gets a documented answer."""
    all_of_them = operation_with_id.effect == "none" or run.options.full
    for parameter in operation_with_id.parameters:
        if parameter.location == "path":
            for text in UNUSUAL_IDS if all_of_them else UNUSUAL_IDS[:1]:
                yield supplies.call(operation_with_id, path={parameter.name: text})


@side_by_side
def test_unusual_numbers(
    run: Run, supplies: Supplies, operation_with_numbers: Operation
) -> Iterator[Call]:
    """A number that the contract sets no bound to gets a documented answer."""
    for parameter in operation_with_numbers.parameters:
        if "integer" in parameter.schema.types:
            for number in UNUSUAL_NUMBERS if run.options.full else UNUSUAL_NUMBERS[1:]:
                yield supplies.call(operation_with_numbers, query=f"?{parameter.name}={number}")
    for leaf in leaves_of(operation_with_numbers) if operation_with_numbers.body else ():
        if "integer" in leaf.position.schema.types:
            for number in UNUSUAL_NUMBERS[:2] if run.options.full else UNUSUAL_NUMBERS[1:2]:
                if leaf.position.schema.is_valid(number):
                    body = put(supplies.filled(leaf.example), leaf.position.path, number)
                    yield with_body(supplies, operation_with_numbers, body)


@side_by_side
def test_unknown_properties(
    run: Run, supplies: Supplies, operation_with_body: Operation
) -> Iterator[Call]:
    """A property that the contract does not know is ignored or refused."""
    if operation_with_body.body is None:
        return
    success = operation_with_body.success.schema
    names = ["unknownProperty", *(success.properties() if success else ())]
    examples = list(operation_with_body.body.examples.values())
    for example in examples if run.options.full else examples[-1:]:
        if isinstance(example, dict):
            kept = supplies.filled(example, offer=NOT_FOR_SALE)  # so that nothing is bought
            body = {**dict.fromkeys(names, "value"), **kept}
            yield with_body(supplies, operation_with_body, body)


def _with_text(operation: Operation, example: Any, filled: Any, text: str) -> Any:
    """The filled example with the text wherever it is allowed, None if it is nowhere."""
    changed = copy.deepcopy(filled)
    allowed = False
    for leaf in leaves_of(operation):
        if leaf.example is example and leaf.position.schema.is_valid(text):
            put(changed, leaf.position.path, text)
            allowed = True
    return changed if allowed else None
