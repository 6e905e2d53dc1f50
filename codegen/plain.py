"""The plain form of schemas, and words for the parts of one.

In it a schema is a type, a constant, a list, a union by `anyOf`, or a reference to a class.
"""

from dataclasses import dataclass, replace
from typing import Any

import names

Plain = dict[str, Any]  # a schema in the plain form

ANYTHING: Plain = {}
NULL: Plain = {"type": "null"}
TYPES = ("string", "number", "integer", "boolean", "array", "object", "null")
# Formats that make a difference to the client.
FORMATS = ("date", "date-time", "uuid", "binary", "password")
# Keywords that say what a value is; all others only say which of these values are allowed.
SHAPE = (
    "$ref",
    "type",
    "enum",
    "const",
    "properties",
    "additionalProperties",
    "patternProperties",
    "items",
    "prefixItems",
    "allOf",
    "anyOf",
    "oneOf",
)
OBJECT = ("properties", "additionalProperties", "patternProperties")


@dataclass(frozen=True)
class Place:
    """Where a schema stands.

    Attributes:
        where: The place in words.
        owner: The class or operation around it, or nothing.
        name: What the schema is called there.
    """

    where: str
    owner: str
    name: str

    def part(self, step: str, name: str | None = None) -> "Place":
        """Give a place within this one; within no place there is none."""
        where = f"{self.where}, {step}" if self.where else ""
        return replace(self, where=where, name=self.name if name is None else name)


@dataclass
class Property:
    """A property of a class: its name in JSON and in Python, and what the document says of it."""

    name: str
    python_name: str
    description: str


def or_null(plain: Plain) -> Plain:
    """Allow null too."""
    return union([plain, NULL])


def union(members: list[Plain]) -> Plain:
    """Join schemas in the plain form to one, without doubles and nested unions."""
    flat: list[Plain] = []
    for member in members:
        for inner in union_members(member):
            if inner not in flat:
                flat.append(inner)
    if ANYTHING in flat:
        return ANYTHING
    if len(flat) == 1:
        return flat[0]
    joined: Plain = {"anyOf": flat}
    if any(member.get("format") == "password" for member in flat):
        joined["format"] = "password"
    return joined


def union_members(plain: Plain) -> list[Plain]:
    """Give the members of a union; a schema that is none is its own only one."""
    members: list[Plain] = plain.get("anyOf", [plain])
    return members


def keywords(schema: dict[str, Any]) -> set[str]:
    """Give those keywords of a schema that say what a value is."""
    return schema.keys() & set(SHAPE)


def only(schema: object, *keys: str) -> dict[str, Any]:
    """Give a schema with these keywords only."""
    if not isinstance(schema, dict):
        return {}
    return {key: schema[key] for key in keys if key in schema}


def as_list(value: Any) -> list[Any]:
    """Give a list as it is, and anything else as the only item of one."""
    return value if isinstance(value, list) else [value]


def title(schema: object) -> str:
    """Give the title of a schema, if a name can be made of it."""
    given = schema.get("title") if isinstance(schema, dict) and "$ref" not in schema else None
    return given if isinstance(given, str) and names.identifier(given) != names.PREFIX else ""


def text(value: object) -> str:
    """Give a text as it is, and nothing for anything else."""
    return value if isinstance(value, str) else ""
