"""What the run has seen of the contract, and what it must have seen before green means proven.

Nothing is listed by hand: operations, enum values and nullable positions are read off the contract.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from vogent_contract.openapi import Contract, Schema
from vogent_contract.suite.wire import Exchange


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


class Evidence:
    """Counts, for each operation its statuses and for each schema position the kinds of values."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self.statuses: dict[str, Counter[str]] = {key: Counter() for key in contract.operations}
        self.refused: Counter[str] = Counter()
        self.values: dict[str, Counter[str]] = {}
        for operation in contract.operations.values():
            for response in operation.responses.values():
                if response.success and response.schema:
                    for place, what in _kinds_of(response.schema):
                        self.values.setdefault(place, Counter())[what] += 0

    def record(self, exchange: Exchange) -> None:
        """Take in one exchange; values count only from answers that keep the contract."""
        operation = exchange.operation
        if operation is None:
            return
        self.statuses[operation.id][str(exchange.status or "no answer")] += 1
        if exchange.refused and exchange.status != 401 and operation.response(exchange.status or 0):
            self.refused[operation.id] += 1
        response = operation.response(exchange.status or 0)
        broken = operation.read_response(
            exchange.status or 0, exchange.headers.get("content-type"), exchange.body
        ).violations
        if exchange.succeeded and response and response.schema and not broken:
            for place, what in _kinds_in(response.schema, exchange.value):
                self.values.setdefault(place, Counter())[what] += 1

    def needs(self) -> Iterator[Need]:
        """All that a run must have seen, in the order of the contract."""
        for operation in self._contract.operations.values():
            yield Need(operation.id, "succeeds", "nothing of its success was checked")
            if operation.takes_input:
                yield Need(operation.id, "refuses", "nothing shows that it refuses anything")
        for place, kinds in self.values.items():
            for what in kinds:
                if what not in ("empty", "not empty", "present", "absent"):
                    yield Need(place, what, "a client meets this value unproven")

    def seen(self, need: Need) -> int:
        """How often a need was seen."""
        if need.what == "succeeds":
            return sum(
                count
                for status, count in self.statuses[need.place].items()
                if status.startswith("2")
            )
        if need.what == "refuses":
            return self.refused[need.place]
        return self.values[need.place][need.what]

    def missing(self) -> list[Need]:
        """What was not seen."""
        return [need for need in self.needs() if not self.seen(need)]

    def as_json(self) -> dict[str, Any]:
        """The counts, and what is missing."""
        return {
            "operations": {key: dict(counts) for key, counts in self.statuses.items()},
            "values": {place: dict(counts) for place, counts in self.values.items()},
            "missing": [f"{need.place}: {need.what}" for need in self.missing()],
        }

    def table(self) -> list[str]:
        """Two compact tables: operation by status, schema position by value."""
        statuses = sorted({status for counts in self.statuses.values() for status in counts})
        width = max(map(len, [*self.statuses, *self.values]))
        lines = [" ".join(["operation".ljust(width), *(status.rjust(6) for status in statuses)])]
        for key, counts in self.statuses.items():
            lines.append(
                " ".join(
                    [
                        key.ljust(width),
                        *(str(counts[status] or "-").rjust(6) for status in statuses),
                    ]
                )
            )
        lines += ["", f"{'schema position'.ljust(width)} values seen"]
        for place, kinds in self.values.items():
            shown = "  ".join(f"{what} {count or 'NOT SEEN'}" for what, count in kinds.items())
            lines.append(f"{place.ljust(width)} {shown}")
        return lines


def _kinds_of(
    schema: Schema, owner: str = "", above: tuple[str, ...] = ()
) -> Iterator[tuple[str, str]]:
    """Every position of a schema with every kind of value that it may show."""
    owner = _named(schema) or owner
    if schema.pointer in above:
        return
    above = (*above, schema.pointer)
    yield from (
        (owner, json.dumps(value)) for value in schema.node.get("enum", ()) if value is not None
    )
    if schema.nullable:
        yield from ((owner, "null"), (owner, "not null"))
    if "array" in schema.types:
        yield from ((owner, "empty"), (owner, "not empty"))
    for name, required in _properties(schema):
        if not required:
            yield from ((f"{owner}/{name}", "present"), (f"{owner}/{name}", "absent"))
        yield from _kinds_of(schema.property(name), f"{owner}/{name}", above)
    for part in (*schema.branches(), *schema.parts()):
        yield from _kinds_of(part, owner, above)
    if (items := schema.items()) is not None:
        yield from _kinds_of(items, f"{owner}/*", above)


def _kinds_in(schema: Schema, value: Any, owner: str = "") -> Iterator[tuple[str, str]]:
    """The kinds that a value shows."""
    owner = _named(schema) or owner
    if value in schema.node.get("enum", ()) and value is not None:
        yield owner, json.dumps(value)
    if schema.nullable:
        yield owner, "null" if value is None else "not null"
    if isinstance(value, dict):
        for name, required in _properties(schema):
            if not required:
                yield f"{owner}/{name}", "present" if name in value else "absent"
            if name in value:
                yield from _kinds_in(schema.property(name), value[name], f"{owner}/{name}")
    for part in (*schema.branches(), *schema.parts()):
        if part.is_valid(value):
            yield from _kinds_in(part, value, owner)
    if isinstance(value, list):
        yield owner, "not empty" if value else "empty"
        items = schema.items()
        yield from (
            kind for item in value if items for kind in _kinds_in(items, item, f"{owner}/*")
        )


def _named(schema: Schema) -> str | None:
    """A component's name: its positions count for all operations together."""
    return schema.name if schema.pointer == f"#/components/schemas/{schema.name}" else None


def _properties(schema: Schema) -> Iterator[tuple[str, bool]]:
    for name in schema.node.get("properties", {}):
        yield name, name in schema.node.get("required", ())
