"""generate.sh: the same bytes everywhere, all or nothing, nothing left behind."""

import contextlib
import os
import shutil
import signal
from pathlib import Path

import pytest

from tests.codegen.tree import Tree, ages, contents

UP_TO_DATE = "generated_client/ is up to date\n"
REWRITTEN = "generated_client/ rewritten\n"


def test_the_committed_client_is_what_the_contract_generates(tree: Tree) -> None:
    """Nobody edited a generated file, and nobody changed the contract without generating."""
    assert (0, UP_TO_DATE, "") == tree.run_script("--check")


def test_the_bytes_do_not_depend_on_the_surroundings(tmp_path: Path) -> None:
    """Another folder, time zone, locale or hash seed gives the same client and leaves no file."""
    tree = Tree(tmp_path / "Größe mit Raum")
    (tree.folder / "ruff.toml").write_text("line-length = 40\n")  # settings that must not count
    before = contents(tree.folder)
    shutil.rmtree(tree.client)
    surroundings = {"TZ": "Pacific/Kiritimati", "LC_ALL": "POSIX", "PYTHONHASHSEED": "12345"}
    assert (0, REWRITTEN, "") == tree.run_script(**surroundings)
    assert before == contents(tree.folder)
    assert {} == contents(tree.temporary)


def test_check_shows_every_difference_and_writes_nothing(tree: Tree) -> None:
    """--check names the files, shows changed lines and the one command to run, and exits 1."""
    package = tree.client / "vogent_phone_numbers"
    (package / "errors.py").unlink()
    (package / "orphan.py").touch()
    (package / "types.py").write_text((package / "types.py").read_text() + "# by hand\n")
    before = contents(tree.folder), ages(tree.folder)
    code, output, _ = tree.run_script("--check")
    lines = output.splitlines()
    assert code == 1
    assert lines[:3] == [
        "new:      vogent_phone_numbers/errors.py",
        "orphaned: vogent_phone_numbers/orphan.py",
        "changed:  vogent_phone_numbers/types.py",
    ]
    assert "-# by hand" in lines
    assert lines[-1].endswith("is not what openapi.yaml generates. Run: ./generate.sh")
    assert before == (contents(tree.folder), ages(tree.folder))


def test_only_what_differs_is_written(tree: Tree) -> None:
    """A run takes back what was done by hand, leaves the other files as old; then it idles."""
    committed, before = contents(tree.client), ages(tree.client)
    (tree.client / "README.md").write_text("by hand")
    (tree.client / "orphan.py").touch()
    assert (0, REWRITTEN, "") == tree.generate()
    after = ages(tree.client)
    assert committed == contents(tree.client)
    assert ["README.md"] == list(dict(after.items() - before.items()))
    assert (0, UP_TO_DATE, "") == tree.generate()
    assert after == ages(tree.client)


def test_a_removed_operation_leaves_no_file(tree: Tree) -> None:
    """Modules of operations and models that the contract no longer has disappear."""
    before = contents(tree.client)
    document = tree.document()
    del document["paths"]["/phone_numbers/search"]
    for schema in ("SearchPhoneNumbersInput", "AvailablePhoneNumbers", "AvailablePhoneNumber"):
        del document["components"]["schemas"][schema]
    tree.write(document)
    assert (0, REWRITTEN, "") == tree.generate()
    assert before.keys() - contents(tree.client).keys() == {
        "vogent_phone_numbers/api/phone_numbers/search_phone_numbers.py",
        "vogent_phone_numbers/models/search_phone_numbers_input.py",
        "vogent_phone_numbers/models/available_phone_number.py",
    }


@pytest.mark.parametrize("moment", ["temporary/*", "kit/.generated_client.new"])
def test_a_killed_run_leaves_a_whole_client(tree: Tree, moment: str) -> None:
    """Killed while it builds or exchanges, it leaves the old or new client; the next run works."""
    old = contents(tree.client)
    document = tree.document()
    document["info"]["version"] = "2.0.0"
    tree.write(document)
    with tree.start() as run:
        while run.poll() is None and not list(tree.folder.parent.glob(moment)):
            pass
        with contextlib.suppress(ProcessLookupError):  # it was quicker than this
            os.killpg(run.pid, signal.SIGKILL)
    left = contents(tree.client)
    assert 0 == tree.generate()[0]
    new = contents(tree.client)
    assert old != new
    assert left in (old, new)
    assert [] == list(tree.folder.glob(".generated_client*"))


API_INIT = "codegen/templates/api_init.py.jinja"
OTHER_RUFF = '[dependency-groups]\ncodegen = ["ruff==99.0"]'
BROKEN = {
    "no YAML": ("openapi.yaml", "openapi: [", "openapi.yaml line 1, column 11: is no YAML"),
    "no OpenAPI": ("openapi.yaml", "hello: world", "openapi.yaml has no `openapi: 3.1.0`"),
    "no text": ("openapi.yaml", b"\xff", "openapi.yaml is no UTF-8 text: save it as UTF-8"),
    "an object in a template": (API_INIT, "# {{ openapi.title }}", "a template printed an object"),
    "no Python in a template": (API_INIT, "def", "a template made code that is no Python"),
    "no import in a template": (API_INIT, "import nowhere", "openapi.yaml: module"),
    "another formatter": ("pyproject.toml", OTHER_RUFF, "ruff 99.0 is needed"),
}


@pytest.mark.parametrize(("name", "text", "start"), BROKEN.values(), ids=BROKEN)
def test_what_cannot_be_used_is_one_clear_line(
    tree: Tree, name: str, text: str | bytes, start: str
) -> None:
    """An unreadable contract, a wrong template or an unpinned tool ends the run with one line."""
    (tree.folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    line = refusal(tree)
    assert 1 == line.count("\n")
    assert line.startswith(f"generate.sh: {start}")


def test_an_unknown_argument_is_refused(tree: Tree) -> None:
    """A misspelt --check does not rewrite the client."""
    assert "usage: ./generate.sh [--check]\n" == refusal(tree, "--chek")


def refusal(tree: Tree, *arguments: str) -> str:
    """Run generate.sh and give its errors: it must exit 2 and change no file."""
    before = contents(tree.folder), ages(tree.folder)
    code, output, errors = tree.generate(*arguments)
    assert (2, "") == (code, output)
    assert before == (contents(tree.folder), ages(tree.folder))
    assert "Traceback" not in errors
    return errors
