"""A copy of what generate.sh needs."""

from pathlib import Path

import pytest

from tests.codegen.tree import Tree


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """A copy that is the test's own."""
    return Tree(tmp_path)
