"""Whether the vendor's published reference still says what our contract says.

What is known to differ is pinned in `divergences.yaml`, with its exact values and a reason.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from vogent_contract.changes.comparison import Change, compare
from vogent_contract.changes.effects import SEVERITIES
from vogent_contract.changes.facts import Part
from vogent_contract.changes.reference import Reference
from vogent_contract.changes.surface import key_of, surface
from vogent_contract.openapi.document import Document


@dataclass(frozen=True)
class Report:
    """What a look at the vendor's reference found.

    Attributes:
        drift: Differences that are not pinned: ours is the old value, the vendor's the new.
        told_by: For each of them the source that has it.
        disagreements: Differences that only one of the vendor's sources has, one line each.
        told_elsewhere: What one source does not tell and another does, one line each.
        stale: Pinned divergences that changed or vanished, one line each.
        unread: What no source tells and why, one line each.
        known: How many divergences are as they are pinned.
    """

    drift: list[Change]
    told_by: list[Reference]
    disagreements: list[str]
    told_elsewhere: list[str]
    stale: list[str]
    unread: list[str]
    known: int

    @property
    def exit_code(self) -> int:
        """0: the same, 1: drift, 2: something could not be looked at, and no drift elsewhere."""
        if self.drift or self.stale:
            return 1
        return 2 if self.unread else 0


class Row(NamedTuple):
    """A divergence of one operation, pinned or found."""

    operation: str
    at: str
    what: str
    ours: Any
    vendor: Any


def look(
    ours: Document, references: Sequence[Reference], pins: Sequence[Mapping[str, Any]]
) -> Report:
    """Compare our contract with what the vendor publishes.

    Args:
        ours: Our contract.
        references: The vendor's reference, from one source or several.
        pins: The rows of `divergences.yaml`.

    Raises:
        ContractError: Our contract cannot be compared.
    """
    mine = surface(ours)
    titles = {key: operation.facts["operation"] for key, operation in mine.items()}
    found = [_differences(mine, reference, titles) for reference in references]
    told = list(_once(references, found))
    told.sort(key=lambda change_and_source: SEVERITIES.index(change_and_source[0].severity))

    pinned = list(_rows(pins, list(titles.values())))
    drift = [(change, source) for change, source in told if row_of(change) not in pinned]
    unread = [key for key in titles if all(key in reference.unread for reference in references)]
    unseen = [titles[key] for key in unread]
    unseen += [change.operation for change, _ in told if change.what == "operation"]
    return Report(
        drift=[change for change, _ in drift],
        told_by=[source for _, source in drift],
        disagreements=list(_disagreements(references, found)),
        told_elsewhere=list(_told_elsewhere(references, titles, unread)),
        stale=list(_stale(pinned, [row_of(change) for change, _ in told], unseen)),
        unread=[f"{titles[key]}: {_why(key, references)}" for key in unread],
        known=len(told) - len(drift),
    )


def row_of(change: Change) -> Row:
    """A difference between ours and the vendor's as `divergences.yaml` pins it."""
    return Row(change.operation, change.at, change.what, change.old, change.new)


def _differences(
    mine: Mapping[str, Part], reference: Reference, titles: Mapping[str, str]
) -> list[Change]:
    """What one source says otherwise of the operations that could be read there."""
    readable = {key: part for key, part in mine.items() if key not in reference.unread}
    changes = []
    for change in compare(readable, reference.operations):
        title = titles.get(key_of(change.operation), change.operation)  # with our parameters' names
        if change.what != "server" or change.new is not None:  # a page need not name the server
            changes.append(replace(change, operation=title))
    return changes


def _once(
    references: Sequence[Reference], found: Sequence[Sequence[Change]]
) -> Iterator[tuple[Change, Reference]]:
    """The differences with their source; one that two sources have is the first one's."""
    rows: list[Row] = []
    for reference, changes in zip(references, found, strict=True):
        yield from ((change, reference) for change in changes if row_of(change) not in rows)
        rows += [row_of(change) for change in changes]


def _disagreements(
    references: Sequence[Reference], found: Sequence[Sequence[Change]]
) -> Iterator[str]:
    """What only one of the sources says, of operations that all of them tell something of."""
    unread = {key for reference in references for key in reference.unread}
    for reference, changes in zip(references, found, strict=True):
        others = [row_of(change) for other in found if other is not changes for change in other]
        for change in changes if len(references) > 1 else ():
            if row_of(change) not in others and key_of(change.operation) not in unread:
                place = f"{change.operation} {change.at}".strip()
                yield f"{place}: {change.words}: only in {reference.name}"


def _told_elsewhere(
    references: Sequence[Reference], titles: Mapping[str, str], unread: Sequence[str]
) -> Iterator[str]:
    for reference in references:
        for key, why in reference.unread.items():
            if key in titles and key not in unread:
                yield f"{titles[key]}: not in {reference.name}: {why}"


def _why(key: str, references: Sequence[Reference]) -> str:
    return "; ".join(reference.unread[key] for reference in references)


def _rows(pins: Sequence[Mapping[str, Any]], titles: Sequence[str]) -> Iterator[Row]:
    """One row for each operation of each pin."""
    for pin in pins:
        operations = titles if pin["operations"] == "all" else pin["operations"]
        for operation in operations:
            yield Row(operation, pin["at"], pin["what"], pin["ours"], pin["vendor"])


def _stale(pinned: Sequence[Row], found: Sequence[Row], unseen: Sequence[str]) -> Iterator[str]:
    """The pinned rows that are so no more, but for operations that were not seen."""
    for row in pinned:
        if row not in found and row.operation not in unseen:
            place = " ".join(word for word in (row.operation, row.at, row.what) if word)
            yield f"{place}: no longer {json.dumps(row.ours)} and {json.dumps(row.vendor)}"
