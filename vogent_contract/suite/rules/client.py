"""The rule for the generated client: it is shown the answers of the run, and has to read them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import httpx
from vogent_phone_numbers import AuthenticatedClient, errors
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

from vogent_contract.openapi import Violation
from vogent_contract.suite.account import Account
from vogent_contract.suite.exchange import Exchange
from vogent_contract.suite.rules.table import broken, rule

# What is called is not sent, so any arguments will do: the answer is one of the run's.
_PURCHASE = PurchasePhoneNumberInput(number="any")
CALLS: Mapping[str, Callable[..., Any]] = {
    "purchasePhoneNumber": partial(purchase_phone_number.sync, body=_PURCHASE),
    "createPhoneNumber": partial(
        create_phone_number.sync, body=CreateByPurchaseInput(purchase=_PURCHASE)
    ),
    "searchPhoneNumbers": partial(
        search_phone_numbers.sync, body=SearchPhoneNumbersInput(prefix="any")
    ),
    "listPhoneNumbers": list_phone_numbers.sync,
    "getPhoneNumber": partial(get_phone_number.sync, "any"),
    "updatePhoneNumber": partial(update_phone_number.sync, "any", body=UpdatePhoneNumberInput()),
    "deletePhoneNumber": partial(delete_phone_number.sync, "any"),
}


@rule("The generated client reads what the contract allows.")
def client_reads_answer(_: Account, exchange: Exchange) -> Iterator[Violation]:
    call = CALLS.get(exchange.operation_id)
    if call is None or not exchange.succeeded or exchange.reading.violations:
        return
    answer = exchange.answer
    headers = {"content-type": answer.headers.get("content-type", "")}

    def replay(_: httpx.Request) -> httpx.Response:
        return httpx.Response(answer.status or 0, headers=headers, content=answer.body)

    transport = {"transport": httpx.MockTransport(replay)}
    with AuthenticatedClient(token="unused", httpx_args=transport) as client:  # noqa: S106 - nothing is sent
        try:
            with warnings.catch_warnings(action="ignore"):  # the old purchase is deprecated
                call(client=client)
        except errors.ContractError as error:
            yield broken(str(error.path or ""), "an answer that the client reads", str(error))
