"""Finds out which of two answers is wrong when they contradict each other.

A phone number that one answer shows linked and another unlinked: one of them is wrong, and it need
not be the later one. The list and `GET /phone_numbers/{id}` are asked as witnesses. What both say
is so; then the answer before was wrong, or a request since then did more than it should.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlencode

from vogent_contract.openapi import Contract
from vogent_contract.suite.account import Account, asked_number, item_of, listed
from vogent_contract.suite.exchange import Call, Exchange
from vogent_contract.suite.rules.table import Breach

GET, LIST, RELEASE = "getPhoneNumber", "listPhoneNumbers", "deletePhoneNumber"
WITNESSES = (GET, LIST)
MOST_PAGES = 8  # of the list, as a witness
MOST_REPEATED = 16  # requests, to find the one that adds what nobody asked for

# Rules by which a phone number is there although it was released, or is not though it was not.
THERE = ("released-is-gone", "list-without-released")
GONE = ("list-is-complete", "accepts-valid")
STRANGER = "list-without-strangers"


@dataclass(frozen=True)
class Verdict:
    """Which answer is accused.

    Attributes:
        accused: The exchange whose answer is wrong, or whose request did what it should not.
        against: The exchange that shows it, None if there is no other.
        undecided: Either may be wrong.
    """

    accused: Exchange
    against: Exchange | None = None
    undecided: bool = False


class Inquiry:
    """Asks the server until it is clear which answer is wrong, or cannot be.

    Args:
        ask: Sends a request that no rule judges; None if it may not be sent.
    """

    def __init__(
        self, contract: Contract, account: Account, ask: Callable[[Call], Exchange | None]
    ) -> None:
        self._contract = contract
        self._account = account
        self._ask = ask

    def verdict(self, rule: str, exchange: Exchange, breach: Breach) -> Verdict:
        """Which answer is wrong, the one in which a rule is broken or one before."""
        if rule == "old-and-new-are-equal":
            others = [one for one in self._account.first_bought.values() if one is not exchange]
            return Verdict(exchange, others[0], undecided=True)
        if breach.name:
            return self._of_property(exchange, breach)
        if rule in THERE:
            return self._of_presence(exchange, breach.about, there=True)
        if rule in GONE and breach.about in self._account.numbers:
            return self._of_presence(exchange, breach.about, there=False)
        if rule == STRANGER:
            return self._of_stranger(exchange, breach.about)
        return Verdict(exchange)

    def _of_property(self, exchange: Exchange, breach: Breach) -> Verdict:
        """An answer shows another value of a property than answers before it."""
        key, name = breach.about, breach.name
        told = self._account.told.get(key)
        if exchange.operation_id not in WITNESSES:
            return Verdict(exchange, told)
        other = self._read(key) if exchange.operation_id == LIST else self._listed(key)
        if other is None or name not in other:
            return Verdict(exchange, told, undecided=True)
        if other[name] == self._account.numbers[key][name]:
            return Verdict(exchange, told)
        if json.dumps(other[name]) == breach.violation.got:
            return self._changed_by(key, exchange, breach.violation.got)
        return Verdict(exchange, told, undecided=True)

    def _of_presence(self, exchange: Exchange, key: str, *, there: bool) -> Verdict:
        """An answer shows a phone number that was released, or none that was not."""
        told = self._account.told.get(key)
        witnesses = []
        if exchange.operation_id != GET:
            witnesses.append(self._read(key))
        if exchange.operation_id != LIST:
            witnesses.append(self._listed(key))
        says = {bool(shown) for shown in witnesses if shown is not None}
        if says == {not there}:
            return Verdict(exchange, told)
        if says != {there}:
            return Verdict(exchange, told, undecided=True)
        if there and told is not None:
            return Verdict(told, exchange)
        return self._changed_by(key, exchange)

    def _changed_by(self, key: str, exchange: Exchange, value: str = "null") -> Verdict:
        """What both witnesses show is so: who changed it, or never did what it answered?"""
        told = self._account.told.get(key)
        seen = self._account.confirmed.get(key, 0)
        unproven = told is not None and told.succeeded and told.number > seen
        if told is not None and unproven and told.outgoing.effect == "changes":
            return Verdict(told, exchange)  # nothing ever showed what it answered
        since = [one for one in self._account.changes if one.number > seen and one is not told]
        after = [one for one in since if told is None or one.number > told.number]
        suspects = _about(after, key, value)
        if told is not None and unproven and not suspects:
            return Verdict(told, exchange)
        suspects = suspects or since
        if len({one.outgoing.name for one in suspects}) == 1:
            return Verdict(suspects[-1], exchange)
        return Verdict(exchange, suspects[-1] if suspects else told, undecided=True)

    def _of_stranger(self, exchange: Exchange, key: str) -> Verdict:
        """The list shows a phone number that no answer told of: which request added it?"""
        shown = item_of(exchange.value, key) or {}
        asked = self._account.asked.get(str(shown.get("number")))
        if asked is not None:
            return Verdict(asked, exchange, undecided=asked.succeeded)
        adding = [one for one in self._account.changes if one.outgoing.effect == "creates"]
        refused = _different(one for one in adding if one.refused)
        bought = _different(one for one in adding if one.succeeded and asked_number(one))
        for suspects in (refused, bought):
            added = self._which_adds(suspects)
            if added is not None:
                return Verdict(added, exchange)
        if not adding:
            return Verdict(exchange, undecided=True)
        several = len({one.outgoing.name for one in adding}) > 1
        return Verdict(exchange if several else adding[-1], adding[-1], undecided=several)

    def _which_adds(self, suspects: list[Exchange]) -> Exchange | None:
        """The request that adds more than it asks for when it is repeated, by halves."""
        if not self._add(suspects):
            return None
        while len(suspects) > 1:
            half = suspects[: len(suspects) // 2]
            suspects = half if self._add(half) else suspects[len(half) :]
        return suspects[0]

    def _add(self, suspects: list[Exchange]) -> bool:
        """Repeat requests; whether the list then shows more than they asked for."""
        before = self._ids()
        own = {self._repeat(one) for one in suspects}
        after = self._ids()
        return before is not None and after is not None and not after <= before | own

    def _repeat(self, suspect: Exchange) -> str:
        """Repeat a request, with a number that is still for sale; gives the id of what it made."""
        call, number = suspect.outgoing.call, asked_number(suspect)
        unsold = self._account.for_sale()
        if suspect.succeeded and number is not None and unsold:
            content = call.content.replace(number.encode(), unsold[-1].encode())
            call = replace(call, content=content)
        again = self._ask(call)
        if again is None or not again.succeeded or not isinstance(again.value, dict):
            return ""
        key = str(again.value.get("id"))
        self._ask(self._call(RELEASE, key))
        return key

    def _read(self, key: str) -> dict[str, Any] | None:
        """What GET shows of a phone number: nothing if it is gone, None if it does not say."""
        exchange = self._ask(self._call(GET, key))
        if exchange is None or exchange.status is None or exchange.status >= 500:
            return None
        shown = exchange.value if exchange.succeeded else {}
        return shown if isinstance(shown, dict) else None

    def _listed(self, key: str) -> dict[str, Any] | None:
        """What the list shows of a phone number: nothing if it is gone, None if it is unclear."""
        for page in self._pages():
            if page is None:
                return None
            item = item_of(page, key)
            if item is not None:
                return item
        return {}

    def _ids(self) -> set[str] | None:
        """Ids of the whole list, None if it cannot be read."""
        found: set[str] = set()
        for page in self._pages():
            if page is None:
                return None
            found |= {str(item.get("id")) for item in listed(page) if isinstance(item, dict)}
        return found

    def _pages(self) -> Iterator[Any]:
        """The pages of the list; the last one is None if it cannot be read to its end."""
        cursor = None
        for _ in range(MOST_PAGES):
            query = "" if cursor is None else f"?{urlencode({'cursor': cursor})}"
            exchange = self._ask(self._call(LIST, query=query))
            if exchange is None or not exchange.succeeded or not isinstance(exchange.value, dict):
                break
            yield exchange.value
            cursor = exchange.value.get("cursor")
            if cursor is None:
                return
        yield None

    def _call(self, operation_id: str, key: str = "", query: str = "") -> Call:
        operation = self._contract.operations[operation_id]
        target = operation.path.replace("{id}", quote(key, safe=""))
        return Call(operation.method, target + query)


def _about(exchanges: Sequence[Exchange], key: str, value: str) -> list[Exchange]:
    """Those about a phone number or, if there are none, those that sent a value, null aside."""
    own = [one for one in exchanges if one.path_id == key]
    if own or value == "null":
        return own
    return [one for one in exchanges if value.encode() in one.outgoing.call.content]


def _different(exchanges: Iterable[Exchange]) -> list[Exchange]:
    """The latest of those that an operation refused or did for the same reason."""
    found: dict[tuple[str, ...], Exchange] = {}
    for one in exchanges:
        wrong = [f"{each.pointer} {each.keyword}" for each in one.outgoing.violations[:1]]
        found[(one.outgoing.name, one.credential, *wrong)] = one
    return list(found.values())[-MOST_REPEATED:]
