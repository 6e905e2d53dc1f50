"""The action and the workflows are clean, pinned, and do what they say: their shell steps are run here."""

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
TESTED = {
    ("action", "Start the mock"),
    ("action", "Test the server"),
    ("action", "Release what the run bought"),
    ("ci", "make changes"),
    ("ci", "Install the wheel into an empty environment"),
    ("drift", "Compare with the vendor's reference"),
    ("drift", "Open, update or close the issue"),
}


def steps(stem: str) -> list[dict[str, Any]]:
    """The steps of an action or of all jobs of a workflow."""
    document = yaml.safe_load(FILES[stem].read_text("utf-8"))
    jobs = document["jobs"].values() if "jobs" in document else [document["runs"]]
    return [step for job in jobs for step in job.get("steps", [])]


def step(stem: str, name: str) -> dict[str, Any]:
    (found,) = [step for step in steps(stem) if step.get("name") == name]
    return found


class Runner:
    """Runs a step's script as the hosted runner does: bash, `-e`, files for outputs and the summary.

    Attributes:
        workspace: The working folder, with stand-ins for programs in `bin/`.
        action_path: Where the action's repository is.
        calls: Where the stand-ins write how they were called.
    """

    def __init__(self, folder: Path) -> None:
        self.workspace = folder / "work space"  # a path with a space, as some people have
        self.action_path = self.workspace
        self.bin, self.calls = folder / "bin", folder / "calls"
        self.output, self.summary = folder / "output", folder / "summary"
        for made in (self.workspace, self.bin):
            made.mkdir()
        for file in (self.calls, self.output, self.summary):
            file.touch()

    def stand_in(self, path: Path, script: str) -> None:
        """Put a program in place that notes its arguments, one a line, and then runs `script`."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            f'#!/bin/bash\nprintf "%s\\n" "${{0##*/}}" "$@" >>{self.calls}\n{script}\n', "utf-8"
        )
        path.chmod(0o755)

    def run(self, script: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run a script; further arguments are its environment."""
        env = {
            "PATH": f"{self.bin}:{os.environ['PATH']}",
            "HOME": os.environ.get("HOME", "/"),
            "GITHUB_ACTION_PATH": str(self.action_path),
            "GITHUB_WORKSPACE": str(self.workspace),
            "GITHUB_OUTPUT": str(self.output),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "RUNNER_TEMP": str(self.workspace),
            **env,
        }
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
        return subprocess.run(
            command,
            cwd=self.workspace,
            env=env,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def outputs(self) -> dict[str, str]:
        return dict(line.split("=", 1) for line in self.output.read_text("utf-8").splitlines())


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """A runner in an empty folder."""
    return Runner(tmp_path)


def program(name: str) -> str:
    """A checker of the development environment; without it there is no check, and that is a failure."""
    found = shutil.which(name, path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    assert found, f"{name} is not installed: run make setup"
    return found


def test_actionlint_finds_nothing() -> None:
    """Workflows are valid, with expressions of the right types."""
    command = [program("actionlint"), "-color=false", *map(str, WORKFLOWS)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout + result.stderr) == (0, "")


def test_zizmor_finds_nothing() -> None:
    """Neither the workflows nor the action open a known hole."""
    command = [
        program("zizmor"),
        "--offline",
        "--quiet",
        "--persona=pedantic",
        "--no-progress",
        "action.yml",
        ".github",
    ]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_actions_are_pinned_by_commit() -> None:
    """Foreign actions are named by commit with the version beside it, the same one everywhere."""
    lines = [
        line
        for path in FILES.values()
        for line in path.read_text("utf-8").splitlines()
        if "uses:" in line
    ]
    foreign = [line.strip().removeprefix("- ") for line in lines if "uses: ./" not in line]
    assert len(foreign) > 10
    assert [
        line
        for line in foreign
        if not re.fullmatch(r"uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)
    ] == []
    names = {line.split("@")[0] for line in foreign}
    assert len(names) == len(set(foreign))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_nothing_is_permitted_by_default(path: Path) -> None:
    """A workflow has no permission that a job does not ask for, and a job ends."""
    document = yaml.safe_load(path.read_text("utf-8"))
    assert document["permissions"] == {}
    for job in document["jobs"].values():
        assert job["permissions"]
        assert "uses" in job or job["timeout-minutes"] <= 90


def test_the_key_is_no_input() -> None:
    """The API key goes by the environment only: it is no input of the action and in no script."""
    action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    assert [name for name in action["inputs"] if "key" in name or "token" in name] == []
    assert [
        step for stem in FILES for step in steps(stem) if "VOGENT_API_KEY" in step.get("run", "")
    ] == []
    assert [step for stem in FILES for step in steps(stem) if "${{" in step.get("run", "")] == []


def test_inputs_and_outputs_are_described() -> None:
    """Each input and output says what it is."""
    action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    for part in (*action["inputs"].values(), *action["outputs"].values()):
        assert part["description"]


def test_every_script_is_run_here() -> None:
    """A step of more than one command has a test in this file."""
    scripts = {
        (stem, step.get("name"))
        for stem in FILES
        for step in steps(stem)
        if "\n" in step.get("run", "").strip()
    }
    assert scripts == TESTED


@pytest.mark.parametrize("stem", FILES)
def test_make_targets_are_there(stem: str) -> None:
    """The workflows call Make targets that exist."""
    scripts = "\n".join(re.sub(r"#.*", "", step.get("run", "")) for step in steps(stem))
    for target in re.findall(r"\bmake (?:--no-print-directory )?(?:-C \S+ )?([a-z-]+)", scripts):
        result = subprocess.run(
            ["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert result.returncode == 0, f"make {target}: {result.stderr}"


def test_the_commit_hooks_run_the_same_checks() -> None:
    """What pre-commit runs are Make targets, and `make check` is among them."""
    configuration = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    hooks = {hook["id"]: shlex.split(hook["entry"]) for hook in configuration["repos"][0]["hooks"]}
    assert hooks["check"] == ["make", "--no-print-directory", "check"]
    for command in hooks.values():
        result = subprocess.run(
            [*command, "-n"], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert (command[0], result.returncode) == ("make", 0), result.stderr


@pytest.fixture
def kit(tmp_path: Path) -> Path:
    """The kit as the action has it, with the environment of these tests as its own."""
    kit = tmp_path / "kit"
    kit.mkdir()
    for entry in ROOT.iterdir():
        if not entry.name.startswith("."):
            (kit / entry.name).symlink_to(entry)
    (kit / ".venv").symlink_to(sys.prefix)
    return kit


@pytest.fixture
def mock(runner: Runner, kit: Path) -> Iterator[str]:
    """The base URL of a mock that the action started."""
    pids = kit.parent / "pids"
    script = step("action", "Start the mock")["run"] + f'\necho "$!" >{pids}\n'
    runner.action_path = kit
    result = runner.run(script, PORT="0", VOGENT_API_KEY="a-key-of-this-test")
    assert result.returncode == 0, result.stdout + result.stderr
    yield runner.outputs()["base-url"]
    os.kill(int(pids.read_text("utf-8")), signal.SIGTERM)


def test_the_mock_runs_on_after_its_step(runner: Runner, mock: str) -> None:
    """The mock outlives the step that started it, and answers to the caller's key; its log is an output."""
    request = urllib.request.Request(
        f"{mock}/phone_numbers", headers={"Authorization": "Bearer a-key-of-this-test"}
    )  # noqa: S310 - loopback
    with urllib.request.urlopen(request, timeout=5) as response:  # noqa: S310 - loopback
        assert response.status == 200
    assert Path(runner.outputs()["log"]).is_file()


def test_a_mock_that_cannot_start_fails_its_step(runner: Runner) -> None:
    """The reason that the mock gives is the step's error."""
    runner.stand_in(
        runner.workspace / ".venv/bin/python", "echo 'mock_server: cannot listen' >&2; exit 2"
    )
    result = runner.run(step("action", "Start the mock")["run"], PORT="80")
    assert (result.returncode, result.stdout) == (
        1,
        "::error title=The mock did not start::mock_server: cannot listen\n",
    )


SUITE_ENV = {
    "BASE_URL": "http://127.0.0.1:9/api",
    "PROFILE": "quick",
    "MAX_NUMBERS": "",
    "AGENT_ID": "",
    "REQUIRE_EVIDENCE": "false",
    "REPORT_DIR": "contract-report",
    "LEDGER": "",
}


@pytest.mark.parametrize(
    ("env", "options"),
    [
        ({}, []),
        (
            {"MAX_NUMBERS": "3"},
            ["--max-numbers", "3", "--ledger", "{}/contract-report/numbers.ledger.jsonl"],
        ),
        (
            {"MAX_NUMBERS": "3", "LEDGER": "a/b.jsonl"},
            ["--max-numbers", "3", "--ledger", "{}/a/b.jsonl"],
        ),
        (
            {"AGENT_ID": "x; echo y", "REQUIRE_EVIDENCE": "true"},
            ["--agent-id", "x; echo y", "--require-evidence"],
        ),
    ],
)
def test_inputs_become_options_of_the_suite(
    runner: Runner, env: dict[str, str], options: list[str]
) -> None:
    """Each input reaches the suite as one argument, whatever is in it."""
    runner.stand_in(runner.workspace / ".venv/bin/python", "exit 0")
    result = runner.run(step("action", "Test the server")["run"], **{**SUITE_ENV, **env})
    report = f"{runner.workspace}/contract-report"
    fixed = [
        "-m",
        "pytest",
        "contract_tests",
        "--base-url",
        SUITE_ENV["BASE_URL"],
        "--profile",
        "quick",
        "--report-dir",
    ]
    expected = [
        "python",
        *fixed,
        report,
        *(option.replace("{}", str(runner.workspace)) for option in options),
    ]
    assert (result.returncode, runner.calls.read_text("utf-8").splitlines()) == (0, expected)
    assert (runner.outputs()["report-dir"], runner.outputs()["exit-code"]) == (report, "0")


@pytest.mark.parametrize(
    ("status", "summary"), [(1, ""), (4, "**The conformance run could not be made** (exit 4)")]
)
def test_a_failing_suite_fails_the_step(runner: Runner, status: int, summary: str) -> None:
    """The suite's exit code is the step's and an output; a run that could not be made says so in the summary."""
    runner.stand_in(runner.workspace / ".venv/bin/python", f"exit {status}")
    result = runner.run(step("action", "Test the server")["run"], **SUITE_ENV)
    assert (result.returncode, runner.outputs()["exit-code"]) == (status, str(status))
    assert runner.summary.read_text("utf-8").startswith(summary)


def test_the_suite_passes_the_mock_and_writes_the_summary(runner: Runner, mock: str) -> None:
    """End to end: the action's mock, then the action's run against it, with report and job summary."""
    env = {**SUITE_ENV, "BASE_URL": mock, "VOGENT_API_KEY": "a-key-of-this-test"}
    result = runner.run(step("action", "Test the server")["run"], **env)
    assert result.returncode == 0, result.stdout + result.stderr
    report = Path(runner.outputs()["report-dir"])
    assert {"junit.xml", "report.html", "run.har", "evidence.json"} <= {
        path.name for path in report.iterdir()
    }
    assert runner.summary.read_text("utf-8")
    written = "".join(path.read_text("utf-8") for path in [*report.iterdir(), runner.summary])
    assert "a-key-of-this-test" not in written + result.stdout + result.stderr


@pytest.mark.parametrize(("ledger", "called"), [("", False), ("{}\n", True)])
def test_what_a_run_bought_is_released(runner: Runner, ledger: str, called: bool) -> None:
    """Where a ledger was written the release command runs, otherwise nothing does."""
    runner.stand_in(runner.workspace / ".venv/bin/python", "exit 0")
    file = runner.workspace / "numbers.ledger.jsonl"
    file.write_text(ledger, "utf-8")
    script = step("action", "Release what the run bought")["run"]
    assert runner.run(script, BASE_URL="http://127.0.0.1:9/api", LEDGER=str(file)).returncode == 0
    expected = f"python\n-m\nvogent_contract\nrelease\n--base-url\nhttp://127.0.0.1:9/api\n--ledger\n{file}\n"
    assert runner.calls.read_text("utf-8") == (expected if called else "")


@pytest.mark.parametrize("status", [0, 2])
def test_changes_reach_the_summary_and_the_exit_code(runner: Runner, status: int) -> None:
    """What a pull request does to callers is in the job summary, and a refusal fails the job."""
    runner.stand_in(runner.bin / "make", f"echo 'breaking for callers:'; exit {status}")
    result = runner.run(step("ci", "make changes")["run"], BASE="origin/main")
    assert result.returncode == status
    assert (
        runner.summary.read_text("utf-8")
        == "### Changes of the contract\n```\nbreaking for callers:\n```\n"
    )
    assert runner.calls.read_text("utf-8").splitlines() == [
        "make",
        "--no-print-directory",
        "changes",
        "BASE=origin/main",
    ]


@pytest.mark.parametrize(("status", "code"), [(0, 0), (1, 0), (2, 2)])
def test_the_watch_tells_same_from_drift_from_no_look(
    runner: Runner, status: int, code: int
) -> None:
    """Drift goes on to the issue; what could not be looked at fails the job instead."""
    runner.stand_in(runner.workspace / ".venv/bin/python", f"echo 'what was found'; exit {status}")
    result = runner.run(step("drift", "Compare with the vendor's reference")["run"])
    assert (result.returncode, runner.outputs()) == (code, {"status": str(status)})
    body = "### Our contract and the vendor\n```\nwhat was found\n```\n"
    assert (
        (runner.workspace / "body.md").read_text("utf-8")
        == runner.summary.read_text("utf-8")
        == body
    )


@pytest.mark.parametrize(
    ("status", "number", "commands"),
    [
        ("0", "", ["issue list"]),
        ("0", "7", ["issue list", "issue close 7"]),
        ("1", "", ["issue list", "label create vendor-drift", "issue create --title"]),
        ("1", "7", ["issue list", "issue edit 7"]),
    ],
)
def test_there_is_one_issue(runner: Runner, status: str, number: str, commands: list[str]) -> None:
    """Drift opens an issue or updates the open one; agreement closes it."""
    runner.stand_in(runner.bin / "gh", f'if [ "$1 $2" = "issue list" ]; then echo "{number}"; fi')
    result = runner.run(step("drift", "Open, update or close the issue")["run"], STATUS=status)
    assert result.returncode == 0, result.stderr
    calls = runner.calls.read_text("utf-8").removeprefix("gh\n").split("\ngh\n")
    made = [" ".join(call.split("\n")) for call in calls]
    assert len(made) == len(commands)
    assert [
        call for call, command in zip(made, commands, strict=True) if not call.startswith(command)
    ] == []


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What a release is built from, in a folder of its own."""
    checkout = tmp_path / "checkout"
    leave = shutil.ignore_patterns("dist", "__pycache__")
    shutil.copytree(ROOT / "generated_client", checkout / "generated_client", ignore=leave)
    shutil.copytree(ROOT / "scripts", checkout / "scripts")
    for name in ("openapi.yaml", "pyproject.toml", "uv.lock"):
        shutil.copy(ROOT / name, checkout / name)
    version = yaml.safe_load((ROOT / "openapi.yaml").read_text("utf-8"))["info"]["version"]
    (checkout / "CHANGELOG.md").write_text(f"# Changelog\n\n## {version}\n", "utf-8")
    return checkout


def release(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    uv = shutil.which("uv") or str(ROOT / ".uv/bin/uv")
    env = {**os.environ, "PATH": f"{Path(uv).parent}:{os.environ['PATH']}"}
    env.pop("VIRTUAL_ENV", None)
    command = [str(checkout / "scripts" / "release"), *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


def test_the_released_wheel_works_in_an_empty_environment(runner: Runner, checkout: Path) -> None:
    """`make release` builds wheel and sdist; the wheel is installed and imported as the workflow does."""
    result = release(checkout)
    assert result.returncode == 0, result.stderr
    built = sorted(
        path.suffix
        for path in (checkout / "generated_client" / "dist").iterdir()
        if path.name[0] != "."
    )
    assert built == [".gz", ".whl"]
    script = step("ci", "Install the wheel into an empty environment")["run"]
    runner.stand_in(runner.bin / "python", f'exec {sys.executable} "$@"')
    (runner.workspace / "generated_client").symlink_to(checkout / "generated_client")
    installed = runner.run(
        script, **{key: value for key, value in os.environ.items() if key.startswith("PIP_")}
    )
    assert installed.returncode == 0, installed.stdout + installed.stderr
    assert "not-a-key" not in installed.stdout


@pytest.mark.parametrize(
    ("name", "old", "new", "arguments", "says"),
    [
        ("openapi.yaml", "version: 1", "version: 91", (), "run ./generate.sh"),
        ("CHANGELOG.md", "## ", "## 0", (), "CHANGELOG.md has no entry"),
        ("CHANGELOG.md", "## ", "## ", ("v0.0.1",), "the tag is v0.0.1 but the version is"),
    ],
)
def test_a_release_that_does_not_fit_together_is_refused(  # noqa: PLR0913, PLR0917 - a row
    checkout: Path, name: str, old: str, new: str, arguments: tuple[str, ...], says: str
) -> None:
    """Version, client, changelog and tag agree, or nothing is built and one line says what does not."""
    text = (checkout / name).read_text("utf-8")
    (checkout / name).write_text(text.replace(old, new), "utf-8")
    result = release(checkout, *arguments)
    assert (result.returncode, result.stdout) == (1, "")
    assert re.fullmatch(rf"release: [^\n]*{re.escape(says)}[^\n]*\n", result.stderr)
