"""The client reads every success that a whole run of the suite has seen."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from vogent_phone_numbers import AuthenticatedClient
from vogent_phone_numbers.api.phone_numbers import (
    create_phone_number,
    delete_phone_number,
    get_phone_number,
    list_phone_numbers,
    purchase_phone_number,
    search_phone_numbers,
    update_phone_number,
)
from vogent_phone_numbers.models import (
    CreateByPurchaseInput,
    PurchasePhoneNumberInput,
    SearchPhoneNumbersInput,
    UpdatePhoneNumberInput,
)

from tests.running import run
from vogent_contract.openapi import load

# What is called is not sent, so any arguments will do: the answer is one of the run's.
PURCHASE = PurchasePhoneNumberInput(number="any")
CALLS: Mapping[str, Callable[..., Any]] = {
    "purchasePhoneNumber": partial(purchase_phone_number.sync, body=PURCHASE),
    "createPhoneNumber": partial(
        create_phone_number.sync, body=CreateByPurchaseInput(purchase=PURCHASE)
    ),
    "searchPhoneNumbers": partial(
        search_phone_numbers.sync, body=SearchPhoneNumbersInput(prefix="any")
    ),
    "listPhoneNumbers": list_phone_numbers.sync,
    "getPhoneNumber": partial(get_phone_number.sync, "any"),
    "updatePhoneNumber": partial(update_phone_number.sync, "any", body=UpdatePhoneNumberInput()),
    "deletePhoneNumber": partial(delete_phone_number.sync, "any"),
}


def read(operation: str, content: str) -> Any:
    """What the client makes of a success."""
    headers = {"content-type": "application/json"}
    transport = httpx.MockTransport(lambda _: httpx.Response(200, headers=headers, text=content))
    with AuthenticatedClient(token="unused", httpx_args={"transport": transport}) as client:  # noqa: S106 - no secret
        return CALLS[operation](client=client)


@pytest.mark.filterwarnings("ignore:deprecated by the API")
def test_the_client_reads_what_the_suite_saw(tmp_path: Path) -> None:
    """What keeps the contract is an object for the caller that says the same, never an error."""
    result = run(tmp_path)
    entries = json.loads((result.report / "run.har").read_text("utf-8"))["log"]["entries"]
    contract, seen = load(), set[str]()
    for entry in entries:
        path = urlsplit(entry["request"]["url"]).path.removeprefix("/api")
        operation = contract.match(entry["request"]["method"], path)
        if operation is not None and entry["response"]["status"] == 200:
            content = entry["response"]["content"]["text"]
            value = read(operation.id, content)
            shown = [one.to_dict() for one in value] if isinstance(value, list) else value.to_dict()
            assert json.loads(content) == shown
            seen.add(operation.id)

    assert set(CALLS) == seen
