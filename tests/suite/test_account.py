"""What is known of the account comes from answers alone, and only from those no rule accuses."""

from __future__ import annotations

from tests.suite.scripted import (
    Step,
    listing,
    phone_number,
    played,
    purchase,
    reading,
    releasing,
    rules,
    searching,
)
from vogent_contract.suite.exchange import Expectation

ONE = phone_number("id-1")
NUMBER = ONE["number"]
REFUSED = Expectation.REFUSED
BOUGHT = (searching(NUMBER), purchase(NUMBER, ONE))


def test_what_is_bought_is_known_until_it_is_released() -> None:
    """A purchase is in the account, is the run's own, and is no offer any more."""
    run = played(*BOUGHT)
    assert {"id-1": ONE} == run.account.numbers
    assert ["id-1"] == run.account.mine()
    assert [] == run.account.for_sale()
    run = played(*BOUGHT, releasing("id-1", ONE))
    assert {} == run.account.numbers
    assert {"id-1": ONE} == run.account.released
    assert set() == rules(run)


def test_an_accused_read_changes_nothing() -> None:
    """What a read disputes is known no more, and nothing else is accused of it."""
    run = played(*BOUGHT, reading("id-1", phone_number("id-1", agentId="agent-1")))
    certain = {name: value for name, value in ONE.items() if name != "agentId"}
    assert {"reads-the-same"} == rules(run)
    assert {"id-1": certain} == run.account.numbers
    run = played(*BOUGHT, listing(phone_number("id-1", agentId="agent-1")))
    assert {"list-reads-the-same"} == rules(run)
    assert {"id-1": certain} == run.account.numbers


def test_a_read_is_no_way_into_the_account() -> None:
    """An id that only a read has shown is not held to be in the account."""
    assert {} == played(reading("id-9", phone_number("id-9"))).account.numbers


def test_an_accused_purchase_exists() -> None:
    """A number that was bought is released at the end, whatever the answer says about it."""
    linked = phone_number("id-1", agentId="agent-1")
    run = played(searching(NUMBER), purchase(NUMBER, linked))
    assert {"starts-unlinked"} == rules(run)
    assert ["id-1"] == run.account.mine()
    assert {"id-1": {"id": "id-1"}} == run.account.numbers
    assert [] == run.account.for_sale()


def test_an_accused_release_is_done() -> None:
    """A number that was released is gone, whatever the answer says about it."""
    run = played(*BOUGHT, releasing("id-1", phone_number("id-1", type="SIP_USERNAME")))
    assert {"releases-as-known"} == rules(run)
    assert [] == run.account.mine()


def test_an_accused_search_offers_nothing() -> None:
    """Numbers of a search that breaks a rule are not bought."""
    run = played(searching(NUMBER, NUMBER))
    assert {"search-unique"} == rules(run)
    assert [] == run.account.for_sale()


def test_the_account_is_known_after_its_last_page() -> None:
    """Only a walk that nothing disturbed shows all that the account has."""
    two = phone_number("id-2", "+14155550124")
    first, last = listing(ONE, cursor="next"), listing(two, query="?cursor=next")
    assert not played(first).account.known
    assert played(first, last).account.known
    meanwhile = purchase("+14155550125", phone_number("id-3", "+14155550125"))
    assert not played(first, meanwhile, last).account.known


def test_a_refusal_teaches_nothing() -> None:
    """What was refused is still for sale, and what could not be released is still there."""
    run = played(searching(NUMBER), purchase(NUMBER, {}, status=422))
    assert [NUMBER] == run.account.for_sale()
    run = played(*BOUGHT, Step("DELETE", "/phone_numbers/id-1", status=422, value={}))
    assert ["id-1"] == run.account.mine()


def test_of_changes_under_way_together_nobody_knows_the_last() -> None:
    """A lenient server that does two invalid links may end with either; a valid one is known."""
    agent = "7d2f1b3a-2c1d-4d5e-8a9b-3f4c5d6e7f80"
    linked = phone_number("id-1", agentId=agent)
    unlinks = Step("PUT", "/phone_numbers/id-1", {"agentId": None}, value=ONE, expects=REFUSED)
    links = Step("PUT", "/phone_numbers/id-1", {"agentId": [agent]}, value=linked, expects=REFUSED)
    together = [unlinks, links]
    assert {"refuses-invalid"} == rules(played(*BOUGHT, together, listing(ONE)))
    assert {"refuses-invalid"} == rules(played(*BOUGHT, together, listing(linked)))
    valid = Step("PUT", "/phone_numbers/id-1", {"agentId": agent}, value=linked)
    run = played(*BOUGHT, together, valid, listing(ONE))
    assert {"refuses-invalid", "list-reads-the-same"} == rules(run)
