"""Every documented operation, in each of its four forms, against the contract's own examples."""

import asyncio
import json
import re
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
import yaml
from vogent_phone_numbers import AuthenticatedClient, models

from tests.client.conftest import TOKEN

DOCUMENT = yaml.safe_load((Path(__file__).parents[2] / "openapi.yaml").read_text())
SERVER = DOCUMENT["servers"][0]["url"]
ID = "5f0c7c1e-8f43-4f0e-9c55-0d6c2a3b1e10"
# The model of each example of a request.
MODELS: dict[str, Any] = {
    "fromSearch": models.PurchasePhoneNumberInput,
    "purchase": models.CreateByPurchaseInput,
    "sipImport": models.CreateBySipImportInput,
    "vogentSip": models.CreateByVogentSipInput,
    "areaCode": models.SearchPhoneNumbersInput,
    "link": models.UpdatePhoneNumberInput,
    "unlink": models.UpdatePhoneNumberInput,
}


class Call(NamedTuple):
    """One call of an operation."""

    module: str
    arguments: dict[str, Any]
    request: tuple[str, str, Any]  # method, URL and body that they make
    answer: Any


def contract_calls() -> dict[str, Call]:
    """Give a call of each operation with each example of its request."""
    found = {}
    for path, item in DOCUMENT["paths"].items():
        for method, operation in item.items():
            if method == "parameters":
                continue
            url = SERVER + path.replace("{id}", ID)
            module = re.sub("([A-Z])", r"_\1", operation["operationId"]).lower()
            answer = next(iter(examples(operation["responses"]["200"]).values()))
            bodies = {"": None}
            if "requestBody" in operation:
                bodies = examples(operation["requestBody"])
            for name, body in bodies.items():
                arguments = {"id": ID} if "{id}" in path else {}
                if name:
                    arguments["body"] = MODELS[name].from_dict(body)
                call = Call(module, arguments, (method.upper(), url, body), answer)
                found[f"{module} {name}"] = call
    return found


def examples(message: dict[str, Any]) -> dict[str, Any]:
    """Give the values of a request's or response's examples, by name."""
    values = {}
    for name, example in message["content"]["application/json"]["examples"].items():
        reference = example.get("$ref", "").split("/")[-1]
        shared = DOCUMENT["components"]["examples"]
        values[name] = shared[reference]["value"] if reference else example["value"]
    return values


CALLS = contract_calls()


@pytest.mark.filterwarnings("ignore:deprecated by the API")
@pytest.mark.parametrize("form", ["sync", "sync_detailed", "asyncio", "asyncio_detailed"])
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_an_operation_sends_and_reads_what_the_contract_shows(call: Call, form: str) -> None:
    """Arguments become the documented request, the documented response the object and back."""
    got, sent = make(call, form)
    parsed = got.parsed if form.endswith("detailed") else got
    plain = [one.to_dict() for one in parsed] if isinstance(parsed, list) else parsed.to_dict()
    body = json.loads(sent.content) if sent.content else None
    assert call.request == (sent.method, str(sent.url), body)
    assert call.answer == plain


def test_parameters_of_the_query_are_escaped() -> None:
    """`limit` and `cursor` are sent if they are given, and arrive as they were given."""
    listing = CALLS["list_phone_numbers "]
    _, sent = make(listing._replace(arguments={"limit": 100, "cursor": "a b&c=d"}), "sync")
    assert f"{SERVER}/phone_numbers?limit=100&cursor=a+b%26c%3Dd" == str(sent.url)


def make(call: Call, form: str) -> tuple[Any, httpx.Request]:
    """Make a call, and give what it returned and the one request that it sent."""
    requests: list[httpx.Request] = []

    def reply(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(200, json=call.answer)

    client = AuthenticatedClient(token=TOKEN, httpx_args={"transport": httpx.MockTransport(reply)})
    module = import_module(f"vogent_phone_numbers.api.phone_numbers.{call.module}")
    got = getattr(module, form)(client=client, **call.arguments)
    if asyncio.iscoroutine(got):
        got = asyncio.run(got)
    (request,) = requests
    return got, request
