"""Whether the vendor's published reference still says what our contract says.

What is known to differ is pinned in `divergences.yaml`, with its exact values and a reason.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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


def look(ours: Document, theirs: Reference, pins: Sequence[Mapping[str, Any]]) -> Report:
    """Compare our contract with what the vendor publishes.

    Args:
        ours: Our contract.
        theirs: The vendor's reference.
        pins: The rows of `divergences.yaml`.

    Raises:
        ContractError: Our contract cannot be compared.
    """
    mine = surface(ours)
    for key, operation in list(mine.items()):
        if operation.title in theirs.unread:
            del mine[key]
    titles = [operation.title for operation in mine.values()]
    changes = [change for change in compare(mine, theirs.operations) if _is_ours(change, titles)]

    unseen = {change.operation for change in changes if change.what == "operation"}
    unseen |= theirs.unread.keys()
    known: list[Change] = []
    stale = []
    for pin in pins:
        for title in titles if pin["operations"] == "all" else pin["operations"]:
            row = (title, pin["at"], pin["what"], pin["ours"], pin["vendor"])
            held = [change for change in changes if _row(change) == row]
            known += held
            if not held and title not in unseen:
                place = " ".join(word for word in row[:3] if word)
                values = f"{json.dumps(pin['ours'])} and {json.dumps(pin['vendor'])}"
                stale.append(f"{place}: no longer {values}")

    drift = [change for change in changes if change not in known]
    unread = [f"{title}: {why}" for title, why in theirs.unread.items()]
    return Report(drift, stale, unread, len(known))


def _row(change: Change) -> tuple[Any, ...]:
    return change.operation, change.at, change.what, change.old, change.new


def _is_ours(change: Change, titles: Sequence[str]) -> bool:
    """Skip other parts of the API, names in clients, and the server, which a page need not name."""
    tops = [title.split("/")[1] for title in titles]
    if change.operation.split("/")[1] not in tops or change.what == "operationId":
        return False
    return change.what != "server" or change.new is not None
