"""Every rule that the suite holds a server to, one function each, asked after each exchange.

A rule says what it promises, and why it is assumed if the vendor does not document it. It looks at one
exchange and at what earlier answers told of the account (`World`), and yields what is wrong. A new rule
is one more function with `@rule`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from contract import Violation
from contract_tests.wire import Exchange
from contract_tests.world import (
    World,
    asked_number,
    could_be_for_sale,
    is_phone_number,
    listed,
    searched,
)

Check = Callable[[World, Exchange], Iterator[Violation]]


@dataclass(frozen=True)
class Rule:
    """A promise that a server keeps.

    Attributes:
        name: Stable name, as reports give it.
        promise: One sentence.
        assumed: The reason, if the vendor does not document it.
        operations: operationIds that it is about, empty for all.
        check: Yields what an exchange breaks.
    """

    name: str
    promise: str
    assumed: str | None
    operations: tuple[str, ...]
    check: Check

    def broken_by(self, world: World, exchange: Exchange) -> list[Violation]:
        """What the exchange breaks of this rule."""
        operation = exchange.operation.id if exchange.operation else ""
        return list(self.check(world, exchange)) if not self.operations or operation in self.operations else []


RULES: dict[str, Rule] = {}

BOUGHT = ("purchasePhoneNumber", "createPhoneNumber")
ONE = ("getPhoneNumber", "updatePhoneNumber", "deletePhoneNumber")
KNOWN = (*BOUGHT, *ONE, "searchPhoneNumbers", "listPhoneNumbers")
DEFAULT_SEARCH_LIMIT, DEFAULT_LIST_LIMIT = 5, 100
CALLING_CODES = {"US": "1", "CA": "1", "GB": "44"}


def rule(promise: str, *operations: str, assumed: str | None = None) -> Callable[[Check], Check]:
    """Put a check into `RULES` under its own name with hyphens."""

    def enter(check: Check) -> Check:
        name = check.__name__.replace("_", "-")
        RULES[name] = Rule(name, promise, assumed, operations, check)
        return check

    return enter


# Every exchange


@rule("Every request gets a whole answer in time.")
def answers(_: World, exchange: Exchange) -> Iterator[Violation]:
    if exchange.error:
        yield broken("", "an answer", exchange.error)


@rule("No request makes the server fail.")
def no_server_error(_: World, exchange: Exchange) -> Iterator[Violation]:
    if (
        exchange.status is not None
        and exchange.status >= 500
        and not (exchange.status == 501 and not exchange.operation)
    ):
        yield broken("", "no 5xx", str(exchange.status), "status")


@rule("Status, content type and body are those that the contract documents.")
def documented_response(_: World, exchange: Exchange) -> Iterator[Violation]:
    if exchange.operation and exchange.status is not None and exchange.status < 500:
        yield from exchange.operation.check(exchange.status, exchange.headers.get("content-type"), exchange.body)


@rule("A request that breaks the contract is refused.")
def refuses_invalid(_: World, exchange: Exchange) -> Iterator[Violation]:
    wrong = [one for one in exchange.request.violations if not one.assumed] if exchange.request else []
    if exchange.succeeded and wrong:
        yield Violation(
            wrong[0].pointer, wrong[0].keyword, wrong[0].schema, f"400 or 422, as {wrong[0]}", str(exchange.status)
        )


@rule(
    "A request without the right key gets 401.",
    assumed="The reference requires the key and names no status; RFC 6750 says 401.",
)
def refuses_wrong_key(_: World, exchange: Exchange) -> Iterator[Violation]:
    needed = exchange.operation is not None and exchange.operation.secured and exchange.credential == "bad"
    if needed and exchange.status is not None and exchange.status != 401 and exchange.status < 500:
        shown = exchange.request_headers.get("authorization")
        got = f"{exchange.status} for {'no Authorization header' if shown is None else f'Authorization: {shown}'}"
        yield broken("/header/Authorization", "401", got, "security")


@rule(
    "A refusal for a wrong key shows nothing of the account.",
    assumed="No body is documented for it; that it holds nothing of the account is what the key is for.",
)
def shows_nothing_without_key(world: World, exchange: Exchange) -> Iterator[Violation]:
    text = exchange.body.decode("utf-8", "replace") if exchange.credential == "bad" and exchange.refused else ""
    for key in world.numbers:
        if len(key) > 6 and key in text and key not in exchange.target:
            yield broken("", "no id of the account", key)


@rule("A request with the right key does not get 401.")
def accepts_right_key(_: World, exchange: Exchange) -> Iterator[Violation]:
    if exchange.credential == "good" and exchange.status == 401 and exchange.operation:
        yield broken("/header/Authorization", "any other answer", "401", "security")


@rule(
    "A method that a path does not have is refused, with the methods that it has in Allow if by 405.",
    assumed="The reference lists the methods of each path; RFC 9110 section 15.5.6 says what 405 carries.",
)
def refuses_other_methods(_: World, exchange: Exchange) -> Iterator[Violation]:
    if exchange.operation is None and exchange.status is not None and exchange.status != 501:
        if exchange.status < 400:
            yield broken("", "a refusal", str(exchange.status), "method")
        elif exchange.status == 405 and "allow" not in exchange.headers:
            yield broken("/header/Allow", "the methods of the path", "no such header", "method")


# What must succeed, what must not


@rule("What the contract documents and the account allows is done.")
def accepts_valid(world: World, exchange: Exchange) -> Iterator[Violation]:
    if exchange.credential != "good" or not exchange.refused or exchange.status == 401 or not exchange.operation:
        return
    if exchange.request and not exchange.request.violations and (why := _must_succeed(world, exchange)):
        yield broken("", f"200: {why}", str(exchange.status), "status")


@rule("A number is sold once.", *BOUGHT)
def sold_once(world: World, exchange: Exchange) -> Iterator[Violation]:
    number = asked_number(exchange)
    if exchange.succeeded and number is not None and world.owner(number):
        yield broken("/body", "400 or 422, the number is in the account already", f"{exchange.status} for {number}")


@rule(
    "Only what a search returned can be bought.",
    *BOUGHT,
    assumed="The reference says to give the number as the search returned it; that others are refused is read into it.",
)
def sells_only_offers(world: World, exchange: Exchange) -> Iterator[Violation]:
    number = asked_number(exchange)
    if not exchange.succeeded or number is None or could_be_for_sale(number) or world.owner(number):
        return
    if number not in world.offered and number not in world.withdrawn:
        yield broken("/body", "400 or 422, no search returned the number", f"{exchange.status} for {number!r}")


@rule("A released phone number is gone.", *ONE)
def released_is_gone(world: World, exchange: Exchange) -> Iterator[Violation]:
    if exchange.succeeded and path_id(exchange) in world.released:
        yield broken("/path/id", "400 or 422, the phone number was released", str(exchange.status))


@rule(
    "An id that the account does not have is refused.",
    *ONE,
    assumed="The reference says that the id is a phone number's; a refusal of any other is read into it.",
)
def refuses_unknown_id(world: World, exchange: Exchange) -> Iterator[Violation]:
    key = path_id(exchange)
    plain = re.fullmatch(r"[\w~-][\w.~-]*", key, re.ASCII)  # servers may read other paths as other routes
    if exchange.succeeded and plain and world.known and key not in world.numbers and key not in world.released:
        yield broken("/path/id", "400 or 422, the account has no such id", str(exchange.status))


# What an answer says


@rule("The number bought is the number asked for.", *BOUGHT)
def number_asked_for(_: World, exchange: Exchange) -> Iterator[Violation]:
    number, value = asked_number(exchange), exchange.value
    bought = exchange.succeeded and number is not None and is_phone_number(value)
    if bought and value["number"] != number and not _same_digits(str(number), value["number"]):
        yield broken("/number", str(number), value["number"])


@rule(
    "A SIP user's number is its prefix, an imported number the one that was given.",
    "createPhoneNumber",
    assumed="A guide says it of the SIP user; of the import it is read into the names.",
)
def created_as_asked(_: World, exchange: Exchange) -> Iterator[Violation]:
    body = exchange.request.body if exchange.request else None
    if not exchange.succeeded or not isinstance(body, dict) or not is_phone_number(exchange.value):
        return
    for kind, part, name in (("vogent_sip", "vogentSip", "sipPrefix"), ("sip_import", "sipImport", "phoneNumber")):
        if body.get("type") == kind and isinstance(body.get(part), dict):
            yield from differs("/number", body[part].get(name), exchange.value["number"])


@rule(
    "A new phone number is linked to no agent.",
    *BOUGHT,
    assumed="The reference says that agentId is that of the linked agent; nobody has linked one yet.",
)
def starts_unlinked(_: World, exchange: Exchange) -> Iterator[Violation]:
    if exchange.succeeded and is_phone_number(exchange.value):
        yield from differs("/agentId", None, exchange.value["agentId"])


@rule("A SIP user has the type SIP_USERNAME.", "createPhoneNumber")
def sip_user_type(_: World, exchange: Exchange) -> Iterator[Violation]:
    body = exchange.request.body if exchange.request else None
    asked = isinstance(body, dict) and body.get("type") == "vogent_sip"
    if exchange.succeeded and asked and is_phone_number(exchange.value):
        yield from differs("/type", "SIP_USERNAME", exchange.value["type"])


@rule("No two phone numbers have the same id.", *BOUGHT)
def ids_are_unique(world: World, exchange: Exchange) -> Iterator[Violation]:
    value = exchange.value
    if exchange.succeeded and is_phone_number(value):
        known = world.numbers.get(value["id"]) or world.released.get(value["id"])
        if known and (value["id"] in world.numbers or known["number"] != value["number"]):
            yield broken("/id", "an id of its own", f"{value['id']}, the id of {known['number']}")


@rule("The old and the new way to buy give equal objects.", *BOUGHT)
def old_and_new_are_equal(world: World, exchange: Exchange) -> Iterator[Violation]:
    number, value = asked_number(exchange), exchange.value
    if exchange.succeeded and number is not None and is_phone_number(value) and exchange.operation:
        for operation, other in world.first_bought.items():
            if operation != exchange.operation.id and could_be_for_sale(number) and could_be_for_sale(other["number"]):
                for name in ("type", "agentId"):
                    yield from differs(f"/{name}", other[name], value[name], f"as {operation} gave it")


@rule("The answer is about the phone number that was asked for.", *ONE)
def same_id(_: World, exchange: Exchange) -> Iterator[Violation]:
    value = exchange.value
    if exchange.succeeded and isinstance(value, dict) and isinstance(value.get("id"), str):
        yield from differs("/id", path_id(exchange), value["id"])


@rule("What was bought, linked or listed reads the same afterwards.", "getPhoneNumber")
def reads_the_same(world: World, exchange: Exchange) -> Iterator[Violation]:
    if exchange.succeeded:
        yield from _as_known(world, exchange.value, "")


@rule("Linking is seen in the answer, and the empty string unlinks: agentId is null then.", "updatePhoneNumber")
def links(world: World, exchange: Exchange) -> Iterator[Violation]:
    body, value = exchange.request.body if exchange.request else None, exchange.value
    if not exchange.succeeded or not isinstance(body, dict) or not is_phone_number(value):
        return
    known = world.numbers.get(path_id(exchange))
    if isinstance(body.get("agentId"), str):
        yield from differs("/agentId", body["agentId"] or None, value["agentId"])
    elif known and "agentId" not in body:
        yield from differs("/agentId", known["agentId"], value["agentId"], "as it was")


@rule("Linking changes nothing else of the phone number.", "updatePhoneNumber")
def links_only(world: World, exchange: Exchange) -> Iterator[Violation]:
    if exchange.succeeded:
        yield from _as_known(world, exchange.value, "", without=("agentId",))


@rule("Releasing gives the phone number that was released.", "deletePhoneNumber")
def releases_as_known(world: World, exchange: Exchange) -> Iterator[Violation]:
    value = exchange.value
    if exchange.succeeded and is_phone_number(value):
        unlinked = value["agentId"] is None  # whether a release unlinks first is not documented
        yield from _as_known(world, value, "", without=("agentId",) if unlinked else ())


# Searching


@rule("A search gives numbers with the prefix that was asked for.", "searchPhoneNumbers")
def search_has_prefix(_: World, exchange: Exchange) -> Iterator[Violation]:
    body = _search(exchange)
    prefix, code = str(body.get("prefix", "")), CALLING_CODES.get(str(body.get("country", "US")).upper(), r"\d{1,3}")
    if prefix.isdecimal():
        for index, number in enumerate(searched(exchange.value)):
            written = f"[+]{code}{prefix}" if number.startswith("+") else f"(?:{code})?{prefix}"
            if not re.match(written, re.sub(r"[^\d+]", "", number)):
                yield broken(f"/{index}/number", f"a number with the prefix {prefix}", number)


@rule("A search gives at most as many numbers as were asked for, five by default.", "searchPhoneNumbers")
def search_limit(_: World, exchange: Exchange) -> Iterator[Violation]:
    limit, count = _search(exchange).get("limit", DEFAULT_SEARCH_LIMIT), len(searched(exchange.value))
    if count > limit > 0:
        yield broken("", f"at most {limit} numbers", str(count))


@rule(
    "A search finds what an earlier one offered and nobody bought.",
    "searchPhoneNumbers",
    assumed="The reference says that a search gives numbers for sale; that it goes on to do so is read into it.",
)
def search_finds(world: World, exchange: Exchange) -> Iterator[Violation]:
    body, prefix = _search(exchange), str(_search(exchange).get("prefix", "none"))
    country, limit = str(body.get("country", "US")), body.get("limit", DEFAULT_SEARCH_LIMIT)
    written = f"+{CALLING_CODES.get(country, 'none')}{prefix}"
    offers = [one for one in world.offered if one.startswith(written) and world.countries[one] == country]
    if offers and not world.shared and limit > 0 and exchange.succeeded and searched(exchange.value) == []:
        yield broken("", f"numbers such as {offers[0]}", "none")


@rule("A search gives no number twice.", "searchPhoneNumbers")
def search_unique(_: World, exchange: Exchange) -> Iterator[Violation]:
    yield from _twice(searched(exchange.value), "/{}/number")


@rule("A search gives no number that is in the account already.", "searchPhoneNumbers")
def search_unsold(world: World, exchange: Exchange) -> Iterator[Violation]:
    for index, number in enumerate(searched(exchange.value) if exchange.succeeded else ()):
        if world.owner(number):
            yield broken(f"/{index}/number", "a number for sale", f"{number}, which is in the account")


# Listing


@rule("A page holds at most as many phone numbers as were asked for, 100 by default.", "listPhoneNumbers")
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
            yield from _as_known(world, item, f"/data/{index}")


@rule("The list shows no phone number that was released.", "listPhoneNumbers")
def list_without_released(world: World, exchange: Exchange) -> Iterator[Violation]:
    for index, key in enumerate(_page_ids(exchange)):
        if key in world.released and key not in world.numbers:
            yield broken(f"/data/{index}/id", "no released phone number", key)


@rule("The list shows no phone number that nobody asked for: what was refused was not done.", "listPhoneNumbers")
def list_without_strangers(world: World, exchange: Exchange) -> Iterator[Violation]:
    for index, key in enumerate(_page_ids(exchange) if world.known and not world.shared else ()):
        if key not in world.numbers and key not in world.released:
            yield broken(f"/data/{index}/id", "only what was in the account or was added by an answered request", key)


@rule("The list shows every phone number of the account.", "listPhoneNumbers")
def list_is_complete(world: World, exchange: Exchange) -> Iterator[Violation]:
    value, first = exchange.value, not _continues(world, exchange)
    if not exchange.succeeded or not isinstance(value, dict) or value.get("cursor", "") is not None:
        return
    if exchange.request and "cursor" in exchange.request.query and first:
        return
    paging = None if first else world.paging
    alive = (frozenset(world.numbers) if paging is None else paging.alive) & frozenset(world.numbers)
    if paging is None or paging.whole:
        must = [key for key in alive if key in world.created or not world.shared]
        for key in sorted(set(must) - {*_page_ids(exchange), *(paging.seen if paging else ())}):
            yield broken("/data", f"the phone number {key}", "a list without it")


# How the rules look at an exchange


def broken(pointer: str, expected: str, got: str, keyword: str = "") -> Violation:
    return Violation(pointer, keyword, "", expected, got)


def differs(pointer: str, expected: Any, got: Any, why: str = "") -> Iterator[Violation]:
    if expected != got:
        yield broken(pointer, " ".join([json.dumps(expected), why]).strip(), json.dumps(got))


def path_id(exchange: Exchange) -> str:
    return str(exchange.request.path.get("id", "")) if exchange.request else ""


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


def _as_known(world: World, value: Any, pointer: str, without: tuple[str, ...] = ()) -> Iterator[Violation]:
    """Where a phone number is not as earlier answers showed it."""
    if not is_phone_number(value) or (known := world.numbers.get(value["id"])) is None:
        return
    if world.shared and value["id"] not in world.created:
        return
    for name in known:
        if name in value and name not in without:
            yield from differs(f"{pointer}/{name}", known[name], value[name], "as before")


def _twice(values: list[str], pointer: str, start: int = 0) -> Iterator[Violation]:
    for index in range(start, len(values)):
        if values[index] in values[:index]:
            yield broken(pointer.format(index - start), "nothing twice", values[index])


def _same_digits(asked: str, got: str) -> bool:
    """Whether a number that is not in E.164 format was answered in it."""
    return not asked.startswith("+") and re.sub(r"\D", "", got).endswith(re.sub(r"\D", "", asked) or "none")


def _taken(world: World, texts: list[Any]) -> bool:
    return any(text in world.withdrawn or world.owner(text) for text in texts)


def _must_succeed(world: World, exchange: Exchange) -> str | None:
    """Why a valid request has to succeed, None if a server may refuse it."""
    assert exchange.operation
    assert exchange.request
    body, name = exchange.request.body, exchange.operation.id
    number = asked_number(exchange)
    if number is not None:
        offered = number in world.offered and world.owner(number) is None and number != world.contested
        return "a search returned the number and nobody bought it" if offered else None
    if name in ONE and path_id(exchange) in world.numbers:
        free = isinstance(body, dict) and body.get("agentId", "") not in ("", world.agent_id)
        return None if free or set(body or ()) - {"agentId"} else "the account has this phone number"
    if name == "createPhoneNumber" and isinstance(body, dict) and not world.shared:
        texts = [value for part in body.values() if isinstance(part, dict) for value in part.values()]
        kinds = {"purchase", "sipImport", "vogentSip"}
        own = [name for name, value in body.items() if name in kinds and value is not None]
        plain = (
            len(own) == 1
            and set(body) <= kinds | {"type"}
            and all(re.fullmatch(r"[\w.+-]{1,64}", str(text), re.ASCII) for text in texts)
        )
        return "a server takes the SIP user or trunk that it is given" if plain and not _taken(world, texts) else None
    if name == "searchPhoneNumbers" and isinstance(body, dict) and set(body) <= {"prefix", "country", "limit"}:
        area = re.fullmatch(r"[2-9]\d\d", str(body["prefix"])) and body.get("country", "US") == "US"
        return "the search is a documented one" if area and body.get("limit", 1) > 0 else None
    if name == "listPhoneNumbers":
        known = exchange.request.query.get("cursor") in (None, world.paging and world.paging.cursor)
        unknown_parameter = set(re.findall(r"[?&]([^=&]+)", exchange.target)) - {"limit", "cursor"}
        positive = exchange.request.query.get("limit", 1) > 0
        return "the list is a documented one" if known and positive and not unknown_parameter else None
    return "it is derived from the contract" if name not in KNOWN and world.derived else None
