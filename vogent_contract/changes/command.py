"""The command `vogent-contract changes`."""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from vogent_contract.changes.client import client_of
from vogent_contract.changes.comparison import Change, compare, most_severe_first
from vogent_contract.changes.effects import CALLERS, SEVERITIES
from vogent_contract.changes.names import lost_names
from vogent_contract.changes.surface import surface
from vogent_contract.openapi.document import DEFAULT_PATH, ContractError, Document


def changes_main(argv: Sequence[str] | None = None) -> int:
    """Print what another version of the contract changes.

    Returns:
        0: it may go out, 1: callers break without notice, 2: there was nothing to compare.
    """
    parser = argparse.ArgumentParser(
        prog="vogent-contract changes",
        description="What another version of the contract changes for callers and for servers.",
    )
    parser.add_argument("base", help="file, or git revision: the point where HEAD left it")
    parser.add_argument("head", nargs="?", help="file or git revision (default: openapi.yaml here)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(argv)

    base, head = options.base, options.head or str(DEFAULT_PATH)
    try:
        if options.head is None and not Path(base).is_file():
            base = _git("merge-base", "--end-of-options", base, "HEAD") or base
        old, new = _contract(base.strip()), _contract(head)
        lost = lost_names(client_of(old), client_of(new))
        changes = most_severe_first([*compare(surface(old), surface(new)), *lost])
        versions = _version(old), _version(new)
        objection = objection_to(changes, *versions, _changelog(head))
    except (ContractError, OSError, UnicodeDecodeError) as error:
        print(f"changes: could not compare: {error}", file=sys.stderr)
        return 2

    if options.json:
        rows = [change.as_json() for change in changes]
        found = {"base": versions[0], "head": versions[1], "objection": objection, "changes": rows}
        print(json.dumps(found, indent=2))
    else:
        severities = [change.severity for change in changes]
        counts = [f"{severities.count(severity)} {severity}" for severity in SEVERITIES]
        print(*table(changes), f"{versions[0]} -> {versions[1]}: {', '.join(counts)}", sep="\n")
        if objection:
            print(objection)
    return 1 if objection else 0


def objection_to(changes: Sequence[Change], old: str, new: str, changelog: str) -> str:
    """Why the changes from one version to another may not go out like this, empty if they may."""
    if not any(change.severity == CALLERS for change in changes):
        return ""
    before, after = re.match(r"\d+", old), re.match(r"\d+", new)
    if not after or (before and int(after[0]) <= int(before[0])):
        versions = f"({old} before, {new} now)"
        return f"a change breaks callers: raise the major version of info.version {versions}"
    if not re.search(rf"^##\s+\[?v?{re.escape(new)}\b", changelog, re.MULTILINE):
        return f"a change breaks callers: CHANGELOG.md needs an entry '## {new}'"
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
