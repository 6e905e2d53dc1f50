"""JSON as RFC 8259 means it, where Python's own reader is more lenient."""

from __future__ import annotations

import json
from typing import Any


def parse_json(content: bytes) -> Any:
    """Parse a JSON text: UTF-8, no NaN, no name twice in an object, no half of a surrogate pair.

    Raises:
        ValueError: It is not one; the message says why.
    """
    try:
        value = _DECODER.decode(content.decode("utf-8"))
        if b"\\u" in content:
            json.dumps(value, ensure_ascii=False).encode()  # fails for half of a surrogate pair
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except UnicodeError:
        raise ValueError("not UTF-8") from None
    return value


def json_type(value: Any) -> str:
    """The JSON Schema type of a parsed value, `integer` for a whole number."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, float):
        return "integer" if value.is_integer() else "number"
    return {str: "string", int: "integer", list: "array", dict: "object"}[type(value)]


def as_text(value: Any) -> str:
    """A value as JSON for people to read."""
    return json.dumps(value, ensure_ascii=False, default=str)


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a name occurs twice in an object")
    return value


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, object_pairs_hook=_unique)
