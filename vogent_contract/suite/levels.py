"""How bad a finding is, decided from the caller's side.

Broken: a caller who keeps to the contract is let down, or money or data is at risk. Lenient: the
server is more generous, or refuses what the contract forbids in a way of its own; no caller who
keeps to the contract can notice.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from vogent_contract.openapi import MISSING, Body, Document, Violation
from vogent_contract.openapi.document import tokens
from vogent_contract.suite.exchange import SAFE_METHODS, Exchange

BROKEN, LENIENT = "broken", "lenient"
KNOWN, NOT_SEEN = "known", "not seen"  # what stands in the place of a level in reports
LEVELS = (BROKEN, LENIENT)

# Rules that also look at requests which no caller sends who keeps to the contract.
ABOUT_OTHER_REQUESTS = (
    "documented-response",
    "refuses-invalid",
    "refuses-wrong-key",
    "refuses-other-methods",
)
LONG_ID = 200  # characters; servers may refuse a longer path in a way of their own
ODD_ID = re.compile(r"[/\\.\x00-\x1f\x7f]")  # servers may take it for another path


def level_of(rule: str, exchange: Exchange) -> str:
    """The level of a finding of a rule in an exchange."""
    failed = exchange.status is None or exchange.status >= 500
    if failed or rule not in ABOUT_OTHER_REQUESTS:
        return BROKEN
    if exchange.credential == "bad":
        return BROKEN if exchange.succeeded else LENIENT
    if exchange.operation is None or _is_odd(exchange.path_id):
        acts = exchange.succeeded and exchange.outgoing.call.method not in SAFE_METHODS
        return BROKEN if acts else LENIENT
    if not exchange.outgoing.violations:
        return BROKEN
    creates = exchange.succeeded and exchange.operation.effect == "creates"
    return BROKEN if creates and not is_plain(exchange) else LENIENT


def is_plain(exchange: Exchange) -> bool:
    """Whether a body that breaks the contract plainly means one that keeps it: 5 for "5"."""
    body = exchange.operation.body if exchange.operation else None
    if body is None:
        return False
    value = _lenient_json(exchange.outgoing.call.content)
    if value is MISSING:
        return False
    meant = _plainly_read(body, value)
    return meant is not MISSING and body.schema.is_valid(meant)


def _is_odd(key: str) -> bool:
    return len(key) > LONG_ID or ODD_ID.search(key) is not None


def _lenient_json(content: bytes) -> Any:
    """The JSON value as lenient parsers read it: bad UTF-8 replaced, the last of two names."""
    try:
        return json.loads(content.decode("utf-8", "replace"))
    except ValueError:
        return MISSING


def _plainly_read(body: Body, value: Any) -> Any:
    """The value with everything that is wrong read as what it plainly means."""
    for violation in body.schema.violations(value):
        reading = READINGS.get(violation.keyword)
        if reading is not None:
            value = _changed(value, tokens(violation.pointer), reading, body, violation)
    return value


Reading = Callable[[Document, Violation, Any], Any]


def _changed(value: Any, path: list[str], reading: Reading, body: Body, one: Violation) -> Any:
    """The value with what is at a path read in another way, or left out."""
    if not path:
        return reading(body.schema.document, one, value)
    if not isinstance(value, dict) or path[0] not in value:
        return value
    inner = _changed(value[path[0]], path[1:], reading, body, one)
    others = {name: part for name, part in value.items() if name != path[0]}
    return others if inner is MISSING else {**others, path[0]: inner}


def _other_type(document: Document, violation: Violation, value: Any) -> Any:
    wanted = document.at(violation.schema)
    if value is None:
        return MISSING  # nothing given
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if "string" in wanted and isinstance(value, int | float):
        return json.dumps(value)
    if (
        "integer" in wanted
        and isinstance(value, str)
        and re.fullmatch(r"[+-]?\d{1,15}(\.0+)?", value)
    ):
        return int(float(value))
    return value


def _other_case(document: Document, violation: Violation, value: Any) -> Any:
    limit = document.at(violation.schema)
    for allowed in limit if isinstance(limit, list) else [limit]:
        if isinstance(value, str) and str(allowed).casefold() == value.casefold():
            return allowed
    return value


def _at_the_limit(document: Document, violation: Violation, _: Any) -> Any:
    return document.at(violation.schema)


READINGS: Mapping[str, Reading] = {
    "type": _other_type,
    "enum": _other_case,
    "const": _other_case,
    "maximum": _at_the_limit,
}
