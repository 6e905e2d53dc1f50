"""A copy of what generate.sh needs, to change and to generate in."""

import contextlib
import io
import os
import runpy
import shutil
import subprocess
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]


class Tree:
    """The repository's generating part in another folder, with the same tools and no network."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "kit"
        self.client = self.folder / "generated_client"
        self.temporary = folder / "temporary"
        self.temporary.mkdir(parents=True)
        for name in ("codegen", "generated_client"):
            without_caches = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, self.folder / name, ignore=without_caches)
        for name in ("generate.sh", "openapi.yaml", "pyproject.toml", "LICENSE"):
            shutil.copy(ROOT / name, self.folder)
        (self.folder / ".venv").symlink_to(ROOT / ".venv")

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Start generate.sh, from another folder and in a process group of its own."""
        surroundings = {
            "PATH": os.environ["PATH"],
            "HOME": os.environ["HOME"],
            "TMPDIR": str(self.temporary),
            "http_proxy": "http://127.0.0.1:9",
            "https_proxy": "http://127.0.0.1:9",
        }
        return subprocess.Popen(
            [str(self.folder / "generate.sh"), *arguments],
            cwd="/",
            env=surroundings | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def generate(self, *arguments: str) -> tuple[int, str, str]:
        """Do what generate.sh does, in this process, where the generator is imported once."""
        output, errors = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
            program = runpy.run_path(str(self.folder / "codegen" / "generate.py"))
            code = program["main"](list(arguments))
        return code, output.getvalue(), errors.getvalue()

    def run_script(self, *arguments: str, **environment: str) -> tuple[int, str, str]:
        """Run generate.sh and give its exit code, output and errors."""
        with self.start(*arguments, **environment) as run:
            output, errors = run.communicate(timeout=60)
        return run.returncode, output, errors

    def document(self) -> dict[str, Any]:
        """Read openapi.yaml, to be changed and given to `write`."""
        loaded: dict[str, Any] = yaml.safe_load((self.folder / "openapi.yaml").read_text())
        return loaded

    def write(self, document: dict[str, Any]) -> None:
        """Replace openapi.yaml."""
        text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
        (self.folder / "openapi.yaml").write_text(text)


def contents(folder: Path) -> dict[str, bytes]:
    """Read each file under a folder."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def ages(folder: Path) -> dict[str, int]:
    """Give the time of the last change of each file under a folder."""
    return {name: (folder / name).stat().st_mtime_ns for name in contents(folder)}
