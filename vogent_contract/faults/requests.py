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
from vogent_contract.faults.variations import is_at, variations
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
        for mistake in dict.fromkeys(_mistakes(operation)):
            yield from _faults(operation, mistake.case(contract.document))
        yield from _faults(operation, Case("any", "every valid request", True, lambda _: True))
        for choice in _choices(operation):
            yield from _faults(operation, choice)


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


@dataclass(frozen=True)
class Mistake:
    """One way in which a request breaks the contract.

    Attributes:
        variant: `null` for null in place of another type, `case` for an allowed value in another
            case, empty for any other value.
    """

    pointer: str
    keyword: str
    variant: str = ""
    assumed: str | None = None

    def case(self, document: Document) -> Case:
        """The requests with this mistake and no other."""

        def includes(request: Request) -> bool:
            return all(self.is_made_by(one, document) for one in request.violations)

        wrong = f"{self.keyword}-{self.variant}".rstrip("-")
        name = f"{_dotted(self.pointer)}.wrong-{wrong}"
        says = f"a request with a wrong {wrong} at {self.pointer}"
        return Case(name, says, False, includes, self.pointer, self.keyword, self.assumed)

    def is_made_by(self, violation: Violation, document: Document) -> bool:
        """The violation is this mistake."""
        variant = ""
        if violation.keyword == "type" and violation.got == "null":
            variant = "null"
        elif violation.keyword in ("const", "enum"):
            allowed = json.dumps(document.at(violation.schema))
            variant = "case" if violation.got.casefold() in allowed.casefold() else ""
        same_keyword = (self.keyword, self.variant) == (violation.keyword, variant)
        return same_keyword and is_at(self.pointer, violation.pointer)


def _mistakes(operation: Operation) -> Iterator[Mistake]:
    """All that can be wrong with a request."""
    body = operation.body
    if body:
        yield Mistake("/body", "json")
        yield Mistake("/body", "content-type")
        if body.required:
            yield Mistake("/body", "body")
        yield from _broken_keywords("/body", body.schema)
    for parameter in operation.parameters:
        pointer = f"/{parameter.location}/{parameter.name}"
        if parameter.required and parameter.location != "path":
            yield Mistake(pointer, "required")
        any_text = "string" in parameter.schema.types
        for mistake in _broken_keywords(pointer, parameter.schema):
            if mistake.keyword != "type" or not (any_text or mistake.variant):
                yield mistake


def _broken_keywords(pointer: str, schema: Schema) -> Iterator[Mistake]:
    for one in variations(schema):
        variant = ""
        if one.name == "null" and one.keyword == "type":
            variant = "null"
        elif one.name.endswith("-in-other-case"):
            variant = "case"
        if one.keyword:
            yield Mistake(pointer + one.pointer, one.keyword, variant, one.assumed)


def _choices(operation: Operation) -> Iterator[Case]:
    """What a valid request may be."""
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
