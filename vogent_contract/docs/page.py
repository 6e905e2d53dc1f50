"""The contract as one HTML page that needs nothing else: no network, no other file.

`vogent-contract docs OUTPUT` writes it. The page is drawn by RapiDoc 9.3.8: `assets/` has
`dist/rapidoc-min.js` of the npm package `rapidoc` as it was published, with its licences (MIT).
"""

from __future__ import annotations

import html
import json
import re
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from vogent_contract.openapi import ContractError, Document, anchor

ASSETS = Path(__file__).parent / "assets"
KEY_OF_THE_READER = "yours, in <code>VOGENT_API_KEY</code>"


@dataclass(frozen=True)
class Server:
    """The server that shows the page, where the reader can try the operations.

    Attributes:
        base_url: Of the API, such as `http://127.0.0.1:8080/api`, at the page's own host.
        api_key: What the page fills in, empty to leave that to the reader.
    """

    base_url: str
    api_key: str


def render(document: Document, note: str = "", server: Server | None = None) -> bytes:
    """The page of a contract; it says what the contract assumes.

    Args:
        note: Markdown that is shown above the operations.
        server: Where the reader can try the operations; without it the page asks nobody.
    """
    shown = _shown(document, note, server)
    key = server.api_key if server else ""
    base_url = server.base_url if server else _first_server(shown)
    renderer = (ASSETS / "rapidoc-min.js").read_text("utf-8")
    parts = {
        "title": html.escape(shown["info"]["title"]),
        "connect": "'self'" if server else "'none'",
        "try": "true" if server else "false",
        "tab": "example" if server else "schema",
        "base_url": html.escape(base_url),
        "key": f"<code>{html.escape(key)}</code>" if key else KEY_OF_THE_READER,
        "curl": html.escape(_curl(shown, base_url, key)),
        "api_key": _script(key),
        "renderer": renderer.replace("</script", "<\\/script"),
        "document": _script(shown),
    }
    template = (ASSETS / "page.html").read_text("utf-8")
    return re.sub(r"{{(\w+)}}", lambda name: parts[name[1]], template).encode()


def main(argv: Sequence[str] | None = None) -> int:
    """Write the page of openapi.yaml; 0: done, 2: it could not be."""
    arguments = sys.argv[1:] if argv is None else argv
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print("usage: vogent-contract docs OUTPUT", file=sys.stderr)
        return 2
    output = Path(arguments[0])
    try:
        page = render(Document.read())
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_bytes(page)
    except (ContractError, OSError) as error:
        print(f"page: could not be written: {error}", file=sys.stderr)
        return 2
    print(f"{output}: {len(page) // 1024} KiB")
    return 0


def _shown(document: Document, note: str, server: Server | None) -> dict[str, Any]:
    """The document as the renderer gets it."""
    shown: dict[str, Any] = _resolved(document, document.raw, ())
    schemes = shown.get("components", {}).get("securitySchemes", {})
    shown["components"] = {"securitySchemes": schemes}  # the rest is where it was referred to
    shown["info"] = _info(document, note)
    if server:  # the path alone, so that requests go to the page's own host
        shown["servers"] = [{"url": urlsplit(server.base_url).path}]
    for tag in shown.get("tags", []):
        tag.setdefault("x-displayName", tag["name"].replace("_", " "))
    _name_replacements(shown)
    return shown


def _script(value: Any) -> str:
    """A value as JavaScript that cannot end the script it stands in."""
    return json.dumps(value, default=str).replace("<", "\\u003c")


def _first_server(shown: Mapping[str, Any]) -> str:
    servers = shown.get("servers") or [{}]
    return str(servers[0].get("url", ""))


def _curl(shown: Mapping[str, Any], base_url: str, key: str) -> str:
    """A command that reads something, the key from the environment if the page has none."""
    readable = [path for path, item in shown["paths"].items() if "get" in item and "{" not in path]
    url = shlex.quote(base_url + next(iter(readable), ""))
    header = f"Authorization: Bearer {key}"
    credential = shlex.quote(header) if key else f'"{header}$VOGENT_API_KEY"'
    return f"curl {url} -H {credential}"


def _info(document: Document, note: str) -> dict[str, Any]:
    """The contract's `info`; the source goes into the text, and the licence goes.

    The renderer would draw contact and licence over the edge of a phone.
    """
    info = dict(document.raw["info"])
    info.pop("license", None)
    contact = info.pop("contact", {})
    paragraphs = [info.get("description", "")]
    if "url" in contact:
        paragraphs.append(f"[{contact.get('name', contact['url'])}]({contact['url']})")
    info["description"] = "\n\n".join([*paragraphs, note])
    return info


def _resolved(document: Document, value: Any, above: tuple[str, ...]) -> Any:
    """A value with its references replaced, as the renderer would fetch them.

    Args:
        above: The references that were followed on the way here, so that none is entered twice.
    """
    if isinstance(value, list):
        return [_resolved(document, item, above) for item in value]
    if not isinstance(value, dict):
        return value
    reference = value.get("$ref")
    if not isinstance(reference, str):
        part = {name: _resolved(document, item, above) for name, item in value.items()}
        _say_what_is_assumed(part)
        return part
    shown: dict[str, Any] = {}
    if "/schemas/" in reference:
        shown["title"] = reference.rpartition("/")[2]
    if reference not in above:
        shown |= _resolved(document, document.at(reference), (*above, reference))
    return shown


def _say_what_is_assumed(part: dict[str, Any]) -> None:
    """Add the reasons of `x-assumed` to the description."""
    assumed = part.get("x-assumed", {})
    reasons = [part.get("description", "")]
    if isinstance(assumed, str):
        reasons.append(f"_Assumed:_ {assumed}")
    else:  # of a schema, by keyword
        for keyword, reason in assumed.items():
            reasons.append(f"_{keyword.capitalize()} assumed:_ {reason}")
    if assumed:
        part["description"] = "\n\n".join(reasons).strip()


def _name_replacements(shown: dict[str, Any]) -> None:
    """Deprecated operations say first what to call instead, with a link to it."""
    places: dict[str, tuple[str, str]] = {}
    operations: list[dict[str, Any]] = []
    for path, item in shown["paths"].items():
        for method, operation in item.items():
            if isinstance(operation, dict) and "operationId" in operation:
                places[operation["operationId"]] = (method, path)
                operations.append(operation)
    for operation in operations:
        place = places.get(operation.get("x-replaced-by", ""))
        if place:
            method, path = place
            link = f"[`{method.upper()} {path}`]({anchor(method, path)})"
            instead = f"**Deprecated: call {link} instead.**"
            operation["description"] = f"{instead}\n\n{operation.get('description', '')}"
