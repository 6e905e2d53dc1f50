"""Enums and constants."""

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import names
from document import Document, kind_of
from plain import ANYTHING, NULL, Place, Plain, as_list, text, union

if TYPE_CHECKING:
    from schemas import Schemas

# What an enum can hold, and the types that allow it.
KINDS: dict[str, tuple[str, ...]] = {
    "a text": ("string",),
    "a number": ("integer", "number"),
    "true or false": ("boolean",),
    "empty": ("null",),
}


class Enums:
    """The enums of the document.

    Attributes:
        members: Name and value of what an enum has, by class.
    """

    def __init__(self, document: Document, schemas: "Schemas") -> None:
        self.members: dict[str, dict[str, str | int]] = {}
        self._document = document
        self._schemas = schemas

    def enum(self, schema: dict[str, Any], place: Place) -> Plain:
        """Give an enum in the plain form: one class or type for each kind of value."""
        values = self._document.listing(schema, "enum", place.where)
        by_kind: dict[str, list[Any]] = {}
        for value in values:
            same_kind = by_kind.setdefault(kind_of(value), [])
            if value not in same_kind:
                same_kind.append(value)
        if not by_kind.keys() <= KINDS.keys():  # no enum of Python holds objects or lists
            rest = {key: value for key, value in schema.items() if key != "enum"}
            return self._schemas.plain(self._schemas.keep(rest), place)
        for kind in by_kind:
            if not self._type_allows(schema, kind):
                value = json.dumps(by_kind[kind][0])
                wanted = " or ".join(map(str, as_list(schema["type"])))
                self._document.problem(
                    place.where,
                    f"the enum value {value} is {kind}, but the type is {wanted}: change one",
                )
                return ANYTHING
        choices = [kind for kind in by_kind if kind != "empty"]
        members = []
        for index, kind in enumerate(choices):
            at = place if len(choices) == 1 else replace(place, name=f"{place.name}_type_{index}")
            members.append(self._enum_of(schema, kind, by_kind[kind], at))
        if "empty" in by_kind:
            members.append(NULL)
        return union(members) if members else ANYTHING

    def constant(self, value: object, place: Place) -> Plain:
        """Give a constant in the plain form."""
        if value is None:
            return NULL
        if isinstance(value, str | bool | int):
            return {"const": value}
        if isinstance(value, float):
            return {"type": "number"}  # no literal type of Python holds it
        self._document.problem(
            place.where, f"const is {kind_of(value)}: use a text, a number, true or false"
        )
        return ANYTHING

    def _enum_of(self, schema: dict[str, Any], kind: str, values: list[Any], place: Place) -> Plain:
        if kind == "true or false":
            return {"type": "boolean"}
        if any(isinstance(value, float) for value in values):
            return {"type": "number"}
        wanted = [str(name) for name in as_list(schema.get("x-enum-varnames", []))]
        members = names.members(values, wanted if len(wanted) == len(values) else [])
        name = self._schemas.namespace.wanted(schema, place)
        if self.members.get(name) != members:  # it is not the same enum once more
            name = self._schemas.namespace.new(schema, place)
        self.members[name] = members
        self._schemas.classes[name] = {
            "type": "string" if kind == "a text" else "integer",
            "enum": values,
            "x-enum-varnames": [f"MEMBER_{index}" for index in range(len(values))],
            "description": text(schema.get("description")),
        }
        return {"$ref": f"#/components/schemas/{name}"}

    def _type_allows(self, schema: dict[str, Any], kind: str) -> bool:
        types = as_list(schema.get("type", []))
        return not types or kind == "empty" or any(one in KINDS[kind] for one in types)
