"""State that lasts: SQLite, several processes, processes that are killed."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.mock.pressure import connect
from tests.mock.processes import http, spawned
from vogent_contract.mock import State, StateError

ALWAYS = {"number": "+15005550200"}
ONE_MORE = (
    b"POST /api/phone_numbers/purchase HTTP/1.1\r\nAuthorization: Bearer test-key\r\n"
    b'Content-Type: application/json\r\nContent-Length: 25\r\n\r\n{"number":"+15005550200"}'
)


def test_file__survives_kill(tmp_path: Path) -> None:
    """Every acknowledged purchase is there after a `kill -9` while another is under way."""
    file, acknowledged = str(tmp_path / "state"), set()
    counts = (1, 2, 30)
    for count in counts:
        with spawned("--state", file) as (process, url), http(url) as client:
            for _ in range(count):
                bought = client.post("/phone_numbers/purchase", json=ALWAYS)
                acknowledged.add(bought.json()["id"])
            with connect(url) as unanswered:
                unanswered.sendall(ONE_MORE)
                process.kill()
    state = State(file)
    kept = {one["id"] for one in state.numbers()}
    state.close()
    assert sum(counts) == len(acknowledged)
    assert acknowledged <= kept
    assert len(kept - acknowledged) <= len(counts)


def test_file__opened_at_once(tmp_path: Path) -> None:
    """A file that does not exist yet can be opened by many at the same moment; ids stay unique."""
    with ThreadPoolExecutor(8) as pool:
        states = list(pool.map(lambda _: State(tmp_path / "state", numbers=5), range(16)))
    ids = {state.add("desk", "SIP_USERNAME")["id"] for state in states}
    for state in states:
        state.close()
    assert 16 == len(ids)


def test_file__reset(tmp_path: Path) -> None:
    """A file keeps its numbers until `reset`, which forgets them and fills it anew."""
    file = tmp_path / "state"
    for seed, reset, before in ((3, False, 0), (None, False, 1), (4, True, 0), (None, False, 1)):
        state = State(file, seed=seed, reset=reset)
        assert before == len(state.numbers())
        state.add("desk", "SIP_USERNAME")
        offers = state.search("US", "415", 5)
        state.close()
    as_new = State(seed=4)
    assert as_new.search("US", "415", 5) == offers
    as_new.close()


@pytest.mark.parametrize("content", ["text", "other database"])
def test_file__of_something_else(tmp_path: Path, content: str) -> None:
    """A file that is not the mock's is refused and left as it is, even with `reset`."""
    file = tmp_path / "state"
    if content == "text":
        file.write_text("not a database, " * 100)
    else:
        database = sqlite3.connect(file)
        database.execute("CREATE TABLE mine (x)")
        database.close()
    before = file.read_bytes()
    with pytest.raises(StateError, match="state"):
        State(file, reset=True)
    assert before == file.read_bytes()
