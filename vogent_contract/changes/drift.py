"""Whether the vendor's published reference still says what our contract says.

`vogent-contract drift` reads the vendor's pages, a folder of saved ones (`--pages`) or one whole OpenAPI document
(`--openapi`). What is known to differ is pinned in `divergences.yaml`, with its exact values and a reason.
"""

from __future__ import annotations

import argparse
import http.client
import json
import re
import sys
import time
import urllib.request
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from vogent_contract.changes.comparison import Change, compare, parse, table
from vogent_contract.changes.surface import Operation, surface
from vogent_contract.openapi.document import ContractError, Document

DIVERGENCES = Path(__file__).with_name("divergences.yaml")
_BLOCK = re.compile(
    r"^(`{3,}|~{3,})\s*ya?ml\b[^\n]*\b(?:get|put|post|delete|patch) +/[^\n]*\n(.*?)^\1",
    re.I | re.M | re.S,
)
_LARGEST = 5_000_000  # bytes of one page


class Report(NamedTuple):
    """What a look at the vendor's reference found.

    Attributes:
        drift: Differences that are not pinned: ours is the old value, the vendor's the new.
        stale: Pinned divergences that changed or vanished, one line each.
        unread: What could not be read and why, one line each.
        known: How many divergences are as they are pinned.
    """

    drift: Sequence[Change]
    stale: Sequence[str]
    unread: Sequence[str]
    known: int

    @property
    def exit_code(self) -> int:
        """0: the same, 1: drift, 2: there was something that could not be looked at, and no drift elsewhere."""
        return 1 if self.drift or self.stale else 2 if self.unread else 0


def look(
    ours: Document, theirs: Mapping[str, Operation], unread: Mapping[str, str], pins: Sequence[Any]
) -> Report:
    """Compare our contract with what the vendor publishes.

    Args:
        ours: Our contract.
        theirs: The vendor's operations by method and path.
        unread: Why an operation could not be read, by its title.
        pins: The rows of `divergences.yaml`.

    Raises:
        ContractError: Our contract cannot be compared.
    """
    mine = {
        key: operation for key, operation in surface(ours).items() if operation.title not in unread
    }
    titles = [operation.title for operation in mine.values()]
    changes = [change for change in compare(mine, theirs) if _concerns_us(change, titles)]
    gone = {change.operation for change in changes if change.what == "operation"}
    known: list[Change] = []
    stale = []
    for pin in pins:
        for title in titles if pin["operations"] == "all" else pin["operations"]:
            row = (title, pin["at"], pin["what"], pin["ours"], pin["vendor"])
            held = [change for change in changes if change[1:6] == row]
            known += held
            if not held and title not in gone and title not in unread:
                stale.append(
                    " ".join(filter(None, row[:3]))
                    + f": no longer {json.dumps(row[3])} and {json.dumps(row[4])}"
                )
    drift = [change for change in changes if change not in known]
    return Report(drift, stale, [f"{name}: {why}" for name, why in unread.items()], len(known))


def _concerns_us(change: Change, titles: Sequence[str]) -> bool:
    """Names in clients are ours, a page need not name the server, other parts of the API are for others to watch."""
    elsewhere = change.operation.split("/")[1] not in {title.split("/")[1] for title in titles}
    return (
        not elsewhere
        and change.what != "operationId"
        and (change.what, change.new) != ("server", None)
    )


def published(
    pages: Mapping[str, str], source: str, timeout: float
) -> tuple[dict[str, Operation], dict[str, str]]:
    """The operations on the vendor's reference pages.

    Args:
        pages: Page name by operation title.
        source: Folder or URL of the pages.
        timeout: Seconds that a page may take.

    Returns:
        The operations, and why others could not be read. An operation whose page is gone is in neither.

    Raises:
        ContractError: None of the pages is there.
    """
    folder = Path(source)
    saved = [path.stem for path in sorted(folder.glob("*.md"))] if folder.is_dir() else []
    titles = {page: title for title, page in pages.items()}
    with ThreadPoolExecutor(max(8, len(titles))) as pool:
        looks = {
            name: pool.submit(_read, f"{source.rstrip('/')}/{name}.md", timeout)
            for name in dict.fromkeys([*titles, *saved])
        }
    found: dict[str, Operation] = {}
    unread: dict[str, str] = {}
    absent = 0
    for name, read in looks.items():
        try:
            absent += (text := read.result()) is None
            found |= _operations(text, name) if text is not None else {}
        except ContractError as error:
            if name in titles:  # any other file of the folder need be no page
                unread[titles[name]] = str(error)
    if absent == len(looks):
        raise ContractError(f"{source}: none of the {absent} pages is there")
    return found, unread


def _operations(text: str, name: str) -> dict[str, Operation]:
    """The operations in the fenced OpenAPI blocks of a Markdown page."""
    if not (blocks := _BLOCK.findall(text)):
        kind = (
            "is empty"
            if not text.strip()
            else "is HTML"
            if text.lstrip()[:1] == "<"
            else "has no OpenAPI block"
        )
        raise ContractError(f"the page {name} {kind}")
    return {
        key: operation
        for _, block in blocks
        for key, operation in surface(parse(block, f"the page {name}")).items()
    }


def _read(place: str, timeout: float) -> str | None:
    """The text of a file or a URL, None if it is not there.

    Raises:
        ContractError: It cannot be read.
    """
    deadline, body = time.monotonic() + timeout, b""
    try:
        if not place.lower().startswith(("http://", "https://")):
            return Path(place).read_text("utf-8")
        request = urllib.request.Request(place, headers={"Accept": "text/markdown, */*"})  # noqa: S310 - http(s) only
        with urllib.request.urlopen(request, timeout=timeout) as response:  # noqa: S310 - http(s) only
            while chunk := response.read1(65536):
                body += chunk
                if len(body) > _LARGEST or time.monotonic() > deadline:
                    raise ContractError(
                        f"{place}: is too {'large' if len(body) > _LARGEST else 'slow'}"
                    )
        return body.decode("utf-8")
    except FileNotFoundError:
        return None
    except TimeoutError:
        raise ContractError(f"{place}: no answer within {timeout:g} s") from None
    except (OSError, ValueError, http.client.HTTPException) as error:
        if getattr(error, "code", None) in (404, 410):
            return None
        raise ContractError(f"{place}: cannot be read: {error}") from None


def main(argv: Sequence[str] | None = None) -> int:
    """Print what a look at the vendor's reference found; the exit code is the report's, 2 if there was no look."""
    parser = argparse.ArgumentParser(
        prog="vogent-contract drift", description=(__doc__ or "").split("\n")[0]
    )
    source = parser.add_mutually_exclusive_group()
    source.add_argument(
        "--pages", metavar="FOLDER_OR_URL", help="reference pages (default: the vendor's own)"
    )
    source.add_argument(
        "--openapi", metavar="FILE_OR_URL", help="one OpenAPI 3 document instead of pages"
    )
    parser.add_argument(
        "--timeout", type=float, default=20, metavar="SECONDS", help="for one page (default: 20)"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    arguments = parser.parse_args(argv)
    settings = yaml.safe_load(DIVERGENCES.read_text("utf-8"))
    place = arguments.openapi or arguments.pages or settings["source"]
    try:
        if arguments.openapi:
            if (text := _read(place, arguments.timeout)) is None:
                raise ContractError(f"{place} is not there")
            theirs, unread = surface(parse(text, place)), dict[str, str]()
        else:
            theirs, unread = published(settings["pages"], place, arguments.timeout)
        report = look(Document.read(), theirs, unread, settings["divergences"])
    except ContractError as error:
        print(f"drift: could not look: {error}", file=sys.stderr)
        return 2
    if arguments.json:
        names = {"old": "ours", "new": "vendor"}
        drift = [
            {names.get(key, key): part for key, part in change._asdict().items()}
            for change in report.drift
        ]
        print(json.dumps({"source": place, **report._asdict(), "drift": drift}, indent=2))
    else:
        print("\n".join(_lines(report, place)))
    return report.exit_code


def _lines(report: Report, place: str) -> list[str]:
    lines = [f"our contract -> {place}", *table(report.drift)]
    for heading, rows in (
        ("pinned divergences that are so no more", report.stale),
        ("could not look at", report.unread),
    ):
        lines += [f"{heading}:", *(f"  {row}" for row in rows)] if rows else []
    counts = {
        "differences": report.drift,
        "stale pins": report.stale,
        "not looked at": report.unread,
    }
    sums = [f"{name}: {len(rows)}" for name, rows in counts.items()]
    return [*lines, ", ".join([*sums, f"known divergences: {report.known}"])]


if __name__ == "__main__":
    sys.exit(main())
