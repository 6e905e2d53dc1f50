"""A finding leads to its cause: one fault, one finding, against the operation that has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.running import KEY, Result, run
from tests.suite.scripted import Step, listing, phone_number, played, reading
from vogent_contract import mock as mock_server
from vogent_contract.faults import catalogue
from vogent_contract.openapi import load

FAULTS = catalogue(load())
ONE = phone_number("id-1")
LINKED = ONE | {"agentId": "agent-1"}


def judged(folder: Path, fault: str) -> Result:
    """A run against a server with one fault."""
    with mock_server.start(api_key=KEY, fault=FAULTS[fault]) as server:
        return run(folder, "--base-url", server.base_url)


@pytest.mark.parametrize(
    ("fault", "rule", "operation"),
    [
        ("behaviour.list-loses-link", "list-reads-the-same", "listPhoneNumbers"),
        ("behaviour.delete-does-not", "list-without-released", "deletePhoneNumber"),
        ("getPhoneNumber.response.agentId.null-as-empty-string", "reads-the-same", "getPhone"),
        ("updatePhoneNumber.sometimes.500", "no-server-error", "updatePhoneNumber"),
    ],
)
def test_one_fault_is_one_finding(tmp_path: Path, fault: str, rule: str, operation: str) -> None:
    """Whatever else is wrong because of it is told with that finding."""
    result = judged(tmp_path, fault)

    [finding] = result.findings
    assert rule == finding["rule"]
    assert finding["operation"].startswith(operation)


def test_the_other_answer_is_shown(tmp_path: Path) -> None:
    """A finding about two answers tells both requests."""
    [finding] = judged(tmp_path, "behaviour.refuses-but-sells").findings

    assert "listPhoneNumbers" == finding["against"]["operation"]
    assert finding["request"] < finding["against"]["request"]
    assert {"list-without-strangers"} == {one["rule"] for one in finding["also"]}


def test_where_nobody_can_tell_both_are_named() -> None:
    """Without a witness neither of two readings is believed more than the other."""
    [finding] = played(listing(ONE), reading("id-1", LINKED)).findings.all()

    assert finding.undecided
    assert finding.against is not None
    assert {"getPhoneNumber", "listPhoneNumbers"} == {
        finding.operation,
        finding.against.outgoing.name,
    }
    assert "nobody can tell which" in str(finding)


def test_what_is_lenient_explains_nothing_broken() -> None:
    """A generous answer must not hide that a caller is let down."""
    update = Step("PUT", "/phone_numbers/id-1", {"agentId": ["agent-1"]}, value=LINKED)
    run_ = played(listing(ONE), update, reading("id-1", ONE))
    levels = {finding.rule: finding.level for finding in run_.findings.all()}

    assert {"refuses-invalid": "lenient", "reads-the-same": "broken"} == levels
