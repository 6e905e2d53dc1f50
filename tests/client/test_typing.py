"""What type checkers say of the client and of code that uses it."""

import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
CLIENT = HERE.parents[1] / "generated_client" / "vogent_phone_numbers"
USE = HERE / "typed_use.py"
DEPRECATED = [
    number for number, line in enumerate(USE.read_text().splitlines(), 1) if "# DEPRECATED" in line
]


def check(*command: object) -> str:
    """Runs a type checker of this environment and gives its output."""
    ran = subprocess.run(
        [sys.executable, "-m", *map(str, command)],
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return ran.stdout + ran.stderr


def test_mypy_strict_is_clean(tmp_path: Path) -> None:
    """The generated code and its use pass mypy --strict; only the deprecated calls are flagged."""
    options = (
        "--strict",
        "--config-file=",
        f"--cache-dir={tmp_path}",
        "--enable-error-code=deprecated",
    )
    lines = check("mypy", *options, CLIENT, USE).splitlines()
    assert [int(line.split(":")[1]) for line in lines[:-1]] == DEPRECATED
    assert all(
        "deprecated by the API: use create_phone_number instead  [deprecated]" in line
        for line in lines[:-1]
    )


def test_pyright_strict_is_clean(tmp_path: Path) -> None:
    """The generated code and its use pass pyright in strict mode; only the deprecated calls are flagged."""
    files = [os.path.relpath(path, tmp_path) for path in (CLIENT, USE)]
    settings = {
        "include": files,
        "typeCheckingMode": "strict",
        "reportDeprecated": "error",
        "pythonVersion": "3.11",
    }
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings))
    report = json.loads(
        check("pyright", "-p", tmp_path, "--pythonpath", sys.executable, "--outputjson")
    )
    assert report["summary"]["filesAnalyzed"] > 20
    found = report["generalDiagnostics"]
    assert [one["range"]["start"]["line"] + 1 for one in found] == DEPRECATED, found
    assert {"reportDeprecated"} == {one["rule"] for one in found}


MISTAKES = (
    "purchase_phone_number.sync(client=client, body=body).agent_id.upper()",
    "purchase_phone_number.sync(client=client, body='+18001234567')",
    "PurchasePhoneNumberInput()",
    "models.CreateByPurchaseInput(type_='sip_import', purchase=body)",
)


def test_mistakes_are_found_before_they_run(tmp_path: Path) -> None:
    """A null that is not looked at and a wrong or missing argument are errors for mypy."""
    file = tmp_path / "mistakes.py"
    docstring = '    """The results are of the exact types."""'
    file.write_text(
        USE.read_text().replace(docstring, "\n".join(f"    {mistake}" for mistake in MISTAKES))
    )
    first = USE.read_text().splitlines().index(docstring) + 1
    lines = check(
        "mypy", "--strict", "--config-file=", f"--cache-dir={tmp_path}", file
    ).splitlines()
    found = [int(line.split(":")[1]) for line in lines if ": error:" in line]
    assert list(range(first, first + len(MISTAKES))) == found, lines
