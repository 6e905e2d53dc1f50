"""A copy of what generate.sh needs, to change and to generate in."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
NEEDED = ("generate.sh", "codegen", "generated_client", "openapi.yaml", "pyproject.toml", "LICENSE")


class Tree:
    """A copy of the repository's generating part, with an environment that has the pinned tools."""

    def __init__(self, folder: Path, temporary: Path) -> None:
        self.folder, self.temporary = folder, temporary
        folder.mkdir(parents=True)
        temporary.mkdir()
        for name in NEEDED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, folder / name)
        (folder / ".venv").symlink_to(ROOT / ".venv")

    @property
    def client(self) -> Path:
        return self.folder / "generated_client"

    def command(self, *arguments: str, **environment: str) -> dict[str, Any]:
        """What `subprocess` needs to run generate.sh from another folder, without a network."""
        offline = {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
        env = {
            "PATH": os.environ["PATH"],
            "HOME": os.environ["HOME"],
            "TMPDIR": str(self.temporary),
            **offline,
        }
        return {
            "args": [str(self.folder / "generate.sh"), *arguments],
            "cwd": "/",
            "env": env | environment,
        }

    def generate(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Runs generate.sh."""
        return subprocess.run(
            **self.command(*arguments, **environment),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def document(self) -> dict[str, Any]:
        """openapi.yaml, to be changed and given to `write`."""
        loaded: dict[str, Any] = yaml.safe_load((self.folder / "openapi.yaml").read_text())
        return loaded

    def write(self, document: dict[str, Any]) -> None:
        """Replaces openapi.yaml."""
        (self.folder / "openapi.yaml").write_text(
            yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
        )


def snapshot(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Bytes and time of change of each file under a folder, but not of what .venv links to."""
    files = (
        path for path in sorted(folder.rglob("*")) if path.is_file() and ".venv" not in path.parts
    )
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in files
    }


def contents(folder: Path) -> dict[str, bytes]:
    """Bytes of each generated file."""
    return {name: data for name, (data, _) in snapshot(folder).items() if "__pycache__" not in name}
