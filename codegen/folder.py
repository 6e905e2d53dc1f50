"""Compares two folders of text files, and puts one in the place of the other in one step."""

import ctypes
import difflib
import os
import shutil
from pathlib import Path

NOT_GENERATED = {
    "__pycache__",
    "dist",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
}  # what tools leave in a folder
LONGEST_DIFF = 200  # lines


def differences(old: Path, new: Path) -> list[str]:
    """What would change if `new` took the place of `old`: a line for each file, then the changed lines."""
    before, after = _files(old), _files(new)
    changed = [name for name in sorted(before.keys() & after.keys()) if before[name] != after[name]]
    diff: list[str] = []
    for name in changed:
        diff += difflib.unified_diff(
            before[name], after[name], f"committed/{name}", f"generated/{name}", lineterm=""
        )
    return [
        *(f"new:      {name}" for name in sorted(after.keys() - before.keys())),
        *(f"changed:  {name}" for name in changed),
        *(f"orphaned: {name}" for name in sorted(before.keys() - after.keys())),
        *diff[:LONGEST_DIFF],
        *([f"... {len(diff) - LONGEST_DIFF} more lines"] if len(diff) > LONGEST_DIFF else []),
    ]


def replace(old: Path, new: Path) -> None:
    """Puts `new` in the place of `old`; whoever looks meanwhile sees the one or the other, whole."""
    before, after = _files(old), _files(new)
    for name in (name for name in before.keys() & after.keys() if before[name] == after[name]):
        shutil.copystat(old / name, new / name)  # what did not change stays as old as it was
    staged = old.with_name(f".{old.name}.new")  # on the same disk as `old`
    shutil.rmtree(staged, ignore_errors=True)
    shutil.copytree(new, staged)
    if not old.exists() or not _exchange(old, staged):
        shutil.rmtree(old, ignore_errors=True)
        staged.rename(old)
    shutil.rmtree(staged, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Swaps two folders atomically. Returns False where the system cannot; Linux can."""
    rename = getattr(ctypes.CDLL(None), "renameat2", None)
    here, swap = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    return (
        rename is not None and rename(here, os.fsencode(one), here, os.fsencode(other), swap) == 0
    )


def _files(folder: Path) -> dict[str, list[str]]:
    """The lines of each generated file, by path."""
    files = {path.relative_to(folder): path for path in folder.rglob("*") if path.is_file()}
    shown = {name: path for name, path in files.items() if NOT_GENERATED.isdisjoint(name.parts)}
    return {
        str(name): path.read_text("utf-8", "replace").split("\n") for name, path in shown.items()
    }
