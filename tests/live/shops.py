"""Servers that take money where they should not: the mock with one thing wrong, and what it did to whom."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from vogent_contract import mock as mock_server
from vogent_contract.mock.app import Mock
from vogent_contract.mock.behaviour import HANDLERS
from vogent_contract.mock.outcomes import Answer
from vogent_contract.mock.recording import Application, Receive, Scope, Send
from vogent_contract.openapi import Contract, Operation, Request

KEY = "sk-live-0123456789abcdef"  # no real key
PAGE = 2  # phone numbers, so that the account has more than one page
# The last two are the contract's own examples, which a careless run would change or ask for.
THEIRS = (
    ("+14155559001", "PSTN", "agent-1"),
    ("+18001234567", "PSTN", None),
    ("front-desk", "SIP_USERNAME", None),
)


class Cut(Answer):
    """An answer that ends in the middle."""

    def content(self) -> bytes:
        return super().content()[:-9]


@dataclass
class Shop:
    """One fault, for `mock_server.start`; it counts what it sells.

    Attributes:
        wrong: Changes the mock; None for a correct one.
        sold: Numbers that were brought into being.
    """

    wrong: Callable[[Mock], None] | None = None
    id: str = "shop"
    summary: str = ""

    def wrap(self, mock: Mock, _: Contract) -> Application:
        self.theirs = [mock.state.add(*number) for number in THEIRS]
        self.sold: list[str] = []
        self.around: Callable[[Application], Application] = lambda app: app
        add = mock.state.add

        def counted(number: str, kind: str, agent: str | None = None) -> dict[str, Any]:
            self.sold.append(number)
            return add(number, kind, agent)

        mock.state.add = counted  # type: ignore[method-assign] # the mock's own seam for faults
        mock.handlers["listPhoneNumbers"] = _small_pages
        if self.wrong:
            self.wrong(mock)

        async def application(scope: Scope, receive: Receive, send: Send) -> None:
            await self.around(mock)(scope, receive, send)

        return application


@contextlib.contextmanager
def running(shop: Shop) -> Iterator[mock_server.MockServer]:
    """Start a shop."""
    with mock_server.start(api_key=KEY, fault=shop) as server:
        yield server


def sells_on_refused_input(mock: Mock) -> None:
    """A request to buy that breaks the contract is done, and 200 says so."""
    _creating(
        mock,
        lambda request, answer: Answer(body=_sell(mock, request)) if request.violations else answer,
    )


def sells_and_refuses_input(mock: Mock) -> None:
    """A request to buy that breaks the contract is done if it names something, and 422 says that it is not."""

    def sell(request: Request, answer: Answer) -> Answer:
        if request.violations and _name(request) is not None:
            _sell(mock, request)
        return answer

    _creating(mock, sell)


def sells_anything_and_refuses(mock: Mock) -> None:
    """A request to buy that breaks the contract buys some number, and 422 says that it did not."""
    numbers = (f"+1415555{index}" for index in itertools.count(8000))

    def sell(request: Request, answer: Answer) -> Answer:
        if request.violations:
            mock.state.add(next(numbers), "PSTN")
        return answer

    _creating(mock, sell)


def refuses_and_sells(mock: Mock) -> None:
    """A purchase in order is done, and 422 says that it is not."""
    _creating(mock, lambda _, answer: Answer(422, {}) if answer.status == 200 else answer)


def sells_twice(mock: Mock) -> None:
    """A number that is in the account already is sold again."""
    mock.state.is_taken = lambda _: False  # type: ignore[method-assign] # the mock's own seam for faults


def sells_without_key(mock: Mock) -> None:
    """Any key will do."""
    mock.authenticate = lambda _: True  # type: ignore[method-assign] # the mock's own seam for faults


def breaks_bodies(mock: Mock) -> None:
    """The answer to a purchase ends in the middle."""
    _creating(mock, lambda _, answer: Cut(body=answer.body) if answer.status == 200 else answer)


def fails_after_selling(mock: Mock) -> None:
    """A purchase is done and answered with 503."""
    _creating(mock, lambda _, answer: Answer(503, {}) if answer.status == 200 else answer)


def redirects_after_selling(mock: Mock) -> None:
    """A purchase is done and answered with 303."""
    _creating(
        mock,
        lambda _, answer: Answer(303, {}, {"Location": "/"}) if answer.status == 200 else answer,
    )


def is_late_after_selling(mock: Mock) -> None:
    """A purchase is done and answered when nobody waits any more."""
    _creating(
        mock, lambda _, answer: replace(answer, delay=4.0) if answer.status == 200 else answer
    )


def drops_after_selling(mock: Mock) -> None:
    """A purchase is done and the connection closed."""
    _creating(mock, lambda _, answer: Answer(drop=True) if answer.status == 200 else answer)


def gives_one_id_twice(mock: Mock) -> None:
    """Every purchase is answered with the id of the first."""
    first: list[str] = []

    def same(_: Request, answer: Answer) -> Answer:
        if answer.status == 200:
            first.append(answer.body["id"])
            answer.body["id"] = first[0]
        return answer

    _creating(mock, same)


def gives_their_id(mock: Mock) -> None:
    """Every purchase is answered with the id of a number that was there before."""
    theirs = mock.state.numbers()[0]["id"]
    _creating(
        mock,
        lambda _, answer: (
            Answer(body={**answer.body, "id": theirs}) if answer.status == 200 else answer
        ),
    )


def ignores_delete(mock: Mock) -> None:
    """A release is answered as if it were done, and is not."""
    mock.handlers["deletePhoneNumber"] = HANDLERS["getPhoneNumber"]


def keeps_in_list(mock: Mock) -> None:
    """A release is not done, and only the list shows it."""
    ignores_delete(mock)
    mock.handlers["getPhoneNumber"] = lambda *_: Answer(422, {})


def keeps_in_get(mock: Mock) -> None:
    """A release is not done, and only reading the number shows it."""
    ignores_delete(mock)
    theirs = len(THEIRS)
    mock.handlers["listPhoneNumbers"] = lambda state, _: Answer(
        body={"data": state.numbers()[:theirs], "cursor": None}
    )


def fails_deletes_at_first(mock: Mock) -> None:
    """The first releases fail or are dropped."""
    answers = iter([Answer(500, {}), Answer(drop=True), Answer(503, {}), Answer(drop=True)])
    release = HANDLERS["deletePhoneNumber"]
    mock.handlers["deletePhoneNumber"] = lambda state, request: (
        next(answers, None) or release(state, request)
    )


def lists_by_luck(mock: Mock) -> None:
    """Every third list fails."""
    turns = itertools.count(1)
    mock.handlers["listPhoneNumbers"] = lambda state, request: (
        _small_pages(state, request) if next(turns) % 3 else Answer(500, {})
    )


def limits_the_rate(mock: Mock) -> None:
    """Every fifth request is answered with 429."""
    turns, respond = itertools.count(1), mock.respond
    mock.respond = lambda operation, request: (  # type: ignore[method-assign] # the mock's own seam for faults
        respond(operation, request) if next(turns) % 5 else Answer(429, {}, {"Retry-After": "0"})
    )


WRONG = (
    sells_on_refused_input,
    sells_and_refuses_input,
    refuses_and_sells,
    sells_twice,
    sells_without_key,
    breaks_bodies,
    fails_after_selling,
    redirects_after_selling,
    is_late_after_selling,
    drops_after_selling,
    gives_one_id_twice,
    gives_their_id,
    fails_deletes_at_first,
    lists_by_luck,
)


def _small_pages(state: mock_server.State, request: Request) -> Answer:
    limit = min(int(request.query["limit"]), PAGE)
    return HANDLERS["listPhoneNumbers"](
        state, replace(request, query={**request.query, "limit": limit})
    )


def _creating(mock: Mock, answer: Callable[[Request, Answer], Answer]) -> None:
    """Change the answers of the creating operations."""
    respond = mock.respond
    mock.validate = lambda operation, request: (
        () if operation.effect == "creates" else request.violations
    )  # type: ignore[method-assign] # the mock's own seam for faults

    def changed(operation: Operation, request: Request) -> Answer:
        if operation.effect != "creates":
            return respond(operation, request)
        return answer(
            request, Answer(422, {}) if request.violations else respond(operation, request)
        )

    mock.respond = changed  # type: ignore[method-assign] # the mock's own seam for faults


def _sell(mock: Mock, request: Request) -> dict[str, Any]:
    return mock.state.add(str(_name(request)), "PSTN")


def _name(request: Request) -> object:
    """What a very tolerant server would take for the number, None if there is nothing."""
    body: Any = request.body
    while isinstance(body, dict):
        named = [
            body[key] for key in ("number", "sipPrefix", "phoneNumber") if body.get(key) is not None
        ]
        body = next(
            iter(named or [value for value in body.values() if isinstance(value, dict)]), None
        )
    return body
