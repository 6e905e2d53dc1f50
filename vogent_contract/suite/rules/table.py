"""The table of rules, and how rules look at an exchange."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from vogent_contract.openapi import Violation
from vogent_contract.suite.wire import Exchange
from vogent_contract.suite.world import World, is_phone_number

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
        return (
            list(self.check(world, exchange))
            if not self.operations or operation in self.operations
            else []
        )


RULES: dict[str, Rule] = {}

BOUGHT = ("purchasePhoneNumber", "createPhoneNumber")
ONE = ("getPhoneNumber", "updatePhoneNumber", "deletePhoneNumber")


def rule(promise: str, *operations: str, assumed: str | None = None) -> Callable[[Check], Check]:
    """Put a check into `RULES` under its own name with hyphens."""

    def enter(check: Check) -> Check:
        name = check.__name__.replace("_", "-")
        RULES[name] = Rule(name, promise, assumed, operations, check)
        return check

    return enter


def broken(pointer: str, expected: str, got: str, keyword: str = "") -> Violation:
    return Violation(pointer, keyword, "", expected, got)


def differs(pointer: str, expected: Any, got: Any, why: str = "") -> Iterator[Violation]:
    if expected != got:
        yield broken(pointer, " ".join([json.dumps(expected), why]).strip(), json.dumps(got))


def path_id(exchange: Exchange) -> str:
    return str(exchange.request.path.get("id", "")) if exchange.request else ""


def as_known(
    world: World, value: Any, pointer: str, without: tuple[str, ...] = ()
) -> Iterator[Violation]:
    """Where a phone number is not as earlier answers showed it."""
    if not is_phone_number(value) or (known := world.numbers.get(value["id"])) is None:
        return
    if world.shared and value["id"] not in world.created:
        return
    for name in known:
        if name in value and name not in without:
            yield from differs(f"{pointer}/{name}", known[name], value[name], "as before")
