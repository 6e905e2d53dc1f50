"""`vogent-contract release`: finishes what the ledger says is unfinished, or says why it cannot."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.live.shops import Shop
from tests.live.test_ledger import SERVER, killed
from tests.running import KEY
from vogent_contract.live import cleaning, release
from vogent_contract.live.ledger import DEFAULT_PATH, Ledger

PACE = ("--rate", "2000", "--request-timeout", "1")
OTHER = "http://127.0.0.1:8/"


Command = Callable[..., tuple[int, str]]


@pytest.fixture
def command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Runs the command in an empty folder; gives exit code and output."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(cleaning, "PAUSES", (0.0, 0.0))

    def call(base_url: str, *options: str, key: str = KEY) -> tuple[int, str]:
        monkeypatch.setenv("VOGENT_API_KEY", key)
        capsys.readouterr()
        try:
            code = release.main(["--base-url", base_url, *PACE, *options])
        except SystemExit as ended:
            code = int(ended.code or 0)
        return code, "".join(capsys.readouterr())

    return call


def test_a_purchase_without_an_answer_is_found_and_released(command: Command) -> None:
    """The command pages through the list for the number, and does nothing the second time."""
    shop = Shop()
    with shop.open() as server:
        server.state.add("+14155550123", "PSTN")
        killed(DEFAULT_PATH, server.base_url, "+14155550123", "never-made")
        code, output = command(server.base_url + "/")
        assert (0, "nothing is left to release\n") == command(server.base_url)
        assert shop.theirs == server.state.numbers()
    assert 0 == code
    assert output.splitlines() == [
        "phone numbers brought into being: 1: +14155550123",
        "released: 1: +14155550123",
        "no answer came, and the account does not show: 1: never-made",
        "left: 0",
    ]


def test_what_was_refused_and_done_is_found_and_released(command: Command) -> None:
    """A run that is killed may not have looked after a refusal yet."""
    shop = Shop()
    with shop.open() as server:
        server.state.add("+14155550123", "PSTN")
        with contextlib.closing(Ledger(DEFAULT_PATH)) as ledger:
            run = ledger.begin(server.base_url, [one["id"] for one in shop.theirs], 1.0)
            names = ["+14155550123"]
            ledger.add(run, "intent", intent=1, request="POST /phone_numbers", names=names)
            ledger.add(run, "answer", intent=1, status=422, clear=True, id=None, number="")
        code, output = command(server.base_url)
        assert shop.theirs == server.state.numbers()
    assert 0 == code
    assert "released: 1: +14155550123" in output


def test_a_request_may_still_be_at_work(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as the run would have waited for the answer the command waits, and looks again."""
    shop = Shop()
    with shop.open() as server:
        killed(DEFAULT_PATH, server.base_url, "done-late")

        def wait(seconds: float) -> None:
            if seconds > 0.1:  # not the pace of requests
                server.state.add("done-late", "SIP_USERNAME")

        monkeypatch.setattr(cleaning.time, "sleep", wait)
        code, output = command(server.base_url)
        assert shop.theirs == server.state.numbers()
    assert 0 == code
    assert "released: 1: done-late" in output


def test_what_was_there_before_is_not_released(command: Command) -> None:
    """An id from before the run stays, though the run asked for its number and was given its id."""
    shop = Shop()
    with shop.open() as server:
        theirs, number = shop.theirs[0]["id"], shop.theirs[0]["number"]
        with contextlib.closing(Ledger(DEFAULT_PATH)) as ledger:
            run = ledger.begin(server.base_url, [theirs], 1.0)
            ledger.add(run, "intent", intent=1, request="POST /phone_numbers", names=[number])
            answer = {"status": 200, "clear": False, "id": theirs, "number": number}
            ledger.add(run, "answer", intent=1, **answer)
        code, output = command(server.base_url)
        assert shop.theirs == server.state.numbers()
    assert 1 == code
    assert f"{number} (under an id from before the run: release it by hand)" in output


def test_what_cannot_be_released_is_named_each_time(command: Command) -> None:
    """As long as a number is in the account the command says so and fails."""
    with Shop("ignores deletes").open() as server:
        server.state.add("+14155550123", "PSTN")
        killed(DEFAULT_PATH, server.base_url, "+14155550123")
        for _ in range(2):
            code, output = command(server.base_url)
            assert 1 == code
            assert "left: 1: +14155550123 (id " in output


def test_with_a_wrong_key_nothing_is_held_to_be_gone(command: Command) -> None:
    """A server that refuses the key has not been looked through."""
    with Shop().open() as server:
        killed(DEFAULT_PATH, server.base_url, "+14155550123")
        code, output = command(server.base_url, key="another-key")
    assert 2 == code
    assert "cannot be asked: it answers 401 to this key" in output
    with contextlib.closing(Ledger(DEFAULT_PATH)) as ledger:
        assert 1 == len(ledger.unfinished())


@pytest.mark.parametrize(
    ("options", "key", "expected", "line"),
    [
        ([SERVER, "--ledger", "none"], KEY, 0, "there is no ledger none"),
        ([SERVER], "", 2, "VOGENT_API_KEY must hold the API key"),
        (["http://u:hidden@h"], KEY, 2, "it is no http or https URL"),
        ([SERVER, "--rate", "0"], KEY, 2, "must be above 0"),
        ([SERVER], KEY, 2, f"{SERVER} cannot be asked: the connection failed"),
        ([OTHER], KEY, 1, f"is unfinished too: run this with --base-url {SERVER}"),
        ([SERVER, "--ledger", "other"], KEY, 2, "other is no ledger of this suite"),
    ],
)
def test_the_command_says_why_it_cannot_run(
    command: Command, options: list[str], key: str, expected: int, line: str
) -> None:
    """Bad input and a server that is away give one line and the exit code that is documented."""
    killed(DEFAULT_PATH, SERVER, "+14155550123")
    Path("other").write_text("something else")
    code, output = command(*options, key=key)
    assert expected == code, output
    assert line in output
    assert KEY not in output
    assert "hidden" not in output
