"""The vendor's published reference: one OpenAPI document, and Markdown pages with parts of it."""

from __future__ import annotations

import http.client
import re
import time
import urllib.error
import urllib.request
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from vogent_contract.changes.facts import Part
from vogent_contract.changes.surface import key_of, surface
from vogent_contract.openapi.document import ContractError, Document

_BLOCK = re.compile(
    r"^(`{3,}|~{3,})\s*ya?ml\b[^\n]*\b(?:get|put|post|delete|patch) +/[^\n]*\n(.*?)^\1",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)
_LARGEST = 5_000_000  # bytes


@dataclass
class Reference:
    """What the vendor says in one place.

    Attributes:
        name: What people call the place, such as `the pages`.
        place: File, folder or URL.
        operations: As `surface` gives them.
        unread: Why an operation could not be read, by its key in `surface`.
    """

    name: str
    place: str
    operations: dict[str, Part] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)


def whole(place: str, timeout: float, tops: Collection[str]) -> Reference:
    """Read one OpenAPI document; a fault in one operation leaves the others.

    Args:
        place: File or URL.
        timeout: Seconds that it may take.
        tops: How the paths begin that are of interest.

    Raises:
        ContractError: It cannot be read, or is no OpenAPI 3 document.
    """
    text = _text(place, timeout)
    if text is None:
        raise ContractError(f"{place} is not there")
    reference = Reference("the document", place)
    reference.operations = surface(Document.parse(text, place), reference.unread, tops)
    return reference


def pages(names: Mapping[str, str], place: str, timeout: float, tops: Collection[str]) -> Reference:
    """Read the reference page by page; an operation whose page is gone is not in it.

    Args:
        names: Name of its page by an operation's method and path.
        place: Folder or URL of the pages. Other pages of a folder are read too.
        timeout: Seconds that a page may take.
        tops: How the paths begin that are of interest.

    Raises:
        ContractError: None of the pages is there.
    """
    reference = Reference("the pages", place)
    keys = {name: key_of(title) for title, name in names.items()}
    saved = sorted(path.stem for path in Path(place).glob("*.md"))
    for name in dict.fromkeys([*keys, *saved]):
        try:
            text = _text(f"{place.rstrip('/')}/{name}.md", timeout)
            if text is not None:
                reference.operations |= _operations(text, f"the page {name}", tops)
        except ContractError as error:
            if name in keys:  # any other file of the folder need be no page
                reference.unread[keys[name]] = str(error)
    if not reference.operations and not reference.unread:
        raise ContractError(f"{place}: none of the {len(names)} pages is there")
    return reference


def _operations(page: str, name: str, tops: Collection[str]) -> dict[str, Part]:
    """The operations in the fenced OpenAPI blocks of a page."""
    blocks = _BLOCK.findall(page)
    if not blocks:
        raise ContractError(f"{name} has no OpenAPI block, it begins with {page[:40]!r}")
    operations: dict[str, Part] = {}
    for _, block in blocks:
        operations |= surface(Document.parse(block, name), tops=tops)
    return operations


def _text(place: str, timeout: float) -> str | None:
    """The text of a file or a URL, None if it is not there.

    Raises:
        ContractError: It cannot be read.
    """
    try:
        if place.lower().startswith(("http://", "https://")):
            return _download(place, timeout)
        return Path(place).read_text("utf-8")
    except FileNotFoundError:
        return None
    except TimeoutError:
        raise ContractError(f"{place}: no answer within {timeout:g} s") from None
    except (OSError, ValueError, http.client.HTTPException) as error:
        if isinstance(error, urllib.error.HTTPError) and error.code in (404, 410):
            return None
        raise ContractError(f"{place}: cannot be read: {error}") from None


def _download(url: str, timeout: float) -> str:
    deadline = time.monotonic() + timeout
    body = b""
    headers = {"Accept": "text/markdown, */*"}
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - http(s) only
    with urllib.request.urlopen(request, timeout=timeout) as response:  # noqa: S310 - http(s) only
        while chunk := response.read1(65536):
            body += chunk
            if time.monotonic() > deadline:  # the timeout of urllib is for each chunk
                raise TimeoutError
            if len(body) > _LARGEST:
                raise ContractError(f"{url}: is too large")
    return body.decode("utf-8")
