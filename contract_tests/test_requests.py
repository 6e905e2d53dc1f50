"""Requests that keep or break the contract, one call each: schemathesis' cases and what it does not send."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

import schemathesis
from schemathesis.core.failures import FailureGroup
from schemathesis.engine.recorder import ScenarioRecorder
from schemathesis.specs.openapi.checks import ignored_auth

from vogent_contract.openapi import Operation, Position
from vogent_contract.suite import cases
from vogent_contract.suite.run import Suite

UNUSUAL = {
    "empty": "",
    "very long": "9" * 3000,
    "not ASCII, not printable": "é漢🙂\u202eñ\u0000\u001f\n\t",
}
UNUSUAL_IDS = ("é漢🙂 %~" + "9" * 1000, "a/b", "a\u0000b")
UNUSUAL_NUMBERS = (-1, 0, 10**6)
METHODS = ("PATCH", "DELETE", "PUT", "POST", "GET")


def test_generated_requests(suite: Suite, operation: Operation) -> None:
    """What schemathesis derives from the contract: examples, types, bounds, required properties."""
    generated = cases.coverage(suite.schema[operation.path][operation.method])
    if operation.effect == "changes":
        suite.linked_subject()
    for case in _worth_sending(suite, operation, generated):
        positive = case.meta is not None and case.meta.generation.mode.is_positive
        if operation.effect == "changes" and positive and not suite.world.derived:
            suite.calls.get(str(suite.subject()))  # what was refused was not done
        suite.world.derived = positive
        if (answer := suite.call(case)) is not None and not suite.broken:
            check(suite, case, answer)
    if any(one.location == "query" and not one.required for one in operation.parameters):
        suite.world.derived = True
        suite.send(operation)
    suite.world.derived = False


def test_malformed_bodies(suite: Suite, operation_with_body: Operation) -> None:
    """A body that is no JSON text is refused."""
    if operation_with_body.effect == "changes":
        suite.linked_subject()
    body = json.dumps(suite.body(operation_with_body)).encode()
    for content in (body[:-1], b'{"\xff": 1}', *((body + b"}",) if suite.options.full else ())):
        suite.send(operation_with_body, content=content)
    if operation_with_body.effect == "changes":
        suite.calls.get(str(suite.subject()))


def test_other_spellings(suite: Suite, operation_with_body: Operation) -> None:
    """Constants and enum values count to the letter."""
    for position, example, value in _leaves(operation_with_body):
        if "const" in position.schema.node or "enum" in position.schema.node:
            changed = _put(suite.filled(example), position.path, value.swapcase())
            suite.send(operation_with_body, content=json.dumps(changed).encode())


def test_look_alikes(suite: Suite, operation_with_body: Operation) -> None:
    """A value of another type is refused, however much it looks like the right one: 5 is not "5"."""
    assert operation_with_body.body
    for position, example, value in _leaves(operation_with_body):
        if isinstance(value, str):
            digits = re.sub(r"\D", "", suite.filled(value))
            other: Any = int(digits) if len(digits) > 2 else [suite.filled(value)]
        else:
            other = str(value)
        changed = _put(suite.filled(example), position.path, other)
        suite.send(operation_with_body, content=json.dumps(changed).encode())


def test_unusual_text(suite: Suite, operation: Operation) -> None:
    """Text of any kind gets a documented answer, in the path, the query and the body."""
    for text in UNUSUAL.values():
        for parameter in operation.parameters:
            if parameter.location == "query" and "string" in parameter.schema.types:
                suite.send(operation, query=f"?{parameter.name}={quote(text[:1000])}")
        for example in operation.body.examples.values() if operation.body else ():
            if any(
                whole is example and position.schema.is_valid(text)
                for position, whole, _ in _leaves(operation)
            ):
                suite.send(
                    operation,
                    content=json.dumps(_with_text(suite, operation, example, text)).encode(),
                )


def test_unusual_ids(suite: Suite, operation: Operation) -> None:
    """An id of any kind gets a documented answer."""
    for parameter in operation.parameters:
        if parameter.location == "path":
            for text in (
                UNUSUAL_IDS if operation.effect == "none" or suite.options.full else UNUSUAL_IDS[:1]
            ):
                suite.send(operation, {parameter.name: text})


def test_unusual_numbers(suite: Suite, operation: Operation) -> None:
    """A number that the contract sets no bound to gets a documented answer."""
    numbers = UNUSUAL_NUMBERS if suite.options.full else UNUSUAL_NUMBERS[1:]
    for parameter in operation.parameters:
        for number in numbers if "integer" in parameter.schema.types else ():
            suite.send(operation, query=f"?{parameter.name}={number}")
    for position, example, _ in _leaves(operation) if operation.body else ():
        for number in UNUSUAL_NUMBERS[:2] if "integer" in position.schema.types else ():
            if position.schema.is_valid(number):
                changed = _put(suite.filled(example), position.path, number)
                suite.send(operation, content=json.dumps(changed).encode())


def test_unknown_properties(suite: Suite, operation_with_body: Operation) -> None:
    """A property that the contract does not know is ignored or refused."""
    assert operation_with_body.body
    examples = list(operation_with_body.body.examples.values())
    answer = operation_with_body.success.schema
    others = {"unknownProperty": "value"} | dict.fromkeys(
        answer.node.get("properties", {}) if answer else {}, "value"
    )
    for example in examples if suite.options.full else examples[-1:]:
        if isinstance(
            example, dict
        ):  # with the contract's number, which no search returned, nothing is bought
            kept = example if cases.OFFER in suite.kinds_in(example) else suite.filled(example)
            suite.send(operation_with_body, content=json.dumps(others | kept).encode())


def test_other_methods(suite: Suite, path: str) -> None:
    """A method that a path does not have is refused."""
    target = "/".join(
        quote(str(suite.subject()), safe="") if "{" in part else part for part in path.split("/")
    )
    others = [method for method in METHODS if suite.contract.match(method, target) is None]
    for method in others if suite.options.full or "{" in path else others[-1:]:
        suite.send_to(method, target)


def check(
    suite: Suite,
    case: schemathesis.Case[Any],
    answer: schemathesis.Response,
    recorder: ScenarioRecorder | None = None,
) -> None:
    """Ask schemathesis' own checks for what the rules do not see."""
    excluded = [ignored_auth]  # test_authentication sends more than it does
    try:
        case.validate_response(answer, excluded_checks=excluded, recorder=recorder)
    except FailureGroup as group:
        for failure in group.exceptions:
            suite.failed_check(failure)


def _worth_sending(
    suite: Suite, operation: Operation, generated: Iterable[schemathesis.Case[Any]]
) -> list[schemathesis.Case[Any]]:
    """In the quick profile null and one other value for each way of breaking the contract, and what keeps it once."""
    kept: dict[str, schemathesis.Case[Any]] = {}
    broken: dict[str, dict[str, schemathesis.Case[Any]]] = {}
    for case in generated:
        data = case.meta.phase.data if case.meta else None
        if case.method != operation.method or getattr(data, "parameter", None) == "Authorization":
            continue  # other methods and other credentials have tests of their own
        if suite.options.full:
            kept[str(len(kept))] = case
            continue
        request = cases.request_of(case, operation, suite.wire.prefix)
        wrong = [one for one in request.violations if not one.assumed]
        if wrong:
            way = str([(one.pointer, one.keyword) for one in wrong])
            broken.setdefault(way, {}).setdefault(wrong[0].got, case)
        elif "Near-boundary" not in str(getattr(data, "description", "")) and not _buys(
            suite, case
        ):
            kept.setdefault(json.dumps([request.body, dict(request.query)], default=str), case)
    for turn, (way, got) in enumerate(broken.items()):
        scalar = (
            "null" in got and "{}" in got and "'type'" in way
        )  # test_look_alikes sends a better value than these
        others = [] if scalar else [value for value in got if value != "null"]
        chosen = [
            *(["null"] if "null" in got else []),
            *(others[turn % len(others) :][:1] if others else []),
        ]
        kept.update({f"{turn} {value}": got[value] for value in chosen})
    return sorted(
        kept.values(), key=lambda case: case.meta is None or case.meta.generation.mode.is_positive
    )


def _buys(suite: Suite, case: schemathesis.Case[Any]) -> bool:
    """Whether the case buys a number: the scenes do that, and a shop with few numbers must do."""
    return cases.OFFER in suite.kinds_in(case.body)


def _leaves(operation: Operation) -> Iterator[tuple[Position, Any, Any]]:
    """Places of the request's examples that hold text or a number: the position, the whole example, the value."""
    assert operation.body
    seen = set()
    for example in operation.body.examples.values():
        for position in operation.body.schema.positions():
            value = _get(example, position.path)
            here = all(branch.is_valid(example) for branch in position.branches)
            if isinstance(value, str | int) and here and position.schema.pointer not in seen:
                seen.add(position.schema.pointer)
                yield position, example, value


def _with_text(suite: Suite, operation: Operation, example: Any, text: str) -> Any:
    """The example with the text wherever it is allowed."""
    changed = copy.deepcopy(suite.filled(example))
    for position, whole, _ in _leaves(operation):
        if whole is example and position.schema.is_valid(text):
            _put(changed, position.path, text)
    return changed


def _get(value: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _put(value: Any, path: tuple[str, ...], new: Any) -> Any:
    if path:
        _get(value, path[:-1])[path[-1]] = new
    return value
