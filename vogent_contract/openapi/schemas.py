"""Schemas of the contract: where they are, what breaks them, which positions they have."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

import jsonschema_rs

from vogent_contract.openapi.document import ContractError, Document, join, tokens

_SAMPLES: Mapping[str, Any] = {
    "string": "text",
    "integer": 1,
    "number": 1.5,
    "boolean": True,
    "null": None,
    "array": [],
    "object": {},
}


@dataclass(frozen=True)
class Violation:
    """One way in which a value breaks the contract.

    Attributes:
        pointer: JSON pointer (RFC 6901) into the value, empty for the whole of it.
        keyword: The JSON Schema keyword that is broken, or `status`, `content-type`, `json`, `body`.
        schema: Pointer of that keyword in `openapi.yaml`.
        expected: What the contract asks for.
        got: What came, shortened.
        assumed: The reason, if the keyword is marked `x-assumed` in the contract.
    """

    pointer: str
    keyword: str
    schema: str
    expected: str
    got: str
    assumed: str | None = None

    def __str__(self) -> str:
        return f"{self.pointer or 'the value'}: expected {self.expected}, got {self.got}"


@dataclass(frozen=True)
class Position:
    """A place in the values of a schema.

    Attributes:
        path: Tokens from the top of the value; `*` stands for any array item.
        schema: The schema at that place.
        required: Whether the value must be present.
        branches: The `oneOf`/`anyOf` members that were taken on the way here.
    """

    path: tuple[str, ...]
    schema: Schema
    required: bool = True
    branches: tuple[Schema, ...] = ()


@dataclass(frozen=True)
class Schema:
    """A schema of the document, by its pointer. Its `$ref` is followed."""

    document: Document
    pointer: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "pointer", self.document.follow(self.pointer))

    def __hash__(self) -> int:
        return hash(self.pointer)

    @functools.cached_property
    def node(self) -> Mapping[str, Any]:
        """The schema as written; a boolean schema reads as an object."""
        value = self.document.at(self.pointer)
        return value if isinstance(value, dict) else ({} if value is True else {"not": {}})

    @property
    def name(self) -> str:
        """Last token of the pointer: a component's name, a property's name."""
        return tokens(self.pointer)[-1]

    @property
    def types(self) -> tuple[str, ...]:
        """JSON types that the schema names, of the constant if there is one, none if it names none."""
        if "const" in self.node:
            return (json_type(self.node["const"]),)
        named = self.node.get("type", ())
        return (named,) if isinstance(named, str) else tuple(named)

    @property
    def nullable(self) -> bool:
        """Whether null is one of several things the value can be."""
        if "null" in self.types:
            return len(self.types) > 1
        return any("null" in branch.types for branch in self.branches())

    def branches(self) -> list[Schema]:
        """The members of `oneOf` or `anyOf`."""
        return [
            Schema(self.document, join(self.pointer, keyword, index))
            for keyword in ("oneOf", "anyOf")
            for index in range(len(self.node.get(keyword, ())))
        ]

    def parts(self) -> list[Schema]:
        """The members of `allOf`."""
        count = len(self.node.get("allOf", ()))
        return [Schema(self.document, join(self.pointer, "allOf", index)) for index in range(count)]

    def property(self, name: str) -> Schema:
        """The schema of a property that the schema lists."""
        return Schema(self.document, join(self.pointer, "properties", name))

    def items(self) -> Schema | None:
        """The schema of an array's items, None if it has none."""
        return (
            Schema(self.document, join(self.pointer, "items"))
            if isinstance(self.node.get("items"), dict)
            else None
        )

    @functools.cached_property
    def _validator(self) -> jsonschema_rs.Draft202012Validator:
        components = self.document.raw.get("components", {})
        wrapper = {
            "$ref": quote(self.pointer, safe="#/~"),
            "components": components,
            "paths": self.document.raw["paths"],
        }
        try:
            return jsonschema_rs.Draft202012Validator(wrapper)
        except (ValueError, jsonschema_rs.ValidationError) as error:
            raise ContractError(
                f"the schema at {self.pointer} is not valid: {str(error).splitlines()[0]}"
            ) from None

    def is_valid(self, value: Any) -> bool:
        """Whether the value keeps the schema (Draft 2020-12)."""
        return self._validator.is_valid(value)

    def violations(self, value: Any) -> list[Violation]:
        """Every way in which a JSON value breaks the schema, innermost first found, none if it keeps it."""
        return [
            self._violation(error)
            for top in self._validator.iter_errors(value)
            for error in _innermost(top)
        ]

    def _violation(self, error: jsonschema_rs.ValidationError) -> Violation:
        where = unquote("#" + join("", *error.schema_path))
        keyword = str(error.schema_path[-1])
        owner = self.document.at(where.rsplit("/", 1)[0])
        limit = self.document.at(where)
        pointer = join("", *error.instance_path)
        got = shorten(error.instance)
        if keyword == "required" and isinstance(error.instance, dict):
            missing = str(error.kind.as_dict()["property"])
            pointer, got = join(pointer, missing), "nothing"
            expected = "a value, it is required"
        else:
            expected = (
                f"{keyword} {json.dumps(limit, ensure_ascii=False)}"
                if _is_plain(limit)
                else error.message
            )
        assumed = owner.get("x-assumed", {}).get(keyword) if isinstance(owner, dict) else None
        return Violation(pointer, keyword, where, expected, got, assumed)

    def positions(self) -> list[Position]:
        """Every place in the schema's values, the top first; a recursive schema is entered once."""
        return list(self._walk((), True, (), ()))

    def _walk(
        self,
        path: tuple[str, ...],
        required: bool,
        branches: tuple[Schema, ...],
        above: tuple[str, ...],
    ) -> Iterator[Position]:
        if self.pointer in above:
            return
        above = (*above, self.pointer)
        yield Position(path, self, required, branches)
        for name in self.node.get("properties", {}):
            needed = name in self.node.get("required", ())
            yield from self.property(name)._walk((*path, name), needed, branches, above)
        if (items := self.items()) is not None:
            yield from items._walk((*path, "*"), True, branches, above)
        for branch in self.branches():
            yield from branch._walk(path, required, (*branches, branch), above)
        for part in self.parts():
            yield from part._walk(path, required, branches, above)

    def sample(self) -> Any:
        """A value of the schema: its example, default, constant, first enum value, or the plainest of its type."""
        node = self.node
        for keyword in ("const", "example", "default"):
            if keyword in node:
                return node[keyword]
        for keyword in ("examples", "enum"):
            if node.get(keyword):
                return node[keyword][0]
        merged: dict[str, Any] = {}
        for part in self.parts():
            value = part.sample()
            if not isinstance(value, dict):
                return value
            merged |= value
        if merged or "properties" in node:
            own = {name: self.property(name).sample() for name in node.get("properties", {})}
            return merged | own
        if self.branches():
            return self.branches()[0].sample()
        return self._sample_of_type()

    def _sample_of_type(self) -> Any:
        node, kind = self.node, (self.types or ("object",))[0]
        if kind == "string":
            return _FORMATS.get(node.get("format", ""), "text".ljust(node.get("minLength", 0), "t"))
        if kind in ("integer", "number"):
            return node.get("minimum", node.get("maximum", _SAMPLES[kind]))
        if kind == "array" and (items := self.items()) is not None:
            return [items.sample()]
        return _SAMPLES[kind]


_FORMATS = {
    "date-time": "2026-01-01T00:00:00Z",
    "date": "2026-01-01",
    "uuid": "5f0c7c1e-8f43-4f0e-9c55-0d6c2a3b1e10",
    "email": "a@example.com",
    "uri": "https://example.com",
}


def parse_json(content: bytes) -> Any:
    """Parse a JSON text as RFC 8259 means it: UTF-8, no NaN, no name twice, no lone surrogates.

    Raises:
        ValueError: It is not one; the message says why.
    """
    try:
        value = _DECODER.decode(content.decode("utf-8"))
        if b"\\u" in content:
            json.dumps(value, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except UnicodeError:
        raise ValueError("not UTF-8") from None
    return value


def json_type(value: Any) -> str:
    """The JSON Schema type of a parsed value, `integer` for a whole number."""
    if value is None or isinstance(value, bool):
        return "null" if value is None else "boolean"
    if isinstance(value, float):
        return "integer" if value.is_integer() else "number"
    return {str: "string", int: "integer", list: "array", dict: "object"}[type(value)]


def shorten(value: Any, length: int = 80) -> str:
    """A value as JSON of at most `length` characters."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= length else text[: length - 1] + "…"


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a name occurs twice in an object")
    return value


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, object_pairs_hook=_unique)


def _is_plain(value: Any) -> bool:
    return not isinstance(value, dict) and len(json.dumps(value)) < 80


def _innermost(error: jsonschema_rs.ValidationError) -> Iterator[jsonschema_rs.ValidationError]:
    """Errors of the `oneOf`/`anyOf` member that the value was meant for: the fewest wrong constants, then errors."""
    members = error.kind.as_dict().get("context") if "Of" in type(error.kind).__name__ else None
    if not members:
        yield error
        return

    def distance(errors: list[jsonschema_rs.ValidationError]) -> tuple[int, int]:
        constants = [inner for inner in errors if inner.schema_path[-1] in ("const", "enum")]
        return len(constants), len(errors)

    for inner in min(members, key=distance):
        yield from _innermost(inner)
