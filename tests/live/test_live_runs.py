"""Whole live runs, against correct shops and ones that cost money, lose answers or keep numbers."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from tests.live.shops import BUY, CREATE, Shop
from tests.running import Result, run
from vogent_contract.live.ledger import Ledger
from vogent_contract.mock import MockServer

BUDGET = 4
AGENT = ("--agent-id", "agent-2")
SCENES = ("-k", "not refusals and not requests")  # nothing else creates or releases
# They sell once what they should not, perhaps beyond the budget, and nothing after it.
STOPPING = (
    "sells twice",
    "sells without a key",
    "refuses and sells",
    "refuses, and sells the next time",
)
LOSING = (
    "redirects after selling",
    "drops after selling",
    "gives one id twice",
    "gives their id",
    "gives a made-up id",
    "drops deletes",
    "lists by luck",
)


def live(server: MockServer, folder: Path, *options: str, budget: int = BUDGET) -> Result:
    """A live run that may bring so many numbers into being."""
    account = ("--base-url", server.base_url, "--live", "--ledger", str(folder / "ledger.jsonl"))
    pace = ("--rate", "2000", "--request-timeout", "1")
    return run(folder, *account, *pace, "--max-numbers", str(budget), *options)


def unfinished(folder: Path) -> int:
    """How many runs of the ledger may have left something."""
    with contextlib.closing(Ledger(folder / "ledger.jsonl")) as ledger:
        return len(ledger.unfinished())


@pytest.mark.parametrize("fault", [*STOPPING, *LOSING])
def test_nothing_is_left_and_nothing_of_theirs_is_touched(fault: str, tmp_path: Path) -> None:
    """The budget holds, the account is in the end as it was before, and the fault is found."""
    shop = Shop(fault)
    with shop.open() as server:
        result = live(server, tmp_path, *AGENT, *SCENES)
        assert shop.theirs == server.state.numbers(), result.output
        assert [] == shop.touched(server)
    assert 0 < len(shop.sold) <= BUDGET + (fault in STOPPING), result.output
    assert 0 == unfinished(tmp_path)
    assert "left: 0" in result.output
    assert 1 == result.exit
    assert (fault in STOPPING) == ("created what it should have refused" in result.output)


def test_what_breaks_the_contract_is_not_sent_to_what_creates(tmp_path: Path) -> None:
    """A shop that sells on malformed requests is found out on the mock; here it gets none."""
    shop = Shop("sells malformed")
    with shop.open() as server:
        result = live(server, tmp_path, *AGENT)
        assert shop.theirs == server.state.numbers()
    assert 0 == result.exit, result.output
    assert [] == [number for number in shop.sold if number.startswith("malformed")]
    assert BUDGET == len(shop.sold)


def test_a_budget_of_three_proves_what_the_mock_run_proves(tmp_path: Path) -> None:
    """With three numbers and an agent all evidence is there; what was not sent is told."""
    shop = Shop()
    with shop.open() as server:
        result = live(server, tmp_path, *AGENT, "--require-evidence", budget=3)
    assert 0 == result.exit, result.output
    assert [] == result.evidence["missing"]
    assert 3 == len(shop.sold)
    assert "--max-numbers 3 allows no more\n  in test_buying_the_new_way 1" in result.output


@pytest.mark.parametrize(("budget", "most"), [(0, 100), (3, 180)])
def test_a_run_takes_few_requests(budget: int, most: int, tmp_path: Path) -> None:
    """At two requests a second it is over in a minute and a half; looking is counted too."""
    with Shop(page=100).open() as server:
        result = live(server, tmp_path, *AGENT, budget=budget)
    assert 0 == result.exit, result.output
    assert result.evidence["requests"] == len(server.requests) <= most


def test_without_a_budget_and_an_agent_a_run_only_reads(tmp_path: Path) -> None:
    """The first lines say what a run may do."""
    with Shop().open() as server:
        result = live(server, tmp_path, budget=0)
        asked = {one.method for one in server.requests if not one.path.endswith("/search")}
    head, _, _ = result.output.partition("rootdir")
    account = "against an account on 127.0.0.1: it buys, makes, changes and releases nothing"
    assert f"{account} (--max-numbers 0)." in head
    assert "It links to no agent. At most 2000 requests a second." in head
    assert f"What it does to the account is in {tmp_path / 'ledger.jsonl'}." in head
    assert 0 == result.exit, result.output
    assert {"GET"} == asked


def test_a_run_that_stops_at_its_first_finding_cleans_up(tmp_path: Path) -> None:
    """With -x everything is released too, whatever was going on."""
    shop = Shop("breaks bodies")
    with shop.open() as server:
        result = live(server, tmp_path, "-x")
        assert shop.theirs == server.state.numbers(), result.output
    assert (1, 1) == (result.exit, len(result.findings))
    assert 0 == unfinished(tmp_path)


def test_a_number_that_cannot_be_released_is_named(tmp_path: Path) -> None:
    """The run fails and names the command; until that has succeeded no other run starts."""
    shop = Shop("ignores deletes")
    with shop.open() as server:
        result = live(server, tmp_path, "-k", "something_to_work_with", budget=1)
        again = live(server, tmp_path, budget=1)
        assert [] == shop.touched(server)
        command = f"vogent-contract release --base-url {server.base_url} --ledger {tmp_path}"
    assert 1 == result.exit
    assert (
        "= 1 failed, 1 passed" in result.output
    )  # its release is tried, and judged, after the tests
    assert "found after the last test" in result.output
    assert f"left: 1: {shop.sold[0]}" in result.output
    assert command in result.output
    assert 4 == again.exit
    assert f"release it first: {command}" in again.output
    assert 1 == len(shop.sold)


def test_a_rate_limit_is_honoured(tmp_path: Path) -> None:
    """What creates is not sent again after 429, everything else is, and nobody is accused."""
    shop = Shop("limits the rate")
    with shop.open() as server:
        result = live(server, tmp_path, *AGENT, *SCENES)
        assert shop.theirs == server.state.numbers()
        asked = list(server.requests)
    assert set() == result.rules
    assert "the server answered 429, and what could create is never sent again" in result.output
    limited = [place for place, one in enumerate(asked) if one.status == 429]
    creating = [place for place in limited if asked[place].operation in (BUY, CREATE)]
    sent = [(one.method, one.path) for one in asked]
    again = [place for place in limited if sent[place] == sent[place + 1]]
    assert creating
    assert [] == [place for place in again if place in creating]
    assert set(limited) == {*again, *creating}
