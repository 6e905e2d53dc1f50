"""The fixture `vogent_mock` for app tests; pytest finds it once the kit is installed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from vogent_contract.mock.running import MockServer, start


@pytest.fixture
def vogent_mock() -> Iterator[MockServer]:
    """A mock of its own for the test, on a free port."""
    with start() as running:
        yield running
