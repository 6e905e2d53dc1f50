"""The server without `--base-url`: the project's own mock, on a free loopback port."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from vogent_contract import mock as mock_server
from vogent_contract.openapi import Contract

KEY = "test-key-of-the-default-server"


@contextmanager
def running(contract: Contract) -> Iterator[tuple[str, str]]:
    """Start the mock and give its base URL and key."""
    with mock_server.start(api_key=KEY, contract=contract) as server:
        yield server.base_url, KEY
