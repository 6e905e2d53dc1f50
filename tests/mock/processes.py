"""Mocks as processes of their own, and a plain HTTP client for any."""

from __future__ import annotations

import json
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from vogent_contract.mock import TEST_KEY

ROOT = Path(__file__).parent.parent.parent
TLS = ssl.create_default_context()  # unused, but slow to make for each client


@contextmanager
def spawned(*options: str, api_key: str = TEST_KEY) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run the command with options on a free port; gives the process and the base URL."""
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "ready.json"
        command = [sys.executable, "-m", "vogent_contract", "mock"]
        command += ["--port", "0", "--ready-file", str(ready), *options]
        with subprocess.Popen(
            command,
            cwd=ROOT,
            env={"VOGENT_API_KEY": api_key},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            try:
                while not ready.exists():
                    assert process.poll() is None, process.stdout and process.stdout.read()
                    time.sleep(0.01)
                yield process, json.loads(ready.read_text())["base_url"]
            finally:
                process.kill()


def http(base_url: str, api_key: str = TEST_KEY) -> httpx.Client:
    """A client with the key."""
    headers = {"Authorization": f"Bearer {api_key}"}
    return httpx.Client(base_url=base_url, headers=headers, verify=TLS)
