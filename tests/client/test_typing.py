"""What a type checker says of the client and of code that uses it."""

import json
import os
import subprocess
import sys
from pathlib import Path

CLIENT = Path(__file__).parents[2] / "generated_client" / "vogent_phone_numbers"
USE = Path(__file__).with_name("typed_use.py")


def test_pyright_strict_is_clean(tmp_path: Path) -> None:
    """The generated code and its use pass pyright, which fails on a needless ignore.

    mypy checks the same use in tests/codegen/test_wide_contract.py.
    """
    settings = {
        "include": [os.path.relpath(path, tmp_path) for path in (CLIENT, USE)],
        "typeCheckingMode": "strict",
        "reportDeprecated": "error",
        "reportUnnecessaryTypeIgnoreComment": "error",
        "pythonVersion": "3.11",
    }
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings))
    command = ["pyright", "--pythonpath", sys.executable, "--outputjson"]
    ran = subprocess.run(
        [sys.executable, "-m", *command], cwd=tmp_path, capture_output=True, check=False
    )
    report = json.loads(ran.stdout)
    assert [] == report["generalDiagnostics"]
    assert report["summary"]["filesAnalyzed"] > 20
