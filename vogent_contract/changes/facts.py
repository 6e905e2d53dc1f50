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
            `property` is `required`, `optional`, or `read-only` in a request and `write-only` in a
            response; `variants` has what some members of a `oneOf` or `anyOf` ask for, and others
            do not.
        pointers: By keyword the JSON pointer of where the document says so.
        parts: The places inside by name, such as `agentId`, `[]` for the items of an array, `*` for
            the properties that have no name.
        members: The members of a `oneOf` or `anyOf` by what tells them apart; facts and parts have
            what they share.
        where: JSON pointer of the schema, empty if there is none.
    """

    facts: dict[str, Any] = field(default_factory=dict)
    pointers: dict[str, str] = field(default_factory=dict)
    parts: dict[str, Part] = field(default_factory=dict)
    members: dict[str, Part] = field(default_factory=dict)
    where: str = ""

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

    members = {label: both(member, other) for label, member in one.members.items()}
    if not members:
        members = {label: both(one, member) for label, member in other.members.items()}
    return Part(facts, one.pointers | other.pointers, parts, members, one.where)


def either(members: Sequence[Part], names: Sequence[str], pointer: str) -> Part:
    """What is promised of a value that keeps one of the members of the `oneOf` or `anyOf` there.

    Args:
        members: What each member promises.
        names: The name of the schema that each member refers to, empty if it refers to none.
        pointer: Where the `oneOf` or `anyOf` is.
    """
    nullable = any("null" in member.facts.get("type", []) for member in members)
    named: list[tuple[str, Part]] = []
    for name, member in zip(names, members, strict=True):
        types = member.facts.get("type")
        if types not in (["null"], []):
            named.append((name, _without_null(member)))
    members = [member for _, member in named]
    merged = _shared(members)
    if nullable and "type" in merged.facts:
        merged.facts["type"] = sorted({*merged.facts["type"], "null"})

    labels = _labels(named)
    common = merged.demands()
    variants: dict[str, dict[str, Any]] = {}
    for label, member in zip(labels, members, strict=True):
        demands = member.demands().items()
        variants[label] = {name: value for name, value in demands if common.get(name) != value}
    if any(variants.values()):
        merged.say("variants", variants, pointer)
    if len(members) > 1:
        merged.members = dict(zip(labels, members, strict=True))
    elif members:
        merged.members = members[0].members
    return merged


def _without_null(member: Part) -> Part:
    """The member without null among its types: that null is allowed is said of all of them."""
    facts = dict(member.facts)
    if "type" in facts:
        facts["type"] = [name for name in facts["type"] if name != "null"]
    return Part(facts, member.pointers, member.parts, member.members, member.where)


def _labels(named: Sequence[tuple[str, Part]]) -> list[str]:
    """What tells each member from the others: a constant, its schema's name, or its number."""
    labels: list[str] = []
    for number, (name, member) in enumerate(named, 1):
        label = _constant(member) or name
        labels.append(f"number {number}" if label in ("", *labels) else label)
    return labels


def _constant(member: Part) -> str:
    """The property that only this member has one value for, such as `type=purchase`."""
    for name, part in member.parts.items():
        values = part.facts.get("enum", ())
        if len(values) == 1:
            return f"{name}={values[0]}"
    return ""


def _shared(members: Sequence[Part]) -> Part:
    """What is promised whichever of the members a value keeps."""
    merged = Part()
    if len(members) == 1:
        merged.members = members[0].members
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
        return "optional" if "optional" in values else values[0]
    if keyword == "type":
        return sorted({name for names in values for name in names})
    if keyword == "enum":
        union: list[Any] = []
        for enum in values:
            union += [value for value in enum if value not in union]
        return union
    alike = all(value == values[0] for value in values)
    return values[0] if alike else None
