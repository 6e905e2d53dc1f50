"""The mock's page: what it is about comes first, and each operation can be tried."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator

import httpx
import pytest

from tests.docs.browser import CHROMIUM, Browser
from tests.mock.processes import spawned
from vogent_contract.mock import TEST_KEY
from vogent_contract.openapi import Operation, anchor, load

CONTRACT = load()
OPERATIONS = CONTRACT.operations
HOST = "document.querySelector('rapi-doc')"
SHADOW = f"{HOST}.shadowRoot"
FILTER = f"{SHADOW}.getElementById('nav-bar-search')"
ITEMS = f"[...{SHADOW}.querySelectorAll('.nav-bar-path')]"
BACKGROUND = f"getComputedStyle({HOST}).backgroundColor"
# What is marked, in whichever shadow root: operation, request or response, name.
MARKED = f"""(() => {{
  const marked = (one) => one.matches('.tr, tr') && one.style.outline ? [one] : [];
  const inside = (root) => [...root.querySelectorAll('*')].flatMap(
    (one) => one.shadowRoot ? inside(one.shadowRoot) : marked(one));
  const above = (one, what) => one.closest(what) ?? above(one.getRootNode().host, what);
  return inside({SHADOW}).map((row) => [
    above(row, '.expanded-endpoint-body').id,
    above(row, 'api-request, api-response').localName,
    row.querySelector('.key-label, .param-name').textContent.replace(/[*:\\s]/g, ''),
  ].join(' ')) }})()"""

needs_curl = pytest.mark.skipif(not shutil.which("curl"), reason="no curl on PATH to run")


@pytest.fixture(scope="module", params=[(1280, False), (400, True)], ids=["wide", "dark phone"])
def browser(request: pytest.FixtureRequest) -> Iterator[Browser]:
    """The page of a mock that was just started, opened and drawn."""
    if not CHROMIUM:
        pytest.skip("no chromium on PATH to open the page in (Debian: apt-get install chromium)")
    width, dark = request.param
    with spawned() as (_, url):
        browser = Browser(url.removesuffix("api"), width, dark=dark)
        try:
            *_, last = OPERATIONS.values()
            browser.wait_for(f"!!{HOST}?.shadowRoot?.getElementById('{_id(last)}')")
            yield browser
        finally:
            browser.close()


def test_what_one_needs_is_on_top(browser: Browser) -> None:
    """Without scrolling one sees the base URL, the key, and a command with both of them."""
    base_url = browser.evaluate("location.origin") + "/api"
    top = browser.evaluate("document.getElementById('start').innerText")
    assert base_url in top
    assert TEST_KEY in top
    command = f"curl {base_url}/phone_numbers -H 'Authorization: Bearer {TEST_KEY}'"
    assert command == browser.evaluate("document.getElementById('curl').textContent")
    place = "document.getElementById('copy').getBoundingClientRect()"
    assert browser.evaluate(f"{place}.bottom < 500 && {place}.right <= innerWidth")


def test_the_command_is_copied_by_a_click(browser: Browser) -> None:
    """The button copies the whole command, and says so."""
    browser.evaluate("document.getElementById('copy').click()")
    assert "Copied" == browser.evaluate("document.getElementById('copy').textContent")
    copied = browser.evaluate("getSelection().toString().replace(/\\s+/g, ' ')")
    assert browser.evaluate("document.getElementById('curl').textContent") == copied


@needs_curl
def test_every_example_can_be_tried_and_copied(browser: Browser) -> None:
    """Pressing "try" shows 200 for each example, and so does its command on another new mock."""
    origin = browser.evaluate("location.origin")
    tried, copied = {}, {}
    with spawned() as (_, other):
        for operation in OPERATIONS.values():
            panel = f"{_section(operation)}.querySelector('api-request').shadowRoot"
            for name, example in (
                operation.body.examples if operation.body else {"": None}
            ).items():
                case = f"{operation.id} {name}"
                command = f"{panel}.querySelector('.m-markdown pre code').innerText"
                _choose(browser, panel, name)
                if example is not None:
                    sent = json.dumps(example, separators=(",", ":"))
                    browser.wait_for(f"{command}.includes({sent!r})")
                copied[case] = _status(browser.evaluate(command).replace(f"{origin}/api", other))
                tried[case] = _try(browser, panel)
    assert len(OPERATIONS) < len(tried)
    assert dict.fromkeys(tried, "OK:200") == tried
    assert dict.fromkeys(tried, "200") == copied


def test_filter_and_navigation(browser: Browser) -> None:
    """Typing shows the operations that match, and choosing one leads to it."""
    browser.evaluate(f"{FILTER}.focus()")
    browser.call("Input.insertText", text="Link a phone number")
    browser.wait_for(f"{ITEMS}.length === 1")
    item = f"{ITEMS}[0]"
    assert browser.evaluate(f"{item}.checkVisibility() && {item}.innerText.includes('PUT')")
    browser.evaluate(f"{item}.click()")
    top = f"{_section(OPERATIONS['updatePhoneNumber'])}.getBoundingClientRect().top"
    browser.wait_for(f"Math.abs({top}) < 100")

    browser.evaluate(f"{SHADOW}.querySelector('[part~=btn-clear-filter]').click()")
    browser.wait_for(f"{ITEMS}.length === {len(OPERATIONS)}")


def test_the_menu_of_a_phone(browser: Browser) -> None:
    """On a phone a button opens the list of operations, and choosing one closes it again."""
    if browser.evaluate("innerWidth > 768"):
        assert not browser.evaluate("document.getElementById('menu').checkVisibility()")
        assert browser.evaluate(f"{ITEMS}[0].checkVisibility()")
        return
    assert not browser.evaluate(f"{ITEMS}[0].checkVisibility()")
    browser.evaluate("document.getElementById('menu').click()")
    assert browser.evaluate(f"{ITEMS}[0].checkVisibility()")
    browser.evaluate(f"{ITEMS}[0].click()")
    assert not browser.evaluate(f"{ITEMS}[0].checkVisibility()")


def test_everything_is_within_reach(browser: Browser) -> None:
    """Nothing sticks out at the side, least of all the buttons."""
    assert browser.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for operation in OPERATIONS.values():
        panel = f"{_section(operation)}.querySelector('api-request').shadowRoot"
        buttons = f"[...{panel}.querySelectorAll('button, input')]"
        outside = f"{buttons}.filter((one) => one.getBoundingClientRect().right > innerWidth)"
        assert 0 == browser.evaluate(f"{outside}.length"), operation.id


def test_colors_are_those_of_the_system(browser: Browser) -> None:
    """It is dark where the reader's system is, and changes with it."""
    before = browser.evaluate(f"{HOST}.getAttribute('theme')")
    brightness = {}
    for scheme in ("light", "dark", before):
        browser.use_colors(scheme)
        browser.wait_for(f"{HOST}.getAttribute('theme') === '{scheme}'")
        red, green, blue = re.findall(r"\d+", browser.evaluate(BACKGROUND))
        brightness[scheme] = (int(red) + int(green) + int(blue)) / 3
    assert brightness["light"] > 200
    assert brightness["dark"] < 60


def _places() -> Iterator[tuple[Operation, str, str]]:
    """Every named place of the contract: its operation, request or status, pointer."""
    for operation in OPERATIONS.values():
        for parameter in operation.parameters:
            yield operation, "request", f"/{parameter.location}/{parameter.name}"
        bodies = [("request", "/body", operation.body and operation.body.schema)]
        bodies.append((operation.success.status, "", operation.success.schema))
        for part, above, schema in bodies:
            for position in schema.positions() if schema else ():
                if position.path and position.path[-1] != "*":
                    yield operation, part, "/".join([above, *position.path]).replace("*", "0")


def test_a_link_marks_its_place(browser: Browser) -> None:
    """A link to a place in a request or an answer shows that field, for every field there is."""
    expected = {}
    for operation, part, pointer in _places():
        panel = "api-request" if part == "request" else "api-response"
        link = anchor(operation.method, operation.path, part, pointer)
        expected[link] = [f"{_id(operation)} {panel} {pointer.rpartition('/')[2]}"]
    listing = OPERATIONS["listPhoneNumbers"]
    unknown = anchor(listing.method, listing.path, "200", "/data/3/un~1known")
    expected[unknown] = [f"{_id(listing)} api-response data"]

    marked = {}
    for link, names in expected.items():
        browser.evaluate(f"location.hash = {link!r}")
        browser.wait_for(f"({MARKED}).join() === '{names[0]}'")
        marked[link] = browser.evaluate(MARKED)
    assert len(OPERATIONS) < len(marked)
    assert expected == marked


def test_nothing_goes_wrong(browser: Browser) -> None:
    """The page asks its own mock only, and nothing is complained of on the console."""
    origin = browser.evaluate("location.origin")
    others = (origin, "data:", "blob:")
    assert [] == [address for address in browser.requests if not address.startswith(others)]
    assert [] == browser.complaints


@pytest.mark.parametrize(
    ("options", "environment", "shown"),
    [
        ((), TEST_KEY, True),
        ((), "s3cret-key", False),
        (("--api-key", "own-key"), "s3cret-key", True),
    ],
    ids=["documented", "of the environment", "of the command line"],
)
def test_key(options: tuple[str, ...], environment: str, shown: bool) -> None:
    """A key of the environment may be somebody's real one, so the page leaves it to the reader."""
    with spawned(*options, api_key=environment) as (_, url):
        page = httpx.get(url.removesuffix("api")).text
    key = options[-1] if options else environment
    assert shown == (key in page)
    assert shown == ("$VOGENT_API_KEY" not in page)
    assert "s3cret-key" not in page


def test_the_host_cannot_break_out_of_the_page() -> None:
    """What a request says about its host is text in the page, never markup."""
    script = "<script>alert(1)</script>"
    with spawned() as (_, url):
        page = httpx.get(url.removesuffix("api"), headers={"Host": f'a"{script}'}).text
    assert "alert(1)" in page
    assert script not in page


def _id(operation: Operation) -> str:
    return anchor(operation.method, operation.path)[1:]


def _section(operation: Operation) -> str:
    return f"{SHADOW}.getElementById('{_id(operation)}')"


def _choose(browser: Browser, panel: str, example: str) -> None:
    """Choose one of several examples of the body."""
    browser.evaluate(
        f"""{panel}.querySelectorAll('select').forEach((select) => {{
          select.value = '{example}'; select.dispatchEvent(new Event('change')) }})"""
    )


def _try(browser: Browser, panel: str) -> str:
    """Press "try" and give the status that is shown."""
    message = f"{panel}.querySelector('.response-message')"
    browser.evaluate(f"{panel}.querySelector('[part~=btn-clear-response]')?.click()")
    browser.wait_for(f"!{message}")
    browser.evaluate(f"{panel}.querySelector('[part~=btn-try]').click()")
    browser.wait_for(f"{message}?.innerText.includes('Took')")
    shown = str(browser.evaluate(f"{message}.innerText"))
    return shown.removeprefix("Response Status: ").split(maxsplit=1)[0]


def _status(command: str) -> str:
    """The status that a command of the page gets."""
    command = f"{command} --silent --output /dev/null --write-out '%{{http_code}}'"
    return subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True).stdout
