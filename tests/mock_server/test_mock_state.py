"""State that lasts: SQLite, several processes, processes that are killed."""

from __future__ import annotations

import concurrent.futures
import random
import sqlite3
import threading
import time
from pathlib import Path

import httpx
import pytest

from tests.mock_server.processes import http, spawned
from vogent_contract import mock as mock_server
from vogent_contract.mock import State, StateError

ALWAYS = {"number": "+15005550200"}


def test_file__survives_kill(tmp_path: Path) -> None:
    """Every purchase that was acknowledged is there after the process was killed, ten times at random moments."""
    file, acknowledged = str(tmp_path / "state"), set()
    chance = random.Random(7)  # noqa: S311 - moments, not secrets
    for _ in range(10):
        with spawned("--state", file) as (process, url), http(url) as client:
            timer = threading.Timer(chance.uniform(0.02, 0.2), process.kill)
            timer.start()
            try:
                while True:
                    acknowledged.add(
                        client.post("/phone_numbers/purchase", json=ALWAYS).json()["id"]
                    )
            except httpx.TransportError:
                pass
            timer.join()
    state = State(file)
    kept = {one["id"] for one in state.numbers()}
    state.close()
    assert len(acknowledged) > 10
    assert acknowledged <= kept
    assert len(kept) - len(acknowledged) <= 10  # at most the one in flight each time


def test_file__several_processes(tmp_path: Path) -> None:
    """Processes on one file sell a number once between them and never give an id twice."""
    file = str(tmp_path / "state")
    with (
        concurrent.futures.ThreadPoolExecutor(8) as pool,
        spawned("--state", file) as (_, one),
        spawned("--state", file) as (_, two),
        http(one) as first,
        http(two) as second,
    ):
        clients = [first, second]
        for number in first.post(
            "/phone_numbers/search", json={"prefix": "415", "limit": 10}
        ).json():
            posts = [
                pool.submit(client.post, "/phone_numbers/purchase", json=number)
                for client in clients * 4
            ]
            assert sorted(post.result().status_code for post in posts) == [200] + [422] * 7
        more = [
            pool.submit(client.post, "/phone_numbers/purchase", json=ALWAYS)
            for client in clients * 50
        ]
        assert len({post.result().json()["id"] for post in more}) == 100
        assert first.get("/phone_numbers").json() == second.get("/phone_numbers").json()


def test_file__opened_at_once(tmp_path: Path) -> None:
    """A file that does not exist yet can be opened by many at the same moment."""
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        states = list(pool.map(lambda _: State(tmp_path / "state", numbers=5), range(16)))
    ids = {state.add("desk", "SIP_USERNAME")["id"] for state in states}
    for state in states:
        state.close()
    assert len(ids) == 16


def test_file__keeps_seed_until_reset(tmp_path: Path) -> None:
    """The file keeps its seed and its numbers; `reset` forgets both."""
    file = tmp_path / "state"
    for seed, reset, before in (
        (3, False, 0),
        (None, False, 1),
        (3, False, 2),
        (4, True, 0),
        (4, False, 1),
    ):
        state = State(file, seed=seed, reset=reset)
        assert len(state.numbers()) == before
        state.add("desk", "SIP_USERNAME")
        state.close()
    with pytest.raises(StateError, match=r"was made with the seed 4; --reset starts over"):
        State(file, seed=3)


@pytest.mark.parametrize("content", ["text", "other database"])
def test_file__of_something_else(tmp_path: Path, content: str) -> None:
    """A file that is not the mock's is refused and left as it is, even with `reset`."""
    file = tmp_path / "state"
    if content == "text":
        file.write_text("not a database, " * 100)
    else:
        with sqlite3.connect(file) as database:
            database.execute("CREATE TABLE mine (x)")
        database.close()
    before = file.read_bytes()[100:]
    with pytest.raises(StateError, match="state"):
        State(file, reset=True)
    assert before == file.read_bytes()[100:]


def test_start__state_stays(tmp_path: Path) -> None:
    """A mock that a test starts can keep its state in a file, or in a state that the test made."""
    file = tmp_path / "state"
    with mock_server.start(state=file) as server, http(server) as client:
        made = client.post("/phone_numbers/purchase", json=ALWAYS).json()
    with mock_server.start(state=file) as server:
        assert [made] == server.state.numbers()
    state = State()
    state.offer("+12025550100")
    with mock_server.start(state=state) as server, http(server) as client:
        bought = client.post("/phone_numbers/purchase", json={"number": "+12025550100"})
    assert [bought.json()] == state.numbers()
    state.close()


def test_start__quick() -> None:
    """A mock in the test's process starts and stops within a fraction of a second, even while an answer waits."""
    with mock_server.start() as server:
        slow = threading.Thread(target=_ask_in_vain, args=(server,))
        slow.start()
        while not server.state.numbers():
            time.sleep(0.01)
        start = time.monotonic()
    slow.join()
    assert time.monotonic() - start < 1


def _ask_in_vain(server: mock_server.MockServer) -> None:
    with http(server) as client, pytest.raises(httpx.TransportError):
        client.post("/phone_numbers/purchase", json={"number": "+15005550504"}, timeout=20)
