"""Starts the servers of this folder: one API, written as each framework's documentation does."""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

HERE = Path(__file__).parent
SECONDS_TO_START = 60
SECONDS_TO_END = 5


class CannotRunError(RuntimeError):
    """What the server needs is not there, or it did not come up."""


@dataclass(frozen=True)
class Framework:
    """A server: its program, and the Python distributions or Node packages that it imports."""

    program: str
    needs: tuple[str, ...]

    @property
    def path(self) -> Path:
        return HERE / self.program

    @property
    def on_node(self) -> bool:
        return self.path.suffix == ".js"

    @property
    def command(self) -> list[str]:
        return ["node" if self.on_node else sys.executable, str(self.path)]


FRAMEWORKS = {
    "fastapi": Framework("fastapi/app.py", ("fastapi", "uvicorn")),
    "flask": Framework("flask/app.py", ("flask",)),
    "django_rest": Framework("django_rest/app.py", ("django", "djangorestframework")),
    "aiohttp": Framework("aiohttp/app.py", ("aiohttp", "pydantic")),
    "express": Framework("express/app.js", ("express", "zod")),
    "fastify": Framework("fastify/app.js", ("fastify", "@fastify/bearer-auth")),
    "hono": Framework("hono/app.js", ("hono", "@hono/node-server", "@hono/zod-validator", "zod")),
}


def reason_missing(name: str) -> str | None:
    """Say why the server cannot run here and what to install; None if nothing is missing."""
    framework = FRAMEWORKS[name]
    if not framework.on_node:
        missing = [package for package in framework.needs if not _is_distributed(package)]
        how = "run `uv sync --group servers`"
    elif shutil.which("node") is None:
        return f"{name} needs `node` on PATH"
    else:
        missing = [
            package
            for package in framework.needs
            if not (HERE / "node_modules" / package / "package.json").is_file()
        ]
        how = "run `npm ci --prefix tests/servers`"
    return f"{name} needs {', '.join(missing)}: {how}" if missing else None


def _is_distributed(package: str) -> bool:
    try:
        distribution(package)
    except PackageNotFoundError:
        return False
    return True


@contextmanager
def running(name: str, key: str) -> Iterator[str]:
    """Serve on a free port, asking for the key, and give the base URL; end with the block."""
    if reason := reason_missing(name):
        raise CannotRunError(reason)
    with (
        tempfile.TemporaryFile("w+") as errors,  # a pipe that nobody reads would fill up and block
        subprocess.Popen(
            FRAMEWORKS[name].command,
            env=os.environ | {"PORT": "0", "VOGENT_API_KEY": key},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        try:
            address = _first_line(process)
            if not address:
                errors.seek(0)
                raise CannotRunError(f"{name} did not come up:\n{errors.read()[-2000:]}")
            yield address
        finally:
            _end(process)


def _first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    too_late = threading.Timer(SECONDS_TO_START, process.kill)
    too_late.start()
    try:
        return process.stdout.readline().strip()
    finally:
        too_late.cancel()


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        process.kill()
