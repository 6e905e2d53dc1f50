"""What the vendor says otherwise, as an edit of `openapi.yaml` to take, or as pins to add."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from vogent_contract.changes.comparison import Change
from vogent_contract.changes.drift import Row, look, row_of
from vogent_contract.changes.facts import Part
from vogent_contract.changes.reference import Reference
from vogent_contract.changes.schemas import HIDDEN, schema_of, types_of
from vogent_contract.changes.surface import key_of, surface
from vogent_contract.changes.yaml_edit import put, take
from vogent_contract.openapi.document import ContractError, Document, join

_NAME = "openapi.yaml"
_PINS = "vogent_contract/changes/divergences.yaml"
_PARAMETERS = ("path", "query", "header", "cookie")
_NOT_IN_A_SCHEMA = ("alternative", "if", "media type", "security", "server", "style", "variants")

Edits = Iterator[tuple[str, Any]]  # a pointer, and the value to put there; None takes it away


def proposal(text: str, references: Sequence[Reference], pins: Sequence[Mapping[str, Any]]) -> str:
    """The drift in Markdown: an edit of our contract, what is left to do by hand, and pins.

    Args:
        text: Our contract as it is written.
        references: The vendor's reference.
        pins: The divergences that are pinned.
    """
    report = look(Document.parse(text, _NAME), references, pins)
    edited, by_hand = text, []
    for change, reference in zip(report.drift, report.told_by, strict=True):
        before = _rows(edited, reference, pins)
        if row_of(change) not in before:  # an edit of a shared schema before has done it
            continue
        try:
            after = _edited(edited, change, reference)
            left = _rows(after, reference, pins)
        except (ContractError, LookupError, ValueError):
            left = before
        if row_of(change) not in left and all(row in before for row in left):
            edited = after
        else:
            by_hand.append(f"- `{change.operation}` {change.at}: {change.words}")

    parts = []
    if edited != text:
        names = f"a/{_NAME}", f"b/{_NAME}"
        lines = text.splitlines(), edited.splitlines()
        difference = difflib.unified_diff(*lines, *names, lineterm="")
        parts.append(_block("Take it, with `git apply`:", "diff", difference))
    if by_hand:
        parts.append("\n".join(["Take it by hand:", "", *by_hand]))
    if report.drift:
        rows = yaml.safe_dump(_pins_for(report.drift), sort_keys=False, width=100).splitlines()
        parts.append(_block(f"Or pin it in `{_PINS}`, with the reason:", "yaml", rows))
    return "".join(f"{part}\n\n" for part in parts)


def _rows(text: str, reference: Reference, pins: Sequence[Mapping[str, Any]]) -> list[Row]:
    """How our contract in this text differs from what one source says."""
    return [row_of(change) for change in look(Document.parse(text, _NAME), [reference], pins).drift]


def _block(title: str, language: str, lines: Iterable[str]) -> str:
    return "\n".join([title, "", f"~~~~{language}", *lines, "~~~~"])


def _pins_for(drift: Sequence[Change]) -> list[dict[str, Any]]:
    """A row for each difference, with the operations that have the same one."""
    rows: list[dict[str, Any]] = []
    for change in drift:
        what = {"at": change.at, "what": change.what, "ours": change.old, "vendor": change.new}
        for row in rows:
            if what.items() <= row.items():
                row["operations"].append(change.operation)
                break
        else:
            rows.append({"reason": "?", "operations": [change.operation], **what})
    return rows


@dataclass
class _Place:
    """Where a difference is.

    Attributes:
        document: Our contract.
        operation: Its operation there.
        name: The last name of the place.
        ours: What ours says there.
        theirs: What the vendor says there.
        holder: What holds the place in ours.
    """

    document: Document
    operation: Part
    name: str
    ours: Part
    theirs: Part
    holder: Part


def _edited(text: str, change: Change, reference: Reference) -> str:
    """The text with the vendor's value.

    Raises:
        LookupError: That is left to people.
    """
    document = Document.parse(text, _NAME)
    key = key_of(change.operation)
    operation = ours = surface(document)[key]
    theirs = reference.operations.get(key, Part())
    holder = Part()
    for name in change.place:
        is_member = name.startswith("[") and name != "[]"
        holder = ours
        if is_member:
            ours, theirs = (part.members.get(name[1:-1], Part()) for part in (ours, theirs))
        else:
            ours, theirs = (part.parts.get(name, Part()) for part in (ours, theirs))
    name = change.place[-1] if change.place else ""
    place = _Place(document, operation, name, ours, theirs, holder)

    edits = _EDITS.get(change.what, _edits_of_a_keyword)
    for pointer, value in edits(place, change):
        text = take(text, pointer) if value is None else put(text, pointer, value)
    return text


def _edits_of_a_keyword(place: _Place, change: Change) -> Edits:
    if change.what in _NOT_IN_A_SCHEMA or not place.ours.where:
        raise LookupError(change.what)
    if change.what in ("items", "additionalProperties"):
        inside = place.theirs.parts.get({"items": "[]"}.get(change.what, "*"))
        value = schema_of(inside) if inside else change.new
        yield join(place.ours.where, change.what), value
    else:
        yield join(place.ours.where, change.what), change.new


def _edits_of_types(place: _Place, _: Change) -> Edits:
    if not place.ours.where:
        raise LookupError("type")
    yield join(place.ours.where, "type"), types_of(place.theirs)


def _edits_of_an_enum(place: _Place, change: Change) -> Edits:
    pointer = join(place.ours.where, "enum")
    if change.what in place.ours.facts and change.what in place.theirs.facts:
        values = place.document.at(pointer)
        number = "-" if change.old is None else values.index(change.old)
        yield join(pointer, number), change.new
    else:
        yield pointer, change.new


def _edits_of_a_status(place: _Place, change: Change) -> Edits:
    pointer = join(place.operation.where, "responses", change.new or change.old)
    response: dict[str, Any] = {"description": "?"}
    body = place.theirs.parts.get("body", Part()).parts.get("")
    if body:
        response["content"] = {body.facts["media type"]: {"schema": schema_of(body)}}
    yield pointer, response if change.new else None


def _edits_of_an_operation(place: _Place, change: Change) -> Edits:
    if change.old is None:
        raise LookupError("an operation needs names and words")
    yield place.operation.where, None


def _edits_of_a_property(place: _Place, change: Change) -> Edits:
    if change.place[1] in _PARAMETERS:
        yield from _edits_of_a_parameter(place, change)
    elif not place.holder.where or "media type" in place.ours.facts:
        raise LookupError("a body is no property")
    elif change.old is not None and change.new in HIDDEN.values():
        (hides,) = (keyword for keyword, words in HIDDEN.items() if words == change.new)
        yield join(place.ours.where, hides), True
    else:
        if change.old is None:
            yield join(place.holder.where, "properties", place.name), schema_of(place.theirs)
        yield from _edits_of_required(place, change)
        if change.new is None:
            yield join(place.holder.where, "properties", place.name), None


def _edits_of_required(place: _Place, change: Change) -> Edits:
    pointer = join(place.holder.where, "required")
    required = place.document.at(place.holder.where).get("required", [])
    if change.new == "required":
        is_first = not required
        yield (pointer, [place.name]) if is_first else (join(pointer, "-"), place.name)
    elif place.name in required:
        yield join(pointer, required.index(place.name)), None


def _edits_of_a_parameter(place: _Place, change: Change) -> Edits:
    if change.old is None:
        pointer = join(place.operation.where, "parameters")
        parameter: dict[str, Any] = {"name": place.name, "in": change.place[1]}
        if change.new == "required":
            parameter["required"] = True
        parameter["schema"] = schema_of(place.theirs)
        has_some = "parameters" in place.document.at(place.operation.where)
        yield (join(pointer, "-"), parameter) if has_some else (pointer, [parameter])
    elif change.new is None:
        yield place.ours.pointers["property"], None
    else:
        pointer = join(place.ours.pointers["property"], "required")
        yield pointer, True if change.new == "required" else None


_EDITS = {
    "operation": _edits_of_an_operation,
    "status": _edits_of_a_status,
    "property": _edits_of_a_property,
    "type": _edits_of_types,
    "nullable": _edits_of_types,
    "enum": _edits_of_an_enum,
}
