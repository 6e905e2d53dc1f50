"""The mock in a test's own process: what a test sees of it, how it ends."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.mock.processes import http
from vogent_contract.mock import MockServer, State, start

ALWAYS = {"number": "+15005550200"}
SLOW = {"number": "+15005550504"}


def test_fixture__state_and_requests(vogent_mock: MockServer) -> None:
    """A test sees what was bought and what was asked, with the key nowhere in it."""
    with http(vogent_mock.base_url) as client:
        client.post("/phone_numbers/purchase", json=ALWAYS)
        client.get("/phone_numbers", params={"limit": 3})
        client.get("/nothing")
    path = "/api/phone_numbers"
    assert [
        ("POST", f"{path}/purchase", "", "purchasePhoneNumber", ALWAYS, 200),
        ("GET", path, "limit=3", "listPhoneNumbers", None, 200),
        ("GET", "/api/nothing", "", None, None, 404),
    ] == [
        (one.method, one.path, one.query, one.operation, one.body, one.status)
        for one in vogent_mock.requests
    ]
    assert [ALWAYS["number"]] == [one["number"] for one in vogent_mock.state.numbers()]
    assert vogent_mock.api_key not in repr(vogent_mock.requests)


def test_start__state_stays(tmp_path: Path) -> None:
    """A mock can keep its state in a file, or in a state that the test made."""
    file = tmp_path / "state"
    with start(state=file) as server, http(server.base_url) as client:
        made = client.post("/phone_numbers/purchase", json=ALWAYS).json()
    with start(state=file) as server:
        assert [made] == server.state.numbers()

    state = State()
    with start(state=state) as server, http(server.base_url) as client:
        made = client.post("/phone_numbers/purchase", json=ALWAYS).json()
    assert [made] == state.numbers()
    state.close()


def test_stop__waits_for_nobody() -> None:
    """A mock ends with answers under way and connections open, and closes them."""
    closed = (httpx.NetworkError, httpx.RemoteProtocolError)
    with ThreadPoolExecutor(1) as pool:
        with start() as server:
            waiting, idle = http(server.base_url), http(server.base_url)
            slow = pool.submit(waiting.post, "/phone_numbers/purchase", json=SLOW, timeout=20)
            while not idle.get("/phone_numbers").json()["data"]:
                assert not slow.done()
        assert isinstance(slow.exception(), closed)
    with pytest.raises(closed):
        idle.get("/phone_numbers")
    waiting.close()
    idle.close()


def test_port__taken() -> None:
    """A port in use is an error of `start`, not of a thread."""
    with start() as server:
        taken = start(port=httpx.URL(server.base_url).port or 0)
        with pytest.raises(OSError, match="in use"):
            taken.__enter__()
