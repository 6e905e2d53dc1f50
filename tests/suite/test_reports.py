"""What a run leaves behind is whole, readable, and holds no key."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.suite.running import KEY, Result, run
from vogent_contract import mock as mock_server

FILES = {"evidence.json", "junit.xml", "report.html", "run.har"}


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """A run against a server that leaks the key into an answer and unlinks to the wrong value."""
    folder = tmp_path_factory.mktemp("failing")
    with mock_server.start(api_key=KEY, fault="behaviour.unlink-to-empty-string") as server:
        summary = folder / "summary.md"
        return run(folder, "--base-url", server.base_url, GITHUB_STEP_SUMMARY=str(summary))


@pytest.fixture(scope="module")
def passing(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """A run against the default server."""
    return run(tmp_path_factory.mktemp("passing"))


def test_the_default_server_keeps_the_contract(passing: Result) -> None:
    """Without --base-url the mock is started, and the run is green with whole evidence."""
    assert passing.exit == 0, passing.output
    assert passing.evidence["findings"] == []
    assert passing.evidence["missing"] == []


def test_the_quick_profile_keeps_to_its_budget(passing: Result) -> None:
    """A quick run sends at most 300 requests to a correct server."""
    assert 200 < passing.evidence["requests"] <= 300


def test_the_quick_profile_is_deterministic(passing: Result, tmp_path: Path) -> None:
    """Two quick runs answer the same way to the same requests."""
    again = run(tmp_path)

    assert passing.evidence["operations"] == again.evidence["operations"]
    assert passing.evidence["values"] == again.evidence["values"]


def test_every_file_is_written(failing: Result) -> None:
    """A report folder has the evidence, a JUnit file, a page and the traffic."""
    assert FILES <= {file.name for file in failing.report.iterdir()}
    assert (
        int(ElementTree.parse(failing.report / "junit.xml").getroot()[0].get("failures", "0")) > 0
    )  # noqa: S314 - our own file
    assert (
        len(json.loads((failing.report / "run.har").read_text())["log"]["entries"])
        == failing.evidence["requests"]
    )


def test_a_finding_can_be_acted_on(failing: Result) -> None:
    """A finding says rule, source, place, what was expected and came, and how to repeat it without a key."""
    assert failing.exit == 1
    for part in ("documented", "/agentId", "null", '""', "curl -X PUT", "Bearer $VOGENT_API_KEY"):
        assert part in failing.output
    assert "## The server breaks the contract" in (failing.report / "summary.md").read_text()


def test_no_key_is_written_anywhere(failing: Result) -> None:
    """The key is in no output and no file of a run."""
    assert KEY not in failing.output
    for file in failing.report.rglob("*"):
        assert KEY not in file.read_text("utf-8"), file


def test_a_short_key_leaves_the_words_alone(tmp_path: Path) -> None:
    """A key that is a letter is hidden where it stands, and the report stays readable."""
    with mock_server.start(api_key="k", fault="behaviour.unlink-to-empty-string") as server:
        result = run(tmp_path, "--base-url", server.base_url, key="k")

    assert "Linking is seen in the answer" in result.output
    assert 'authorization: Bearer $VOGENT_API_KEY"' in result.output


def test_nothing_that_is_made_of_the_key_is_written(tmp_path: Path) -> None:
    """The wrong credentials that are made of the key are shown as a shell would make them."""
    with mock_server.start(
        api_key=KEY, fault="listPhoneNumbers.credential.accepts-anything"
    ) as server:
        result = run(tmp_path, "--base-url", server.base_url)

    written = result.output + "".join(file.read_text("utf-8") for file in tmp_path.iterdir())
    assert [] == [
        part for part in (KEY[:-1], KEY[1:], KEY[::-1], KEY.swapcase()) if part in written
    ]
    assert 1 == result.exit
