"""A real server that answers what a test tells it and counts what reaches it."""

from collections.abc import Iterator

import pytest
from scripted_server import ScriptedServer
from vogent_phone_numbers import AuthenticatedClient

TOKEN = "sk-0123456789abcdef"  # noqa: S105 - no real key


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """A server on a free loopback port."""
    with ScriptedServer() as server:
        yield server


@pytest.fixture
def client(server: ScriptedServer) -> Iterator[AuthenticatedClient]:
    """A client of that server."""
    with AuthenticatedClient(token=TOKEN, base_url=server.url, timeout=5) as client:
        yield client
