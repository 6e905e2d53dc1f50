"""Check that a release may be made, then build kit and client into `dist/`.

`make release [TAG=vX.Y.Z]` calls it. Publishing is the workflow's job.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from vogent_contract.openapi import Document

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "dist"


def main(tag: str = "") -> int:
    """Build the release; gives 1 if something does not fit together."""
    version = str(Document.read(ROOT / "openapi.yaml").raw["info"]["version"])
    wrong = list(objections(version, tag))
    for line in wrong:
        print(f"release: {line}", file=sys.stderr)
    if wrong:
        return 1

    shutil.rmtree(DIST, ignore_errors=True)
    uv = os.environ.get("UV", "uv")  # `uv run` says which uv it is
    build = [uv, "build", "--quiet", "--all-packages", "--out-dir", str(DIST)]
    subprocess.run(build, cwd=ROOT, check=True)  # noqa: S603 - the kit's own tool
    for path in sorted(DIST.glob("vogent*")):
        print(path.relative_to(ROOT))
    publish = f"git tag v{version} && git push origin v{version}"
    print(f"release: {version} is ready; `{publish}` publishes it")
    return 0


def objections(version: str, tag: str) -> Iterator[str]:
    """What does not fit a release of openapi.yaml's version, one line each."""
    client = project("generated_client")["version"]
    if client != version:
        yield f"the client is {client} but openapi.yaml is {version}: run ./generate.sh"

    kit = project(".")
    pin = f"vogent-phone-numbers=={version}"
    if kit["version"] != version or pin not in kit["optional-dependencies"]["suite"]:
        yield f"pyproject.toml must say version {version} and {pin}; then run `uv lock`"

    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    if not re.search(rf"^## \[?v?{re.escape(version)}\b", changelog, re.MULTILINE):
        yield f"CHANGELOG.md has no entry '## {version}'"
    if tag not in ("", f"v{version}"):
        yield f"the tag is {tag} but the version is {version}: tag v{version}"


def project(folder: str) -> dict[str, Any]:
    """The `[project]` table of a folder's pyproject.toml."""
    text = (ROOT / folder / "pyproject.toml").read_text("utf-8")
    table: dict[str, Any] = tomllib.loads(text)["project"]
    return table


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
