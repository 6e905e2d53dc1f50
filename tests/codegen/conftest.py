"""A copy of what generate.sh needs."""

from pathlib import Path

import pytest
from generated_tree import Tree


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """A copy with an own temporary folder."""
    return Tree(tmp_path / "kit", tmp_path / "temporary")
