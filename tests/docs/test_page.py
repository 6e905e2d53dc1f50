"""The reference page holds the whole contract and needs nothing else."""

from __future__ import annotations

import hashlib
import http.server
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.browser import CHROMIUM, Browser
from vogent_contract.openapi import page
from vogent_contract.openapi.document import Document

OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, item in Document.read().raw["paths"].items()
    for method, operation in item.items()
    if method in ("get", "post", "put", "delete")
}
SHADOW = "document.querySelector('rapi-doc').shadowRoot"
DEEP = """(() => { const text = (node) => node.nodeType === 3 ? node.data
  : ['style', 'script'].includes(node.localName) ? ''
  : [...(node.shadowRoot?.childNodes ?? []), ...node.childNodes].map(text).join(' ');
  return text(document.body).replace(/\\s+/g, ' ') })()"""
SHOWN = f"{SHADOW}.querySelector('main').innerText.replace(/\\s+/g, ' ')"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The page, served from loopback."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/" else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(
                page.render(Document.read(), "A *note* of the server.") if self.path == "/" else b""
            )

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
            del format, args

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module", params=[1280, 400], ids=["desktop", "phone"])
def browser(request: pytest.FixtureRequest, url: str) -> Iterator[Browser]:
    """The page, opened and drawn."""
    if not CHROMIUM:
        pytest.skip(
            "no chromium on PATH: the page is not opened in a browser (Debian: apt-get install chromium)"
        )
    browser = Browser(url, request.param)
    try:
        last = list(OPERATIONS.values())[-1]["summary"]
        browser.wait_for(f"document.querySelector('rapi-doc')?.shadowRoot?.querySelector('main')"
                         f"?.innerText.includes({last!r})")  # fmt: skip
        yield browser
    finally:
        browser.close()


def test_every_operation_is_shown(browser: Browser) -> None:
    """Each operation is there with its summary, method and path."""
    text = browser.evaluate(SHOWN)
    for title, operation in OPERATIONS.items():
        assert operation["summary"] in text
        assert title in text
    assert "A note of the server." in text


def test_purchase_is_deprecated_and_its_replacement_linked(browser: Browser) -> None:
    """Whoever reads of the deprecated operation sees first what to call instead."""
    section = f"{SHADOW}.getElementById('post-/phone_numbers/purchase')"
    text = browser.evaluate(f"{section}.innerText.replace(/\\s+/g, ' ')")
    assert "DEPRECATED" in text.upper().split("BUY AN AVAILABLE")[0]
    assert "Deprecated: call POST /phone_numbers instead." in text
    assert (
        browser.evaluate(f"{section}.querySelector('.m-markdown a').getAttribute('href')")
        == "#post-/phone_numbers"
    )
    assert browser.evaluate(f"!!{SHADOW}.getElementById('post-/phone_numbers')")
    assert browser.evaluate(SHOWN).upper().count("DEPRECATED: CALL") == 1


def test_schemas_are_drawn_and_assumptions_said(browser: Browser) -> None:
    """Fields, nullability and enum values are on the page; what is assumed says so."""
    text = browser.evaluate(DEEP)
    for expected in ("agentId", "string or null", "SIP_USERNAME", "terminationUri", "sip_import"):
        assert expected in text
    assert "{recursive" not in text
    assert "Assumed: The reference requires the key but names no status" in text
    assert "Pattern assumed: The reference names the format." in text


def test_nothing_is_asked_of_anyone(browser: Browser, url: str) -> None:
    """The page's own address is the only one that is ever asked, and nothing is complained of on the console."""
    browser.evaluate(f"{SHADOW}.querySelectorAll('a,button').length")
    asked = {address for address in browser.requests if not address.startswith(("data:", "blob:"))}
    assert asked == {url}
    assert browser.complaints == []


def test_it_fits_its_width(browser: Browser) -> None:
    """Nothing sticks out at the side, and text is large enough to read."""
    assert browser.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert browser.evaluate(f"{SHADOW}.querySelector('main').scrollWidth <= window.innerWidth")
    assert (
        browser.evaluate(
            f"parseFloat(getComputedStyle({SHADOW}.querySelector('.m-markdown p')).fontSize)"
        )
        >= 13
    )


def test_the_file_holds_no_address_to_load_from() -> None:
    """No script, style sheet, image or font of another file, and a policy that forbids them."""
    text = page.render(Document.read()).decode()
    head = text[: text.index('<script type="module">')]
    assert re.findall(r"(?:src|href)=\"(?!data:)[^\"]*\"", head) == []
    assert "default-src 'none'" in head
    assert text.count("</script>") == 3
    assert len(text) < 1_000_000


def test_the_contract_cannot_break_out_of_the_page() -> None:
    """What a description says is text, never markup of the page."""
    raw = dict(Document.read().raw)
    raw["info"] = {
        **raw["info"],
        "title": "<i>title",
        "description": "</script><script>alert(1)</script>",
    }
    text = page.render(Document(raw)).decode()
    assert "alert(1)</script>" not in text
    assert "<title>&lt;i&gt;title</title>" in text


def test_the_renderer_comes_with_its_licences() -> None:
    """What is shipped of others is what they published, with the terms that they ask for."""
    assets = Path(page.__file__).parent / "page_assets"
    published = (
        "affbd173a65e870e18f392cca963113bcdafb6e50e88cd2f6a834a65b22db94d"  # npm rapidoc 9.3.8
    )
    assert hashlib.sha256((assets / "rapidoc-min.js").read_bytes()).hexdigest() == published
    assert "MIT License" in (assets / "LICENSE.txt").read_text("utf-8")
    assert "BSD-3-Clause" in (assets / "rapidoc-min.js.LICENSE.txt").read_text("utf-8")
    assert "RapiDoc 9.3.8" in (assets / "rapidoc-min.js.LICENSE.txt").read_text("utf-8")


def test_the_command_writes_the_page(tmp_path: Path) -> None:
    """`vogent-contract docs` makes the folders it needs; a place where nothing can be written is one line."""
    command = [sys.executable, "-m", "vogent_contract", "docs"]
    output = tmp_path / "build" / "docs" / "index.html"
    root = Path(page.__file__).parent.parent
    subprocess.run([*command, str(output)], check=True, cwd=root, capture_output=True)
    assert output.read_bytes() == page.render(Document.read())
    (tmp_path / "file").touch()
    command.append(str(tmp_path / "file" / "index.html"))
    refused = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert re.fullmatch(r"page: could not be written: [^\n]+\n", refused.stderr)
