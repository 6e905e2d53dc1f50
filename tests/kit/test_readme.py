"""The README is true: its example runs and prints what it shows, its targets exist."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from vogent_contract import mock as mock_server

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def test_the_example_prints_what_the_readme_shows() -> None:
    """Search, buy, link, read, release with the generated client, against the mock."""
    example = re.search(
        r"## One real example.*?```python\n(.*?)```\n\n```\n(.*?)```", README, re.DOTALL
    )
    assert example
    with mock_server.start() as server:
        code = example[1].replace("http://127.0.0.1:8080/api", server.base_url)
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False
        )

    assert example[2] == done.stdout, done.stderr


def test_every_target_of_the_readme_exists() -> None:
    """What the README says to make can be made, and `make help` shows it."""
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    targets = set(re.findall(r"`make ([a-z-]+)", README))
    assert targets
    assert set() == targets - {line.split()[0] for line in shown.stdout.splitlines()}
