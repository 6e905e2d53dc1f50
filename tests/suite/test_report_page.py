"""The page of a run leads to the faulty line, asks for nothing, and runs nothing of a server's."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.docs.browser import CHROMIUM, Browser
from tests.running import ROOT
from tests.suite.scripted import CONTRACT, JSON, Script, listing, phone_number, played, reading
from vogent_contract.suite import report
from vogent_contract.suite.credential import SHORT, Key
from vogent_contract.suite.exchange import Answer, Call
from vogent_contract.suite.findings import Finding
from vogent_contract.suite.known import Deviation
from vogent_contract.suite.report_page.lines import body_lines
from vogent_contract.suite.report_page.messages import FIRST_LINE, place_of
from vogent_contract.suite.report_page.page import render, verdict
from vogent_contract.suite.run import Options, Run

BEGAN = 1_767_323_045.25  # 2026-01-02 03:04:05.25 UTC
HOSTILE = "</script><script>window.ran = 1</script><img src=x onerror='window.ran = 2'>"
SCRIPT = "repeat/01-getPhoneNumber-reads-the-same.sh"
KNOWN = Deviation("documented-response", "updatePhoneNumber", "mended in May", "")

ON_SCREEN = """document.querySelector('{0}').checkVisibility()
  && document.elementsFromPoint(innerWidth / 2,
    document.querySelector('{0}').getBoundingClientRect().top + 5)
    .some((one) => one.closest('{0}'))"""
# What is written in a colour that does not stand out from the one behind it, 4.5 to 1.
FAINT = """(() => {
  const parts = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = (color) => parts(color).slice(0, 3).map((part) => part / 255)
    .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const behind = (element) => {
    const color = element ? getComputedStyle(element).backgroundColor : "rgb(255, 255, 255)";
    return parts(color)[3] === 0 ? behind(element.parentElement) : color;
  };
  const written = (node) => node.nodeType === 3 && node.data.trim();
  return [...document.querySelectorAll("body *:not(script, svg *)")]
    .filter((one) => one.checkVisibility() && [...one.childNodes].some(written))
    .map((one) => [one.className, light(getComputedStyle(one).color), light(behind(one))])
    .filter(([, a, b]) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5);
})()"""


def exchanged(run: Run, method: str, target: str, answer: Answer, body: Any = None) -> None:
    """Let a run send a request that gets an answer."""
    assert isinstance(run.wire, Script)
    started = BEGAN + 0.25 * len(run.exchanges)
    run.wire.answers = [replace(answer, started=started, elapsed=0.012)]
    content = b"" if body is None else json.dumps(body).encode()
    run.send(Call(method, target, content, JSON if content else None))


def answer(value: Any, odd: str = "") -> Answer:
    """A success with JSON, or with the bytes that are given."""
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    return Answer(200, httpx.Headers({"content-type": JSON, "x-odd": odd}), content)


def begun(key: str = "secret-key") -> Run:
    """A run that nothing was sent in."""
    wire = Script("http://127.0.0.1:9/api", Key(key), timeout=1)
    run = Run(CONTRACT, wire, Options("full", seed=7, known=[KNOWN]))
    run.test = "test_scene"
    return run


def broken_run(key: str = "secret-key") -> Run:
    """A run with findings of each level against a server that would like its answers to run."""
    run = begun(key)
    numbers = [phone_number(f"id-{index}", f"+1415555{index:04}") for index in range(60)]
    exchanged(run, "GET", "/phone_numbers", answer({"data": numbers, "cursor": None}))
    wrong = phone_number("id-40", "+14155550040", agentId=HOSTILE)
    exchanged(run, "GET", "/phone_numbers/id-40", answer(wrong, HOSTILE))
    exchanged(run, "GET", "/phone_numbers/id-2", answer(b'{"id": "\0\xff\xe2\x80\xae' + b"</pre>"))
    exchanged(run, "GET", "/phone_numbers/id-3", Answer(500))
    exchanged(run, "GET", "/phone_numbers/id-3", answer(numbers[3]))
    exchanged(run, "PUT", "/phone_numbers/id-4", answer(numbers[4]), {"agentId": 5})
    exchanged(run, "PUT", "/phone_numbers/id-5", Answer(204), {"agentId": ""})
    run.require_evidence()
    return run


def written(run: Run, folder: Path) -> str:
    """The page of a run, written beside its scripts and the reference."""
    report.write(run, folder, 1)
    return (folder / "report.html").read_text("utf-8")


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a page, a file."""
    folder = tmp_path_factory.mktemp("report")
    written(broken_run(), folder)
    return (folder / "report.html").as_uri()


def opened(url: str, width: int) -> Browser:
    """The page in a browser, which may write to the clipboard."""
    if not CHROMIUM:
        pytest.skip("no chromium on PATH to open the page in (Debian: apt-get install chromium)")
    browser = Browser("about:blank", width)
    browser.call("Page.navigate", url=url)
    browser.wait_for("location.protocol === 'file:' && document.readyState === 'complete'")
    return browser


@pytest.fixture
def browser(url: str) -> Iterator[Browser]:
    """The page, opened."""
    browser = opened(url, 1280)
    yield browser
    browser.close()


def click(browser: Browser, selector: str) -> None:
    """Press the mouse on an element."""
    element = f"document.querySelector({selector!r})"
    browser.evaluate(f"{element}.scrollIntoView({{block: 'center'}})")
    box = browser.evaluate(f"{element}.getBoundingClientRect().toJSON()")
    at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    for kind in ("mousePressed", "mouseReleased"):
        browser.call("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **at)


def shown(browser: Browser) -> list[str]:
    """Levels of the findings that are shown."""
    visible = "[...document.querySelectorAll('.card')].filter((one) => one.checkVisibility())"
    levels: list[str] = browser.evaluate(f"{visible}.map((one) => one.dataset.level)")
    return levels


def test_it_asks_for_nothing_and_runs_nothing(browser: Browser, url: str) -> None:
    """The page loads no other file, complains of nothing, and no answer's markup is run."""
    assert {url, "data:,"} >= set(browser.requests)
    assert [] == browser.complaints
    assert "undefined" == browser.evaluate("typeof window.ran")
    assert [] == browser.evaluate("[...document.images].map((one) => one.src)")


def test_answers_are_shown_as_they_came(browser: Browser) -> None:
    """Markup is text; NUL, bytes that are not UTF-8 and marks that turn text are escapes."""
    text = browser.evaluate("document.body.textContent")
    assert HOSTILE in text
    assert r'{"id": "\u0000\xff\u202e</pre>' in text
    assert not {"\0", "\u202e"} & set(text)


def test_the_wrong_place_is_marked(browser: Browser) -> None:
    """The line that is wrong has what was expected with it, and so has what it contradicts."""
    marked = "[...document.querySelectorAll('#finding-1 .wrong')].map((one) => one.textContent)"
    accused, other = browser.evaluate(marked)
    assert accused.startswith('  "agentId": "</script>')
    assert accused.endswith("expected null as request 1 showed it")
    assert '"agentId": null' == other.strip()


def test_the_top_says_what_the_run_was(browser: Browser) -> None:
    """Verdict, counts, server, date, duration, profile, seed and versions are on top."""
    text = browser.evaluate("document.querySelector('header').innerText.replace(/\\s+/g, ' ')")
    for expected in (
        "Breaks the contract",
        "3 broken 1 lenient 1 known",
        "http://127.0.0.1:9/api",
        "2026-01-02 03:04:05 UTC",
        " requests",
        "full, seed 7",
        "kit 1.0.0, Python 3.",
    ):
        assert expected in text


def test_a_finding_says_what_is_needed_to_mend_it(browser: Browser) -> None:
    """Place, source, since when, how often, the calls that lead to it and the script."""
    first = browser.evaluate("document.querySelector('#finding-1').textContent")
    for expected in ("/agentId", "Documented", "request 2 of ", "250 ms into the run", SCRIPT):
        assert expected in first
    assert "GET /phone_numbers/$id_1" in first
    assert f"#   got {json.dumps(HOSTILE)}" in first
    failing = browser.evaluate("document.querySelector('#finding-3').innerText")
    assert "1 of 4 requests of this operation got the status 500" in failing
    assert "one like it got 200: request " in failing


def test_filter(browser: Browser) -> None:
    """Findings are filtered by level and by words, and groups without any are hidden."""
    everything = shown(browser)
    assert {"broken", "lenient", "known", "not seen"} == set(everything)
    click(browser, "[type=checkbox][value='not seen']")
    assert 5 == len(shown(browser))
    click(browser, "[type=search]")
    browser.call("Input.insertText", text="updatePhone lenient")
    assert ["lenient"] == shown(browser)
    assert 1 == browser.evaluate("document.querySelectorAll('.group:not([hidden])').length")
    assert f"1 of {len(everything)} shown" == browser.evaluate(
        "document.querySelector('output').textContent"
    )


@pytest.mark.parametrize("what", ["curl", "script"])
def test_copy(browser: Browser, what: str) -> None:
    """A button puts the curl line or the whole script into the clipboard."""
    permissions = ["clipboardReadWrite", "clipboardSanitizedWrite"]
    browser.call("Browser.grantPermissions", permissions=permissions)
    browser.evaluate(
        "document.querySelectorAll('#finding-1 > details').forEach(d => d.open = true)"
    )
    click(browser, f"[data-copy={what}-1]")
    browser.wait_for(f"document.querySelector('[data-copy={what}-1]').textContent === 'Copied'")
    browser.evaluate("navigator.clipboard.readText().then((text) => window.copied = text)")
    browser.wait_for("!!window.copied")
    expected = browser.evaluate(f"document.getElementById('{what}-1').textContent")
    assert expected == browser.evaluate("window.copied")
    assert "curl" in expected


def test_links(browser: Browser) -> None:
    """A finding's request is one click away in the traffic, and so is the way back."""
    click(browser, "#finding-1 a[href='#request-2']")
    browser.wait_for(ON_SCREEN.format("#request-2"))
    entry = browser.evaluate("document.querySelector('#request-2').closest('details').textContent")
    for expected in ("GET", "/phone_numbers/id-40", "200", "12 ms", "test_scene", "right key"):
        assert expected in entry
    click(browser, "#request-2 a[href='#finding-1']")
    browser.wait_for(ON_SCREEN.format("#finding-1 h4"))
    click(browser, "#lane-updatePhoneNumber a path")
    browser.wait_for("document.querySelector(':target').textContent.includes('agentId')")
    browser.wait_for(ON_SCREEN.format(":target"))


def test_without_scripts(url: str) -> None:
    """Where no script runs links unfold all the same, and nothing is there that would need one."""
    browser = opened(url, 1280)
    try:
        browser.call("Emulation.setScriptExecutionDisabled", value=True)
        browser.call("Page.reload")
        browser.wait_for("document.readyState === 'complete'")
        assert not browser.evaluate("document.querySelector('#filter').checkVisibility()")
        assert not browser.evaluate("document.querySelector('[data-copy]').checkVisibility()")
        click(browser, "#finding-1 a[href='#request-2']")
        browser.wait_for(ON_SCREEN.format("#request-2"))
    finally:
        browser.close()


def test_the_vendors_page_is_linked(browser: Browser) -> None:
    """What is documented has a link to the page of the vendor's that `make drift` reads."""
    links = "[...document.querySelectorAll('#finding-1 a[rel=noreferrer]')].map((one) => one.href)"
    reference = yaml.safe_load((ROOT / "vogent_contract/changes/divergences.yaml").read_text())
    page = reference["pages"]["GET /phone_numbers/{id}"]
    assert [f"{reference['source']}/{page}"] == browser.evaluate(links)
    for operation in CONTRACT.operations.values():
        page = reference["pages"][f"{operation.method} {operation.path}"]
        described = CONTRACT.document.at(operation.pointer)
        assert f"{reference['source']}/{page}" == described["externalDocs"]["url"]


@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_can_be_read(url: str, width: int, scheme: str) -> None:
    """Nothing sticks out at the side, and text stands out from what is behind it (WCAG AA)."""
    browser = opened(url, width)
    try:
        feature = {"name": "prefers-color-scheme", "value": scheme}
        browser.call("Emulation.setEmulatedMedia", features=[feature])
        browser.evaluate("document.querySelectorAll('details').forEach((one) => one.open = true)")
        assert browser.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert [] == browser.evaluate(FAINT)
    finally:
        browser.close()


@pytest.mark.parametrize("key", ["a", "test", "div", "k<&>'-123456", "0123456789abcdef"])
def test_the_key_is_in_no_value(tmp_path: Path, key: str) -> None:
    """Whatever the key is: no value holds it, and the page is whole where it is like markup."""
    run = broken_run(key)
    answers = {"id": "id-9", "said": f"you sent {key}", key: key}
    exchanged(run, "GET", "/phone_numbers/id-9", answer(answers, key))
    page = written(run, tmp_path)
    assert "x-odd: $VOGENT_API_KEY</span>" in page
    assert len(key) < SHORT or key not in html.unescape(page)
    assert "you sent $VOGENT_API_KEY" in page
    [script] = re.findall("<script>(.*)</script>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in page


def test_a_long_run_stays_light(tmp_path: Path) -> None:
    """3,000 requests with long bodies are a page of less than 5 MB."""
    long = phone_number("id-1", text='"<&' * 3000)
    run = begun()
    for _ in range(3000):
        exchanged(run, "GET", "/phone_numbers/id-1", answer(long))
    page = render(run, tmp_path, 0)
    assert 3000 == page.count('id="request-')
    assert len(page.encode()) < 5_000_000


LAID_OUT = {
    "as it was written": ('{"a":1.0,"a":1e5}', "/a", ["{", '"a": 1.0,', '"a": 1e5 <', "}"]),
    "a property that is absent": ("[{}]", "/0/b", ["[", "{}", '"b": is not there <', "]"]),
    "absent beside others": ('{"a":{"b":1}}', "/c/d", ["{", '"c": is not there <', '"a": {']),
    "an item that is absent": ("[1,2]", "/7/x", ["[ <", "1,", "2", "]"]),
    "no JSON": ("<p>\n</p>", "", ["<p> <", "</p>"]),
    "nothing": ("", "", ["no body <"]),
    "too deep": ("[" * 5000, "", ["[" * 400 + "… (5,000 characters) <"]),
    "a long text": (json.dumps("x" * 500), "", ['"' + "x" * 399 + "… (502 characters) <"]),
}


@pytest.mark.parametrize(("body", "pointer", "expected"), LAID_OUT.values(), ids=LAID_OUT)
def test_lines_of_a_body(body: str, pointer: str, expected: list[str]) -> None:
    """JSON is laid out as it was written, anything else is shown as it is; the place is marked."""
    lines = []
    for line in body_lines(body, {pointer: "expected"}):
        name = f"{line.name}: " if line.name else ""
        lines.append(f"{name}{line.text}{line.tail}{' <' if line.marked else ''}")
    assert expected == lines[: len(expected)]


def test_of_a_long_body_the_marked_place_is_shown() -> None:
    """What is around the wrong place is shown, and how much is left out."""
    lines = body_lines(json.dumps(list(range(1000))), {"/500": "expected"})
    texts = [line.text for line in lines]
    assert ["[", "0", "1", "… 491 lines more …", "493"] == texts[:5]
    assert ["507", "… 493 lines more …"] == texts[-2:]
    assert "500" == next(line.text for line in lines if line.marked)


PLACES = {
    ("documented-response", "/body/id", "type"): ("answer", "/body/id"),
    ("documented-response", "", "content-type"): ("answer", "/header/Content-Type"),
    ("documented-response", "", "status"): ("answer", FIRST_LINE),
    ("refuses-invalid", "/body/number", "type"): ("request", "/number"),
    ("refuses-invalid", "/query/limit", "type"): ("request", FIRST_LINE),
    ("released-is-gone", "/path/id", ""): ("request", FIRST_LINE),
    ("refuses-wrong-key", "/header/Authorization", "security"): (
        "request",
        "/header/Authorization",
    ),
    ("refuses-other-methods", "/header/Allow", "method"): ("answer", "/header/Allow"),
    ("links", "/agentId", ""): ("answer", "/agentId"),
    ("answers", "", ""): ("answer", FIRST_LINE),
}


@pytest.mark.parametrize(("finding", "expected"), PLACES.items(), ids=" ".join)
def test_where_a_pointer_leads(finding: tuple[str, str, str], expected: tuple[str, str]) -> None:
    """A finding's place is in the request or in the answer, as its rule means it."""
    rule, pointer, keyword = finding
    place = place_of(Finding(rule, "", None, "", pointer, keyword, "", "", ""))
    assert expected == (place.part, place.at)


def test_the_verdict() -> None:
    """Green is said of a run that has seen all; what else there is to say comes first."""
    good = phone_number("id-1")
    keeping = played(listing(good), reading("id-1", good))
    assert (True, "Keeps the contract as far as it was seen") == told(keeping, 0)
    assert (False, "The run failed") == told(keeping, 1)
    keeping.require_evidence()
    assert (False, "Not proven") == told(keeping, 1)
    assert (False, "Breaks the contract") == told(broken_run(), 1)
    breaking = played(listing(good), reading("id-1", good, status=500))
    assert (False, "Breaks the contract") == told(breaking, 1)


def told(run: Run, exit_code: int) -> tuple[bool, str]:
    """What a run says of its server."""
    found = verdict(run, exit_code)
    return found.good, found.title
