"""Rules for searching and listing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from vogent_contract.openapi import Violation
from vogent_contract.suite.rules.table import as_known, broken, rule
from vogent_contract.suite.wire import Exchange
from vogent_contract.suite.world import World, is_phone_number, listed, searched

DEFAULT_SEARCH_LIMIT, DEFAULT_LIST_LIMIT = 5, 100
CALLING_CODES = {"US": "1", "CA": "1", "GB": "44"}


@rule("A search gives numbers with the prefix that was asked for.", "searchPhoneNumbers")
def search_has_prefix(_: World, exchange: Exchange) -> Iterator[Violation]:
    body = _search(exchange)
    prefix, code = (
        str(body.get("prefix", "")),
        CALLING_CODES.get(str(body.get("country", "US")).upper(), r"\d{1,3}"),
    )
    if prefix.isdecimal():
        for index, number in enumerate(searched(exchange.value)):
            written = f"[+]{code}{prefix}" if number.startswith("+") else f"(?:{code})?{prefix}"
            if not re.match(written, re.sub(r"[^\d+]", "", number)):
                yield broken(f"/{index}/number", f"a number with the prefix {prefix}", number)


@rule(
    "A search gives at most as many numbers as were asked for, five by default.",
    "searchPhoneNumbers",
)
def search_limit(_: World, exchange: Exchange) -> Iterator[Violation]:
    limit, count = (
        _search(exchange).get("limit", DEFAULT_SEARCH_LIMIT),
        len(searched(exchange.value)),
    )
    if count > limit > 0:
        yield broken("", f"at most {limit} numbers", str(count))


@rule(
    "A search finds what an earlier one offered and nobody bought.",
    "searchPhoneNumbers",
    assumed="The reference says that a search gives numbers for sale; that it goes on to do so is read into it.",
)
def search_finds(world: World, exchange: Exchange) -> Iterator[Violation]:
    body = _search(exchange)
    prefix, country, limit = (
        str(body.get("prefix", "none")),
        str(body.get("country", "US")),
        body.get("limit", DEFAULT_SEARCH_LIMIT),
    )
    written = f"+{CALLING_CODES.get(country, 'none')}{prefix}"
    offers = [
        one for one in world.offered if one.startswith(written) and world.countries[one] == country
    ]
    if (
        offers
        and not world.shared
        and limit > 0
        and exchange.succeeded
        and searched(exchange.value) == []
    ):
        yield broken("", f"numbers such as {offers[0]}", "none")


@rule("A search gives no number twice.", "searchPhoneNumbers")
def search_unique(_: World, exchange: Exchange) -> Iterator[Violation]:
    yield from _twice(searched(exchange.value), "/{}/number")


@rule("A search gives no number that is in the account already.", "searchPhoneNumbers")
def search_unsold(world: World, exchange: Exchange) -> Iterator[Violation]:
    for index, number in enumerate(searched(exchange.value) if exchange.succeeded else ()):
        if world.owner(number):
            yield broken(
                f"/{index}/number", "a number for sale", f"{number}, which is in the account"
            )


# Listing


@rule(
    "A page holds at most as many phone numbers as were asked for, 100 by default.",
    "listPhoneNumbers",
)
def list_limit(_: World, exchange: Exchange) -> Iterator[Violation]:
    limit = exchange.request.query.get("limit", DEFAULT_LIST_LIMIT) if exchange.request else 0
    count = len(listed(exchange.value))
    if exchange.succeeded and isinstance(limit, int) and count > limit > 0:
        yield broken("/data", f"at most {limit} phone numbers", str(count))


@rule("Paging gives each phone number once.", "listPhoneNumbers")
def list_unique(world: World, exchange: Exchange) -> Iterator[Violation]:
    page = _page_ids(exchange)
    before = world.paging.seen if world.paging and _continues(world, exchange) else []
    yield from _twice([*before, *page], "/data/{}/id", len(before))


@rule("Paging ends.", "listPhoneNumbers")
def paging_ends(world: World, exchange: Exchange) -> Iterator[Violation]:
    cursor = exchange.value.get("cursor") if isinstance(exchange.value, dict) else None
    earlier = world.paging.cursors if world.paging and _continues(world, exchange) else []
    if exchange.succeeded and cursor in earlier:
        yield broken("/cursor", "another cursor than those of earlier pages", json.dumps(cursor))


@rule("The list shows what is in the account as it is.", "listPhoneNumbers")
def list_reads_the_same(world: World, exchange: Exchange) -> Iterator[Violation]:
    if exchange.succeeded:
        for index, item in enumerate(listed(exchange.value)):
            yield from as_known(world, item, f"/data/{index}")


@rule("The list shows no phone number that was released.", "listPhoneNumbers")
def list_without_released(world: World, exchange: Exchange) -> Iterator[Violation]:
    for index, key in enumerate(_page_ids(exchange)):
        if key in world.released and key not in world.numbers:
            yield broken(f"/data/{index}/id", "no released phone number", key)


@rule(
    "The list shows no phone number that nobody asked for: what was refused was not done.",
    "listPhoneNumbers",
)
def list_without_strangers(world: World, exchange: Exchange) -> Iterator[Violation]:
    for index, key in enumerate(_page_ids(exchange) if world.known and not world.shared else ()):
        if key not in world.numbers and key not in world.released:
            yield broken(
                f"/data/{index}/id",
                "only what was in the account or was added by an answered request",
                key,
            )


@rule("The list shows every phone number of the account.", "listPhoneNumbers")
def list_is_complete(world: World, exchange: Exchange) -> Iterator[Violation]:
    value, first = exchange.value, not _continues(world, exchange)
    if not exchange.succeeded or not isinstance(value, dict) or value.get("cursor", "") is not None:
        return
    if exchange.request and "cursor" in exchange.request.query and first:
        return
    paging = None if first else world.paging
    alive = (frozenset(world.numbers) if paging is None else paging.alive) & frozenset(
        world.numbers
    )
    if paging is None or paging.whole:
        must = [key for key in alive if key in world.created or not world.shared]
        for key in sorted(set(must) - {*_page_ids(exchange), *(paging.seen if paging else ())}):
            yield broken("/data", f"the phone number {key}", "a list without it")


def _search(exchange: Exchange) -> dict[str, Any]:
    body = exchange.request.body if exchange.request else None
    valid = exchange.succeeded and exchange.request and not exchange.request.violations
    return body if valid and isinstance(body, dict) else {"limit": 0}


def _page_ids(exchange: Exchange) -> list[str]:
    items = listed(exchange.value) if exchange.succeeded else []
    return [item["id"] for item in items if is_phone_number(item)]


def _continues(world: World, exchange: Exchange) -> bool:
    cursor = exchange.request.query.get("cursor") if exchange.request else None
    return world.paging is not None and cursor is not None and cursor == world.paging.cursor


def _twice(values: list[str], pointer: str, start: int = 0) -> Iterator[Violation]:
    for index in range(start, len(values)):
        if values[index] in values[:index]:
            yield broken(pointer.format(index - start), "nothing twice", values[index])
