"""Live runs against servers that sell what they should not, lose answers, or do not release."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.live.shops import (
    KEY,
    WRONG,
    Shop,
    breaks_bodies,
    ignores_delete,
    limits_the_rate,
    refuses_and_sells,
    running,
    sells_and_refuses_input,
    sells_anything_and_refuses,
    sells_on_refused_input,
    sells_twice,
    sells_without_key,
)
from tests.suite.running import Result, run
from vogent_contract.live import release
from vogent_contract.live.ledger import Ledger
from vogent_contract.live.ledger import LiveRun as Run
from vogent_contract.mock import MockServer
from vogent_contract.mock.app import Mock

BUDGET = 4
# They may sell once more than the budget, and nothing after it.
STOPPING = (
    sells_on_refused_input,
    sells_and_refuses_input,
    refuses_and_sells,
    sells_twice,
    sells_without_key,
)
FORGIVEN: tuple[Callable[[Mock], None], ...] = ()
PACE = ("--rate", "2000", "--request-timeout", "1")


def live(server: MockServer, folder: Path, *options: str) -> Result:
    """A live run that may make `BUDGET` numbers."""
    ledger = str(folder / "ledger.jsonl")
    budget = ("--max-numbers", str(BUDGET), "--agent-id", "agent-2")
    return run(
        folder,
        "--base-url",
        server.base_url,
        "--live",
        *budget,
        "--ledger",
        ledger,
        *PACE,
        *options,
        key=KEY,
    )


def release_again(server: MockServer, folder: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """Exit code of the release command."""
    monkeypatch.setenv("VOGENT_API_KEY", KEY)
    return release.main(
        ["--base-url", server.base_url, "--ledger", str(folder / "ledger.jsonl"), *PACE]
    )


def unfinished(folder: Path) -> list[Run]:
    """Runs that the ledger holds to be unfinished."""
    with contextlib.closing(Ledger(folder / "ledger.jsonl")) as ledger:
        return ledger.unfinished()


def touched(server: MockServer, shop: Shop) -> list[str]:
    """Requests that could have changed a number that was there before."""
    theirs = [number["id"] for number in shop.theirs]
    acting = [one for one in server.requests if one.method not in ("GET", "HEAD", "OPTIONS")]
    return [f"{one.method} {one.path}" for one in acting if any(key in one.path for key in theirs)]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.__name__)
def test_nothing_is_left_and_nothing_of_theirs_is_touched(
    wrong: Callable[[Mock], None], tmp_path: Path
) -> None:
    """Whatever the server does wrong, the budget holds, and the account is in the end as it was before."""
    shop = Shop(wrong)
    with running(shop) as server:
        result = live(server, tmp_path)
        assert shop.theirs == server.state.numbers(), result.output
        assert [] == touched(server, shop)
    assert 0 < len(shop.sold) <= BUDGET + (wrong in STOPPING), result.output
    assert [] == unfinished(tmp_path), result.output
    assert "left: 0" in result.output
    assert KEY not in (tmp_path / "ledger.jsonl").read_text() + result.output
    assert (wrong not in FORGIVEN) == (result.exit == 1)
    if wrong in STOPPING:
        assert "created what it should have refused" in result.output


def test_a_run_that_stops_at_its_first_finding_cleans_up(tmp_path: Path) -> None:
    """With -x everything is released too, whatever was going on."""
    shop = Shop(breaks_bodies)
    with running(shop) as server:
        result = live(server, tmp_path, "-x")
        assert shop.theirs == server.state.numbers(), result.output
    assert 1 == result.exit
    assert [] == unfinished(tmp_path)
    assert "left: 0" in result.output


def test_a_number_that_cannot_be_released_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that ignores releases fails the run, which says what is left; so does every later attempt."""
    shop = Shop(ignores_delete)
    with running(shop) as server:
        result = live(server, tmp_path)
        assert 1 == result.exit
        assert f"left: {len(shop.sold)}: {shop.sold[0]}" in result.output
        assert f"vogent-contract release --base-url {server.base_url}" in result.output
        assert [] == touched(server, shop)
        again = live(server, tmp_path)
        assert 4 == again.exit
        assert "release it first: vogent-contract release" in again.output
        assert 1 == release_again(server, tmp_path, monkeypatch)


def test_what_was_not_asked_for_is_named_and_left(tmp_path: Path) -> None:
    """A number that came after a refused request, and that the run did not ask for, may be somebody else's."""
    shop = Shop(sells_anything_and_refuses)
    with running(shop) as server:
        result = live(server, tmp_path)
        left = [number["number"] for number in server.state.numbers() if number not in shop.theirs]
    assert ["+14155558000"] == left
    assert "and came meanwhile: 1: +14155558000" in result.output
    assert (
        "nothing is created any more: a phone number that nobody asked for appeared after"
        in result.output
    )


def test_a_rate_limit_is_honoured(tmp_path: Path) -> None:
    """What creates is not sent again after 429, everything else is, and the server is not accused."""
    shop = Shop(limits_the_rate)
    with running(shop) as server:
        result = live(server, tmp_path)
        assert shop.theirs == server.state.numbers()
    assert set() == result.rules
    assert "the server answered 429, and what could create is never sent again" in result.output
