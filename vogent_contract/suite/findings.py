"""What the run found against the server, each thing once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from vogent_contract.openapi import Violation
from vogent_contract.suite.wire import Exchange


@dataclass
class Finding:
    """One way in which the server breaks the contract.

    Attributes:
        rule: Name of the rule that was broken.
        promise: What the rule says, one sentence.
        assumed: Why the rule is assumed, None if the vendor documents it.
        operation: operationId, or method and path.
        pointer: JSON pointer into the request or response.
        keyword: Contract keyword that is broken, empty for a rule over several calls.
        seed: Seed of a random run, None in a deterministic one.
    """

    rule: str
    promise: str
    assumed: str | None
    operation: str
    pointer: str
    keyword: str
    schema: str
    expected: str
    got: str
    curl: str
    request: int
    seed: int | None = None
    times: int = 1
    steps: list[str] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, ...]:
        """Findings with the same key are the same finding."""
        return self.rule, self.operation, self.pointer, self.keyword

    def as_json(self) -> Mapping[str, Any]:
        return asdict(self) | {"documented": self.assumed is None}

    def __str__(self) -> str:
        source = f"assumed: {self.assumed}" if self.assumed else "documented"
        rows = [
            ("promise", self.promise),
            ("source", source),
            (
                "where",
                self.pointer and f"{self.pointer}  ({self.keyword} at {self.schema})"
                if self.keyword
                else self.pointer,
            ),
            ("expected", self.expected),
            ("got", self.got),
            ("steps", " → ".join(self.steps)),
            ("repeat", self.curl),
            (
                "seen",
                f"{self.times} times, first in request {self.request}" if self.times > 1 else "",
            ),
            ("seed", f"--seed {self.seed}" if self.seed is not None else ""),
        ]
        return "\n".join(
            [
                f"{self.operation}: {self.rule}",
                *(f"  {name:9} {text}" for name, text in rows if text),
            ]
        )


class Findings:
    """Collects findings; the same one again only counts up."""

    def __init__(self, seed: int | None = None) -> None:
        self.all: dict[tuple[str, ...], Finding] = {}
        self.seed = seed

    def add(
        self,
        rule: str,
        promise: str,
        violation: Violation,
        exchange: Exchange | None,
        assumed: str | None,
    ) -> tuple[str, ...]:
        """Record that a rule was broken in an exchange, or over the whole run if there is none; gives its key."""
        if exchange is None:
            operation, curl, request = "the run", "", 0
        else:
            operation = (
                exchange.operation.id
                if exchange.operation
                else f"{exchange.method} {exchange.target}"
            )
            curl, request = exchange.curl(), exchange.number
        finding = Finding(
            rule,
            promise,
            assumed,
            operation,
            violation.pointer,
            violation.keyword,
            violation.schema,
            violation.expected,
            violation.got,
            curl,
            request,
            self.seed,
        )
        if (known := self.all.get(finding.key)) is not None:
            known.times += 1
        else:
            self.all[finding.key] = finding
        return finding.key
