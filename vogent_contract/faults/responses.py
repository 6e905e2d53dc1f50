"""Faults of answers' values: each position of each documented success."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from vogent_contract.faults.breaking import Change, Install, change_answers, succeeded, together
from vogent_contract.faults.fault import DOCUMENTED, Fault
from vogent_contract.faults.variations import (
    NewValue,
    Path,
    Variation,
    positions,
    rewrites,
    rewritten,
    variations,
)
from vogent_contract.mock.outcomes import Answer
from vogent_contract.openapi import Contract, Position, Schema


def derive(contract: Contract) -> Iterator[Fault]:
    """The faults of every operation's answers, then those of what no operation shows any more."""
    for operation in contract.operations.values():
        schema = operation.success.schema
        if schema is None:
            continue
        for variation in variations(schema):
            position = ".".join(variation.path).replace("*", "item") or "body"
            change = _vary(schema, variation)
            yield Fault(
                f"{operation.id}.response.{position}.{variation.name}",
                change_answers(change, operation.id, which=succeeded),
                category="response" if variation.keyword else "meaning",
                summary=f"in a success {variation.pointer or 'the body'} {variation.says}",
                operation=operation.id,
                pointer=variation.pointer,
                keyword=variation.keyword,
                rules=DOCUMENTED if variation.keyword else (),
                equivalent=variation.assumed,
            )
    yield from _never_shown(contract)


def _vary(schema: Schema, variation: Variation) -> Change:
    """Put the variation into one place of an answer, where that breaks the contract if it can."""

    def change(answer: Answer) -> Answer | None:
        for body in rewrites(answer.body, variation.path, variation.new):
            broken = schema.violations(body) if variation.keyword else body != answer.body
            if broken:
                return replace(answer, body=body)
        return None

    return change


def _never_shown(contract: Contract) -> Iterator[Fault]:
    """Enum values and sides of a nullable that no operation shows any more."""
    shown: dict[str, list[tuple[str, Position]]] = defaultdict(list)
    for operation in contract.operations.values():
        schema = operation.success.schema
        for position in positions(schema) if schema else ():
            shown[position.schema.pointer].append((operation.id, position))
    for everywhere in shown.values():
        operation_id, position = everywhere[0]
        in_component = position.place and not position.place.startswith("/")
        place = position.place if in_component else operation_id + position.place
        for name, new in _losses(position.schema):
            changes = [_change_all(one, at.path, new) for one, at in everywhere]
            yield Fault(
                f"{place.replace('/', '.').replace('*', 'item')}.never-{name}",
                together(*changes),
                category="meaning",
                summary=f"{place} is never {name.replace('-', ' ')}",
                operation=operation_id if len(dict(everywhere)) == 1 else "",
                pointer="".join(f"/{token}" for token in position.path[-1:]),
                place=place,
            )


def _losses(schema: Schema) -> Iterator[tuple[str, NewValue]]:
    """What a schema's values may stop to be, and what is shown instead."""
    options = schema.allowed_values
    for old, new in zip(options, options[1:] + options[:1], strict=True):
        if new != old:  # else it is the only value
            yield json.dumps(old).strip('"').replace(" ", "-"), _instead_of(old, new)
    if schema.nullable:
        other = "another" if "string" in schema.types else [*options, schema.sample()][0]
        yield "null", _instead_of(None, other)
        yield "not-null", lambda _: None


def _instead_of(old: Any, new: Any) -> NewValue:
    return lambda value: new if value == old else value


def _change_all(operation: str, path: Path, new: NewValue) -> Install:
    def change(answer: Answer) -> Answer:
        return replace(answer, body=rewritten(answer.body, path, new))

    return change_answers(change, operation, which=succeeded)
