"""Many at once and hostile clients; `python -m benchmarks.mock --pressure` runs the full number of both."""

from __future__ import annotations

import socket
from collections import Counter
from pathlib import Path

import pytest

from tests.mock_server import pressure
from tests.mock_server.processes import http, spawned
from vogent_contract import mock as mock_server
from vogent_contract.mock import State, protocol


def memory(process: int) -> int:
    """Resident memory in KiB."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def test_race__memory() -> None:
    """One number and 64 buyers at once: exactly one gets it, the others are refused, every time."""
    with mock_server.start() as server:
        assert pressure.race([server.base_url], server.state, rounds=100) == Counter({(1, 63): 100})
        assert len(server.state.numbers()) == 100


def test_race__two_processes_on_a_file(tmp_path: Path) -> None:
    """The same holds between two processes that share a state file."""
    file = str(tmp_path / "state")
    with spawned("--state", file) as (_, one), spawned("--state", file) as (_, two):
        state = State(file)
        assert pressure.race([one, two], state, rounds=50) == Counter({(1, 63): 50})
        assert len(state.numbers()) == 50
        state.close()


def test_attack() -> None:
    """Hostile clients get a 4xx or nothing, never a 5xx; the mock goes on answering, in bounded memory, in silence."""
    with spawned() as (process, url), http(url) as client:
        pressure.attack(url, 200)
        before = memory(process.pid)
        seen = pressure.attack(url, 2000, seed=1)
        assert set() == {status for status in seen if status >= 500}
        assert {400, 401, 404, 405, 413, 422, 431} <= set(seen)
        assert client.get("/phone_numbers").status_code == 200
        assert memory(process.pid) - before < 20_000
        process.terminate()
        assert process.stdout is not None
        assert "Traceback" not in process.stdout.read()


def test_attack__slow_sender(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that does not arrive in time is a 408 and the end of the connection, an idle connection is not."""
    monkeypatch.setattr(protocol, "MAX_SECONDS", 0.2)
    with mock_server.start() as server, http(server) as client:
        client.get("/phone_numbers")
        with socket.create_connection(
            (client.base_url.host, client.base_url.port or 0), timeout=10
        ) as slow:
            slow.sendall(b"GET /api/phone_numbers HTTP/1.1\r\nX:")
            answer = b"".join(iter(lambda: slow.recv(4096), b""))
        assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
        assert client.get("/phone_numbers").status_code == 200
