"""Answers, and the numbers whose purchase has a chosen outcome."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(slots=True)  # not frozen: that triples the time to make one
class Answer:
    """What a request gets.

    Attributes:
        status: The HTTP status.
        body: A JSON value, or text if the media type is not JSON; none if there is no media type.
        headers: Further headers.
        delay: Seconds to wait before answering.
        drop: Close the connection instead of answering.
    """

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str | None = "application/json"
    delay: float = 0.0
    drop: bool = False

    def content(self) -> bytes:
        """The body's bytes."""
        if self.media_type is None:
            return b""
        text = _encode(self.body) if "json" in self.media_type else str(self.body)
        return text.encode()


@dataclass(frozen=True)
class Outcome:
    """What buying a number does: the number is sold, unless there is a refusal.

    Attributes:
        says: One line for people.
        refusal: The answer if the number is not sold.
        type: The type of the number that is sold.
        agent: The agent that it is linked to.
        delay: Seconds from the sale to the answer.
        drop: Close the connection after the sale.
    """

    says: str
    refusal: Answer | None = None
    type: str = "PSTN"
    agent: str | None = None
    delay: float = 0.0
    drop: bool = False


AGENT = "7d2f1b3a-2c1d-4d5e-8a9b-3f4c5d6e7f80"
CHOSEN = {"message": "the number asks for this answer"}
HTML = "<!doctype html><title>502</title><h1>Bad Gateway</h1>"
SIP = "SIP_USERNAME"
TOO_MANY = Answer(429, CHOSEN, {"Retry-After": "1"})

_BY_LAST_DIGITS = {
    "200": Outcome("200, type PSTN, agentId null"),
    "201": Outcome("200, type PSTN, linked to an agent", agent=AGENT),
    "202": Outcome("200, type SIP_USERNAME, agentId null", type=SIP),
    "203": Outcome("200, type SIP_USERNAME, linked to an agent", type=SIP, agent=AGENT),
    "400": Outcome("400", Answer(400, CHOSEN)),
    "422": Outcome("422", Answer(422, CHOSEN)),
    "429": Outcome("429 with Retry-After: 1", TOO_MANY),
    "500": Outcome("500", Answer(500, CHOSEN)),
    "502": Outcome("502 with an HTML page", Answer(502, HTML, media_type="text/html")),
    "504": Outcome("200 after 3 seconds, sold at once", delay=3.0),
    "598": Outcome("connection dropped, not sold", Answer(drop=True)),
    "599": Outcome("connection dropped after the sale", drop=True),
}

# Always for sale, as often as wanted, never found by a search. No number stands here as it is: what
# stands in a checkout's modules Hypothesis tries as input, and a random request would ask for it.
OUTCOMES: Mapping[str, Outcome] = {
    f"+15005550{digits}": outcome for digits, outcome in _BY_LAST_DIGITS.items()
}


def table() -> str:
    """The outcomes as lines of text, for the command's help."""
    return "\n".join([f"  {number}  {outcome.says}" for number, outcome in OUTCOMES.items()])


def markdown() -> str:
    """The outcomes as a Markdown table, for the mock's page."""
    rows = [f"| `{number}` | {outcome.says} |" for number, outcome in OUTCOMES.items()]
    heading = ["Buying one of these numbers has a chosen outcome.", "", "| number | outcome |"]
    return "\n".join([*heading, "|---|---|", *rows])
