"""Two contracts are compared by what callers and servers notice."""

from __future__ import annotations

import copy
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from vogent_contract.changes.comparison import CALLERS, COMPATIBLE, SERVERS, Change, compare, parse
from vogent_contract.changes.surface import Operation, surface
from vogent_contract.openapi import changes
from vogent_contract.openapi.document import DEFAULT_PATH, ContractError

Edit = Callable[[dict[str, Any]], object]

OURS: dict[str, Any] = yaml.safe_load(DEFAULT_PATH.read_text("utf-8"))
PURCHASE, SEARCH, LIST = "/phone_numbers/purchase", "/phone_numbers/search", "/phone_numbers"


def difference(edit: Edit) -> list[Change]:
    """What `compare` says of our contract after an edit."""
    edited = copy.deepcopy(OURS)
    edit(edited)
    before, after = (parse(json.dumps(document), "document") for document in (OURS, edited))
    return compare(surface(before), surface(after))


def schema(document: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = document["components"]["schemas"][name]
    return found


def at(document: dict[str, Any], *keys: str | int) -> Any:
    value: Any = document
    for key in keys:
        value = value[key]
    return value


# Each row: an edit of our contract, then severity, place, what, old, new and the text's start of the one change.
ROWS: dict[str, tuple[Edit, tuple[str, str, str, object, object, str]]] = {
    "operation removed": (
        lambda d: d["paths"].pop(SEARCH),
        (CALLERS, "", "operation", f"POST {SEARCH}", None, "operation removed"),
    ),
    "operation added": (
        lambda d: d["paths"].update({"/agents": {"get": d["paths"][LIST]["get"]}}),
        (SERVERS, "", "operation", None, "GET /agents", "operation added"),
    ),
    "deprecated": (
        lambda d: d["paths"][SEARCH]["post"].update(deprecated=True),
        (COMPATIBLE, "", "deprecated", None, True, "is now deprecated"),
    ),
    "no longer deprecated": (
        lambda d: d["paths"][PURCHASE]["post"].pop("deprecated"),
        (COMPATIBLE, "", "deprecated", True, None, "is no longer deprecated"),
    ),
    "operationId": (
        lambda d: d["paths"][SEARCH]["post"].update(operationId="find"),
        (
            CALLERS,
            "",
            "operationId",
            "searchPhoneNumbers",
            "find",
            "operationId was searchPhoneNumbers, is find",
        ),
    ),
    "server": (
        lambda d: d["paths"][SEARCH]["post"].update(servers=[{"url": "https://eu.example/api"}]),
        (
            CALLERS,
            "",
            "server",
            "https://api.vogent.ai/api",
            "https://eu.example/api",
            "server was",
        ),
    ),
    "key no longer needed": (
        lambda d: d["paths"][SEARCH]["post"].update(security=[{"bearerAuth": []}, {}]),
        (SERVERS, "", "security", None, "none", "security none added"),
    ),
    "parameter added": (
        lambda d: d["paths"][LIST]["get"]["parameters"].append(
            {"name": "order", "in": "query", "schema": {"type": "string"}}
        ),
        (SERVERS, "request query.order", "property", None, "optional", "optional property added"),
    ),
    "required parameter added": (
        lambda d: d["paths"][LIST]["get"]["parameters"].append(
            {"name": "region", "in": "header", "required": True}
        ),
        (CALLERS, "request header.region", "property", None, "required", "required property added"),
    ),
    "parameter removed": (
        lambda d: d["paths"][LIST]["get"]["parameters"].pop(0),
        (CALLERS, "request query.limit", "property", "optional", None, "optional property removed"),
    ),
    "parameter required": (
        lambda d: d["paths"][LIST]["get"]["parameters"][1].update(required=True),
        (
            CALLERS,
            "request query.cursor",
            "property",
            "optional",
            "required",
            "was optional, is required",
        ),
    ),
    "body optional": (
        lambda d: d["paths"][SEARCH]["post"]["requestBody"].update(required=False),
        (SERVERS, "request body", "property", "required", "optional", "was required, is optional"),
    ),
    "request property required": (
        lambda d: schema(d, "SearchPhoneNumbersInput")["required"].append("country"),
        (
            CALLERS,
            "request body.country",
            "property",
            "optional",
            "required",
            "was optional, is required",
        ),
    ),
    "request property added": (
        lambda d: schema(d, "SearchPhoneNumbersInput")["properties"].update(
            kind={"type": "string", "maxLength": 3}
        ),
        (SERVERS, "request body.kind", "property", None, "optional", "optional property added"),
    ),
    "request property removed": (
        lambda d: schema(d, "SearchPhoneNumbersInput")["properties"].pop("country"),
        (
            CALLERS,
            "request body.country",
            "property",
            "optional",
            None,
            "optional property removed",
        ),
    ),
    "request bound tighter": (
        lambda d: schema(d, "SearchPhoneNumbersInput")["properties"]["limit"].update(maximum=5),
        (CALLERS, "request body.limit", "maximum", 10, 5, "maximum was 10, is 5"),
    ),
    "request bound looser": (
        lambda d: schema(d, "SearchPhoneNumbersInput")["properties"]["limit"].update(maximum=20),
        (SERVERS, "request body.limit", "maximum", 10, 20, "maximum was 10, is 20"),
    ),
    "lower request bound looser": (
        lambda d: schema(d, "SearchPhoneNumbersInput")["properties"]["country"].update(minLength=1),
        (SERVERS, "request body.country", "minLength", 2, 1, "minLength was 2, is 1"),
    ),
    "bound gone": (
        lambda d: schema(d, "SearchPhoneNumbersInput")["properties"]["limit"].pop("maximum"),
        (SERVERS, "request body.limit", "maximum", 10, None, "maximum 10 removed"),
    ),
    "bound new": (
        lambda d: schema(d, "SearchPhoneNumbersInput")["properties"]["limit"].update(minimum=1),
        (CALLERS, "request body.limit", "minimum", None, 1, "minimum 1 added"),
    ),
    "default changed": (
        lambda d: schema(d, "SearchPhoneNumbersInput")["properties"]["limit"].update(default=3),
        (CALLERS, "request body.limit", "default", 5, 3, "default was 5, is 3"),
    ),
    "default added": (
        lambda d: schema(d, "SearchPhoneNumbersInput")["properties"]["prefix"].update(
            default="415"
        ),
        (COMPATIBLE, "request body.prefix", "default", None, "415", "default 415 added"),
    ),
    "request type": (
        lambda d: schema(d, "SearchPhoneNumbersInput")["properties"]["prefix"].update(
            type="integer"
        ),
        (
            CALLERS,
            "request body.prefix",
            "type",
            ["string"],
            ["integer"],
            "type was string, is integer",
        ),
    ),
    "request type wider": (
        lambda d: schema(d, "SearchPhoneNumbersInput")["properties"]["limit"].update(type="number"),
        (
            SERVERS,
            "request body.limit",
            "type",
            ["integer"],
            ["integer", "number"],
            "type was integer, is",
        ),
    ),
    "request null": (
        lambda d: schema(d, "SearchPhoneNumbersInput")["properties"]["prefix"].update(
            type=["string", "null"]
        ),
        (SERVERS, "request body.prefix", "nullable", None, True, "is now nullable"),
    ),
    "pattern": (
        lambda d: schema(d, "SearchPhoneNumbersInput")["properties"]["prefix"].update(
            pattern="^[0-9]+$"
        ),
        (CALLERS, "request body.prefix", "pattern", None, "^[0-9]+$", "pattern ^[0-9]+$ added"),
    ),
    "nested request property optional": (
        lambda d: schema(d, "SipTrunk")["required"].remove("password"),
        (
            SERVERS,
            "request body.sipImport.password",
            "property",
            "required",
            "optional",
            "was required, is optional",
        ),
    ),
    "page property null": (
        lambda d: schema(d, "PhoneNumberPage")["properties"]["cursor"].update(type="string"),
        (SERVERS, "response 200 body.cursor", "nullable", True, None, "is no longer nullable"),
    ),
    "page property null in one of two that both hold": (
        lambda d: schema(d, "PhoneNumberPage")["properties"].update(
            cursor={"type": ["string", "null"], "allOf": [{"type": "string"}]}
        ),
        (SERVERS, "response 200 body.cursor", "nullable", True, None, "is no longer nullable"),
    ),
    "second content type": (
        lambda d: at(d, "paths", SEARCH, "post", "requestBody", "content").update(
            {"text/plain": {}}
        ),
        (
            SERVERS,
            "request body text/plain",
            "property",
            None,
            "optional",
            "optional property added",
        ),
    ),
    "page property optional": (
        lambda d: schema(d, "PhoneNumberPage")["required"].remove("cursor"),
        (
            CALLERS,
            "response 200 body.cursor",
            "property",
            "required",
            "optional",
            "was required, is optional",
        ),
    ),
    "page property gone": (
        lambda d: schema(d, "PhoneNumberPage").update(
            required=["data"],
            properties={"data": schema(d, "PhoneNumberPage")["properties"]["data"]},
        ),
        (
            CALLERS,
            "response 200 body.cursor",
            "property",
            "required",
            None,
            "required property removed",
        ),
    ),
    "page property added": (
        lambda d: schema(d, "PhoneNumberPage")["properties"].update(total={"type": "integer"}),
        (
            COMPATIBLE,
            "response 200 body.total",
            "property",
            None,
            "optional",
            "optional property added",
        ),
    ),
    "page property added and required": (
        lambda d: (
            schema(d, "PhoneNumberPage")["properties"].update(total={"type": "integer"}),
            schema(d, "PhoneNumberPage")["required"].append("total"),
        ),
        (
            SERVERS,
            "response 200 body.total",
            "property",
            None,
            "required",
            "required property added",
        ),
    ),
    "answer bound": (
        lambda d: schema(d, "AvailablePhoneNumbers").update(maxItems=10),
        (SERVERS, "response 200 body", "maxItems", None, 10, "maxItems 10 added"),
    ),
    "answer item type": (
        lambda d: schema(d, "AvailablePhoneNumber")["properties"]["number"].update(type="integer"),
        (
            CALLERS,
            "response 200 body[].number",
            "type",
            ["string"],
            ["integer"],
            "type was string, is integer",
        ),
    ),
    "answer closed": (
        lambda d: schema(d, "PhoneNumberPage").update(additionalProperties=False),
        (
            SERVERS,
            "response 200 body",
            "additionalProperties",
            None,
            False,
            "additionalProperties false added",
        ),
    ),
    "refusal added": (
        lambda d: at(d, "paths", SEARCH, "post", "responses").update(
            {"429": {"description": "Too many."}}
        ),
        (COMPATIBLE, "response 429", "status", None, "429", "status 429 added"),
    ),
    "refusal removed": (
        lambda d: at(d, "paths", SEARCH, "post", "responses").pop("422"),
        (SERVERS, "response 422", "status", "422", None, "status 422 removed"),
    ),
    "success added": (
        lambda d: at(d, "paths", SEARCH, "post", "responses").update(
            {"202": {"description": "Later."}}
        ),
        (CALLERS, "response 202", "status", None, "202", "status 202 added"),
    ),
    "success removed": (
        lambda d: at(d, "paths", SEARCH, "post", "responses").pop("200"),
        (CALLERS, "response 200", "status", "200", None, "status 200 removed"),
    ),
    "content type gone": (
        lambda d: at(d, "paths", SEARCH, "post", "responses", "200").pop("content"),
        (CALLERS, "response 200 body", "property", "optional", None, "optional property removed"),
    ),
    "header added": (
        lambda d: at(d, "paths", SEARCH, "post", "responses", "200").update(
            headers={"X-Total": {}}
        ),
        (
            COMPATIBLE,
            "response 200 headers.x-total",
            "property",
            None,
            "optional",
            "optional property added",
        ),
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_each_kind_of_change_is_told_once_with_its_severity(name: str) -> None:
    """Every kind of change is one row with its severity, place, both values, a pointer that exists and plain words."""
    edit, (severity, place, what, old, new, text) = ROWS[name]
    (change,) = difference(edit)
    assert (severity, place, what, old, new) == (change.severity, *change[2:6])
    assert change.text.startswith(text)
    assert "\n" not in change.text
    edited = copy.deepcopy(OURS)
    edit(edited)
    found = []
    for document in (OURS, edited):
        try:
            found.append(parse(json.dumps(document), "document").at(change.pointer))
        except ContractError:
            continue
    assert found, f"{change.pointer} points to nothing"


def test_a_change_of_a_shared_schema_is_told_once_to_people() -> None:
    """An enum value more breaks callers in each of the six operations, and is one line in the table."""
    found = difference(lambda d: schema(d, "PhoneNumberType")["enum"].append("SMS"))
    assert [(change.severity, change.old, change.new) for change in found] == [
        (CALLERS, None, "SMS")
    ] * 6
    assert list(changes.table(found)) == [
        "breaking for callers:",
        "  POST /phone_numbers/purchase response 200 body.type (and 5 more): "
        "value SMS added: callers may get what they do not expect",
        "      #/components/schemas/PhoneNumberType/enum",
    ]


def test_an_enum_value_less_is_for_servers_in_answers_and_for_callers_in_requests() -> None:
    """The same edit means the reverse in the other direction."""
    answers = difference(lambda d: schema(d, "PhoneNumberType")["enum"].remove("SIP_USERNAME"))
    request = difference(lambda d: schema(d, "CreatePhoneNumberInput")["oneOf"].pop())
    assert {SERVERS} == {change.severity for change in answers}
    assert ("vogent_sip", None, CALLERS) in {
        (change.old, change.new, change.severity) for change in request if change.what == "enum"
    }


def test_a_variant_more_is_work_for_servers_only() -> None:
    """A further kind of creation leaves today's callers alone."""

    def edit(document: dict[str, Any]) -> None:
        document["components"]["schemas"]["CreateByPort"] = {
            "type": "object",
            "required": ["type", "port"],
            "properties": {"type": {"const": "port"}, "port": {"type": "string"}},
        }
        schema(document, "CreatePhoneNumberInput")["oneOf"].append(
            {"$ref": "#/components/schemas/CreateByPort"}
        )

    found = difference(edit)
    assert {SERVERS} == {change.severity for change in found}
    assert {"enum", "variants", "property"} == {change.what for change in found}


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(
            lambda d: d["paths"][SEARCH]["post"].update(summary="Other words", tags=[]), id="words"
        ),
        pytest.param(
            lambda d: schema(d, "PhoneNumber").update(description="Other words"), id="schema words"
        ),
        pytest.param(lambda d: schema(d, "PhoneNumber")["required"].reverse(), id="order"),
        pytest.param(
            lambda d: schema(d, "PhoneNumber")["properties"].update(
                agentId={"anyOf": [{"type": "string"}, {"type": "null"}]}
            ),
            id="null as an alternative",
        ),
        pytest.param(
            lambda d: schema(d, "PhoneNumber").update(
                {
                    "allOf": [
                        {k: schema(d, "PhoneNumber").pop(k) for k in ("properties", "required")}
                    ]
                }
            ),
            id="allOf",
        ),
        pytest.param(
            lambda d: schema(d, "PhoneNumber").update(
                {"allOf": [{"properties": schema(d, "PhoneNumber").pop("properties")}]}
            ),
            id="required beside allOf",
        ),
        pytest.param(
            lambda d: schema(d, "PhoneNumberPage").update(additionalProperties=True),
            id="what is so anyway",
        ),
        pytest.param(
            lambda d: (
                d["paths"]["/phone_numbers/{id}"]["parameters"][0].update(name="number"),
                d["paths"].update(
                    {"/phone_numbers/{number}": d["paths"].pop("/phone_numbers/{id}")}
                ),
            ),
            id="path parameter's name",
        ),
    ],
)
def test_what_nobody_notices_is_no_change(edit: Edit) -> None:
    """Other words, another order and another way of writing the same promise are not told."""
    assert difference(edit) == []


def test_3_0_and_3_1_are_compared_by_what_they_mean() -> None:
    """`nullable`, boolean exclusive bounds and `enum` of one are 3.0's words for the same promise."""
    one = {"type": ["integer", "null"], "exclusiveMinimum": 0}
    other = {"type": "integer", "nullable": True, "minimum": 0, "exclusiveMinimum": True}

    def document(version: str, **properties: object) -> dict[str, Operation]:
        body = {
            "content": {
                "application/json": {"schema": {"type": "object", "properties": properties}}
            }
        }
        paths = {"/x": {"post": {"requestBody": body, "responses": {}}}}
        return surface(parse(json.dumps({"openapi": version, "paths": paths}), version))

    assert (
        compare(
            document(
                "3.0.3",
                count=other,
                kind={"type": "string", "enum": ["a"]},
                text={"type": "string"},
            ),
            document(
                "3.1.0", count=one, kind={"const": "a"}, text={"type": "string", "nullable": True}
            ),
        )
        == []
    )


def test_a_schema_that_contains_itself_is_compared() -> None:
    """Recursion ends."""

    def edit(document: dict[str, Any]) -> None:
        schema(document, "PhoneNumber")["properties"]["twin"] = {
            "$ref": "#/components/schemas/PhoneNumber"
        }

    assert {"response 200 body.twin", "response 200 body.data[].twin"} == {
        change.at for change in difference(edit)
    }


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A git repository with the contract at version 1.0.0 as its only commit."""
    monkeypatch.setattr(changes, "DEFAULT_PATH", tmp_path / "openapi.yaml")
    (tmp_path / "openapi.yaml").write_text(DEFAULT_PATH.read_text("utf-8"), "utf-8")
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## 1.0.0\n", "utf-8")
    for arguments in (
        ["init", "-q", "-b", "main"],
        ["add", "."],
        [
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@example.com",
            "-c",
            "commit.gpgsign=false",
            "commit",
            "-qm",
            "x",
        ],
    ):
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True)
    return tmp_path


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_a_breaking_change_needs_a_major_version_and_a_changelog_entry(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The gate closes on a change that breaks callers, says what is missing, and opens when it is there."""
    assert changes.main(["main"]) == 0
    rewrite(
        repository / "openapi.yaml", "enum: [PSTN, SIP_USERNAME]", "enum: [PSTN, SIP_USERNAME, SMS]"
    )
    assert changes.main(["main"]) == 1
    assert (
        "raise the major version of info.version (1.0.0 before, 1.0.0 now)"
        in capsys.readouterr().out
    )
    rewrite(repository / "openapi.yaml", "version: 1.0.0", "version: 2.0.0")
    assert changes.main(["main"]) == 1
    assert "CHANGELOG.md needs an entry '## 2.0.0'" in capsys.readouterr().out
    rewrite(repository / "CHANGELOG.md", "## 1.0.0", "## 2.0.0\n\n## 1.0.0")
    assert changes.main(["main"]) == 0


def test_a_compatible_change_passes_as_it_is(repository: Path) -> None:
    """Work for servers and further refusals need no major version."""
    rewrite(repository / "openapi.yaml", "maximum: 10", "maximum: 20")
    assert changes.main(["main"]) == 0


def test_what_happened_on_the_base_meanwhile_does_not_count(repository: Path) -> None:
    """A pull request is compared with the point where it left its base."""
    git = [
        "git",
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@example.com",
        "-c",
        "commit.gpgsign=false",
    ]
    subprocess.run([*git, "switch", "-qc", "work"], cwd=repository, check=True)
    subprocess.run([*git, "switch", "-q", "main"], cwd=repository, check=True)
    rewrite(repository / "openapi.yaml", "/phone_numbers/search:", "/phone_numbers/find:")
    subprocess.run([*git, "commit", "-qam", "x"], cwd=repository, check=True)
    subprocess.run([*git, "switch", "-q", "work"], cwd=repository, check=True)
    assert changes.main(["main"]) == 0
    assert changes.main(["main", "work"]) == 1


def test_json_has_every_field(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The machine's form has both versions, the objection, and each change as an object."""
    rewrite(repository / "openapi.yaml", "maximum: 10", "maximum: 5")
    assert changes.main(["main", "--json"]) == 1
    printed = json.loads(capsys.readouterr().out)
    assert [printed["base"], printed["head"]] == ["1.0.0", "1.0.0"]
    assert printed["objection"]
    assert [
        {
            "severity": CALLERS,
            "operation": f"POST {SEARCH}",
            "at": "request body.limit",
            "what": "maximum",
            "old": 10,
            "new": 5,
            "pointer": "#/components/schemas/SearchPhoneNumbersInput/properties/limit/maximum",
            "text": "maximum was 10, is 5: what callers send may be refused",
        }
    ] == printed["changes"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (": :\n  - [", "is not YAML"),
        ("openapi: 2.0\npaths: {}", "is not an OpenAPI 3 document"),
        ("[1, 2]", "is not an OpenAPI 3 document"),
        ("openapi: 3.1.0\npaths: {/x: {get: {responses: 3}}}", "is not built as OpenAPI 3 says"),
        (
            "openapi: 3.1.0\npaths: {/x: {get: {parameters: [{$ref: '#/nowhere'}]}}}",
            "#/nowhere, which is not there",
        ),
        ("&a [*a]", "is not YAML"),
    ],
)
def test_a_broken_document_is_one_line(
    text: str, says: str, repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What cannot be compared exits with 2 and says in one line why."""
    (repository / "openapi.yaml").write_text(text, "utf-8")
    assert changes.main(["main"]) == 2
    assert re.fullmatch(
        rf"changes: could not compare: [^\n]*{re.escape(says)}[^\n]*\n", capsys.readouterr().err
    )


def test_a_revision_that_is_not_there_is_one_line(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A fresh repository has no origin/main: that is said, and is not taken for 'no change'."""
    assert changes.main(["origin/main"]) == 2
    expected = (
        "changes: could not compare: there is no file and no git revision 'origin/main' to compare with; "
        "BASE=.. names another\n"
    )
    assert expected == capsys.readouterr().err
    assert repository.is_dir()
