"""What type checkers say of the client and of code that uses it."""

import json
import os
import subprocess
import sys
from pathlib import Path

CLIENT = Path(__file__).parents[2] / "generated_client" / "vogent_phone_numbers"
USE = Path(__file__).with_name("typed_use.py")


def test_mypy_strict_is_clean(tmp_path: Path) -> None:
    """The generated code and its use pass mypy --strict, which fails on a needless ignore."""
    options = ["--strict", "--config-file=", "--cache-dir=.", "--enable-error-code=deprecated"]
    assert "Success: no issues" in check(tmp_path, "mypy", *options, str(CLIENT), str(USE))


def test_pyright_strict_is_clean(tmp_path: Path) -> None:
    """The same holds for pyright in strict mode."""
    settings = {
        "include": [os.path.relpath(path, tmp_path) for path in (CLIENT, USE)],
        "typeCheckingMode": "strict",
        "reportDeprecated": "error",
        "reportUnnecessaryTypeIgnoreComment": "error",
        "pythonVersion": "3.11",
    }
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings))
    report = json.loads(check(tmp_path, "pyright", "--pythonpath", sys.executable, "--outputjson"))
    assert [] == report["generalDiagnostics"]
    assert report["summary"]["filesAnalyzed"] > 20


def check(folder: Path, *command: str) -> str:
    """Run a type checker of this environment in a folder and give its output."""
    ran = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env=os.environ | {"NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return ran.stdout + ran.stderr
