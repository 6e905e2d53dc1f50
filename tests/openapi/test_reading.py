"""What is wrong with a request or response is said with its place and keyword."""

from __future__ import annotations

import json
from typing import Any

import pytest

from vogent_contract.openapi import load, parse_json

CONTRACT = load()
NUMBER = {"id": "1", "number": "+14155550100", "type": "PSTN", "agentId": None}


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in NUMBER.items() if key != name}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (NUMBER, []),
        (NUMBER | {"agentId": "a", "more": 1}, []),
        (NUMBER | {"type": "SIP_USERNAME", "number": "front-desk"}, []),
        (NUMBER | {"number": "front-desk"}, [("/number", "pattern")]),
        (NUMBER | {"type": "pstn"}, [("/type", "enum")]),
        (NUMBER | {"agentId": 7}, [("/agentId", "type")]),
        (without("agentId"), [("/agentId", "required")]),
        ([NUMBER], [("", "type")]),
    ],
)
def test_a_phone_number_is_judged_by_place_and_keyword(
    value: object, expected: list[tuple[str, str]]
) -> None:
    """Each way of breaking a phone number has its own place and keyword."""
    found = (
        CONTRACT.operations["getPhoneNumber"]
        .read_response(200, "application/json", json.dumps(value).encode())
        .violations
    )

    assert expected == [(one.pointer, one.keyword) for one in found]


@pytest.mark.parametrize(
    ("status", "content_type", "content", "expected"),
    [
        (404, "application/json", b"{}", "status"),
        (201, "application/json", b"{}", "status"),
        (200, "text/html", b"{}", "content-type"),
        (200, None, b"{}", "content-type"),
        (200, "application/json", b"", "json"),
        (200, "application/json", b'{"id": "1", "id": "2"}', "json"),
        (200, "application/json", b"\xef\xbb\xbf{}", "json"),
        (200, "application/json", b"NaN", "json"),
    ],
)
def test_a_response_is_judged_before_its_body(
    status: int, content_type: str | None, content: bytes, expected: str
) -> None:
    """Status, content type and JSON text are judged before the schema."""
    found = (
        CONTRACT.operations["getPhoneNumber"]
        .read_response(status, content_type, content)
        .violations
    )

    assert [expected] == [one.keyword for one in found]


@pytest.mark.parametrize("content", [b"", b"<html>", b'{"error": 1}'])
def test_a_refusal_may_have_any_body(content: bytes) -> None:
    """400 and 422 have no documented body, so every body will do."""
    assert (
        ()
        == CONTRACT.operations["getPhoneNumber"].read_response(422, "text/html", content).violations
    )


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"type": "purchase", "purchase": {"number": "1"}}, []),
        (
            {"type": "purchase", "purchase": {"number": "1"}, "sipImport": None, "vogentSip": None},
            [],
        ),
        ({"type": "purchase"}, [("/body/purchase", "required")]),
        ({"type": "PURCHASE", "purchase": {"number": "1"}}, [("/body/type", "const")]),
        (
            {
                "type": "vogent_sip",
                "vogentSip": {"sipPrefix": "a", "username": "abcd", "password": "12345"},
            },
            [("/body/vogentSip/username", "minLength")],
        ),
        ([], [("/body", "type")]),
    ],
)
def test_a_variant_is_judged_as_what_it_was_meant_for(
    body: object, expected: list[tuple[str, str]]
) -> None:
    """Of the three ways to create, the one that the request names is the one that it is held to."""
    request = CONTRACT.operations["createPhoneNumber"].read_request(
        "/phone_numbers", "application/json", json.dumps(body).encode()
    )

    assert expected == [(one.pointer, one.keyword) for one in request.violations]


def test_an_assumed_keyword_carries_its_reason() -> None:
    """Only the keyword that the contract marks is assumed; its type still counts."""
    trunk = {"phoneNumber": "1", "terminationUri": "a", "username": "b", "password": "c"}
    operation = CONTRACT.operations["createPhoneNumber"]

    def reasons(number: object) -> list[bool]:
        body = {"type": "sip_import", "sipImport": trunk | {"phoneNumber": number}}
        content = json.dumps(body).encode()
        request = operation.read_request("/phone_numbers", "application/json", content)
        return [one.assumed is not None for one in request.violations]

    assert [True] == reasons("1")
    assert [False] == reasons(1)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?limit=5", []),
        ("?limit=-1", []),
        ("?limit=5.0", ["type"]),
        ("?limit=five", ["type"]),
        ("?limit=", ["type"]),
    ],
)
def test_query_parameters_are_read_by_their_type(query: str, expected: list[str]) -> None:
    """A query parameter's text is a number where the contract wants one."""
    operation = CONTRACT.operations["listPhoneNumbers"]
    request = operation.read_request(f"/phone_numbers{query}", None, b"")

    assert expected == [one.keyword for one in request.violations]


@pytest.mark.parametrize(
    "content",
    [b'"\\ud800"', b"[" * 100_000, b"\xff", b"Infinity", b"{'a': 1}", b"1 2", b'{"a":1,"a":1}'],
)
def test_what_is_no_json_text_is_refused(content: bytes) -> None:
    """Only RFC 8259 texts with unique names are JSON here."""
    with pytest.raises(ValueError, match=r".+"):
        parse_json(content)
