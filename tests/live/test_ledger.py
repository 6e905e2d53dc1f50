"""The ledger file: what a crash leaves is read, and nothing else is taken for a ledger."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from vogent_contract.live.ledger import Ledger, LedgerError, same_number, server_name

SERVER = "http://127.0.0.1:9/api"


def killed(path: Path, server: str, *names: str) -> None:
    """Write what a run that was killed leaves: intents without an answer."""
    with contextlib.closing(Ledger(path)) as ledger:
        run = ledger.begin(server, ["theirs"], 1.0)
        for number, name in enumerate(names):
            ledger.add(run, "intent", intent=number, request="POST /phone_numbers", names=[name])


@pytest.mark.parametrize("kept", range(0, 400, 47))
def test_a_torn_line_loses_nothing_before_it(kept: int, tmp_path: Path) -> None:
    """Wherever a crash cuts the file, whole lines are read, and the next ones are written below."""
    path = tmp_path / "ledger.jsonl"
    killed(path, SERVER, "+14155550123")
    content = path.read_bytes()[:kept]
    path.write_bytes(content)
    with contextlib.closing(Ledger(path)) as ledger:
        assert (content.count(b"\n") >= 2) == bool(ledger.unfinished())
    killed(path, SERVER, "mine")
    with contextlib.closing(Ledger(path)) as ledger:
        assert {"mine"} == ledger.unfinished()[-1].names


def test_what_a_list_shows_again_is_not_gone(tmp_path: Path) -> None:
    """A list that lags behind may leave out a phone number for a while."""
    with contextlib.closing(Ledger(tmp_path / "ledger.jsonl")) as ledger:
        run = ledger.begin(SERVER, ["theirs"], 1.0)
        for event in ("found", "released", "found"):
            ledger.add(run, event, id="mine", number="+14155550123")
        assert ["mine"] == run.left()


def test_runs_that_begin_alike_are_two(tmp_path: Path) -> None:
    """What a run does is not taken for what an earlier one did that began alike."""
    path = tmp_path / "ledger.jsonl"
    killed(path, SERVER)
    killed(path, SERVER, "+14155550123")
    with contextlib.closing(Ledger(path)) as ledger:
        assert [0, 1] == [run.intents for run in ledger.runs]


@pytest.mark.parametrize(
    "content", ["# Readme\n", '{"event": "answer", "run": 3}\n', '{"event": "run"}\n', "[]\n"]
)
def test_another_file_is_no_ledger(content: str, tmp_path: Path) -> None:
    """A file of something else is refused in one line and left as it is."""
    path = tmp_path / "file"
    path.write_text(content)
    with pytest.raises(LedgerError, match="ledger"):
        Ledger(path)
    assert content == path.read_text()


def test_two_runs_do_not_share_a_ledger(tmp_path: Path) -> None:
    """A ledger is held by one process; another says so in one line."""
    path = tmp_path / "ledger.jsonl"
    with contextlib.closing(Ledger(path)), pytest.raises(LedgerError, match="in use by another"):
        Ledger(path)


@pytest.mark.parametrize(
    ("asked", "number", "expected"),
    [
        ("+14155550123", "+14155550123", True),
        ("+1 (415) 555-0123", "+14155550123", True),
        ("conformance-1", "conformance-1", True),
        ("conformance-1", "conformance-11", False),
        ("", "+14155550121", False),
        ("conformance-14155550123", "+14155550123", True),
        ("+14155550123", "+14155550124", False),
        ("+14155550123", "desk-14155550123", False),
    ],
)
def test_a_number_is_known_however_it_is_written(asked: str, number: str, expected: bool) -> None:
    """What was asked for is found in the list by its digits, a name to the letter."""
    assert expected == same_number(asked, number)


def test_a_server_has_one_name() -> None:
    """The ledger names a server without user, password and default port."""
    assert "https://api.vogent.ai/api" == server_name("https://user:secret@API.vogent.ai:443/api/")
    assert "http://[::1]:8080" == server_name("http://[::1]:8080")
