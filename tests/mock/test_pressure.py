"""Many buyers at once, and hostile clients."""

from __future__ import annotations

import re
from pathlib import Path

from tests.mock.pressure import BUYERS, attack, race
from tests.mock.processes import http, spawned
from vogent_contract.mock import MockServer, State


def test_race__one_process(server: MockServer) -> None:
    """Of 64 buyers who ask for one number at once exactly one gets it, the others are refused."""
    assert {(1, BUYERS - 1): 40} == race([server.base_url], server.state, rounds=40)
    assert 40 == len(server.state.numbers())


def test_race__two_processes_on_a_file(tmp_path: Path) -> None:
    """The same holds between two processes that share a state file, and no id is given twice."""
    file = str(tmp_path / "state")
    with spawned("--state", file) as (_, one), spawned("--state", file) as (_, two):
        state = State(file)
        assert {(1, BUYERS - 1): 40} == race([one, two], state, rounds=40)
        assert 40 == len({number["id"] for number in state.numbers()})
        state.close()


def test_attack() -> None:
    """Hostile clients get a 4xx or nothing, never a 5xx, and the mock goes on in silence."""
    with spawned() as (process, url), http(url) as client:
        seen = attack(url, damaged=200)
        assert 200 == client.get("/phone_numbers").status_code
        process.terminate()
        assert process.stdout is not None
        output = process.stdout.read()
    assert {400, 401, 404, 405, 422} <= set(seen)
    assert [] == [status for status in seen if status >= 500]
    assert [] == re.findall(r"Traceback| 5\d\d \d", output)
