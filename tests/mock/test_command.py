"""The command `vogent-contract mock`: what it prints, how it ends, what it refuses."""

from __future__ import annotations

import re
import signal
import socket

import pytest

from tests.mock.pressure import connect
from tests.mock.processes import ROOT, http, spawned
from tests.mock.test_state import ONE_MORE
from vogent_contract.mock import OUTCOMES
from vogent_contract.mock_command import main

Output = pytest.CaptureFixture[str]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--port", "99999"], "argument --port: 99999 is not between 0 and 65535"),
        (["--numbers", "0"], "argument --numbers: 0 is not between 1 and 10000"),
        (["--fault", "nothing"], "there is no fault nothing; --list-faults shows them"),
        (["--contract", "/nothing"], "/nothing: cannot be read: No such file or directory"),
        (["--contract", "README.md"], "README.md: is not .*"),
        (["--host", "nothing.invalid"], r"cannot listen on nothing\.invalid port 8080: .*"),
        (["--api-key", "a b"], "argument --api-key: a key is printable ASCII without spaces"),
    ],
)
def test_start__refused(
    monkeypatch: pytest.MonkeyPatch, capsys: Output, options: list[str], says: str
) -> None:
    """What it cannot start with is said in one line, with the exit code 2."""
    monkeypatch.chdir(ROOT)
    assert 2 == ended(options)
    printed = capsys.readouterr()
    assert "" == printed.out
    assert re.fullmatch(f"vogent-contract mock: {says}\n", printed.err), printed.err


def test_start__port_in_use(capsys: Output) -> None:
    """A port in use is said in one line."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert 2 == ended(["--port", str(port)])
    says = f"cannot listen on 127.0.0.1 port {port}: Address already in use"
    assert f"vogent-contract mock: {says}\n" == capsys.readouterr().err


@pytest.mark.parametrize("signal_", [signal.SIGINT, signal.SIGTERM])
def test_stop(signal_: signal.Signals) -> None:
    """A signal ends it with the exit code 0 and no word, while an answer is under way."""
    with spawned() as (process, url), http(url) as client, connect(url) as waiting:
        waiting.sendall(ONE_MORE.replace(b"200", b"504"))
        while "+15005550504" not in client.get("/phone_numbers").text:
            assert process.poll() is None
        process.send_signal(signal_)
        assert 0 == process.wait()
        assert process.stdout is not None
        _, *lines = process.stdout.read().splitlines()
    line = r"\d\d:\d\d:\d\d GET /api/phone_numbers 200 \d+\.\d ms"
    assert [] == [one for one in lines if not re.fullmatch(line, one)]


def test_output__no_key_no_body() -> None:
    """Its address, one line a request; neither a key that was given nor what clients send."""
    with spawned(api_key="s3cret-key") as (process, url), http(url, "s3cret-key") as client:
        assert 422 == client.get("/phone_numbers?cursor=s3cret").status_code
        sold = client.post("/phone_numbers/purchase", json={"number": "s3cret"})
        assert 422 == sold.status_code
        process.send_signal(signal.SIGINT)
        assert process.stdout is not None
        first, *lines = process.stdout.read().splitlines()
    says = f"mock of https://api.vogent.ai/api at {url}; API key as given; Ctrl-C stops it"
    assert says == first
    assert ["GET /api/phone_numbers 422", "POST /api/phone_numbers/purchase 422"] == [
        " ".join(line.split()[1:4]) for line in lines
    ]
    assert "s3cret" not in "".join(lines)


def test_output__nobody_reads() -> None:
    """A pipe that nobody reads fills up and does not stop the server."""
    with spawned() as (_, url), http(url) as client:
        statuses = [client.get(f"/{'x' * 900}").status_code for _ in range(200)]
    assert {404} == set(statuses)


def test_help__shows_the_outcomes(capsys: Output) -> None:
    """The help names every number with a chosen outcome and what it does."""
    assert 0 == ended(["--help"])
    shown = capsys.readouterr().out
    for number, outcome in OUTCOMES.items():
        assert f"{number}  {outcome.says}\n" in shown


def test_host__other_addresses() -> None:
    """IPv6 works, and listening for other machines is said."""
    with spawned("--host", "::1") as (_, url), http(url) as client:
        assert 200 == client.get("/phone_numbers").status_code
    with spawned("--host", "0.0.0.0") as (process, _):  # noqa: S104 - that it is said is the point
        process.terminate()
        assert process.stdout is not None
        assert "; reachable from other machines; " in process.stdout.read()


def ended(options: list[str]) -> int:
    """The exit code of the command, which must not get as far as to serve."""
    try:
        return main(options)
    except SystemExit as exited:
        return int(exited.code or 0)
