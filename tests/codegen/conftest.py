"""A copy of what generate.sh needs."""

from pathlib import Path

import pytest

from tests.codegen.tree import ROOT, Tree


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tree:
    """A copy that is the test's own, with the modules of codegen/ in reach."""
    monkeypatch.syspath_prepend(ROOT / "codegen")
    return Tree(tmp_path)
