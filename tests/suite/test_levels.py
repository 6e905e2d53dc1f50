"""Broken is what lets a caller down who keeps to the contract; the rest is lenient."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import httpx
import pytest

from tests.suite.scripted import (
    CONTRACT,
    Script,
    Step,
    listing,
    phone_number,
    played,
    purchase,
    reading,
)
from vogent_contract.suite.credential import WRONG_ALWAYS, Key
from vogent_contract.suite.exchange import Answer, Call, Expectation
from vogent_contract.suite.findings import Finding
from vogent_contract.suite.run import Options, Run

ONE = phone_number("id-1")
USER = {"sipPrefix": "desk", "username": "desk-user", "password": "desk-password"}
SIP_USER = phone_number("id-2", "desk", type="SIP_USERNAME")
TRUNK = {
    "phoneNumber": "+18005550199",
    "terminationUri": "a.example",
    "username": "u",
    "password": "p",
}


def created(body: Any, value: Any = SIP_USER, status: int = 200) -> Step:
    """Adding a number the new way."""
    return Step("POST", "/phone_numbers", body, status, value)


def user(**other: Any) -> dict[str, Any]:
    """The body that makes a SIP user, with other fields."""
    return {"type": "vogent_sip", "vogentSip": {**USER, **other}}


def updated(body: Any, value: Any = ONE, status: int = 200) -> Step:
    return Step("PUT", "/phone_numbers/id-1", body, status, value)


def searched(status: int = 200, **body: Any) -> Step:
    return Step("POST", "/phone_numbers/search", body, status, [])


def wrong_key(step: Step) -> Step:
    return replace(step, credential=WRONG_ALWAYS[2])


ODD = ("a%2Fb", "a.b", "a%00b", "a" * 3000)
BROKEN = {
    "a valid request, an undocumented status": reading("id-1", {}, 404),
    "a valid request, an undocumented body": listing({"id": "1"}),
    "a valid request, 500": reading("id-1", {}, 500),
    "a valid request, no answer": reading("id-1", {}, None),
    "an invalid request, 500": searched(500),
    "an invalid request, no answer": replace(searched(), status=None),
    "a number bought without a number": Step("POST", "/phone_numbers/purchase", {}, 200, ONE),
    "a number bought for null": purchase(None, ONE),
    "a SIP user made with a short password": created(user(password="1234")),  # noqa: S106 - no secret
    "a SIP user made with a null name": created(user(sipPrefix=None)),
    "a SIP user made with an object for a name": created(user(sipPrefix={"a": 1})),
    "a SIP user made without a password": created(user(password=[])),
    "something made of an unknown type": created({"type": "other", "vogentSip": USER}),
    "a wrong key, done": wrong_key(listing()),
    "a wrong key, 500": wrong_key(listing()).__class__(
        "GET", "/phone_numbers", status=500, credential=WRONG_ALWAYS[2]
    ),
    "another method, 500": Step("PATCH", "/phone_numbers/id-1", status=500),
    "another method, done": Step("PATCH", "/phone_numbers/id-1", status=200),
    "an odd id, 500": reading("a%2Fb", {}, 500),
}
LENIENT = {
    "an invalid search, done": searched(limit="5", prefix="415"),
    "an invalid search, 415": searched(415, limit="5"),
    "an invalid search, 413": searched(413),
    "an invalid update, done": updated({"agentId": None}),
    "an invalid update, 404": updated({"agentId": 5}, status=404),
    "a SIP user made of a number for a name": created(user(sipPrefix=415)),
    "a SIP user made of one name in an array": created(user(sipPrefix=["desk"])),
    "a SIP user made of a type in capitals": created({"type": "VOGENT_SIP", "vogentSip": USER}),
    "a wrong key, 403": wrong_key(Step("GET", "/phone_numbers", status=403)),
    "a wrong key, a redirect": wrong_key(Step("GET", "/phone_numbers", status=302)),
    "another method, 405 without Allow": Step("PATCH", "/phone_numbers/id-1", status=405),
    "another method that reads, done": Step("GET", "/phone_numbers/", status=200),
    **{f"an odd id of {len(key)} characters, {key[:5]}": reading(key, {}, 404) for key in ODD},
}


def levels(step: Step) -> set[str]:
    """The levels of what is found in one step."""
    return {finding.level for finding in played(listing(ONE), step).findings.all()}


@pytest.mark.parametrize("step", BROKEN.values(), ids=BROKEN)
def test_broken(step: Step) -> None:
    """A caller who keeps to the contract is let down, or money or data is at risk."""
    assert {"broken"} == levels(step)


@pytest.mark.parametrize("step", LENIENT.values(), ids=LENIENT)
def test_lenient(step: Step) -> None:
    """No caller who keeps to the contract can notice."""
    assert {"lenient"} == levels(step)


@pytest.mark.parametrize(
    ("content", "content_type", "expected"),
    [
        (json.dumps(user()).encode(), "text/plain", "lenient"),
        (
            json.dumps(user()).encode().replace(b"desk-user", b"desk-\xff"),
            "application/json",
            "lenient",
        ),
        (b'{"type": "purchase", ' + json.dumps(user()).encode()[1:], "application/json", "lenient"),
        (json.dumps(user()).encode()[:-1], "application/json", "broken"),
        (b"", "application/json", "broken"),
        (b"null", "application/json", "broken"),
        (b"type=vogent_sip", "application/x-www-form-urlencoded", "broken"),
    ],
)
def test_what_is_read_all_the_same(content: bytes, content_type: str, expected: str) -> None:
    """Where something is made of a body that is not as documented, its plain meaning counts."""
    wire = Script("http://127.0.0.1:9/api", Key("secret-key"), timeout=1)
    headers = httpx.Headers({"content-type": "application/json"})
    wire.answers = [Answer(200, headers, json.dumps(SIP_USER).encode())]
    run = Run(CONTRACT, wire, Options())
    run.send(Call("POST", "/phone_numbers", content, content_type))

    assert [expected] == [finding.level for finding in run.findings.all()]


def test_a_lenient_answer_is_learnt_from() -> None:
    """What a generous server did is done: the account has it, and nobody is accused later."""
    made = created(user(sipPrefix=["desk"]))
    run = played(listing(), made, listing(SIP_USER))

    assert ["refuses-invalid"] == [finding.rule for finding in run.findings.all()]
    assert ["id-2"] == run.account.mine()


def test_only_what_fails_ends_a_run() -> None:
    """With the usual level a lenient finding ends nothing, whatever was asked for."""
    run = played(searched(limit="5", prefix="415"), stop_first=True)
    found: list[Finding] = run.findings.all()

    assert [] == run.failing()
    assert [(False, True)] == [(one.fails("broken"), one.fails("lenient")) for one in found]


def test_a_generous_list_need_not_refuse() -> None:
    """An operation that creates nothing may do what is forbidden: its refusal is no evidence."""
    generous = Step("GET", "/phone_numbers?limit=five", value={"data": [], "cursor": None})
    refused = replace(generous, status=422)
    for step, accused in ((generous, False), (refused, False), (listing(), True)):
        run = played(step)
        run.require_evidence()
        places = {(one.pointer, one.keyword) for one in run.findings.all()}
        assert accused == (("/listPhoneNumbers", "refuses") in places)


def test_what_an_unusual_request_gets_is_no_excuse() -> None:
    """An unusual text in a body keeps the contract: 404 for it is undocumented."""
    step = replace(purchase("é", {}, 404), expects=Expectation.UNKNOWN)

    assert {"broken"} == levels(step)
