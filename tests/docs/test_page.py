"""The reference page holds the whole contract and needs nothing else."""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.browser import CHROMIUM, Browser
from vogent_contract.docs import page
from vogent_contract.mock import TEST_KEY
from vogent_contract.openapi import Document, load

CONTRACT = load()
SHADOW = "document.querySelector('rapi-doc').shadowRoot"
MAIN = f"{SHADOW}?.querySelector('main')"
SHOWN = f"{MAIN}.innerText.replace(/\\s+/g, ' ')"
PURCHASE = f"{SHADOW}.getElementById('post-/phone_numbers/purchase')"
# The text of all shadow roots too: the schemas are drawn in roots of their own.
DEEP = """(() => { const text = (node) => node.nodeType === 3 ? node.data
  : ['style', 'script'].includes(node.localName) ? ''
  : [...(node.shadowRoot?.childNodes ?? []), ...node.childNodes].map(text).join(' ');
  return text(document.body).replace(/\\s+/g, ' ') })()"""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of the page, a file."""
    file = tmp_path_factory.mktemp("docs") / "index.html"
    file.write_bytes(page.render(Document.read(), "A *note* of the server."))
    return file.as_uri()


@pytest.fixture(scope="module", params=[1280, 400], ids=["desktop", "phone"])
def browser(request: pytest.FixtureRequest, url: str) -> Iterator[Browser]:
    """The page, opened and drawn."""
    if not CHROMIUM:
        pytest.skip("no chromium on PATH to open the page in (Debian: apt-get install chromium)")
    browser = Browser(url, request.param)
    try:
        browser.wait_for("!!document.querySelector('rapi-doc')")
        *_, last = [CONTRACT.document.at(one.pointer) for one in CONTRACT.operations.values()]
        browser.wait_for(f"{MAIN}?.innerText.includes({last['summary']!r})")
        yield browser
    finally:
        browser.close()


def test_every_operation_is_shown(browser: Browser) -> None:
    """Each operation is there with its summary, method and path, and the note above them."""
    text = browser.evaluate(SHOWN)
    for operation in CONTRACT.operations.values():
        assert CONTRACT.document.at(operation.pointer)["summary"] in text
        assert f"{operation.method} {operation.path}" in text
    assert "A note of the server." in text


def test_deprecated_operation_names_its_replacement(browser: Browser) -> None:
    """Whoever reads of the deprecated operation sees first what to call instead, with a link."""
    text = browser.evaluate(f"{PURCHASE}.innerText.replace(/\\s+/g, ' ')")
    assert "DEPRECATED" in text.upper().split("BUY AN AVAILABLE")[0]
    assert "Deprecated: call POST /phone_numbers instead." in text
    link = browser.evaluate(f"{PURCHASE}.querySelector('.m-markdown a').getAttribute('href')")
    assert "#post-/phone_numbers" == link
    assert browser.evaluate(f"!!{SHADOW}.getElementById('{link[1:]}')")
    assert 1 == browser.evaluate(SHOWN).upper().count("DEPRECATED: CALL")


def test_schemas_and_assumptions(browser: Browser) -> None:
    """Fields, nullability and enum values are on the page; what is assumed says so."""
    text = browser.evaluate(DEEP)
    for expected in (
        "agentId",
        "string or null",
        "SIP_USERNAME",
        "terminationUri",
        "sip_import",
        "Assumed: The reference requires the key but names no status",
        "Pattern assumed: The reference names the format.",
    ):
        assert expected in text
    assert "{recursive" not in text


def test_nothing_is_asked_of_anyone(browser: Browser, url: str) -> None:
    """The page asks for nothing but itself, and nothing is complained of on the console."""
    asked = {address for address in browser.requests if not address.startswith(("data:", "blob:"))}
    assert {url} == asked
    assert [] == browser.complaints


def test_it_fits_its_width(browser: Browser) -> None:
    """Nothing sticks out at the side, and text is large enough to read."""
    assert browser.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert browser.evaluate(f"{MAIN}.scrollWidth <= window.innerWidth")
    paragraph = f"{SHADOW}.querySelector('.m-markdown p')"
    assert 13 <= browser.evaluate(f"parseFloat(getComputedStyle({paragraph}).fontSize)")


def test_the_file_holds_no_address_to_load_from() -> None:
    """No script, style sheet, image or font of another file, and a policy that forbids them."""
    text = page.render(Document.read()).decode()
    head = text[: text.index('<script type="module">')]
    assert [] == re.findall(r"(?:src|href)=\"(?!data:)[^\"]*\"", head)
    assert "default-src 'none'" in head
    assert 3 == text.count("</script>")
    assert len(text) < 1_000_000


def test_the_file_sends_nothing() -> None:
    """It names the contract's server, holds no key, and may ask nobody anything."""
    text = page.render(Document.read()).decode()
    url = "https://api.vogent.ai/api/phone_numbers"
    command = f'curl {url} -H "Authorization: Bearer $VOGENT_API_KEY"'
    assert html.escape(command) in text
    assert TEST_KEY not in text
    assert "connect-src 'none'" in text
    assert 'allow-try="false" allow-authentication="false"' in text


def test_the_contract_cannot_break_out_of_the_page() -> None:
    """What a description says is text, never markup of the page."""
    script = "</script><script>alert(1)</script>"
    info = {**CONTRACT.document.raw["info"], "title": "<i>title", "description": script}
    text = page.render(Document({**CONTRACT.document.raw, "info": info})).decode()
    assert "alert(1)</script>" not in text
    assert "<title>&lt;i&gt;title</title>" in text


def test_the_renderer_comes_with_its_licences() -> None:
    """What is shipped of others is what they published, with the terms that they ask for."""
    renderer = (page.ASSETS / "rapidoc-min.js").read_bytes()  # of the npm package rapidoc 9.3.8
    published = "affbd173a65e870e18f392cca963113bcdafb6e50e88cd2f6a834a65b22db94d"
    assert published == hashlib.sha256(renderer).hexdigest()
    assert "MIT License" in (page.ASSETS / "LICENSE.txt").read_text("utf-8")
    others = (page.ASSETS / "rapidoc-min.js.LICENSE.txt").read_text("utf-8")
    assert "RapiDoc 9.3.8" in others
    assert "BSD-3-Clause" in others


def test_the_command_writes_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`vogent-contract docs` makes the folders it needs, or says in one line why it cannot."""
    output = tmp_path / "build" / "docs" / "index.html"
    assert 0 == page.main([str(output)])
    assert output.read_bytes() == page.render(Document.read())
    capsys.readouterr()
    assert 2 == page.main([str(output / "index.html")])
    assert re.fullmatch(r"page: could not be written: [^\n]+\n", capsys.readouterr().err)
