"""What is new in the contract is served without code."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.mock.processes import http
from vogent_contract.mock import start
from vogent_contract.openapi import ContractError, Document


@contextmanager
def serving(document: dict[str, Any], folder: Path) -> Iterator[httpx.Client]:
    """A client of a mock of another contract."""
    file = folder / "openapi.json"
    file.write_text(json.dumps(document))
    with start(contract=file) as server, http(server.base_url) as client:
        yield client


@pytest.fixture
def document() -> dict[str, Any]:
    """A copy of the contract, to be edited."""
    return copy.deepcopy(dict(Document.read().raw))


def test_operation(document: dict[str, Any], tmp_path: Path) -> None:
    """A new operation is checked and answered with its example."""
    media = {"schema": {"type": "object"}, "example": {"count": 3}}
    least = {"name": "least", "in": "query", "required": True, "schema": {"type": "integer"}}
    document["paths"]["/agents"] = {
        "get": {
            "operationId": "countAgents",
            "parameters": [least],
            "responses": {"201": {"description": "d", "content": {"application/json": media}}},
        }
    }
    with serving(document, tmp_path) as client:
        answer = client.get("/agents", params={"least": 1})
        assert (201, {"count": 3}) == (answer.status_code, answer.json())
        assert 422 == client.get("/agents").status_code
        assert 401 == client.get("/agents", headers={"Authorization": ""}).status_code


def test_properties(document: dict[str, Any], tmp_path: Path) -> None:
    """New properties show every enum value and both sides of a nullable, each the same again."""
    color = {"enum": ["red", "green"]}
    label = {"type": ["object", "null"], "properties": {"color": color}}
    document["components"]["schemas"]["PhoneNumber"]["properties"]["label"] = label
    with serving(document, tmp_path) as client:
        for _ in range(20):
            client.post("/phone_numbers/purchase", json={"number": "+15005550200"})
        shown = client.get("/phone_numbers").json()["data"]
        again = [client.get(f"/phone_numbers/{one['id']}").json() for one in shown]
    assert shown == again
    labels = [one["label"] for one in shown]
    assert None in labels
    assert {"red", "green"} == {one["color"] for one in labels if one}


def test_number_type(document: dict[str, Any], tmp_path: Path) -> None:
    """A type of number that no call can add is in the account from the start."""
    document["components"]["schemas"]["PhoneNumberType"]["enum"].append("TOLL_FREE")
    with serving(document, tmp_path) as client:
        data = client.get("/phone_numbers").json()["data"]
    assert ["TOLL_FREE"] == [one["type"] for one in data]


def test_server_path(document: dict[str, Any], tmp_path: Path) -> None:
    """The API is below the path of the contract's first server, at the root without one."""
    for servers, path in (([{"url": "https://api.vogent.ai/api/v2/"}], "/api/v2/"), ([], "/")):
        document["servers"] = servers
        with serving(document, tmp_path) as client:
            assert path == client.base_url.path
            assert 200 == client.get("/phone_numbers").status_code


def test_schema_not_valid(document: dict[str, Any], tmp_path: Path) -> None:
    """A schema that is none is said at the start."""
    document["components"]["schemas"]["SipUser"]["required"] = 5
    with pytest.raises(ContractError, match="is not valid"):
        serving(document, tmp_path).__enter__()
