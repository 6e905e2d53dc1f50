"""The vendor's reference is watched: what differs from our contract is told, what is known to differ is pinned.

The pages in `pages/` are written for these tests in the vendor's format; the facts are the vendor's, the words ours.
"""

from __future__ import annotations

import http.server
import json
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from vogent_contract.changes.comparison import parse
from vogent_contract.changes.surface import surface
from vogent_contract.openapi import drift
from vogent_contract.openapi.document import Document

PAGES = Path(__file__).parent / "pages"
GET = "get-phone-number.md"


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """A folder with the vendor's pages as they are known, to be changed."""
    return shutil.copytree(PAGES, tmp_path / "pages")


@pytest.fixture
def site(pages: Path) -> Iterator[str]:
    """The URL of the pages, served from loopback; a page named in `slow.txt` never ends."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = pages / self.path.rpartition("/")[2]
            if not page.is_file():
                self.send_error(404)
                return
            status, text = 200, page.read_text("utf-8")
            if found := re.fullmatch(r"status (\d+)", text):
                status = int(found[1])
            self.send_response(status)
            self.end_headers()
            if text == "silence":
                stop.wait(10)
            while text == "drops" and not stop.wait(0.05):
                self.wfile.write(b".")
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
            del format, args

    stop = threading.Event()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.handle_error = lambda *_: None  # type: ignore[method-assign] # a client that gives up is what is tested
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/api-reference"
        stop.set()
        server.shutdown()
        thread.join()


def rewrite(page: Path, old: str, new: str) -> None:
    text = page.read_text("utf-8")
    assert old in text
    page.write_text(text.replace(old, new), "utf-8")


def test_the_reference_as_it_is_known_is_no_drift(
    site: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Our contract keeps the vendor's facts; all that differs is pinned."""
    assert drift.main(["--pages", site]) == 0
    assert capsys.readouterr().out == (
        f"our contract -> {site}\ndifferences: 0, stale pins: 0, not looked at: 0, known divergences: 21\n"
    )


# Each row: page, old text, new text, then what the one difference is: operation, place, what, ours, the vendor's.
DRIFTS: dict[str, tuple[str, str, str, tuple[str, str, str, object, object]]] = {
    "enum value added": (
        GET,
        "enum: [PSTN, SIP_USERNAME]",
        "enum: [PSTN, SIP_USERNAME, WHATSAPP]",
        ("GET /phone_numbers/{id}", "response 200 body.type", "enum", None, "WHATSAPP"),
    ),
    "property made optional": (
        GET,
        "required: [id, number, type, agentId]",
        "required: [id, number, type]",
        (
            "GET /phone_numbers/{id}",
            "response 200 body.agentId",
            "property",
            "required",
            "optional",
        ),
    ),
    "no longer null": (
        GET,
        "agentId: { type: string, nullable: true",
        "agentId: { type: string",
        ("GET /phone_numbers/{id}", "response 200 body.agentId", "nullable", True, None),
    ),
    "bound": (
        "search-for-available-numbers.md",
        "maximum: 10",
        "maximum: 50",
        ("POST /phone_numbers/search", "request body.limit", "maximum", 10, 50),
    ),
    "status": (
        "delete-phone-number.md",
        "        '422':",
        "        '404': { description: Unknown. }\n        '422':",
        ("DELETE /phone_numbers/{id}", "response 404", "status", None, "404"),
    ),
    "server": (
        "list-phone-numbers.md",
        "https://api.vogent.ai/api",
        "https://api.vogent.ai/v2",
        (
            "GET /phone_numbers",
            "",
            "server",
            "https://api.vogent.ai/api",
            "https://api.vogent.ai/v2",
        ),
    ),
    "key": (
        "list-phone-numbers.md",
        "scheme: bearer",
        "scheme: basic",
        ("GET /phone_numbers", "", "security", None, "http basic"),
    ),
    "parameter": (
        "list-phone-numbers.md",
        "        - name: cursor",
        "        - name: order\n          in: query\n          required: true\n        - name: cursor",
        ("GET /phone_numbers", "request query.order", "property", None, "required"),
    ),
}


@pytest.mark.parametrize("name", DRIFTS)
def test_what_the_vendor_changed_is_told(
    name: str, pages: Path, site: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A change of the reference is drift, with its place and both values."""
    page, old, new, expected = DRIFTS[name]
    rewrite(pages / page, old, new)
    assert drift.main(["--pages", site, "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    rows = [
        tuple(row[key] for key in ("operation", "at", "what", "ours", "vendor"))
        for row in report["drift"]
    ]
    assert expected in rows
    assert (report["stale"], report["unread"], report["known"]) == ([], [], 21)


def test_an_operation_that_is_gone_is_drift(
    pages: Path, site: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A page that answers 404 is an operation less, and its pins are not called stale for it."""
    (pages / "delete-phone-number.md").unlink()
    assert drift.main(["--pages", site]) == 1
    assert capsys.readouterr().out == (
        f"our contract -> {site}\n"
        "breaking for callers:\n"
        "  DELETE /phone_numbers/{id}: operation removed: callers can no longer call it\n"
        "      #/paths/~1phone_numbers~1{id}/delete\n"
        "differences: 1, stale pins: 0, not looked at: 0, known divergences: 19\n"
    )


def test_a_page_more_in_the_folder_is_an_operation_more(
    pages: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Saved pages that we do not know by name are read too; files that are no reference pages are not in the way."""
    (pages / "README.md").write_text("How these were saved.", "utf-8")
    text = (
        (pages / GET).read_text("utf-8").replace("/phone_numbers/{id}", "/phone_numbers/{id}/calls")
    )
    (pages / "list-calls.md").write_text(text, "utf-8")
    (pages / "get-agent.md").write_text(
        text.replace("/phone_numbers/{id}/calls", "/agents/{id}"), "utf-8"
    )
    assert drift.main(["--pages", str(pages), "--json"]) == 1
    assert [row["vendor"] for row in json.loads(capsys.readouterr().out)["drift"]] == [
        "GET /phone_numbers/{id}/calls"
    ]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("<!doctype html><html><body>Not here</body></html>", "the page get-phone-number is HTML"),
        ("", "the page get-phone-number is empty"),
        ("# Get Phone Number\n\nMoved.", "the page get-phone-number has no OpenAPI block"),
        (
            "````yaml GET /phone_numbers/{id}\nopenapi: [\n````\n",
            "the page get-phone-number: is not YAML",
        ),
        (
            "````yaml GET /phone_numbers/{id}\na: 1\n````\n",
            "the page get-phone-number: is not an OpenAPI 3 document",
        ),
        ("status 500", "HTTP Error 500"),
        ("status 403", "HTTP Error 403"),
        ("silence", "no answer within 0.5 s"),
        ("drops", "is too slow"),
    ],
)
def test_a_page_that_cannot_be_read_is_not_called_the_same(
    content: str, says: str, pages: Path, site: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What could not be looked at is said, and the exit code is neither 'same' nor 'drift'."""
    (pages / GET).write_text(content, "utf-8")
    assert drift.main(["--pages", site, "--timeout", "0.5"]) == 2
    printed = capsys.readouterr()
    assert "could not look at:\n  GET /phone_numbers/{id}: " in printed.out
    assert says in printed.out
    assert "Traceback" not in printed.out + printed.err


def test_drift_elsewhere_is_told_although_a_page_cannot_be_read(
    pages: Path, site: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One unreadable page hides nothing of the others."""
    (pages / GET).write_text("", "utf-8")
    rewrite(pages / "search-for-available-numbers.md", "maximum: 10", "maximum: 50")
    assert drift.main(["--pages", site]) == 1
    printed = capsys.readouterr().out
    assert "maximum was 10, is 50" in printed
    assert "could not look at:" in printed


@pytest.mark.parametrize(
    "arguments", [["--pages", "/nowhere"], ["--openapi", "/nowhere/openapi.json"]]
)
def test_a_source_that_is_not_there_is_one_line(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """No page at all is no 'every operation is gone'."""
    assert drift.main(arguments) == 2
    assert re.fullmatch(r"drift: could not look: [^\n]*/nowhere[^\n]*\n", capsys.readouterr().err)


def test_a_closed_port_is_one_line_a_page(capsys: pytest.CaptureFixture[str]) -> None:
    """A host that is down could not be looked at."""
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as server:
        port = server.server_port
    assert drift.main(["--pages", f"http://127.0.0.1:{port}"]) == 2
    assert capsys.readouterr().out.count("Connection refused") == 7


def test_one_whole_document_is_read_as_well(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--openapi` takes the vendor's reference in one file, other parts of the API included."""
    documents = [
        yaml.safe_load(drift._BLOCK.findall(page.read_text("utf-8"))[0][1])
        for page in PAGES.glob("*.md")
    ]
    whole = documents[0]
    for document in documents:
        for path, item in document["paths"].items():
            whole["paths"].setdefault(path, {}).update(item)
        whole["components"].setdefault("schemas", {}).update(
            document["components"].get("schemas", {})
        )
    whole["paths"]["/agents"] = {"get": {"responses": {}}}
    (tmp_path / "openapi.json").write_text(json.dumps(whole), "utf-8")
    assert drift.main(["--openapi", str(tmp_path / "openapi.json")]) == 0
    whole["paths"]["/phone_numbers"].pop("get")
    (tmp_path / "openapi.json").write_text(json.dumps(whole), "utf-8")
    assert drift.main(["--openapi", str(tmp_path / "openapi.json")]) == 1
    assert "GET /phone_numbers: operation removed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("page", "edit", "stale"),
    [
        pytest.param(
            "purchase-available-number.md",
            (
                "      summary: Purchase Number\n",
                "      summary: Purchase Number\n      deprecated: true\n",
            ),
            "POST /phone_numbers/purchase deprecated: no longer true and null",
            id="vanished",
        ),
        pytest.param(
            "search-for-available-numbers.md",
            ("default: US,", "default: US, maxLength: 3,"),
            "POST /phone_numbers/search request body.country maxLength: no longer 2 and null",
            id="changed",
        ),
        pytest.param(
            "get-phone-number.md",
            ("        '422':", "        '401': { description: No key. }\n        '422':"),
            'GET /phone_numbers/{id} response 401 status: no longer "401" and null',
            id="of one operation of all",
        ),
    ],
)
def test_a_pinned_divergence_that_is_so_no_more_is_told(
    page: str, edit: tuple[str, str], stale: str, pages: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A pin holds for exact values; when the vendor changes or mends what it is about, that is news."""
    rewrite(pages / page, *edit)
    assert drift.main(["--pages", str(pages), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["stale"] == [stale]


def test_each_pin_has_a_reason_and_is_needed() -> None:
    """Without its row, each divergence would be drift: no row is there in vain."""
    settings = yaml.safe_load(drift.DIVERGENCES.read_text("utf-8"))
    theirs, unread = drift.published(settings["pages"], str(PAGES), 5)
    rows = settings["divergences"]
    for row in rows:
        assert row["reason"]
        report = drift.look(
            Document.read(), theirs, unread, [other for other in rows if other is not row]
        )
        assert {(change.at, change.what) for change in report.drift} == {(row["at"], row["what"])}


PAGE_EDITS: dict[str, Callable[[str], str]] = {
    "tildes": lambda text: text.replace("````", "~~~~"),
    "three backticks": lambda text: text.replace("````", "```"),
    "lower case method": lambda text: re.sub(
        r"(````yaml )([A-Z]+)", lambda m: m[1] + m[2].lower(), text
    ),
    "file name before the method": lambda text: text.replace("````yaml ", "````yaml openapi.json "),
    "no server": lambda text: text.replace("servers:\n  - url: https://api.vogent.ai/api\n", ""),
    "windows line ends": lambda text: text.replace("\n", "\r\n"),
}


@pytest.mark.parametrize("name", PAGE_EDITS)
def test_the_same_page_written_otherwise_is_the_same(name: str, pages: Path) -> None:
    """Fences, case, line ends and an unnamed server are no drift."""
    for page in pages.glob("*.md"):
        page.write_bytes(PAGE_EDITS[name](page.read_text("utf-8")).encode())
    assert drift.main(["--pages", str(pages)]) == 0


def test_a_pin_of_an_operation_that_our_contract_lost_is_told() -> None:
    """A row about what is no longer there is stale, not silently kept."""
    ours = Document.read()
    pin = {
        "operations": ["GET /gone"],
        "at": "",
        "what": "deprecated",
        "ours": True,
        "vendor": None,
        "reason": "none",
    }
    report = drift.look(ours, surface(ours), {}, [pin])
    assert (report.stale, report.exit_code) == (
        ["GET /gone deprecated: no longer true and null"],
        1,
    )


def test_our_contract_against_itself_needs_no_pin() -> None:
    """Without any divergence pinned, equal documents are equal."""
    ours = Document.read()
    report = drift.look(ours, surface(parse(json.dumps(ours.raw), "ours")), {}, [])
    assert (report.drift, report.stale, report.exit_code) == ([], [], 0)
