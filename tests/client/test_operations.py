"""Every documented operation, in each of its four forms, against the contract's own examples."""

import asyncio
import json
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from conftest import TOKEN
from vogent_phone_numbers import AuthenticatedClient, models

DOCUMENT = yaml.safe_load((Path(__file__).parents[2] / "openapi.yaml").read_text())
FORMS = ("sync", "sync_detailed", "asyncio", "asyncio_detailed")
ID = "5f0c7c1e-8f43-4f0e-9c55-0d6c2a3b1e10"
NUMBER = models.PurchasePhoneNumberInput(number="+18001234567")
TRUNK = models.SipTrunk(
    phone_number="+18005550199",
    termination_uri="example.pstn.example.net",
    username="trunk-user",
    password="trunk-password",  # noqa: S106 - the contract's example
)
USER = models.SipUser(
    sip_prefix="front-desk",
    username="front-desk-user",
    password="front-desk-password",  # noqa: S106 - the contract's example
)
# operation, name of the request's example in the contract, arguments, and the query that they make
CALLS: list[tuple[str, str, dict[str, Any], str]] = [
    ("purchase_phone_number", "fromSearch", {"body": NUMBER}, ""),
    (
        "create_phone_number",
        "purchase",
        {"body": models.CreateByPurchaseInput(purchase=NUMBER)},
        "",
    ),
    (
        "create_phone_number",
        "sipImport",
        {"body": models.CreateBySipImportInput(sip_import=TRUNK)},
        "",
    ),
    (
        "create_phone_number",
        "vogentSip",
        {"body": models.CreateByVogentSipInput(vogent_sip=USER)},
        "",
    ),
    (
        "search_phone_numbers",
        "areaCode",
        {"body": models.SearchPhoneNumbersInput(prefix="415", country="US", limit=5)},
        "",
    ),
    ("list_phone_numbers", "", {}, ""),
    ("list_phone_numbers", "", {"limit": 100, "cursor": "a b&c=d"}, "limit=100&cursor=a+b%26c%3Dd"),
    ("get_phone_number", "", {"id": ID}, ""),
    (
        "update_phone_number",
        "link",
        {
            "id": ID,
            "body": models.UpdatePhoneNumberInput(agent_id="7d2f1b3a-2c1d-4d5e-8a9b-3f4c5d6e7f80"),
        },
        "",
    ),
    (
        "update_phone_number",
        "unlink",
        {"id": ID, "body": models.UpdatePhoneNumberInput(agent_id="")},
        "",
    ),
    ("delete_phone_number", "", {"id": ID}, ""),
]
NO_BODY = {"content": {"application/json": {"examples": [""]}}}
OPERATIONS = {
    "".join(f"_{c.lower()}" if c.isupper() else c for c in operation["operationId"]): (
        method,
        path,
        operation,
    )
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
    if method in {"get", "put", "post", "delete"}
}


def test_every_operation_is_called() -> None:
    """The table names each operation of the contract, and each example of a request."""
    examples = {
        (name, example)
        for name, (_, _, operation) in OPERATIONS.items()
        for example in operation.get("requestBody", {})
        .get("content", {})
        .get("application/json", {})
        .get("examples", [""])
    }
    assert examples == {(name, example) for name, example, _, _ in CALLS}


@pytest.mark.filterwarnings("ignore:deprecated by the API")
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "call", CALLS, ids=[f"{name}-{example}{query}" for name, example, _, query in CALLS]
)
def test_an_operation_sends_and_reads_what_the_contract_shows(
    call: tuple[str, str, dict[str, Any], str], form: str
) -> None:
    """Arguments become the documented request, and the documented response becomes the object and back."""
    name, example, arguments, query = call
    method, path, operation = OPERATIONS[name]
    answer = example_of(operation["responses"]["200"]["content"])
    sent: list[httpx.Request] = []

    def reply(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json=answer)

    client = AuthenticatedClient(token=TOKEN, httpx_args={"transport": httpx.MockTransport(reply)})
    function = getattr(import_module(f"vogent_phone_numbers.api.phone_numbers.{name}"), form)
    got = function(client=client, **arguments)
    got = asyncio.run(got) if form.startswith("asyncio") else got
    (request,) = sent
    url = DOCUMENT["servers"][0]["url"] + path.replace("{id}", ID) + (f"?{query}" if query else "")
    assert (method.upper(), url) == (request.method, str(request.url))
    body = example_of(operation["requestBody"]["content"], example) if example else None
    assert body == (json.loads(request.content) if request.content else None)
    parsed = got.parsed if form.endswith("detailed") else got
    assert answer == (
        [item.to_dict() for item in parsed] if isinstance(parsed, list) else parsed.to_dict()
    )


def example_of(content: dict[str, Any], name: str = "") -> Any:
    """The named or the first example of a body."""
    examples = content["application/json"]["examples"]
    example = examples[name or next(iter(examples))]
    return (
        DOCUMENT["components"]["examples"][example["$ref"].split("/")[-1]]["value"]
        if "$ref" in example
        else example["value"]
    )
