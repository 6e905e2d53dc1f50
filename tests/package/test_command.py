"""The command: how its subcommands are found, what it refuses, and what programs read of it."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from vogent_contract import cli


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "vogent-contract: a command is missing; the commands are test, mock, release"),
        (["sell"], "vogent-contract: there is no command sell; the commands are test, mock"),
        (["--sell"], "vogent-contract: there is no command --sell; the commands are test"),
    ],
)
def test_bad_input(capsys: pytest.CaptureFixture[str], arguments: list[str], says: str) -> None:
    """What it cannot do is said in one line, with the exit code 2."""
    assert cli.main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(says)
    assert printed.err.count("\n") == 1


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    """`--version` prints the version of the kit."""
    assert cli.main(["--version"]) == 0
    expected = f"vogent-contract-kit {metadata.version('vogent-contract-kit')}\n"
    assert expected == capsys.readouterr().out


def test_help(capsys: pytest.CaptureFixture[str]) -> None:
    """`--help` explains each subcommand in one line."""
    assert cli.main(["--help"]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()[2:]]
    assert ["test", "mock", "release", "changes", "drift", "docs"] == [row[0] for row in rows]
    assert [row for row in rows if len(row) < 3] == []


def test_a_reader_that_leaves() -> None:
    """`vogent-contract mock --list-faults | head` ends without a word, as a Unix program does."""
    command = [sys.executable, "-m", "vogent_contract", "mock", "--list-faults"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


@pytest.mark.parametrize(
    ("option", "file", "says"),
    [
        ("--ready-file", "missing/ready.json", "cannot write missing/ready.json: "),
        ("--ready-file", ".", "cannot write .: "),
        ("--state", "missing/state", "missing/state: cannot be used as a state file: "),
    ],
)
def test_a_file_that_cannot_be_written(tmp_path: Path, option: str, file: str, says: str) -> None:
    """Without a file that it was told to write the mock does not start, and one line says why."""
    command = [sys.executable, "-m", "vogent_contract", "mock", "--port", "0", option, file]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert result.stderr.startswith(f"vogent-contract mock: {says}")
    assert result.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_stale_ready_file(tmp_path: Path) -> None:
    """The file of a mock that was killed is gone even if the next one cannot start."""
    ready = tmp_path / "ready.json"
    ready.write_text("stale", "utf-8")
    assert cli.main(["mock", "--ready-file", str(ready), "--contract", "nothing"]) == 2
    assert not ready.exists()
