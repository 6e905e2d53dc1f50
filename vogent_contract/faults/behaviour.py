"""Faults that show over several calls: one row a fault in `BEHAVIOUR`, at the end.

What replaces a method of the state is called with the state, the right method and its arguments;
what replaces a handler with the state, the right handler and the request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from vogent_contract.faults.breaking import (
    Install,
    change_answers,
    change_handler,
    change_state,
    succeeded,
    with_fields,
)
from vogent_contract.faults.fault import Fault
from vogent_contract.mock.app import Mock
from vogent_contract.mock.outcomes import AGENT, Answer
from vogent_contract.mock.state import PhoneNumber, Refusal, State
from vogent_contract.openapi import Contract, Request

BUY, CREATE = "purchasePhoneNumber", "createPhoneNumber"
SEARCH, LIST = "searchPhoneNumbers", "listPhoneNumbers"
GET, UPDATE, DELETE = "getPhoneNumber", "updatePhoneNumber", "deletePhoneNumber"

STRANGER = "+18005550177"  # a number that nobody asked for

Page = tuple[list[PhoneNumber], str | None]

# The right method or handler of what gives a phone number, an answer, a page, numbers for sale.
OfNumber = Callable[..., PhoneNumber]
OfAnswer = Callable[..., Answer]
OfPage = Callable[..., Page]
OfSearch = Callable[..., list[str]]


def derive(contract: Contract) -> Iterator[Fault]:
    """The faults whose operations the contract has."""
    for name, says, operation, pointer, rules, install in BEHAVIOUR:
        if operation in contract.operations:
            yield Fault(
                f"behaviour.{name}",
                install,
                category="behaviour",
                summary=says,
                operation=operation,
                pointer=pointer,
                rules=tuple(rules.split()),
            )


def show(operation: str, **fields: Callable[[PhoneNumber], str | None]) -> Install:
    """Answer one phone number with other properties; the account stays right."""
    return change_answers(with_fields(**fields), operation, which=succeeded)


def another(number: str) -> str:
    """Another number or name of the same kind."""
    return number[:-1] + ("0" if number[-1] != "0" else "1")


def other(state: State, one: PhoneNumber) -> PhoneNumber:
    """Another number of the account, the same if there is none."""
    return next((two for two in state.numbers() if two["id"] != one["id"]), one)


def sell_another(state: State, right: OfNumber, number: str) -> PhoneNumber:
    state.release(right(number)["id"])
    return state.add(another(number), "PSTN")


def sell_two(state: State, right: OfNumber, number: str) -> PhoneNumber:
    sold = right(number)
    state.add(STRANGER, "PSTN")
    return sold


def sell_linked(state: State, right: OfAnswer, request: Request) -> Answer:
    sold = right(state, request)
    return Answer(body=state.link(sold.body["id"], AGENT))


def sell_as_sip_user(state: State, right: OfAnswer, request: Request) -> Answer:
    number = request.body["number"]
    if state.is_for_sale(number):
        return Answer(body=state.add(number, "SIP_USERNAME"))
    return right(state, request)


def sell_while_refusing(state: State, right: OfAnswer, request: Request) -> Answer:
    try:
        return right(state, request)
    except Refusal:
        state.add(STRANGER, "PSTN")
        raise


def reuse_first_id(mock: Mock) -> None:
    ids: list[str] = []

    def first_id(body: PhoneNumber) -> str:
        ids.append(body["id"])
        return ids[0]

    change_answers(with_fields(id=first_id), BUY, CREATE, which=succeeded)(mock)


def update_other(state: State, right: OfAnswer, request: Request) -> Answer:
    updated = right(state, request)
    return Answer(body=other(state, updated.body))


def unlink_by_default(state: State, right: OfAnswer, request: Request) -> Answer:
    body = {"agentId": ""} | request.body
    return right(state, replace(request, body=body))


def link_all(state: State, right: OfNumber, identity: str, agent: str | None) -> PhoneNumber:
    for one in state.numbers():
        right(one["id"], agent)
    return right(identity, agent)


def keep_linked(state: State, right: OfNumber, identity: str, agent: str | None) -> PhoneNumber:
    return right(identity, agent) if agent else state.get(identity)


def invent(_state: State, right: OfNumber, identity: str) -> PhoneNumber:
    try:
        return right(identity)
    except Refusal:
        return {"id": identity, "number": "+18005550123", "type": "PSTN", "agentId": None}


def read_or_invent(state: State, _right: OfAnswer, request: Request) -> Answer:
    return Answer(body=invent(state, state.get, request.path["id"]))


def release_other(state: State, right: OfNumber, identity: str) -> PhoneNumber:
    one = state.get(identity)
    right(other(state, one)["id"])
    return one


def remember_released(method: str) -> Install:
    """One method of the state, `get`, `link`, `release` or `page`, still knows what is gone."""

    def install(mock: Mock) -> None:
        gone: dict[str, PhoneNumber] = {}

        def release(_: State, right: OfNumber, identity: str) -> PhoneNumber:
            gone[identity] = right(identity)
            return gone[identity]

        def known(_: State, right: OfNumber, identity: str, *agent: str | None) -> PhoneNumber:
            return gone[identity] if identity in gone else right(identity, *agent)

        def page(_: State, right: OfPage, cursor: str | None, limit: int) -> Page:
            data, following = right(cursor, limit)
            return (data, following) if following else ([*data, *gone.values()], None)

        change_state(release=release)(mock)
        change_state(**{method: page if method == "page" else known})(mock)

    return install


def find_more(_: State, right: OfSearch, country: str, prefix: str, limit: int) -> list[str]:
    return right(country, prefix, limit + 1)


def find_first_twice(_: State, right: OfSearch, country: str, prefix: str, limit: int) -> list[str]:
    found = right(country, prefix, limit)
    return [*found[:-1], *found[:1]]


def find_sold(state: State, right: OfSearch, country: str, prefix: str, limit: int) -> list[str]:
    pstn = [one["number"] for one in state.numbers() if one["type"] == "PSTN"]
    sold = [number for number in pstn if number[2:].startswith(prefix)]
    return [*sold, *right(country, prefix, limit)][:limit]


def find_once(mock: Mock) -> None:
    asked: set[str] = set()

    def search(_: State, right: OfSearch, country: str, prefix: str, limit: int) -> list[str]:
        again = prefix in asked
        asked.add(prefix)
        return [] if again else right(country, prefix, limit)

    change_state(search=search)(mock)


def tell_refused(mock: Mock) -> None:
    def tell(answer: Answer) -> Answer | None:
        return replace(answer, body=mock.state.numbers()) if answer.status == 401 else None

    change_answers(tell, LIST)(mock)


def change_page(change: Callable[[list[PhoneNumber]], list[PhoneNumber]]) -> Install:
    """Show other numbers on each page of the list."""

    def page(_: State, right: OfPage, cursor: str | None, limit: int) -> Page:
        data, following = right(cursor, limit)
        return change(data), following

    return change_state(page=page)


def lose_newest(_: State, right: OfPage, cursor: str | None, limit: int) -> Page:
    data, following = right(cursor, limit)
    return (data, following) if following else (data[:-1], None)


def never_end(_: State, right: OfPage, cursor: str | None, limit: int) -> Page:
    data, following = right(cursor, limit)
    return data, following or cursor


def overlap(mock: Mock) -> None:
    last: list[PhoneNumber] = []

    def page(_: State, right: OfPage, cursor: str | None, limit: int) -> Page:
        data, following = right(cursor, limit)
        shown = [*last, *data] if cursor else data
        last[:] = data[-1:]
        return shown[:limit], following

    change_state(page=page)(mock)


# Name, what it does, operation, pointer, the promises that it breaks, how.
# fmt: off
BEHAVIOUR: tuple[tuple[str, str, str, str, str, Install], ...] = (
    ("sold-twice", "a number in the account can be bought again", BUY, "/body", "sold-once",
     change_state(is_taken=lambda *_: False)),
    ("sells-what-nobody-offered", "any text can be bought", BUY, "/body", "sells-only-offers",
     change_state(is_for_sale=lambda state, _, number: not state.is_taken(number))),
    ("sells-another", "another number is bought", BUY, "/number", "number-asked-for",
     change_state(sell=sell_another)),
    ("creates-another", "a SIP user gets another name", CREATE, "/number", "created-as-asked",
     change_state(register=lambda _, right, number, kind: right(another(number), kind))),
    ("sip-user-is-pstn", "a SIP user is said to be PSTN", CREATE, "/type", "sip-user-type",
     change_state(register=lambda _, right, number, _kind: right(number, "PSTN"))),
    ("id-reused", "an id is given twice", CREATE, "/id", "ids-are-unique",
     reuse_first_id),
    ("bought-linked", "a number is linked when it is bought", BUY, "/agentId", "starts-unlinked",
     change_handler(BUY, sell_linked)),
    ("old-way-type", "the old way gives another type", BUY, "/type", "old-and-new-are-equal",
     change_handler(BUY, sell_as_sip_user)),
    ("get-another", "reading gives another number of the account", GET, "/id", "same-id",
     change_state(get=lambda state, right, identity: other(state, right(identity)))),
    ("update-another", "linking answers with another number", UPDATE, "/id", "same-id",
     change_handler(UPDATE, update_other)),
    ("get-loses-link", "reading never shows a link", GET, "/agentId", "reads-the-same",
     show(GET, agentId=lambda _: None)),
    ("get-other-number", "reading shows another number", GET, "/number", "reads-the-same",
     show(GET, number=lambda one: another(one["number"]))),
    ("link-lost", "linking is not kept", UPDATE, "/agentId", "reads-the-same list-reads-the-same",
     change_state(link=lambda state, _, identity, agent: state.get(identity) | {"agentId": agent})),
    ("links-all", "linking links all", UPDATE, "/agentId", "reads-the-same list-reads-the-same",
     change_state(link=link_all)),
    ("unlink-keeps", "the empty string does not unlink", UPDATE, "/agentId", "links",
     change_state(link=keep_linked)),
    ("unlink-to-empty-string", "unlinked is an empty string", UPDATE, "/agentId", "links",
     change_state(link=lambda _, right, identity, agent: right(identity, agent or ""))),
    ("link-to-another", "a number is linked to another agent", UPDATE, "/agentId", "links",
     change_state(link=lambda _, right, identity, agent: right(identity, agent and AGENT[::-1]))),
    ("update-nothing-unlinks", "an update without agentId unlinks", UPDATE, "/agentId", "links",
     change_handler(UPDATE, unlink_by_default)),
    ("link-changes-number", "linking changes the number", UPDATE, "/number", "links-only",
     show(UPDATE, number=lambda one: another(one["number"]))),
    ("delete-tells-another-number", "a release tells another number", DELETE, "/number",
     "releases-as-known", show(DELETE, number=lambda one: another(one["number"]))),
    ("delete-does-not", "a released number is still there", DELETE, "",
     "released-is-gone list-without-released",
     change_state(release=lambda state, _, identity: state.get(identity))),
    ("delete-removes-another", "a release removes another number", DELETE, "",
     "released-is-gone list-without-released accepts-valid list-is-complete",
     change_state(release=release_other)),
    ("get-released", "a released number can be read", GET, "/path/id", "released-is-gone",
     remember_released("get")),
    ("update-released", "a released number can be linked", UPDATE, "/path/id", "released-is-gone",
     remember_released("link")),
    ("delete-twice", "a number can be released twice", DELETE, "/path/id", "released-is-gone",
     remember_released("release")),
    ("get-invents", "reading invents a number for any id", GET, "/path/id",
     "refuses-unknown-id accepts-valid", change_handler(GET, read_or_invent)),
    ("delete-invents", "any id can be released", DELETE, "/path/id", "refuses-unknown-id",
     change_state(release=invent)),
    ("refusal-tells", "a wrong key is shown the account", LIST, "", "shows-nothing-without-key",
     tell_refused),
    ("search-finds-once", "a search finds nothing the second time", SEARCH, "", "search-finds",
     find_once),
    ("search-any-prefix", "a search ignores the prefix", SEARCH, "/*/number", "search-has-prefix",
     change_state(search=lambda _, right, country, _prefix, limit: right(country, "", limit))),
    ("search-too-many", "a search gives one number more", SEARCH, "", "search-limit",
     change_state(search=find_more)),
    ("search-ten", "a search ignores the limit", SEARCH, "", "search-limit",
     change_state(search=lambda _, right, country, prefix, _limit: right(country, prefix, 10))),
    ("search-twice", "a search gives a number twice", SEARCH, "/*/number", "search-unique",
     change_state(search=find_first_twice)),
    ("search-sold", "a search gives what is sold", SEARCH, "/*/number", "search-unsold",
     change_state(search=find_sold)),
    ("list-too-many", "a page has one number more", LIST, "/data", "list-limit",
     change_state(page=lambda _, right, cursor, limit: right(cursor, limit + 1))),
    ("list-ignores-limit", "a page has all numbers", LIST, "/data", "list-limit",
     change_state(page=lambda _, right, cursor, _limit: right(cursor, 1000))),
    ("pages-overlap", "a page repeats the last number of the one before", LIST, "/data/*/id",
     "list-unique", overlap),
    ("first-page-again", "the cursor is ignored", LIST, "/data/*/id", "list-unique",
     change_state(page=lambda _, right, _cursor, limit: right(None, limit))),
    ("paging-never-ends", "the last page has a cursor", LIST, "/cursor", "paging-ends",
     change_state(page=never_end)),
    ("list-loses-link", "the list shows no link", LIST, "/data/*/agentId", "list-reads-the-same",
     change_page(lambda data: [one | {"agentId": None} for one in data])),
    ("list-keeps-released", "the list shows what was released", LIST, "/data/*/id",
     "list-without-released", remember_released("page")),
    ("refuses-but-sells", "a refused purchase adds a number", BUY, "",
     "refused-is-not-done", change_handler(BUY, sell_while_refusing)),
    ("sells-two", "a purchase adds a second number", BUY, "",
     "list-without-strangers", change_state(sell=sell_two)),
    ("list-loses-one", "the newest number is not listed", LIST, "/data", "list-is-complete",
     change_state(page=lose_newest)),
    ("list-loses-pages", "the list has one page only", LIST, "/cursor", "list-is-complete",
     change_state(page=lambda _, right, cursor, limit: (right(cursor, limit)[0], None))),
    ("link-removes", "a linked number is not listed", LIST, "/data", "list-is-complete",
     change_page(lambda data: [one for one in data if not one["agentId"]])),
)
# fmt: on
