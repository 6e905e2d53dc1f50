"""What another version of an OpenAPI document changes for callers and for servers.

`vogent-contract changes BASE [HEAD]` compares two files or git revisions. The comparison is our own: the well-kept
ones (oasdiff, openapi-changes) come from no package index without fetching a binary from elsewhere.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from vogent_contract.changes.surface import Fact, Operation, surface
from vogent_contract.openapi.document import DEFAULT_PATH, ContractError, Document

SEVERITIES = CALLERS, SERVERS, COMPATIBLE = (
    "breaking for callers",
    "breaking for servers",
    "compatible",
)

_OUTCOME = {  # a narrower request or a wider answer breaks those who were written against the old document
    ("request", "narrower"): (CALLERS, "what callers send may be refused"),
    ("request", "wider"): (SERVERS, "servers have to take it"),
    ("request", "other"): (CALLERS, "what callers send may be refused or mean something else"),
    ("response", "narrower"): (SERVERS, "servers may not answer as they did"),
    ("response", "wider"): (CALLERS, "callers may get what they do not expect"),
    ("response", "other"): (CALLERS, "callers may get what they do not expect"),
    ("operationId", "other"): (CALLERS, "generated clients name the call after it"),
    ("server", "other"): (CALLERS, "callers ask at the old place"),
    ("operation", "narrower"): (CALLERS, "callers can no longer call it"),
    ("operation", "wider"): (SERVERS, "servers have to answer it"),
}
_UPPER = {"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains"}
_PRESENCE = ("property", "status")
_NOTHING = Fact(None, "")
_LOWER = {"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains"}


class Change(NamedTuple):
    """One difference that callers or servers notice.

    Attributes:
        severity: `breaking for callers`, `breaking for servers` or `compatible`.
        operation: Method and path.
        at: Where in the operation, such as `response 200 body.agentId`; empty for the operation itself.
        what: What differs: `operation`, `status`, `property`, `type`, `nullable`, `enum`, a JSON Schema keyword, ...
        old: The value before as plain JSON, None if there was none.
        new: The value after.
        pointer: JSON pointer into the new document, or into the old one if it is there no more.
        text: The change in one line of plain words.
    """

    severity: str
    operation: str
    at: str
    what: str
    old: Any
    new: Any
    pointer: str
    text: str


def compare(old: Mapping[str, Operation], new: Mapping[str, Operation]) -> list[Change]:
    """The changes from one surface to another, the most severe first."""
    changes: list[Change] = []
    for key in dict.fromkeys([*old, *new]):
        if key in old and key in new:
            changes += _within(old[key], new[key])
        else:
            title, pointer, _ = new[key] if key in new else old[key]
            values = (None, title, "wider") if key in new else (title, None, "narrower")
            changes.append(_change(title, (), "operation", values, pointer))
    return sorted(changes, key=lambda change: SEVERITIES.index(change.severity))


def _within(old: Operation, new: Operation) -> Iterator[Change]:
    """The changes of one operation; of a part that came or went only that."""
    before, after = old.facts, new.facts
    moved = {at for at, what in before.keys() ^ after.keys() if what in _PRESENCE}
    for at, what in dict.fromkeys([*before, *after]):
        inside = any(at[:size] in moved for size in range(len(at) + (what not in _PRESENCE)))
        was, now = before.get((at, what), _NOTHING), after.get((at, what), _NOTHING)
        if not inside and json.dumps(was.value, sort_keys=True) != json.dumps(
            now.value, sort_keys=True
        ):
            for values in _judged(at, what, was.value, now.value):
                yield _change(new.title, at, what, values, now.pointer or was.pointer)


def _judged(at: tuple[str, ...], what: str, old: Any, new: Any) -> Iterator[tuple[Any, Any, str]]:
    """Old and new value, and whether the new one lets less or more through; of sets each value by itself."""
    both = old is not None and new is not None
    if what in ("enum", "security") and both:
        yield from ((value, None, "narrower") for value in old if value not in new)
        yield from ((None, value, "wider") for value in new if value not in old)
    elif what == "variants" and both:
        for name in [
            name for name in dict.fromkeys([*old, *new]) if old.get(name) != new.get(name)
        ]:
            was, now = ({name: side[name]} if name in side else None for side in (old, new))
            yield was, now, "narrower" if now is None else "other" if was else "wider"
    else:
        yield old, new, _how(what, old, new, "response" if at and at[0] != "request" else "request")


def _how(what: str, old: Any, new: Any, direction: str) -> str:
    """`narrower`, `wider`, neither (`other`), or empty if it binds nobody."""
    if what in _PRESENCE:
        return _presence(what, old, new, direction)
    if what == "deprecated" or (what == "default" and (old is None or direction == "response")):
        return ""
    if what in ("server", "operationId", "default"):
        return "other" if old else ""
    if old is None or new is None:
        return "wider" if (new is None) != (what == "nullable") else "narrower"
    if what in _UPPER | _LOWER and {type(old), type(new)} <= {int, float}:
        return "wider" if (new > old) == (what in _UPPER) else "narrower"
    less, more = (set(old) < set(new), set(old) > set(new)) if what == "type" else (False, False)
    return "wider" if less else "narrower" if more else "other"


def _presence(what: str, old: Any, new: Any, direction: str) -> str:
    if (
        what == "status"
    ):  # a further refusal is still a refusal, another success is not what callers wait for
        return "other" if (old or new)[0] in "23" else "narrower" if old else ""
    if old and new:
        return "narrower" if new == "required" else "wider"
    if old:  # it may still be sent, or waited for
        return "other"
    return "narrower" if new == "required" else "wider" if direction == "request" else ""


def _change(
    title: str, at: tuple[str, ...], what: str, judged: tuple[Any, Any, str], pointer: str
) -> Change:
    old, new, how = judged
    key = (
        what if (what, how) in _OUTCOME else "response" if at and at[0] != "request" else "request"
    )
    severity, consequence = _OUTCOME.get((key, how), (COMPATIBLE, ""))
    place = f"{at[0]} {'.'.join(at[1:])}".replace(".[]", "[]").strip() if at else ""
    text = f"{_plainly(what, old, new)}{consequence and ': '}{consequence}"
    return Change(severity, title, place, what, old, new, pointer, text)


def _plainly(what: str, old: Any, new: Any) -> str:
    """One difference in plain words."""
    if what in ("nullable", "deprecated"):
        return f"is {'now' if new else 'no longer'} {what}"
    if what == "property" and old and new:
        return f"was {old}, is {new}"
    noun = {"enum": "value", "property": f"{old or new} property", "if": "condition"}.get(
        what, what
    )
    if old is not None and new is not None:
        return f"{noun} was {_short(old)}, is {_short(new)}"
    value = "" if what in ("property", "operation") else f" {_short(new if old is None else old)}"
    return f"{noun}{value} {'added' if old is None else 'removed'}"


def _short(value: Any) -> str:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        value = " or ".join(value)
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    return text if len(text) <= 80 else f"{text[:77]}..."


def table(changes: Sequence[Change]) -> Iterator[str]:
    """The changes in lines for people: one of a place in the document is told once, with how many it reaches."""
    groups: dict[tuple[str, ...], list[Change]] = {}
    for change in changes:
        groups.setdefault(
            (change.severity, change.what, repr(change[4:6]), change.pointer), []
        ).append(change)
    for severity in SEVERITIES:
        found = [group for group in groups.values() if group[0].severity == severity]
        yield from [f"{severity}:"] * bool(found)
        for first, *others in found:
            more = f" (and {len(others)} more)" if others else ""
            yield f"  {' '.join(filter(None, (first.operation, first.at)))}{more}: {first.text}"
            yield f"      {first.pointer}"


def parse(text: str, name: str) -> Document:
    """Read the text of an OpenAPI 3 document.

    Raises:
        ContractError: It is none; the message names it.
    """
    try:
        raw = json.loads(
            json.dumps(yaml.safe_load(text), default=str)
        )  # keys become strings, as in JSON
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise ContractError(f"{name}: is not YAML: {' '.join(str(error).split())}") from None
    if not (
        isinstance(raw, dict)
        and str(raw.get("openapi", "")).startswith("3.")
        and isinstance(raw.get("paths"), dict)
    ):
        raise ContractError(f"{name}: is not an OpenAPI 3 document")
    return Document(raw)


def _texts(ref: str) -> tuple[str, str]:
    """The document and the changelog beside it, of a file or of a git revision."""
    if (path := Path(ref)).is_file():
        log = path.parent / "CHANGELOG.md"
        return path.read_text("utf-8"), log.read_text("utf-8") if log.is_file() else ""
    if _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}") is None:
        raise ContractError(
            f"there is no file and no git revision {ref!r} to compare with; BASE=.. names another"
        )
    if (text := _git("show", f"{ref}:./{DEFAULT_PATH.name}")) is None:
        raise ContractError(f"the revision {ref!r} has no {DEFAULT_PATH.name}")
    return text, _git("show", f"{ref}:./CHANGELOG.md") or ""


def _git(*arguments: str) -> str | None:
    try:
        run = subprocess.run(
            ["git", *arguments], capture_output=True, cwd=DEFAULT_PATH.parent, check=False
        )
    except OSError:
        return None
    return run.stdout.decode("utf-8", "replace") if run.returncode == 0 else None


def _objection(changes: Sequence[Change], old: str, new: str, changelog: str) -> str:
    """Why the changes may not go out like this, empty if they may."""
    if not any(change.severity == CALLERS for change in changes):
        return ""
    before, after = (re.match(r"\d+", version) for version in (old, new))
    if not after or (before and int(after[0]) <= int(before[0])):
        return f"a change breaks callers: raise the major version of info.version ({old} before, {new} now)"
    if not re.search(rf"^##\s+\[?v?{re.escape(new)}\b", changelog, re.MULTILINE):
        return f"a change breaks callers: CHANGELOG.md needs an entry '## {new}'"
    return ""


def main(argv: Sequence[str] | None = None) -> int:
    """Print the changes; 0: they may go out, 1: callers break without notice, 2: there was nothing to compare."""
    parser = argparse.ArgumentParser(
        prog="vogent-contract changes", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument(
        "base",
        help="file or git revision to compare with; of a revision the point where HEAD left it",
    )
    parser.add_argument(
        "head", nargs="?", help="file or git revision (default: openapi.yaml as it is here)"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    arguments = parser.parse_args(argv)
    base, head = arguments.base, arguments.head or str(DEFAULT_PATH)
    if not arguments.head and not Path(base).is_file():
        base = (_git("merge-base", "--end-of-options", base, "HEAD") or base).strip()
    try:
        (old_text, _), (new_text, changelog) = _texts(base), _texts(head)
        old, new = parse(old_text, arguments.base), parse(new_text, head)
        changes = compare(surface(old), surface(new))
        versions = [
            str(document.raw.get("info", {}).get("version", "0")) for document in (old, new)
        ]
        objection = _objection(changes, versions[0], versions[1], changelog)
    except (ContractError, OSError, ValueError, AttributeError) as error:
        print(f"changes: could not compare: {error}", file=sys.stderr)
        return 2
    if arguments.json:
        rows = [change._asdict() for change in changes]
        print(
            json.dumps(
                {"base": versions[0], "head": versions[1], "objection": objection, "changes": rows},
                indent=2,
            )
        )
    else:
        counts = ", ".join(
            f"{sum(c.severity == severity for c in changes)} {severity}" for severity in SEVERITIES
        )
        print(
            "\n".join(
                [
                    *table(changes),
                    f"{versions[0]} -> {versions[1]}: {counts}",
                    *filter(None, [objection]),
                ]
            )
        )
    return 1 if objection else 0


if __name__ == "__main__":
    sys.exit(main())
