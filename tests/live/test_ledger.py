"""The ledger file, and the command that finishes what it says is unfinished."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.live.shops import KEY, Shop, running
from tests.suite.running import ROOT, run
from vogent_contract.live import release
from vogent_contract.live.ledger import Ledger, LedgerError, same_number, server_name

SERVER = "http://127.0.0.1:9/api"
PACE = ("--rate", "2000", "--request-timeout", "1")


def ledger_of(path: Path, server: str, *names: str) -> None:
    """Write what a run that was killed leaves: intents without an answer."""
    with contextlib.closing(Ledger(path)) as ledger:
        begun = ledger.begin(server, ["theirs"], 1.0)
        for number, name in enumerate(names):
            ledger.add(begun, "intent", intent=number, request="POST /phone_numbers", names=[name])


@pytest.mark.parametrize("kept", range(0, 400, 23))
def test_a_torn_line_loses_nothing_before_it(kept: int, tmp_path: Path) -> None:
    """Wherever a crash cuts the file, whole lines are read, and the next ones are written below."""
    path = tmp_path / "ledger.jsonl"
    ledger_of(path, SERVER, "+14155550123")
    content = path.read_bytes()[:kept]
    path.write_bytes(content)
    with contextlib.closing(Ledger(path)) as ledger:
        assert content.count(b"\n") >= 2 or [] == ledger.unfinished()
        begun = ledger.begin(SERVER, [], 1.0)
        ledger.add(begun, "intent", intent=1, request="POST /phone_numbers", names=["mine"])
    with contextlib.closing(Ledger(path)) as ledger:
        assert {"mine"} == ledger.unfinished()[-1].names


def test_runs_that_begin_alike_are_two(tmp_path: Path) -> None:
    """What a run does is not taken for what an earlier one did that began alike."""
    path = tmp_path / "ledger.jsonl"
    ledger_of(path, SERVER)
    ledger_of(path, SERVER, "+14155550123")
    with contextlib.closing(Ledger(path)) as ledger:
        assert [0, 1] == [run.intents for run in ledger.runs]


@pytest.mark.parametrize(
    "content",
    [
        "# Readme\n",
        '{"other": 1}\n',
        '{"event": "answer", "run": 3}\n',
        '{"event": "run"}\n',
        "[]\n",
    ],
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
    with (
        contextlib.closing(Ledger(tmp_path / "ledger.jsonl")),
        pytest.raises(LedgerError, match="in use by another run"),
    ):
        Ledger(tmp_path / "ledger.jsonl")


@pytest.mark.parametrize(
    ("asked", "number", "expected"),
    [
        ("+14155550123", "+14155550123", True),
        ("4155550123", "+14155550123", True),
        ("+1 (415) 555-0123", "+14155550123", True),
        ("conformance-1", "conformance-1", True),
        ("conformance-1", "conformance-11", False),
        ("1", "+14155550121", False),
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


def test_a_purchase_without_an_answer_is_found_and_released(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command pages through the list for the number, releases it, says so, and does nothing the second time."""
    shop, path = Shop(), tmp_path / "ledger.jsonl"
    monkeypatch.setenv("VOGENT_API_KEY", KEY)
    with running(shop) as server:
        made = server.state.add("+14155550123", "PSTN")
        ledger_of(path, server.base_url, "+14155550123", "never-made")
        options = ["--base-url", server.base_url + "/", "--ledger", str(path), *PACE]
        assert [0, 0] == [release.main(options), release.main(options)]
        assert shop.theirs == server.state.numbers()
    assert capsys.readouterr().out.splitlines() == [
        "phone numbers brought into being: 1: +14155550123",
        "released: 1: +14155550123",
        "no answer came, and the account does not show: 1: never-made",
        "left: 0",
        "nothing is left to release",
    ]
    assert made["id"] in path.read_text()


def test_what_was_there_before_is_not_released(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An id that the account had before the run is not released, though the ledger has an intent for its number."""
    shop, path = Shop(), tmp_path / "ledger.jsonl"
    monkeypatch.setenv("VOGENT_API_KEY", KEY)
    with running(shop) as server:
        theirs = shop.theirs[0]
        with contextlib.closing(Ledger(path)) as ledger:
            begun = ledger.begin(server.base_url, [theirs["id"]], 1.0)
            ledger.add(
                begun, "intent", intent=1, request="POST /phone_numbers", names=[theirs["number"]]
            )
            ledger.add(
                begun,
                "answer",
                intent=1,
                status=200,
                clear=False,
                id=theirs["id"],
                number=theirs["number"],
            )
        assert 1 == release.main(["--base-url", server.base_url, "--ledger", str(path), *PACE])
        assert shop.theirs == server.state.numbers()


@pytest.mark.parametrize(
    ("options", "key", "expected", "line"),
    [
        (["--base-url", SERVER, "--ledger", "none.jsonl"], KEY, 0, "there is no ledger none.jsonl"),
        (["--base-url", SERVER], "", 2, "VOGENT_API_KEY must hold the API key"),
        (["--base-url", "nothing"], KEY, 2, "'nothing' is no http or https URL"),
        (["--base-url", SERVER, "--rate", "0"], KEY, 2, "must be above 0"),
        (
            ["--base-url", SERVER, "--ledger", "unfinished.jsonl"],
            KEY,
            2,
            f"{SERVER} cannot be asked: the connection",
        ),
        (
            ["--base-url", "http://127.0.0.1:8/", "--ledger", "unfinished.jsonl"],
            KEY,
            1,
            f"--base-url {SERVER}",
        ),
        (
            ["--base-url", SERVER, "--ledger", "other.txt"],
            KEY,
            2,
            "other.txt is no ledger of this suite",
        ),
    ],
)
def test_the_command_says_why_it_cannot_run(  # noqa: PLR0913, PLR0917 - a table of four and three fixtures
    options: list[str],
    key: str,
    expected: int,
    line: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Bad input and a server that is away give one line and the exit code that is documented."""
    ledger_of(tmp_path / "unfinished.jsonl", SERVER, "+14155550123")
    (tmp_path / "other.txt").write_text("something else")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VOGENT_API_KEY", key)
    try:
        code: object = release.main(options)
    except SystemExit as exit_:
        code = exit_.code
    said = "".join(capsys.readouterr())
    assert expected == code, said
    assert line in said
    assert KEY not in said


def test_the_command_is_a_program(tmp_path: Path) -> None:
    """It runs as a module, from any directory, and ends with its exit code."""
    command = [sys.executable, "-m", "vogent_contract", "release", "--base-url", SERVER]
    env = {**os.environ, "VOGENT_API_KEY": "", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert 2 == done.returncode
    assert "the environment variable VOGENT_API_KEY must hold the API key" in done.stderr


def test_a_live_run_says_first_what_it_may_do(tmp_path: Path) -> None:
    """The first lines name host, budget, agent, rate and ledger; with no budget nothing is bought."""
    shop = Shop()
    with running(shop) as server:
        options = (
            "--base-url",
            server.base_url,
            "--live",
            "--ledger",
            str(tmp_path / "l.jsonl"),
            "--rate",
            "2000",
        )
        result = run(tmp_path, *options, key=KEY)
    head = result.output[: result.output.index("collected")]
    assert (
        "against an account on 127.0.0.1: it buys, makes, changes and releases nothing (--max-numbers 0)."
        in head
    )
    assert "It links to no agent. At most 2000 requests a second." in head
    assert 0 == result.exit
    assert [] == shop.sold
    assert "phone numbers brought into being: 0" in result.output


def test_without_an_agent_nothing_is_linked(tmp_path: Path) -> None:
    """Without --agent-id linking is not tried on live, and both the reason and the missing evidence are said."""
    shop = Shop()
    with running(shop) as server:
        options = ("--base-url", server.base_url, "--live", "--max-numbers", "3", "--rate", "2000")
        result = run(tmp_path, *options, "--ledger", str(tmp_path / "l.jsonl"), key=KEY)
        linked = [
            one
            for one in server.requests
            if one.method == "PUT" and one.status == 200 and one.body.get("agentId")
        ]
    assert [] == linked
    assert 0 == result.exit, result.output
    assert "requests: it would link to an agent, and --agent-id names none" in result.output


def test_a_budget_of_three_proves_what_the_mock_run_proves(tmp_path: Path) -> None:
    """With three numbers and an agent all evidence is there, and what was not sent is said with its test."""
    shop = Shop()
    with running(shop) as server:
        budget = ("--live", "--max-numbers", "3", "--agent-id", "agent-2", "--require-evidence")
        ledger = ("--ledger", str(tmp_path / "l.jsonl"), "--rate", "2000")
        result = run(tmp_path, "--base-url", server.base_url, *budget, *ledger, key=KEY)
    assert 0 == result.exit, result.output
    assert [] == result.evidence["missing"]
    assert 3 == len(shop.sold)
    assert (
        "requests: it could create, and --max-numbers 3 allows no more\n  in test_buying"
        in result.output
    )
    assert "intent" in {
        json.loads(line)["event"] for line in (tmp_path / "l.jsonl").read_text().splitlines()
    }
