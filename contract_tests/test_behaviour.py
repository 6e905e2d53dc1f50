"""Behaviour over several calls, one scene each.

The scenes only make calls. Whether each answer fits the ones before it is for the rules to say.
"""

from __future__ import annotations

from vogent_phone_numbers.models import SipUser

from vogent_contract.suite.api import REFUSED, Api
from vogent_contract.suite.exchange import Expectation
from vogent_contract.suite.run import Run
from vogent_contract.suite.supplies import MADE_UP_AGENT, NOT_FOR_SALE, Supplies

UNKNOWN = Expectation.UNKNOWN
NOBODY_OFFERED = (NOT_FOR_SALE, "+1", "front-desk", "")
NOBODY_HAS = ("00000000-0000-4000-8000-000000000000", "0", "unknown")


def test_searching(api: Api, supplies: Supplies) -> None:
    """A search keeps to its prefix, limit and country."""
    number = supplies.offer()
    prefix, country = supplies.prefix_of(number), supplies.country_of(number)
    api.later.search(prefix, country, limit=1)
    api.later.search(prefix, "GB" if country == "US" else "US", limit=10)


def test_numbers_nobody_offered(run: Run, api: Api) -> None:
    """What no search returned is not sold."""
    for number in NOBODY_OFFERED if run.options.full else NOBODY_OFFERED[:1]:
        api.purchase(number, REFUSED)
        api.create_by_purchase(number, REFUSED)


def test_buying_the_old_way(run: Run, api: Api, supplies: Supplies) -> None:
    """A number is sold once, to two buyers at once or to one, and not the other way again."""
    number = supplies.offer()
    if number is None:
        return
    if not run.options.live:
        run.send_at_once(api.purchase_call(number, UNKNOWN), 2)
    if run.account.owner(number) is None:
        api.purchase(number)  # one of two has to get it
    api.create_by_purchase(number, REFUSED)
    api.search(supplies.prefix_of(number), supplies.country_of(number))


def test_buying_the_new_way(run: Run, api: Api, supplies: Supplies) -> None:
    """As the old way, with the last number that was offered."""
    number = supplies.offer(last=True)
    if number is None:
        return
    if not run.options.live:
        run.send_at_once(api.create_call(number, UNKNOWN), 2)
    if run.account.owner(number) is None:
        api.create_by_purchase(number)
    api.purchase(number, REFUSED)
    api.search(supplies.prefix_of(number), supplies.country_of(number))


def test_sip(api: Api, supplies: Supplies) -> None:
    """A SIP user is made with the shortest credentials and with longer; a trunk is imported."""
    shortest = SipUser(sip_prefix=supplies.name(), username="user5", password="12345")  # noqa: S106 - no secret
    api.later.create_by_vogent_sip(shortest)
    api.later.create_by_sip_import(supplies.sip_trunk())
    api.later.create_with_nulls(supplies.sip_user())


def test_linking(run: Run, api: Api, supplies: Supplies) -> None:
    """Linking, linking again and unlinking are seen by get and list, for every type of number."""
    keys = supplies.one_of_each()
    read = keys if run.options.full else keys[:2]
    api.walk(optional=True)
    for key in keys:
        api.later.link(key, supplies.agent)
    for key in read:
        api.later.get(key)
    api.walk()
    for key in read:
        api.later.link(key, "")
    for key in read:
        api.later.get(key)
    api.walk(optional=True)


def test_linking_again(run: Run, api: Api, supplies: Supplies) -> None:
    """A linked number is linked again, to the same agent and another; updating nothing is that."""
    keys = supplies.one_of_each()
    for key in keys if run.options.full else keys[:1]:
        api.link(key, supplies.agent)
        api.link(key, supplies.agent)
        api.update_nothing(key)
        api.link(key, supplies.other_agent)
        api.get(key)


def test_paging(run: Run, api: Api) -> None:
    """Small pages give every phone number once and end."""
    full = run.options.full
    if full:
        api.page(1, api.page(1).get("cursor"))
    size = len(run.account.numbers)
    small = 1 if full else max(2, -(-size // 3))  # so that there are three pages
    if run.account.known and small <= 20:
        api.walk(small, optional=True)


def test_unknown_ids(run: Run, api: Api) -> None:
    """An id that the account does not have is refused."""
    for key in NOBODY_HAS if run.options.full else NOBODY_HAS[:1]:
        api.later.get(key, REFUSED)
        api.later.link(key, MADE_UP_AGENT, REFUSED)
        api.later.release(key, REFUSED)


def test_releasing(run: Run, api: Api, supplies: Supplies) -> None:
    """A released number is gone from everything, and nothing else is: what is left stays sold."""
    keys = supplies.one_of_each()
    for key in keys[:1] + keys[2:3]:
        api.later.release(key)
    for key in keys[2:3]:
        api.later.get(key, REFUSED)
    for key in keys[1:2]:
        kept = run.account.numbers.get(key, {}).get("number")
        api.later.purchase(str(kept), REFUSED)
    for key in keys[:1]:
        api.later.get(key, REFUSED)
        run.send_waiting()  # a server that brings the number back must not show it by chance
        api.link(key, "", REFUSED)
        api.release(key, REFUSED)
    api.walk(optional=True)
    number = run.account.released.get(keys[0], {}).get("number") if keys else None
    if number is not None and run.options.full and not run.options.live:
        found = api.search(supplies.prefix_of(number), supplies.country_of(number))
        if number in found:  # nobody documents that it is, but now a search says so
            api.purchase(number)
