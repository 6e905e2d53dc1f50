"""The command `vogent-contract changes`."""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vogent_contract.changes.client import client_of
from vogent_contract.changes.comparison import Change, compare, most_severe_first
from vogent_contract.changes.effects import CALLERS, SEVERITIES
from vogent_contract.changes.names import lost_names
from vogent_contract.changes.surface import not_compared, surface
from vogent_contract.openapi.document import DEFAULT_PATH, ContractError, Document


@dataclass(frozen=True)
class Comparison:
    """What another version of the contract changes.

    Attributes:
        versions: `info.version` before and after.
        changes: What callers or servers notice, the most severe first.
        not_compared: What differs and is not read.
        missing: What the new version lacks to announce that callers break, empty if it does.
    """

    versions: tuple[str, str]
    changes: list[Change]
    not_compared: list[str]
    missing: str

    @property
    def breaks(self) -> bool:
        """Whether callers break."""
        return any(change.severity == CALLERS for change in self.changes)

    @property
    def objection(self) -> str:
        """Why the new version may not go out like this, empty if it may."""
        if self.missing and self.breaks:
            return f"a change breaks callers: {self.missing}"
        if self.missing and self.not_compared:
            return f"whether callers break could not be told: {self.missing}"
        return ""


def changes_main(argv: Sequence[str] | None = None) -> int:
    """Print what another version of the contract changes.

    Returns:
        0: it may go out, 1: callers break without notice, 2: that could not be told.
    """
    parser = argparse.ArgumentParser(
        prog="vogent-contract changes",
        description="What another version of the contract changes for callers and for servers.",
    )
    parser.add_argument("base", help="file, or git revision: the point where HEAD left it")
    parser.add_argument("head", nargs="?", help="file or git revision (default: openapi.yaml here)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(argv)

    try:
        comparison = _comparison(options.base, options.head)
    except (ContractError, OSError, UnicodeDecodeError) as error:
        print(f"changes: could not compare: {error}", file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps(_as_json(comparison), indent=2))
    else:
        print(*_lines(comparison), sep="\n")
    if not comparison.objection:
        return 0
    return 1 if comparison.breaks else 2


def _comparison(base: str, head: str | None) -> Comparison:
    """Compare two files or git revisions; the new one is our contract here by default."""
    if head is None and not Path(base).is_file():
        base = (_git("merge-base", "--end-of-options", base, "HEAD") or base).strip()
    head = head or str(DEFAULT_PATH)
    old, new = _contract(base), _contract(head)
    on_the_wire = compare(surface(old), surface(new))
    in_the_client = lost_names(client_of(old), client_of(new))
    versions = _version(old), _version(new)
    return Comparison(
        versions=versions,
        changes=most_severe_first([*on_the_wire, *in_the_client]),
        not_compared=not_compared(old, new),
        missing=missing_notice(*versions, _changelog(head)),
    )


def _as_json(comparison: Comparison) -> dict[str, Any]:
    return {
        "base": comparison.versions[0],
        "head": comparison.versions[1],
        "objection": comparison.objection,
        "not_compared": comparison.not_compared,
        "changes": [change.as_json() for change in comparison.changes],
    }


def _lines(comparison: Comparison) -> Iterator[str]:
    yield from table(comparison.changes)
    severities = [change.severity for change in comparison.changes]
    counts = [f"{severities.count(severity)} {severity}" for severity in SEVERITIES]
    yield f"{' -> '.join(comparison.versions)}: {', '.join(counts)}"
    if comparison.not_compared:
        yield f"not compared, though different: {' and '.join(comparison.not_compared)}"
    if comparison.objection:
        yield comparison.objection


def missing_notice(old: str, new: str, changelog: str) -> str:
    """What a version that may break callers lacks, empty if it is announced as one."""
    before, after = re.match(r"\d+", old), re.match(r"\d+", new)
    if not after or (before and int(after[0]) <= int(before[0])):
        return f"raise the major version of info.version ({old} before, {new} now)"
    if not re.search(rf"^##\s+\[?v?{re.escape(new)}\b", changelog, re.MULTILINE):
        return f"CHANGELOG.md needs an entry '## {new}'"
    return ""


def _contract(place: str) -> Document:
    """The contract in a file or at a git revision."""
    if Path(place).is_file():
        return Document.parse(Path(place).read_text("utf-8"), place)
    if _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{place}^{{commit}}") is None:
        nothing = f"there is no file and no git revision {place!r} to compare with"
        raise ContractError(f"{nothing}; BASE=.. names another")
    text = _git("show", f"{place}:./{DEFAULT_PATH.name}")
    if text is None:
        raise ContractError(f"the revision {place!r} has no {DEFAULT_PATH.name}")
    return Document.parse(text, place)


def _changelog(place: str) -> str:
    """The changelog beside the contract, empty if there is none."""
    if not Path(place).is_file():
        return _git("show", f"{place}:./CHANGELOG.md") or ""
    changelog = Path(place).with_name("CHANGELOG.md")
    return changelog.read_text("utf-8") if changelog.is_file() else ""


def _version(document: Document) -> str:
    info = document.raw.get("info")
    return str(info.get("version", "0")) if isinstance(info, dict) else "0"


def _git(*arguments: str) -> str | None:
    """What git prints beside our contract, None if it fails."""
    run = subprocess.run(  # noqa: S603 - no shell
        ["git", *arguments],  # noqa: S607 - git as installed
        capture_output=True,
        cwd=DEFAULT_PATH.parent,
        check=False,
    )
    return run.stdout.decode("utf-8", "replace") if run.returncode == 0 else None


def table(changes: Sequence[Change]) -> Iterator[str]:
    """The changes in lines for people; one of a shared schema is told once, with how many it is."""
    groups: dict[tuple[str, ...], list[Change]] = {}
    for change in changes:
        key = (change.severity, change.what, repr((change.old, change.new)), change.pointer)
        groups.setdefault(key, []).append(change)

    heading = ""
    for first, *others in groups.values():
        if first.severity != heading:
            heading = first.severity
            yield f"{heading}:"
        place = f"{first.operation} {first.at}".strip()
        more = f" (and {len(others)} more)" if others else ""
        yield f"  {place}{more}: {first.text}" if place else f"  {first.text}"
        yield f"      {first.pointer}"
