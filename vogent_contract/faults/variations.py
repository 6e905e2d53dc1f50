"""Other values for the positions of a schema: each breaks a keyword, or says what is not so."""

from __future__ import annotations

import copy
import functools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from vogent_contract.openapi import MISSING, Position, Schema

Path = tuple[str, ...]
NewValue = Callable[[Any], Any]  # another value for a value, MISSING to leave it out


@dataclass(frozen=True)
class Variation:
    """Another value at a position.

    Attributes:
        path: Of the position, `*` for any item.
        name: Part of the fault's id.
        says: What is done, with the position as the subject.
        keyword: That is broken; empty if the value is allowed and says what is not so.
        assumed: Why the contract only assumes the keyword.
    """

    path: Path
    name: str
    says: str
    new: NewValue
    keyword: str = ""
    assumed: str | None = None

    @property
    def pointer(self) -> str:
        """The position's pointer."""
        return "".join(f"/{token}" for token in self.path)


def variations(schema: Schema) -> Iterator[Variation]:
    """Every variation of a schema's values."""
    required: dict[Path, str | None] = {}  # why it is only assumed that the value is
    for position in positions(schema):
        path, node = position.path, position.schema.node
        for name in node.get("required", ()):
            required[*path, name] = node.get("x-assumed", {}).get("required")
        for name, says, new, right in _other_values(position.schema):
            value = new(right)
            found = [] if value is MISSING else position.schema.violations(value)
            broken = [violation for violation in found if not violation.pointer]
            if broken:
                yield Variation(path, name, says, new, broken[0].keyword, broken[0].assumed)
            elif value is MISSING and path in required:
                yield Variation(path, name, says, new, "required", required[path])
            elif value is not MISSING and right is None:
                yield Variation(path, name, says, new)


def positions(schema: Schema) -> Iterator[Position]:
    """Every position of a schema, those behind `then` and `else` too."""
    for position in schema.positions():
        yield position
        for keyword in ("then", "else"):
            if keyword in position.schema.node:
                part = Schema(schema.document, f"{position.schema.pointer}/{keyword}")
                for inner in part.positions():
                    path, place = position.path + inner.path, position.place + inner.place
                    yield replace(inner, path=path, place=place)


def rewrites(value: Any, path: Path, new: NewValue) -> Iterator[Any]:
    """Copies of a value with another thing at the path: each in one item, the last first."""
    count = len(list(_holders([value], ("*", *path))))
    for index in reversed(range(count)):
        yield rewritten(value, path, new, index)


def rewritten(value: Any, path: Path, new: NewValue, only: int | None = None) -> Any:
    """A copy of a value with another thing at the path: in every item, or only in one."""
    box = [copy.deepcopy(value)]
    for index, (holder, key) in enumerate(list(_holders(box, ("*", *path)))):
        if only in (None, index):
            old = holder.get(key, MISSING) if isinstance(holder, dict) else holder[key]
            holder[key] = new(old)
            if holder[key] is MISSING:
                del holder[key]
    return box[0]


def is_at(pattern: str, pointer: str) -> bool:
    """The pointer is at a position, `*` standing for any item."""
    return re.fullmatch(re.escape(pattern).replace(r"\*", "[0-9]+"), pointer) is not None


def _holders(value: Any, path: Path) -> Iterator[tuple[Any, Any]]:
    """The arrays and objects that hold what is at a path, each with the index or name there."""
    keys: list[Any] = []
    if path[0] == "*" and isinstance(value, list):
        keys = list(range(len(value)))
    elif isinstance(value, dict) and (path[0] in value or len(path) == 1):
        keys = [path[0]]
    for key in keys:
        if len(path) == 1:
            yield value, key
        else:
            yield from _holders(value[key], path[1:])


def _other_values(schema: Schema) -> Iterator[tuple[str, str, NewValue, Any]]:
    """Name, what it says, the other value, and the right value that it stands for."""
    right = schema.sample()
    yield "missing", "is left out", _always(MISSING), right
    for name, new in OTHER_TYPES.items():
        if schema.types and name not in schema.types:
            yield name, f"is of the type {name}", new, right
    texts = [value for value in schema.allowed_values if isinstance(value, str)]
    for text in texts:
        if text.swapcase() != text:
            yield f"{text}-in-other-case", f"is {text.swapcase()}", _always(text.swapcase()), right
    for text in texts[:1]:
        yield "unknown-value", f"is {text}_X", _always(f"{text}_X"), right
    for keyword, beyond in BEYOND.items():
        if keyword in schema.node:
            new = functools.partial(beyond, schema.node[keyword])
            yield keyword, f"breaks {keyword}", new, right
    if schema.nullable:
        for name, value in NULLS.items():
            says = f"is {name.removeprefix('null-as-').replace('-', ' ')} where it is null"
            yield name, says, _where_null(value), None


def _always(new: Any) -> NewValue:
    return lambda _: new


def _where_null(new: Any) -> NewValue:
    return lambda value: new if value is None else value


def _as_text(value: Any) -> str:
    return "text" if value is MISSING or isinstance(value, dict | list | str) else str(value)


def _unlike(pattern: str, text: Any) -> str:
    candidates = (f"x{text}", f"{text}x", "", " ", "0")
    return next(one for one in candidates if not re.search(pattern, one))


OTHER_TYPES: Mapping[str, NewValue] = {
    "null": lambda _: None,
    "string": _as_text,
    "integer": lambda _: 7,
    "boolean": lambda _: True,
    "array": lambda value: [] if value is MISSING else [value],
    "object": lambda value: {} if value is MISSING else {"value": value},
}

# Keyword: a value beyond its limit, made from the limit and the right value.
BEYOND: Mapping[str, Callable[[Any, Any], Any]] = {
    "minLength": lambda limit, _: "x" * (limit - 1),
    "maxLength": lambda limit, _: "x" * (limit + 1),
    "minimum": lambda limit, _: limit - 1,
    "maximum": lambda limit, _: limit + 1,
    "exclusiveMinimum": lambda limit, _: limit,
    "exclusiveMaximum": lambda limit, _: limit,
    "multipleOf": lambda limit, _: limit * 1.5,
    "minItems": lambda limit, value: value[: limit - 1] if isinstance(value, list) else value,
    "maxItems": lambda limit, value: value * (limit + 1) if isinstance(value, list) else value,
    "uniqueItems": lambda _, value: value + value[-1:] if isinstance(value, list) else value,
    "pattern": _unlike,
    "format": lambda name, _: f"no {name}",
    "additionalProperties": lambda _, value: (
        value | {"unexpected": 1} if isinstance(value, dict) else value
    ),
}

NULLS = {
    "null-as-empty-string": "",
    "null-as-text": "null",
    "null-as-value": "another",
    "null-as-nothing": MISSING,
}
