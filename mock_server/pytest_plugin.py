"""The fixture `mock_server` for app tests: `pytest_plugins = ["mock_server.pytest_plugin"]`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mock_server.running import MockServer, start


@pytest.fixture
def mock_server() -> Iterator[MockServer]:
    """A mock of its own for the test, on a free port."""
    with start() as running:
        yield running
