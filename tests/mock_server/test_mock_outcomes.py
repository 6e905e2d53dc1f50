"""The numbers with a chosen outcome, as the generated client sees them."""

from __future__ import annotations

import asyncio
import time
import warnings
from typing import Any

import httpx
import pytest
from vogent_phone_numbers import AuthenticatedClient, errors
from vogent_phone_numbers.api.phone_numbers import create_phone_number, purchase_phone_number
from vogent_phone_numbers.models import (
    CreateByPurchaseInput,
    PhoneNumberType,
    PurchasePhoneNumberInput,
)

from vogent_contract import mock as mock_server
from vogent_contract.mock import OUTCOMES, MockServer

# number: what the client gives or raises, and whether the account then has the number
EXPECTED: dict[str, tuple[Any, bool]] = {
    "+15005550200": ((PhoneNumberType.PSTN, None), True),
    "+15005550201": ((PhoneNumberType.PSTN, mock_server.outcomes.AGENT), True),
    "+15005550202": ((PhoneNumberType.SIP_USERNAME, None), True),
    "+15005550203": ((PhoneNumberType.SIP_USERNAME, mock_server.outcomes.AGENT), True),
    "+15005550400": (errors.BadRequestError, False),
    "+15005550422": (errors.UnprocessableEntityError, False),
    "+15005550429": (errors.RateLimitError, False),
    "+15005550500": (errors.ServerError, False),
    "+15005550502": (errors.ServerError, False),
    "+15005550504": (errors.TransportError, True),
    "+15005550598": (errors.TransportError, False),
    "+15005550599": (errors.TransportError, True),
}


def buy(client: AuthenticatedClient, number: str, way: str) -> Any:
    """Buy a number in one of three ways."""
    wanted = PurchasePhoneNumberInput(number=number)
    if way == "create":
        body = CreateByPurchaseInput(purchase=wanted)
        return create_phone_number.sync(client=client, body=body)
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        if way == "purchase":
            return purchase_phone_number.sync(client=client, body=wanted)
        return asyncio.run(purchase_phone_number.asyncio(client=client, body=wanted))


@pytest.mark.parametrize("way", ["purchase", "purchase async", "create"])
@pytest.mark.parametrize("number", OUTCOMES)
def test_outcome(server: MockServer, number: str, way: str) -> None:
    """Each number of the table has its outcome for the client's user, by either operation, again and again."""
    outcome, sold = EXPECTED[number]
    with AuthenticatedClient(token=server.api_key, base_url=server.base_url, timeout=0.5) as client:
        for count in (1, 2) if number != "+15005550504" else (1,):
            if isinstance(outcome, tuple):
                bought = buy(client, number, way)
                assert outcome == (bought.type_, bought.agent_id)
                assert number == bought.number
            else:
                with pytest.raises(outcome) as raised:
                    buy(client, number, way)
                if outcome is errors.RateLimitError:
                    assert raised.value.retry_after == 1.0
            assert [number] * count * sold == [one["number"] for one in server.state.numbers()]


def test_outcome__slow_answer_comes(client: httpx.Client) -> None:
    """The slow number is answered, in its time, while others are answered at once."""
    start = time.monotonic()
    answer = client.post("/phone_numbers/purchase", json={"number": "+15005550504"}, timeout=20)
    assert answer.status_code == 200
    assert time.monotonic() - start >= OUTCOMES["+15005550504"].delay


def test_outcome__never_found(client: httpx.Client) -> None:
    """No search finds a number of the table, so that only who asks for it meets it."""
    for prefix in ("500", "5005550", ""):
        found = client.post("/phone_numbers/search", json={"prefix": prefix, "limit": 10}).json()
        assert set() == {one["number"] for one in found} & set(OUTCOMES)
