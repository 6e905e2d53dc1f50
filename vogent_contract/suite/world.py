"""What the suite knows of the account, learnt from the answers alone."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from vogent_contract.suite.wire import Exchange

FIELDS = ("id", "number", "type", "agentId")
CREATING = ("purchasePhoneNumber", "createPhoneNumber")


@dataclass
class Paging:
    """One walk through the list, from the first page on.

    Attributes:
        alive: Ids that were in the account when the walk began.
        whole: Whether nothing changed meanwhile.
    """

    alive: frozenset[str]
    seen: list[str] = field(default_factory=list)
    cursor: str | None = None
    cursors: list[str] = field(default_factory=list)
    whole: bool = True


@dataclass
class World:
    """The account and the shop as the answers told them.

    Attributes:
        fields: The documented properties of a phone number.
        offered: Numbers that a search returned and nobody bought since, oldest first.
        countries: The country that each number was found in.
        withdrawn: Numbers that were sold or released: whether they can be bought again is not documented.
        numbers: Last known fields of each phone number in the account, by id.
        released: Last known fields of each released phone number, by id.
        created: Ids that this run brought into being.
        origin: Operation and kind that each of them came from.
        known: Whether the account was listed once to its end.
        contested: A number that two buyers ask for at this moment.
        derived: Whether the request at hand was derived from the contract as one that it allows.
        shared: Whether others may change the account meanwhile (a live one).
    """

    shared: bool = False
    agent_id: str | None = None
    fields: tuple[str, ...] = FIELDS
    offered: dict[str, None] = field(default_factory=dict)
    countries: dict[str, str] = field(default_factory=dict)
    withdrawn: set[str] = field(default_factory=set)
    numbers: dict[str, dict[str, Any]] = field(default_factory=dict)
    released: dict[str, dict[str, Any]] = field(default_factory=dict)
    created: set[str] = field(default_factory=set)
    origin: dict[str, str] = field(default_factory=dict)
    first_bought: dict[str, dict[str, Any]] = field(default_factory=dict)
    paging: Paging | None = None
    known: bool = False
    contested: str | None = None
    derived: bool = False

    def owner(self, number: str) -> str | None:
        """Id of the phone number in the account that has this number."""
        return next(
            (key for key, fields in self.numbers.items() if fields["number"] == number), None
        )

    def fresh(self, *, last: bool = False) -> str | None:
        """A number that a search returned and that was never sold since: the first, or the last."""
        numbers = reversed(self.offered) if last else iter(self.offered)
        return next((number for number in numbers if self.owner(number) is None), None)

    def mine(self) -> list[str]:
        """Ids that this run created and that are still in the account, oldest first."""
        return [key for key in self.numbers if key in self.created]

    def learn(self, exchange: Exchange) -> None:
        """Take in what a successful answer says; anything malformed is left out."""
        if not exchange.succeeded or exchange.operation is None or exchange.request is None:
            return
        value, name = exchange.value, exchange.operation.id
        if name == "searchPhoneNumbers":
            for number in searched(value):
                self.offered.setdefault(number)
                self.countries.setdefault(
                    number, str((exchange.request.body or {}).get("country", "US"))
                )
        elif name == "listPhoneNumbers":
            self._learn_page(exchange)
        elif exchange.operation.effect == "releases":
            self._release(str(exchange.request.path.get("id")))
        elif is_phone_number(value):
            self._learn_number(exchange, value)

    def _learn_number(self, exchange: Exchange, value: dict[str, Any]) -> None:
        assert exchange.operation is not None
        if exchange.operation.effect == "creates":
            self._change()
            self.created.add(value["id"])
            body = exchange.request.body if exchange.request else None
            kind = body.get("type", "") if isinstance(body, dict) else ""
            self.origin[value["id"]] = f"{exchange.operation.id} {kind}"
            self.withdrawn.add(value["number"])
            for number in {value["number"], str(asked_number(exchange))} & set(self.offered):
                del self.offered[number]
            if asked_number(exchange) is not None:
                self.first_bought.setdefault(exchange.operation.id, value)
        self.released.pop(value["id"], None)
        self.numbers[value["id"]] = self._known(value)

    def _release(self, key: str) -> None:
        self._change()
        if (fields := self.numbers.pop(key, None)) is not None:
            self.released[key] = fields

    def _learn_page(self, exchange: Exchange) -> None:
        assert exchange.request is not None
        value, cursor = exchange.value, exchange.request.query.get("cursor")
        if cursor is None or self.paging is None or cursor != self.paging.cursor:
            self.paging = Paging(frozenset(self.numbers)) if cursor is None else None
        items = [item for item in listed(value) if is_phone_number(item)]
        for item in items:
            if item["id"] not in self.released:
                self.numbers[item["id"]] = self._known(item)
        if self.paging is not None:
            self.paging.seen += [item["id"] for item in items]
            self.paging.cursor = value.get("cursor") if isinstance(value, dict) else None
            if self.paging.cursor is None:
                self.known = self.known or self.paging.whole
            else:
                self.paging.cursors.append(str(self.paging.cursor))

    def _known(self, value: dict[str, Any]) -> dict[str, Any]:
        return {name: value[name] for name in self.fields if name in value}

    def _change(self) -> None:
        if self.paging is not None:
            self.paging.whole = False


def is_phone_number(value: Any) -> bool:
    """Whether a value has all that the suite has to know of a phone number."""
    return (
        isinstance(value, dict)
        and all(isinstance(value.get(name), str) for name in FIELDS[:3])
        and "agentId" in value
    )


def listed(value: Any) -> list[Any]:
    """The items of a page, none if it is no page."""
    data = value.get("data") if isinstance(value, dict) else None
    return data if isinstance(data, list) else []


def searched(value: Any) -> list[str]:
    """The numbers of a search answer, none if it is none."""
    items: Iterable[Any] = value if isinstance(value, list) else ()
    return [
        item["number"]
        for item in items
        if isinstance(item, dict) and isinstance(item.get("number"), str)
    ]


def asked_number(exchange: Exchange) -> str | None:
    """The number that a request wants to buy, None if it buys none."""
    body = exchange.request.body if exchange.request else None
    if (
        not isinstance(body, dict)
        or exchange.operation is None
        or exchange.operation.id not in CREATING
    ):
        return None
    if exchange.operation.id == "createPhoneNumber":
        body = body.get("purchase") if body.get("type") == "purchase" else None
    number = body.get("number") if isinstance(body, dict) else None
    return number if isinstance(number, str) else None


def could_be_for_sale(number: str) -> bool:
    """Whether a number that no search returned might be for sale all the same."""
    return re.fullmatch(r"\+(?!1[01])[1-9]\d{6,14}", number) is not None
