"""A run that cannot be made says why in one line, and does not exit 0 or 1."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.suite.running import run

BAD = {
    "no key": (("--base-url", "http://127.0.0.1:1/api"), None, "VOGENT_API_KEY"),
    "a key with a line end": (("--base-url", "http://127.0.0.1:1/api"), "key\n", "VOGENT_API_KEY"),
    "no scheme": (("--base-url", "127.0.0.1:8080/api"), "key", "http or https"),
    "no host": (("--base-url", "http:///api"), "key", "http or https"),
    "a port that is none": (("--base-url", "http://127.0.0.1:port/api"), "key", "reached"),
    "an unknown profile": (("--profile", "thorough"), "key", "--profile"),
    "a timeout of nothing": (("--request-timeout", "0"), "key", "--request-timeout"),
    "an unknown option": (("--no-such-option",), "key", "--no-such-option"),
}


@pytest.mark.parametrize(("options", "key", "said"), BAD.values(), ids=BAD)
def test_bad_options_give_one_line(
    tmp_path: Path, options: tuple[str, ...], key: str | None, said: str
) -> None:
    """Bad input ends the run with one clear line, without a traceback, and with neither 0 nor 1."""
    result = run(tmp_path, *options, key=key)

    assert result.exit not in (0, 1)
    assert said in result.output
    assert "Traceback" not in result.output


def test_an_unreachable_server_gives_one_line(tmp_path: Path) -> None:
    """A server that nobody runs is not a server that breaks the contract."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    result = run(tmp_path, "--base-url", f"http://127.0.0.1:{port}/api")

    assert result.exit not in (0, 1)
    assert f"http://127.0.0.1:{port}/api cannot be reached" in result.output
    assert "Traceback" not in result.output


def test_nothing_executed_is_a_failure(tmp_path: Path) -> None:
    """A run that executed no case is never green."""
    result = run(tmp_path, "-k", "no_test_has_this_name")

    assert result.exit == 1
