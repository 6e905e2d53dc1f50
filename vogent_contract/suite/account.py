"""What the suite knows of the account and the shop, learnt from the answers alone."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from vogent_contract.openapi.document import tokens
from vogent_contract.suite.exchange import Exchange

FIELDS = ("id", "number", "type", "agentId")
BUYING = ("purchasePhoneNumber", "createPhoneNumber")
NAMES = ("number", "sipPrefix", "phoneNumber")  # that a phone number is asked for by
ONE = ("getPhoneNumber", "updatePhoneNumber", "deletePhoneNumber")


@dataclass
class Paging:
    """One walk through the list, from the first page on.

    Attributes:
        alive: Ids that were in the account when the walk began.
        seen: Ids of the pages so far.
        cursor: Of the latest page, None after the last one.
        cursors: Of all pages so far.
        whole: Nothing changed in the account meanwhile.
    """

    alive: frozenset[str]
    seen: list[str] = field(default_factory=list)
    cursor: str | None = None
    cursors: list[str] = field(default_factory=list)
    whole: bool = True


@dataclass
class Account:
    """The account and the shop as the answers told them.

    Attributes:
        shared: Others may change the account meanwhile: it is a live one.
        fields: The documented properties of a phone number.
        agent_id: An agent that numbers may be linked to, None if any will do.
        offered: Numbers that a search returned and nobody bought since, oldest first.
        countries: The country that each number was found in, bought since or not.
        names: User names that were given: a server may want each once.
        withdrawn: Numbers that were sold: whether they can be bought again is not documented.
        numbers: Last known fields of each phone number in the account, by id.
        released: Last known fields of each released phone number, by id.
        doubted: Ids and fields of which answers disagreed, or whose last change nobody saw: what
            they are, only a new link can tell.
        told: The exchange that each phone number is known from: what made, linked, released or
            first showed it, by id.
        confirmed: Number of the last exchange that showed a phone number as it is known, by id.
        asked: The last request that asked for each number or name.
        changes: Every request so far that may have changed something, oldest first.
        origin: Operation and type of each number that this run brought into being, by id.
        first_bought: The exchange in which each operation bought its first phone number.
        known: The account was listed once to its end.
    """

    shared: bool = False
    fields: tuple[str, ...] = FIELDS
    agent_id: str | None = None
    offered: dict[str, None] = field(default_factory=dict)
    countries: dict[str, str] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    withdrawn: set[str] = field(default_factory=set)
    numbers: dict[str, dict[str, Any]] = field(default_factory=dict)
    released: dict[str, dict[str, Any]] = field(default_factory=dict)
    doubted: set[tuple[str, str]] = field(default_factory=set)
    told: dict[str, Exchange] = field(default_factory=dict)
    confirmed: dict[str, int] = field(default_factory=dict)
    asked: dict[str, Exchange] = field(default_factory=dict)
    changes: list[Exchange] = field(default_factory=list)
    origin: dict[str, str] = field(default_factory=dict)
    first_bought: dict[str, Exchange] = field(default_factory=dict)
    paging: Paging | None = None
    known: bool = False

    def owner(self, number: str) -> str | None:
        """Id of the phone number in the account that has this number."""
        for key, fields in self.numbers.items():
            if fields.get("number") == number:
                return key
        return None

    def for_sale(self) -> list[str]:
        """Numbers that a search returned and nobody bought since, oldest first."""
        return [number for number in self.offered if self.owner(number) is None]

    def mine(self) -> list[str]:
        """Ids of what this run brought into being and still has, oldest first."""
        return [key for key in self.numbers if key in self.origin]

    def continues(self, exchange: Exchange) -> bool:
        """The page follows the one before: it was asked for by that page's cursor."""
        cursor = exchange.request.query.get("cursor") if exchange.request else None
        return self.paging is not None and cursor is not None and cursor == self.paging.cursor

    def learn(self, exchange: Exchange, accused: bool) -> None:
        """Take in what a success says.

        Args:
            accused: A rule has something against the answer, or what it says may be past. Then only
                what was done is learnt, as that a number was bought, and nothing that the answer
                says about it.
        """
        if exchange.outgoing.effect != "none":
            self.changes.append(exchange)
            self.asked.update(dict.fromkeys(names_asked(exchange), exchange))
        operation = exchange.operation
        if operation is None or not exchange.succeeded:
            return
        if operation.effect == "releases":
            self._release(exchange)
        elif operation.effect == "creates":
            self._add(exchange, accused)
        elif accused:
            return
        elif operation.id == "searchPhoneNumbers":
            self._offer(exchange)
        elif operation.id == "listPhoneNumbers":
            self._turn_page(exchange)
        elif is_phone_number(exchange.value) and exchange.value["id"] in self.numbers:
            if operation.effect == "changes":
                self.doubted.discard((exchange.value["id"], "agentId"))
            self._know(exchange.value, exchange)

    def lost(self, key: str) -> None:
        """A phone number is gone, whatever earlier answers told."""
        self.released[key] = self.numbers.pop(key, {})

    def found(self, key: str) -> None:
        """A phone number is still there, whatever earlier answers told."""
        self.numbers[key] = self.released.pop(key, {})

    def doubt(self, exchange: Exchange, pointer: str) -> None:
        """Forget the field that an answer is accused of: it or what is known is wrong."""
        *path, name = tokens(pointer) or [""]
        owner = exchange.value
        for token in path:
            if isinstance(owner, list) and token.isdecimal() and int(token) < len(owner):
                owner = owner[int(token)]
            else:
                owner = owner.get(token) if isinstance(owner, dict) else None
        key = owner.get("id") if isinstance(owner, dict) else None
        if key in self.numbers and name in self.fields:
            self.numbers[key].pop(name, None)
            self.doubted.add((key, name))

    def forget_links(self, keys: Iterable[str]) -> None:
        """Forget which agents phone numbers are linked to: nobody saw which change was the last."""
        for key in keys:
            if key in self.numbers:
                self.numbers[key].pop("agentId", None)
                self.doubted.add((key, "agentId"))

    def _offer(self, exchange: Exchange) -> None:
        country = (exchange.body or {}).get("country", "US")
        for number in searched(exchange.value):
            self.offered.setdefault(number)
            self.countries.setdefault(number, str(country))

    def _add(self, exchange: Exchange, accused: bool) -> None:
        self._change()
        value = exchange.value if isinstance(exchange.value, dict) else {}
        body = exchange.body if isinstance(exchange.body, dict) else {}
        for part in body.values():
            if isinstance(part, dict):
                self.names.add(str(part.get("username")))
        asked = asked_number(exchange)
        for number in (value.get("number"), asked):
            if isinstance(number, str):
                self.offered.pop(number, None)
                self.withdrawn.add(number)
        if not isinstance(value.get("id"), str):
            return
        self.origin[value["id"]] = origin_of(exchange)
        if accused or not is_phone_number(value):
            self.numbers[value["id"]] = {"id": value["id"]}
            self.told[value["id"]] = exchange
            return
        self._know(value, exchange)
        if asked is not None:
            self.first_bought.setdefault(exchange.operation_id, exchange)

    def _know(self, value: dict[str, Any], exchange: Exchange) -> None:
        key = value["id"]
        if exchange.outgoing.effect != "none" or key not in self.told:
            self.told[key] = exchange
            self.confirmed.pop(key, None)
        else:
            self.confirmed[key] = exchange.number
        self.released.pop(key, None)
        self.numbers[key] = self._documented(value)

    def _release(self, exchange: Exchange) -> None:
        self._change()
        key = exchange.path_id
        if key in self.numbers:
            self.released[key] = self.numbers.pop(key)
            self.told[key] = exchange

    def _turn_page(self, exchange: Exchange) -> None:
        cursor = exchange.request.query.get("cursor") if exchange.request else None
        if not self.continues(exchange):
            self.paging = Paging(frozenset(self.numbers)) if cursor is None else None
        items = [item for item in listed(exchange.value) if is_phone_number(item)]
        for item in items:
            if item["id"] not in self.released:
                self._know(item, exchange)
        if self.paging is None:
            return
        self.paging.seen += [item["id"] for item in items]
        self.paging.cursor = exchange.value.get("cursor")
        if self.paging.cursor is not None:
            self.paging.cursors.append(self.paging.cursor)
        elif self.paging.whole:
            self.known = True

    def _documented(self, value: dict[str, Any]) -> dict[str, Any]:
        """The documented fields, without what is in doubt."""
        certain = [name for name in self.fields if (value["id"], name) not in self.doubted]
        return {name: value[name] for name in certain if name in value}

    def _change(self) -> None:
        if self.paging is not None:
            self.paging.whole = False


def is_phone_number(value: Any) -> bool:
    """Whether a value has all that the suite has to know of a phone number."""
    if not isinstance(value, dict) or "agentId" not in value:
        return False
    return all(isinstance(value.get(name), str) for name in ("id", "number", "type"))


def listed(value: Any) -> list[Any]:
    """The items of a page, none if it is no page."""
    data = value.get("data") if isinstance(value, dict) else None
    return data if isinstance(data, list) else []


def item_of(page: Any, key: str) -> dict[str, Any] | None:
    """The item of a page that has an id, None if there is none."""
    for item in listed(page):
        if isinstance(item, dict) and item.get("id") == key:
            return item
    return None


def searched(value: Any) -> list[str]:
    """The numbers of a search answer, none if it is none."""
    found = []
    for item in value if isinstance(value, list) else ():
        if isinstance(item, dict) and isinstance(item.get("number"), str):
            found.append(item["number"])
    return found


def asked_number(exchange: Exchange) -> str | None:
    """The number that a request wants to buy, None if it buys none."""
    return number_to_buy(exchange.operation_id, exchange.body)


def number_to_buy(operation: str, body: Any) -> str | None:
    """The number that a body asks for, by operationId; None if it buys none."""
    if operation == "createPhoneNumber" and isinstance(body, dict):
        body = body.get("purchase") if body.get("type") == "purchase" else None
    elif operation != "purchasePhoneNumber":
        return None
    number = body.get("number") if isinstance(body, dict) else None
    return number if isinstance(number, str) else None


def names_asked(exchange: Exchange) -> list[str]:
    """The numbers and names of what a request wants to bring into being."""
    return names_in(exchange.body)


def names_in(body: Any) -> list[str]:
    """The numbers and names that a body asks for."""
    body = body if isinstance(body, dict) else {}
    found = []
    for part in (body, *body.values()):
        if isinstance(part, dict):
            found += [part[name] for name in NAMES if isinstance(part.get(name), str)]
    return found


def origin_of(exchange: Exchange) -> str:
    """Operation and type of what a request brings into being."""
    body = exchange.body if isinstance(exchange.body, dict) else {}
    return f"{exchange.operation_id} {body.get('type', '')}"


def could_be_for_sale(number: str) -> bool:
    """Whether a number that no search returned might be for sale all the same: it is like E.164."""
    return re.fullmatch(r"\+(?!1[01])[1-9]\d{6,14}", number) is not None
