"""What leaves for somebody's account and what does not, request by request, with the reason."""

from __future__ import annotations

import json
from typing import Any

import pytest

from vogent_contract.live import policy
from vogent_contract.live.ledger import LiveRun
from vogent_contract.live.policy import HANDS_OFF, OUTSIDE, SCENES_ONLY, Limits, decide
from vogent_contract.openapi import load
from vogent_contract.suite.credential import Key
from vogent_contract.suite.exchange import Call, Outgoing, Source
from vogent_contract.suite.run import Options, Run
from vogent_contract.suite.wire import Wire

SCENE, GENERATED = Source.SCENE, Source.GENERATED
PLAN = Run(load(), Wire("https://api.vogent.ai/api", Key("key"), timeout=1), Options()).plan
LIMITS = Limits(3, "agent-2", frozenset({"+18001234567", "front-desk"}))
ALLOWS_NO_MORE = "it could create, and --max-numbers 3 allows no more"

NEW = "/phone_numbers"
OLD = "/phone_numbers/purchase"
MINE = "/phone_numbers/mine"
BUY = {"number": "+14155550123"}
SIP = {"type": "vogent_sip", "vogentSip": {"sipPrefix": "new"}}
THEIRS = {"type": "vogent_sip", "vogentSip": {"sipPrefix": "front-desk"}}
LOST = {"number": "+14155550177"}
TRUNK = {"type": "sip_import", "sipImport": {"phoneNumber": "+1 800 123 4567"}}


def live_run() -> LiveRun:
    """A run that made three phone numbers and asked for one more, which no answer came to."""
    run = LiveRun("https://api.vogent.ai/api", frozenset({"theirs"}), 1.0)
    run.ids = {"mine": "conformance-1", "gone": "conformance-2", "..": "conformance-3"}
    run.released = {"gone"}
    run.open = {4: (0.0, [LOST["number"]])}
    return run


def planned(method: str, target: str, body: Any = None, source: Source = SCENE) -> Outgoing:
    """A request as it would leave."""
    content = b"" if body is None else json.dumps(body).encode()
    media_type = "application/json" if content else None
    return PLAN(Call(method, target, content, media_type, source=source))


@pytest.mark.parametrize(
    ("source", "method", "target", "body", "reason"),
    [
        # What only reads is free, whoever asks for what.
        (SCENE, "GET", "/phone_numbers/theirs", None, None),
        (GENERATED, "POST", "/phone_numbers/search", {"prefix": 5}, None),
        # A scene creates what nobody has.
        (SCENE, "POST", OLD, BUY, None),
        (SCENE, "POST", NEW, {"type": "purchase", "purchase": BUY}, None),
        (SCENE, "POST", NEW, SIP, None),
        (SCENE, "POST", OLD, {"number": "(800) 123-4567"}, policy.THEIRS),
        (SCENE, "POST", NEW, TRUNK, policy.THEIRS),
        (SCENE, "POST", NEW, THEIRS, policy.THEIRS),
        (SCENE, "POST", OLD, LOST, policy.UNANSWERED),
        (SCENE, "POST", NEW, {"type": "purchase", "purchase": LOST}, policy.UNANSWERED),
        # Only what the run created is changed or released, and not under another spelling.
        (SCENE, "PUT", MINE, {"agentId": "agent-2"}, None),
        (SCENE, "PUT", MINE, {"agentId": ""}, None),
        (SCENE, "PUT", MINE, {"agentId": "another"}, policy.OTHER_AGENT),
        (SCENE, "PUT", "/phone_numbers/theirs", {"agentId": ""}, HANDS_OFF),
        (SCENE, "DELETE", MINE, None, None),
        (SCENE, "DELETE", "/phone_numbers/gone", None, None),
        (SCENE, "DELETE", "/phone_numbers/theirs", None, HANDS_OFF),
        (SCENE, "DELETE", "/phone_numbers/mine/../theirs", None, HANDS_OFF),
        (SCENE, "DELETE", "/phone_numbers/mine%2F..%2Ftheirs", None, HANDS_OFF),
        (SCENE, "DELETE", "/phone_numbers/%6Dine", None, HANDS_OFF),
        (SCENE, "DELETE", "/phone_numbers/mine?id=theirs", None, HANDS_OFF),
        # What the contract does not have could do anything.
        (SCENE, "DELETE", "/phone_numbers/..", None, OUTSIDE),
        (SCENE, "DELETE", "/phone_numbers/mine/", None, OUTSIDE),
        (SCENE, "PUT", OLD, BUY, OUTSIDE),
        (SCENE, "POST", "//phone_numbers/purchase", BUY, OUTSIDE),
        (SCENE, "POST", "/phone_numbers/%70urchase", BUY, OUTSIDE),
        (GENERATED, "PATCH", MINE, None, OUTSIDE),
        # What is generated or malformed changes what the run created, and that is all.
        (GENERATED, "PUT", MINE, {"agentId": "agent-2", "more": 1}, None),
        (GENERATED, "PUT", MINE, {"agentId": 5}, None),
        (GENERATED, "PUT", MINE, {"agentId": "random"}, policy.OTHER_AGENT),
        (GENERATED, "PUT", "/phone_numbers/random", {}, HANDS_OFF),
        (GENERATED, "POST", OLD, BUY, SCENES_ONLY),
        (GENERATED, "POST", OLD, {"number": 5}, SCENES_ONLY),
        (GENERATED, "POST", "/phone_numbers/search/../purchase", {}, SCENES_ONLY),
        (GENERATED, "POST", NEW, SIP, SCENES_ONLY),
        (GENERATED, "DELETE", MINE, None, SCENES_ONLY),
    ],
)
def test_what_may_leave(
    source: Source, method: str, target: str, body: Any, reason: str | None
) -> None:
    """With budget left each request leaves, or is held back for the reason that is told."""
    outgoing = planned(method, target, body, source)
    assert reason == decide(outgoing, live_run(), LIMITS, spent=2, stopped="")


@pytest.mark.parametrize(
    ("spent", "stopped", "reason"),
    [
        (2, "", None),
        (3, "", ALLOWS_NO_MORE),
        (4, "", ALLOWS_NO_MORE),
        (0, "it is over", "nothing is created any more: it is over"),
    ],
)
def test_the_budget_holds_for_whatever_could_create(
    spent: int, stopped: str, reason: str | None
) -> None:
    """Nothing that could create leaves beyond it; what was created is read and released."""
    for method, target, body in (("POST", OLD, BUY), ("POST", NEW, SIP), ("POST", OLD, {})):
        asked = planned(method, target, body)
        assert reason == decide(asked, live_run(), LIMITS, spent, stopped)
    for method, target in (("GET", MINE), ("DELETE", MINE)):
        assert decide(planned(method, target), live_run(), LIMITS, spent, stopped) is None


def test_without_an_agent_nothing_is_linked() -> None:
    """An agent is somebody's too."""
    outgoing = planned("PUT", MINE, {"agentId": "agent-2"})
    assert policy.NO_AGENT == decide(outgoing, live_run(), Limits(3), spent=0, stopped="")
