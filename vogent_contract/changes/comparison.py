"""What differs between two versions of a contract, and whom each difference breaks.

The comparison is our own: the well-kept ones (oasdiff, openapi-changes) come from no package index
without fetching a binary from elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from vogent_contract.changes.effects import (
    NARROWER,
    OTHER,
    SAME,
    SEVERITIES,
    TWINS,
    WIDER,
    are_numbers,
    effect_of,
    outcome_of,
)
from vogent_contract.changes.facts import Part
from vogent_contract.changes.schemas import HIDDEN

_Facts = dict[str, tuple[Any, str]]  # value and pointer by keyword
_PRESENCE = {"operation", "property", "status", "media type"}
_NOUNS = {"enum": "value", "if": "condition", "items": "items'"}
_OF_THE_CLIENT = {"name": "no longer works", "class": "no longer holds"}
_DESCRIBED = ("[]", "*")  # parts of which the fact `items` or `additionalProperties` tells
_OF_THE_PLACE = ("property", "style", "media type")  # facts that are no part of a schema
_OF_ALL_MEMBERS = frozenset([*_OF_THE_PLACE, "nullable"])


@dataclass(frozen=True)
class Change:
    """One difference that callers or servers notice.

    Attributes:
        operation: Method and path.
        place: Where in the operation, such as `("response 200", "body", "agentId")`.
        what: What differs: `operation`, `status`, `property`, `type`, `nullable`, a keyword, ...
        old: The value before as plain JSON, None if there was none.
        new: The value after.
        effect: What is let through now, against before.
        pointer: JSON pointer into the new document, or into the old one if it is there no more.
    """

    operation: str
    place: tuple[str, ...]
    what: str
    old: Any
    new: Any
    effect: str
    pointer: str

    @property
    def at(self) -> str:
        """The place in a word or two, such as `response 200 body.agentId`."""
        side, *inside = self.place or [""]
        names = ".".join(name for name in inside if name)
        return f"{side} {names}".replace(".[", "[").replace(".(", " (").strip()

    @property
    def severity(self) -> str:
        """`breaking for callers`, `breaking for servers` or `compatible`."""
        return outcome_of(_side(self.place), self.what, self.effect)[0]

    @property
    def words(self) -> str:
        """The difference in plain words, without what follows from it."""
        return _in_words(self.what, self.old, self.new)

    @property
    def text(self) -> str:
        """The change in one line of plain words."""
        words = self.words
        _, consequence = outcome_of(_side(self.place), self.what, self.effect)
        return f"{words}: {consequence}" if consequence else words

    def as_json(self, old: str = "old", new: str = "new") -> dict[str, Any]:
        """The change as plain JSON, under the given names of the two sides."""
        return {
            "severity": self.severity,
            "operation": self.operation,
            "at": self.at,
            "what": self.what,
            old: self.old,
            new: self.new,
            "pointer": self.pointer,
            "text": self.text,
        }


def compare(old: Mapping[str, Part], new: Mapping[str, Part]) -> list[Change]:
    """The changes from one surface to another, the most severe first."""
    changes: list[Change] = []
    for key in dict.fromkeys([*old, *new]):
        before, after = old.get(key, Part()), new.get(key, Part())
        title = after.facts.get("operation") or before.facts["operation"]
        changes += _of_part(title, (), before, after)
    return most_severe_first(changes)


def most_severe_first(changes: Iterable[Change]) -> list[Change]:
    """The changes, those that break callers before the others."""
    return sorted(changes, key=lambda change: SEVERITIES.index(change.severity))


def _of_part(title: str, place: tuple[str, ...], old: Part, new: Part) -> Iterator[Change]:
    """Compare one place. If it was added or removed, say that and nothing of what is inside it."""
    before, after = _facts(old), _facts(new)
    by_member = bool(old.members and new.members)
    told = _told(before, after, by_member=by_member)
    for what in dict.fromkeys([*before, *after]):
        old_value, old_pointer = before.get(what, (None, ""))
        new_value, new_pointer = after.get(what, (None, ""))
        if (told is None or what in told) and not _is_moot(what, old, new):
            for was, now, effect in _steps(_side(place), what, old_value, new_value):
                yield Change(title, place, what, was, now, effect, new_pointer or old_pointer)

    if by_member and told == _OF_ALL_MEMBERS:
        yield from _of_members(title, place, old, new)
    elif told is None:
        for name in dict.fromkeys([*old.parts, *new.parts]):
            inside = old.parts.get(name, Part()), new.parts.get(name, Part())
            in_both = name in old.parts and name in new.parts
            if in_both or name not in _DESCRIBED:
                yield from _of_part(title, (*place, name), *inside)


def _told(before: _Facts, after: _Facts, *, by_member: bool) -> frozenset[str] | None:
    """The facts that say all there is to say, without what is inside; None if none does."""
    presence = (before.keys() ^ after.keys()) & _PRESENCE
    if presence:
        return frozenset(presence)
    hidden = {facts["property"][0] for facts in (before, after) if "property" in facts}
    if not hidden.isdisjoint(HIDDEN.values()):
        return frozenset(["property"])
    if by_member:
        return _OF_ALL_MEMBERS
    types = [set(facts["type"][0]) for facts in (before, after) if "type" in facts]
    if len(types) == 1 or (len(types) == 2 and types[0].isdisjoint(types[1])):
        return frozenset(["property", "type"])
    return None


def _facts(part: Part) -> _Facts:
    """Value and pointer of each fact, null apart from the other types."""
    facts = {what: (value, part.pointers[what]) for what, value in part.facts.items()}
    types, pointer = facts.get("type", ([], ""))
    if "null" in types:
        facts["type"] = ([name for name in types if name != "null"], pointer)
        facts["nullable"] = (True, pointer)
    return facts


def _of_members(title: str, place: tuple[str, ...], old: Part, new: Part) -> Iterator[Change]:
    """Compare the members of a `oneOf` or `anyOf`; in another order they are the same."""
    gone, come = dict(old.members), dict(new.members)
    for label, member in old.members.items():
        for other_label, other in come.items():
            if not any(_of_part(title, place, member, other)):
                del gone[label], come[other_label]
                break
    for label in [label for label in gone if label in come]:
        inside = (*place, f"[{label}]")
        yield from _of_part(title, inside, gone.pop(label), come.pop(label))

    side = _side(place)
    for label, member in gone.items():
        fits = any(_fits(member, other) for other in new.members.values())
        effect = SAME if fits else effect_of(side, "alternative", label, None)
        yield Change(title, place, "alternative", label, None, effect, member.where)
    for label, member in come.items():
        fits = any(_fits(member, other) for other in old.members.values())
        effect = SAME if fits else effect_of(side, "alternative", None, label)
        yield Change(title, place, "alternative", None, label, effect, member.where)


def _is_moot(what: str, old: Part, new: Part) -> bool:
    """Whether a fact says nothing to callers, because of what else is said there."""
    if what == "default":  # what is always sent needs none
        return "required" in (old.facts.get("property"), new.facts.get("property"))
    if what == "nullable":  # without `type` null is still allowed
        was_said, is_said = (part.pointers.get("type", "").endswith("/type") for part in (old, new))
        return was_said and not is_said and "null" in old.facts["type"]
    if what in TWINS:
        return _is_covered(what, old, new) or _is_covered(what, new, old)
    return what == "variants" and (_is_a_member(old, new) or _is_a_member(new, old))


def _is_covered(bound: str, one: Part, other: Part) -> bool:
    """Whether only `one` has a bound, and the other binds as much by its twin."""
    if bound not in one.facts or bound in other.facts or TWINS[bound] not in other.facts:
        return False
    here, there = one.facts[bound], other.facts[TWINS[bound]]
    if not are_numbers(here, there):
        return False
    if here == there:
        return not bound.startswith("exclusive")
    is_less: bool = there < here
    return is_less == bound.lower().endswith("maximum")


def _is_a_member(alone: Part, union: Part) -> bool:
    """Whether a schema keeps just one member of a `oneOf` or `anyOf`: no other asks for more."""
    fitting = [member for member in union.members.values() if _fits(alone, member)]
    return not alone.members and len(fitting) == 1


def _fits(one: Part, other: Part) -> bool:
    """Whether each value that keeps one schema keeps the other."""
    without_presence = []
    for part in (one, other):
        facts = {what: value for what, value in part.facts.items() if what not in _OF_THE_PLACE}
        without_presence.append(replace(part, facts=facts))
    changes = _of_part("", ("request",), *without_presence)
    return not any(change.effect in (NARROWER, OTHER) for change in changes)


def _side(place: tuple[str, ...]) -> str:
    """`request` or `response`; an operation as a whole is part of the request."""
    return "response" if place and place[0] != "request" else "request"


def _steps(side: str, what: str, old: Any, new: Any) -> Iterator[tuple[Any, Any, str]]:
    """Value before, value after and effect; of a set, each value that came or went by itself."""
    if old == new:
        return
    came_or_went = old is None or new is None
    if what == "security":
        yield from _security_steps(old or ["none"], new or ["none"])
    elif what == "enum" and not came_or_went:
        yield from ((value, None, NARROWER) for value in old if value not in new)
        yield from ((None, value, WIDER) for value in new if value not in old)
    elif what != "operation" or came_or_went:  # the names of path parameters do not count
        yield old, new, effect_of(side, what, old, new)


def _security_steps(old: list[str], new: list[str]) -> Iterator[tuple[Any, Any, str]]:
    """Who sends all that an alternative asks for may send more: with `none` everybody may call."""
    for value in old:
        if value not in new:
            enough = any(_keys(other) <= _keys(value) for other in new)
            yield value, None, SAME if enough else NARROWER
    for value in new:
        if value not in old:
            yield None, value, WIDER


def _keys(alternative: str) -> set[str]:
    return set(alternative.split(" + ")) - {"none"}


def _in_words(what: str, old: Any, new: Any) -> str:
    """A difference in plain words, such as `maximum was 10, is 5`."""
    if what in ("nullable", "deprecated"):
        return f"is {'now' if new else 'no longer'} {what}"
    if what in _OF_THE_CLIENT:
        return f"`{old}` {_OF_THE_CLIENT[what]}" + (f", `{new}` does" if new else "")

    noun = _NOUNS.get(what, what)
    if old is not None and new is not None:
        change = f"was {_short(old)}, is {_short(new)}"
        return change if what == "property" else f"{noun} {change}"
    verb = "removed" if new is None else "added"
    value = _short(old if new is None else new)
    if what == "property":
        return f"{value} property {verb}"
    return f"{noun} {verb}" if what == "operation" else f"{noun} {value} {verb}"


def _short(value: Any) -> str:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        value = " or ".join(value)
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    return text if len(text) <= 80 else f"{text[:77]}..."
