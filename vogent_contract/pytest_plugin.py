"""The fixture `vogent_mock` for app tests; pytest finds it wherever the kit is installed.

Every pytest run in such an environment imports this module, so only the fixture loads the mock.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from vogent_contract.mock import MockServer


@pytest.fixture
def vogent_mock() -> Iterator[MockServer]:
    """A mock of the test's own on a free port: `.base_url`, `.api_key`, `.state`, `.requests`."""
    from vogent_contract.mock import start  # noqa: PLC0415 - see above

    with start() as server:
        yield server
