"""The action and the workflows are clean, pinned, and do what they say: their scripts run here."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
FILES = {path.stem: path for path in [*WORKFLOWS, ROOT / "action.yml"]}
DOCUMENTS = {stem: yaml.safe_load(path.read_text("utf-8")) for stem, path in FILES.items()}
ACTION = DOCUMENTS["action"]
KEY = "a-key-of-this-test"
TESTED = {
    "Start the mock",
    "Test the server",
    "Release what the run bought",
    "Compare with the base",
    "Compare with the vendor's reference",
    "Open, update or close the issue",
}


def steps(stem: str) -> list[dict[str, Any]]:
    """The steps of the action or of all jobs of a workflow."""
    jobs = DOCUMENTS[stem]["jobs"].values() if stem != "action" else [ACTION["runs"]]
    return [step for job in jobs for step in job.get("steps", [])]


STEPS = [step for stem in FILES for step in steps(stem)]
SCRIPTS = {step["name"]: step["run"] for step in STEPS if "run" in step and "name" in step}


class Runner:
    """Runs a step's script as a hosted runner does: bash, `-e`, files for outputs and the summary.

    Attributes:
        workspace: The working folder.
        action_path: Where the action's repository is.
        calls: Where the stand-ins for programs write how they were called, an argument a line.
    """

    def __init__(self, folder: Path) -> None:
        self.workspace = folder / "work space"  # a path with a space, as some people have
        self.action_path = folder / "kit"
        self.bin = folder / "bin"
        self.calls = folder / "calls"
        self.output = folder / "output"
        self.summary = folder / "summary"
        self.workspace.mkdir()
        for file in (self.calls, self.output, self.summary):
            file.touch()

    def stand_in(self, path: Path, script: str) -> None:
        """Put a program in place that notes its arguments and then runs `script`."""
        path.parent.mkdir(parents=True, exist_ok=True)
        note = f'printf "%s\\n" "${{0##*/}}" "$@" >>"{self.calls}"'
        path.write_text(f"#!/bin/bash\n{note}\n{script}\n", "utf-8")
        path.chmod(0o755)

    def run(self, script: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run a script; further arguments are its environment."""
        whole_env = {
            "PATH": f"{self.bin}:{os.environ['PATH']}",
            "HOME": str(self.workspace),
            "GITHUB_ACTION_PATH": str(self.action_path),
            "GITHUB_WORKSPACE": str(self.workspace),
            "GITHUB_OUTPUT": str(self.output),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "RUNNER_TEMP": str(self.workspace),
            **env,
        }
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
        return run(*command, cwd=self.workspace, env=whole_env)

    def outputs(self) -> dict[str, str]:
        return dict(line.split("=", 1) for line in self.output.read_text("utf-8").splitlines())

    def called(self) -> list[str]:
        return self.calls.read_text("utf-8").splitlines()


def run(
    *command: str, cwd: Path = ROOT, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command and wait for it."""
    return subprocess.run(
        command, cwd=cwd, env=env, capture_output=True, text=True, check=False, timeout=120
    )


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """A runner whose action is a stand-in of the command."""
    return Runner(tmp_path)


@pytest.fixture
def mock(runner: Runner) -> Iterator[str]:
    """The base URL of a mock that the action started, with the kit of this environment."""
    (runner.action_path / ".venv").mkdir(parents=True)
    (runner.action_path / ".venv" / "bin").symlink_to(Path(sys.prefix) / "bin")
    script = f'{SCRIPTS["Start the mock"]}\necho "pid=$!" >>"$GITHUB_OUTPUT"\n'
    result = runner.run(script, PORT="0", VOGENT_API_KEY=KEY)
    assert result.returncode == 0, result.stdout + result.stderr
    yield runner.outputs()["base-url"]
    os.kill(int(runner.outputs()["pid"]), signal.SIGTERM)


@pytest.mark.parametrize(
    "command",
    [
        ["actionlint", "-color=false", *map(str, WORKFLOWS)],
        ["zizmor", "--offline", "--quiet", "--persona=pedantic", "action.yml", ".github"],
    ],
    ids=["actionlint", "zizmor"],
)
def test_the_checkers_find_nothing(command: list[str]) -> None:
    """Workflows are valid, with expressions of the right types, and open no known hole."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    program = shutil.which(command[0], path=path)
    assert program, f"{command[0]} is not installed: run make setup"
    result = run(program, *command[1:])
    assert result.returncode == 0, result.stdout + result.stderr


def test_actions_are_pinned_by_commit() -> None:
    """Foreign actions are named by commit with the version beside it, the same one everywhere."""
    text = "\n".join(path.read_text("utf-8") for path in FILES.values())
    foreign = set(re.findall(r"uses: (?!\./)(.+)", text))
    pinned = r"([\w-]+/[\w-]+)@[0-9a-f]{40} # v\d+\.\d+\.\d+"
    names = [found[1] for use in foreign if (found := re.fullmatch(pinned, use))]
    assert len(foreign) == len(names)
    assert len(names) == len(set(names))


@pytest.mark.parametrize("stem", [path.stem for path in WORKFLOWS])
def test_nothing_is_permitted_by_default(stem: str) -> None:
    """A workflow has no permission that a job does not ask for, and a job ends."""
    assert DOCUMENTS[stem]["permissions"] == {}
    for job in DOCUMENTS[stem]["jobs"].values():
        assert job["permissions"]
        assert "uses" in job or job["timeout-minutes"] <= 90


def test_the_key_is_no_input() -> None:
    """The key goes by the environment only; no script holds it, or an expression."""
    assert [name for name in ACTION["inputs"] if "key" in name or "token" in name] == []
    scripts = "\n".join(step.get("run", "") for step in STEPS)
    assert "VOGENT_API_KEY" not in scripts
    assert "${{" not in scripts


def test_every_script_is_run_here() -> None:
    """A step of more than one command has a test in this file."""
    long = {step.get("name") for step in STEPS if "\n" in step.get("run", "").strip()}
    assert TESTED == long


@pytest.mark.parametrize("stem", FILES)
def test_make_targets_are_there(stem: str) -> None:
    """The workflows call Make targets that exist."""
    scripts = "\n".join(re.sub(r"#.*", "", step.get("run", "")) for step in steps(stem))
    for target in re.findall(r"\bmake (?:--no-print-directory )?(?:-C \S+ )?([a-z-]+)", scripts):
        result = run("make", "-n", target)
        assert result.returncode == 0, f"make {target}: {result.stderr}"


def test_the_commit_hooks_run_the_same_checks() -> None:
    """What pre-commit runs are Make targets, and `make check` is among them."""
    configuration = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    hooks = {hook["id"]: shlex.split(hook["entry"]) for hook in configuration["repos"][0]["hooks"]}
    assert ["make", "--no-print-directory", "check"] == hooks["check"]
    for command in hooks.values():
        result = run(*command, "-n")
        assert ("make", 0) == (command[0], result.returncode), result.stderr


def test_a_mock_that_cannot_start_fails_its_step(runner: Runner) -> None:
    """The reason that the mock gives is the step's error."""
    command = runner.action_path / ".venv/bin/vogent-contract"
    runner.stand_in(command, "echo 'vogent-contract mock: cannot listen' >&2; exit 2")
    result = runner.run(SCRIPTS["Start the mock"], PORT="80")
    says = "::error title=The mock did not start::vogent-contract mock: cannot listen\n"
    assert (1, says) == (result.returncode, result.stdout)


URL = "http://127.0.0.1:9/api"
INPUTS = {
    "BASE_URL": URL,
    "PROFILE": "quick",
    "FAIL_ON": "broken",
    "KNOWN": "",
    "MAX_NUMBERS": "",
    "AGENT_ID": "",
    "REQUIRE_EVIDENCE": "false",
    "REPORT_DIR": "contract-report",
    "LEDGER": "",
}


@pytest.mark.parametrize(
    ("inputs", "options"),
    [
        ({}, ""),
        (
            {"MAX_NUMBERS": "3"},
            "--max-numbers|3|--ledger|{workspace}/contract-report/numbers.ledger.jsonl",
        ),
        (
            {"MAX_NUMBERS": "3", "LEDGER": "a/b.jsonl"},
            "--max-numbers|3|--ledger|{workspace}/a/b.jsonl",
        ),
        (
            {"AGENT_ID": "x; echo y", "REQUIRE_EVIDENCE": "true"},
            "--agent-id|x; echo y|--require-evidence",
        ),
    ],
)
def test_inputs_become_options(runner: Runner, inputs: dict[str, str], options: str) -> None:
    """Each input reaches the suite as one argument, whatever is in it."""
    runner.stand_in(runner.action_path / ".venv/bin/vogent-contract", "exit 0")
    result = runner.run(SCRIPTS["Test the server"], **{**INPUTS, **inputs})
    fixed = "vogent-contract|test|--base-url|{url}|--profile|quick|--fail-on|broken"
    fixed += "|--report-dir|{report}"
    report = f"{runner.workspace}/contract-report"
    expected = f"{fixed}|{options}".format(url=URL, report=report, workspace=runner.workspace)
    assert (0, expected.strip("|").split("|")) == (result.returncode, runner.called())
    assert (report, "0") == (runner.outputs()["report-dir"], runner.outputs()["exit-code"])


@pytest.mark.parametrize(
    ("status", "summary"), [(1, ""), (4, "**The conformance run could not be made** (exit 4)")]
)
def test_a_failing_suite_fails_the_step(runner: Runner, status: int, summary: str) -> None:
    """The suite's exit code is the step's; a run that could not be made is in the summary."""
    runner.stand_in(runner.action_path / ".venv/bin/vogent-contract", f"exit {status}")
    result = runner.run(SCRIPTS["Test the server"], **INPUTS)
    assert (status, str(status)) == (result.returncode, runner.outputs()["exit-code"])
    assert runner.summary.read_text("utf-8").startswith(summary)


def test_the_mock_and_the_suite_end_to_end(runner: Runner, mock: str) -> None:
    """The mock outlives its step and asks for the caller's key; the suite passes it and reports."""
    headers = {"Authorization": f"Bearer {KEY}"}
    url = f"{mock}/phone_numbers"
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - loopback
    with urllib.request.urlopen(request, timeout=5) as response:  # noqa: S310 - loopback
        assert response.status == 200

    env = {**INPUTS, "BASE_URL": mock, "VOGENT_API_KEY": KEY}
    result = runner.run(SCRIPTS["Test the server"], **env)
    assert result.returncode == 0, result.stdout + result.stderr
    report = Path(runner.outputs()["report-dir"])
    files = {"junit.xml", "report.html", "run.har", "evidence.json"}
    assert files <= {path.name for path in report.iterdir()}
    assert runner.summary.read_text("utf-8")
    written = "".join(path.read_text("utf-8") for path in [*report.iterdir(), runner.summary])
    log = Path(runner.outputs()["log"]).read_text("utf-8")
    assert "GET /api/phone_numbers 200" in log
    assert KEY not in written + log + result.stdout + result.stderr


@pytest.mark.parametrize("ledger", ["", "{}\n"])
def test_what_a_run_bought_is_released(runner: Runner, ledger: str) -> None:
    """Where a ledger was written the release command runs, otherwise nothing does."""
    runner.stand_in(runner.action_path / ".venv/bin/vogent-contract", "exit 0")
    file = runner.workspace / "numbers.ledger.jsonl"
    file.write_text(ledger, "utf-8")
    script = SCRIPTS["Release what the run bought"]
    assert runner.run(script, BASE_URL=URL, LEDGER=str(file)).returncode == 0
    command = ["vogent-contract", "release", "--base-url", URL, "--ledger", str(file)]
    assert (command if ledger else []) == runner.called()


@pytest.mark.parametrize("status", [0, 1, 2])
def test_changes_reach_the_summary_and_the_exit_code(runner: Runner, status: int) -> None:
    """What a pull request does to callers is in the summary; a break is no failed comparison."""
    command = runner.workspace / ".venv/bin/vogent-contract"
    runner.stand_in(command, f"echo 'breaking for callers:'; exit {status}")
    result = runner.run(SCRIPTS["Compare with the base"], BASE="origin/main")
    assert status == result.returncode
    assert (status == 1) == ("::error::The contract breaks" in result.stdout)
    assert (status == 2) == ("could not be told" in result.stdout)
    expected = "### Changes of the contract\n```\nbreaking for callers:\n```\n"
    assert expected == runner.summary.read_text("utf-8")
    assert ["vogent-contract", "changes", "origin/main"] == runner.called()


@pytest.mark.parametrize(("status", "exit_code"), [(0, 0), (1, 0), (2, 2)])
def test_the_watch_tells_drift_from_no_look(runner: Runner, status: int, exit_code: int) -> None:
    """Drift goes on to the issue; what could not be looked at fails the job instead."""
    command = runner.workspace / ".venv/bin/vogent-contract"
    runner.stand_in(command, f"echo 'what was found'; echo 'Take it:' >$3; exit {status}")
    result = runner.run(SCRIPTS["Compare with the vendor's reference"])
    assert (exit_code, {"status": str(status)}) == (result.returncode, runner.outputs())
    body = "### Our contract and the vendor\n```\nwhat was found\n```\nTake it:\n"
    assert body == (runner.workspace / "body.md").read_text("utf-8")
    assert body == runner.summary.read_text("utf-8")


@pytest.mark.parametrize(
    ("status", "open_issue", "commands"),
    [
        ("0", "", []),
        ("0", "7", ["issue close 7"]),
        ("1", "", ["label create vendor-drift", "issue create --title"]),
        ("1", "7", ["issue edit 7"]),
    ],
)
def test_there_is_one_issue(
    runner: Runner, status: str, open_issue: str, commands: list[str]
) -> None:
    """Drift opens an issue or updates the open one; agreement closes it."""
    script = f'if [ "$1 $2" = "issue list" ]; then echo "{open_issue}"; fi'
    runner.stand_in(runner.bin / "gh", script)
    result = runner.run(SCRIPTS["Open, update or close the issue"], STATUS=status)
    assert result.returncode == 0, result.stderr
    made = " ".join(runner.called()).removeprefix("gh ").split(" gh ")
    expected = ["issue list", *commands]
    assert len(expected) == len(made)
    for command, call in zip(expected, made, strict=True):
        assert call.startswith(command)
