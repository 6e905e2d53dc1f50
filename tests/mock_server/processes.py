"""Mocks as processes of their own, and a plain HTTP client for any."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from vogent_contract.mock import TEST_KEY, MockServer

ROOT = Path(__file__).parent.parent.parent


@contextmanager
def spawned(*options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run `python -m mock_server` with options on a free port; gives the process and the base URL."""
    command = [
        sys.executable,
        "-m",
        "vogent_contract",
        "mock",
        "--port",
        "0",
        "--api-key",
        TEST_KEY,
        *options,
    ]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            yield process, re.findall(r"http://[^;]*/api", line)[0]
        finally:
            process.kill()


def http(server: MockServer | str) -> httpx.Client:
    """A client with the key, for a running mock or a base URL."""
    base_url = server if isinstance(server, str) else server.base_url
    return httpx.Client(base_url=base_url, headers={"Authorization": f"Bearer {TEST_KEY}"})
