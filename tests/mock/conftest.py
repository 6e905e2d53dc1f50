"""A mock in this process and a plain HTTP client for it."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.mock.processes import http
from vogent_contract.mock import MockServer, start
from vogent_contract.openapi import load

CONTRACT = load()


@pytest.fixture
def server() -> Iterator[MockServer]:
    with start(contract=CONTRACT) as running:
        yield running


@pytest.fixture
def client(server: MockServer) -> Iterator[httpx.Client]:
    with http(server.base_url) as client:
        yield client
