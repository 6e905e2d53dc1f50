"""A run that cannot be made says so before its first test, and what to do."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.running import KEY, run
from vogent_contract import mock as mock_server
from vogent_contract.faults import catalogue
from vogent_contract.openapi import load

HTML, JSON = "text/html; charset=utf-8", "application/json"
NOT_THE_API = {
    "a refused key": (401, JSON, "the server refuses the key"),
    "a key without rights": (403, JSON, "the server refuses the key"),
    "a base URL without /api": (404, JSON, "the base URL may lack a part such as /api"),
    "a page of HTML": (200, HTML, "gets a page of HTML"),
    "a sign-in page": (302, HTML, "is redirected (302)"),
    "a gateway without its server": (503, HTML, "gets 503 from a gateway"),
    "a limit that is reached": (429, JSON, "the server takes no more requests now"),
    "http to a port of https": (400, HTML, "gets a page of HTML"),
}


@contextmanager
def serving(status: int, content_type: str) -> Iterator[tuple[str, list[str]]]:
    """A server that answers everything alike: its address, and the requests that it got."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            asked.append(f"{self.command} {self.path}")
            self.send_response(status)
            self.send_header("content-type", content_type)
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        do_GET = do_POST = answer  # noqa: N815 - the names that http.server calls

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(("status", "media", "says"), NOT_THE_API.values(), ids=NOT_THE_API)
def test_what_is_not_the_api_is_no_broken_contract(
    tmp_path: Path, status: int, media: str, says: str
) -> None:
    """One line names the cause and the next step, after three requests at most, with exit 4."""
    with serving(status, media) as (address, asked):
        result = run(tmp_path, "--base-url", f"http://{address}/api")

    assert 4 == result.exit, result.output
    assert says in result.output
    assert 0 < len(asked) <= 3
    for other in (KEY, "Traceback", "breaks the contract"):
        assert other not in result.output


def test_https_to_a_port_of_http_is_said(tmp_path: Path) -> None:
    """The line says which of the two the server speaks."""
    with serving(200, JSON) as (address, _):
        result = run(tmp_path, "--base-url", f"https://{address}/api")

    assert 4 == result.exit
    assert "the server speaks plain HTTP there" in result.output


@pytest.mark.parametrize(
    ("status", "says"), [(None, "is the proxy of HTTP_PROXY right?"), (407, "407")]
)
def test_a_proxy_that_fails_is_said(tmp_path: Path, status: int | None, says: str) -> None:
    """The first requests go the way of all others, through the environment's proxy."""
    with serving(status or 200, HTML) as (address, _):
        proxy = address if status else "127.0.0.1:1"
        result = run(
            tmp_path, "--base-url", "http://vogent.example/api", HTTP_PROXY=f"http://{proxy}"
        )

    assert 4 == result.exit
    assert says in result.output


@pytest.mark.parametrize(
    "fault",
    [
        "listPhoneNumbers.credential.refuses-right-key",
        "listPhoneNumbers.response.html",
        "searchPhoneNumbers.response.success-302",
        "listPhoneNumbers.response.success-404",
    ],
)
def test_a_fault_of_one_operation_is_accused(tmp_path: Path, fault: str) -> None:
    """What only one operation does is no wrong URL or key: the run is made, and tells."""
    broken = catalogue(load())[fault]
    with mock_server.start(api_key=KEY, fault=broken) as server:
        result = run(tmp_path, "--base-url", server.base_url, "-x")

    assert 1 == result.exit, result.output


def test_a_server_that_always_fails_proves_nothing(tmp_path: Path) -> None:
    """What every answer broke is told once; the tests after it are skipped, not passed."""
    with serving(500, JSON) as (address, asked):
        result = run(tmp_path, "--base-url", f"http://{address}/api")

    assert 1 == result.exit
    assert len(asked) <= 300
    assert "proves nothing: what every answer broke was found before" in result.output
