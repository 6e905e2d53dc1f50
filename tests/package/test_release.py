"""`make release`: version, client, kit, changelog and tag agree, or nothing is built."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.package.environment import ROOT, UV
from vogent_contract.openapi import Document

VERSION = str(Document.read(ROOT / "openapi.yaml").raw["info"]["version"])


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What a release is built from, in a folder of its own, with an entry in the changelog."""
    checkout = tmp_path / "checkout"
    ignore = shutil.ignore_patterns("__pycache__", "dist")
    for name in ("contract_tests", "generated_client", "scripts", "vogent_contract"):
        shutil.copytree(ROOT / name, checkout / name, ignore=ignore)
    for name in ("LICENSE", "README.md", "openapi.yaml", "pyproject.toml"):
        shutil.copy(ROOT / name, checkout)
    (checkout / "CHANGELOG.md").write_text(f"# Changelog\n\n## {VERSION}\n", "utf-8")
    return checkout


def release(checkout: Path, *tag: str) -> subprocess.CompletedProcess[str]:
    """Do what `make release` does after its checks."""
    command = [sys.executable, str(checkout / "scripts" / "release.py"), *tag]
    env = {**os.environ, "UV": UV}
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


def test_both_distributions_are_built(checkout: Path) -> None:
    """Wheel and sdist of kit and client, of the contract's version, are in `dist/`, only they."""
    (checkout / "dist").mkdir()
    (checkout / "dist" / "vogent_contract_kit-0.0.1.tar.gz").touch()
    result = release(checkout, f"v{VERSION}")
    assert result.returncode == 0, result.stderr
    names = [f"vogent_contract_kit-{VERSION}", f"vogent_phone_numbers-{VERSION}"]
    expected = [f"{name}{end}" for name in names for end in ("-py3-none-any.whl", ".tar.gz")]
    assert expected == sorted(path.name for path in (checkout / "dist").glob("vogent*"))


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("generated_client/pyproject.toml", "version = ", "version = '9' #", "run ./generate.sh"),
        ("pyproject.toml", "\nversion = ", "\nversion = '9' #", "pyproject.toml must say version"),
        ("pyproject.toml", "numbers==", "numbers>=", f"and vogent-phone-numbers=={VERSION}; then"),
        ("CHANGELOG.md", "## ", "## 0", f"CHANGELOG.md has no entry '## {VERSION}'"),
        ("CHANGELOG.md", "", "", f"the tag is v0.0.1 but the version is {VERSION}: tag v{VERSION}"),
    ],
)
def test_what_does_not_fit_is_refused(
    checkout: Path, file: str, old: str, new: str, says: str
) -> None:
    """One line says what does not fit a release, and nothing is built."""
    text = (checkout / file).read_text("utf-8")
    (checkout / file).write_text(text.replace(old, new, 1), "utf-8")
    tag = "" if old else "v0.0.1"
    result = release(checkout, tag)
    assert (1, "") == (result.returncode, result.stdout)
    assert says in result.stderr
    assert result.stderr.count("\n") == 1
    assert not (checkout / "dist").exists()
