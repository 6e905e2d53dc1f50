"""A new environment for a built wheel, with the checkout out of reach."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
UV = os.environ.get("UV") or shutil.which("uv") or str(ROOT / ".uv/bin/uv")


class Environment:
    """Somebody else's project: a folder with a virtual environment in it."""

    def __init__(self, project: Path, *requirements: str) -> None:
        self.project = project
        self.bin = project / ".venv" / "bin"
        self._uv("venv", "--python", sys.executable, ".venv")
        self._uv("pip", "install", *requirements)

    def _uv(self, *arguments: str) -> None:
        env = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
        subprocess.run([UV, *arguments], cwd=self.project, env=env, capture_output=True, check=True)

    def popen(self, *command: str, **env: str) -> subprocess.Popen[str]:
        """Start a program of the environment, with nothing that leads to the checkout."""
        whole_env = {"PATH": f"{self.bin}:/usr/bin:/bin", "HOME": str(self.project), **env}
        program = str(self.bin / command[0])
        return subprocess.Popen(
            [program, *command[1:]],
            cwd=self.project,
            env=whole_env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *command: str, **env: str) -> tuple[int, str]:
        """Run a program of the environment; gives its exit code and what it printed."""
        with self.popen(*command, **env) as process:
            printed, _ = process.communicate(timeout=120)
        return process.returncode, printed

    def installed(self) -> set[Path]:
        """What is in the environment, without the cache that Python keeps of what it imports."""
        cache = f"*.{sys.implementation.cache_tag}.pyc"
        paths = [path for path in self.bin.parent.rglob("*") if path.is_file()]
        return {path for path in paths if not path.match(cache)}

    @contextmanager
    def mock(self, **env: str) -> Iterator[str]:
        """The base URL of the environment's mock."""
        ready = self.project / "ready.json"
        command = ("vogent-contract", "mock", "--port", "0", "--ready-file", str(ready))
        with self.popen(*command, **env) as process:
            assert process.stdout is not None
            process.stdout.readline()
            told = json.loads(ready.read_text("utf-8"))
            assert process.pid == told["pid"]
            try:
                yield told["base_url"]
            finally:
                process.terminate()
        assert process.returncode == 0
        assert not ready.exists()
