"""The catalogue of faults: what is in it, what is not and why, and what faulty servers answer."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from vogent_contract import mock
from vogent_contract.faults import Fault, breaking, catalogue, every_fault
from vogent_contract.mock import Answer
from vogent_contract.openapi import load

CONTRACT = load()
FAULTS = catalogue(CONTRACT)
NUMBERS, SEARCH, PURCHASE = "/phone_numbers", "/phone_numbers/search", "/phone_numbers/purchase"
LIST, BUY = "listPhoneNumbers", "purchasePhoneNumber"
SOLD = "+15005550200"  # always for sale


@contextlib.contextmanager
def shop(fault: str | breaking.Install) -> Iterator[tuple[httpx.Client, mock.State]]:
    """A client of a server with a fault, given by its id or by what breaks a mock; its state."""
    planted = FAULTS[fault] if isinstance(fault, str) else Fault("test", fault)
    with mock.start(fault=planted) as server:
        key = {"Authorization": f"Bearer {server.api_key}"}
        with httpx.Client(base_url=server.base_url, headers=key, timeout=5) as http:
            yield http, server.state


@pytest.mark.parametrize("operation", CONTRACT.operations)
def test_every_operation_has_every_class(operation: str) -> None:
    """Each operation has faults of its answers, requests, credential and timing."""
    expected = {"response", "status", "content-type", "body", "refusal", "sometimes", "credential"}
    expected |= {"valid refused", "valid fails"}

    assert expected <= {one.category for one in FAULTS.values() if one.operation == operation}


def test_ids_and_summaries_are_lines() -> None:
    """An id is one word for the command line, a summary one line for people."""
    for fault in FAULTS.values():
        assert [fault.id] == fault.id.split()
        assert [fault.summary] == fault.summary.splitlines()


def test_what_the_contract_allows_is_no_fault() -> None:
    """What is excluded says why: an assumed keyword its assumption, a check that others make."""
    excluded = {one.id: one.equivalent for one in every_fault(CONTRACT).values() if one.equivalent}
    pattern = "createPhoneNumber.request.body.sipImport.phoneNumber.wrong-pattern.accepted"

    assert not set(excluded) & set(FAULTS)
    assert excluded[pattern].startswith("The reference names the format.")
    assert "the other checks" in excluded["getPhoneNumber.credential.accepts-without-check-present"]


def test_an_answer_without_a_property() -> None:
    """A response fault rewrites one property of one operation and leaves the others alone."""
    with shop("getPhoneNumber.response.agentId.missing") as (http, state):
        path = f"{NUMBERS}/{state.add('+14155550100', 'PSTN')['id']}"

        assert {"id", "number", "type"} == set(http.get(path).json())
        assert {"id", "number", "type", "agentId"} == set(http.delete(path).json())


def test_a_fault_of_a_list_is_in_one_item() -> None:
    """Only one item of a list is broken."""
    with shop("listPhoneNumbers.response.data.item.number.integer") as (http, state):
        for number in ("+14155550100", "+14155550101"):
            state.add(number, "PSTN")

        assert ["+14155550100", 7] == [one["number"] for one in http.get(NUMBERS).json()["data"]]


@pytest.mark.parametrize(
    ("fault", "body", "expected"),
    [
        ("limit.wrong-maximum.accepted", {"prefix": "415", "limit": 11}, 200),
        ("limit.wrong-maximum.accepted", {"prefix": 415}, 422),
        ("limit.wrong-maximum.accepted", {"prefix": 415, "limit": 11}, 422),
        ("limit.wrong-maximum.500", {"prefix": "415", "limit": 11}, 500),
        ("prefix.wrong-type-null.accepted", {"prefix": None}, 200),
        ("prefix.wrong-type-null.accepted", {"prefix": 415}, 422),
        ("limit.maximum.refused", {"prefix": "415", "limit": 10}, 422),
        ("limit.maximum.refused", {"prefix": "415", "limit": 9}, 200),
        ("limit.absent.500", {"prefix": "415"}, 500),
        ("limit.absent.500", {"prefix": "415", "limit": 9}, 200),
    ],
)
def test_a_request_is_judged_wrongly(fault: str, body: Any, expected: int) -> None:
    """A request fault concerns requests that differ in one way, and no others."""
    with shop(f"searchPhoneNumbers.request.body.{fault}") as (http, _):
        assert expected == http.post(SEARCH, json=body).status_code


def test_a_wrong_key_is_accepted() -> None:
    """A credential fault lets a wrong key into one operation."""
    with shop("listPhoneNumbers.credential.accepts-anything") as (http, _):
        http.headers["Authorization"] = "Bearer other"

        assert 200 == http.get(NUMBERS).status_code
        assert 401 == http.post(SEARCH, json={"prefix": "415"}).status_code


@pytest.mark.parametrize(
    "fault",
    [
        "listPhoneNumbers.sometimes.500",
        breaking.change_answers(breaking.altered(status=500), LIST, every=3),
        breaking.answer_valid(lambda _: Answer(500), every=3),
    ],
    ids=["of the catalogue", "after it is done", "before it is done"],
)
def test_a_fault_now_and_then(fault: str | breaking.Install) -> None:
    """A fault can break each n-th answer only."""
    with shop(fault) as (http, _):
        assert [200, 200, 500, 200] == [http.get(NUMBERS).status_code for _ in range(4)]


def test_faults_compose() -> None:
    """Several faults can be planted in one server: a sale without an answer, a release not done."""
    lost = breaking.change_answers(breaking.altered(drop=True), BUY, which=breaking.succeeded)
    kept = breaking.change_state(release=lambda state, _, identity: state.get(identity))
    with shop(breaking.together(lost, kept)) as (http, state):
        with pytest.raises(httpx.TransportError):
            http.post(PURCHASE, json={"number": SOLD})
        (sold,) = state.numbers()

        assert 200 == http.delete(f"{NUMBERS}/{sold['id']}").status_code
        assert [sold] == state.numbers()


def test_invalid_requests_can_be_answered() -> None:
    """A fault can answer what breaks the contract; what keeps it is done as before."""
    with shop(breaking.answer_invalid(lambda _: Answer(200, {}), BUY)) as (http, _):
        assert 200 == http.post(PURCHASE, json={"number": 7}).status_code
        assert 422 == http.post(PURCHASE, json={"number": "never offered"}).status_code
        assert 422 == http.post(SEARCH, json={"prefix": 415}).status_code


def test_the_command_lists_them() -> None:
    """`--list-faults` prints each fault on a line, its id first."""
    command = [sys.executable, "-m", "vogent_contract", "mock", "--list-faults"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)

    assert list(FAULTS) == [line.split()[0] for line in done.stdout.splitlines()]
