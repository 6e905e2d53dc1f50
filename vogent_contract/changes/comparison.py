"""What differs between two versions of a contract, and whom each difference breaks.

The comparison is our own: the well-kept ones (oasdiff, openapi-changes) come from no package index
without fetching a binary from elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from vogent_contract.changes.effects import NARROWER, SEVERITIES, WIDER, effect_of, outcome_of
from vogent_contract.changes.facts import Part


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
        return f"{side} {'.'.join(inside)}".replace(".[]", "[]").strip()

    @property
    def severity(self) -> str:
        """`breaking for callers`, `breaking for servers` or `compatible`."""
        return outcome_of(_side(self.place), self.what, self.effect)[0]

    @property
    def text(self) -> str:
        """The change in one line of plain words."""
        words = _in_words(self.what, self.old, self.new)
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
    return sorted(changes, key=lambda change: SEVERITIES.index(change.severity))


def _of_part(title: str, place: tuple[str, ...], old: Part, new: Part) -> Iterator[Change]:
    """Compare one place. If it was added or removed, say that and nothing of what is inside it."""
    before, after = _facts(old), _facts(new)
    presence = (before.keys() ^ after.keys()) & {"operation", "property", "status"}
    for what in presence or dict.fromkeys([*before, *after]):
        old_value, old_pointer = before.get(what, (None, ""))
        new_value, new_pointer = after.get(what, (None, ""))
        for was, now, effect in _steps(_side(place), what, old_value, new_value):
            yield Change(title, place, what, was, now, effect, new_pointer or old_pointer)

    if not presence:
        for name in dict.fromkeys([*old.parts, *new.parts]):
            inside = old.parts.get(name, Part()), new.parts.get(name, Part())
            yield from _of_part(title, (*place, name), *inside)


def _facts(part: Part) -> dict[str, tuple[Any, str]]:
    """Value and pointer of each fact, null apart from the other types."""
    facts = {what: (value, part.pointers[what]) for what, value in part.facts.items()}
    types, pointer = facts.get("type", ([], ""))
    if "null" in types:
        facts["type"] = ([name for name in types if name != "null"], pointer)
        facts["nullable"] = (True, pointer)
    return facts


def _side(place: tuple[str, ...]) -> str:
    """`request` or `response`; an operation as a whole is part of the request."""
    return "response" if place and place[0] != "request" else "request"


def _steps(side: str, what: str, old: Any, new: Any) -> Iterator[tuple[Any, Any, str]]:
    """Value before, value after and effect; of a set, each value that came or went by itself."""
    if old == new:
        return
    came_or_went = old is None or new is None
    if what in ("enum", "security") and not came_or_went:
        yield from ((value, None, NARROWER) for value in old if value not in new)
        yield from ((None, value, WIDER) for value in new if value not in old)
    elif what == "variants" and not came_or_went:
        for name in dict.fromkeys([*old, *new]):
            was = {name: old[name]} if name in old else None
            now = {name: new[name]} if name in new else None
            if was != now:
                yield was, now, effect_of(side, "variant", was, now)
    elif what != "operation" or came_or_went:  # the names of path parameters do not count
        yield old, new, effect_of(side, what, old, new)


def _in_words(what: str, old: Any, new: Any) -> str:
    """A difference in plain words, such as `maximum was 10, is 5`."""
    if what in ("nullable", "deprecated"):
        return f"is {'now' if new else 'no longer'} {what}"
    if what == "property" and old and new:
        return f"was {old}, is {new}"

    noun = {"enum": "value", "if": "condition"}.get(what, what)
    if old is not None and new is not None:
        return f"{noun} was {_short(old)}, is {_short(new)}"
    verb = "removed" if new is None else "added"
    value = old if new is None else new
    if what == "property":
        return f"{value} property {verb}"
    if what == "operation":
        return f"operation {verb}"
    return f"{noun} {_short(value)} {verb}"


def _short(value: Any) -> str:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        value = " or ".join(value)
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    return text if len(text) <= 80 else f"{text[:77]}..."
