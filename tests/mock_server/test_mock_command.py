"""The command: what it prints, how it ends, what it refuses to start with."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.mock_server.processes import ROOT, http, spawned
from vogent_contract import mock as mock_server


def run(*options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "vogent_contract", "mock", *options]
    env = {**os.environ, **environment}
    return subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=20, check=False
    )


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--port", "99999"], r"argument --port: 99999 is not between 0 and 65535"),
        (["--bogus"], r"unrecognized arguments: --bogus"),
        (["--fault", "nothing"], r"there is no fault nothing; --list-faults shows them"),
        (["--contract", "/nothing"], r"/nothing: cannot be read: No such file or directory"),
        (["--contract", __file__], r".*test_mock_command\.py: is not .*"),
        (
            ["--port", "0", "--state", "/nothing/state"],
            r"/nothing/state: cannot be used as a state file: .*",
        ),
        (
            ["--port", "0", "--state", __file__],
            r".*cannot be used as a state file: file is not a database",
        ),
        (["--host", "nothing.invalid"], r"cannot listen on nothing\.invalid port 8080: .*"),
        (["--numbers", "0"], r"argument --numbers: 0 is not between 1 and 10000"),
        (
            ["--api-key", "s3cret s3cret"],
            r"argument --api-key: a key is printable ASCII without spaces",
        ),
    ],
)
def test_start__refused(options: list[str], says: str) -> None:
    """What it cannot start with is said in one line, without a traceback, with the exit code 2."""
    ended = run(*options)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert re.fullmatch(f"vogent-contract mock: {says}\n", ended.stderr), ended.stderr


def test_start__port_in_use() -> None:
    """A port in use is said in one line."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = run("--port", str(port))
    assert (ended.returncode, ended.stderr) == (
        2,
        f"vogent-contract mock: cannot listen on 127.0.0.1 port {port}: Address already in use\n",
    )


@pytest.mark.parametrize("signal_", [signal.SIGINT, signal.SIGTERM])
def test_stop__at_once(signal_: signal.Signals) -> None:
    """Ctrl-C ends it at once, with open connections and answers under way, without a word, with the exit code 0."""
    with spawned() as (process, url), http(url) as client:
        client.get("/phone_numbers")
        with socket.create_connection(("127.0.0.1", int(url.split(":")[2][:-4]))) as connection:
            body = b'{"number":"+15005550504"}'
            head = (
                b"POST /api/phone_numbers/purchase HTTP/1.1\r\nAuthorization: Bearer test-key\r\n"
            )
            head += b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
            connection.sendall(head + body)
            while not client.get("/phone_numbers").json()["data"]:
                pass
            start = time.monotonic()
            process.send_signal(signal_)
            assert process.wait(timeout=10) == 0
            assert time.monotonic() - start < 2
        assert process.stdout is not None
        lines = process.stdout.read().splitlines()
    assert all(
        re.fullmatch(r"\d\d:\d\d:\d\d GET /api/phone_numbers 200 \d+\.\d ms", line)
        for line in lines
    ), lines


def test_output__no_key_no_body() -> None:
    """Neither a key that was given nor what clients send shows in the output; one line a request does."""
    command = [sys.executable, "-m", "vogent_contract", "mock", "--port", "0"]
    env = {**os.environ, "VOGENT_API_KEY": "s3cret-key"}
    with subprocess.Popen(
        command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        with http(re.findall(r"http://[^;]*/api", first)[0]) as client:
            client.headers["Authorization"] = "Bearer s3cret-key"
            assert client.get("/phone_numbers?cursor=s3cret").status_code == 422
            assert (
                client.post("/phone_numbers/purchase", json={"number": "s3cret"}).status_code == 422
            )
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
    assert re.fullmatch(
        r"mock of https://api\.vogent\.ai/api at http://127\.0\.0\.1:\d+/api; API key as given; Ctrl-C stops it\n",
        first,
    )
    assert [" ".join(line.split()[1:4]) for line in rest.splitlines()] == [
        "GET /api/phone_numbers 422",
        "POST /api/phone_numbers/purchase 422",
    ]
    assert "s3cret" not in first + rest


def test_output__nobody_reads() -> None:
    """A pipe that nobody reads fills up and does not stop the server."""
    with spawned() as (_, url), http(url) as client:
        assert {404} == {client.get(f"/{'x' * 900}").status_code for _ in range(200)}


def test_help__shows_the_outcomes() -> None:
    """The help names every number with a chosen outcome and what it does."""
    shown = run("--help").stdout
    for number, outcome in mock_server.OUTCOMES.items():
        assert f"{number}  {outcome.says}\n" in shown


def test_host__other_addresses() -> None:
    """IPv6 works, and listening for other machines is said."""
    with spawned("--host", "::1") as (_, url), http(url) as client:
        assert client.get("/phone_numbers").status_code == 200
    with spawned("--host", "0.0.0.0") as (process, url):  # noqa: S104 - that it is said is the point
        assert "0.0.0.0" in url  # noqa: S104 - as above
        assert process.poll() is None


def test_contract__edited_copy(tmp_path: Path) -> None:
    """A copy of the contract with another server path is served below that path."""
    text = (ROOT / "openapi.yaml").read_text()
    copy = tmp_path / "copy.yaml"
    copy.write_text(text.replace("https://api.vogent.ai/api", "https://api.vogent.ai/api/v2/api"))
    with spawned("--contract", str(copy)) as (_, url), http(url) as client:
        assert url.endswith("/api/v2/api")
        assert client.get("/phone_numbers").status_code == 200
