"""What is refused, how, and what a refusal may say."""

from __future__ import annotations

from http.client import HTTPResponse

import httpx
import pytest

from tests.mock.pressure import connect
from vogent_contract.mock import OUTCOMES, MockServer
from vogent_contract.openapi import load

JSON = {"Content-Type": "application/json"}
BUY = "/phone_numbers/purchase"


@pytest.mark.parametrize(
    ("headers", "content", "status"),
    [
        (JSON, b"", 400),
        (JSON, b"{", 400),
        (JSON, b'{"number":"1","number":"2"}', 400),
        (JSON, b'{"number": NaN}', 400),
        (JSON, b'{"number": "\\ud800"}', 400),
        (JSON, b"[" * 100_000, 400),
        (JSON, b'{"number": ' + b"[" * 400 + b"]" * 400 + b"}", 400),
        (JSON, b'{"number": "1", "x": ' + b"[" * 400 + b"]" * 400 + b"}", 422),
        ({"Content-Type": "text/plain"}, b'{"number": "1"}', 400),
        ({}, b'{"number": "1"}', 400),
        (JSON, b"null", 422),
        (JSON, b"[]", 422),
        (JSON, b"{}", 422),
        (JSON, b'{"number": null}', 422),
        (JSON, b'{"number": 1e400}', 422),
        (JSON, b'{"number": "+12025550100"}', 422),
        (JSON, b'{"number": "\\u0000"}', 422),
        (JSON, b'{"number": "' + b"1" * 1_000_000 + b'"}', 422),
        (
            {"Content-Type": "application/JSON; charset=utf-8"},
            b'{"number": "+15005550200", "extra": [1]}',
            200,
        ),
    ],
)
def test_body(client: httpx.Client, headers: dict[str, str], content: bytes, status: int) -> None:
    """What is no JSON is a 400, what breaks the schema or a rule a 422; the unknown is ignored."""
    answer = client.post(BUY, headers=headers, content=content)
    assert status == answer.status_code, answer.text


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("limit=1", 200),
        ("limit=1" + "0" * 30, 200),  # the contract gives it no upper bound
        ("limit=0", 422),
        ("limit=x", 422),
        ("limit=1.5", 422),
        ("limit=", 422),
        ("cursor=text", 422),
        ("cursor=after-", 422),
        ("cursor=after--1", 422),
        ("cursor=after-" + "9" * 30, 422),
        ("cursor=%FF", 422),
    ],
)
def test_list__query(client: httpx.Client, query: str, status: int) -> None:
    """A limit below one and a cursor that the mock never gave are refused."""
    assert status == client.get(f"/phone_numbers?{query}").status_code


@pytest.mark.parametrize("limit", [0, -3, 11, 10**30, 2.5, "5", None])
def test_search__limit(client: httpx.Client, limit: object) -> None:
    """A search limit outside 1 to 10 is refused."""
    body = {"prefix": "415", "limit": limit}
    assert 422 == client.post("/phone_numbers/search", json=body).status_code


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("PATCH", "/api/phone_numbers", 405, "GET, POST"),
        ("HEAD", "/api/phone_numbers", 405, "GET, POST"),
        ("OPTIONS", "/api/phone_numbers/x", 405, "GET, PUT, DELETE"),
        ("GET", "/api/phone_numbers/search", 405, "POST"),
        ("GET", "/api", 404, None),
        ("GET", "/api/phone_numbers/", 404, None),
        ("GET", "/api/phone_numbers/a/b", 404, None),
        ("GET", "/phone_numbers", 404, None),
        ("POST", "/", 404, None),
    ],
)
def test_place__unknown(
    client: httpx.Client, method: str, path: str, status: int, allow: str | None
) -> None:
    """Another method is a 405 that names those of the path; a path of no operation is a 404."""
    answer = client.request(method, client.base_url.join(path))
    assert (status, allow) == (answer.status_code, answer.headers.get("Allow"))


@pytest.mark.parametrize(
    ("status", "values"),
    [
        (200, ["Bearer test-key"]),
        (200, ["bearer test-key"]),
        (200, ["BEARER  test-key "]),
        (401, []),
        (401, ["Bearer "]),
        (401, ["test-key"]),
        (401, ["Basic test-key"]),
        (401, ["Bearer test-ke"]),
        (401, ["Bearer test-keyx"]),
        (401, ["Bearer xtest-key"]),
        (401, ["Bearer TEST-KEY"]),
        (401, ["Bearer test-key\xa0"]),
        (401, ["Bearer test-key", "Bearer test-key"]),
    ],
)
def test_credential(server: MockServer, status: int, values: list[str]) -> None:
    """One header with the scheme in any case and exactly the key lets in; all else is a 401."""
    lines = "".join(f"Authorization: {value}\r\n" for value in values)
    with connect(server.base_url) as connection:
        connection.sendall(f"GET /api/phone_numbers HTTP/1.1\r\n{lines}\r\n".encode("latin-1"))
        answer = HTTPResponse(connection)
        answer.begin()
    asked_for = "Bearer" if status == 401 else None
    assert (status, asked_for) == (answer.status, answer.getheader("WWW-Authenticate"))


def test_credential__every_operation(server: MockServer) -> None:
    """Every operation of the contract asks for the key, before it looks at anything else."""
    for operation in load().operations.values():
        answer = httpx.request(operation.method, server.base_url + operation.path)
        assert 401 == answer.status_code


def test_refusal__echoes_nothing(client: httpx.Client) -> None:
    """A refusal names the place and the rule, never what was sent: it may be a password."""
    user = {"sipPrefix": "s3cret", "username": "s3cret", "password": "s3c"}
    answer = client.post("/phone_numbers", json={"type": "vogent_sip", "vogentSip": user})
    rule = "#/components/schemas/SipUser/properties/password/minLength"
    assert {"message": f"/body/vogentSip/password breaks minLength of {rule}"} == answer.json()
    for body in ({"type": "s3c"}, ["s3c"], {"type": "sip_import", "sipImport": "s3c"}):
        assert "s3c" not in client.post("/phone_numbers", json=body).text


def test_page(server: MockServer) -> None:
    """The server's root shows the reference, with the numbers that have a chosen outcome."""
    page = httpx.get(server.base_url.removesuffix("/api") + "/")
    assert (200, "text/html; charset=utf-8") == (page.status_code, page.headers["Content-Type"])
    assert [] == [number for number in OUTCOMES if number not in page.text]
