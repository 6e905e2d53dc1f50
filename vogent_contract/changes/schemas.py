"""What a schema promises: the same facts for the same promise, however 3.0 or 3.1 writes it."""

from __future__ import annotations

from typing import Any

from vogent_contract.changes.facts import Part, both, either
from vogent_contract.openapi.document import Document, join, tokens

# fmt: off
_LIMITS = (  # keywords that bind a value as they stand
    "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "multipleOf",
    "maxLength", "minLength", "pattern", "format",
    "contentEncoding", "contentMediaType", "contentSchema",
    "maxItems", "minItems", "uniqueItems", "prefixItems", "unevaluatedItems",
    "contains", "minContains", "maxContains",
    "maxProperties", "minProperties", "patternProperties", "propertyNames",
    "dependentRequired", "dependentSchemas", "unevaluatedProperties",
    "default", "not",
)
_ANNOTATIONS = (
    "title", "description", "example", "examples", "deprecated", "externalDocs", "$comment", "xml",
)
# fmt: on
_HOLD_NAMES = ("properties", "patternProperties", "dependentSchemas")  # keys are no keywords there
_HOLD_DATA = ("const", "default", "enum")
_INSIDE = {"items": "[]", "additionalProperties": "*"}  # the part for what a keyword describes
_BINDS_NOTHING = {  # values that are so anyway
    "additionalProperties": (True,),
    "uniqueItems": (False,),
    "minLength": (0,),
    "minItems": (0,),
    "minProperties": (0,),
    "pattern": ("", "^", "$", ".*", "^.*", ".*$", "^.*$"),
    "format": ("password",),  # a hint to hide what is typed
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
HIDDEN = {"readOnly": "read-only", "writeOnly": "write-only"}  # in a request, in a response


class SchemaReader:
    """Reads the schemas of a document; raises TypeError, KeyError, ... if one is built wrongly.

    Args:
        document: The document.
        hides: The keyword that takes a property out: `readOnly` where requests are read,
            `writeOnly` where responses are.
    """

    def __init__(self, document: Document, hides: str) -> None:
        self.document = document
        self.hides = hides
        self.knows_nullable = str(document.raw["openapi"]).startswith("3.0")

    def read(self, pointer: str, seen: tuple[str, ...] = ()) -> Part:
        """The promises of the schema at `pointer`; one that contains itself is told once."""
        raw = self.document.at(pointer)
        if raw is True or pointer in seen:
            return Part(where=pointer)
        if raw is False:
            return Part({"not": {}}, {"not": pointer}, where=pointer)

        seen = (*seen, pointer)
        part = self._alone(pointer, raw, seen)
        if "$ref" in raw:
            self.document.follow(pointer)  # raises if it leads nowhere
            part = both(part, self.read(raw["$ref"], seen))
        for member in self._members(pointer, "allOf", seen):
            part = both(part, member)
        for name in ("oneOf", "anyOf"):
            if name in raw:
                members = self._members(pointer, name, seen)
                part = both(part, either(members, self._names(raw[name]), pointer))
        if self.knows_nullable and raw.get("nullable") and "type" in part.facts:
            part.facts["type"] = sorted({*part.facts["type"], "null"})
        part.where = self.document.follow(pointer)
        return part

    def _members(self, pointer: str, name: str, seen: tuple[str, ...]) -> list[Part]:
        members = self.document.at(pointer).get(name, [])
        return [self.read(join(pointer, name, index), seen) for index in range(len(members))]

    def _names(self, members: list[Any]) -> list[str]:
        """The name of the schema that each member refers to, empty if it refers to none."""
        names = []
        for member in members:
            reference = member.get("$ref", "") if isinstance(member, dict) else ""
            names.append(tokens(reference)[-1] if reference else "")
        return names

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
            inside.say("property", self._hidden(where) or presence, self.document.follow(where))
            part.parts[str(name)] = inside
        for keyword, name in _INSIDE.items():
            self._describe(part, keyword, name, pointer, seen)
        return part

    def _hidden(self, pointer: str) -> str:
        """`read-only` or `write-only`, empty if the property is not hidden on this side."""
        for place in (pointer, self.document.follow(pointer)):
            raw = self.document.at(place)
            if isinstance(raw, dict) and raw.get(self.hides):
                return HIDDEN[self.hides]
        return ""

    def _describe(
        self, part: Part, keyword: str, name: str, pointer: str, seen: tuple[str, ...]
    ) -> None:
        """Say what `items` or `additionalProperties` promises, if it promises anything."""
        where = join(pointer, keyword)
        value = self.document.at(pointer).get(keyword, True)
        if value is False:
            part.say(keyword, False, where)
        elif value is not True:
            inside = self.read(where, seen)
            if inside.facts or inside.parts:
                part.say(keyword, "schema", where)
                part.parts[name] = inside

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

        plain: dict[str, Any] = self.plain(limits, seen)
        return plain

    def plain(self, value: Any, seen: tuple[str, ...] = ()) -> Any:
        """A value with its references replaced and without what binds nobody."""
        if isinstance(value, list):
            return [self.plain(item, seen) for item in value]
        if not isinstance(value, dict):
            return value
        reference = value.get("$ref")
        if isinstance(reference, str):
            if reference in seen:
                return reference
            return self.plain(self.document.at(reference), (*seen, reference))

        plain = {}
        for key, inner in value.items():
            if key in _HOLD_NAMES and isinstance(inner, dict):
                plain[key] = {name: self.plain(schema, seen) for name, schema in inner.items()}
            elif key in _HOLD_DATA:
                plain[key] = inner
            elif _binds(key, inner):
                plain[key] = self.plain(inner, seen)
        return plain


def _binds(keyword: str, value: Any) -> bool:
    """Whether the keyword lets anything less through with this value."""
    if keyword in _ANNOTATIONS or keyword.startswith("x-"):
        return False
    return value not in _BINDS_NOTHING.get(keyword, ())


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


def types_of(part: Part) -> Any:
    """`type` as 3.1 writes it, None if there is none."""
    types = [name for name in part.facts.get("type", []) if name != "null"]
    if "number" in types:
        types.remove("integer")
    if "null" in part.facts.get("type", []):
        types.append("null")
    if not types:
        return None
    return types[0] if len(types) == 1 else types


def schema_of(part: Part) -> dict[str, Any]:
    """A schema of 3.1 that promises what a part does, without words."""
    if part.members:
        return {"anyOf": [schema_of(member) for member in part.members.values()]}
    schema: dict[str, Any] = {"type": types_of(part)} if types_of(part) else {}
    for keyword, value in part.facts.items():
        schema |= _as_written(keyword, value, part)
    named = {name: one for name, one in part.parts.items() if name not in _INSIDE.values()}
    required = [name for name, one in named.items() if one.facts.get("property") == "required"]
    if required:
        schema["required"] = required
    if named:
        schema["properties"] = {name: schema_of(one) for name, one in named.items()}
    return schema


def _as_written(keyword: str, value: Any, part: Part) -> dict[str, Any]:
    """The keywords of a schema that say a fact; none for what is said elsewhere."""
    if keyword in (*_LIMITS, "enum"):
        return {keyword: value}
    if keyword in _INSIDE:
        return {keyword: schema_of(part.parts[_INSIDE[keyword]]) if value else False}
    if keyword == "property":
        return {hides: True for hides, words in HIDDEN.items() if words == value}
    return dict(value) if keyword == "if" else {}
