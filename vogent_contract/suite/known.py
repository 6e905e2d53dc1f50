"""Known deviations: faults that a server is known to have, so that only new ones fail a run.

A file of rows in YAML: `rule`, `operation`, `reason`, and optionally `pointer` (`*` stands for any
item of an array), `until` (a date; once it has passed the row hides nothing) and `profile` (`full`
if only such a run finds it: a quick one does not miss it).
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FIELDS = ("rule", "operation", "pointer", "reason", "until", "profile")


class KnownError(Exception):
    """The file cannot be used; the message is one line that says what to mend."""


@dataclass(frozen=True)
class Deviation:
    """One row.

    Attributes:
        rule: Name of the rule that is broken, to the letter.
        operation: operationId, or method and path, or `the run`.
        pointer: Where, None for any place.
        until: Last day on which it is expected, None for no end.
        full: Only runs with the full profile find it.
    """

    rule: str
    operation: str
    reason: str
    pointer: str | None = None
    until: datetime.date | None = None
    full: bool = False

    def __str__(self) -> str:
        place = "" if self.pointer is None else f" at {self.pointer or 'the whole body'}"
        return f"{self.operation}: {self.rule}{place}"

    @property
    def expired(self) -> bool:
        """Its last day is over."""
        return self.until is not None and self.until < datetime.date.today()

    def covers(self, rule: str, operation: str, pointer: str) -> bool:
        """Whether a finding is this one."""
        if (self.rule, self.operation) != (rule, operation):
            return False
        if self.pointer is None:
            return True
        pattern = re.escape(self.pointer).replace(r"\*", r"(?:\d+|\*)")
        return re.fullmatch(pattern, pointer) is not None


def read_known(path: Path) -> list[Deviation]:
    """Read the rows of a file.

    Raises:
        KnownError: It cannot be read, or a row lacks something or says too much.
    """
    try:
        rows = yaml.safe_load(path.read_text("utf-8"))
    except OSError as error:
        raise KnownError(f"{path}: cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise KnownError(f"{path}: is not YAML: {' '.join(str(error).split())}") from None
    if rows is None:
        return []
    if not isinstance(rows, list):
        raise KnownError(f"{path}: must be a list of rows with {', '.join(FIELDS)}")
    return [_row(row, f"{path}, row {number}") for number, row in enumerate(rows, start=1)]


def write_known(path: Path, found: Iterable[tuple[str, str, str]], *, full: bool = False) -> int:
    """Write rows of rule, operation and pointer, with a reason to be filled in; gives how many.

    Args:
        full: They were found with the full profile, and a quick run may not find them.

    Raises:
        KnownError: The file is there already, or cannot be written.
    """
    rows = []
    for rule, operation, pointer in found:
        row = {"rule": rule, "operation": operation, "pointer": pointer, "reason": ""}
        rows.append(row | {"profile": "full"} if full else row)
    head = "# Known deviations. A row without a reason is an error; `until: 2027-01-31` ends one.\n"
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(head + yaml.safe_dump(rows, sort_keys=False, allow_unicode=True))
    except FileExistsError:
        raise KnownError(f"{path}: is there already and is not overwritten") from None
    except OSError as error:
        raise KnownError(f"{path}: cannot be written: {error.strerror}") from None
    return len(rows)


def _row(row: Any, where: str) -> Deviation:
    if not isinstance(row, dict):
        raise KnownError(f"{where}: must have {', '.join(FIELDS)}")
    unknown = sorted(set(map(str, row)) - set(FIELDS))
    if unknown:
        raise KnownError(f"{where}: {', '.join(unknown)} is none of {', '.join(FIELDS)}")
    for name in ("rule", "operation", "reason"):
        if not isinstance(row.get(name), str) or not row[name].strip():
            raise KnownError(f"{where}: {name} is missing or empty")
    pointer, until = row.get("pointer"), row.get("until")
    if pointer is not None and not isinstance(pointer, str):
        raise KnownError(f"{where}: pointer must be text such as /data/*/agentId")
    if until is not None and type(until) is not datetime.date:
        raise KnownError(f"{where}: until must be a date such as 2027-01-31")
    profile = row.get("profile", "quick")
    if profile not in ("quick", "full"):
        raise KnownError(f"{where}: profile must be quick or full")
    full = profile == "full"
    return Deviation(row["rule"], row["operation"], row["reason"], pointer, until, full)
