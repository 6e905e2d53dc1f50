"""The vendor's reference is watched: what differs from our contract is told, unless it is pinned.

The pages in `pages/` are written for these tests in the vendor's format: its facts, our words. The
vendor's one document is put together from them.
"""

from __future__ import annotations

import http.server
import json
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from vogent_contract.changes import drift_command, reference
from vogent_contract.changes.drift import look
from vogent_contract.changes.drift_command import DIVERGENCES, drift_main
from vogent_contract.changes.reference import Reference
from vogent_contract.changes.surface import surface
from vogent_contract.openapi.document import Document

PAGES = Path(__file__).parent / "pages"
TOPS = ["phone_numbers"]
DRIFTS = yaml.safe_load(Path(__file__).with_name("drifts.yaml").read_text("utf-8"))
PINS = yaml.safe_load(DIVERGENCES.read_text("utf-8"))
GET = "get-phone-number.md"


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """A folder with the vendor's pages as they are known, to be changed."""
    return shutil.copytree(PAGES, tmp_path / "pages")


def whole_document(pages: Path) -> dict[str, Any]:
    """The vendor's one document, with another part of its API that is not well-formed."""
    whole: dict[str, Any] = {"openapi": "3.0.3", "info": {}, "paths": {}, "components": {}}
    for page in pages.glob("*.md"):
        _, block, _ = re.split("^````.*\n", page.read_text("utf-8"), flags=re.MULTILINE)
        document = yaml.safe_load(block)
        for path, item in document["paths"].items():
            whole["paths"].setdefault(path, {}).update(item)
        for kind, components in document.get("components", {}).items():
            whole["components"].setdefault(kind, {}).update(components)
        whole["servers"], whole["security"] = document["servers"], document["security"]
    whole["paths"]["/agents"] = {"get": {"responses": {"200": {"$ref": "#/nowhere"}}}, "put": 3}
    whole["paths"]["/calls"] = None
    return whole


def write(place: Path, document: dict[str, Any]) -> str:
    place.write_text(yaml.safe_dump(document, sort_keys=False), "utf-8")
    return str(place)


@pytest.fixture
def site(pages: Path) -> Iterator[str]:
    """The URL of the pages' folder; a file may say `status 500`, `silence` or `drops` instead."""
    stop = threading.Event()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = pages / self.path.rpartition("/")[2]
            text = page.read_text("utf-8") if page.is_file() else "status 404"
            status = re.fullmatch(r"status (\d+)", text)
            self.send_response(int(status[1]) if status else 200)
            self.end_headers()
            if text == "silence":
                stop.wait(10)
            while text == "drops" and not stop.wait(0.05):
                self.wfile.write(b".")
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.handle_error = lambda *_: None  # type: ignore[method-assign] # clients give up here
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


def found(source: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """What a look at saved pages prints as JSON, with exit 1."""
    assert drift_main(["--pages", str(source), "--json"]) == 1
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return report


def test_the_reference_as_it_is_known_is_no_drift(
    site: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Our contract keeps the vendor's facts; all that differs is pinned."""
    assert drift_main(["--pages", site]) == 0
    counts = "differences: 0, stale pins: 0, not looked at: 0, known divergences: 21"
    assert f"our contract -> {site}\n{counts}\n" == capsys.readouterr().out


@pytest.mark.parametrize("name", DRIFTS)
def test_what_the_vendor_changed_is_told(
    name: str, pages: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A change is drift, with both values; one of what is pinned makes the pin stale."""
    edit = DRIFTS[name]
    rewrite(pages / edit["page"], edit["old"], edit["new"])
    report = found(pages, capsys)
    names = ("operation", "at", "what", "ours", "vendor")
    rows = [[row[name] for name in names] for row in report["drift"]]
    assert "is" not in edit or edit["is"] in rows
    stale = [edit["stale"]] if "stale" in edit else []
    assert (stale, [], 21) == (report["stale"], report["unread"], report["known"] + len(stale))


def test_an_operation_that_is_gone_is_drift(
    pages: Path, site: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A page that answers 404 is an operation less, and its pins are not called stale for it."""
    (pages / "delete-phone-number.md").unlink()
    assert drift_main(["--pages", site]) == 1
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
    """Saved pages that we do not know are read too, if they are pages of this part of the API."""
    text = (pages / GET).read_text("utf-8")
    for name, path in (("list-calls", "/phone_numbers/{id}/calls"), ("get-agent", "/agents/{id}")):
        other = text.replace("/phone_numbers/{id}", path)
        (pages / f"{name}.md").write_text(other, "utf-8")
    (pages / "README.md").write_text("How these were saved.", "utf-8")
    drift = found(pages, capsys)["drift"]
    assert ["GET /phone_numbers/{id}/calls"] == [row["vendor"] for row in drift]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (
            "<!doctype html><html>",
            "page get-phone-number has no OpenAPI block, it begins with '<!d",
        ),
        ("", "the page get-phone-number has no OpenAPI block, it begins with ''"),
        ("````yaml GET /x\nopenapi: [\n````\n", "the page get-phone-number: is not YAML"),
        ("````yaml GET /x\na: 1\n````\n", "get-phone-number: is not an OpenAPI 3 document"),
        ("status 500", "HTTP Error 500"),
        ("status 403", "HTTP Error 403"),
        ("silence", "no answer within 0.5 s"),
        ("drops", "no answer within 0.5 s"),
    ],
)
def test_a_page_that_cannot_be_read_is_not_called_the_same(
    content: str, says: str, pages: Path, site: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What could not be looked at is said, and the exit code is neither 'same' nor 'drift'."""
    (pages / GET).write_text(content, "utf-8")
    assert drift_main(["--pages", site, "--timeout", "0.5"]) == 2
    printed = capsys.readouterr().out
    assert "could not look at:\n  GET /phone_numbers/{id}: " in printed
    assert says in printed


def test_drift_elsewhere_is_told_although_a_page_cannot_be_read(
    pages: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One unreadable page hides nothing of the others."""
    (pages / GET).write_text("", "utf-8")
    rewrite(pages / "search-for-available-numbers.md", "maximum: 10", "maximum: 50")
    report = found(pages, capsys)
    assert (["maximum"], 1) == ([row["what"] for row in report["drift"]], len(report["unread"]))


@pytest.mark.parametrize(
    "arguments", [["--pages", "/nowhere"], ["--openapi", "/nowhere/openapi.json"]]
)
def test_a_source_that_is_not_there_is_one_line(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """No page at all is no 'every operation is gone'."""
    assert drift_main(arguments) == 2
    assert re.fullmatch(r"drift: could not look: [^\n]*/nowhere[^\n]*\n", capsys.readouterr().err)


def test_a_closed_port_is_one_line_a_page(capsys: pytest.CaptureFixture[str]) -> None:
    """A host that is down could not be looked at."""
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as server:
        port = server.server_port
    assert drift_main(["--pages", f"http://127.0.0.1:{port}"]) == 2
    assert capsys.readouterr().out.count("Connection refused") == 7


@pytest.fixture
def vendor(pages: Path, site: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder of what the vendor publishes, where `drift` looks by default."""
    write(pages / "openapi.yaml", whole_document(pages))
    settings = {**PINS, "document": f"{site}/openapi.yaml", "source": site}
    monkeypatch.setattr(drift_command, "DIVERGENCES", Path(write(tmp_path / "pins.yaml", settings)))
    return pages


@pytest.mark.usefixtures("vendor")
def test_the_document_is_read_first_and_the_pages_too(
    site: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both sources are named; what is not well-formed elsewhere in the document is no matter."""
    assert drift_main([]) == 0
    assert capsys.readouterr().out == (
        f"our contract -> {site}/openapi.yaml\n"
        f"second source: {site}\n"
        "differences: 0, stale pins: 0, not looked at: 0, known divergences: 21\n"
    )


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "is not there"),
        ("status 500", "HTTP Error 500"),
        ("<!doctype html><html>", "is not an OpenAPI 3 document"),
        ("a: [", "is not YAML"),
        ("openapi: 3.0.3", "has no paths"),
        ("silence", "no answer within 0.5 s"),
    ],
)
def test_without_the_document_the_pages_tell_all(
    content: str | None, says: str, vendor: Path, site: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The document cannot be read, which is said; the pages are looked at instead."""
    (vendor / "openapi.yaml").unlink()
    if content is not None:
        (vendor / "openapi.yaml").write_text(content, "utf-8")
    assert drift_main(["--timeout", "0.5"]) == 0
    first, second, counts = capsys.readouterr().out.splitlines()
    assert f"our contract -> {site}" == first
    assert re.match(rf"not read: {re.escape(site)}/openapi.yaml.* {re.escape(says)}", second)
    assert counts.endswith("known divergences: 21")


def test_without_the_pages_the_document_tells_all(
    vendor: Path, site: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """No page is there, which is said."""
    for page in vendor.glob("*.md"):
        page.unlink()
    assert drift_main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    not_there = f"not read: {site}: none of the 7 pages is there"
    assert [f"our contract -> {site}/openapi.yaml", not_there] == lines[:2]


def test_without_both_it_could_not_look(vendor: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing to read is one line and exit 2."""
    for file in vendor.iterdir():
        file.unlink()
    assert drift_main([]) == 2
    line = r"drift: could not look: [^\n]*openapi.yaml is not there; [^\n]*pages is there\n"
    assert re.fullmatch(line, capsys.readouterr().err)


@pytest.mark.parametrize(
    ("source", "file"),
    [("the document", "openapi.yaml"), ("the pages", "search-for-available-numbers.md")],
)
def test_where_the_sources_disagree_is_told(
    source: str, file: str, vendor: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What only one of them says is drift, and it is said which one that is."""
    rewrite(vendor / file, "maximum: 10", "maximum: 50")
    assert drift_main([]) == 1
    place = "POST /phone_numbers/search request body.limit: maximum was 10, is 50"
    printed = capsys.readouterr().out
    assert f"the sources disagree:\n  {place}: only in {source}\n" in printed
    assert "differences: 1, stale pins: 0, not looked at: 0, known divergences: 21\n" in printed


def test_a_fault_in_one_operation_leaves_it_to_the_pages(
    vendor: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another source tells what the document does not; alone it could not be looked at."""
    document = whole_document(vendor)
    document["paths"]["/phone_numbers/search"]["post"]["responses"]["200"] = {"$ref": "#/nowhere"}
    place = write(vendor / "openapi.yaml", document)
    why = "the contract refers to #/nowhere, which is not there"
    assert drift_main([]) == 0
    told = f"told by one source only:\n  POST /phone_numbers/search: not in the document: {why}\n"
    assert told in capsys.readouterr().out
    assert drift_main(["--openapi", place]) == 2
    unread = f"could not look at:\n  POST /phone_numbers/search: {why}\n"
    assert unread in capsys.readouterr().out


def test_an_operation_less_in_the_document_is_drift(
    pages: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One that is not in the document is gone; another name of a path parameter is no matter."""
    document = whole_document(pages)
    item = document["paths"].pop("/phone_numbers/{id}")
    for operation in item.values():
        operation["parameters"][0]["name"] = "phoneNumberId"
    document["paths"]["/phone_numbers/{phoneNumberId}"] = item
    assert drift_main(["--openapi", write(tmp_path / "openapi.yaml", document)]) == 0
    del document["paths"]["/phone_numbers"]["get"]
    assert drift_main(["--openapi", write(tmp_path / "openapi.yaml", document)]) == 1
    assert "GET /phone_numbers: operation removed" in capsys.readouterr().out


@pytest.mark.parametrize("pin", PINS["divergences"], ids=lambda pin: f"{pin['at']} {pin['what']}")
def test_each_pin_has_a_reason_and_is_needed(pin: dict[str, Any]) -> None:
    """Without its row, a divergence would be drift: no row is there in vain."""
    assert pin["reason"]
    others = [other for other in PINS["divergences"] if other is not pin]
    theirs = reference.pages(PINS["pages"], str(PAGES), 5, TOPS)
    report = look(Document.read(), [theirs], others)
    assert {(pin["at"], pin["what"])} == {(change.at, change.what) for change in report.drift}


def test_a_pin_of_an_operation_that_our_contract_lost_is_told() -> None:
    """A row about what is no longer there is stale, not silently kept."""
    ours = Document.read()
    pin = {**PINS["divergences"][0], "operations": ["GET /gone"]}
    report = look(ours, [Reference("the pages", "x", surface(ours))], [pin])
    assert ["GET /gone deprecated: no longer true and null"] == report.stale
    assert report.exit_code == 1


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(lambda text: text.replace("````", "~~~~"), id="tildes"),
        pytest.param(lambda text: text.replace("````", "```"), id="three backticks"),
        pytest.param(lambda text: re.sub("````yaml [A-Z]+", "````YAML get", text), id="case"),
        pytest.param(lambda text: text.replace("yaml ", "yaml openapi.json "), id="file name"),
        pytest.param(lambda text: re.sub("servers:\n.*\n", "", text), id="no server"),
        pytest.param(lambda text: text.replace("\n", "\r\n"), id="windows line ends"),
    ],
)
def test_the_same_page_written_otherwise_is_the_same(
    edit: Callable[[str], str], pages: Path
) -> None:
    """Fences, case, line ends and an unnamed server are no drift."""
    for page in pages.glob("*.md"):
        page.write_bytes(edit(page.read_text("utf-8")).encode())
    assert drift_main(["--pages", str(pages)]) == 0
