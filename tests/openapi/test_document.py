"""The contract says what the vendor documents, and its examples keep it."""

from __future__ import annotations

from pathlib import Path

import pytest

from vogent_contract.openapi import Contract, ContractError, Operation, load

CONTRACT = load()

DOCUMENTED = {
    "purchasePhoneNumber": (
        "POST",
        "/phone_numbers/purchase",
        "PurchasePhoneNumberInput",
        "PhoneNumber",
    ),
    "listPhoneNumbers": ("GET", "/phone_numbers", None, "PhoneNumberPage"),
    "createPhoneNumber": ("POST", "/phone_numbers", "CreatePhoneNumberInput", "PhoneNumber"),
    "searchPhoneNumbers": (
        "POST",
        "/phone_numbers/search",
        "SearchPhoneNumbersInput",
        "AvailablePhoneNumbers",
    ),
    "getPhoneNumber": ("GET", "/phone_numbers/{id}", None, "PhoneNumber"),
    "updatePhoneNumber": ("PUT", "/phone_numbers/{id}", "UpdatePhoneNumberInput", "PhoneNumber"),
    "deletePhoneNumber": ("DELETE", "/phone_numbers/{id}", None, "PhoneNumber"),
}


@pytest.fixture(params=CONTRACT.operations.values(), ids=CONTRACT.operations)
def operation(request: pytest.FixtureRequest) -> Operation:
    """Each operation of the contract."""
    assert isinstance(request.param, Operation)
    return request.param


def test_the_operations_are_those_of_the_reference() -> None:
    """The seven operations, the one that started the project first."""
    found = {
        one.id: (
            one.method,
            one.path,
            one.body.schema.name if one.body else None,
            one.success.schema.name,
        )
        for one in CONTRACT.operations.values()
        if one.success.schema
    }

    assert list(DOCUMENTED.items()) == list(found.items())


def test_only_the_purchase_is_deprecated() -> None:
    """The old purchase is deprecated and names its replacement."""
    nodes = {one.id: CONTRACT.document.at(one.pointer) for one in CONTRACT.operations.values()}

    assert {"purchasePhoneNumber": "createPhoneNumber"} == {
        key: node.get("x-replaced-by") for key, node in nodes.items() if node.get("deprecated")
    }


def test_statuses_are_those_of_the_reference(operation: Operation) -> None:
    """200, 400 and 422 are documented, refusals without a body; 401 is assumed, with a reason."""
    assert ["200", "400", "401", "422"] == list(operation.responses)
    assert [None, None, None] == [
        operation.responses[status].schema for status in ("400", "401", "422")
    ]
    assert ["401"] == [
        status for status, response in operation.responses.items() if response.assumed
    ]


def test_every_request_and_success_has_examples_that_keep_its_schema(operation: Operation) -> None:
    """An example for each request body and success, each valid."""
    for part in (operation.body, operation.success):
        if part is not None:
            assert part.schema is not None
            assert part.examples
            assert [] == [
                one for value in part.examples.values() for one in part.schema.violations(value)
            ]


BROKEN = {
    "no such file": (None, "cannot be read"),
    "no YAML": ("openapi: [", "is not YAML"),
    "another kind of document": ("swagger: '2.0'", "is not an OpenAPI 3.1 document"),
    "no paths": ("openapi: 3.1.0", "has no paths"),
    "an empty path": ("openapi: 3.1.0\npaths: {/a: null}", "holds no operations"),
    "no responses": ("openapi: 3.1.0\npaths: {/a: {get: {}}}", "has no responses"),
    "a dead reference": (
        "openapi: 3.1.0\npaths: {/a: {get: {responses: {200: {$ref: '#/components/no'}}}}}",
        "which is not there",
    ),
}


@pytest.mark.parametrize(("text", "said"), BROKEN.values(), ids=BROKEN)
def test_a_broken_contract_gives_one_line(tmp_path: Path, text: str | None, said: str) -> None:
    """What cannot be read is a ContractError of one line."""
    path = tmp_path / "openapi.yaml"
    if text is not None:
        path.write_text(text)

    with pytest.raises(ContractError, match=said) as raised:
        load(path)
    assert 1 == len(str(raised.value).splitlines())


def matched(contract: Contract, method: str, path: str) -> str | None:
    operation = contract.match(method, path)
    return operation.id if operation else None


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("POST", "/phone_numbers/purchase", "purchasePhoneNumber"),
        ("GET", "/phone_numbers/purchase", None),
        ("GET", "/phone_numbers/a%2Fb", "getPhoneNumber"),
        ("GET", "/phone_numbers/a/b", None),
        ("PATCH", "/phone_numbers", None),
        ("GET", "/phone_numbers/", None),
    ],
)
def test_paths_match_as_openapi_says(method: str, path: str, expected: str | None) -> None:
    """A concrete path comes before a template, and a template takes one segment."""
    assert expected == matched(CONTRACT, method, path)
