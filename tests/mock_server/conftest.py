"""A mock in this process and a plain HTTP client for it."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.mock_server.processes import http
from vogent_contract import mock as mock_server


@pytest.fixture
def server() -> Iterator[mock_server.MockServer]:
    with mock_server.start() as running:
        yield running


@pytest.fixture
def client(server: mock_server.MockServer) -> Iterator[httpx.Client]:
    with http(server) as client:
        yield client
