"""Known deviations: CI fails on new faults only, and never loses sight of the old ones."""

from __future__ import annotations

import datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.running import KEY, Result, run
from vogent_contract import mock as mock_server
from vogent_contract.faults import catalogue
from vogent_contract.openapi import load
from vogent_contract.suite.known import Deviation, KnownError, read_known, write_known

UNLINKS_WRONGLY = catalogue(load())["behaviour.unlink-to-empty-string"]
TODAY = datetime.date.today()
ROW = "- rule: links\n  operation: updatePhoneNumber\n  pointer: /agentId\n  reason: they know\n"
STALE = "- {rule: same-id, operation: getPhoneNumber, reason: they know}\n"


def judged(folder: Path, rows: str, *options: str) -> Result:
    """A run against a server that unlinks to the wrong value, with known deviations."""
    known = folder / "known.yaml"
    known.write_text(rows)
    with mock_server.start(api_key=KEY, fault=UNLINKS_WRONGLY) as server:
        return run(folder, "--base-url", server.base_url, "--known", str(known), *options)


def test_a_known_deviation_does_not_fail_the_run(tmp_path: Path) -> None:
    """It is shown with its reason, an expected failure in JUnit, and marked in the evidence."""
    result = judged(tmp_path, ROW)
    root = ElementTree.parse(result.report / "junit.xml").getroot()  # noqa: S314 - our own file
    skipped = [str(one.get("message")) for one in root.iter("skipped")]

    assert 0 == result.exit, result.output
    assert ["they know"] == [finding["known"] for finding in result.findings]
    assert "known: updatePhoneNumber: links at /agentId" in result.output
    assert any("they know" in message for message in skipped), skipped
    assert [] == list(root.iter("failure"))


def test_a_row_that_was_not_seen_is_told(tmp_path: Path) -> None:
    """It is named, and fails the run that goes by the letter."""
    told = judged(tmp_path, ROW + STALE)
    strict = judged(tmp_path, ROW + STALE, "--fail-on", "lenient")

    assert 0 == told.exit, told.output
    assert "known, but not seen in this run: getPhoneNumber: same-id" in told.output
    assert 1 == strict.exit
    assert "not seen any more: getPhoneNumber: same-id" in strict.output


@pytest.mark.parametrize(
    "rows",
    [
        ROW + f"  until: {TODAY - datetime.timedelta(days=1)}\n",
        ROW.replace("links", "links-only"),
        ROW.replace("updatePhoneNumber", "getPhoneNumber"),
        ROW.replace("/agentId", "/number"),
    ],
)
def test_what_a_row_does_not_say_fails(tmp_path: Path, rows: str) -> None:
    """A row hides exactly what it names, until its last day."""
    assert 1 == judged(tmp_path, rows, "-x").exit


def test_what_is_found_can_be_written_down(tmp_path: Path) -> None:
    """The rows of a run wait for their reasons: without them the file is refused in one line."""
    written = tmp_path / "found.yaml"
    judged(tmp_path, "", "--write-known", str(written))
    rows = written.read_text()
    refused = judged(tmp_path, rows)
    filled = judged(tmp_path, rows.replace("reason: ''", "reason: they know"))

    assert 4 == refused.exit
    assert "row 1: reason is missing or empty" in refused.output
    assert 0 == filled.exit, filled.output


@pytest.mark.parametrize(
    ("pointer", "found", "expected"),
    [
        (None, "/data/3/agentId", True),
        ("/data/*/agentId", "/data/3/agentId", True),
        ("/data/*/agentId", "/data/*/agentId", True),
        ("/data/*/agentId", "/data/3/number", False),
        ("", "/data", False),
    ],
)
def test_a_row_names_a_place(pointer: str | None, found: str, expected: bool) -> None:
    """`*` is any item of an array; no pointer is any place."""
    row = Deviation("links", "updatePhoneNumber", "they know", pointer)

    assert expected == row.covers("links", "updatePhoneNumber", found)


WRONG = {
    "a: b": "must be a list",
    "- 1": "row 1: must have",
    "- {rule: links, operation: x}": "row 1: reason is missing",
    "- {rule: '', operation: x, reason: y}": "row 1: rule is missing",
    "- {rule: links, operation: x, reason: y, why: z}": "row 1: why is none of",
    "- {rule: links, operation: x, reason: y, until: soon}": "row 1: until must be a date",
    "- {rule: links, operation: x, reason: y, pointer: [1]}": "row 1: pointer must be text",
    "- [": "is not YAML",
}


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_file_is_said(tmp_path: Path, text: str) -> None:
    """One line names the file, the row and what to mend."""
    path = tmp_path / "known.yaml"
    path.write_text(text)

    with pytest.raises(KnownError, match=WRONG[text]):
        read_known(path)


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """Reasons that somebody wrote are not lost."""
    path = tmp_path / "known.yaml"
    path.write_text(ROW)

    with pytest.raises(KnownError, match="is there already"):
        write_known(path, [])
    assert ROW == path.read_text()
