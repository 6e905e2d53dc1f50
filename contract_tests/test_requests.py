"""Requests that keep or break the contract, one call each: schemathesis' cases and what it does not send."""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlsplit

import schemathesis
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import ignored_auth

from contract import Operation, Position
from contract_tests import cases
from contract_tests.suite import Suite

UNUSUAL = {
    "empty": "",
    "very long": "9" * 3000,
    "not ASCII": "é漢🙂\u202eñ",
    "control characters": "a\u0000b\u001f\n\t",
}
METHODS = ("PATCH", "DELETE", "PUT", "POST", "GET")


def test_generated_requests(suite: Suite, operation: Operation) -> None:
    """What schemathesis derives from the contract: examples, types, bounds, required properties."""
    generated = cases.coverage(suite.schema[operation.path][operation.method])
    for case in _worth_sending(suite, operation, generated):
        if (answer := suite.call(case)) is not None and not suite.broken:
            check(suite, case, answer)


def test_malformed_bodies(suite: Suite, operation_with_body: Operation) -> None:
    """A body that is no JSON text is refused."""
    body = json.dumps(suite.body(operation_with_body)).encode()
    for content in (body[:-1], body + b"}", b'{"\xff": 1}'):
        suite.send(operation_with_body, content=content)


def test_other_spellings(suite: Suite, operation_with_body: Operation) -> None:
    """Constants and enum values count to the letter."""
    for position, example, value in _texts(operation_with_body):
        if "const" in position.schema.node or "enum" in position.schema.node:
            changed = _put(suite.filled(example), position.path, value.swapcase())
            suite.send(operation_with_body, content=json.dumps(changed).encode())


def test_unusual_text(suite: Suite, operation: Operation) -> None:
    """Text of any kind gets a documented answer, in the path, the query and the body."""
    for text in UNUSUAL.values():
        for parameter in operation.parameters:
            if parameter.location == "query" and "string" in parameter.schema.types:
                suite.send(operation, query=f"?{parameter.name}={quote(text[:1000])}")
            elif parameter.location == "path" and text and "\n" not in text:
                suite.send(operation, {parameter.name: text[:1000]})
        for example in operation.body.examples.values() if operation.body else ():
            changed = _with_text(operation, example, text)
            if changed != example:
                suite.send(operation, content=json.dumps(changed).encode())


def test_unknown_properties(suite: Suite, operation_with_body: Operation) -> None:
    """A property that the contract does not know is ignored or refused."""
    assert operation_with_body.body
    for example in operation_with_body.body.examples.values():
        if isinstance(example, dict) and cases.OFFER not in suite.kinds_in(example):
            changed = {**suite.filled(example), "unknownProperty": "value", "purchase": None}
            suite.send(operation_with_body, content=json.dumps(changed).encode())


def test_other_methods(suite: Suite, path: str) -> None:
    """A method that a path does not have is refused."""
    target = "/".join(quote(str(suite.subject()), safe="") if "{" in part else part for part in path.split("/"))
    others = [method for method in METHODS if suite.contract.match(method, target) is None]
    for method in others if suite.options.full else others[:2]:
        suite.send_to(method, target)


def check(suite: Suite, case: schemathesis.Case, answer: schemathesis.Response) -> None:
    """Ask schemathesis' own checks for what the rules do not see."""
    try:
        case.validate_response(answer, excluded_checks=[ignored_auth])  # test_authentication sends more than it does
    except FailureGroup as group:
        for failure in group.exceptions:
            suite.failed_check(failure)


def _worth_sending(
    suite: Suite, operation: Operation, generated: Iterator[schemathesis.Case]
) -> Iterator[schemathesis.Case]:
    """In the quick profile two cases for each way of breaking the contract, and once each that keeps it."""
    prefix = urlsplit(suite.wire.base_url).path
    seen: Counter[str] = Counter()
    for case in generated:
        data = case.meta.phase.data if case.meta else None
        if case.method != operation.method or getattr(data, "parameter", None) == "Authorization":
            continue  # other methods and other credentials have tests of their own
        request = cases.request_of(case, operation, prefix)
        broken = str([(one.pointer, one.keyword) for one in request.violations if not one.assumed])
        same = json.dumps([request.body, dict(request.query), broken], default=str)
        seen.update([same, broken])
        if suite.options.full or (seen[same] == 1 and (not request.violations or seen[broken] <= 2)):
            yield case


def _texts(operation: Operation) -> Iterator[tuple[Position, Any, str]]:
    """Places of the request's examples that hold text: the position, the whole example, the text."""
    assert operation.body
    for example in operation.body.examples.values():
        for position in operation.body.schema.positions():
            value = _get(example, position.path)
            if isinstance(value, str) and all(_is_at(operation, branch, example) for branch in position.branches):
                yield position, example, value


def _is_at(operation: Operation, branch: str, example: Any) -> bool:
    return (
        type(operation.body.schema)(operation.body.schema.document, branch).is_valid(example)
        if operation.body
        else False
    )


def _with_text(operation: Operation, example: Any, text: str) -> Any:
    """The example with the text wherever it is allowed."""
    changed = copy.deepcopy(example)
    for position, whole, _ in _texts(operation):
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
