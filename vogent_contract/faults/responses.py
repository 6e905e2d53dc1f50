"""Faults of answers: each position of each documented success."""

from __future__ import annotations

import copy
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from vogent_contract.faults.fault import (
    DOCUMENTED,
    Change,
    Fault,
    Install,
    answering,
    rewrites,
    succeeded,
)
from vogent_contract.faults.variations import (
    ALLOWED,
    Variation,
    allowed_values,
    is_at,
    positions,
    variations,
    witness,
)
from vogent_contract.mock.app import Mock
from vogent_contract.mock.outcomes import Answer
from vogent_contract.openapi import Contract, Operation, Request, Schema


def derive(contract: Contract) -> Iterator[Fault]:
    """The faults of every operation's answers."""
    for operation in contract.operations.values():
        yield from _positions(operation)
    yield from _never(contract)


def _positions(operation: Operation) -> Iterator[Fault]:
    success = operation.success
    if success.schema is None:
        return
    schema, bases = success.schema, [*success.examples.values(), success.schema.sample()]
    for one in variations(schema):
        found = witness(schema, bases, one)
        reason = found[0].assumed if found else None if one.means else ALLOWED
        keyword = found[0].keyword if found else ""
        yield Fault(
            id=f"{operation.id}.response.{_name(one.path)}.{one.name}",
            kind="response" if found else "meaning",
            summary=f"in a success {one.pointer or 'the body'} {one.says}",
            operation=operation.id,
            pointer=one.pointer,
            keyword=keyword,
            install=answering(operation.id, _rewriting(schema, one, keyword)),
            rules=DOCUMENTED if found else (),
            equivalent=reason,
        )


def _rewriting(schema: Schema, variation: Variation, keyword: str) -> Change:
    """Put the variation into one place of a success, where that breaks what the fault says."""

    def change(answer: Answer, _: Request | None) -> Answer | None:
        for new in (
            rewrites(copy.deepcopy(answer.body), variation.path, variation.change)
            if succeeded(answer)
            else ()
        ):
            broken = [one for one in schema.violations(new) if one.keyword == keyword]
            if (
                any(is_at(variation.pointer, one.pointer) for one in broken)
                if keyword
                else new != answer.body
            ):
                return replace(answer, body=new)
        return None

    return change


def _name(path: tuple[str, ...]) -> str:
    return ".".join(path).replace("*", "item") or "body"


def _never(contract: Contract) -> Iterator[Fault]:
    """Enum values and sides of a nullable that no operation shows any more."""
    shown: dict[str, list[tuple[str, tuple[str, ...]]]] = defaultdict(list)
    schemas: dict[str, Schema] = {}
    for operation in contract.operations.values():
        for position in positions(operation.success.schema) if operation.success.schema else ():
            shown[position.schema.pointer].append((operation.id, position.path))
            schemas[position.schema.pointer] = position.schema
    for pointer, schema in schemas.items():
        place = (
            pointer.removeprefix("#/components/schemas/")
            .replace("/properties/", "/")
            .replace("/items", "/*")
        )
        options = allowed_values(schema)
        rows = [
            (json.dumps(old), old, new)
            for old, new in zip(options, options[1:] + options[:1], strict=True)
        ]
        if schema.nullable:
            rows += [
                (
                    "null",
                    None,
                    "another" if "string" in schema.types else next(iter(options), schema.sample()),
                )
            ]
            rows += [("not null", ..., None)]
        for what, old, new in rows:
            reason = None if old != new else "it is the only value"
            name = what.strip('"').replace(" ", "-")
            shown_by = {operation for operation, _ in shown[pointer]}
            install = _everywhere(shown[pointer], old, new)
            last = f"/{shown[pointer][0][1][-1]}" if shown[pointer][0][1] else ""
            yield Fault(
                f"{place.replace('/', '.').replace('*', 'item')}.never-{name}",
                "meaning",
                f"{place} is never {name.replace('-', ' ')}",
                shown_by.pop() if len(shown_by) == 1 else "",
                last,
                "",
                install,
                place=place,
                equivalent=reason,
            )


def _everywhere(places: list[tuple[str, tuple[str, ...]]], old: Any, new: Any) -> Install:
    def other(value: Any) -> Any:
        return new if value == old or (old is ... and value is not None) else value

    def rewriting(path: tuple[str, ...]) -> Change:
        return lambda given, _: (
            replace(given, body=_each(given.body, path, other)) if succeeded(given) else None
        )

    def install(mock: Mock) -> None:
        for operation, path in places:
            answering(operation, rewriting(path))(mock)

    return install


def _each(value: Any, path: tuple[str, ...], other: Callable[[Any], Any]) -> Any:
    if not path:
        return other(value)
    if path[0] == "*":
        return (
            [_each(item, path[1:], other) for item in value] if isinstance(value, list) else value
        )
    if not isinstance(value, dict) or path[0] not in value:
        return value
    return {**value, path[0]: _each(value[path[0]], path[1:], other)}
