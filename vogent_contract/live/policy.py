"""What may leave for somebody's account: decided from a request and what is on record.

Reading is free. Only scenes create and release: what is generated, or malformed on purpose, could
buy something on a server that is too lenient. Only what the run created is changed or released.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from vogent_contract.live.ledger import LiveRun, is_one_of
from vogent_contract.suite.exchange import Outgoing, Source

SCENES_ONLY = "it could create or release, and on somebody's account only scenes do that"
HANDS_OFF = "it would change or release what this run did not create"
OUTSIDE = "the contract has no such operation, and it could act"
THEIRS = "it asks for a number that the account had before the run"
UNANSWERED = "an earlier request for the same number got no answer, and may have been done"
NO_AGENT = "it would link to an agent, and --agent-id names none"
OTHER_AGENT = "it would link to another agent than the one that --agent-id names"

NUMBER_PROPERTIES = ("number", "sipPrefix", "phoneNumber")  # what becomes a phone number's `number`
PLAIN_ID = re.compile(r"(?!\.+$)[^\s/\\%?#\x00-\x1f]{1,200}")


@dataclass(frozen=True)
class Limits:
    """What a run may do.

    Attributes:
        max_numbers: How many phone numbers it may bring into being in all.
        agent_id: The agent that they may be linked to.
        their_numbers: Numbers that the account had before the run.
    """

    max_numbers: int = 0
    agent_id: str | None = None
    their_numbers: frozenset[str] = frozenset()


def decide(
    outgoing: Outgoing, run: LiveRun, limits: Limits, spent: int, stopped: str
) -> str | None:
    """Why a request must be held back, None if it may leave.

    Args:
        spent: How many phone numbers were brought into being, or may have been.
        stopped: Why nothing is created any more, empty while it may.
    """
    if outgoing.effect == "none":
        return None
    if outgoing.effect == "unknown":
        return OUTSIDE
    from_scene = outgoing.call.source is Source.SCENE
    if outgoing.effect == "creates":
        return _creation(outgoing, run, limits, spent, stopped) if from_scene else SCENES_ONLY
    if outgoing.effect == "releases" and not from_scene:
        return SCENES_ONLY
    return _change(outgoing, run, limits)


def names_in(body: Any) -> Iterator[str]:
    """The numbers and SIP names that a body asks for."""
    for key, value in body.items() if isinstance(body, dict) else ():
        if isinstance(value, dict):
            yield from names_in(value)
        elif key in NUMBER_PROPERTIES and isinstance(value, str):
            yield value


def target_of(key: str) -> str:
    """Path of a phone number below the base URL."""
    return f"/phone_numbers/{quote(key, safe='')}"


def _creation(
    outgoing: Outgoing, run: LiveRun, limits: Limits, spent: int, stopped: str
) -> str | None:
    names = list(names_in(outgoing.body))
    if stopped:
        return f"nothing is created any more: {stopped}"
    if any(is_one_of(number, names) for number in limits.their_numbers):
        return THEIRS
    if any(is_one_of(name, asked) for _, asked in run.open.values() for name in names):
        return UNANSWERED
    if spent >= limits.max_numbers:
        return f"it could create, and --max-numbers {limits.max_numbers} allows no more"
    return None


def _change(outgoing: Outgoing, run: LiveRun, limits: Limits) -> str | None:
    own = {target_of(key) for key in run.ids if PLAIN_ID.fullmatch(key)}
    if outgoing.target not in own:
        return HANDS_OFF
    agent = outgoing.body.get("agentId") if isinstance(outgoing.body, dict) else None
    if not isinstance(agent, str) or agent in ("", limits.agent_id):
        return None
    return OTHER_AGENT if limits.agent_id else NO_AGENT
