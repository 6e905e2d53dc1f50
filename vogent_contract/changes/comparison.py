"""What differs between two versions of a contract, and whom each difference breaks.

The comparison is our own: the well-kept ones (oasdiff, openapi-changes) come from no package index
without fetching a binary from elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from vogent_contract.changes.effects import NARROWER, SEVERITIES, WIDER, effect_of, outcome_of
from vogent_contract.changes.facts import Part


@dataclass(frozen=True)
class Change:
    """One difference that callers or servers notice.

    Attributes:
        operation: Method and path.
        place: Where in the operation, such as `("response 200", "body", "agentId")`.
        what: What differs: `operation`, `status`, `property`, `type`, `nullable`, a keyword, ...
        old: The value before as plain JSON, None if there was none.
        new: The value after.
        effect: What is let through now, against before.
        pointer: JSON pointer into the new document, or into the old one if it is there no more.
    """

    operation: str
    place: tuple[str, ...]
    what: str
    old: Any
    new: Any
    effect: str
    pointer: str

    @property
    def at(self) -> str:
        """The place in a word or two, such as `response 200 body.agentId`."""
        side, *inside = self.place or [""]
        return f"{side} {'.'.join(inside)}".replace(".[]", "[]").strip()

    @property
    def severity(self) -> str:
        """`breaking for callers`, `breaking for servers` or `compatible`."""
        return outcome_of(_side(self.place), self.what, self.effect)[0]

    @property
    def text(self) -> str:
        """The change in one line of plain words."""
        words = _in_words(self.what, self.old, self.new)
        _, consequence = outcome_of(_side(self.place), self.what, self.effect)
        return f"{words}: {consequence}" if consequence else words

    def as_json(self, old: str = "old", new: str = "new") -> dict[str, Any]:
        """The change as plain JSON, under the given names of the two sides."""
        return {
            "severity": self.severity,
            "operation": self.operation,
            "at": self.at,
            "what": self.what,
            old: self.old,
            new: self.new,
            "pointer": self.pointer,
            "text": self.text,
        }


def compare(old: Mapping[str, Part], new: Mapping[str, Part]) -> list[Change]:
    """The changes from one surface to another, the most severe first."""
    changes: list[Change] = []
    for key in dict.fromkeys([*old, *new]):
        before, after = old.get(key, Part()), new.get(key, Part())
        title = after.facts.get("operation") or before.facts["operation"]
        changes += _of_part(title, (), before, after)
    return sorted(changes, key=lambda change: SEVERITIES.index(change.severity))


def _of_part(title: str, place: tuple[str, ...], old: Part, new: Part) -> Iterator[Change]:
    """Compare one place. If it was added or removed, say that and nothing of what is inside it."""
    before, after = _facts(old), _facts(new)
    presence = (before.keys() ^ after.keys()) & {"operation", "property", "status"}
    for what in presence or dict.fromkeys([*before, *after]):
        old_value, old_pointer = before.get(what, (None, ""))
        new_value, new_pointer = after.get(what, (None, ""))
        for was, now, effect in _steps(_side(place), what, old_value, new_value):
            yield Change(title, place, what, was, now, effect, new_pointer or old_pointer)

    if not presence:
        for name in dict.fromkeys([*old.parts, *new.parts]):
            inside = old.parts.get(name, Part()), new.parts.get(name, Part())
            yield from _of_part(title, (*place, name), *inside)


def _facts(part: Part) -> dict[str, tuple[Any, str]]:
    """Value and pointer of each fact, null apart from the other types."""
    facts = {what: (value, part.pointers[what]) for what, value in part.facts.items()}
    types, pointer = facts.get("type", ([], ""))
    if "null" in types:
        facts["type"] = ([name for name in types if name != "null"], pointer)
        facts["nullable"] = (True, pointer)
    return facts


def _side(place: tuple[str, ...]) -> str:
    """`request` or `response`; an operation as a whole is part of the request."""
    return "response" if place and place[0] != "request" else "request"


def _steps(side: str, what: str, old: Any, new: Any) -> Iterator[tuple[Any, Any, str]]:
    """Value before, value after and effect; of a set, each value that came or went by itself."""
    if old == new:
        return
    came_or_went = old is None or new is None
    if what in ("enum", "security") and not came_or_went:
        yield from ((value, None, NARROWER) for value in old if value not in new)
        yield from ((None, value, WIDER) for value in new if value not in old)
    elif what == "variants" and not came_or_went:
        for name in dict.fromkeys([*old, *new]):
            was = {name: old[name]} if name in old else None
            now = {name: new[name]} if name in new else None
            if was != now:
                yield was, now, effect_of(side, "variant", was, now)
    elif what != "operation" or came_or_went:  # the names of path parameters do not count
        yield old, new, effect_of(side, what, old, new)


def _in_words(what: str, old: Any, new: Any) -> str:
    """A difference in plain words, such as `maximum was 10, is 5`."""
    if what in ("nullable", "deprecated"):
        return f"is {'now' if new else 'no longer'} {what}"
    if what == "property" and old and new:
        return f"was {old}, is {new}"

    noun = {"enum": "value", "if": "condition"}.get(what, what)
    if old is not None and new is not None:
        return f"{noun} was {_short(old)}, is {_short(new)}"
    verb = "removed" if new is None else "added"
    value = old if new is None else new
    if what == "property":
        return f"{value} property {verb}"
    if what == "operation":
        return f"operation {verb}"
    return f"{noun} {_short(value)} {verb}"


def _short(value: Any) -> str:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        value = " or ".join(value)
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    return text if len(text) <= 80 else f"{text[:77]}..."
<<<<<<< HEAD


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
=======
>>>>>>> changes
