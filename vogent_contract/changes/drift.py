"""Whether the vendor's published reference still says what our contract says.

What is known to differ is pinned in `divergences.yaml`, with its exact values and a reason.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from vogent_contract.changes.comparison import Change, compare
from vogent_contract.changes.reference import Reference
from vogent_contract.changes.surface import surface
from vogent_contract.openapi.document import Document


@dataclass(frozen=True)
class Report:
    """What a look at the vendor's reference found.

    Attributes:
        drift: Differences that are not pinned: ours is the old value, the vendor's the new.
        stale: Pinned divergences that changed or vanished, one line each.
        unread: What could not be read and why, one line each.
        known: How many divergences are as they are pinned.
    """

    drift: list[Change]
    stale: list[str]
    unread: list[str]
    known: int

    @property
    def exit_code(self) -> int:
        """0: the same, 1: drift, 2: something could not be looked at, and no drift elsewhere."""
        if self.drift or self.stale:
            return 1
        return 2 if self.unread else 0


class _Row(NamedTuple):
    """A divergence of one operation, pinned or found."""

    operation: str
    at: str
    what: str
    ours: Any
    vendor: Any


def look(ours: Document, theirs: Reference, pins: Sequence[Mapping[str, Any]]) -> Report:
    """Compare our contract with what the vendor publishes.

    Args:
        ours: Our contract.
        theirs: The vendor's reference.
        pins: The rows of `divergences.yaml`.

    Raises:
        ContractError: Our contract cannot be compared.
    """
    mine = {}
    for key, operation in surface(ours).items():
        if operation.facts["operation"] not in theirs.unread:
            mine[key] = operation
    titles = [operation.facts["operation"] for operation in mine.values()]
    changes = [change for change in compare(mine, theirs.operations) if _is_ours(change, titles)]

    found = [_row(change) for change in changes]
    pinned = list(_rows(pins, titles))
    drift = [change for change in changes if _row(change) not in pinned]
    gone = [change.operation for change in changes if change.what == "operation"]
    unseen = [*gone, *theirs.unread]
    return Report(
        drift=drift,
        stale=[_stale(row) for row in pinned if row not in found and row.operation not in unseen],
        unread=[f"{title}: {why}" for title, why in theirs.unread.items()],
        known=len(changes) - len(drift),
    )


def _is_ours(change: Change, titles: Sequence[str]) -> bool:
    """Skip other parts of the API, and the server, which a page need not name."""
    tops = [title.split("/")[1] for title in titles]
    if change.operation.split("/")[1] not in tops:
        return False
    return change.what != "server" or change.new is not None


def _row(change: Change) -> _Row:
    return _Row(change.operation, change.at, change.what, change.old, change.new)


def _rows(pins: Sequence[Mapping[str, Any]], titles: Sequence[str]) -> Iterator[_Row]:
    """One row for each operation of each pin."""
    for pin in pins:
        operations = titles if pin["operations"] == "all" else pin["operations"]
        for operation in operations:
            yield _Row(operation, pin["at"], pin["what"], pin["ours"], pin["vendor"])


def _stale(row: _Row) -> str:
    place = " ".join(word for word in (row.operation, row.at, row.what) if word)
    return f"{place}: no longer {json.dumps(row.ours)} and {json.dumps(row.vendor)}"
