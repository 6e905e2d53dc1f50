"""Somebody's account for live runs: the mock, perhaps with a fault that costs money."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from tests.running import KEY
from vogent_contract import mock as mock_server
from vogent_contract.faults import every_fault
from vogent_contract.faults.breaking import (
    Install,
    accept_credentials,
    altered,
    answer_invalid,
    answer_valid,
    change_answers,
    change_handler,
    change_state,
    succeeded,
    together,
    with_bytes,
    with_fields,
)
from vogent_contract.mock.app import Mock
from vogent_contract.mock.outcomes import Answer
from vogent_contract.mock.state import PhoneNumber, Refusal, State
from vogent_contract.openapi import Contract, Request, load

BUY, CREATE = "purchasePhoneNumber", "createPhoneNumber"
LIST, GET, DELETE = "listPhoneNumbers", "getPhoneNumber", "deletePhoneNumber"
PAGE = 2  # phone numbers, so that the account has more than one page
# The last two are the contract's own examples, which a careless run would change or ask for.
THEIRS = (
    ("+14155559001", "PSTN", "agent-1"),
    ("+18001234567", "PSTN", None),
    ("front-desk", "SIP_USERNAME", None),
)


@dataclass
class Shop:
    """A server with three phone numbers that are not the run's.

    Attributes:
        id: The fault that it has, a key of `FAULTS`.
        install: Changes it further.
        page: How many phone numbers it lists at a time, at most.
        theirs: The phone numbers that it has from the beginning.
        sold: Numbers that were brought into being.
    """

    id: str = "none"
    install: Install = field(default_factory=together)
    page: int = PAGE
    summary: str = ""
    theirs: list[PhoneNumber] = field(default_factory=list)
    sold: list[str] = field(default_factory=list)

    def open(self) -> AbstractContextManager[mock_server.MockServer]:
        """Start it."""
        return mock_server.start(api_key=KEY, fault=self)

    def wrap(self, mock: Mock, _: Contract) -> Mock:
        """The mock as this shop."""
        self.theirs = [mock.state.add(*number) for number in THEIRS]

        def add(_: State, right: Callable[..., Any], number: str, *more: Any) -> Any:
            self.sold.append(number)
            return right(number, *more)

        def page(_: State, right: Callable[..., Any], cursor: str | None, limit: int) -> Any:
            return right(cursor, min(limit, self.page))

        together(change_state(add=add, page=page), FAULTS[self.id], self.install)(mock)
        return mock

    def touched(self, server: mock_server.MockServer) -> list[str]:
        """Requests that could have changed a phone number that was there before."""
        ids = [number["id"] for number in self.theirs]
        acting = [one for one in server.requests if one.method != "GET"]
        return [one.path for one in acting if any(key in one.path for key in ids)]


def sell_malformed(mock: Mock) -> None:
    """A purchase that breaks the contract is done, and 200 says so."""

    def sell(_: object) -> Answer:
        return Answer(body=mock.state.add(f"malformed-{len(mock.state.numbers())}", "PSTN"))

    answer_invalid(sell, BUY, CREATE)(mock)


def sell_while_refusing_again(mock: Mock) -> None:
    """A number that is not for sale is sold from the second refusal on."""
    refusals = itertools.count(1)

    def sell(state: State, right: Callable[[State, Request], Answer], request: Request) -> Answer:
        try:
            return right(state, request)
        except Refusal:
            if next(refusals) > 1:
                state.add(request.body["number"], "PSTN")
            raise

    change_handler(BUY, sell)(mock)


def sell_under_their_id(mock: Mock) -> None:
    """A purchase is answered with the id of a phone number that was there before."""
    theirs = mock.state.numbers()[0]["id"]
    change_answers(with_fields(id=lambda _: theirs), BUY, CREATE, which=succeeded)(mock)


def after_selling(**parts: Any) -> Install:
    """A purchase is done and answered otherwise."""
    return change_answers(altered(**parts), BUY, CREATE, which=succeeded)


def behaviour(name: str) -> Install:
    """A fault of the kit's own table."""
    return every_fault(load())[f"behaviour.{name}"].install


cut_body = with_bytes("application/json", lambda content: content[:-9])
ignore_deletes = behaviour("delete-does-not")
refuse_reading = change_answers(altered(status=422, body={}), GET)
FAULTS: Mapping[str, Install] = {
    "none": together(),
    # A purchase is done that should not be.
    "sells twice": behaviour("sold-twice"),
    "sells without a key": accept_credentials(lambda *_: True),
    "sells malformed": sell_malformed,
    "refuses and sells": after_selling(status=422, body={}),
    "refuses and sells another": behaviour("refuses-but-sells"),
    "refuses, and sells the next time": sell_while_refusing_again,
    # A purchase is done, and its answer does not say so, or not which number it is.
    "breaks bodies": change_answers(cut_body, BUY, CREATE, which=succeeded),
    "fails after selling": after_selling(status=503, body={}),
    "redirects after selling": after_selling(status=303, headers={"Location": "/"}),
    "drops after selling": after_selling(drop=True),
    "gives one id twice": behaviour("id-reused"),
    "gives their id": sell_under_their_id,
    "gives a made-up id": change_answers(
        with_fields(id=lambda body: f"made-up-{body['number']}"), BUY, CREATE, which=succeeded
    ),
    # A release is not done, or not each time.
    "ignores deletes": ignore_deletes,
    "keeps in list": together(ignore_deletes, refuse_reading),
    "keeps in get": together(ignore_deletes, behaviour("list-loses-one")),
    "drops deletes": answer_valid(lambda _: Answer(drop=True), DELETE, every=2),
    # The account cannot be seen, or not each time.
    "lists by luck": change_answers(altered(status=500, body={}), LIST, every=2),
    "never lists": change_answers(altered(status=500, body={}), LIST),
    # What a correct server may do.
    "limits the rate": answer_valid(lambda _: Answer(429, {}, {"Retry-After": "0"}), every=5),
}
