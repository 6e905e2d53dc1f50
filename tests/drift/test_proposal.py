"""What the vendor says otherwise is shown as an edit of our contract to take, or as pins."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.changes.test_changes import EDITS, edited
from vogent_contract.changes.drift import look
from vogent_contract.changes.proposal import proposal
from vogent_contract.changes.reference import Reference
from vogent_contract.changes.surface import surface
from vogent_contract.changes.yaml_edit import put, take
from vogent_contract.openapi.document import DEFAULT_PATH, Document

OURS = DEFAULT_PATH.read_text("utf-8")
OUR_CONTRACT = Document.parse(OURS, "ours")
BY_HAND = {  # what takes more than a value in its place
    "operation added",
    "server",
    "key no longer asked for",
    "another key as well",
    "key optional",
    "parameter with content instead of a schema",
    "parameter written otherwise",
    "body required",
    "body optional",
    "body removed",
    "second content type",
    "first content type of two",
    "other content type",
    "content type removed",
    "request alternative removed",
    "header added",
}


def vendor(edit: dict[str, Any]) -> Reference:
    """A vendor whose reference says what our contract says, but for one edit."""
    return Reference("the document", "x", surface(edited(edit)))


def block(language: str, text: str) -> str:
    found = re.search(rf"^~~~~{language}\n(.*?\n)~~~~$", text, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


@pytest.mark.parametrize("name", [name for name in EDITS if "is" in EDITS[name]])
def test_what_is_proposed_leaves_no_difference(name: str, tmp_path: Path) -> None:
    """With the pins the drift is known; with the edit, which git takes, there is none."""
    theirs = vendor(EDITS[name])
    text = proposal(OURS, [theirs], [])
    report = look(OUR_CONTRACT, [theirs], yaml.safe_load(block("yaml", text)))
    assert ([], []) == (report.drift, report.stale)

    assert (name in BY_HAND) == ("Take it by hand:" in text)
    if name not in BY_HAND:
        (tmp_path / "openapi.yaml").write_text(OURS, "utf-8")
        (tmp_path / "edit").write_text(block("diff", text), "utf-8")
        subprocess.run(["git", "apply", "--recount", "edit"], cwd=tmp_path, check=True)
        taken = (tmp_path / "openapi.yaml").read_text("utf-8")
        assert [] == look(Document.parse(taken, "taken"), [theirs], []).drift


def test_one_edit_of_a_shared_schema_is_taken_once() -> None:
    """A value more in six answers is one line more or less."""
    edit = {"set": {"#/components/schemas/PhoneNumberType/enum/-": "SMS"}}
    difference = block("diff", proposal(OURS, [vendor(edit)], []))
    assert 1 == difference.count("\n+ ")
    assert "+      enum: [PSTN, SIP_USERNAME, SMS]\n" in difference


def test_without_drift_there_is_nothing_to_take() -> None:
    """The text is empty."""
    assert proposal(OURS, [vendor({})], []) == ""


TEXT = """\
# the head
a: # of a
  b: 1 # of b
  c: [1, 2]
  d: { x: y, z: '1' }
  # before e
  e:
    - p
    - q: r
      s: "#t"

# before f
f: >-
  folded
  text
"""


@pytest.mark.parametrize(
    ("pointer", "value", "old", "new"),
    [
        ("#/a/b", "1", "b: 1", "b: '1'"),
        ("#/a/c/0", 9, "[1, 2]", "[9, 2]"),
        ("#/a/c/-", {"k": None}, "[1, 2]", "[1, 2, { k: null }]"),
        ("#/a/d/x", "a: #", "x: y", "x: 'a: #'"),
        ("#/a/d/404", [], "'1' }", "'1', '404': [] }"),
        ("#/a/e/0", "o", "- p", "- o"),
        ("#/a/e/-", "o", '"#t"\n', '"#t"\n    - o\n'),
        ("#/a/e/1/o", 1, '"#t"\n', '"#t"\n      o: 1\n'),
        ("#/a/g", 1, '"#t"\n', '"#t"\n  g: 1\n'),
        ("#/f", "short", ">-\n  folded\n  text", "short"),
        ("#/g", "ä", "  text\n", "  text\ng: ä\n"),
    ],
)
def test_a_value_is_put_in_its_place(pointer: str, value: Any, old: str, new: str) -> None:
    """Nothing else of the text changes, neither comments nor layout."""
    assert TEXT.replace(old, new) == put(TEXT, pointer, value)


@pytest.mark.parametrize(
    ("pointer", "old", "new"),
    [
        ("#/a/b", "  b: 1 # of b\n", ""),
        ("#/a/c/0", "1, ", ""),
        ("#/a/c/1", ", 2", ""),
        ("#/a/d/x", "x: y, ", ""),
        ("#/a/d/z", ", z: '1'", ""),
        ("#/a/e", '  e:\n    - p\n    - q: r\n      s: "#t"\n', ""),
        ("#/a/e/0", "    - p\n", ""),
        ("#/a/e/1", '    - q: r\n      s: "#t"\n', ""),
        ("#/a/e/1/q", "q: r\n      ", ""),
        ("#/f", "f: >-\n  folded\n  text\n", ""),
    ],
)
def test_a_value_is_taken_out(pointer: str, old: str, new: str) -> None:
    """Nothing else of the text changes, neither comments nor layout."""
    assert TEXT.replace(old, new) == take(TEXT, pointer)


def test_what_is_empty_then_is_taken_too() -> None:
    """No empty list or object is left behind."""
    assert take("a: { b: [1] }\nc: 1\n", "#/a/b/0") == "c: 1\n"


@pytest.mark.parametrize("pointer", ["#/x", "#/a/b/x", "#/a/e/7", "#/nowhere/x"])
def test_what_is_not_there_is_a_key_error(pointer: str) -> None:
    """Nothing is changed in the wrong place."""
    with pytest.raises(KeyError):
        take(TEXT, pointer)
