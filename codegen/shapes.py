"""What a schema describes: an object, another value, null, or a choice of these."""

from typing import Any

from document import Document
from plain import OBJECT, as_list, keywords


def shape(document: Document, schema: Any, seen: tuple[int, ...] = ()) -> str:
    """Say what a schema describes: `object`, `value`, `null` or `union`.

    Nothing if it only says which of the values are allowed that another schema describes.
    """
    if not isinstance(schema, dict) or id(schema) in seen:
        return ""
    seen = (*seen, id(schema))
    if "$ref" in schema:
        return shape(document, document.follow(schema, ""), seen)
    if "allOf" in schema:
        return _joint_shape(document, schema, seen)
    for keyword in ("anyOf", "oneOf"):
        if any(shape(document, member, seen) for member in as_list(schema.get(keyword, []))):
            return "union"
    return _own_shape(schema)


def _joint_shape(document: Document, schema: dict[str, Any], seen: tuple[int, ...]) -> str:
    own = {key: value for key, value in schema.items() if key != "allOf"}
    shapes = {shape(document, part, seen) for part in [*as_list(schema["allOf"]), own]} - {""}
    return "union" if "union" in shapes else min(shapes, default="")


def _own_shape(schema: dict[str, Any]) -> str:
    if "enum" in schema or "const" in schema:
        return "value"
    types = as_list(schema.get("type", []))
    if types == ["null"]:
        return "null"
    if "object" in types or (not types and keywords(schema) & set(OBJECT)):
        return "object"
    return "value" if keywords(schema) - {"anyOf", "oneOf"} else ""
