"""generate.sh: the same bytes everywhere, all or nothing, nothing left behind."""

import os
import random
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from generated_tree import ROOT, Tree, contents, snapshot

ENVIRONMENTS = {
    "UTC, C, seed 0": {"TZ": "UTC", "LC_ALL": "C", "PYTHONHASHSEED": "0"},
    "Kiritimati, POSIX, seed 12345": {
        "TZ": "Pacific/Kiritimati",
        "LC_ALL": "POSIX",
        "PYTHONHASHSEED": "12345",
    },
    "St John's, C.UTF-8, random seed": {
        "TZ": "America/St_Johns",
        "LC_ALL": "C.UTF-8",
        "PYTHONUTF8": "0",
    },
}


def test_the_committed_client_is_what_the_contract_generates(tree: Tree) -> None:
    """Nobody edited a generated file, and nobody changed the contract without generating."""
    done = tree.generate("--check")
    assert (done.returncode, done.stdout, done.stderr) == (
        0,
        "generated_client/ is up to date\n",
        "",
    )


@pytest.mark.parametrize("environment", ENVIRONMENTS.values(), ids=ENVIRONMENTS)
def test_the_bytes_do_not_depend_on_the_surroundings(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    """Another folder, time zone, locale or hash seed, and no network, give the same client and leave nothing behind."""
    tree = Tree(tmp_path / "Größe mit Raum" / "kit", tmp_path / "temporary")
    (tree.folder / "ruff.toml").write_text(
        "line-length = 40\n"
    )  # a formatter's settings that must not count
    shutil.rmtree(tree.client)
    before = snapshot(tree.folder)
    done = tree.generate(**environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert contents(ROOT / "generated_client") == contents(tree.client)
    shutil.rmtree(tree.client)
    assert before == snapshot(tree.folder)
    assert list(tree.temporary.iterdir()) == []


def test_check_shows_every_difference_and_writes_nothing(tree: Tree) -> None:
    """--check names new, changed and orphaned files and the one command to run, exits 1, and changes no file."""
    package = tree.client / "vogent_phone_numbers"
    (package / "errors.py").unlink()
    (package / "orphan.py").write_text("")
    (package / "types.py").write_text((package / "types.py").read_text() + "# by hand\n")
    before = snapshot(tree.folder)
    done = tree.generate("--check")
    assert done.returncode == 1
    assert done.stdout.splitlines()[:3] == [
        "new:      vogent_phone_numbers/errors.py",
        "changed:  vogent_phone_numbers/types.py",
        "orphaned: vogent_phone_numbers/orphan.py",
    ]
    assert "-# by hand" in done.stdout.splitlines()
    assert done.stdout.endswith("is not what openapi.yaml generates. Run: ./generate.sh\n")
    assert before == snapshot(tree.folder)
    assert tree.generate().returncode == 0
    assert contents(ROOT / "generated_client") == contents(tree.client)


def test_what_does_not_change_is_not_touched(tree: Tree) -> None:
    """A run that changes one file leaves the others as old as they were, and an idle run touches none."""
    readme = tree.client / "README.md"
    before = snapshot(tree.client)
    assert tree.generate().stdout == "generated_client/ is up to date\n"
    assert before == snapshot(tree.client)
    readme.write_text("by hand")
    assert tree.generate().stdout == "generated_client/ rewritten\n"
    after = snapshot(tree.client)
    assert before.pop("README.md")[0] == after.pop("README.md")[0]
    assert before == after


def test_a_removed_operation_leaves_no_file(tree: Tree) -> None:
    """Modules of operations and models that the contract no longer has disappear."""
    document = tree.document()
    del document["paths"]["/phone_numbers/search"]
    for schema in ("SearchPhoneNumbersInput", "AvailablePhoneNumbers", "AvailablePhoneNumber"):
        del document["components"]["schemas"][schema]
    tree.write(document)
    assert tree.generate().returncode == 0
    gone = {
        name for name in contents(ROOT / "generated_client") if name not in contents(tree.client)
    }
    package = "vogent_phone_numbers"
    assert {
        f"{package}/api/phone_numbers/search_phone_numbers.py",
        f"{package}/models/search_phone_numbers_input.py",
        f"{package}/models/available_phone_number.py",
    } == gone


@pytest.mark.parametrize("seconds", [0.05, 0.4, 0.8, 1.1, 1.4])
def test_a_killed_run_leaves_a_whole_client(tree: Tree, seconds: float) -> None:
    """Whenever the run is killed, the client is the old one or the new one, and the next run works."""
    old = contents(tree.client)
    document = tree.document()
    document["info"]["version"] = "2.0.0"
    tree.write(document)
    with subprocess.Popen(
        **tree.command(), start_new_session=True, stdout=subprocess.DEVNULL
    ) as run:
        try:
            run.wait(seconds + random.random() / 10)  # noqa: S311 - any moment will do
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, signal.SIGKILL)
    left = contents(tree.client)
    assert tree.generate().returncode == 0
    new = contents(tree.client)
    assert left in (old, new)
    assert old != new
    assert list(tree.folder.glob(".generated_client*")) == []


BROKEN = {
    "no YAML": ("openapi: [", "generate.sh: "),
    "no OpenAPI": ("hello: world", "generate.sh: openapi.yaml: Failed to parse OpenAPI document"),
    "nothing": ("", "generate.sh: "),
}


@pytest.mark.parametrize(("text", "start"), BROKEN.values(), ids=BROKEN)
def test_a_broken_document_is_one_clear_line(tree: Tree, text: str, start: str) -> None:
    """A document that cannot be read ends the run with 2 and one line, and the old client stays."""
    (tree.folder / "openapi.yaml").write_text(text)
    assert_refused(tree, start)


CHANGES = {
    "missing $ref": (
        lambda d: d["paths"]["/phone_numbers"]["get"]["responses"]["200"]["content"][
            "application/json"
        ].update(schema={"$ref": "#/components/schemas/Missing"}),
        "GET /phone_numbers",
    ),
    "operation without a readable body": (
        lambda d: d["paths"]["/phone_numbers/search"]["post"]["requestBody"].update(
            content={"application/xml": {"schema": {"type": "string"}}}
        ),
        "POST /phone_numbers/search",
    ),
    "form body": (
        lambda d: d["paths"]["/phone_numbers/search"]["post"]["requestBody"].update(
            content={
                "application/x-www-form-urlencoded": {
                    "schema": {"$ref": "#/components/schemas/SearchPhoneNumbersInput"}
                }
            }
        ),
        "search_phone_numbers: the client can send bodies of JSON only",
    ),
    "one operationId twice": (
        lambda d: d["paths"]["/phone_numbers"]["get"].update(operationId="search_phone_numbers"),
        "needs an operationId of its own",
    ),
    "no operationId": (
        lambda d: d["paths"]["/phone_numbers"]["get"].pop("operationId"),
        "get /phone_numbers needs an operationId of its own",
    ),
    "path behind a $ref": (
        lambda d: d["paths"].update({"/other": {"$ref": "#/components/pathItems/other"}}),
        "/other is a $ref",
    ),
    "colliding enum values": (
        lambda d: d["components"]["schemas"]["PhoneNumberType"].update(enum=["a-b", "A-B"]),
        "the enum values a-b, A-B would share names",
    ),
    "a style of parameters that templates do not know": (
        lambda d: d["paths"]["/phone_numbers"]["get"]["parameters"][0].update(explode=False),
        "limit has a style that the client cannot send",
    ),
    "default of the wrong type": (
        lambda d: d["components"]["schemas"]["SearchPhoneNumbersInput"]["properties"][
            "limit"
        ].update(default="x"),
        "openapi.yaml: ",
    ),
}


@pytest.mark.parametrize(("change", "reason"), CHANGES.values(), ids=CHANGES)
def test_what_the_generator_would_leave_out_is_an_error(
    tree: Tree, change: object, reason: str
) -> None:
    """Whatever the client would silently lack ends the run with 2 and one line, and the old client stays."""
    document = tree.document()
    assert callable(change)
    change(document)
    tree.write(document)
    assert_refused(tree, "generate.sh: ", reason)


def test_a_template_that_prints_an_object_is_an_error(tree: Tree) -> None:
    """Rendered garbage never gets into the client."""
    template = tree.folder / "codegen" / "templates" / "api_init.py.jinja"
    template.write_text(template.read_text() + "# {{ openapi.title }}\n")
    assert_refused(
        tree,
        "generate.sh: a template printed an object instead of text into vogent_phone_numbers/api/__ini",
    )


def test_other_versions_of_the_tools_are_refused(tree: Tree) -> None:
    """An environment with another generator or formatter than the pinned one generates nothing."""
    project = tree.folder / "pyproject.toml"
    project.write_text(project.read_text().replace('"ruff==', '"ruff==99.'))
    assert_refused(tree, "generate.sh: ruff 99.", "Run: make setup")


def test_an_unknown_argument_is_refused(tree: Tree) -> None:
    """A misspelt --check does not rewrite the client."""
    assert_refused(tree, "usage: ./generate.sh [--check]", arguments=("--chek",))


def assert_refused(
    tree: Tree, start: str, within: str = "", arguments: tuple[str, ...] = ()
) -> None:
    """Asserts exit 2, one line without a traceback, and no change to any file."""
    before = snapshot(tree.folder)
    done = tree.generate(*arguments)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith(start)
    assert within in done.stderr
    assert "Traceback" not in done.stderr
    assert before == snapshot(tree.folder)
