"""Schemas of the contract: where they are, what breaks them, which positions their values have."""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

import jsonschema_rs

from vogent_contract.openapi.document import ContractError, Document, join, tokens
from vogent_contract.openapi.json_text import as_text, json_type

ANY: Any = object()  # whatever a schema allows
MISSING: Any = object()  # a property that is not there


@dataclass(frozen=True)
class Violation:
    """One way in which a value breaks the contract.

    Attributes:
        pointer: JSON pointer (RFC 6901) into the value, empty for the whole of it.
        keyword: Broken keyword of JSON Schema, or `status`, `content-type`, `json`, `body`.
        schema: Pointer of that keyword in `openapi.yaml`.
        expected: What the contract asks for.
        got: What came, as JSON, however long.
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

    def below(self, pointer: str) -> Violation:
        """The same violation, seen from a value that holds this one at `pointer`."""
        return dataclasses.replace(self, pointer=pointer + self.pointer)


@dataclass(frozen=True)
class Position:
    """A place in the values of a schema.

    Attributes:
        path: Tokens from the top of the value; `*` stands for any array item.
        schema: The schema at that place.
        place: Its name whatever operation shows it, such as `PhoneNumber/agentId`.
        required: Whether the value must be present.
        branches: The `oneOf`/`anyOf` members that were taken on the way here.
        value: What a given value has there: `ANY` if none was given, `MISSING` if it has nothing.
    """

    path: tuple[str, ...]
    schema: Schema
    place: str = ""
    required: bool = True
    branches: tuple[Schema, ...] = ()
    value: Any = ANY


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
        if isinstance(value, dict):
            return value
        return {} if value is True else {"not": {}}

    @property
    def name(self) -> str:
        """Last token of the pointer: a component's name, a property's name."""
        return tokens(self.pointer)[-1]

    @property
    def is_component(self) -> bool:
        """Whether it stands by its name under `#/components/schemas`."""
        return self.pointer == join("#/components/schemas", self.name)

    @property
    def types(self) -> tuple[str, ...]:
        """JSON types that the schema names: of its constant, of `type`, or none."""
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

    @property
    def allowed_values(self) -> list[Any]:
        """The values of `enum` and `const`, null left aside."""
        values = list(self.node.get("enum", ()))
        if "const" in self.node:
            values.append(self.node["const"])
        return [value for value in values if value is not None]

    def branches(self) -> list[Schema]:
        """The members of `oneOf` or `anyOf`."""
        return [*self._members("oneOf"), *self._members("anyOf")]

    def parts(self) -> list[Schema]:
        """The members of `allOf`."""
        return self._members("allOf")

    def property(self, name: str) -> Schema:
        """The schema of a property that the schema lists."""
        return Schema(self.document, join(self.pointer, "properties", name))

    def properties(self) -> dict[str, Schema]:
        """The schemas of all properties that the schema lists, by name."""
        return {name: self.property(name) for name in self.node.get("properties", {})}

    def items(self) -> Schema | None:
        """The schema of an array's items, None if it has none."""
        if not isinstance(self.node.get("items"), dict):
            return None
        return Schema(self.document, join(self.pointer, "items"))

    def is_valid(self, value: Any) -> bool:
        """Whether the value keeps the schema (JSON Schema 2020-12)."""
        return self._validator.is_valid(value)

    def violations(self, value: Any) -> list[Violation]:
        """Every way in which a JSON value breaks the schema, none if it keeps it."""
        found = []
        for error in self._validator.iter_errors(value):
            found += [self._violation(innermost) for innermost in _innermost(error)]
        return found

    def positions(self, value: Any = ANY) -> Iterator[Position]:
        """Every place of the schema, the top first; of a given value those that it reaches.

        Without a value a schema that contains itself is entered once.
        """
        return _walk(Position((), self, value=value), ())

    def sample(self) -> Any:
        """A value of the schema: its constant, example or default, else the plainest one."""
        for keyword in ("const", "example", "default"):
            if keyword in self.node:
                return self.node[keyword]
        for keyword in ("examples", "enum"):
            if self.node.get(keyword):
                return self.node[keyword][0]
        if self.parts() or self.properties():
            return self._sample_object()
        if self.branches():
            return self.branches()[0].sample()
        return self._sample_of_type()

    def _members(self, keyword: str) -> list[Schema]:
        count = len(self.node.get(keyword, ()))
        return [Schema(self.document, join(self.pointer, keyword, index)) for index in range(count)]

    @functools.cached_property
    def _validator(self) -> jsonschema_rs.Draft202012Validator:
        wrapper = {
            "$ref": quote(self.pointer, safe="#/~"),
            "components": self.document.raw.get("components", {}),
            "paths": self.document.raw["paths"],
        }
        try:
            return jsonschema_rs.Draft202012Validator(wrapper)
        except (ValueError, jsonschema_rs.ValidationError) as error:
            reason = str(error).splitlines()[0]
            raise ContractError(f"the schema at {self.pointer} is not valid: {reason}") from None

    def _violation(self, error: jsonschema_rs.ValidationError) -> Violation:
        where = unquote("#" + join("", *error.schema_path))
        keyword = str(error.schema_path[-1])
        limit = self.document.at(where)
        pointer = join("", *error.instance_path)
        got = as_text(error.instance)
        if keyword == "required" and isinstance(error.instance, dict):
            pointer = join(pointer, str(error.kind.as_dict()["property"]))
            got = "nothing"
            expected = "a value, it is required"
        elif isinstance(limit, dict) or len(json.dumps(limit)) >= 80:
            expected = error.message
        else:
            expected = f"{keyword} {json.dumps(limit, ensure_ascii=False)}"
        owner = self.document.at(where.rpartition("/")[0])
        assumed = owner.get("x-assumed", {}) if isinstance(owner, dict) else {}
        return Violation(pointer, keyword, where, expected, got, assumed.get(keyword))

    def _sample_object(self) -> Any:
        merged: dict[str, Any] = {}
        for part in self.parts():
            value = part.sample()
            if not isinstance(value, dict):
                return value
            merged |= value
        return merged | {name: schema.sample() for name, schema in self.properties().items()}

    def _sample_of_type(self) -> Any:
        kind = self.types[0] if self.types else "object"
        items = self.items()
        if kind == "string":
            plain = "text".ljust(self.node.get("minLength", 0), "t")
            return _FORMATS.get(self.node.get("format", ""), plain)
        if kind == "array" and items is not None:
            return [items.sample()]
        if kind in ("integer", "number"):
            return self.node.get("minimum", self.node.get("maximum", _SAMPLES[kind]))
        return _SAMPLES[kind]


_SAMPLES: Mapping[str, Any] = {
    "integer": 1,
    "number": 1.5,
    "boolean": True,
    "null": None,
    "array": [],
    "object": {},
}
_FORMATS = {
    "date-time": "2026-01-01T00:00:00Z",
    "date": "2026-01-01",
    "uuid": "5f0c7c1e-8f43-4f0e-9c55-0d6c2a3b1e10",
    "email": "a@example.com",
    "uri": "https://example.com",
}


def _walk(here: Position, above: tuple[str, ...]) -> Iterator[Position]:
    """The position and everything below it; `above` are the schemas entered on the way."""
    schema = here.schema
    if schema.pointer in above:
        return
    above = (*above, schema.pointer)
    if schema.is_component:
        here = dataclasses.replace(here, place=schema.name)
    yield here
    if here.value is MISSING:
        return
    further = above if here.value is ANY else ()  # a value has an end, a recursive schema has none
    for inner in _inside(here):
        yield from _walk(inner, further)
    for branch in schema.branches():
        if here.value is ANY or branch.is_valid(here.value):
            branches = (*here.branches, branch)
            yield from _walk(dataclasses.replace(here, schema=branch, branches=branches), above)
    for part in schema.parts():
        yield from _walk(dataclasses.replace(here, schema=part), above)


def _inside(here: Position) -> Iterator[Position]:
    """The positions one step down: of each property, of each item."""
    value, node = here.value, here.schema.node
    for name, schema in here.schema.properties().items():
        if value is ANY or isinstance(value, dict):
            inner = value.get(name, MISSING) if isinstance(value, dict) else ANY
            required = name in node.get("required", ())
            yield _step(here, name, schema, inner, required)
    items = here.schema.items()
    if items is not None:
        values = [ANY] if value is ANY else value
        for item in values if isinstance(values, list) else ():
            yield _step(here, "*", items, item, required=True)


def _step(here: Position, name: str, schema: Schema, value: Any, required: bool) -> Position:
    place = f"{here.place}/{name}"
    return Position((*here.path, name), schema, place, required, here.branches, value)


def _innermost(error: jsonschema_rs.ValidationError) -> Iterator[jsonschema_rs.ValidationError]:
    """Errors of the best-matching branch of oneOf/anyOf: fewest const or enum errors first."""
    members = None
    if "Of" in type(error.kind).__name__:
        members = error.kind.as_dict().get("context")
    if not members:
        yield error
        return
    for inner in min(members, key=_distance):
        yield from _innermost(inner)


def _distance(errors: list[jsonschema_rs.ValidationError]) -> tuple[int, int]:
    constants = [error for error in errors if error.schema_path[-1] in ("const", "enum")]
    return len(constants), len(errors)
