"""The body of a message as lines, so that the place that is wrong can be marked."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vogent_contract.openapi.document import join, tokens

LONGEST_JSON = 1_000_000  # characters that are laid out as JSON
DEEPEST = 40  # levels that are laid out
LONGEST_LINE = 400  # characters
WHOLE = 40  # lines that are shown without leaving any out
AT_THE_START = 3  # lines, of a longer body
AROUND = 7  # lines before and after a marked one


@dataclass
class Line:
    """One line of a message.

    Attributes:
        kind: `string`, `number`, `word` (true, false, null), `absent` for what should be there,
            `left-out` for lines that are not shown; anything else is `text`.
        name: The property's name, as JSON.
        depth: How far it is indented.
        tail: The comma.
        pointer: JSON pointer of the value that begins here, None if none does.
        marked: This is the place that a finding is about.
        note: What was expected here.
    """

    text: str
    kind: str = "text"
    name: str = ""
    depth: int = 0
    tail: str = ""
    pointer: str | None = None
    marked: bool = False
    note: str = ""


class Members(list[tuple[str, Any]]):
    """The members of a JSON object as they were written, a name that occurs twice too."""


class Number(str):
    """A JSON number as it was written."""

    __slots__ = ()


def body_lines(text: str, marks: Mapping[str, str]) -> list[Line]:
    """A body's lines: laid out if it is JSON, else as it is; of a long one a part.

    Args:
        marks: What was expected, by JSON pointer of the place; empty text marks it only.
    """
    value = read(text)
    if value is None:
        lines = [Line(line) for line in text.splitlines()] or [Line("no body", "absent")]
        lines[0].pointer = ""
    else:
        lines = list(_laid_out(value, Line("", pointer="")))
    for pointer, note in marks.items():
        _mark(lines, pointer, note)
    for line in lines:
        line.text = cut(line.text, LONGEST_LINE)
    return _without_the_rest(lines)


def read(text: str) -> Any:
    """The JSON value with numbers and members as they were written; None if it is not JSON."""
    if len(text) > LONGEST_JSON:
        return None
    try:
        return json.loads(
            text,
            object_pairs_hook=Members,
            parse_int=Number,
            parse_float=Number,
            parse_constant=Number,
        )
    except (ValueError, RecursionError):
        return None


def pointers(value: Any, is_meant: Callable[[Any], bool], pointer: str = "") -> Iterator[str]:
    """Where in a value that was `read` something is that is meant."""
    if is_meant(value):
        yield pointer
    if pointer.count("/") < DEEPEST:
        for name, item in _inside(value):
            yield from pointers(item, is_meant, join(pointer, name))


def cut(text: str, length: int) -> str:
    """The beginning of a text that is too long, and how long it is."""
    if len(text) <= length:
        return text
    return f"{text[:length]}… ({len(text):,} characters)"


def _inside(value: Any) -> Sequence[tuple[str | int, Any]]:
    if isinstance(value, Members):
        return value
    return list(enumerate(value)) if isinstance(value, list) else []


def _laid_out(value: Any, first: Line) -> Iterator[Line]:
    """The lines of a value.

    Args:
        first: The line that it begins in.
    """
    inside = _inside(value)
    if not inside or first.depth == DEEPEST:
        first.text, first.kind = _in_one_line(value)
        yield first
        return
    is_object = isinstance(value, Members)
    tail, first.tail = first.tail, ""
    first.text = "{" if is_object else "["
    yield first
    for index, (name, item) in enumerate(inside):
        line = Line("", depth=first.depth + 1, pointer=join(first.pointer or "", name))
        line.name = json.dumps(name, ensure_ascii=False) if is_object else ""
        line.tail = "," if index < len(inside) - 1 else ""
        yield from _laid_out(item, line)
    yield Line("}" if is_object else "]", depth=first.depth, tail=tail)


def _in_one_line(value: Any) -> tuple[str, str]:
    """The text of a value that nothing inside is shown of, and its kind."""
    if isinstance(value, list):
        brackets = "{}" if isinstance(value, Members) else "[]"
        return ("…" if value else "").join(brackets), "text"
    if isinstance(value, Number):
        return str(value), "number"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False), "string"
    return json.dumps(value), "word"


def _mark(lines: list[Line], pointer: str, note: str) -> None:
    """Mark the line of a pointer, or the nearest one above it; say so if a property is absent."""
    places = {line.pointer: index for index, line in enumerate(lines)}
    above = pointer
    while above not in places:
        above = above.rpartition("/")[0]
    index = places[above]
    line = lines[index]
    if above != pointer and line.text.startswith("{"):
        name = json.dumps(tokens(pointer.removeprefix(above))[0], ensure_ascii=False)
        line = Line("is not there", "absent", name, line.depth + 1)
        lines.insert(index + 1, line)
    line.marked, line.note = True, note


def _without_the_rest(lines: list[Line]) -> list[Line]:
    """A long body's beginning and what is around the marked lines."""
    if len(lines) <= WHOLE:
        return lines
    shown = set(range(AT_THE_START))
    for index, line in enumerate(lines):
        if line.marked:
            shown |= set(range(index - AROUND, index + AROUND + 1))
    kept: list[Line] = []
    left_out = 0
    for index, line in enumerate(lines):
        if index not in shown:
            left_out += 1
            continue
        if left_out:
            kept.append(_left_out(left_out))
            left_out = 0
        kept.append(line)
    if left_out:
        kept.append(_left_out(left_out))
    return kept


def _left_out(count: int) -> Line:
    return Line(f"… {count:,} lines more …", "left-out")
