"""The catalogue of faults: what is in it, what is not and why, and what a faulty server answers."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from vogent_contract import mock as mock_server
from vogent_contract.faults import catalogue, every_fault
from vogent_contract.openapi import Contract, load
from vogent_contract.openapi.document import DEFAULT_PATH

CONTRACT = load()
FAULTS = catalogue(CONTRACT)
ADDED = """
  /phone_numbers/{id}/usage:
    get:
      operationId: getPhoneNumberUsage
      parameters:
        - { name: id, in: path, required: true, schema: { type: string } }
        - { name: days, in: query, schema: { type: integer, minimum: 1 } }
      responses:
        '200':
          description: The usage.
          content:
            application/json:
              schema: { type: object, required: [calls], properties: { calls: { type: integer } } }
        '401': { $ref: '#/components/responses/Unauthorized' }
        '422': { $ref: '#/components/responses/ValidationFailure' }
components:
"""


def changed_contract(path: Path, old: str, new: str) -> Contract:
    """The project's contract with one thing changed."""
    text = DEFAULT_PATH.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return load(path)


def asked(
    server: mock_server.MockServer, method: str, path: str, body: Any = None, key: str = ""
) -> tuple[int, Any]:
    """Status and JSON body of one request, None for a body that is not JSON."""
    headers = {
        "Authorization": f"Bearer {key or server.api_key}",
        "Content-Type": "application/json",
    }
    content = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(server.base_url + path, content, headers, method=method)  # noqa: S310 - our own server
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - our own server
            status, text = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        status, text = error.code, error.read()
    try:
        return status, json.loads(text)
    except ValueError:
        return status, None


@pytest.mark.parametrize("operation", CONTRACT.operations)
def test_every_operation_has_every_kind(operation: str) -> None:
    """Each operation has faults of its answers, statuses, content types, bodies, credential and timing."""
    kinds = {fault.kind for fault in FAULTS.values() if fault.operation == operation}

    assert {
        "response",
        "status",
        "content-type",
        "body",
        "valid refused",
        "valid fails",
        "credential",
        "sometimes",
    } <= kinds


def test_ids_and_summaries_are_lines() -> None:
    """An id is one word for the command line, a summary one line for people."""
    assert [] == [one.id for one in FAULTS.values() if len(one.id.split()) != 1 or "*" in one.id]
    assert [] == [one.id for one in FAULTS.values() if not one.summary or "\n" in one.summary]


def test_what_the_contract_allows_is_no_fault() -> None:
    """What is excluded says why: an assumed keyword its assumption, a check that others make, text as text."""
    excluded = {one.id: one.equivalent for one in every_fault(CONTRACT).values() if one.equivalent}

    assert not set(excluded) & set(FAULTS)
    assert (
        "The reference names the format."
        in excluded["createPhoneNumber.request.body.sipImport.phoneNumber.wrong-pattern.accepted"]
    )
    assert "the other checks" in excluded["getPhoneNumber.credential.accepts-without-check-present"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "enum: [PSTN, SIP_USERNAME]",
            "enum: [PSTN, SIP_USERNAME, TOLL_FREE]",
            {
                "PhoneNumberType.never-TOLL_FREE",
                "listPhoneNumbers.response.data.item.type.TOLL_FREE-in-other-case",
            },
        ),
        (
            "        agentId:\n          type: [string, 'null']",
            "        label: { type: [string, 'null'] }\n        agentId:\n          type: [string, 'null']",
            {
                "PhoneNumber.label.never-null",
                "PhoneNumber.label.never-not-null",
                "getPhoneNumber.response.label.integer",
            },
        ),
        (
            "components:\n",
            ADDED.lstrip("\n"),
            {
                "getPhoneNumberUsage.response.calls.missing",
                "getPhoneNumberUsage.request.query.days.wrong-minimum.accepted",
                "getPhoneNumberUsage.credential.accepts-anything",
                "getPhoneNumberUsage.sometimes.dropped",
            },
        ),
    ],
    ids=["enum value", "nullable property", "operation"],
)
def test_what_is_new_in_the_contract_gets_its_faults(
    tmp_path: Path, old: str, new: str, expected: set[str]
) -> None:
    """An enum value, a nullable property and an operation added to the contract have faults at once."""
    added = set(catalogue(changed_contract(tmp_path / "contract.yaml", old, new))) - set(FAULTS)

    assert expected <= added


def test_an_answer_without_a_property() -> None:
    """A response fault rewrites one property of one operation and leaves the others alone."""
    with mock_server.start(fault="getPhoneNumber.response.agentId.missing") as server:
        key = server.state.add("+14155550100", "PSTN")["id"]

        assert {"id", "number", "type"} == set(asked(server, "GET", f"/phone_numbers/{key}")[1])
        assert {"id", "number", "type", "agentId"} == set(
            asked(server, "DELETE", f"/phone_numbers/{key}")[1]
        )


def test_a_fault_of_a_list_is_in_one_item() -> None:
    """Only one item of a list is broken."""
    with mock_server.start(fault="listPhoneNumbers.response.data.item.number.integer") as server:
        for number in ("+14155550100", "+14155550101"):
            server.state.add(number, "PSTN")

        assert ["+14155550100", 7] == [
            one["number"] for one in asked(server, "GET", "/phone_numbers")[1]["data"]
        ]


def test_an_invalid_request_accepted() -> None:
    """A request fault accepts what breaks one keyword, and nothing else."""
    with mock_server.start(
        fault="searchPhoneNumbers.request.body.limit.wrong-maximum.accepted"
    ) as server:
        assert (
            200 == asked(server, "POST", "/phone_numbers/search", {"prefix": "415", "limit": 11})[0]
        )
        assert 422 == asked(server, "POST", "/phone_numbers/search", {"prefix": 415})[0]


def test_a_wrong_key_accepted() -> None:
    """A credential fault lets a wrong key into one operation."""
    with mock_server.start(fault="listPhoneNumbers.credential.accepts-anything") as server:
        assert 200 == asked(server, "GET", "/phone_numbers", key="other")[0]
        assert (
            401 == asked(server, "POST", "/phone_numbers/search", {"prefix": "415"}, key="other")[0]
        )


def test_a_fault_now_and_then() -> None:
    """A sometimes-fault breaks every third answer."""
    with mock_server.start(fault="listPhoneNumbers.sometimes.500") as server:
        assert [200, 200, 500, 200] == [asked(server, "GET", "/phone_numbers")[0] for _ in range(4)]


def test_the_command_lists_them() -> None:
    """`--list-faults` prints each fault on a line, its id first."""
    done = subprocess.run(
        [sys.executable, "-m", "vogent_contract", "mock", "--list-faults"],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )

    assert list(FAULTS) == [line.split()[0] for line in done.stdout.splitlines()]
