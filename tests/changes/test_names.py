"""Names in the generated client are known from the document, and those that vanish are told."""

from __future__ import annotations

import copy
import importlib
import inspect
from pathlib import Path
from typing import Any

import attrs
import pytest
import yaml
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from vogent_phone_numbers import models

from tests.changes.test_changes import OURS, edited
from vogent_contract.changes.client import PACKAGE, client_of
from vogent_contract.changes.effects import CALLERS
from vogent_contract.changes.names import lost_names
from vogent_contract.openapi.document import DEFAULT_PATH, ContractError, Document

HERE = Path(__file__).parent
EDITS = yaml.safe_load((HERE / "names.yaml").read_text("utf-8"))
PER_CALL = {"client", "timeout", "headers", "max_retries"}  # arguments of every call
DOCUMENTS = yaml.safe_load((HERE / "documents.yaml").read_text("utf-8"))

Names = tuple[dict[str, set[str]], dict[str, dict[str, Any]], dict[str, set[str]]]


def small(name: str) -> Document:
    """A document of the table, with what OpenAPI asks for besides."""
    content = copy.deepcopy(DOCUMENTS[name])
    schemas = content.pop("schemas", {})
    base = {"openapi": "3.1.0", "info": {"title": "x", "version": "1"}, "paths": {}}
    return Document({**base, "components": {"schemas": schemas}, **content})


def names_of(document: Document) -> Names:
    """Attributes by class, members by enum, arguments by call, as the document tells them."""
    client = client_of(document)
    classes = {name: set(one.attributes) for name, one in client.models.items() if not one.members}
    enums = {name: one.members for name, one in client.models.items() if one.members}
    calls = {f"{call.package}.{call.module}": set(call.arguments) for call in client.calls.values()}
    return classes, enums, calls


def names_by_the_generator(document: Document) -> Names:
    """The same, as openapi-python-client understands the document."""
    config = Config.from_sources(
        ConfigFile(), MetaType.UV, Path("x"), "utf-8", overwrite=False, output_path=None
    )
    data = GeneratorData.from_dict(copy.deepcopy(dict(document.raw)), config=config)
    assert [] == data.errors
    classes = {}
    for model in data.models:
        properties = [*model.required_properties, *model.optional_properties]
        attributes = {str(one.python_name) for one in properties}
        rest = {"additional_properties"} if model.additional_properties else set()
        classes[str(model.class_info.name)] = attributes | rest
    calls = {}
    for tag, collection in data.endpoint_collections_by_tag.items():
        assert [] == collection.parse_errors
        for endpoint in collection.endpoints:
            arguments = {str(one.python_name) for _, one in endpoint.iter_all_parameters()}
            body = {"body"} if endpoint.bodies else set()
            calls[f"{tag}.{endpoint.name}"] = arguments | body
    return classes, {str(one.class_info.name): one.values for one in data.enums}, calls


@pytest.mark.parametrize("name", DOCUMENTS)
def test_names_are_made_as_the_generator_makes_them(name: str) -> None:
    """Classes, enum members, modules and arguments, also of schemas that have no name."""
    assert names_by_the_generator(small(name)) == names_of(small(name))


def test_the_names_are_those_of_the_client_that_is_shipped() -> None:
    """What the document tells is there to import, and nothing else is."""
    client = client_of(OURS)
    assert models.__all__ == sorted(client.models)
    for name, model in client.models.items():
        class_ = getattr(models, name)
        if model.members:
            assert model.members == {member.name: member.value for member in class_}
        else:
            assert list(model.attributes) == [one.name for one in attrs.fields(class_)]
    for call in client.calls.values():
        module = importlib.import_module(f"{PACKAGE}.api.{call.package}.{call.module}")
        arguments = inspect.signature(module.sync).parameters.keys() - PER_CALL
        assert sorted(call.arguments) == sorted(arguments)


def rewritten(edit: dict[str, Any]) -> Document:
    text = DEFAULT_PATH.read_text("utf-8")
    for old, new in edit["rename"].items():
        assert old in text
        text = text.replace(old, new)
    return Document.parse(text, "rewritten")


@pytest.mark.parametrize("name", EDITS)
def test_what_works_no_more_is_told_in_the_words_of_its_callers(name: str) -> None:
    """The import, argument, attribute or member that breaks, and what takes its place."""
    edit = EDITS[name]
    old = edited(edit.get("before", {}))
    new = rewritten(edit) if "rename" in edit else edited(edit)
    found = lost_names(client_of(old), client_of(new))
    assert edit.get("is", []) == [change.text for change in found]
    assert {CALLERS} >= {change.severity for change in found}


@pytest.mark.parametrize(
    "schema", [3, {"type": "object", "properties": {"a": 3}}, {"allOf": [{"$ref": "#/nowhere"}]}]
)
def test_a_document_that_is_built_wrongly_is_one_line(schema: Any) -> None:
    """No traceback, whatever the document has."""
    with pytest.raises(ContractError):
        client_of(Document({"paths": {}, "components": {"schemas": {"A": schema}}}))
