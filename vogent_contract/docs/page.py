"""The contract as one HTML page that needs nothing else: no network, no other file.

`vogent-contract docs OUTPUT` writes it. The page is drawn by RapiDoc 9.3.8: `assets/` has
`dist/rapidoc-min.js` of the npm package `rapidoc` as it was published, with its licences (MIT).
"""

from __future__ import annotations

import functools
import html
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from vogent_contract.openapi.document import ContractError, Document

_ASSETS = Path(__file__).parent / "assets"


def render(document: Document, note: str = "") -> bytes:
    """The page of a contract.

    Args:
        document: The contract; what it assumes and what replaces a deprecated operation is put into words.
        note: Markdown that is shown above the operations.
    """
    info = dict(document.raw["info"])
    contact, _ = (
        info.pop("contact", {}),
        info.pop("license", None),
    )  # drawn over the edge of a phone
    source = (
        f"[{contact.get('name', contact['url'])}]({contact['url']})" if "url" in contact else ""
    )
    info["description"] = "\n\n".join(filter(None, [info.get("description", ""), source, note]))
    shown = {**_resolved(document, document.raw, ()), "info": info}
    shown["components"] = {
        "securitySchemes": shown.get("components", {}).get("securitySchemes", {})
    }
    _name_replacements(shown)
    return _page(info["title"], json.dumps(shown, default=str).replace("<", "\\u003c"))


@functools.cache
def _page(title: str, document: str) -> bytes:
    renderer = (_ASSETS / "rapidoc-min.js").read_text("utf-8").replace("</script", "<\\/script")
    parts = {"title": html.escape(title), "renderer": renderer, "document": document}
    template = (_ASSETS / "page.html").read_text("utf-8")
    return re.sub(r"{{(\w+)}}", lambda name: parts[name[1]], template).encode()


def _resolved(document: Document, value: Any, seen: tuple[str, ...]) -> Any:
    """A value with its references replaced, as the renderer would fetch them; what is assumed says so."""
    if isinstance(value, list):
        return [_resolved(document, item, seen) for item in value]
    if not isinstance(value, dict):
        return value
    if isinstance(ref := value.get("$ref"), str):
        name = {"title": ref.rpartition("/")[2]} if "/schemas/" in ref else {}
        return (
            name if ref in seen else {**name, **_resolved(document, document.at(ref), (*seen, ref))}
        )
    part = {str(key): _resolved(document, item, seen) for key, item in value.items()}
    assumed = value.get(
        "x-assumed", {}
    )  # of a schema the reason for each keyword, otherwise one for the whole
    for keyword, reason in assumed.items() if isinstance(assumed, dict) else [("", assumed)]:
        says = " ".join(filter(None, (keyword, "assumed:")))
        part["description"] = (
            f"{part.get('description', '')}\n\n_{says.capitalize()}_ {reason}".strip()
        )
    return part


def _name_replacements(shown: dict[str, Any]) -> None:
    """Deprecated operations say first what to call instead, with a link to it."""
    methods = {
        operation["operationId"]: (method, path, operation)
        for path, item in shown["paths"].items()
        for method, operation in item.items()
        if isinstance(operation, dict) and "operationId" in operation
    }
    for _, _, operation in methods.values():
        if (replacement := operation.get("x-replaced-by")) in methods:
            method, path, _ = methods[replacement]
            link = f"[`{method.upper()} {path}`](#{method}-{path})"
            operation["description"] = (
                f"**Deprecated: call {link} instead.**\n\n{operation.get('description', '')}"
            )


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


if __name__ == "__main__":
    sys.exit(main())
