"""Values that a schema does not allow, or that mean something else, for each position and each of its keywords."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from vogent_contract.faults.fault import MISSING, rewrites
from vogent_contract.openapi import Position, Schema, Violation

ALLOWED = "the contract allows it"


@dataclass(frozen=True)
class Variation:
    """Another value at a position.

    Attributes:
        path: Of the position, `*` for any item.
        name: Last part of the fault's id.
        says: What is done, with the position as the subject.
        change: The other value for a value.
        means: Whether the other value means something else even where the schema allows it.
    """

    path: tuple[str, ...]
    name: str
    says: str
    change: Callable[[Any], Any]
    means: bool = False

    @property
    def pointer(self) -> str:
        """The position's pointer."""
        return "".join(f"/{one}" for one in self.path)


OTHER_TYPES: Mapping[str, Callable[[Any], Any]] = {
    "null": lambda _: None,
    "string": lambda value: (
        "text" if value is MISSING or isinstance(value, (dict, list, str)) else str(value)
    ),
    "integer": lambda _: 7,
    "boolean": lambda _: True,
    "array": lambda value: [] if value is MISSING else [value],
    "object": lambda value: {} if value is MISSING else {"value": value},
}

# Keyword: the value beyond its limit.
BEYOND: Mapping[str, Callable[[Any, Any], Any]] = {
    "minLength": lambda limit, _: "x" * (limit - 1),
    "maxLength": lambda limit, _: "x" * (limit + 1),
    "minimum": lambda limit, _: limit - 1,
    "maximum": lambda limit, _: limit + 1,
    "exclusiveMinimum": lambda limit, _: limit,
    "exclusiveMaximum": lambda limit, _: limit,
    "multipleOf": lambda limit, _: limit * 1.5,
    "minItems": lambda limit, value: value[: limit - 1] if isinstance(value, list) else [],
    "maxItems": lambda limit, value: (
        [*(value or [None])] * (limit + 1) if isinstance(value, list) else value
    ),
    "uniqueItems": lambda _, value: [*value, *value[-1:]] if isinstance(value, list) else value,
    "pattern": lambda limit, value: next(
        one for one in (f"x{value}", f"{value}x", "", " ", "0") if not re.search(limit, one)
    ),
    "format": lambda limit, _: f"no {limit}",
    "additionalProperties": lambda _, value: (
        {**value, "unexpected": 1} if isinstance(value, dict) else value
    ),
}

NULLS = {
    "null-as-empty-string": "",
    "null-as-text": "null",
    "null-as-value": "another",
    "null-as-nothing": MISSING,
}


def positions(schema: Schema) -> Iterator[Position]:
    """Every position of a schema, those behind conditions too."""
    for position in schema.positions():
        yield position
        for keyword in ("then", "else"):
            if keyword in position.schema.node:
                part = Schema(schema.document, f"{position.schema.pointer}/{keyword}")
                for inner in part.positions():
                    yield Position(
                        (*position.path, *inner.path),
                        inner.schema,
                        required=False,
                        branches=position.branches,
                    )


def variations(schema: Schema) -> Iterator[Variation]:
    """Every variation of a schema's values."""
    for position in positions(schema):
        for name, says, change in (
            *_presence(position),
            *_types(position.schema),
            *_limits(position.schema),
        ):
            yield Variation(position.path, name, says, change)
        for name, new in NULLS.items() if position.schema.nullable else ():
            says = f"is {name.split('-as-')[1].replace('-', ' ')} where it is null"
            yield Variation(position.path, name, says, _where_null(new), means=new is not MISSING)


def witness(schema: Schema, bases: list[Any], variation: Variation) -> list[Violation]:
    """What the contract has against a variation: of the violations of a value, those of its position come first."""
    bases = [base for base in bases if schema.is_valid(base)]
    if variation.name in NULLS:
        bases = [new for base in bases for new in rewrites(base, variation.path, lambda _: None)]
    for base in bases:
        for new in rewrites(base, variation.path, variation.change):
            if found := schema.violations(new):
                return sorted(found, key=lambda one: not is_at(variation.pointer, one.pointer))
    return []


def is_at(pattern: str, pointer: str) -> bool:
    """Whether a pointer is at a position, `*` standing for any item."""
    return re.fullmatch(re.escape(pattern).replace(r"\*", "[0-9]+"), pointer) is not None


def allowed_values(schema: Schema) -> list[Any]:
    """The values of `enum` and `const`, null left aside."""
    found = [
        *schema.node.get("enum", ()),
        *([schema.node["const"]] if "const" in schema.node else []),
    ]
    return [one for one in found if one is not None]


Rows = Iterator[tuple[str, str, Callable[[Any], Any]]]


def _presence(position: Position) -> Rows:
    if position.path and position.path[-1] != "*":
        yield "missing", "is left out", lambda _: MISSING


def _types(schema: Schema) -> Rows:
    types = schema.types or (("string",) if "enum" in schema.node else ())
    for kind, other in OTHER_TYPES.items() if types else ():
        if kind not in types and not (kind == "integer" and "number" in types):
            yield kind, f"is of the type {kind}", other


def _limits(schema: Schema) -> Rows:
    texts = [value for value in allowed_values(schema) if isinstance(value, str)]
    for value in texts:
        if value.swapcase() != value:
            yield f"{value}-in-other-case", f"is {value.swapcase()}", _always(value.swapcase())
    for value in texts[:1]:
        yield "unknown-value", f"is {value}_X", _always(f"{value}_X")
    for keyword, beyond in BEYOND.items():
        limit = schema.node.get(keyword)
        if limit is not None and limit is not (keyword == "additionalProperties"):
            yield keyword, f"breaks {keyword}", functools.partial(beyond, limit)


def _always(new: Any) -> Callable[[Any], Any]:
    return lambda _: new


def _where_null(new: Any) -> Callable[[Any], Any]:
    return lambda value: new if value is None else value
