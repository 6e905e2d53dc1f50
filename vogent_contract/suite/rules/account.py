"""Rules for buying, reading, linking and releasing: what must be done, what must not, and what an answer says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from vogent_contract.openapi import Violation
from vogent_contract.suite.rules.table import BOUGHT, ONE, as_known, broken, differs, path_id, rule
from vogent_contract.suite.wire import Exchange
from vogent_contract.suite.world import World, asked_number, could_be_for_sale, is_phone_number

KNOWN = (*BOUGHT, *ONE, "searchPhoneNumbers", "listPhoneNumbers")


@rule("What the contract documents and the account allows is done.")
def accepts_valid(world: World, exchange: Exchange) -> Iterator[Violation]:
    if (
        exchange.credential != "good"
        or not exchange.refused
        or exchange.status == 401
        or not exchange.operation
    ):
        return
    if (
        exchange.request
        and not exchange.request.violations
        and (why := _must_succeed(world, exchange))
    ):
        yield broken("", f"200: {why}", str(exchange.status), "status")


@rule("A number is sold once.", *BOUGHT)
def sold_once(world: World, exchange: Exchange) -> Iterator[Violation]:
    number = asked_number(exchange)
    if exchange.succeeded and number is not None and world.owner(number):
        yield broken(
            "/body",
            "400 or 422, the number is in the account already",
            f"{exchange.status} for {number}",
        )


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
        yield broken(
            "/body",
            "400 or 422, no search returned the number",
            f"{exchange.status} for {number!r}",
        )


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
    plain = re.fullmatch(
        r"[\w~-][\w.~-]*", key, re.ASCII
    )  # servers may read other paths as other routes
    if (
        exchange.succeeded
        and plain
        and world.known
        and key not in world.numbers
        and key not in world.released
    ):
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
    for kind, part, name in (
        ("vogent_sip", "vogentSip", "sipPrefix"),
        ("sip_import", "sipImport", "phoneNumber"),
    ):
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
            if (
                operation != exchange.operation.id
                and could_be_for_sale(number)
                and could_be_for_sale(other["number"])
            ):
                for name in ("type", "agentId"):
                    yield from differs(
                        f"/{name}", other[name], value[name], f"as {operation} gave it"
                    )


@rule("The answer is about the phone number that was asked for.", *ONE)
def same_id(_: World, exchange: Exchange) -> Iterator[Violation]:
    value = exchange.value
    if exchange.succeeded and isinstance(value, dict) and isinstance(value.get("id"), str):
        yield from differs("/id", path_id(exchange), value["id"])


@rule("What was bought, linked or listed reads the same afterwards.", "getPhoneNumber")
def reads_the_same(world: World, exchange: Exchange) -> Iterator[Violation]:
    if exchange.succeeded:
        yield from as_known(world, exchange.value, "")


@rule(
    "Linking is seen in the answer, and the empty string unlinks: agentId is null then.",
    "updatePhoneNumber",
)
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
        yield from as_known(world, exchange.value, "", without=("agentId",))


@rule("Releasing gives the phone number that was released.", "deletePhoneNumber")
def releases_as_known(world: World, exchange: Exchange) -> Iterator[Violation]:
    value = exchange.value
    if exchange.succeeded and is_phone_number(value):
        unlinked = value["agentId"] is None  # whether a release unlinks first is not documented
        yield from as_known(world, value, "", without=("agentId",) if unlinked else ())


def _same_digits(asked: str, got: str) -> bool:
    """Whether a number that is not in E.164 format was answered in it."""
    return not asked.startswith("+") and re.sub(r"\D", "", got).endswith(
        re.sub(r"\D", "", asked) or "none"
    )


def _taken(world: World, texts: list[Any]) -> bool:
    return any(text in world.withdrawn or world.owner(text) for text in texts)


def _must_succeed(world: World, exchange: Exchange) -> str | None:
    """Why a valid request has to succeed, None if a server may refuse it."""
    assert exchange.operation
    assert exchange.request
    body, name = exchange.request.body, exchange.operation.id
    number = asked_number(exchange)
    if number is not None:
        plain = set(body) <= {"type", "purchase", "number"} and set(body.get("purchase") or ()) <= {
            "number"
        }
        offered = (
            plain
            and number in world.offered
            and world.owner(number) is None
            and number != world.contested
        )
        return "a search returned the number and nobody bought it" if offered else None
    if name in ONE and path_id(exchange) in world.numbers:
        free = isinstance(body, dict) and body.get("agentId", "") not in ("", world.agent_id)
        return (
            None if free or set(body or ()) - {"agentId"} else "the account has this phone number"
        )
    if name == "createPhoneNumber" and isinstance(body, dict) and not world.shared:
        texts = [
            value for part in body.values() if isinstance(part, dict) for value in part.values()
        ]
        kinds = {"purchase", "sipImport", "vogentSip"}
        own = [name for name, value in body.items() if name in kinds and value is not None]
        plain = (
            len(own) == 1
            and set(body) <= kinds | {"type"}
            and all(re.fullmatch(r"[\w.+-]{1,64}", str(text), re.ASCII) for text in texts)
        )
        return (
            "a server takes the SIP user or trunk that it is given"
            if plain and not _taken(world, texts)
            else None
        )
    if (
        name == "searchPhoneNumbers"
        and isinstance(body, dict)
        and set(body) <= {"prefix", "country", "limit"}
    ):
        area = re.fullmatch(r"[2-9]\d\d", str(body["prefix"])) and body.get("country", "US") == "US"
        return "the search is a documented one" if area and body.get("limit", 1) > 0 else None
    if name == "listPhoneNumbers":
        known = exchange.request.query.get("cursor") in (None, world.paging and world.paging.cursor)
        unknown_parameter = set(re.findall(r"[?&]([^=&]+)", exchange.target)) - {"limit", "cursor"}
        positive = (
            0 < exchange.request.query.get("limit", 1) <= 100
        )  # the default: what is above may be too much
        return (
            "the list is a documented one" if known and positive and not unknown_parameter else None
        )
    return "it is derived from the contract" if name not in KNOWN and world.derived else None
