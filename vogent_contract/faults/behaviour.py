"""Faults that show over several calls, written by hand."""
# ruff: noqa: E501, ARG001, ARG005 - a table reads best with one fault a line, and its parts get what they may need

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from vogent_contract.faults.fault import Fault, Install, answering, put, succeeded
from vogent_contract.mock.app import Mock
from vogent_contract.mock.outcomes import AGENT, Answer
from vogent_contract.mock.state import PhoneNumber, Refusal, State
from vogent_contract.openapi import Contract, Request

BUY, CREATE, SEARCH, LIST = (
    "purchasePhoneNumber",
    "createPhoneNumber",
    "searchPhoneNumbers",
    "listPhoneNumbers",
)
GET, UPDATE, DELETE = "getPhoneNumber", "updatePhoneNumber", "deletePhoneNumber"


def derive(contract: Contract) -> Iterator[Fault]:
    """The faults whose operations the contract has."""
    for name, rule, operation, pointer, says, install in BEHAVIOUR:
        if operation in contract.operations:
            yield Fault(
                f"behaviour.{name}",
                "behaviour",
                says,
                operation,
                pointer,
                "",
                install,
                tuple(rule.split()),
            )


def state(**parts: Callable[..., Any]) -> Install:
    """Replace rules of behaviour: each part is called with the state, the right rule and the arguments."""

    def install(mock: Mock) -> None:
        for name, part in parts.items():
            right = getattr(mock.state, name)
            put(
                mock.state,
                **{name: lambda *given, part=part, right=right: part(mock.state, right, *given)},
            )

    return install


def handler(operation: str, part: Callable[..., Answer]) -> Install:
    """Replace what an operation does: the part is called with the state, the right handler and the request."""

    def install(mock: Mock) -> None:
        right = mock.handlers[operation]
        mock.handlers[operation] = lambda state, request: part(state, right, request)

    return install


def answer(operation: str, **fields: Callable[[PhoneNumber], Any]) -> Install:
    """Answer a success of one phone number with other fields; the account stays right."""

    def change(given: Answer, _: Request | None) -> Answer | None:
        if not succeeded(given):
            return None
        return replace(
            given, body=given.body | {name: field(given.body) for name, field in fields.items()}
        )

    return answering(operation, change)


def found(change: Callable[[State, list[str], str, int], list[str]]) -> Install:
    """Change what a search finds."""

    def part(
        state: State, right: Callable[..., list[str]], country: str, prefix: str, limit: int
    ) -> list[str]:
        return change(state, right(country, prefix, limit), prefix, limit)

    return state(search=part)


def page(
    change: Callable[[list[PhoneNumber], Any, State], tuple[list[PhoneNumber], Any]],
) -> Install:
    """Change the pages of the list."""

    def part(state: State, right: Callable[..., Any], cursor: str | None, limit: int) -> Any:
        data, following = right(cursor, limit)
        return change(data, following, state)

    return state(page=part)


def first_id() -> Install:
    """Every number bought is told under the id of the first."""

    def install(mock: Mock) -> None:
        ids: dict[str, str] = {}
        for operation in (BUY, CREATE):
            answer(operation, id=lambda body: ids.setdefault("first", body["id"]))(mock)

    return install


def remembering(*names: str) -> Install:
    """A released number is still there for the methods of the state named."""

    def install(mock: Mock) -> None:
        gone: dict[str, PhoneNumber] = {}

        def release(_: State, right: Callable[..., PhoneNumber], identity: str) -> PhoneNumber:
            if identity in gone and "release" in names:
                return gone[identity]
            gone[identity] = right(identity)
            return gone[identity]

        def known(
            _: State, right: Callable[..., PhoneNumber], identity: str, *more: Any
        ) -> PhoneNumber:
            return gone[identity] if identity in gone else right(identity, *more)

        def listed(_: State, right: Callable[..., Any], *given: Any) -> Any:
            data, cursor = right(*given)
            return (data, cursor) if cursor else ([*data, *gone.values()], None)

        parts = {"get": known, "link": known, "page": listed}
        state(release=release, **{name: parts[name] for name in names if name in parts})(mock)

    return install


def other(state: State, one: PhoneNumber) -> PhoneNumber:
    """Another number of the account, the same if there is none."""
    return next((two for two in state.numbers() if two["id"] != one["id"]), one)


def release_other(state: State, right: Callable[[str], PhoneNumber], identity: str) -> PhoneNumber:
    one = state.get(identity)
    right(other(state, one)["id"])
    return one


def link_all(
    state: State, right: Callable[..., PhoneNumber], identity: str, agent: str | None
) -> PhoneNumber:
    for one in state.numbers():
        right(one["id"], agent)
    return right(identity, agent)


def invented(_: State, right: Callable[..., PhoneNumber], identity: str) -> PhoneNumber:
    try:
        return right(identity)
    except Refusal:
        return {"id": identity, "number": "+18005550123", "type": "PSTN", "agentId": None}


def invented_one(state: State, _: Callable[..., Answer], request: Request) -> Answer:
    return Answer(body=invented(state, state.get, request.path["id"]))


def add_while_refusing(state: State, right: Callable[..., Answer], request: Request) -> Answer:
    try:
        return right(state, request)
    except Refusal:
        state.add("+18005550177", "PSTN")
        raise


def changed(number: str) -> str:
    """Another number or name of the same kind."""
    return number[:-1] + ("0" if number[-1] != "0" else "1")


def paged(count: Callable[[int], int]) -> Install:
    return state(page=lambda _, right, cursor, limit: right(cursor, count(limit)))


def endless(_: State, right: Callable[..., Any], cursor: str | None, limit: int) -> Any:
    data, following = right(cursor, limit)
    return data, following or cursor


def overlapping() -> Install:
    """Each page but the first begins with the last number of the page before."""

    def install(mock: Mock) -> None:
        last: list[PhoneNumber] = []

        def part(_: State, right: Callable[..., Any], cursor: str | None, limit: int) -> Any:
            data, following = right(cursor, limit)
            shown = [*(last if cursor else []), *data][:limit]
            last[:] = data[-1:]
            return shown, following

        state(page=part)(mock)

    return install


def bought_linked(state: State, right: Callable[..., Answer], request: Request) -> Answer:
    return Answer(body=state.link(right(state, request).body["id"], AGENT))


def sold_as_sip(state: State, right: Callable[..., Answer], request: Request) -> Answer:
    if state.is_for_sale(request.body["number"]):
        return Answer(body=state.add(request.body["number"], "SIP_USERNAME"))
    return right(state, request)


def tells(mock: Mock) -> None:
    answering(
        LIST,
        lambda given, _: replace(given, body=mock.state.numbers()) if given.status == 401 else None,
    )(mock)


def found_once(mock: Mock) -> None:
    seen: set[str] = set()

    def part(
        _: State, right: Callable[..., list[str]], country: str, prefix: str, limit: int
    ) -> list[str]:
        again = prefix in seen
        seen.add(prefix)
        return [] if again else right(country, prefix, limit)

    state(search=part)(mock)


def sold(state: State, numbers: list[str], prefix: str, limit: int) -> list[str]:
    mine = [
        one["number"]
        for one in state.numbers()
        if one["number"][2:].startswith(prefix) and one["type"] == "PSTN"
    ]
    return [*mine, *numbers][:limit]


def anywhere(
    state: State, right: Callable[..., list[str]], country: str, prefix: str, limit: int
) -> list[str]:
    return right(country, "", limit) if prefix else right(country, prefix, limit)


# Name, the promise that is broken, operation, pointer, what it does, how.
BEHAVIOUR: tuple[tuple[str, str, str, str, str, Install], ...] = (
    ("sold-twice", "sold-once", BUY, "/body", "a number in the account can be bought again", state(is_taken=lambda *_: False)),
    ("sells-what-nobody-offered", "sells-only-offers", BUY, "/body", "any text can be bought", state(is_for_sale=lambda state, _, number: not state.is_taken(number))),
    ("sells-another", "number-asked-for", BUY, "/number", "another number is bought than was asked for", state(sell=lambda state, _, number: _(number) and state.add(changed(number), "PSTN"))),
    ("creates-another", "created-as-asked", CREATE, "/number", "a SIP user gets another name", state(register=lambda _, right, number, kind: right(changed(number), kind))),
    ("sip-user-is-pstn", "sip-user-type", CREATE, "/type", "a SIP user is said to be in the telephone network", state(register=lambda _, right, number, kind: right(number, "PSTN"))),
    ("id-reused", "ids-are-unique", CREATE, "/id", "an id is given twice", first_id()),
    ("bought-linked", "starts-unlinked", BUY, "/agentId", "a number that is bought is linked at once", handler(BUY, bought_linked)),
    ("old-way-type", "old-and-new-are-equal", BUY, "/type", "a number bought the old way has another type", handler(BUY, sold_as_sip)),
    ("get-another", "same-id", GET, "/id", "reading gives another number of the account", state(get=lambda state, right, identity: other(state, right(identity)))),
    ("update-another", "same-id", UPDATE, "/id", "linking answers with another number", handler(UPDATE, lambda state, right, request: Answer(body=other(state, right(state, request).body)))),
    ("get-loses-link", "reads-the-same", GET, "/agentId", "reading never shows a link", answer(GET, agentId=lambda _: None)),
    ("get-other-number", "reads-the-same", GET, "/number", "reading shows another number", answer(GET, number=lambda body: changed(body["number"]))),
    ("link-lost", "reads-the-same list-reads-the-same", GET, "/agentId", "linking is not kept", state(link=lambda state, _, identity, agent: state.get(identity) | {"agentId": agent})),
    ("links-all", "reads-the-same list-reads-the-same", GET, "/agentId", "linking links every number", state(link=link_all)),
    ("unlink-keeps", "links", UPDATE, "/agentId", "the empty string does not unlink", state(link=lambda state, right, identity, agent: right(identity, agent) if agent else state.get(identity))),
    ("unlink-to-empty-string", "links", UPDATE, "/agentId", "unlinked is an empty string", state(link=lambda _, right, identity, agent: right(identity, agent or ""))),
    ("link-to-another", "links", UPDATE, "/agentId", "a number is linked to another agent", state(link=lambda _, right, identity, agent: right(identity, agent and AGENT[::-1]))),
    ("update-nothing-unlinks", "links", UPDATE, "/agentId", "an update without agentId unlinks", handler(UPDATE, lambda state, right, request: right(state, replace(request, body={"agentId": ""} | request.body)))),
    ("link-changes-number", "links-only", UPDATE, "/number", "linking changes the number", answer(UPDATE, number=lambda body: changed(body["number"]))),
    ("delete-tells-another-number", "releases-as-known", DELETE, "/number", "a release tells another number", answer(DELETE, number=lambda body: changed(body["number"]))),
    ("delete-does-not", "released-is-gone list-without-released", GET, "/path/id", "a released number is still there", state(release=lambda state, _, identity: state.get(identity))),
    ("delete-removes-another", "released-is-gone list-without-released accepts-valid list-is-complete", GET, "/path/id", "a release removes another number", state(release=release_other)),
    ("get-released", "released-is-gone", GET, "/path/id", "a released number can be read", remembering("get")),
    ("update-released", "released-is-gone", UPDATE, "/path/id", "a released number can be linked", remembering("link")),
    ("delete-twice", "released-is-gone", DELETE, "/path/id", "a number can be released twice", remembering("release")),
    ("get-invents", "refuses-unknown-id accepts-valid", GET, "/path/id", "reading invents a number for any id", handler(GET, invented_one)),
    ("delete-invents", "refuses-unknown-id", DELETE, "/path/id", "any id can be released", state(release=invented)),
    ("refusal-tells", "shows-nothing-without-key", LIST, "", "a refusal for a wrong key shows the account", tells),
    ("search-finds-once", "search-finds", SEARCH, "", "a search finds nothing the second time", found_once),
    ("search-any-prefix", "search-has-prefix", SEARCH, "/*/number", "a search ignores the prefix", state(search=anywhere)),
    ("search-too-many", "search-limit", SEARCH, "", "a search gives one number more", state(search=lambda _, right, country, prefix, limit: right(country, prefix, limit + 1))),
    ("search-ten", "search-limit", SEARCH, "", "a search ignores the limit", state(search=lambda _, right, country, prefix, limit: right(country, prefix, 10))),
    ("search-twice", "search-unique", SEARCH, "/*/number", "a search gives a number twice", found(lambda _, numbers, __, ___: [*numbers[:-1], *numbers[:1]])),
    ("search-sold", "search-unsold", SEARCH, "/*/number", "a search gives what is sold", found(sold)),
    ("list-too-many", "list-limit", LIST, "/data", "a page has one number more", paged(lambda limit: limit + 1)),
    ("list-ignores-limit", "list-limit", LIST, "/data", "a page has all numbers", paged(lambda limit: 1000)),
    ("pages-overlap", "list-unique", LIST, "/data/*/id", "a page repeats the last number of the one before", overlapping()),
    ("first-page-again", "list-unique", LIST, "/data/*/id", "the cursor is ignored", state(page=lambda _, right, cursor, limit: right(None, limit))),
    ("paging-never-ends", "paging-ends", LIST, "/cursor", "the last page has the cursor that asked for it", state(page=endless)),
    ("list-loses-link", "list-reads-the-same", LIST, "/data/*/agentId", "the list never shows a link", page(lambda data, cursor, _: ([one | {"agentId": None} for one in data], cursor))),
    ("list-keeps-released", "list-without-released", LIST, "/data/*/id", "the list shows what was released", remembering("page")),
    ("refuses-but-sells", "list-without-strangers", LIST, "/data/*/id", "a refused purchase adds a number", handler(BUY, add_while_refusing)),
    ("sells-two", "list-without-strangers", LIST, "/data/*/id", "a purchase adds a second number", state(sell=lambda state, right, number: (right(number), state.add("+18005550177", "PSTN"))[0])),
    ("list-loses-one", "list-is-complete", LIST, "/data", "the list leaves the newest number out", page(lambda data, cursor, _: (data if cursor else data[:-1], cursor))),
    ("list-loses-pages", "list-is-complete", LIST, "/data", "the list has one page only", page(lambda data, _, __: (data, None))),
    ("link-removes", "list-is-complete", LIST, "/data", "a linked number is not listed", page(lambda data, cursor, _: ([one for one in data if not one["agentId"]], cursor))),
)  # fmt: skip
