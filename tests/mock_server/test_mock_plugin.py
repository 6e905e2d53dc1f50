"""The fixture for app tests."""

from __future__ import annotations

from tests.mock_server.processes import http
from vogent_contract.mock import MockServer


def test_fixture__state_and_requests(vogent_mock: MockServer) -> None:
    """A test sees what was bought and what was asked, with the key nowhere in it."""
    with http(vogent_mock) as client:
        client.post("/phone_numbers/purchase", json={"number": "+15005550201"})
        client.get("/phone_numbers", params={"limit": 3})
        client.get("/nothing")
    assert [one["number"] for one in vogent_mock.state.numbers()] == ["+15005550201"]
    assert [
        (one.method, one.path, one.query, one.operation, one.body, one.status)
        for one in vogent_mock.requests
    ] == [
        (
            "POST",
            "/api/phone_numbers/purchase",
            "",
            "purchasePhoneNumber",
            {"number": "+15005550201"},
            200,
        ),
        ("GET", "/api/phone_numbers", "limit=3", "listPhoneNumbers", None, 200),
        ("GET", "/api/nothing", "", None, None, 404),
    ]
    assert vogent_mock.api_key not in repr(vogent_mock.requests)
