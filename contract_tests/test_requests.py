"""Requests that schemathesis does not make: malformed, look-alikes, unusual, other methods."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import quote

from vogent_contract.openapi import Operation, Position
from vogent_contract.suite.api import Api
from vogent_contract.suite.exchange import Call, Expectation
from vogent_contract.suite.run import Run
from vogent_contract.suite.supplies import NOT_FOR_SALE, Supplies

REFUSED = Expectation.REFUSED
UNUSUAL_TEXTS = ("", "9" * 3000, "é漢🙂\u202eñ\u0000\u001f\n\t")
UNUSUAL_IDS = ("é漢🙂 %~" + "9" * 1000, "a/b", "a\u0000b")
UNUSUAL_NUMBERS = (-1, 0, 10**6)
METHODS = ("PATCH", "DELETE", "PUT", "POST", "GET")


class Leaf(NamedTuple):
    """A place of an example that holds text or a number."""

    position: Position
    example: Any
    value: Any


def test_plain_requests(run: Run, supplies: Supplies, operation_with_options: Operation) -> None:
    """A request without its optional parameters is done."""
    run.send(supplies.call(operation_with_options, expects=Expectation.ALLOWED))


def test_malformed_bodies(
    run: Run, api: Api, supplies: Supplies, operation_with_body: Operation
) -> None:
    """A body that is no JSON text is refused."""
    if operation_with_body.effect == "changes":
        supplies.linked_subject()
    whole = supplies.call(operation_with_body).content
    malformed = [whole[:-1], b'{"\xff": 1}']
    if run.options.full:
        malformed.append(whole + b"}")
    for content in malformed:
        run.send(supplies.call(operation_with_body, content=content, expects=REFUSED))
    if operation_with_body.effect == "changes":
        api.get(str(supplies.subject()))  # what was refused was not done


def test_other_spellings(run: Run, supplies: Supplies, operation_with_choices: Operation) -> None:
    """Constants and enum values count to the letter."""
    for leaf in _leaves(operation_with_choices):
        if "const" in leaf.position.schema.node or "enum" in leaf.position.schema.node:
            body = _put(supplies.filled(leaf.example), leaf.position.path, leaf.value.swapcase())
            run.send(_with_body(supplies, operation_with_choices, body, REFUSED))


def test_look_alikes(run: Run, supplies: Supplies, operation_with_body: Operation) -> None:
    """A value of another type is refused, however much it looks right: 5 is not "5"."""
    for leaf in _leaves(operation_with_body):
        value = supplies.filled(leaf.value)
        digits = re.sub(r"\D", "", str(value))
        other: Any = str(value)
        if isinstance(value, str):
            other = int(digits) if len(digits) > 2 else [value]
        body = _put(supplies.filled(leaf.example), leaf.position.path, other)
        run.send(_with_body(supplies, operation_with_body, body, REFUSED))


def test_unusual_texts(run: Run, supplies: Supplies, operation_with_texts: Operation) -> None:
    """Text of any kind gets a documented answer, in the query and the body."""
    for text in UNUSUAL_TEXTS:
        for parameter in operation_with_texts.parameters:
            if parameter.location == "query" and "string" in parameter.schema.types:
                query = f"?{parameter.name}={quote(text[:1000])}"
                run.send(supplies.call(operation_with_texts, query=query))
        for example in (
            operation_with_texts.body.examples.values() if operation_with_texts.body else ()
        ):
            body = _with_text(operation_with_texts, example, supplies.filled(example), text)
            if body is not None:
                run.send(_with_body(supplies, operation_with_texts, body))


def test_unusual_ids(run: Run, supplies: Supplies, operation_with_id: Operation) -> None:
    """An id of any kind gets a documented answer."""
    all_of_them = operation_with_id.effect == "none" or run.options.full
    for parameter in operation_with_id.parameters:
        if parameter.location == "path":
            for text in UNUSUAL_IDS if all_of_them else UNUSUAL_IDS[:1]:
                run.send(supplies.call(operation_with_id, path={parameter.name: text}))


def test_unusual_numbers(run: Run, supplies: Supplies, operation_with_numbers: Operation) -> None:
    """A number that the contract sets no bound to gets a documented answer."""
    for parameter in operation_with_numbers.parameters:
        if "integer" in parameter.schema.types:
            for number in UNUSUAL_NUMBERS if run.options.full else UNUSUAL_NUMBERS[1:]:
                run.send(supplies.call(operation_with_numbers, query=f"?{parameter.name}={number}"))
    for leaf in _leaves(operation_with_numbers) if operation_with_numbers.body else ():
        if "integer" in leaf.position.schema.types:
            for number in UNUSUAL_NUMBERS[:2]:
                if leaf.position.schema.is_valid(number):
                    body = _put(supplies.filled(leaf.example), leaf.position.path, number)
                    run.send(_with_body(supplies, operation_with_numbers, body))


def test_unknown_properties(run: Run, supplies: Supplies, operation_with_body: Operation) -> None:
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
            run.send(_with_body(supplies, operation_with_body, body))


def test_other_methods(run: Run, supplies: Supplies, path: str) -> None:
    """A method that a path does not have is refused."""
    target = re.sub(r"\{\w+\}", quote(str(supplies.subject()), safe=""), path)
    others = [method for method in METHODS if run.contract.match(method, target) is None]
    for method in others if run.options.full or target != path else others[-1:]:
        run.send(Call(method, target, expects=REFUSED))


def _with_body(
    supplies: Supplies,
    operation: Operation,
    body: Any,
    expects: Expectation = Expectation.UNKNOWN,
) -> Call:
    return supplies.call(operation, content=json.dumps(body).encode(), expects=expects)


def _leaves(operation: Operation) -> Iterator[Leaf]:
    """Places of the request's examples that hold text or a number, each schema position once."""
    if operation.body is None:
        return
    seen = set()
    for example in operation.body.examples.values():
        for position in operation.body.schema.positions(example):
            value, pointer = position.value, position.schema.pointer
            if isinstance(value, str | int) and pointer not in seen:
                seen.add(pointer)
                yield Leaf(position, example, value)


def _with_text(operation: Operation, example: Any, filled: Any, text: str) -> Any:
    """The filled example with the text wherever it is allowed, None if it is nowhere."""
    changed = copy.deepcopy(filled)
    allowed = False
    for leaf in _leaves(operation):
        if leaf.example is example and leaf.position.schema.is_valid(text):
            _put(changed, leaf.position.path, text)
            allowed = True
    return changed if allowed else None


def _put(value: Any, path: tuple[str, ...], new: Any) -> Any:
    """The value, with another thing at a path of object properties."""
    if not path:
        return new
    owner = value
    for name in path[:-1]:
        owner = owner[name]
    owner[path[-1]] = new
    return value
