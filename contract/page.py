"""The contract as one HTML page that needs nothing else: no network, no other file.

`python -m contract.page OUTPUT` writes it. The page is drawn by RapiDoc 9.3.8 (npm `rapidoc`, MIT, in `page_assets/`).
"""

from __future__ import annotations

import functools
import html
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from contract.document import ContractError, Document

_RENDERER = Path(__file__).parent / "page_assets" / "rapidoc-min.js"
_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; font-src data:">
<link rel="icon" href="data:,">
<title>%(title)s</title>
<style>
  body { margin: 0 }
  @media (max-width: 768px) {
    rapi-doc::part(section-overview), rapi-doc::part(section-tag), rapi-doc::part(section-operation) { padding: 12px }
  }
</style>
<rapi-doc id="reference" render-style="read" show-header="false" load-fonts="false" theme="light"
  allow-try="false" allow-authentication="false" allow-server-selection="false" use-path-in-nav-bar="true"
  show-method-in-nav-bar="as-colored-text" schema-style="tree" schema-description-expanded="true"
  default-schema-tab="schema" nav-bg-color="#24292f" primary-color="#0a58ca"></rapi-doc>
<script type="module">
  // On a phone the renderer hides what fields mean and keeps their column wide: here the one goes below the other.
  const narrow = `@media (max-width: 768px) { .tr { flex-wrap: wrap } .td.key { min-width: 0 !important }
    .key-descr { display: block !important; flex: 1 1 100%%; padding-left: 16px } }`;
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (options) {
    const root = attach.call(this, options);
    if (this.localName === "schema-tree") root.appendChild(document.createElement("style")).textContent = narrow;
    return root;
  };
</script>
<script type="module">%(renderer)s</script>
<script type="module">document.getElementById("reference").loadSpec(%(document)s)</script>
</html>
"""


def render(document: Document, note: str = "") -> bytes:
    """The page of a contract.

    Args:
        document: The contract; what it assumes and what replaces a deprecated operation is put into words.
        note: Markdown that is shown above the operations.
    """
    info = dict(document.raw["info"])
    contact, _ = info.pop("contact", {}), info.pop("license", None)  # drawn over the edge of a phone
    source = f"[{contact.get('name', contact['url'])}]({contact['url']})" if "url" in contact else ""
    info["description"] = "\n\n".join(filter(None, [info.get("description", ""), source, note]))
    shown = {**_resolved(document, document.raw, ()), "info": info}
    shown["components"] = {"securitySchemes": shown.get("components", {}).get("securitySchemes", {})}
    _name_replacements(shown)
    return _page(info["title"], json.dumps(shown, default=str).replace("<", "\\u003c"))


@functools.cache
def _page(title: str, document: str) -> bytes:
    renderer = _RENDERER.read_text("utf-8").replace("</script", "<\\/script")
    return (_PAGE % {"title": html.escape(title), "renderer": renderer, "document": document}).encode()


def _resolved(document: Document, value: Any, seen: tuple[str, ...]) -> Any:
    """A value with its references replaced, as the renderer would fetch them; what is assumed says so."""
    if isinstance(value, list):
        return [_resolved(document, item, seen) for item in value]
    if not isinstance(value, dict):
        return value
    if isinstance(ref := value.get("$ref"), str):
        name = {"title": ref.rpartition("/")[2]} if "/schemas/" in ref else {}
        return name if ref in seen else {**name, **_resolved(document, document.at(ref), (*seen, ref))}
    part = {str(key): _resolved(document, item, seen) for key, item in value.items()}
    if isinstance(value.get("x-assumed"), str):
        part["description"] = f"{value.get('description', '')}\n\n_Assumed:_ {value['x-assumed']}".strip()
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
            operation["description"] = f"**Deprecated: call {link} instead.**\n\n{operation.get('description', '')}"


def main(argv: Sequence[str] | None = None) -> int:
    """Write the page of openapi.yaml; 0: done, 2: it could not be."""
    arguments = sys.argv[1:] if argv is None else argv
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print("usage: python -m contract.page OUTPUT", file=sys.stderr)
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
