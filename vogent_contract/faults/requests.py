"""Faults of requests: what is forbidden is accepted, what is allowed is refused, either makes the server fail."""

from __future__ import annotations

import functools
import json
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from vogent_contract.faults.fault import MISSING, Fault, answering, refused, responding, values
from vogent_contract.faults.variations import ALLOWED, allowed_values, variations, witness
from vogent_contract.mock.app import example
from vogent_contract.mock.outcomes import Answer
from vogent_contract.openapi import Contract, Operation, Parameter, Position, Request, Violation

AS_TEXT = "any text is such a parameter"


def _length(value: Any) -> int | None:
    return len(value) if isinstance(value, (str, list)) else None


def _itself(value: Any) -> Any:
    return value


# Keyword: what of a value is compared with its limit.
AT_LIMIT: Mapping[str, Callable[[Any], Any]] = {
    "minLength": _length,
    "maxLength": _length,
    "minItems": _length,
    "maxItems": _length,
    "minimum": _itself,
    "maximum": _itself,
}
Test = Callable[[Request], bool]
Valid = tuple[str, str, str, Test]


@dataclass(frozen=True)
class Invalid:
    """One way in which a request breaks the contract; `detail` tells null and other spellings from the rest."""

    pointer: str
    keyword: str
    detail: str = ""
    equivalent: str | None = field(default=None, compare=False)

    @property
    def name(self) -> str:
        """Part of the fault's id."""
        return ".".join(
            [
                *self.pointer.strip("/").split("/"),
                f"wrong-{self.keyword}{self.detail and '-'}{self.detail}",
            ]
        )


def derive(contract: Contract) -> Iterator[Fault]:
    """The faults of every operation's requests."""
    for operation in contract.operations.values():
        for wrong in dict.fromkeys(_invalid(contract, operation)):
            yield from _on_invalid(contract, operation, wrong)
        for name, says, pointer, test in _valid(operation):
            yield from _on_valid(operation, name, says, pointer, test)


def _on_invalid(contract: Contract, operation: Operation, wrong: Invalid) -> Iterator[Fault]:
    says = f"a request that breaks {wrong.keyword} at {wrong.pointer} {wrong.detail and f'({wrong.detail}) '}"

    def is_wrong(one: Violation) -> bool:
        return _kind_of(contract, one) == wrong

    def accept(given: Answer, request: Request | None) -> Answer | None:
        done = (
            refused(given)
            and request
            and request.violations
            and all(map(is_wrong, request.violations))
        )
        return example(operation) if done else None

    def fail(given: Answer, request: Request | None) -> Answer | None:
        return (
            Answer(500)
            if refused(given) and request and any(map(is_wrong, request.violations))
            else None
        )

    for kind, change, rule in (
        ("accepted", accept, "refuses-invalid"),
        ("500", fail, "no-server-error"),
    ):
        yield Fault(
            f"{operation.id}.request.{wrong.name}.{kind}",
            "invalid accepted" if kind == "accepted" else "invalid fails",
            f"{says}is {'accepted' if kind == 'accepted' else 'answered with 500'}",
            operation.id,
            wrong.pointer if kind == "accepted" else "",
            wrong.keyword if kind == "accepted" else "status",
            answering(operation.id, change),
            (rule,),
            equivalent=wrong.equivalent,
        )


def _on_valid(
    operation: Operation, name: str, says: str, pointer: str, test: Test
) -> Iterator[Fault]:
    for kind, status, rule in (("refused", 422, "accepts-valid"), ("500", 500, "no-server-error")):
        yield Fault(
            f"{operation.id}.request.{name}.{kind}",
            "valid refused" if kind == "refused" else "valid fails",
            f"{says} is {'refused' if kind == 'refused' else 'answered with 500'}",
            operation.id,
            pointer if kind == "refused" else "",
            "status",
            responding(operation.id, functools.partial(_answered, status, test)),
            (rule,) if name != "any" else (rule, "evidence"),
        )


def _kind_of(contract: Contract, one: Violation) -> Invalid:
    """What a violation is counted as: null is told from other types, another case from other values."""
    detail = "null" if one.keyword == "type" and one.got == "null" else ""
    if one.keyword in ("const", "enum"):
        limit = contract.document.at(one.schema)
        texts = {
            json.dumps(value).casefold() for value in (limit if one.keyword == "enum" else [limit])
        }
        detail = "case" if one.got.casefold() in texts else ""
    return Invalid(one.pointer, one.keyword, detail, one.assumed)


def _invalid(contract: Contract, operation: Operation) -> Iterator[Invalid]:
    """All that can be wrong with a request of an operation."""
    if body := operation.body:
        yield from (
            Invalid("/body", keyword)
            for keyword in ("json", "content-type", *["body"] * body.required)
        )
        bases = [*body.examples.values(), body.schema.sample()]
        for one in variations(body.schema):
            found = witness(body.schema, bases, one)
            if found:
                yield _kind_of(contract, replace(found[0], pointer=f"/body{found[0].pointer}"))
            else:
                yield Invalid(f"/body{one.pointer}", one.name, "", ALLOWED)
    for parameter in operation.parameters:
        pointer = f"/{parameter.location}/{parameter.name}"
        if parameter.required and parameter.location != "path":
            yield Invalid(pointer, "required")
        for one in variations(parameter.schema):
            value = one.change(parameter.schema.sample())
            text = value if isinstance(value, str) else json.dumps(value)
            found = parameter.schema.violations(parameter.parse(text))
            yield (
                Invalid(pointer, found[0].keyword)
                if found
                else Invalid(pointer, one.name, "", AS_TEXT)
            )


def _valid(operation: Operation) -> Iterator[Valid]:
    """Kinds of valid requests: name, what it is, pointer, whether a request is one."""
    yield "any", "every valid request", "", lambda _: True
    for position in operation.body.schema.positions() if operation.body else ():
        yield from _kinds(
            position,
            "/".join(["/body", *position.path]),
            functools.partial(_in_body, position.path),
        )
    for one in operation.parameters:
        position = Position((one.name,), one.schema, required=one.required)
        yield from _kinds(
            position, f"/{one.location}/{one.name}", functools.partial(_parameter, one)
        )


def _kinds(
    position: Position, pointer: str, found: Callable[[Request], Iterable[Any]]
) -> Iterator[Valid]:
    tests: dict[str, Callable[[Any], bool]] = {}
    if not position.required and position.path:
        tests |= {
            "present": lambda value: value is not MISSING,
            "absent": lambda value: value is MISSING,
        }
    for option in [*allowed_values(position.schema), *([None] if position.schema.nullable else [])]:
        tests[f"is-{option}"] = functools.partial(operator.eq, option)
    for keyword in sorted(set(AT_LIMIT) & set(position.schema.node)):
        tests[keyword] = functools.partial(
            _at_limit, position.schema.node[keyword], AT_LIMIT[keyword]
        )
    for name, test in tests.items():
        says = f"a valid request with {pointer} {name.replace('is-', '= ')}"
        dotted = pointer.strip("/").replace("/", ".").replace("*", "item")
        yield f"{dotted}.{name}", says, pointer, functools.partial(_any, test, found)


def _any(
    test: Callable[[Any], bool], found: Callable[[Request], Iterable[Any]], request: Request
) -> bool:
    return any(map(test, found(request)))


def _at_limit(limit: Any, measure: Callable[[Any], Any], value: Any) -> bool:
    return bool(measure(value) == limit)


def _in_body(path: tuple[str, ...], request: Request) -> Iterable[Any]:
    return values(request.body, path)


def _parameter(parameter: Parameter, request: Request) -> Iterable[Any]:
    return [getattr(request, parameter.location).get(parameter.name, MISSING)]


def _answered(status: int, test: Test, request: Request) -> Answer | None:
    return Answer(status) if test(request) else None
