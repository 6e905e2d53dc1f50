"""Faults of requests: what is forbidden is accepted, what is allowed is refused, either fails."""

from __future__ import annotations

import functools
import json
import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from vogent_contract.faults.breaking import Install, answer_invalid, answer_valid
from vogent_contract.faults.fault import Fault
from vogent_contract.faults.variations import Variation, is_at, variations
from vogent_contract.mock.app import example
from vogent_contract.mock.outcomes import Answer
from vogent_contract.openapi import (
    MISSING,
    Contract,
    Document,
    Operation,
    Parameter,
    Request,
    Schema,
    Violation,
)

SIZES = ("maxItems", "maxLength", "maximum", "minItems", "minLength", "minimum")
Values = Callable[[Request], list[Any]]


@dataclass(frozen=True)
class Case:
    """Requests of an operation that a faulty server answers wrongly: all valid, or all invalid.

    Attributes:
        name: Part of the faults' ids.
        includes: Tells whether a request is one of them.
        pointer: Where they differ from others, empty for all valid ones.
        keyword: What they break.
        assumed: Why it is only assumed that they break it.
    """

    name: str
    says: str
    valid: bool
    includes: Callable[[Request], bool]
    pointer: str = ""
    keyword: str = "status"
    assumed: str | None = None


def derive(contract: Contract) -> Iterator[Fault]:
    """The faults of every operation's requests."""
    for operation in contract.operations.values():
        for case in (*_mistakes(operation, contract.document), *_choices(operation)):
            yield from _faults(operation, case)


def _faults(operation: Operation, case: Case) -> Iterator[Fault]:
    """Two servers: one judges the requests wrongly, one fails on them."""

    def answering(answer: Answer) -> Install:
        def reply(request: Request) -> Answer | None:
            return answer if case.includes(request) else None

        answer_requests = answer_valid if case.valid else answer_invalid
        return answer_requests(reply, operation.id)

    validity, done, answer, rule = "invalid", "accepted", example(operation), "refuses-invalid"
    if case.valid:
        validity, done, answer, rule = "valid", "refused", Answer(422), "accepts-valid"
    unseen = () if case.pointer else ("evidence",)  # for nothing of the operation ever succeeds
    name = f"{operation.id}.request.{case.name}"
    fault = Fault(
        f"{name}.{done}",
        answering(answer),
        category=f"{validity} {done}",
        summary=f"{case.says} is {done}",
        operation=operation.id,
        pointer=case.pointer,
        keyword=case.keyword,
        rules=(rule, *unseen),
        equivalent=case.assumed,
    )
    yield fault
    yield replace(
        fault,
        id=f"{name}.500",
        install=answering(Answer(500)),
        category=f"{validity} fails",
        summary=f"{case.says} is answered with 500",
        pointer="",
        keyword="status",
        rules=("no-server-error", *unseen),
    )


def _mistakes(operation: Operation, document: Document) -> Iterator[Case]:
    """All that can be wrong with a request."""
    mistake = functools.partial(_mistake, document)
    if operation.body:
        yield mistake("/body", "json")
        yield mistake("/body", "content-type")
        if operation.body.required:
            yield mistake("/body", "body")
        for variation in variations(operation.body.schema):
            if variation.keyword:
                yield mistake("/body" + variation.pointer, variation.keyword, variation)
    for parameter in operation.parameters:
        pointer = f"/{parameter.location}/{parameter.name}"
        if parameter.required and parameter.location != "path":
            yield mistake(pointer, "required")
        for variation in variations(parameter.schema):
            if variation.keyword and not _is_text(parameter, variation):
                yield mistake(pointer, variation.keyword, variation)


def _is_text(parameter: Parameter, variation: Variation) -> bool:
    """The wrong type cannot be told: every parameter is sent as text, and null is none."""
    any_text = "string" in parameter.schema.types or variation.name == "null"
    return any_text and variation.keyword == "type"


def _mistake(
    document: Document, pointer: str, keyword: str, variation: Variation | None = None
) -> Case:
    """Requests that break a keyword at a pointer, as the variation does, and nothing else."""
    variant = ""
    if variation and keyword == "type" and variation.name == "null":
        variant = "null"
    elif variation and variation.name.endswith("-in-other-case"):
        variant = "case"

    def includes(request: Request) -> bool:
        for violation in request.violations:
            same = violation.keyword == keyword and is_at(pointer, violation.pointer)
            if not same or _variant(document, violation) != variant:
                return False
        return True

    wrong = f"{keyword}-{variant}" if variant else keyword
    name, says = f"{_dotted(pointer)}.wrong-{wrong}", f"a request with a wrong {wrong} at {pointer}"
    assumed = variation.assumed if variation else None
    return Case(name, says, False, includes, pointer, keyword, assumed)


def _variant(document: Document, violation: Violation) -> str:
    """Tell null from other wrong types, and allowed values in another case from other values."""
    if violation.keyword == "type" and violation.got == "null":
        return "null"
    if violation.keyword in ("const", "enum"):
        allowed = json.dumps(document.at(violation.schema))
        return "case" if violation.got.casefold() in allowed.casefold() else ""
    return ""


def _choices(operation: Operation) -> Iterator[Case]:
    """What a valid request may be."""
    yield Case("any", "every valid request", True, lambda _: True)
    if operation.body:
        schema = operation.body.schema
        for position in schema.positions():
            values = functools.partial(_values_in_body, schema, position.path)
            pointer = "/".join(["/body", *position.path])
            optional = bool(position.path) and not position.required
            yield from _choices_at(pointer, position.schema, optional, values)
    for parameter in operation.parameters:
        values = functools.partial(_values_of_parameter, parameter)
        pointer = f"/{parameter.location}/{parameter.name}"
        yield from _choices_at(pointer, parameter.schema, not parameter.required, values)


def _choices_at(pointer: str, schema: Schema, optional: bool, values: Values) -> Iterator[Case]:
    tests: dict[str, Callable[[Any], bool]] = {}
    if optional:
        tests["present"] = functools.partial(operator.is_not, MISSING)
        tests["absent"] = functools.partial(operator.is_, MISSING)
    options = [*schema.allowed_values, None] if schema.nullable else schema.allowed_values
    for option in options:
        tests[f"is-{option}"] = functools.partial(operator.eq, option)
    for keyword in SIZES:
        if keyword in schema.node:
            tests[keyword] = functools.partial(_is_of_size, schema.node[keyword])
    for name, test in tests.items():
        says = f"a valid request with {pointer} {name.replace('is-', '= ')}"
        includes = functools.partial(_any, values, test)
        yield Case(f"{_dotted(pointer)}.{name}", says, True, includes, pointer)


def _any(values: Values, test: Callable[[Any], bool], request: Request) -> bool:
    return any(test(value) for value in values(request))


def _values_in_body(schema: Schema, path: tuple[str, ...], request: Request) -> list[Any]:
    return [one.value for one in schema.positions(request.body) if one.path == path]


def _values_of_parameter(parameter: Parameter, request: Request) -> list[Any]:
    return [getattr(request, parameter.location).get(parameter.name, MISSING)]


def _is_of_size(limit: float, value: Any) -> bool:
    size = len(value) if isinstance(value, str | list) else value
    return bool(size == limit)


def _dotted(pointer: str) -> str:
    return pointer.strip("/").replace("/", ".").replace("*", "item")
