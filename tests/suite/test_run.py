"""One request's way through a run: what is held back, what is counted, what ends it."""

from __future__ import annotations

import pytest

from tests.suite.scripted import Step, listing, phone_number, played, reading, rules
from vogent_contract.suite.run import FirstFailure

ONE = phone_number("id-1")
ANOTHER_ID = reading("id-1", phone_number("id-2"))


def test_nothing_goes_beside_the_base_url() -> None:
    """A path that leads out of the API is not sent to whatever is there."""
    run = played(Step("GET", "/../other"))
    assert 0 == run.wire.sent
    assert ["it would go beside http://127.0.0.1:9/api"] == list(run.held)


def test_an_operation_that_hangs_is_asked_once() -> None:
    """A run against a server that hangs ends; other operations are asked all the same."""
    targets = ("/phone_numbers", "/phone_numbers?limit=1", "/phone_numbers/id-1")
    run = played(*[Step("GET", target, status=None) for target in targets])
    assert 2 == run.wire.sent
    assert ["listPhoneNumbers did not answer within 1 s before"] == list(run.held)


def test_a_finding_is_told_once() -> None:
    """The same rule broken at the same place again only counts up."""
    [finding] = played(ANOTHER_ID, ANOTHER_ID).findings.all()
    assert ("same-id", 2, 1) == (finding.rule, finding.times, finding.request)


def test_a_run_can_end_at_its_first_finding() -> None:
    """Whoever asked to stop gets no second request."""
    with pytest.raises(FirstFailure, match="getPhoneNumber: same-id"):
        played(ANOTHER_ID, reading("id-1", ONE), stop_first=True)


def test_what_was_not_seen_is_a_finding() -> None:
    """Only answers that keep the contract are evidence, and a run without it is not green."""
    run = played(listing(ONE))
    run.require_evidence()
    missing = {finding.expected for finding in run.findings.all() if finding.rule == "evidence"}
    assert {"PhoneNumber/agentId: not null", 'PhoneNumberType: "SIP_USERNAME"'} <= missing
    assert {"purchasePhoneNumber: succeeds", "listPhoneNumbers: refuses"} <= missing
    assert not {"listPhoneNumbers: succeeds", "PhoneNumber/agentId: null"} & missing


def test_what_a_finding_explains_is_not_missing_too() -> None:
    """Values of a wrong answer are no evidence, and the finding says why they were not seen."""
    run = played(listing(ONE), listing(ONE | {"type": "OTHER", "agentId": "agent-1"}))
    assert {"null": 1, "not null": 0} == run.evidence.values["PhoneNumber/agentId"]
    run.require_evidence()
    missing = {finding.expected for finding in run.findings.all() if finding.rule == "evidence"}
    assert "purchasePhoneNumber: succeeds" in missing
    assert "PhoneNumber/agentId: not null" not in missing
    assert "documented-response" in rules(run)


def test_another_method_is_named_by_its_path() -> None:
    """A known deviation can name it: the id of one run is none of the next."""
    [finding] = played(Step("PATCH", "/phone_numbers/id-1?x=1")).findings.all()

    assert "PATCH /phone_numbers/{id}" == finding.operation
