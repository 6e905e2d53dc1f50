"""The traffic of a run is one JSON document, whatever ends the run, and tells what was found."""

from __future__ import annotations

import itertools
import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.running import KEY, ForkedRun
from tests.suite.scripted import Step, listing, phone_number, played, reading
from vogent_contract import mock as mock_server
from vogent_contract.faults import Fault
from vogent_contract.faults.breaking import replace_parts
from vogent_contract.mock.app import Mock
from vogent_contract.mock.outcomes import Answer
from vogent_contract.mock.recording import Receive, Scope
from vogent_contract.suite import har
from vogent_contract.suite.credential import SHOWN, Key
from vogent_contract.suite.workers import MOST_TOGETHER

ONE = phone_number("id-1")
STEPS = (
    listing(ONE),
    reading("id-1", ONE | {"agentId": ""}),
    Step("GET", "/phone_numbers?limit=1&cursor=", status=None),
)


def entries(folder: Path) -> list[dict[str, Any]]:
    """The entries of a folder's file."""
    found: list[dict[str, Any]] = json.loads((folder / har.NAME).read_text())["log"]["entries"]
    return found


def test_it_is_whole_after_each_exchange(tmp_path: Path) -> None:
    """Whenever a run is killed, what it has sent until then can be read."""
    run = played(*STEPS)
    recording = har.Recording(tmp_path, run.wire.key)
    for count, exchange in enumerate(run.exchanges):
        assert count == len(entries(tmp_path))
        recording.record(exchange)
    numbers = [exchange.number for exchange in run.exchanges]
    assert numbers == [entry["_number"] for entry in entries(tmp_path)]


def test_a_killed_run_leaves_what_it_sent(tmp_path: Path) -> None:
    """A kill that no program can catch costs no more than what was under way together."""
    running: list[ForkedRun] = []
    turns = itertools.count(1)

    def kill_at_100(mock: Mock) -> None:
        right = mock.answer

        async def answer(scope: Scope, receive: Receive) -> Answer:
            if next(turns) == 100:
                os.kill(running[0].process, signal.SIGKILL)
            return await right(scope, receive)

        replace_parts(mock, answer=answer)

    with mock_server.start(api_key=KEY, fault=Fault("kills", kill_at_100)) as server:
        running.append(ForkedRun(tmp_path, "--base-url", server.base_url))
        result = running[0].wait()
    assert -signal.SIGKILL == result.exit, result.output
    left = entries(result.report)
    assert [one["_number"] for one in left] == list(range(1, len(left) + 1))
    assert 100 - MOST_TOGETHER <= len(left) < 100
    assert left[-1]["_test"].startswith("test_")


def test_an_entry_tells_what_was_found_in_it(tmp_path: Path) -> None:
    """Findings stand at the requests that they name, and nowhere else."""
    run = played(*STEPS)
    har.write(tmp_path, run.exchanges, run.findings.all(), run.wire.key)
    first, wrong, *_, hanging = entries(tmp_path)
    told = [(one["rule"], one["operation"], one["level"]) for one in wrong["_findings"]]
    assert [] == first["_findings"]
    assert [("reads-the-same", "getPhoneNumber", "broken")] == told
    assert wrong["comment"].startswith("broken: getPhoneNumber: reads-the-same at /agentId")
    assert (0, "timed out") == (hanging["response"]["status"], hanging["response"]["_error"])
    query = [(one["name"], one["value"]) for one in hanging["request"]["queryString"]]
    assert [("limit", "1"), ("cursor", "")] == query


@pytest.mark.parametrize("key", ["0", "GET", '"', "log", "null", 'a"quoted\\key'])
def test_a_key_that_json_is_made_of_leaves_it_whole(tmp_path: Path, key: str) -> None:
    """Taking the key out of the values does not touch what holds them together."""
    run = played(listing(ONE | {"agentId": key}))
    har.write(tmp_path, run.exchanges, run.findings.all(), Key(key))
    [entry] = entries(tmp_path)
    assert SHOWN in entry["response"]["content"]["text"]
