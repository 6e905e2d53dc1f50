"""Rules for searching and listing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from vogent_contract.suite.account import Account, is_phone_number, listed, searched
from vogent_contract.suite.exchange import Exchange
from vogent_contract.suite.rules.table import Breach, as_known, as_told, broken, released_by, rule

DEFAULT_SEARCH_LIMIT, DEFAULT_LIST_LIMIT = 5, 100
CALLING_CODES = {"US": "1", "CA": "1", "GB": "44"}

# Searching


@rule("A search gives numbers with the prefix that was asked for.", "searchPhoneNumbers")
def search_has_prefix(_: Account, exchange: Exchange) -> Iterator[Breach]:
    search = _search(exchange)
    prefix = str(search.get("prefix", ""))
    code = CALLING_CODES.get(str(search.get("country", "US")).upper(), r"\d{1,3}")
    if not prefix.isdecimal():
        return
    for index, number in enumerate(searched(exchange.value)):
        written = f"[+]{code}{prefix}" if number.startswith("+") else f"(?:{code})?{prefix}"
        if not re.match(written, re.sub(r"[^\d+]", "", number)):
            yield broken(f"/{index}/number", f"a number with the prefix {prefix}", number)


@rule(
    "A search gives at most as many numbers as were asked for, 5 by default.", "searchPhoneNumbers"
)
def search_limit(_: Account, exchange: Exchange) -> Iterator[Breach]:
    limit = _search(exchange).get("limit", DEFAULT_SEARCH_LIMIT)
    count = len(searched(exchange.value))
    if count > limit > 0:
        yield broken("", f"at most {limit} numbers", f"{count} numbers")


@rule(
    "A search finds what an earlier one offered and nobody bought.",
    "searchPhoneNumbers",
    assumed="The reference says that a search gives numbers for sale; to go on so is read into it.",
)
def search_finds(account: Account, exchange: Exchange) -> Iterator[Breach]:
    search = _search(exchange)
    country = str(search.get("country", "US"))
    written = f"+{CALLING_CODES.get(country, 'none')}{search.get('prefix', 'none')}"
    found_nothing = exchange.succeeded and exchange.value == []
    if account.shared or not found_nothing or search.get("limit", DEFAULT_SEARCH_LIMIT) <= 0:
        return
    for number in account.offered:
        if number.startswith(written) and account.countries[number] == country:
            expected = f"numbers such as {number}, which an earlier search gave"
            yield broken("", expected, "an empty list", about=number)
            return


@rule("A search gives no number twice.", "searchPhoneNumbers")
def search_unique(_: Account, exchange: Exchange) -> Iterator[Breach]:
    for index in _repeated(searched(exchange.value)):
        number = searched(exchange.value)[index]
        yield broken(f"/{index}/number", "each number once", f"{number} again")


@rule("A search gives no number that is in the account already.", "searchPhoneNumbers")
def search_unsold(account: Account, exchange: Exchange) -> Iterator[Breach]:
    for index, number in enumerate(searched(exchange.value) if exchange.succeeded else ()):
        if account.owner(number):
            got = f"{number}, which is in the account"
            yield broken(f"/{index}/number", "a number for sale", got, about=number)


# Listing


@rule(
    "A page holds at most as many phone numbers as were asked for, 100 by default.",
    "listPhoneNumbers",
)
def list_limit(_: Account, exchange: Exchange) -> Iterator[Breach]:
    limit, count = _page_limit(exchange), len(listed(exchange.value))
    if exchange.succeeded and count > limit > 0:
        yield broken("/data", f"at most {limit} phone numbers", f"{count} phone numbers")


@rule("Paging gives each phone number once.", "listPhoneNumbers")
def list_unique(account: Account, exchange: Exchange) -> Iterator[Breach]:
    page = _page_ids(exchange)
    before = account.paging.seen if account.paging and account.continues(exchange) else []
    for index in _repeated([*before, *page]):
        if index >= len(before):
            position = index - len(before)
            again = f"{page[position]} again"
            yield broken(f"/data/{position}/id", "each phone number once", again)


@rule("Paging ends.", "listPhoneNumbers")
def paging_ends(account: Account, exchange: Exchange) -> Iterator[Breach]:
    if not exchange.succeeded or not isinstance(exchange.value, dict):
        return
    cursor = exchange.value.get("cursor")
    earlier = account.paging.cursors if account.paging and account.continues(exchange) else []
    if cursor in earlier:
        got = f"{json.dumps(cursor)}, the cursor of an earlier page"
        yield broken("/cursor", "null, or a cursor that no page had yet", got)


@rule("The list shows what is in the account as it is.", "listPhoneNumbers")
def list_reads_the_same(account: Account, exchange: Exchange) -> Iterator[Breach]:
    for index, item in enumerate(listed(exchange.value) if exchange.succeeded else ()):
        yield from as_known(account, item, f"/data/{index}")


@rule("The list shows no phone number that was released.", "listPhoneNumbers")
def list_without_released(account: Account, exchange: Exchange) -> Iterator[Breach]:
    for index, key in enumerate(_page_ids(exchange)):
        if key in account.released:
            got = f"{key}, which {released_by(account, key)}"
            expected = "no phone number that was released"
            yield broken(f"/data/{index}/id", expected, got, about=key)


@rule(
    "The list shows no phone number that nobody asked for: what was refused was not done.",
    "listPhoneNumbers",
)
def list_without_strangers(account: Account, exchange: Exchange) -> Iterator[Breach]:
    if not account.known or account.shared:
        return
    for index, key in enumerate(_page_ids(exchange)):
        if key not in account.numbers and key not in account.released:
            expected = "no phone number that nobody asked for"
            got = f"{key}, which no answer told of"
            yield broken(f"/data/{index}/id", expected, got, about=key)


@rule("The list shows every phone number of the account.", "listPhoneNumbers")
def list_is_complete(account: Account, exchange: Exchange) -> Iterator[Breach]:
    value = exchange.value
    last_page = isinstance(value, dict) and value.get("cursor", "") is None
    if not exchange.succeeded or not last_page:
        return
    alive, seen = set(account.numbers), set(_page_ids(exchange))
    if account.continues(exchange) and account.paging:
        if not account.paging.whole:
            return
        alive &= account.paging.alive
        seen |= set(account.paging.seen)
    elif exchange.request and "cursor" in exchange.request.query:
        return  # the pages before were not seen
    if account.shared:
        alive &= set(account.origin)
    ended = 0 < _page_limit(exchange) <= len(listed(value))  # though more may follow a full page
    for key in sorted(alive - seen):
        told = f"the phone number {key}, {as_told(account, key)}"
        if ended:
            expected, got = f"a cursor, as more follows: {told}", "null"
            yield broken("/cursor", expected, got, about=key)
        else:
            yield broken("/data", told, "a list without it", about=key)


def _search(exchange: Exchange) -> Mapping[str, Any]:
    """What a search that was in order asked for; one with no limit to speak of for any other."""
    in_order = exchange.succeeded and not (exchange.request and exchange.request.violations)
    if in_order and isinstance(exchange.body, dict):
        return exchange.body
    return {"limit": 0}


def _page_limit(exchange: Exchange) -> int:
    """How many phone numbers a page was asked for; 0 if that is not known."""
    if exchange.request is None:
        return 0
    limit = exchange.request.query.get("limit", DEFAULT_LIST_LIMIT)
    return limit if isinstance(limit, int) else 0


def _page_ids(exchange: Exchange) -> list[str]:
    items = listed(exchange.value) if exchange.succeeded else []
    return [item["id"] for item in items if is_phone_number(item)]


def _repeated(values: list[str]) -> Iterator[int]:
    """The places at which a value comes again."""
    seen: set[str] = set()
    for index, value in enumerate(values):
        if value in seen:
            yield index
        seen.add(value)
