"""What a run leaves behind is whole, readable, and holds no key."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.running import KEY, Result, run
from vogent_contract import mock as mock_server
from vogent_contract.faults import Fault, catalogue
from vogent_contract.faults.breaking import accept_credentials, replace_parts, together
from vogent_contract.mock.app import Mock
from vogent_contract.mock.outcomes import Answer
from vogent_contract.mock.recording import Receive, Scope
from vogent_contract.openapi import load
from vogent_contract.suite.credential import SHOWN, Key

FIELDS = {"rule", "operation", "level", "pointer", "expected", "got", "assumed"}  # teams rely on it


@pytest.fixture(scope="module")
def passing(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """A run against the default server."""
    return run(tmp_path_factory.mktemp("passing"))


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """A run against a server that unlinks to the wrong value."""
    folder = tmp_path_factory.mktemp("failing")
    summary = str(folder / "summary.md")
    fault = catalogue(load())["behaviour.unlink-to-empty-string"]
    with mock_server.start(api_key=KEY, fault=fault) as server:
        return run(folder, "--base-url", server.base_url, GITHUB_STEP_SUMMARY=summary)


def test_the_default_server_keeps_the_contract(passing: Result) -> None:
    """Without --base-url the mock is started; a quick run is green, whole, and short."""
    assert 0 == passing.exit, passing.output
    assert [] == passing.findings
    assert [] == passing.evidence["missing"]
    assert 200 < passing.evidence["requests"] <= 300


def test_the_quick_profile_is_deterministic(passing: Result, tmp_path: Path) -> None:
    """Two quick runs send the same requests and get the same answers."""
    again = run(tmp_path).evidence
    for part in ("requests", "operations", "values"):
        assert passing.evidence[part] == again[part]


def test_every_file_is_whole(failing: Result) -> None:
    """Evidence for programs, JUnit for CI, the traffic with every request, a page for people."""
    evidence = failing.evidence
    assert 1 == failing.exit == evidence["exit"]
    assert FIELDS <= set(evidence["findings"][0])
    suite = ElementTree.parse(failing.report / "junit.xml").getroot()[0]  # noqa: S314 - our own file
    assert 0 < int(suite.get("failures", "0"))
    traffic = json.loads((failing.report / "run.har").read_text("utf-8"))
    assert evidence["requests"] == len(traffic["log"]["entries"])
    assert "Breaks the contract" in (failing.report / "report.html").read_text("utf-8")
    summary = failing.report.parent / "summary.md"
    assert summary.read_text("utf-8").startswith("## Breaks the contract")


def test_a_finding_can_be_acted_on(failing: Result) -> None:
    """It says promise, source, place, what was expected and came, and how to repeat it."""
    [first, *_] = failing.findings
    assert ("links", "updatePhoneNumber", "broken") == (
        first["rule"],
        first["operation"],
        first["level"],
    )
    assert ("/agentId", "null", '""') == (first["pointer"], first["expected"], first["got"])
    assert first["assumed"] is None
    for part in ("documented", "curl -X PUT", '-H "Authorization: Bearer $VOGENT_API_KEY"'):
        assert part in failing.output


def test_the_way_to_a_finding_is_told_where_people_look(failing: Result) -> None:
    """Terminal, JUnit and job summary have its calls and its answer once; two name its script."""
    junit = (failing.report / "junit.xml").read_text("utf-8")
    summary = (failing.report.parent / "summary.md").read_text("utf-8")
    for text in (failing.output, junit, summary):
        for row in ("\n  steps     1. ", "\n  answer    200 "):
            assert len(failing.findings) == text.count(row)
    script = failing.findings[0]["script"]
    assert f"scripts that repeat the findings: {failing.report / script}" in failing.output
    assert f"\n  script    {script}\n" in summary


def repeat_the_key(mock: Mock) -> None:
    """Each answer repeats the Authorization header, and the key is the cursor of each page."""
    right = mock.answer

    async def answer(scope: Scope, receive: Receive) -> Answer:
        given = await right(scope, receive)
        sent = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")
        body = given.body
        if isinstance(body, dict):
            body = body | {"message": f"you sent {sent}"}
            body = body | {name: mock.api_key for name in body if name == "cursor"}
        return replace(given, body=body, headers={**given.headers, "X-Sent": sent})

    replace_parts(mock, answer=answer)


def test_no_part_of_the_key_is_written(tmp_path: Path) -> None:
    """No file of a run has it, whatever the server repeats, whatever wrong keys are made of it."""
    key = "wK7qLz0vTn4xRb9mHs2d"  # no real key
    broken = together(accept_credentials(lambda *_: True), repeat_the_key)
    with mock_server.start(api_key=key, fault=Fault("repeats", broken)) as server:
        account = ("--live", "--max-numbers", "4", "--rate", "2000")
        files = ("--ledger", str(tmp_path / "ledger.jsonl"))
        summary = str(tmp_path / "summary.md")
        options = ("--base-url", server.base_url, *account, *files)
        result = run(tmp_path, *options, key=key, GITHUB_STEP_SUMMARY=summary)
    assert {"refuses-wrong-key", "accepts-valid"} <= result.rules
    written = {path.name: path.read_text("utf-8") for path in tmp_path.rglob("*") if path.is_file()}
    scripts = {name for name in written if name.endswith(".sh")}
    assert scripts
    names = {"evidence.json", "junit.xml", "reference.html", "report.html", "run.har"}
    assert {*names, "ledger.jsonl", "output.txt", "summary.md"} == set(written) - scripts
    for secret in (key, key.swapcase(), key[::-1]):
        for start in range(len(key) - 5):
            part = secret[start : start + 6]
            assert [] == [name for name, text in written.items() if part in text], part


def test_a_short_key_leaves_the_words_alone() -> None:
    """A key that is a letter is hidden where it stands alone, and the report stays readable."""
    assert "Linking: Bearer $VOGENT_API_KEY, ok" == Key("k").scrub("Linking: Bearer k, ok")


@pytest.mark.parametrize("key", ['quoted"key-0123', "back\\slash-0123"])
def test_a_key_is_hidden_in_json_too(key: str) -> None:
    """In JSON text a quote or a backslash of the key is escaped."""
    assert SHOWN in Key(key).scrub(json.dumps({"echo": key}))
    assert json.dumps(key)[1:-1] not in Key(key).scrub(json.dumps({"echo": key}))
