"""What a schema promises: the same facts for the same promise, however 3.0 or 3.1 writes it."""

from __future__ import annotations

from typing import Any

from vogent_contract.changes.facts import Part, both, either
from vogent_contract.openapi.document import Document, join

# fmt: off
_LIMITS = (  # keywords that bind a value as they stand
    "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "multipleOf",
    "maxLength", "minLength", "pattern", "format", "contentEncoding", "contentMediaType",
    "maxItems", "minItems", "uniqueItems", "prefixItems", "unevaluatedItems",
    "contains", "minContains", "maxContains",
    "maxProperties", "minProperties", "additionalProperties", "patternProperties", "propertyNames",
    "dependentRequired", "dependentSchemas", "unevaluatedProperties",
    "default", "not",
)
_ANNOTATIONS = (
    "title", "description", "example", "examples", "deprecated", "externalDocs", "$comment", "xml",
)
# fmt: on
_SAYS_NOTHING = {
    "additionalProperties": True,
    "uniqueItems": False,
    "minLength": 0,
    "minItems": 0,
    "format": "password",  # a hint to hide what is typed
}
_TYPES = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    list: "array",
    dict: "object",
    type(None): "null",
}


class SchemaReader:
    """Reads the schemas of a document; raises TypeError, KeyError, ... if one is built wrongly."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.knows_nullable = str(document.raw["openapi"]).startswith("3.0")

    def read(self, pointer: str, seen: tuple[str, ...] = ()) -> Part:
        """The promises of the schema at `pointer`; one that contains itself is told once."""
        raw = self.document.at(pointer)
        if raw is True or pointer in seen:
            return Part()
        if raw is False:
            return Part({"not": {}}, {"not": pointer})

        seen = (*seen, pointer)
        part = self._alone(pointer, raw, seen)
        if "$ref" in raw:
            self.document.follow(pointer)  # raises if it leads nowhere
            part = both(part, self.read(raw["$ref"], seen))
        for member in self._members(pointer, "allOf", seen):
            part = both(part, member)
        for name in ("oneOf", "anyOf"):
            if name in raw:
                part = both(part, either(self._members(pointer, name, seen), pointer))
        if self.knows_nullable and raw.get("nullable") and "type" in part.facts:
            part.facts["type"] = sorted({*part.facts["type"], "null"})
        return part

    def _members(self, pointer: str, name: str, seen: tuple[str, ...]) -> list[Part]:
        members = self.document.at(pointer).get(name, [])
        return [self.read(join(pointer, name, index), seen) for index in range(len(members))]

    def _alone(self, pointer: str, raw: dict[str, Any], seen: tuple[str, ...]) -> Part:
        """A schema without the schemas that it is put together from."""
        part = Part()
        for keyword, value in (self._limits(raw, seen) | _types_and_values(raw)).items():
            part.say(keyword, value, join(pointer, keyword) if keyword in raw else pointer)

        properties = raw.get("properties", {})
        required = raw.get("required", [])
        for name in dict.fromkeys([*properties, *required]):
            where = join(pointer, "properties", name) if name in properties else pointer
            inside = self.read(where, seen) if name in properties else Part()
            presence = "required" if name in required else "optional"
            inside.say("property", presence, self.document.follow(where))
            part.parts[str(name)] = inside
        if "items" in raw:
            part.parts["[]"] = self.read(join(pointer, "items"), seen)
        return part

    def _limits(self, raw: dict[str, Any], seen: tuple[str, ...]) -> dict[str, Any]:
        limits = {key: raw[key] for key in _LIMITS if key in raw}
        for bound in ("Minimum", "Maximum"):
            exclusive = limits.get(f"exclusive{bound}")
            if isinstance(exclusive, bool):  # as 3.0 writes it
                del limits[f"exclusive{bound}"]
                if exclusive and bound.lower() in limits:
                    limits[f"exclusive{bound}"] = limits.pop(bound.lower())
        if "if" in raw:  # a condition and what follows are one rule
            limits["if"] = {key: raw[key] for key in ("if", "then", "else") if key in raw}

        plain: dict[str, Any] = self._plain(limits, seen)
        return plain

    def _plain(self, value: Any, seen: tuple[str, ...]) -> Any:
        """A value with its references replaced and without what binds nobody."""
        if isinstance(value, list):
            return [self._plain(item, seen) for item in value]
        if not isinstance(value, dict):
            return value
        reference = value.get("$ref")
        if isinstance(reference, str):
            if reference in seen:
                return reference
            return self._plain(self.document.at(reference), (*seen, reference))

        plain = {}
        for key, inner in value.items():
            binds = key not in _ANNOTATIONS and not key.startswith("x-")
            if binds and (key, inner) not in _SAYS_NOTHING.items():
                plain[key] = self._plain(inner, seen)
        return plain


def _types_and_values(raw: dict[str, Any]) -> dict[str, Any]:
    """`type` and `enum`, said or implied: `{const: a}` is a string. Null is a type, not a value."""
    facts: dict[str, Any] = {}
    types = raw.get("type", [])
    types = {types} if isinstance(types, str) else set(types)
    values = [raw["const"]] if "const" in raw else raw.get("enum")
    if values is not None:
        facts["enum"] = [value for value in values if value is not None]
        types = types or {_TYPES[type(value)] for value in values}
        if None not in values:
            types.discard("null")

    implied = {"properties": "object", "items": "array"}
    types = types or {implied[keyword] for keyword in implied if keyword in raw}
    if "number" in types:
        types.add("integer")
    if types:
        facts["type"] = sorted(types)
    return facts
