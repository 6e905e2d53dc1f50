"""A live run's watch: what it records, counts, stops and believes, one request after the other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.live.shops import BUY, CREATE, DELETE, GET, LIST, Shop
from tests.running import KEY
from vogent_contract.live import cleaning, policy
from vogent_contract.live.watch import LiveWatch
from vogent_contract.mock import MockServer
from vogent_contract.mock.state import Refusal
from vogent_contract.openapi import load
from vogent_contract.suite.api import REFUSED, Api
from vogent_contract.suite.credential import Key
from vogent_contract.suite.pace import Pace
from vogent_contract.suite.run import Options, Run
from vogent_contract.suite.supplies import Supplies
from vogent_contract.suite.wire import Wire

ALLOWS_NO_MORE = "it could create, and --max-numbers 2 allows no more"
STOPPED = "nothing is created any more: "
# The mock's numbers with a chosen outcome.
FAILS, IS_A_PAGE, DROPS = "+15005550500", "+15005550502", "+15005550598"
NOT_FOR_SALE = "+14155559999"


@dataclass
class Live:
    """A watched run against a shop."""

    shop: Shop
    server: MockServer
    run: Run
    api: Api
    watch: LiveWatch
    ledger: Path
    before: int  # requests, when the watch had read the account

    def make(self) -> Any:
        """Make a SIP user; gives it, None if it was not made or held back."""
        return self.api.create_by_vogent_sip(Supplies(self.run, self.api).sip_user())

    def asked(self) -> list[str | None]:
        """Operations of the requests since the watch began."""
        return [one.operation for one in self.server.requests][self.before :]

    def events(self) -> list[str]:
        """What the ledger says."""
        return [json.loads(line)["event"] for line in self.ledger.read_text().splitlines()]


@pytest.fixture
def live(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Live]:
    """A run that may bring two phone numbers into being; the parameter is the shop's fault."""
    shop = Shop(getattr(request, "param", "none"))
    ledger = tmp_path / "ledger.jsonl"
    with shop.open() as server:
        wire = Wire(server.base_url, Key(KEY), timeout=5, pace=Pace(5000))
        run = Run(load(), wire, Options(live=True, agent_id="agent-2"))
        watch = LiveWatch.begin(run, ledger, max_numbers=2)
        run.watch = watch
        yield Live(shop, server, run, Api(run), watch, ledger, len(server.requests))
        watch.close()
        wire.close()


def hide_the_account(live: Live) -> None:
    """From now on the list is refused."""

    def page(*_: object) -> Any:
        raise Refusal("no list")

    live.server.state.page = page  # type: ignore[method-assign] # called for each list


def test_the_intent_is_on_disk_before_the_request(live: Live) -> None:
    """When the server is asked to create, the ledger says so already, without key and password."""
    written: list[str] = []
    add = live.server.state.add

    def adding(number: str, *more: Any) -> Any:
        written.append(live.ledger.read_text())
        return add(number, *more)

    live.server.state.add = adding  # type: ignore[method-assign] # called when it creates
    made = live.make()
    last = json.loads(written[0].splitlines()[-1])
    assert ("intent", [made["number"]]) == (last["event"], last["names"])
    assert KEY not in written[0]
    assert "password" not in written[0]


def test_the_budget_counts_what_was_released(live: Live) -> None:
    """A number that was released again was still brought into being."""
    for _ in range(2):
        live.api.release(live.make()["id"])
    assert live.make() is None
    assert 2 == len(live.shop.sold) == live.watch.spent
    assert [ALLOWS_NO_MORE] == list(live.run.held)


def test_a_refusal_gives_back_what_it_took(live: Live) -> None:
    """A clear refusal of what the account does not show afterwards costs nothing."""
    live.api.purchase(NOT_FOR_SALE, REFUSED)
    assert 0 == live.watch.spent
    hide_the_account(live)
    live.api.purchase(NOT_FOR_SALE, REFUSED)
    assert 1 == live.watch.spent


def test_a_success_is_proven_by_reading_its_id(live: Live) -> None:
    """The account's list is not read for it."""
    live.make()
    assert [CREATE, GET] == live.asked()


def test_refusals_share_a_look(live: Live) -> None:
    """After the first of its kind they wait until they could be as many as the budget."""
    for _ in range(4):
        live.api.purchase(NOT_FOR_SALE, REFUSED)
    looked = [LIST, LIST]  # two pages
    assert [BUY, *looked, BUY, BUY, *looked, BUY] == live.asked()
    assert 1 == live.watch.spent


def test_a_look_that_sees_too_little_proves_nothing(live: Live) -> None:
    """Each refusal then counts for good, and the next one is looked after at once as well."""
    hide_the_account(live)
    for _ in range(3):
        live.api.purchase(NOT_FOR_SALE, REFUSED)
    twice = [LIST, LIST]  # a page that does not come is asked for again
    assert [BUY, *twice, BUY, *twice] == live.asked()
    assert 2 == live.watch.spent
    assert [ALLOWS_NO_MORE] == list(live.run.held)


@pytest.mark.parametrize("live", ["gives a made-up id"], indirect=True)
def test_an_id_that_cannot_be_read_proves_nothing(live: Live) -> None:
    """The list is read instead, and has what was made under its own id."""
    live.make()
    assert [CREATE, GET, LIST, LIST] == live.asked()[:4]  # then the rules ask too
    assert ["run", "intent", "answer", "found"] == live.events()
    assert live.watch.finish()
    assert live.shop.theirs == live.server.state.numbers()


def test_what_a_scene_released_is_not_released_again(live: Live) -> None:
    """The end is one look, and reading what the list has no more."""
    live.api.release(live.make()["id"])
    assert live.watch.finish()
    assert [CREATE, GET, DELETE, LIST, LIST, GET] == live.asked()
    assert ["released", "end"] == live.events()[-2:]


@pytest.mark.parametrize("live", ["gives one id twice"], indirect=True)
def test_an_id_that_is_known_says_nothing_of_another_number(live: Live) -> None:
    """A purchase that is answered with the id of an earlier one still counts."""
    live.make()
    hide_the_account(live)
    live.make()
    assert 2 == len(live.shop.sold) == live.watch.spent


@pytest.mark.parametrize("number", [FAILS, IS_A_PAGE, DROPS])
def test_what_has_no_clear_answer_stays_spent(live: Live, number: str) -> None:
    """After a 5xx or a dropped connection nobody knows: it counts, and is not asked for again."""
    live.api.purchase(number)
    live.api.create_by_purchase(number)
    assert 1 == live.watch.spent
    assert live.make() is not None
    assert live.make() is None
    assert 2 == live.watch.spent
    assert [policy.UNANSWERED, ALLOWS_NO_MORE] == list(live.run.held)


LOST = ("drops after selling", "fails after selling", "breaks bodies")


@pytest.mark.parametrize("live", LOST, indirect=True)
def test_what_was_done_without_an_answer_is_found_by_its_number(live: Live) -> None:
    """The account's list shows it, so it is known, counted once, and released at the end."""
    assert live.make() is None
    assert ["run", "intent", "answer", "found"] == live.events()
    assert 1 == live.watch.spent
    assert live.watch.finish()
    assert live.shop.theirs == live.server.state.numbers()
    assert ["released", "end"] == live.events()[4:]


@pytest.mark.parametrize("live", ["keeps in list", "keeps in get"], indirect=True)
def test_a_release_is_believed_when_list_and_get_agree(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A number that is still listed, or that can still be read, is left, whatever DELETE said."""
    monkeypatch.setattr(cleaning, "PAUSES", (0.0, 0.0))
    made = live.make()
    assert not live.watch.finish()
    left = f"left: 1: {made['number']} (id {made['id']}: DELETE gave 200"
    assert any(line.startswith(left) for line in live.watch.report())
    assert "end" not in live.events()


@pytest.mark.parametrize("live", ["refuses and sells"], indirect=True)
def test_what_is_refused_and_done_is_a_finding_and_released(live: Live) -> None:
    """The number is found by what was asked for, and nothing more is created."""
    live.make()
    assert live.shop.theirs == live.server.state.numbers()
    [finding] = [one for one in live.run.findings.all() if one.rule == "refused-is-not-done"]
    assert ("createPhoneNumber", live.shop.sold[0]) == (finding.operation, finding.got)
    assert live.make() is None
    assert 1 == len(live.shop.sold)
    assert [f"{STOPPED}{finding.operation} created what it should have refused"] == list(
        live.run.held
    )


@pytest.mark.parametrize("live", ["refuses, and sells the next time"], indirect=True)
@pytest.mark.parametrize("times", [2, 3, 9])
def test_what_is_refused_and_done_later_is_found_too(live: Live, times: int) -> None:
    """At the end at the latest, and before it could be more than the budget."""
    for _ in range(times):
        live.api.purchase(NOT_FOR_SALE, REFUSED)
    assert live.watch.finish()
    assert live.shop.theirs == live.server.state.numbers()
    assert min(times - 1, 2) == len(live.shop.sold)
    [finding] = [one for one in live.run.findings.all() if one.rule == "refused-is-not-done"]
    assert (BUY, NOT_FOR_SALE) == (finding.operation, finding.got)
    assert (times > 2) == finding.undecided  # as two refused requests had asked for the number
    assert f"{BUY} created what it should have refused" == live.watch.stopped


@pytest.mark.parametrize("live", ["refuses and sells another"], indirect=True)
def test_what_nobody_asked_for_is_named_and_left(live: Live) -> None:
    """A number that the run did not ask for may be somebody else's; nothing more is created."""
    live.api.purchase(NOT_FOR_SALE, REFUSED)
    assert live.watch.finish()
    [stranger] = live.shop.sold
    assert stranger in [one["number"] for one in live.server.state.numbers()]
    assert any(f"came meanwhile: 1: {stranger}" in line for line in live.watch.report())
    assert live.watch.stopped.startswith("a phone number that nobody asked for appeared after")


@pytest.mark.parametrize("live", ["never lists"], indirect=True)
def test_an_account_that_cannot_be_seen_gets_nothing_new(live: Live) -> None:
    """Without the list nobody can tell what is theirs, so nothing is created."""
    assert live.make() is None
    assert [] == live.shop.sold
    assert [f"{STOPPED}the account could not be listed to its end before"] == list(live.run.held)


def test_a_ledger_that_cannot_be_written_stops_creating(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its intent on disk no creating request leaves."""

    def full(_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("vogent_contract.live.ledger.os.fsync", full)
    assert live.make() is None
    assert [] == live.shop.sold
    assert "the ledger cannot be written (No space left on device)" == live.watch.stopped
