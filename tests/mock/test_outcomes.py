"""The numbers with a chosen outcome, as the generated client sees them."""

from __future__ import annotations

import asyncio
import warnings
from typing import Any

import pytest
from vogent_phone_numbers import AuthenticatedClient, errors
from vogent_phone_numbers.api.phone_numbers import create_phone_number, purchase_phone_number
from vogent_phone_numbers.models import CreateByPurchaseInput, PurchasePhoneNumberInput

from vogent_contract.mock import OUTCOMES, MockServer
from vogent_contract.mock.outcomes import AGENT

SLOW = "+15005550504"
# Number: what the client gives or raises, and whether the account then has the number.
EXPECTED: dict[str, tuple[Any, bool]] = {
    "+15005550200": (("PSTN", None), True),
    "+15005550201": (("PSTN", AGENT), True),
    "+15005550202": (("SIP_USERNAME", None), True),
    "+15005550203": (("SIP_USERNAME", AGENT), True),
    "+15005550400": (errors.BadRequestError, False),
    "+15005550422": (errors.UnprocessableEntityError, False),
    "+15005550429": (errors.RateLimitError, False),
    "+15005550500": (errors.ServerError, False),
    "+15005550502": (errors.ServerError, False),
    SLOW: (errors.TransportError, True),
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
    """Each number has its outcome for the client's user, by either operation, again and again."""
    outcome, sold = EXPECTED[number]
    times = 1 if number == SLOW else 2
    with AuthenticatedClient(
        token=server.api_key, base_url=server.base_url, timeout=0.5, max_retries=0
    ) as client:
        for _ in range(times):
            if isinstance(outcome, tuple):
                bought = buy(client, number, way)
                assert (number, *outcome) == (bought.number, bought.type_, bought.agent_id)
            else:
                with pytest.raises(outcome) as raised:
                    buy(client, number, way)
                assert outcome is type(raised.value)
                if outcome is errors.RateLimitError:
                    assert 1.0 == raised.value.retry_after
    assert [number] * times * sold == [one["number"] for one in server.state.numbers()]
