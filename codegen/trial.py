"""Try a generated client before it is put in place: can each of its modules be imported?"""

import subprocess
import sys
from pathlib import Path

IMPORT_ALL = """
import importlib, pathlib, sys, warnings

warnings.simplefilter("error", SyntaxWarning)
folder, package = pathlib.Path(sys.argv[1]), sys.argv[2]
sys.path.insert(0, str(folder))
faults = {}
for file in sorted((folder / package).rglob("*.py")):
    name = ".".join(file.relative_to(folder).with_suffix("").parts).removesuffix(".__init__")
    try:
        importlib.import_module(name)
    except Exception as error:
        faults.setdefault(str(error), name)  # modules within it fail for the same reason
for error, name in faults.items():
    print(f"module {name} does not work ({error})")
"""


def faults(folder: Path, package: str) -> list[str]:
    """Import each module of a client, in another process. Each that cannot be is a line."""
    command = [sys.executable, "-I", "-B", "-X", "utf8", "-c", IMPORT_ALL, str(folder), package]
    done = subprocess.run(  # noqa: S603 - this Python
        command, capture_output=True, text=True, check=False
    )
    if done.returncode:
        return [f"package {package} does not work ({done.stderr.strip()[-200:]})"]
    return done.stdout.splitlines()
