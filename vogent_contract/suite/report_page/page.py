"""Prepares what `report.html` shows; the templates beside this file are the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vogent_contract.suite.exchange import Exchange
from vogent_contract.suite.findings import Finding
from vogent_contract.suite.levels import BROKEN, KNOWN, LENIENT, NOT_SEEN
from vogent_contract.suite.outcome import counts, missing, stale, verdict, versions
from vogent_contract.suite.report_page.messages import (
    Messages,
    Place,
    accused,
    contradicting,
    place_of,
)
from vogent_contract.suite.report_page.reference import link_to
from vogent_contract.suite.report_page.template import fill
from vogent_contract.suite.report_page.traffic import Traffic, tone
from vogent_contract.suite.run import Run

LEVELS = {  # the worst first
    BROKEN: "A caller who keeps to the contract is let down, or money or data is at risk.",
    NOT_SEEN: "The run must have seen it to prove anything, and has not.",
    LENIENT: "The server is more generous than the contract, or refuses in a way of its own; "
    "no caller who keeps to the contract can notice.",
    KNOWN: "It is expected, for the reason that it gives.",
}
THE_RUN = "the run"  # what findings without a request are about
FEW = 5  # findings whose requests and answers are shown unfolded
BODIES = 1_500_000  # characters of all bodies in the list of requests, about
SHORTEST, LONGEST = 200, 4000  # characters of one body there


@dataclass(frozen=True)
class Card:
    """A finding as the page shows it.

    Attributes:
        number: Position among the findings, from 1: its anchor is `finding-1`.
        level: One of `LEVELS`.
        reference: Address of its place in the reference page, empty if it has none.
        accused: The request and the answer that it is about, None for the run as a whole.
        other: What contradicts them.
        often: How often the operation was answered like this, if it fails.
        otherwise: A request like this one that did not fail, if this one did.
        script: Text of the shell script that repeats it, empty if there is none.
    """

    number: int
    finding: Finding
    level: str
    place: Place
    reference: str
    accused: Messages | None
    other: Messages | None
    often: str
    otherwise: Exchange | None
    script: str


@dataclass(frozen=True)
class Group:
    """The findings of one operation.

    Attributes:
        title: Method and path.
        summary: What the operation does.
        source: Address of the vendor's page of it, empty if the contract names none.
    """

    name: str
    title: str
    summary: str
    source: str
    cards: list[Card]


@dataclass(frozen=True)
class Seen:
    """How often something came.

    Attributes:
        asked: It is documented, if it is a status; it must be seen, if it is a value.
    """

    times: int
    asked: bool


def render(run: Run, directory: Path, exit_code: int, account: Sequence[str] = ()) -> str:
    """The page.

    Args:
        directory: The report's folder, with the scripts that repeat findings.
        account: What became of somebody's account.
    """
    findings = run.findings.all()
    cards = [_card(run, directory, *one) for one in enumerate(findings, start=1)]
    found = _numbers_by_request(findings)
    traffic = Traffic(run.exchanges)
    return fill(
        "page.html.jinja",
        run.wire.key,
        run=run,
        account=account,
        verdict=verdict(run, exit_code),
        counts=counts(run),
        levels=_levels(cards),
        versions=versions(run),
        groups=_groups(run, cards),
        few=len(cards) <= FEW,
        stale=stale(run),
        missing=missing(run),
        operations=_operations_seen(run),
        values=_values_seen(run),
        traffic=traffic,
        lanes=traffic.lanes(run.contract.operations, found),
        found=found,
        body_limit=_body_limit(run),
    )


def _card(run: Run, directory: Path, number: int, finding: Finding) -> Card:
    exchange, against = finding.exchange, finding.against
    script = directory / finding.script
    return Card(
        number=number,
        finding=finding,
        level=finding.standing,
        place=place_of(finding),
        reference=link_to(finding),
        accused=accused(finding, exchange, run.wire) if exchange else None,
        other=contradicting(finding, against, run.wire) if against else None,
        often=_often(run, exchange) if exchange else "",
        otherwise=_otherwise(run, exchange) if exchange else None,
        script=script.read_text("utf-8") if script.is_file() else "",
    )


def _often(run: Run, exchange: Exchange) -> str:
    """How many of an operation's requests failed like this one, empty if it did not fail."""
    if tone(exchange) != "failed":
        return ""
    same = [one for one in run.exchanges if one.outgoing.name == exchange.outgoing.name]
    failed = [one for one in same if one.status == exchange.status]
    what = f"the status {exchange.status}" if exchange.status else "no answer"
    return f"{len(failed)} of {len(same)} requests of this operation got {what}"


def _otherwise(run: Run, exchange: Exchange) -> Exchange | None:
    """If a request failed: the next one like it that did not, None if there is none."""
    if tone(exchange) != "failed":
        return None
    others = [one for one in run.exchanges if tone(one) != "failed"]
    for like in (_as_sent, _kind):
        alike = [one for one in others if like(one) == like(exchange)]
        if alike:
            return min(alike, key=lambda one: abs(one.number - exchange.number))
    return None


def _as_sent(exchange: Exchange) -> tuple[object, ...]:
    call = exchange.outgoing.call
    url = exchange.outgoing.url
    return call.method, url, call.content_type, call.content, call.credential.name


def _kind(exchange: Exchange) -> tuple[object, ...]:
    return exchange.outgoing.name, exchange.credential, bool(exchange.outgoing.violations)


def _groups(run: Run, cards: Sequence[Card]) -> list[Group]:
    """The findings by operation, the worst ones first."""
    groups: dict[str, Group] = {}
    for name in [*run.contract.operations, *(card.finding.operation for card in cards)]:
        groups.setdefault(name, _group(run, name))
    for card in sorted(cards, key=_rank):
        groups[card.finding.operation].cards.append(card)
    filled = [group for group in groups.values() if group.cards]
    return sorted(filled, key=lambda group: _rank(group.cards[0]))


def _group(run: Run, name: str) -> Group:
    operation = run.contract.operations.get(name)
    if operation is None:
        return Group(name, name.capitalize() if name == THE_RUN else name, "", "", [])
    described = run.contract.document.at(operation.pointer)
    title = f"{operation.method} {operation.path}"
    return Group(name, title, described.get("summary", ""), operation.source, [])


def _rank(card: Card) -> int:
    return list(LEVELS).index(card.level)


def _levels(cards: Sequence[Card]) -> dict[str, str]:
    """The levels that there are findings of, and what they mean."""
    there = {card.level for card in cards}
    return {level: meaning for level, meaning in LEVELS.items() if level in there}


def _numbers_by_request(findings: Sequence[Finding]) -> dict[int, list[int]]:
    """By request the numbers of the findings that name it."""
    found: dict[int, list[int]] = {}
    for number, finding in enumerate(findings, start=1):
        for request in dict.fromkeys([finding.request, *finding.requests]):
            found.setdefault(request, []).append(number)
    return found


def _operations_seen(run: Run) -> dict[str, dict[str, Seen]]:
    """By operation and status, how often it came."""
    statuses = {status for counts in run.evidence.statuses.values() for status in counts}
    for operation in run.contract.operations.values():
        statuses |= {status for status in operation.responses if status.isdigit()}
    rows: dict[str, dict[str, Seen]] = {}
    for name, operation in run.contract.operations.items():
        counts = run.evidence.statuses[name]
        row = rows[name] = {}
        for status in sorted(statuses):
            documented = status.isdigit() and operation.response(int(status)) is not None
            row[status] = Seen(counts[status], documented)
    return rows


def _values_seen(run: Run) -> dict[str, dict[str, Seen]]:
    """By place and what must be seen there or can be, how often it was."""
    rows: dict[str, dict[str, Seen]] = {}
    for need in run.evidence.needs():
        rows.setdefault(need.place, {})[need.what] = Seen(run.evidence.seen(need), run.whole)
    for place, kinds in run.evidence.values.items():
        row = rows.setdefault(place, {})
        for kind, times in kinds.items():
            row.setdefault(kind, Seen(times, False))
    return rows


def _body_limit(run: Run) -> int:
    """How many characters of each body the list of requests shows."""
    share = BODIES // (2 * max(len(run.exchanges), 1))
    return min(max(share, SHORTEST), LONGEST)
