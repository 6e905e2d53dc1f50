"""What a document promises, place by place, and what is left of it under `allOf` and `oneOf`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Part:
    """One place of an operation: a parameter, a body, a property of it, or the whole operation.

    Attributes:
        facts: What is promised, by keyword: `type`, `enum`, `maximum`, ... Nothing else is.
            `property` is `required` or `optional`; `variants` has what some members of a `oneOf` or
            `anyOf` ask for, and others do not.
        pointers: By keyword the JSON pointer of where the document says so.
        parts: The places inside by name, such as `agentId`, or `[]` for the items of an array.
    """

    facts: dict[str, Any] = field(default_factory=dict)
    pointers: dict[str, str] = field(default_factory=dict)
    parts: dict[str, Part] = field(default_factory=dict)

    def say(self, keyword: str, value: Any, pointer: str) -> None:
        """Add a fact, or replace it."""
        self.facts[keyword] = value
        self.pointers[keyword] = pointer

    def demands(self) -> dict[str, Any]:
        """What is asked for here and inside: `{"number": "required", "number.maxLength": 9}`."""
        elsewhere = ("type", "enum", "property")  # those of members add up, or are told by name
        found = {key: value for key, value in self.facts.items() if key not in elsewhere}
        for name, part in self.parts.items():
            if "property" in part.facts:
                found[name] = part.facts["property"]
            for inner, value in part.demands().items():
                found[f"{name}.{inner}"] = value
        return found


def both(one: Part, other: Part) -> Part:
    """What is promised of a value that keeps two schemas, as under `allOf`."""
    facts = one.facts | other.facts
    for keyword in one.facts.keys() & other.facts.keys():
        if keyword in ("type", "enum"):
            allowed = other.facts[keyword]
            facts[keyword] = [value for value in one.facts[keyword] if value in allowed]
        elif keyword == "property" and one.facts[keyword] == "required":
            facts[keyword] = "required"
    parts = one.parts | other.parts
    for name in one.parts.keys() & other.parts.keys():
        parts[name] = both(one.parts[name], other.parts[name])
    return Part(facts, one.pointers | other.pointers, parts)


def either(members: Sequence[Part], pointer: str) -> Part:
    """What is promised of a value that keeps one of the members of the `oneOf` or `anyOf` there."""
    nullable = any("null" in member.facts.get("type", []) for member in members)
    members = [member for member in members if member.facts.get("type") not in (["null"], [])]
    merged = _shared(members)
    if nullable and "type" in merged.facts:
        merged.facts["type"] = sorted({*merged.facts["type"], "null"})

    common = merged.demands()
    variants: dict[str, dict[str, Any]] = {}
    for number, member in enumerate(members, 1):
        demands = member.demands().items()
        own = {name: value for name, value in demands if common.get(name) != value}
        label = _label(member)
        variants[f"alternative {number}" if label in ("", *variants) else label] = own
    if any(variants.values()):
        merged.say("variants", variants, pointer)
    return merged


def _label(member: Part) -> str:
    """What tells a member from the others, such as `type=purchase`; empty if nothing does."""
    for name, part in member.parts.items():
        values = part.facts.get("enum", ())
        if len(values) == 1:
            return f"{name}={values[0]}"
    return ""


def _shared(members: Sequence[Part]) -> Part:
    """What is promised whichever of the members a value keeps."""
    merged = Part()
    for keyword in dict.fromkeys(keyword for member in members for keyword in member.facts):
        saying = [member for member in members if keyword in member.facts]
        value = _weakest(keyword, [member.facts[keyword] for member in saying])
        said_by_all = len(saying) == len(members)
        if value is not None and said_by_all:
            merged.say(keyword, value, saying[0].pointers[keyword])

    for name in dict.fromkeys(name for member in members for name in member.parts):
        inside = [member.parts[name] for member in members if name in member.parts]
        merged.parts[name] = _shared(inside)
        if len(inside) < len(members) and "property" in merged.parts[name].facts:
            merged.parts[name].facts["property"] = "optional"
    return merged


def _weakest(keyword: str, values: Sequence[Any]) -> Any:
    """What is left of several values of a fact, None if nothing is."""
    if keyword == "property":
        return "optional" if "optional" in values else "required"
    if keyword == "type":
        return sorted({name for names in values for name in names})
    if keyword == "enum":
        union: list[Any] = []
        for enum in values:
            union += [value for value in enum if value not in union]
        return union
    alike = all(value == values[0] for value in values)
    return values[0] if alike else None
