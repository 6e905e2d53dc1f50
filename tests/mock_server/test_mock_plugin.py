"""The fixture for app tests."""

from __future__ import annotations

from mock_server import MockServer
from tests.mock_server.processes import http

pytest_plugins = ["mock_server.pytest_plugin"]


def test_fixture__state_and_requests(mock_server: MockServer) -> None:
    """A test sees what was bought and what was asked, with the key nowhere in it."""
    with http(mock_server) as client:
        client.post("/phone_numbers/purchase", json={"number": "+15005550201"})
        client.get("/phone_numbers", params={"limit": 3})
        client.get("/nothing")
    assert [one["number"] for one in mock_server.state.numbers()] == ["+15005550201"]
    assert [(one.method, one.path, one.query, one.operation, one.body, one.status) for one in mock_server.requests] == [
        ("POST", "/api/phone_numbers/purchase", "", "purchasePhoneNumber", {"number": "+15005550201"}, 200),
        ("GET", "/api/phone_numbers", "limit=3", "listPhoneNumbers", None, 200),
        ("GET", "/api/nothing", "", None, None, 404),
    ]
    assert mock_server.api_key not in repr(mock_server.requests)
