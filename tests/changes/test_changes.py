"""Two contracts are compared by what callers and servers notice."""

from __future__ import annotations

import copy
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from vogent_contract import cli
from vogent_contract.changes import command
from vogent_contract.changes.comparison import Change, compare
from vogent_contract.changes.effects import CALLERS, SERVERS
from vogent_contract.changes.surface import surface
from vogent_contract.openapi.document import DEFAULT_PATH, ContractError, Document, join, tokens

OURS = Document.read()
EDITS = yaml.safe_load(Path(__file__).with_name("edits.yaml").read_text("utf-8"))
SCHEMAS = yaml.safe_load(Path(__file__).with_name("schemas.yaml").read_text("utf-8"))


def holder(document: Document, pointer: str) -> tuple[Any, Any]:
    """What a pointer's last token is a key of, and the key."""
    *way, last = tokens(pointer)
    value = document.at(join("#", *way))
    return (value, int(last)) if isinstance(value, list) and last != "-" else (value, last)


def edited(edit: dict[str, Any]) -> Document:
    """Our contract after an edit: `set` puts values at pointers, `remove` takes one away."""
    document = Document(copy.deepcopy(dict(OURS.raw)))
    for pointer, value in edit.get("set", {}).items():
        inside, key = holder(document, pointer)
        if key == "-":
            inside.append(value)
        else:
            inside[key] = value
    if "remove" in edit:
        inside, key = holder(document, edit["remove"])
        del inside[key]
    return document


def after(edit: dict[str, Any]) -> list[Change]:
    return compare(surface(OURS), surface(edited(edit)))


def is_there(document: Document, pointer: str) -> bool:
    try:
        document.at(pointer)
    except ContractError:
        return False
    return True


@pytest.mark.parametrize("name", EDITS)
def test_each_kind_of_change_is_told_once_with_its_severity(name: str) -> None:
    """A change has its severity, place, values, a pointer that exists and plain words."""
    edit = EDITS[name]
    expected = [edit[key] for key in ("is", "and") if key in edit]
    found = after(edit)
    assert len(expected) == len(found)
    for (*row, text), change in zip(expected, found, strict=True):
        assert row == [change.severity, change.at, change.what, change.old, change.new]
        assert change.text.startswith(text)
        assert "\n" not in change.text
        assert is_there(OURS, change.pointer) or is_there(edited(edit), change.pointer)


def with_schema(schema: dict[str, Any], version: str, *, answer: bool) -> Document:
    """A document with one body, an object with the property `x`."""
    media_type = {"schema": {"type": "object", "properties": {"x": schema}}}
    body = {"content": {"application/json": media_type}}
    operation = {"responses": {"200": body}} if answer else {"requestBody": body, "responses": {}}
    return Document({"openapi": version, "paths": {"/x": {"post": operation}}})


@pytest.mark.parametrize("name", SCHEMAS)
def test_schemas_are_compared_by_what_they_mean(name: str) -> None:
    """Another way to write the same promise is no change, in 3.0 and in 3.1."""
    pair = SCHEMAS[name]
    answer = pair.get("answer", False)
    old = with_schema(pair["old"], pair.get("version", "3.1.0"), answer=answer)
    new = with_schema(pair["new"], "3.1.0", answer=answer)
    changes = compare(surface(old), surface(new))
    rows = [[row.severity, row.at, row.what, row.old, row.new] for row in changes]
    assert pair.get("is", []) == rows


def test_the_name_of_a_path_parameter_and_words_are_no_change() -> None:
    """On the wire a path parameter has no name, and nobody calls a summary."""
    text = DEFAULT_PATH.read_text("utf-8")
    other = text.replace("/phone_numbers/{id}:", "/phone_numbers/{number}:")
    other = other.replace("- name: id", "- name: number").replace("summary: ", "summary: More: ")
    other = re.sub("summary: More: (.*)", "summary: Other words", other)
    assert text != other
    assert compare(surface(OURS), surface(Document.parse(other, "other"))) == []


def test_a_change_of_a_shared_schema_is_told_once_to_people() -> None:
    """An enum value more breaks callers in each of six operations, and is one line in the table."""
    found = after({"set": {"#/components/schemas/PhoneNumberType/enum/-": "SMS"}})
    assert [(CALLERS, None, "SMS")] * 6 == [(row.severity, row.old, row.new) for row in found]
    assert list(command.table(found)) == [
        "breaking for callers:",
        "  POST /phone_numbers/purchase response 200 body.type (and 5 more): "
        "value SMS added: callers may get what they do not expect",
        "      #/components/schemas/PhoneNumberType/enum",
    ]


def test_a_value_less_is_for_servers_in_answers_and_for_callers_in_requests() -> None:
    """The same edit means the reverse in the other direction."""
    answers = after({"remove": "#/components/schemas/PhoneNumberType/enum/1"})
    assert {SERVERS} == {change.severity for change in answers}
    country = {"type": "string", "enum": ["US", "GB"]}
    properties = "#/components/schemas/SearchPhoneNumbersInput/properties"
    (request,) = compare(
        surface(edited({"set": {f"{properties}/country": country}})),
        surface(edited({"set": {f"{properties}/country": {**country, "enum": ["US"]}}})),
    )
    assert (CALLERS, "GB", None) == (request.severity, request.old, request.new)


def test_a_schema_that_contains_itself_is_compared() -> None:
    """Recursion ends."""
    twin = {"$ref": "#/components/schemas/PhoneNumber"}
    found = after({"set": {"#/components/schemas/PhoneNumber/properties/twin": twin}})
    assert {"response 200 body.twin", "response 200 body.data[].twin"} == {row.at for row in found}


def git(*arguments: str, cwd: Path) -> None:
    settings = ("user.name=t", "user.email=t@example.com", "commit.gpgsign=false")
    options = [option for setting in settings for option in ("-c", setting)]
    subprocess.run(["git", *options, *arguments], cwd=cwd, check=True)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A git repository with the contract at version 1.0.0 as its only commit."""
    monkeypatch.setattr(command, "DEFAULT_PATH", tmp_path / "openapi.yaml")
    (tmp_path / "openapi.yaml").write_text(DEFAULT_PATH.read_text("utf-8"), "utf-8")
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## 1.0.0\n", "utf-8")
    git("init", "-q", "-b", "main", cwd=tmp_path)
    git("add", ".", cwd=tmp_path)
    git("commit", "-qm", "x", cwd=tmp_path)
    return tmp_path


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_a_breaking_change_needs_a_major_version_and_a_changelog_entry(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The gate closes on a break, says what is missing, and opens when it is there."""
    contract = repository / "openapi.yaml"
    assert command.changes_main(["main"]) == 0
    rewrite(contract, "enum: [PSTN, SIP_USERNAME]", "enum: [PSTN, SIP_USERNAME, SMS]")
    assert command.changes_main(["main"]) == 1
    missing = "raise the major version of info.version (1.0.0 before, 1.0.0 now)"
    assert missing in capsys.readouterr().out
    rewrite(contract, "version: 1.0.0", "version: 2.0.0")
    assert command.changes_main(["main"]) == 1
    assert "CHANGELOG.md needs an entry '## 2.0.0'" in capsys.readouterr().out
    rewrite(repository / "CHANGELOG.md", "## 1.0.0", "## 2.0.0\n\n## 1.0.0")
    assert command.changes_main(["main"]) == 0


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            "PhoneNumberPage",
            "NumberPage",
            "`from vogent_phone_numbers.models import PhoneNumberPage` no longer works, "
            "`from vogent_phone_numbers.models import NumberPage` does",
        ),
        (
            "tags: [phone_numbers]",
            "tags: [numbers]",
            "`from vogent_phone_numbers.api import phone_numbers` no longer works",
        ),
        (
            "{id}:\n    parameters:\n      - name: id",
            "{number_id}:\n    parameters:\n      - name: number_id",
            "`get_phone_number.sync(id=...)` no longer works, "
            "`get_phone_number.sync(number_id=...)` does",
        ),
    ],
)
def test_another_name_in_the_client_is_a_break(
    old: str, new: str, says: str, repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What callers have to write otherwise needs notice, though all is the same on the wire."""
    rewrite(repository / "openapi.yaml", old, new)
    assert command.changes_main(["main"]) == 1
    assert says in capsys.readouterr().out
    rewrite(repository / "openapi.yaml", "version: 1.0.0", "version: 2.0.0")
    rewrite(repository / "CHANGELOG.md", "## 1.0.0", "## 2.0.0\n\n## 1.0.0")
    assert command.changes_main(["main"]) == 0


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [
        ("webhooks", "components:\n", "webhooks: { sold: { post: {} } }\ncomponents:\n"),
        (
            "callbacks",
            "operationId: listPhoneNumbers",
            "operationId: listPhoneNumbers\n      callbacks: { sold: {} }",
        ),
    ],
)
def test_what_is_not_read_is_said_and_is_no_all_clear(
    kind: str, old: str, new: str, repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It could not be told whether callers break, which notice makes no matter."""
    rewrite(repository / "openapi.yaml", old, new)
    assert command.changes_main(["main"]) == 2
    assert f"not compared, though different: {kind}\n" in capsys.readouterr().out
    rewrite(repository / "openapi.yaml", "version: 1.0.0", "version: 2.0.0")
    rewrite(repository / "CHANGELOG.md", "## 1.0.0", "## 2.0.0\n\n## 1.0.0")
    assert command.changes_main(["main"]) == 0


def test_a_compatible_change_passes_as_it_is(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Work for servers needs no major version."""
    rewrite(repository / "openapi.yaml", "maximum: 10", "maximum: 20")
    assert command.changes_main(["main"]) == 0
    counts = "1.0.0 -> 1.0.0: 0 breaking for callers, 1 breaking for servers, 0 compatible\n"
    assert capsys.readouterr().out.endswith(counts)


def test_what_happened_on_the_base_meanwhile_does_not_count(repository: Path) -> None:
    """A pull request is compared with the point where it left its base."""
    git("branch", "work", cwd=repository)
    rewrite(repository / "openapi.yaml", "/phone_numbers/search:", "/phone_numbers/find:")
    git("commit", "-qam", "x", cwd=repository)
    git("switch", "-q", "work", cwd=repository)
    assert command.changes_main(["main"]) == 0
    assert command.changes_main(["main", "work"]) == 1


def test_json_has_every_field(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The machine's form has both versions, the objection, and each change as an object."""
    rewrite(repository / "openapi.yaml", "maximum: 10", "maximum: 5")
    assert command.changes_main(["main", "--json"]) == 1
    printed = json.loads(capsys.readouterr().out)
    assert printed.pop("objection")
    row = {
        "severity": CALLERS,
        "operation": "POST /phone_numbers/search",
        "at": "request body.limit",
        "what": "maximum",
        "old": 10,
        "new": 5,
        "pointer": "#/components/schemas/SearchPhoneNumbersInput/properties/limit/maximum",
        "text": "maximum was 10, is 5: what callers send may be refused",
    }
    expected = {"base": "1.0.0", "head": "1.0.0", "not_compared": [], "changes": [row]}
    assert expected == printed


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (": :\n  - [", "is not YAML"),
        ("&a [*a]", "is not YAML"),
        ("openapi: 2.0\npaths: {}", "is not an OpenAPI 3 document"),
        ("[1, 2]", "is not an OpenAPI 3 document"),
        ("openapi: 3.1.0\npaths: {/x: {get: {responses: 3}}}", "is not built as OpenAPI 3 says"),
        (
            "openapi: 3.1.0\npaths: {/x: {get: {parameters: [{$ref: '#/no'}]}}}",
            "which is not there",
        ),
        (
            "openapi: 3.1.0\npaths: {/x: {get: {parameters: [{$ref: other.yaml#/x}]}}}",
            "is in another file, which is not read: other.yaml#/x",
        ),
    ],
)
def test_a_broken_document_is_one_line(
    text: str, says: str, repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What cannot be compared exits with 2 and says in one line why."""
    (repository / "openapi.yaml").write_text(text, "utf-8")
    assert command.changes_main(["main"]) == 2
    line = rf"changes: could not compare: [^\n]*{re.escape(says)}[^\n]*\n"
    assert re.fullmatch(line, capsys.readouterr().err)


@pytest.mark.usefixtures("repository")
def test_a_revision_that_is_not_there_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """A fresh repository has no origin/main: that is said, and is not taken for 'no change'."""
    assert command.changes_main(["origin/main"]) == 2
    assert capsys.readouterr().err == (
        "changes: could not compare: there is no file and no git revision 'origin/main' "
        "to compare with; BASE=.. names another\n"
    )


@pytest.mark.usefixtures("repository")
def test_a_fault_of_ours_is_no_outcome(monkeypatch: pytest.MonkeyPatch) -> None:
    """A traceback exits with 2: of Python's own 1 a workflow would think that callers break."""
    monkeypatch.setattr(command, "compare", lambda *_: 1 / 0)
    assert cli.main(["changes", "main"]) == 2
