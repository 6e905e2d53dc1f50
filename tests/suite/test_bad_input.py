"""A run that cannot be made says why in one line, sends nothing, and does not exit 0 or 1."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.running import run
from vogent_contract import mock as mock_server
from vogent_contract.suite.server import ServerError, check_url, is_account, key_from_environment

NOBODY = "http://127.0.0.1:1/api"  # nothing listens there
BAD = {
    ("--base-url", "http://user:hidden@127.0.0.1/api"): "it is no http or https URL, or has a user",
    ("--base-url", "http://[::1/api"): "it is no http or https URL",
    ("--base-url", NOBODY): f"--base-url: {NOBODY} cannot be reached",
    ("--profile", "thorough"): "argument --profile: invalid choice: 'thorough'",
    ("--seed", "x"): "argument --seed: invalid int value: 'x'",
    ("--request-timeout", "0"): "argument --request-timeout: 0 is not above 0",
    ("--rate", "nan"): "argument --rate: nan is not above 0",
    ("--max-numbers", "-1"): "argument --max-numbers: -1 is below 0",
    ("--report-dir", "/dev/null/report"): "--report-dir: /dev/null/report cannot be made",
    ("--live", "--ledger", "/dev/null/ledger"): "the ledger /dev/null/ledger cannot be used",
    ("--no-such-option",): "unrecognized arguments: --no-such-option",
}


@pytest.mark.parametrize("options", BAD, ids=" ".join)
def test_bad_options_give_one_line(tmp_path: Path, options: tuple[str, ...]) -> None:
    """What cannot be done, and a server that is away, is no server that breaks the contract."""
    result = run(tmp_path, *options)
    assert 4 == result.exit, result.output
    assert 1 == result.output.count(BAD[options]), result.output
    for other in ("hidden", "Traceback", "not seen"):
        assert other not in result.output


@pytest.mark.parametrize("key", [None, "ke\ny"])
def test_without_a_key_nothing_is_sent(tmp_path: Path, key: str | None) -> None:
    """A run without a key that a header can carry ends before it asks the server anything."""
    with mock_server.start() as server:
        result = run(tmp_path, "--base-url", server.base_url, key=key)
        assert 0 == len(server.requests)
    assert 4 == result.exit
    assert "VOGENT_API_KEY must hold the API key of the server" in result.output


def test_nothing_executed_is_no_run(tmp_path: Path) -> None:
    """A run that would execute no case is neither green nor the server's fault."""
    result = run(tmp_path, "-k", "no_test_has_this_name")
    assert (4, 1) == (result.exit, result.output.count("no test is selected")), result.output


@pytest.mark.parametrize(
    "url",
    [
        "",
        "127.0.0.1:8080/api",
        "ftp://127.0.0.1/api",
        "http:///api",
        "http://127.0.0.1:port/api",
        "http://127.0.0.1:99999/api",
        "http://127.0.0.1/api\x01",
        "http://127.0.0.1/api?key=hidden",
        "http://127.0.0.1/api#hidden",
        "http://hidden@127.0.0.1/api",
    ],
)
def test_a_url_that_no_path_can_follow_is_refused(url: str) -> None:
    """The line that refuses it does not quote it: it may hold a password."""
    with pytest.raises(ServerError, match="it is no http or https URL") as refused:
        check_url(url)
    assert "hidden" not in str(refused.value)


@pytest.mark.parametrize("key", ["", " key", "key\n", "ke\ny", "ke\x7fy", "kéy"])
def test_a_key_that_no_header_can_carry_is_refused(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line that refuses it says where the key belongs."""
    monkeypatch.setenv("VOGENT_API_KEY", key)
    with pytest.raises(ServerError, match="the environment variable VOGENT_API_KEY"):
        key_from_environment()


@pytest.mark.parametrize(
    ("base_url", "expected"),
    [
        ("http://127.0.0.1:8080/api", False),
        ("http://127.9.9.9/api", False),
        ("http://[::1]:8080/api", False),
        ("http://LOCALHOST/api", False),
        ("https://api.vogent.ai/api", True),
        ("http://127.0.0.1.example.com/api", True),
        ("http://localhost.example.com/api", True),
        ("http://0.0.0.0/api", True),
        ("http://10.0.0.1/api", True),
        ("http://127.0.0.1@api.vogent.ai/api", True),
    ],
)
def test_only_loopback_is_nobodys_account(base_url: str, expected: bool) -> None:
    """Every host is somebody's account unless it is loopback for certain."""
    assert expected == is_account(base_url)
