"""The command `vogent-contract drift`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from vogent_contract.changes import reference
from vogent_contract.changes.command import table
from vogent_contract.changes.drift import Report, look
from vogent_contract.changes.proposal import proposal
from vogent_contract.changes.reference import Reference
from vogent_contract.changes.surface import top_of
from vogent_contract.openapi.document import DEFAULT_PATH, ContractError, Document

DIVERGENCES = Path(__file__).with_name("divergences.yaml")


def drift_main(argv: Sequence[str] | None = None) -> int:
    """Print what a look at the vendor's reference found.

    Returns:
        0: the same, 1: drift or a stale pin, 2: something could not be looked at.
    """
    options = _parser().parse_args(argv)
    settings = yaml.safe_load(DIVERGENCES.read_text("utf-8"))
    text = DEFAULT_PATH.read_text("utf-8")
    try:
        ours = Document.parse(text, str(DEFAULT_PATH))
        sources, failures = _sources(options, settings, ours)
        report = look(ours, sources, settings["divergences"])
        if options.proposal:
            found = proposal(text, sources, settings["divergences"])
            Path(options.proposal).write_text(found, "utf-8")
    except (ContractError, OSError) as error:
        print(f"drift: could not look: {error}", file=sys.stderr)
        return 2

    if options.json:
        print(json.dumps(_as_json(report, sources, failures), indent=2))
    else:
        print(*_lines(report, sources, failures), sep="\n")
    return report.exit_code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="vogent-contract drift",
        description="Whether the vendor's published reference still says what our contract says.",
        epilog="By default the vendor's document is read, and its pages as a second source.",
    )
    parser.add_argument("--openapi", metavar="FILE_OR_URL", help="one OpenAPI 3 document")
    parser.add_argument("--pages", metavar="FOLDER_OR_URL", help="the pages of the reference")
    parser.add_argument(
        "--timeout", metavar="SECONDS", type=float, default=20, help="for a page (default: 20)"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--proposal", metavar="FILE", help="write the drift as an edit and as pins, in Markdown"
    )
    return parser


def _sources(
    options: argparse.Namespace, settings: dict[str, Any], ours: Document
) -> tuple[list[Reference], list[str]]:
    """What could be read, the preferred source first, and why another could not be.

    Raises:
        ContractError: Nothing could be read.
    """
    tops = {top_of(path) for path in ours.raw["paths"]}
    by_default = options.openapi is None and options.pages is None
    document = settings["document"] if by_default else options.openapi
    pages = settings["source"] if by_default else options.pages
    reads: list[Callable[[], Reference]] = []
    if document is not None:
        reads.append(lambda: reference.whole(document, options.timeout, tops))
    if pages is not None:
        reads.append(lambda: reference.pages(settings["pages"], pages, options.timeout, tops))

    sources: list[Reference] = []
    failures: list[str] = []
    for read in reads:
        try:
            sources.append(read())
        except ContractError as error:
            failures.append(str(error))
    if not sources:
        raise ContractError("; ".join(failures))
    return sources, failures


def _as_json(
    report: Report, sources: Sequence[Reference], failures: Sequence[str]
) -> dict[str, Any]:
    return {
        "source": sources[0].place,
        "other_sources": [source.place for source in sources[1:]],
        "failures": failures,
        "drift": [change.as_json(old="ours", new="vendor") for change in report.drift],
        "disagreements": report.disagreements,
        "told_elsewhere": report.told_elsewhere,
        "stale": report.stale,
        "unread": report.unread,
        "known": report.known,
    }


def _lines(report: Report, sources: Sequence[Reference], failures: Sequence[str]) -> Iterator[str]:
    first, *others = sources
    yield f"our contract -> {first.place}"
    yield from (f"second source: {other.place}" for other in others)
    yield from (f"not read: {failure}" for failure in failures)
    yield from table(report.drift)
    lists = {
        "the sources disagree:": report.disagreements,
        "told by one source only:": report.told_elsewhere,
        "pinned divergences that are so no more:": report.stale,
        "could not look at:": report.unread,
    }
    for heading, rows in lists.items():
        if rows:
            yield heading
            yield from (f"  {row}" for row in rows)
    counts = f"differences: {len(report.drift)}, stale pins: {len(report.stale)}"
    yield f"{counts}, not looked at: {len(report.unread)}, known divergences: {report.known}"
