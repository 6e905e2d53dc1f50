"""Behaviour over several calls, one scene each, through the generated client.

The scenes only make calls. Whether each answer fits the ones before it is for the rules to say.
"""

from __future__ import annotations

from vogent_phone_numbers.models import SipUser

from vogent_contract.suite.run import AGENT_ID, Suite


def test_searching(suite: Suite) -> None:
    """A search keeps to its prefix, limit and country."""
    number = suite.offer()
    prefix, country = suite.prefix_of(number), suite.country_of(number)
    suite.calls.search(prefix, country=country, limit=1)
    suite.calls.search(prefix, country="GB" if country == "US" else "US", limit=10)


def test_numbers_nobody_offered(suite: Suite) -> None:
    """What no search returned is not sold."""
    for number in ("+10005550100", *(("+1", "front-desk", "") if suite.options.full else ())):
        suite.calls.purchase(number)
        suite.calls.create_by_purchase(number)


def test_buying(suite: Suite) -> None:
    """A number is sold once, to two buyers at once, the old way and the new: the first offer and the last."""
    old, new = suite.calls.purchase, suite.calls.create_by_purchase
    for buy, other, last in ((old, new, False), (new, old, True)):
        if (number := suite.offer(last=last)) is not None:
            suite.buy_at_once(buy, number)
            other(number)
            suite.calls.search(suite.prefix_of(number), country=suite.country_of(number), limit=10)


def test_sip(suite: Suite) -> None:
    """A SIP user is made with the shortest credentials and with longer ones; a trunk's number is imported."""
    name = str(suite.real("name"))
    suite.calls.create_by_vogent_sip(SipUser(sip_prefix=name, username="user5", password="12345"))  # noqa: S106 - the shortest allowed
    suite.calls.create_by_vogent_sip(suite.sip_user())
    suite.calls.create_by_sip_import(suite.sip_trunk())
    suite.create_with_nulls()


def test_linking(suite: Suite) -> None:
    """Linking, linking to another agent, unlinking and linking again are seen by get and list, for every kind."""
    keys = suite.one_of_each()
    read = keys if suite.options.full else keys[:2]
    agent = str(suite.real("agent"))
    for agent_id in (None, agent, ""):
        for key in keys:
            if agent_id is not None:
                suite.calls.link(key, agent_id)
            if key in read or agent_id:
                suite.calls.get(key)
        suite.listing(optional=agent_id != agent)
    for key in keys if suite.options.full else keys[:1]:
        suite.calls.link(key, agent)
        suite.calls.link(key, agent)
        suite.calls.update_nothing(key)
        suite.calls.link(key, suite.options.agent_id or f"{agent}-2")
        suite.calls.get(key)


def test_paging(suite: Suite) -> None:
    """Small pages give every phone number once and end."""
    if not suite.small_pages or suite.options.full:
        first = suite.calls.list(1)
        suite.calls.list(1, first.cursor if first else None)
    small = 1 if suite.options.full else max(2, -(-len(suite.world.numbers) // 5))
    if suite.world.known and small <= 20:
        suite.listing(small, optional=True)


def test_unknown_ids(suite: Suite) -> None:
    """An id that the account does not have is refused."""
    for key in (
        "00000000-0000-4000-8000-000000000000",
        *(("0", "unknown") if suite.options.full else ()),
    ):
        suite.calls.get(key)
        suite.calls.link(key, AGENT_ID)
        suite.calls.delete(key)


def test_releasing(suite: Suite) -> None:
    """A released number is gone from everything, and nothing else is: what is left stays sold."""
    keys = suite.one_of_each()
    released = suite.calls.delete(keys[0]) if keys else None
    for key in keys[:1]:
        suite.calls.get(key)
        suite.calls.link(key, "")
        suite.calls.delete(key)
    for key in keys[2:3]:
        suite.calls.delete(key)
        suite.calls.get(key)
    suite.listing(optional=True)
    for key in keys[1:2]:
        suite.calls.purchase(str(suite.world.numbers.get(key, {}).get("number")))
    if released and not suite.options.live:
        found = suite.calls.search(
            suite.prefix_of(released.number), country=suite.country_of(released.number), limit=10
        )
        if (
            released.number in found
        ):  # whether it is for sale again is not documented, but now a search says so
            suite.calls.purchase(released.number)
