"""A request as it was sent and the answer as it came, with the place that a finding is about."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from vogent_contract.openapi.document import tokens
from vogent_contract.suite.causes import REFUSED_IS_NOT_DONE
from vogent_contract.suite.exchange import Exchange
from vogent_contract.suite.findings import Finding
from vogent_contract.suite.report_page.lines import Line, Members, body_lines, pointers, read
from vogent_contract.suite.wire import Wire

FIRST_LINE = "first line"  # of a message, as a place; other places are headers and pointers
HEADER = re.compile("/header/(.+)")
OF_ANSWERS = ("documented-response",)  # rules whose pointers are never of the request
LONG = 6  # characters; what is shorter occurs by chance


@dataclass(frozen=True)
class Place:
    """Where in a request or an answer something is wrong.

    Attributes:
        part: `request` or `answer`.
        at: `FIRST_LINE`, `/header/NAME`, or a JSON pointer into the body.
        told: The place in words.
    """

    part: str
    at: str
    told: str


@dataclass(frozen=True)
class Marks:
    """What was expected, by place; a place that is only marked has the empty text."""

    request: Mapping[str, str] = field(default_factory=dict)
    answer: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Messages:
    """A request and its answer, to be shown side by side."""

    exchange: Exchange
    request: list[Line]
    answer: list[Line]


def place_of(finding: Finding) -> Place:
    """Where a finding's pointer leads."""
    pointer = finding.pointer
    if finding.rule not in OF_ANSWERS:
        if pointer.startswith("/body"):
            return Place("request", pointer.removeprefix("/body"), "in the request's body")
        if pointer.startswith(("/path/", "/query/")):
            return Place("request", FIRST_LINE, "in the request's URL")
        if pointer == "/header/Authorization":
            return Place("request", pointer, "a header of the request")
    return _place_in_answer(finding)


def _place_in_answer(finding: Finding) -> Place:
    pointer = finding.pointer
    if pointer.startswith("/header/"):
        return Place("answer", pointer, "a header of the answer")
    if finding.keyword == "content-type":
        return Place("answer", "/header/Content-Type", "a header of the answer")
    if finding.keyword == "status":
        return Place("answer", FIRST_LINE, "the answer's status")
    if pointer:
        return Place("answer", pointer, "in the answer's body")
    succeeded = finding.exchange is not None and finding.exchange.succeeded
    return Place("answer", "" if succeeded else FIRST_LINE, "the answer as a whole")


def accused(finding: Finding, exchange: Exchange, wire: Wire) -> Messages:
    """The exchange that a finding is about."""
    place = place_of(finding)
    expected = f"expected {finding.expected}"
    if place.part == "request":  # marked is what was sent, and wrong is what came of it
        return _messages(exchange, wire, Marks({place.at: ""}, {FIRST_LINE: expected}))
    if finding.rule == REFUSED_IS_NOT_DONE:  # what was expected is told of the other answer
        expected = ""
    return _messages(exchange, wire, Marks(answer={place.at: expected}))


def contradicting(finding: Finding, against: Exchange, wire: Wire) -> Messages:
    """The other exchange of a finding; marked is where it tells of the same thing."""
    value = read(_text(against.answer.body, wire))
    name = finding.pointer.rpartition("/")[2]
    places = [f"{place}/{name}" for place in pointers(value, _same_item(finding))]
    told = f"{finding.expected} {finding.got}"
    if not places:
        places = list(pointers(value, lambda text: _occurs(text, told)))
    return _messages(against, wire, Marks(answer=dict.fromkeys(places, "")))


def _same_item(finding: Finding) -> Callable[[object], bool]:
    """Tells the object whose property the finding is about, by its id."""
    exchange = finding.exchange
    key = None
    if exchange is not None and place_of(finding).part == "answer":
        item = exchange.value
        for token in tokens(finding.pointer)[:-1]:
            item = _step(item, token)
        key = item.get("id") if isinstance(item, dict) and finding.pointer else None
    return lambda value: isinstance(value, Members) and bool(key) and ("id", key) in value


def _step(value: object, token: str) -> object:
    if isinstance(value, dict):
        return value.get(token)
    if isinstance(value, list) and token.isdecimal() and int(token) < len(value):
        return value[int(token)]
    return None


def _occurs(value: object, told: str) -> bool:
    return isinstance(value, str) and len(value) >= LONG and value in told


def _messages(exchange: Exchange, wire: Wire, marks: Marks) -> Messages:
    return Messages(
        exchange, _request(exchange, wire, marks.request), _answer(exchange, wire, marks.answer)
    )


def _request(exchange: Exchange, wire: Wire, marks: Mapping[str, str]) -> list[Line]:
    call = exchange.outgoing.call
    sent = wire.request(call)
    headers = []
    for name, value in sent.headers.raw:
        secret = name.lower() == b"authorization"
        headers.append((name, (call.credential.shown or "").encode() if secret else value))
    first = Line(f"{call.method} {sent.url.raw_path.decode('ascii')} HTTP/1.1")
    lines = _head(first, headers, marks)
    return [*lines, *_body(call.content, wire, marks)]


def _answer(exchange: Exchange, wire: Wire, marks: Mapping[str, str]) -> list[Line]:
    answer = exchange.answer
    if answer.status is None:
        note = marks.get(FIRST_LINE, "")
        return [Line(answer.error or "no answer", "absent", marked=bool(marks), note=note)]
    lines = _head(Line(f"HTTP/1.1 {answer.status}"), answer.headers.raw, marks)
    return [*lines, *_body(answer.body, wire, marks)]


def _head(
    first: Line, headers: Iterable[tuple[bytes, bytes]], marks: Mapping[str, str]
) -> list[Line]:
    """The first line and the headers; a marked header that is absent gets a line too."""
    if FIRST_LINE in marks:
        first.marked, first.note = True, marks[FIRST_LINE]
    lines = [first]
    absent = {}
    for place, note in marks.items():
        header = HEADER.fullmatch(place)
        if header:
            absent[header[1].lower()] = Line(f"{header[1]}: is not there", "absent", note=note)
    for raw_name, raw_value in headers:
        name, value = (part.decode("utf-8", "backslashreplace") for part in (raw_name, raw_value))
        line = Line(f"{name}: {value}")
        wanted = absent.pop(name.lower(), None)
        if wanted is not None:
            line.marked, line.note = True, wanted.note
        lines.append(line)
    for line in absent.values():
        line.marked = True
        lines.append(line)
    return lines


def _body(content: bytes, wire: Wire, marks: Mapping[str, str]) -> list[Line]:
    """An empty line and the body, nothing if there is none and none is asked for."""
    inside = {
        place: note
        for place, note in marks.items()
        if place != FIRST_LINE and not HEADER.fullmatch(place)
    }
    if not content and not inside:
        return []
    return [Line(""), *body_lines(_text(content, wire), inside)]


def _text(body: bytes, wire: Wire) -> str:
    r"""A body without the key; bytes that are not UTF-8 are shown as `\xff`."""
    return wire.key.scrub(body.decode("utf-8", "backslashreplace"))
