"""Compare two folders of text files, and put one in the place of the other in one step."""

import ctypes
import os
import shutil
from difflib import unified_diff
from pathlib import Path

# What tools leave in a folder.
NOT_GENERATED = {"__pycache__", "dist", ".mypy_cache", ".pytest_cache", ".ruff_cache"}
LONGEST_DIFF = 200  # lines


def differences(old: Path, new: Path) -> list[str]:
    """Say what putting `new` in the place of `old` would change: the files, then their lines."""
    before, after = _files(old), _files(new)
    files: list[str] = []
    diff: list[str] = []
    for name in sorted(before.keys() | after.keys()):
        if name not in before:
            files.append(f"new:      {name}")
        elif name not in after:
            files.append(f"orphaned: {name}")
        elif before[name] != after[name]:
            files.append(f"changed:  {name}")
            names = f"committed/{name}", f"generated/{name}"
            diff += unified_diff(before[name], after[name], *names, lineterm="")
    if len(diff) > LONGEST_DIFF:
        diff[LONGEST_DIFF:] = [f"... {len(diff) - LONGEST_DIFF} more lines"]
    return files + diff


def replace(old: Path, new: Path) -> None:
    """Put `new` in the place of `old`; whoever looks meanwhile sees the one or the other, whole."""
    before = _files(old)
    for name, lines in _files(new).items():
        if before.get(name) == lines:
            shutil.copystat(old / name, new / name)  # what did not change stays as old as it was

    staged = _staged(old)
    remove_left_over(old)
    shutil.copytree(new, staged)
    if not _exchange(old, staged):
        shutil.rmtree(old, ignore_errors=True)
        staged.rename(old)
    remove_left_over(old)


def remove_left_over(old: Path) -> None:
    """Remove what `replace` leaves beside `old` when it is killed."""
    shutil.rmtree(_staged(old), ignore_errors=True)


def _staged(old: Path) -> Path:
    return old.with_name(f".{old.name}.new")  # on the same disk as `old`


def _exchange(one: Path, other: Path) -> bool:
    """Swap two folders atomically. False if one is missing or the system cannot; Linux can."""
    rename = getattr(ctypes.CDLL(None), "renameat2", None)
    if rename is None:
        return False
    here, exchange = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    failed = rename(here, os.fsencode(one), here, os.fsencode(other), exchange)
    return not failed


def _files(folder: Path) -> dict[str, list[str]]:
    """Read the lines of each generated file of a folder, by its path within."""
    files = {}
    for path in folder.rglob("*"):
        name = path.relative_to(folder)
        if path.is_file() and NOT_GENERATED.isdisjoint(name.parts):
            files[str(name)] = path.read_text("utf-8", "replace").split("\n")
    return files
