"""What the run found against the server, each thing once."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from vogent_contract.openapi import Violation
from vogent_contract.openapi.document import tokens
from vogent_contract.suite.exchange import Exchange
from vogent_contract.suite.known import Deviation
from vogent_contract.suite.levels import BROKEN, KNOWN, LENIENT, NOT_SEEN, level_of

EXCHANGES = ("exchange", "against")  # are told by their numbers
FIRST = 5  # occurrences of a finding that are told one by one


@dataclass(frozen=True)
class Consequence:
    """Something else that was found and that a finding explains, such as a number that is not
    listed because its release went wrong.

    Attributes:
        request: Number of the request in the run.
    """

    rule: str
    operation: str
    pointer: str
    expected: str
    got: str
    request: int

    def __str__(self) -> str:
        where = f" at {self.pointer}" if self.pointer else ""
        told = f"expected {self.expected}, got {self.got} (request {self.request})"
        return f"{self.operation}: {self.rule}{where}: {told}"


@dataclass
class Finding:
    """One way in which the server breaks the contract.

    Attributes:
        rule: Name of the rule that was broken.
        promise: What the rule says, one sentence.
        assumed: Why the rule is assumed, None if the vendor documents it.
        operation: operationId, or method and path, or `the run`.
        level: `broken` or `lenient`, see `levels`.
        known: Why it is expected, if it is a known deviation.
        pointer: JSON pointer into the request or response.
        keyword: Contract keyword that is broken, empty for a rule over several calls.
        schema: Pointer of the keyword in `openapi.yaml`.
        exchange: The request and the answer that is accused, None for the run as a whole.
        against: Another exchange, whose answer this one contradicts.
        about: Id or number of the phone number that earlier answers showed otherwise, if any.
        undecided: Nobody can tell which of the two answers is wrong.
        also: What else the same cause explains.
        requests: Numbers of the first requests that it was found in.
        times: How often it was found.
        steps: The calls that lead to it from an empty account, one line each.
        script: The shell script that repeats them, below the report's folder; empty if none.
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
    exchange: Exchange | None = None
    against: Exchange | None = None
    about: str = ""
    undecided: bool = False
    seed: int | None = None
    level: str = BROKEN
    known: str | None = None
    times: int = 1
    also: list[Consequence] = field(default_factory=list)
    requests: list[int] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    script: str = ""

    @property
    def request(self) -> int:
        """Number of the request in the run, 0 for the run as a whole."""
        return self.exchange.number if self.exchange else 0

    @property
    def curl(self) -> str:
        """A command that repeats the request; the shell takes the key from the environment."""
        return self.exchange.outgoing.curl() if self.exchange else ""

    @property
    def item(self) -> dict[str, Any]:
        """The object of the answer in which something is wrong, empty if there is none."""
        value = self.exchange.value if self.exchange else None
        found: dict[str, Any] = {}
        for token in [*tokens(self.pointer), ""]:
            if isinstance(value, dict):
                found, value = value, value.get(token)
            elif isinstance(value, list) and token.isdecimal() and int(token) < len(value):
                value = value[int(token)]
            else:
                break
        return found

    @property
    def key(self) -> tuple[str, ...]:
        """Findings with the same key are the same finding, in whichever item of an array."""
        return self.rule, self.operation, folded(self.pointer), self.keyword, self.level

    @property
    def at(self) -> tuple[str, str, str]:
        """Rule, operation and pointer, as a known deviation names them."""
        return self.rule, self.operation, self.key[2]

    def fails(self, fail_on: str) -> bool:
        """Whether it fails a run that fails on this level."""
        return self.known is None and (self.level == BROKEN or fail_on == LENIENT)

    @property
    def standing(self) -> str:
        """How reports call it: its level, unless it is `known` or something that was `not seen`."""
        if self.known is not None:
            return KNOWN
        return self.level if self.exchange else NOT_SEEN

    def _source(self) -> str:
        """Who says that it is wrong; of what a run did not see nobody does."""
        if self.request == 0:
            return ""
        if self.assumed:
            return f"assumed: {self.assumed}"
        page = self.exchange.operation.source if self.exchange and self.exchange.operation else ""
        return f"documented: {page}" if page else "documented"

    def note(self, consequence: Consequence) -> None:
        """Tell something else that was found with this finding, each thing once."""
        at = consequence.rule, consequence.operation, folded(consequence.pointer)
        if at not in [(one.rule, one.operation, folded(one.pointer)) for one in self.also]:
            self.also.append(consequence)

    def _against(self) -> str:
        """The other answer, and whether it may be the wrong one; empty if there is none."""
        if self.against is None:
            return ""
        call = self.against.outgoing.call
        told = f"request {self.against.number}, {call.method} {call.target}"
        if self.undecided:
            return f"{told}: one of the two answers is wrong, and nobody can tell which"
        return told

    def line(self) -> str:
        """The finding in one line."""
        where = f" at {self.pointer}" if self.pointer else ""
        times = f" ({self.times} times)" if self.times > 1 else ""
        told = f"expected {self.expected}, got {self.got}{times}"
        return f"{self.operation}: {self.rule}{where}: {told}"

    def as_json(self) -> Mapping[str, Any]:
        """The finding as `evidence.json` has it."""
        told = {name: value for name, value in vars(self).items() if name not in EXCHANGES}
        told["also"] = [asdict(one) for one in self.also]
        told["request"], told["curl"] = self.request, self.curl
        told["against"] = None
        if self.against is not None:
            told["against"] = {
                "operation": self.against.outgoing.name,
                "request": self.against.number,
            }
        return told

    def _where(self) -> str:
        """Operation and place, and the part of the contract that says what belongs there."""
        if self.exchange is None:
            return self.pointer
        call = f"{self.exchange.outgoing.call.method} {self.exchange.outgoing.template}"
        rule = f"({self.keyword} at {self.schema})" if self.schema else ""
        return " ".join(part for part in (call, self.pointer, rule) if part)

    def _answer(self) -> str:
        """Status and body as they came, of a list the wrong item; empty if none came."""
        if self.exchange is None or self.exchange.status is None:
            return ""
        body = self.exchange.answer.body.decode("utf-8", "backslashreplace")
        if not body.isprintable():
            body = json.dumps(body)
        if self.item not in ({}, self.exchange.value):
            body = json.dumps(self.item)
        return f"{self.exchange.status} {body}".strip()

    def _since(self) -> str:
        """The first request that it was found in, when that was, and how often it came again."""
        if self.exchange is None:
            return ""
        started = datetime.datetime.fromtimestamp(self.exchange.answer.started, datetime.UTC)
        told = f"request {self.request}, {started:%H:%M:%S} UTC"
        others = [str(number) for number in self.requests if number != self.request]
        if self.times > 1:
            told = f"{told}; {self.times} times"
        return f"{told}, also in {', '.join(others)}" if others else told

    def __str__(self) -> str:
        rows = {
            "promise": [self.promise],
            "level": [] if self.level == BROKEN else [self.level],
            "source": [self._source()],
            "where": [self._where()],
            "expected": [self.expected],
            "got": [self.got],
            "answer": [self._answer()],
            "against": [self._against()],
            "since": [self._since()],
            "steps": [f"{number}. {step}" for number, step in enumerate(self.steps, start=1)],
            "script": [self.script],
            "repeat": [self.curl],
            "seed": [] if self.seed is None else [f"--seed {self.seed}"],
            "also": [str(one) for one in self.also[:FIRST]],
        }
        if len(self.also) > FIRST:
            rows["also"].append(f"and {len(self.also) - FIRST} more in evidence.json")
        lines = [f"{self.operation}: {self.rule}"]
        for name, texts in rows.items():
            for index, text in enumerate(filter(None, texts)):
                lines.append(f"  {'' if index else name:9} {text}")
        return "\n".join(lines)


class Findings:
    """Collects findings; the same one again only counts up.

    Args:
        seed: Of a random run, None in a deterministic one.
        known: Deviations that are expected.
    """

    def __init__(self, seed: int | None = None, known: Sequence[Deviation] = ()) -> None:
        self.seed = seed
        self.expected = known
        self._all: dict[tuple[str, ...], Finding] = {}

    def all(self) -> list[Finding]:
        """The findings, in the order in which they were made."""
        return list(self._all.values())

    def add(
        self,
        rule: str,
        promise: str,
        violation: Violation,
        exchange: Exchange | None = None,
        assumed: str | None = None,
    ) -> Finding:
        """Record that a rule was broken in an exchange, or over the whole run if there is none."""
        finding = Finding(
            rule=rule,
            promise=promise,
            assumed=violation.assumed or assumed,
            operation=exchange.outgoing.name if exchange else "the run",
            pointer=violation.pointer,
            keyword=violation.keyword,
            schema=violation.schema,
            expected=violation.expected,
            got=violation.got,
            exchange=exchange,
            seed=self.seed,
            level=level_of(rule, exchange) if exchange else BROKEN,
        )
        finding.known = self._reason(finding)
        known = self._all.setdefault(finding.key, finding)
        if known is not finding:
            known.times += 1
        if exchange is not None and len(known.requests) < FIRST:
            known.requests.append(exchange.number)
        lenient = self._all.get((*finding.key[:-1], LENIENT))
        if lenient is not None and known.level == BROKEN:
            self.replace(lenient, known)
        return known

    def is_known(self, rule: str, operation: str, pointer: str) -> bool:
        """Whether it is a known deviation."""
        at = rule, operation, folded(pointer)
        return any(row.covers(*at) and not row.expired for row in self.expected)

    def at_the_same_place(self, rule: str, operation: str, violation: Violation) -> Finding | None:
        """What another rule found at a place of an operation's requests or answers."""
        for finding in self.all():
            if finding.operation != operation or finding.rule == rule:
                continue
            if violation.pointer and finding.at[2] == folded(violation.pointer):
                return finding
            if violation.keyword == finding.keyword == "status" and violation.got == finding.got:
                return finding
        return None

    def replace(self, old: Finding, new: Finding) -> None:
        """Tell a finding with another one that says more of the same."""
        if self._all.pop(old.key, None) is not None:
            new.times += old.times
            new.requests = sorted({*old.requests, *new.requests})[:FIRST]

    def stale(self) -> list[Deviation]:
        """Known deviations that were not found."""
        found = [finding.at for finding in self.all()]
        return [row for row in self.expected if not any(row.covers(*one) for one in found)]

    def _reason(self, finding: Finding) -> str | None:
        """Why a finding is expected, None if it is not."""
        for row in self.expected:
            if row.covers(*finding.at) and not row.expired:
                return row.reason
        return None


def folded(pointer: str) -> str:
    """A JSON pointer with `*` for the index of an array's item."""
    return re.sub(r"/\d+(?=/|$)", "/*", pointer)
