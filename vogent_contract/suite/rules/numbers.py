"""Rules for buying, reading, linking, releasing: what is not done, what an answer says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from vogent_contract.suite.account import (
    BUYING,
    ONE,
    Account,
    asked_number,
    could_be_for_sale,
    is_phone_number,
)
from vogent_contract.suite.exchange import Exchange
from vogent_contract.suite.rules.table import (
    Breach,
    as_known,
    as_told,
    broken,
    differs,
    released_by,
    rule,
)

# What must not be done


@rule("A number is sold once.", *BUYING)
def sold_once(account: Account, exchange: Exchange) -> Iterator[Breach]:
    number = asked_number(exchange)
    if exchange.succeeded and number is not None and account.owner(number):
        expected = "400 or 422, the number is in the account already"
        yield broken("/body", expected, f"{exchange.status} for {number}", about=number)


@rule(
    "Only what a search returned can be bought.",
    *BUYING,
    assumed="The reference says to give the number as the search returned it, so no other.",
)
def sells_only_offers(account: Account, exchange: Exchange) -> Iterator[Breach]:
    number = asked_number(exchange)
    if not exchange.succeeded or number is None:
        return
    seen = number in account.offered or number in account.withdrawn or account.owner(number)
    if not seen and not could_be_for_sale(number):
        expected = "400 or 422, no search returned the number"
        yield broken("/body", expected, f"{exchange.status} for {number!r}")


@rule("A released phone number is gone.", *ONE)
def released_is_gone(account: Account, exchange: Exchange) -> Iterator[Breach]:
    if exchange.succeeded and exchange.path_id in account.released:
        expected = f"400 or 422, {released_by(account, exchange.path_id)} the phone number"
        yield broken("/path/id", expected, str(exchange.status), about=exchange.path_id)


@rule(
    "An id that the account does not have is refused.",
    *ONE,
    assumed="The reference says that the id is a phone number's, so no other is one.",
)
def refuses_unknown_id(account: Account, exchange: Exchange) -> Iterator[Breach]:
    key = exchange.path_id
    if not exchange.succeeded or not account.known:
        return
    plain = re.fullmatch(r"[\w~-][\w.~-]*", key, re.ASCII)  # other paths may be other routes
    if plain and key not in account.numbers and key not in account.released:
        expected = "400 or 422, the account has no such id"
        yield broken("/path/id", expected, str(exchange.status), about=key)


# What an answer says


@rule("The number bought is the number asked for.", *BUYING)
def number_asked_for(_: Account, exchange: Exchange) -> Iterator[Breach]:
    asked, value = asked_number(exchange), exchange.value
    if not exchange.succeeded or asked is None or not is_phone_number(value):
        return
    if value["number"] != asked and not _same_digits(asked, value["number"]):
        yield from differs("/number", asked, value["number"])


@rule(
    "A SIP user's number is its prefix, an imported number the one that was given.",
    "createPhoneNumber",
    assumed="A guide says it of the SIP user; of the import it is read into the names.",
)
def created_as_asked(_: Account, exchange: Exchange) -> Iterator[Breach]:
    body = exchange.body
    if not exchange.succeeded or not isinstance(body, dict) or not is_phone_number(exchange.value):
        return
    for kind, part, name in (
        ("vogent_sip", "vogentSip", "sipPrefix"),
        ("sip_import", "sipImport", "phoneNumber"),
    ):
        given = body.get(part) if body.get("type") == kind else None
        asked = given.get(name) if isinstance(given, dict) else None
        if isinstance(asked, str):
            yield from differs("/number", asked, exchange.value["number"])


@rule(
    "A new phone number is linked to no agent.",
    *BUYING,
    assumed="The reference says that agentId is the linked agent's; nobody has linked one yet.",
)
def starts_unlinked(_: Account, exchange: Exchange) -> Iterator[Breach]:
    if exchange.succeeded and is_phone_number(exchange.value):
        yield from differs("/agentId", None, exchange.value["agentId"])


@rule("A SIP user has the type SIP_USERNAME.", "createPhoneNumber")
def sip_user_type(_: Account, exchange: Exchange) -> Iterator[Breach]:
    body = exchange.body
    asked = isinstance(body, dict) and body.get("type") == "vogent_sip"
    if exchange.succeeded and asked and is_phone_number(exchange.value):
        yield from differs("/type", "SIP_USERNAME", exchange.value["type"])


@rule("No two phone numbers have the same id.", *BUYING)
def ids_are_unique(account: Account, exchange: Exchange) -> Iterator[Breach]:
    value = exchange.value
    if not exchange.succeeded or not is_phone_number(value):
        return
    key = value["id"]
    released = account.released.get(key)
    back = released is not None and released.get("number") == value["number"]
    if key in account.numbers or (released is not None and not back):
        known = account.numbers.get(key) or released or {}
        got = f"{key}, the id of {known.get('number')}"
        yield broken("/id", "an id that no other phone number has", got, about=key)


@rule("The old and the new way to buy give equal objects.", *BUYING)
def old_and_new_are_equal(account: Account, exchange: Exchange) -> Iterator[Breach]:
    asked, value = asked_number(exchange), exchange.value
    if not exchange.succeeded or asked is None or not is_phone_number(value):
        return
    for operation, bought in account.first_bought.items():
        other = bought.value
        alike = could_be_for_sale(asked) and could_be_for_sale(other["number"])
        if operation != exchange.operation_id and alike:
            for name in ("type", "agentId"):
                yield from differs(f"/{name}", other[name], value[name], f"as {operation} gave it")


@rule("The answer is about the phone number that was asked for.", *ONE)
def same_id(_: Account, exchange: Exchange) -> Iterator[Breach]:
    value = exchange.value
    if exchange.succeeded and isinstance(value, dict) and isinstance(value.get("id"), str):
        yield from differs("/id", exchange.path_id, value["id"])


@rule("What was bought, linked or listed reads the same afterwards.", "getPhoneNumber")
def reads_the_same(account: Account, exchange: Exchange) -> Iterator[Breach]:
    if exchange.succeeded:
        yield from as_known(account, exchange.value, "")


@rule("Linking is seen in the answer, and the empty string unlinks.", "updatePhoneNumber")
def links(account: Account, exchange: Exchange) -> Iterator[Breach]:
    body, value = exchange.body, exchange.value
    if not exchange.succeeded or not isinstance(body, dict) or not is_phone_number(value):
        return
    known = account.numbers.get(exchange.path_id, {})
    if isinstance(body.get("agentId"), str):
        yield from differs("/agentId", body["agentId"] or None, value["agentId"])
    elif "agentId" in known and "agentId" not in body:
        why = f"{as_told(account, exchange.path_id)}, for no agentId was sent"
        for breach in differs("/agentId", known["agentId"], value["agentId"], why):
            yield replace(breach, about=exchange.path_id, name="agentId")


@rule("Linking changes nothing else of the phone number.", "updatePhoneNumber")
def links_only(account: Account, exchange: Exchange) -> Iterator[Breach]:
    if exchange.succeeded:
        yield from as_known(account, exchange.value, "", without=("agentId",))


@rule("Releasing gives the phone number that was released.", "deletePhoneNumber")
def releases_as_known(account: Account, exchange: Exchange) -> Iterator[Breach]:
    value = exchange.value
    if exchange.succeeded and is_phone_number(value):
        unlinked = value["agentId"] is None  # whether a release unlinks first is not documented
        yield from as_known(account, value, "", without=("agentId",) if unlinked else ())


def _same_digits(asked: str, got: str) -> bool:
    """Whether a number that was not asked for in E.164 format was answered in it."""
    digits = re.sub(r"\D", "", asked)
    return bool(digits) and not asked.startswith("+") and re.sub(r"\D", "", got).endswith(digits)
