"""The table of rules, and how rules look at an exchange."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from vogent_contract.openapi import Violation
from vogent_contract.suite.account import Account, is_phone_number
from vogent_contract.suite.exchange import Exchange


@dataclass(frozen=True)
class Breach:
    """What an exchange breaks of a rule.

    Attributes:
        violation: Where, what was expected, what came.
        about: Id or number of the phone number that earlier answers showed otherwise; empty if the
            answer is wrong by itself.
        name: The property that differs; empty if it is whether there is such a phone number.
    """

    violation: Violation
    about: str = ""
    name: str = ""


Check = Callable[[Account, Exchange], Iterator[Breach]]


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

    def broken_by(self, account: Account, exchange: Exchange) -> list[Breach]:
        """What the exchange breaks of this rule."""
        if self.operations and exchange.operation_id not in self.operations:
            return []
        return list(self.check(account, exchange))


RULES: dict[str, Rule] = {}


def rule(promise: str, *operations: str, assumed: str | None = None) -> Callable[[Check], Check]:
    """Put a check into `RULES` under its own name with hyphens."""

    def enter(check: Check) -> Check:
        name = check.__name__.replace("_", "-")
        RULES[name] = Rule(name, promise, assumed, operations, check)
        return check

    return enter


def broken(
    pointer: str, expected: str, got: str, keyword: str = "", about: str | None = None
) -> Breach:
    """A broken promise of a rule's own, beside what the contract's schemas say."""
    return Breach(Violation(pointer, keyword, "", expected, got), about or "")


def differs(pointer: str, expected: Any, got: Any, why: str = "") -> Iterator[Breach]:
    """A breach if two JSON values are not equal."""
    if expected != got:
        told = f"{json.dumps(expected)} {why}".strip()
        yield broken(pointer, told, json.dumps(got))


def as_told(account: Account, key: str) -> str:
    """From which request a phone number is known as it is, for people."""
    told = account.told.get(key)
    return f"as request {told.number} showed it" if told else "as before"


def released_by(account: Account, key: str) -> str:
    """By which request a phone number is gone, for people."""
    told = account.told.get(key)
    return f"request {told.number} released" if told else "was released"


def as_known(
    account: Account, value: Any, pointer: str, without: tuple[str, ...] = ()
) -> Iterator[Breach]:
    """Where a phone number is not as earlier answers showed it."""
    if not is_phone_number(value) or value["id"] not in account.numbers:
        return
    if account.shared and value["id"] not in account.origin:
        return  # somebody else may have changed it
    for name, known in account.numbers[value["id"]].items():
        if name in value and name not in without:
            why = as_told(account, value["id"])
            for breach in differs(f"{pointer}/{name}", known, value[name], why):
                yield replace(breach, about=value["id"], name=name)
