"""Behaviour over several calls, one scene each, through the generated client.

The scenes only make calls. Whether each answer fits the ones before it is for the rules to say.
"""

from __future__ import annotations

from contract_tests.suite import AGENT_ID, Suite
from vogent_phone_numbers.models import PhoneNumber, SipUser


def test_searching(suite: Suite) -> None:
    """A search takes a prefix alone, a country, and a limit up to ten."""
    number = suite.offer()
    country, prefix = suite.country_of(number), suite.prefix_of(number)
    suite.calls.search(prefix, country=None if country == "US" else country)
    suite.calls.search(prefix, country=country, limit=1)
    suite.calls.search(prefix, country=country, limit=10)
    suite.calls.search("999", country="US", limit=10)


def test_buying_the_old_way(suite: Suite) -> None:
    """A number is bought once, reads the same, and is no longer for sale."""
    _lives(suite, _bought(suite, suite.calls.purchase))


def test_buying_the_new_way(suite: Suite) -> None:
    """Create with the type purchase does what the old purchase does."""
    _lives(suite, _bought(suite, suite.calls.create_by_purchase))


def test_sip_users(suite: Suite) -> None:
    """A SIP user is made with the shortest credentials, and once more with long ones."""
    name = str(suite.real("name"))
    _lives(suite, suite.calls.create_by_vogent_sip(SipUser(sip_prefix=name, username="user5", password="12345")))  # noqa: S106 - the shortest that the contract allows
    suite.calls.create_by_vogent_sip(suite.sip_user())


def test_sip_imports(suite: Suite) -> None:
    """A number of somebody's trunk is imported."""
    _lives(suite, suite.calls.create_by_sip_import(suite.sip_trunk()))


def test_numbers_nobody_offered(suite: Suite) -> None:
    """What no search returned is not sold."""
    for number in ("+10005550100", "+1", "front-desk"):
        suite.calls.purchase(number)
        suite.calls.create_by_purchase(number)


def test_paging(suite: Suite) -> None:
    """Pages of one, of two and of the default size give every phone number once and end."""
    for limit in (1, 2):
        if len(suite.world.numbers) <= 12 * limit or suite.options.full:
            suite.listing(limit)
        else:
            page = suite.calls.list(limit)
            suite.calls.list(limit, page.cursor if page and page.cursor else None)
    suite.listing()


def test_unknown_ids(suite: Suite) -> None:
    """An id that the account does not have is refused."""
    for key in ("00000000-0000-4000-8000-000000000000", "0", "unknown"):
        suite.calls.get(key)
        suite.calls.link(key, AGENT_ID)
        suite.calls.delete(key)


def test_releasing(suite: Suite) -> None:
    """A released number is gone from everything, and nothing else is."""
    for key in suite.world.mine()[:2]:
        released = suite.calls.delete(key)
        suite.calls.get(key)
        suite.calls.link(key, "")
        suite.calls.delete(key)
        suite.listing()
        if released is not None and suite.world.mine():
            suite.calls.get(suite.world.mine()[0])


def _bought(suite: Suite, buy: object) -> PhoneNumber | None:
    """Buy a number and try to buy it again both ways; search for it afterwards."""
    assert callable(buy)
    number = suite.offer()
    if number is None:
        return None
    bought = buy(number)
    suite.calls.purchase(number)
    suite.calls.create_by_purchase(number)
    suite.calls.search(suite.prefix_of(number), country=suite.country_of(number), limit=10)
    return bought if isinstance(bought, PhoneNumber) else None


def _lives(suite: Suite, phone_number: PhoneNumber | None) -> None:
    """Read, link, link to another agent, unlink, unlink again; the list and a reading follow each."""
    if phone_number is None:
        return
    key, agent = phone_number.id, str(suite.real("agent"))
    suite.calls.get(key)
    suite.listing()
    for agent_id in (agent, *(() if suite.options.agent_id else (f"{agent}-2",)), ""):
        suite.calls.link(key, agent_id)
        suite.calls.get(key)
        if suite.options.full or agent_id in (agent, ""):
            suite.listing()
    suite.calls.link(key, agent)
    suite.calls.update_nothing(key)
    suite.calls.get(key)
