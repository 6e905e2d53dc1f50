"""The rule for what must be done: for each operation, when a server has no reason to refuse."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from vogent_contract.suite.account import ONE, Account, asked_number
from vogent_contract.suite.exchange import Exchange, Expectation
from vogent_contract.suite.rules.table import Breach, broken, rule

PLAIN = re.compile(r"[\w.+-]{1,64}", re.ASCII)  # text that no server has a reason to refuse
AREA_CODE = re.compile(r"[2-9]\d\d")
DEFAULT_LIST_LIMIT = 100  # a longer page may be too much

Reason = str | None


@rule("What the contract documents and the account allows is done.")
def accepts_valid(account: Account, exchange: Exchange) -> Iterator[Breach]:
    refused = exchange.refused and exchange.status != 401
    if not refused or exchange.operation is None or exchange.request is None:
        return
    if exchange.expects is not Expectation.ALLOWED or exchange.request.violations:
        return
    why_not_refuse = MUST_BE_DONE.get(exchange.operation_id, _derived)
    reason = why_not_refuse(account, exchange)
    if reason is not None:
        about = exchange.path_id or asked_number(exchange)
        pointer = "/query/cursor" if account.continues(exchange) else ""
        yield broken(pointer, f"200, for {reason}", str(exchange.status), "status", about)


def _derived(_: Account, __: Exchange) -> Reason:
    return "it is derived from the contract"


def _buying(account: Account, exchange: Exchange) -> Reason:
    number = asked_number(exchange)
    if number is None or number not in account.offered or account.owner(number) is not None:
        return None
    known = {"type", "purchase", "number"}
    if set(exchange.body) <= known:
        return "a search returned the number and nobody bought it"
    return None


def _creating(account: Account, exchange: Exchange) -> Reason:
    body: Any = exchange.body
    if body["type"] == "purchase":
        return _buying(account, exchange)
    others = {name: part for name, part in body.items() if name != "type" and part is not None}
    parts = [part for part in others.values() if isinstance(part, dict)]
    if account.shared or len(others) != 1 or len(parts) != 1:
        return None
    texts = [str(text) for text in parts[0].values()]
    gone = account.withdrawn | account.names
    taken = any(text in gone or account.owner(text) for text in texts)
    if taken or not all(PLAIN.fullmatch(text) for text in texts):
        return None
    return "a server takes the SIP user or trunk that it is given"


def _searching(_: Account, exchange: Exchange) -> Reason:
    body: Any = exchange.body
    documented = set(body) <= {"prefix", "country", "limit"}
    in_the_us = AREA_CODE.fullmatch(body["prefix"]) and body.get("country", "US") == "US"
    if documented and in_the_us and body.get("limit", 1) > 0:
        return "the search is a documented one"
    return None


def _listing(account: Account, exchange: Exchange) -> Reason:
    query = exchange.request.query if exchange.request else {}
    names = set(re.findall(r"[?&]([^=&]+)", exchange.outgoing.target))
    usual_limit = 0 < query.get("limit", 1) <= DEFAULT_LIST_LIMIT
    if not usual_limit or not names <= {"limit", "cursor"}:
        return None
    if account.continues(exchange):
        return "the page before gave this cursor"
    return "the list is a documented one" if "cursor" not in query else None


def _one(account: Account, exchange: Exchange) -> Reason:
    if exchange.path_id not in account.numbers:
        return None
    body = exchange.body or {}
    own_agent = body.get("agentId", "") in ("", account.agent_id)
    return "the account has this phone number" if own_agent and set(body) <= {"agentId"} else None


MUST_BE_DONE: Mapping[str, Callable[[Account, Exchange], Reason]] = {
    "purchasePhoneNumber": _buying,
    "createPhoneNumber": _creating,
    "searchPhoneNumbers": _searching,
    "listPhoneNumbers": _listing,
    **dict.fromkeys(ONE, _one),
}
