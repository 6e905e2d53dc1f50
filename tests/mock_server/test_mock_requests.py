"""What is refused, how, and what a refusal may say."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import httpx
import pytest

from vogent_contract import mock as mock_server
from vogent_contract.mock import MockServer
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
        (JSON, b'{"number": "\xff"}', 400),
        (JSON, b'{"number": "\\ud800"}', 400),
        (JSON, b"[" * 100_000, 400),
        (JSON, b'{"number": "1", "x": ' + b"[" * 400 + b"]" * 400 + b"}", 422),
        ({"Content-Type": "text/plain"}, b'{"number": "1"}', 400),
        ({}, b'{"number": "1"}', 400),
        (JSON, b"null", 422),
        (JSON, b"[]", 422),
        (JSON, b"{}", 422),
        (JSON, b'{"number": null}', 422),
        (JSON, b'{"number": 1}', 422),
        (JSON, b'{"number": 1e400}', 422),
        (JSON, b'{"number": "+12025550100"}', 422),
        (JSON, b'{"number": "\\u0000"}', 422),
        (
            {"Content-Type": "application/JSON; charset=utf-8"},
            b'{"number": "+15005550200", "extra": [1]}',
            200,
        ),
    ],
)
def test_purchase__body(
    client: httpx.Client, headers: dict[str, str], content: bytes, status: int
) -> None:
    """What is no JSON is a 400, what breaks the schema or a rule a 422; unknown properties are ignored."""
    answer = client.post(BUY, headers=headers, content=content)
    assert status == answer.status_code, answer.text


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=-1", "limit=x", "limit=1.5", "limit=", "cursor=text", "cursor=", "cursor=YWZ0ZXI6Mg==",
     "cursor=YWZ0ZXI6LTE", "cursor=%FF"],
)  # fmt: skip
def test_list__query(client: httpx.Client, query: str) -> None:
    """A limit below one and a cursor that the mock never gave are refused."""
    assert client.get(f"/phone_numbers?{query}").status_code == 422


@pytest.mark.parametrize("limit", [1, 1000, 10**30])
def test_list__any_large_limit(client: httpx.Client, limit: int) -> None:
    """The contract gives the limit no upper bound, so none is refused."""
    assert client.get("/phone_numbers", params={"limit": limit}).status_code == 200


@pytest.mark.parametrize("limit", [0, -3, 11, 10**30, 2.5, "5", None])
def test_search__limit(client: httpx.Client, limit: object) -> None:
    """A search limit outside 1 to 10 is refused."""
    assert (
        client.post("/phone_numbers/search", json={"prefix": "415", "limit": limit}).status_code
        == 422
    )


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PATCH", "/phone_numbers", "GET, POST"),
        ("HEAD", "/phone_numbers", "GET, POST"),
        ("OPTIONS", "/phone_numbers/x", "GET, PUT, DELETE"),
        ("GET", "/phone_numbers/search", "POST"),
        ("DELETE", "/phone_numbers/purchase", "POST"),
    ],
)
def test_method__not_allowed(client: httpx.Client, method: str, path: str, allow: str) -> None:
    """A method that the contract does not name for a path is a 405 with those it names."""
    answer = client.request(method, path)
    assert (405, allow) == (answer.status_code, answer.headers["Allow"])


@pytest.mark.parametrize(
    "path", ["", "/", "/phone_numbers/", "/phone_numbers/a/b", "/nothing", "/../api/phone_number"]
)
def test_path__unknown(client: httpx.Client, path: str) -> None:
    """A path that is not in the contract is a 404."""
    assert client.get(client.base_url.join("/api" + path)).status_code == 404


@pytest.mark.parametrize(
    ("values", "status"),
    [
        (["Bearer test-key"], 200),
        (["bearer test-key"], 200),
        (["BEARER  test-key "], 200),
        ([], 401),
        ([""], 401),
        (["Bearer"], 401),
        (["Bearer "], 401),
        (["test-key"], 401),
        (["Basic test-key"], 401),
        (["Bearer test-ke"], 401),
        (["Bearer test-keyx"], 401),
        (["Bearer test-key x"], 401),
        (["Bearer xtest-key"], 401),
        (["Bearer TEST-KEY"], 401),
        (["Bearer test-key\xa0"], 401),
        (["Bearer test-key", "Bearer test-key"], 401),
    ],
)
def test_credential(server: MockServer, values: list[str], status: int) -> None:
    """Exactly one header with the scheme in any case and exactly the key lets a request in; else it is a 401."""
    lines = "".join(f"Authorization: {value}\r\n" for value in values)
    answer = send(
        server, f"GET /api/phone_numbers HTTP/1.1\r\nHost: x\r\n{lines}Connection: close\r\n\r\n"
    )
    assert status == int(answer[9:12])
    assert (b"www-authenticate: Bearer" in answer) is (status == 401)


def test_credential__every_operation(server: MockServer) -> None:
    """Every operation of the contract asks for the key, before it looks at anything else."""
    operations = load().operations.values()
    statuses = {
        one.id: httpx.request(one.method, server.base_url + one.path).status_code
        for one in operations
    }
    assert dict.fromkeys(statuses, 401) == statuses


def send(server: MockServer, request: str) -> bytes:
    """What the server answers to the bytes of a request."""
    with socket.create_connection(
        ("127.0.0.1", int(server.base_url.split(":")[2][:-4])), timeout=10
    ) as connection:
        connection.sendall(request.encode("latin-1"))
        return connection.recv(65536)


def test_refusal__echoes_nothing(client: httpx.Client) -> None:
    """A refusal names the place and the rule, never what was sent: it may be a password."""
    user = {"sipPrefix": "s3cret-1", "username": "s3cret-2", "password": "s3c"}
    answer = client.post("/phone_numbers", json={"type": "vogent_sip", "vogentSip": user})
    assert answer.json()["message"] == "/body/vogentSip/password: expected minLength 5"
    for body in (
        {"type": "s3cret", "password": "s3c"},
        ["s3c"],
        {"type": "sip_import", "sipImport": "s3c"},
    ):
        assert "s3c" not in client.post("/phone_numbers", json=body).text


def test_limits__clear_refusals(client: httpx.Client, server: MockServer) -> None:
    """A body over a mebibyte and a head over 64 KiB are refused as such, and less is not."""
    assert client.post(BUY, json={"number": "1" * 1_000_000}).status_code == 422
    assert client.post(BUY, json={"number": "1" * 1_100_000}).status_code == 413
    assert (
        client.post(BUY, headers=JSON, content=(b"1" * 100_000 for _ in range(20))).status_code
        == 413
    )
    head = "GET /api/phone_numbers/{} HTTP/1.1\r\nAuthorization: Bearer test-key\r\nX: {}\r\n\r\n"
    for path, header, status in (
        ("1" * 60_000, "", 422),
        ("1" * 70_000, "", 431),
        ("", "1" * 70_000, 431),
    ):
        assert status == int(send(server, head.format(path, header))[9:12])
    assert client.get("/phone_numbers").status_code == 200


def test_page__shows_the_contract_and_the_outcomes(server: MockServer) -> None:
    """The server's root shows the reference, with the numbers that have a chosen outcome."""
    page = httpx.get(server.base_url.removesuffix("/api") + "/")
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert all(number in page.text for number in mock_server.OUTCOMES)


def test_contract__new_operation_is_answered(tmp_path: Path) -> None:
    """An operation that is added to the contract is checked and answered with its example, without code."""
    text = load().document.raw
    added = {
        "operationId": "countAgents",
        "parameters": [
            {"name": "least", "in": "query", "required": True, "schema": {"type": "integer"}}
        ],
        "responses": {
            "201": {
                "description": "d",
                "content": {
                    "application/json": {"schema": {"type": "object"}, "example": {"count": 3}}
                },
            },
            "422": {"description": "d"},
        },
    }
    file = tmp_path / "openapi.json"
    file.write_text(json.dumps({**text, "paths": {**text["paths"], "/agents": {"get": added}}}))
    with mock_server.start(contract=file) as server:
        url = server.base_url + "/agents"
        headers = {"Authorization": f"Bearer {server.api_key}"}
        good = httpx.get(url, params={"least": 1}, headers=headers)
        assert (good.status_code, good.json()) == (201, {"count": 3})
        assert httpx.get(url, headers=headers).status_code == 422
        assert httpx.get(url, params={"least": 1}).status_code == 401
