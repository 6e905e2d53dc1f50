"""What the run has seen of the contract, and what it must have seen before green means proven.

Nothing is listed by hand: operations, enum values and nullable positions are read off the contract.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from vogent_contract.openapi import ANY, MISSING, Contract, Position
from vogent_contract.suite.account import BUYING
from vogent_contract.suite.exchange import Exchange

SEARCH = "searchPhoneNumbers"  # without it there is nothing to buy
TOLD_ONLY = ("empty", "not empty", "present", "absent")  # counted, and green without


@dataclass(frozen=True)
class Need:
    """Something that a run must have seen.

    Attributes:
        place: An operationId, or a schema position such as `PhoneNumber/agentId`.
        what: `succeeds`, `refuses`, `null`, `not null`, or an enum value as JSON.
        why: What stays unproven without it.
    """

    place: str
    what: str
    why: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}"


class Evidence:
    """Counts, for each operation its statuses and for each schema position the kinds of values."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self.statuses: dict[str, Counter[str]] = {key: Counter() for key in contract.operations}
        self.refused: Counter[str] = Counter()
        self.values: dict[str, Counter[str]] = {}
        self._shown_by: dict[str, set[str]] = {}
        for operation in contract.operations.values():
            for response in operation.responses.values():
                if response.success and response.schema:
                    for position in response.schema.positions():
                        self._count(position, 0)
                        self._shown_by.setdefault(position.place, set()).add(operation.id)

    def record(self, exchange: Exchange) -> None:
        """Take in one exchange; values count only from answers that keep the contract."""
        operation, status = exchange.operation, exchange.status
        if operation is None:
            return
        self.statuses[operation.id][str(status or "no answer")] += 1
        response = operation.response(status or 0)
        if response is None:
            return
        if exchange.refused and status != 401:
            self.refused[operation.id] += 1
        if exchange.succeeded and response.schema and not exchange.reading.violations:
            for position in response.schema.positions(exchange.value):
                self._count(position, 1)

    def needs(self) -> Iterator[Need]:
        """All that a run must have seen, in the order of the contract."""
        for operation in self._contract.operations.values():
            yield Need(operation.id, "succeeds", "nothing of its success was checked")
            if operation.takes_input:
                yield Need(operation.id, "refuses", "nothing shows that it refuses anything")
        for place, kinds in self.values.items():
            for what in kinds:
                if what not in TOLD_ONLY:
                    yield Need(place, what, "a client meets this value unproven")

    def seen(self, need: Need) -> int:
        """How often a need was seen."""
        if need.what == "refuses":
            return self.refused[need.place]
        if need.what != "succeeds":
            return self.values[need.place][need.what]
        statuses = self.statuses[need.place]
        return sum(count for status, count in statuses.items() if status.startswith("2"))

    def comes_from(self, place: str) -> set[str]:
        """The operations without which nothing is seen of a place."""
        first = {SEARCH} if place in BUYING else set()
        return first | self._shown_by.get(place, {place})

    def missing(self) -> list[Need]:
        """What was not seen."""
        return [need for need in self.needs() if not self.seen(need)]

    def as_json(self) -> dict[str, Any]:
        """The counts."""
        return {
            "operations": {key: dict(counts) for key, counts in self.statuses.items()},
            "values": {place: dict(counts) for place, counts in self.values.items()},
        }

    def _count(self, position: Position, times: int) -> None:
        kinds = self.values.setdefault(position.place, Counter())
        for kind in _kinds(position):
            kinds[kind] += times
        if not kinds:
            del self.values[position.place]


def _kinds(position: Position) -> Iterator[str]:
    """The kinds of values at a position: all that there can be, or that of its value."""
    schema, value = position.schema, position.value
    if not position.required:
        yield from _chosen(value, {"present": value is not MISSING, "absent": value is MISSING})
    if value is MISSING:
        return
    for allowed in schema.node.get("enum", ()):
        if allowed is not None and value in (ANY, allowed):
            yield json.dumps(allowed)
    if schema.nullable:
        yield from _chosen(value, {"null": value is None, "not null": value is not None})
    if "array" in schema.types and (value is ANY or isinstance(value, list)):
        yield from _chosen(value, {"empty": value == [], "not empty": value != []})


def _chosen(value: Any, kinds: dict[str, bool]) -> Iterator[str]:
    """The kinds that hold of a value, all of them for any."""
    for kind, holds in kinds.items():
        if holds or value is ANY:
            yield kind
