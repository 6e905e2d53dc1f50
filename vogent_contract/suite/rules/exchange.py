"""Rules for every exchange, whatever the operation: answered, documented, refused where it must be."""

from __future__ import annotations

import json
from collections.abc import Iterator

from vogent_contract.openapi import Violation
from vogent_contract.suite.rules.table import broken, rule
from vogent_contract.suite.wire import Exchange
from vogent_contract.suite.world import World


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
        yield from exchange.operation.read_response(
            exchange.status, exchange.headers.get("content-type"), exchange.body
        ).violations


@rule("A request that breaks the contract is refused.")
def refuses_invalid(_: World, exchange: Exchange) -> Iterator[Violation]:
    found = exchange.request.violations if exchange.request else ()
    wrong = [one for one in found if not one.assumed and not _written_otherwise(one)]
    if exchange.succeeded and wrong:
        yield Violation(
            wrong[0].pointer,
            wrong[0].keyword,
            wrong[0].schema,
            f"400 or 422, as {wrong[0]}",
            str(exchange.status),
        )


@rule(
    "A request without the right key gets 401.",
    assumed="The reference requires the key and names no status; RFC 6750 says 401.",
)
def refuses_wrong_key(_: World, exchange: Exchange) -> Iterator[Violation]:
    needed = (
        exchange.operation is not None
        and exchange.operation.secured
        and exchange.credential == "bad"
    )
    if needed and exchange.status is not None and exchange.status != 401 and exchange.status < 500:
        shown = exchange.request_headers.get("authorization")
        got = f"{exchange.status} for {'no Authorization header' if shown is None else f'Authorization: {shown}'}"
        yield broken("/header/Authorization", "401", got, "security")


@rule(
    "A refusal for a wrong key shows nothing of the account.",
    assumed="No body is documented for it; that it holds nothing of the account is what the key is for.",
)
def shows_nothing_without_key(world: World, exchange: Exchange) -> Iterator[Violation]:
    text = (
        exchange.body.decode("utf-8", "replace")
        if exchange.credential == "bad" and exchange.refused
        else ""
    )
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


def _written_otherwise(one: Violation) -> bool:
    """Whether a query's whole number is only written in an unusual way, such as `5.0` or `+5`: servers may read it."""
    try:
        return (
            one.pointer.startswith("/query/")
            and one.keyword == "type"
            and float(json.loads(one.got)).is_integer()
        )
    except (ValueError, TypeError):
        return False
