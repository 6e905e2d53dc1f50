"""Rules for every exchange: answered, documented, refused where it must be."""

from __future__ import annotations

import json
from collections.abc import Iterator

from vogent_contract.openapi import Violation
from vogent_contract.suite.account import Account
from vogent_contract.suite.exchange import Exchange
from vogent_contract.suite.rules.table import Breach, broken, rule


@rule("Every request gets a whole answer in time.")
def answers(_: Account, exchange: Exchange) -> Iterator[Breach]:
    if exchange.answer.error:
        yield broken("", "an answer", exchange.answer.error)


@rule("No request makes the server fail.")
def no_server_error(_: Account, exchange: Exchange) -> Iterator[Breach]:
    status = exchange.status or 0
    unknown_method = status == 501 and exchange.operation is None
    if status >= 500 and not unknown_method:
        yield broken("", "no 5xx, whatever was sent", str(status), "status")


@rule(
    "A request without the right key gets 401.",
    assumed="The reference requires the key and names no status; RFC 6750 says 401.",
)
def refuses_wrong_key(_: Account, exchange: Exchange) -> Iterator[Breach]:
    if exchange.operation is None or not exchange.operation.secured or exchange.status is None:
        return
    of_the_key = exchange.status < 500 and exchange.status not in (401, 429)
    if exchange.credential == "bad" and of_the_key:
        got = f"{exchange.status} for: {exchange.outgoing.call.credential.name}"
        yield broken("/header/Authorization", "401", got, "security")


@rule(
    "A refusal for a wrong key shows nothing of the account.",
    assumed="No body is documented for it; to hold nothing of the account is what a key is for.",
)
def shows_nothing_without_key(account: Account, exchange: Exchange) -> Iterator[Breach]:
    if exchange.credential != "bad" or not exchange.refused:
        return
    text = exchange.answer.body.decode("utf-8", "replace")
    for key in account.numbers:
        if len(key) > 6 and key in text and key not in exchange.outgoing.target:
            yield broken("", "nothing of the account", f"the id {key}")


@rule("A request with the right key does not get 401.")
def accepts_right_key(_: Account, exchange: Exchange) -> Iterator[Breach]:
    if exchange.credential == "good" and exchange.status == 401 and exchange.operation:
        yield broken("/header/Authorization", "any other answer", "401", "security")


@rule(
    "A method that a path does not have is refused, by 405 with those that it has in Allow.",
    assumed="The reference lists each path's methods; RFC 9110 section 15.5.6 says what 405 has.",
)
def refuses_other_methods(_: Account, exchange: Exchange) -> Iterator[Breach]:
    if exchange.operation is not None or exchange.status is None:
        return
    if exchange.status < 400:
        yield broken("", "405, or another 4xx", str(exchange.status), "method")
    elif exchange.status == 405 and "allow" not in exchange.answer.headers:
        yield broken("/header/Allow", "the methods of the path", "405 without Allow", "method")


@rule("Status, content type and body are those that the contract documents.")
def documented_response(_: Account, exchange: Exchange) -> Iterator[Breach]:
    if exchange.status is None or exchange.status >= 500:
        return
    missing = _nothing_of_a_success(exchange)
    if missing:
        expected = f"400 or 422, or a body with {missing}"
        yield broken("", expected, f"{exchange.status} and a body with none of them", "status")
    else:
        yield from map(Breach, exchange.reading.violations)


def _nothing_of_a_success(exchange: Exchange) -> str:
    """The properties of a success, if the body of one has none of them: only its status says so."""
    success = exchange.operation.success.schema if exchange.operation else None
    if not exchange.succeeded or success is None or not isinstance(exchange.value, dict):
        return ""
    names = success.properties()
    if len(names) < 2 or names.keys() & exchange.value.keys():
        return ""
    return ", ".join(names)


@rule("A request that breaks the contract is refused.")
def refuses_invalid(_: Account, exchange: Exchange) -> Iterator[Breach]:
    wrong = [one for one in exchange.outgoing.violations if not _written_otherwise(one)]
    if exchange.succeeded and wrong:
        first, expected = wrong[0], f"400 or 422, for {wrong[0]}"
        got = str(exchange.status)
        yield Breach(Violation(first.pointer, first.keyword, first.schema, expected, got))


def _written_otherwise(one: Violation) -> bool:
    """Whether a query's whole number is only written in an unusual way: `5.0`, `+5`, or nothing."""
    if not one.pointer.startswith("/query/") or one.keyword != "type":
        return False
    if one.got == '""':
        return True
    try:
        return float(json.loads(one.got)).is_integer()
    except (ValueError, TypeError):
        return False
