"""Calls the purchase in each of its four forms, and hides that it is deprecated."""

import asyncio
import warnings
from collections.abc import Callable

from vogent_phone_numbers import AuthenticatedClient
from vogent_phone_numbers.api.phone_numbers import purchase_phone_number
from vogent_phone_numbers.models import PhoneNumber, PurchasePhoneNumberInput

BODY = PurchasePhoneNumberInput(number="+18001234567")


def buy_sync(client: AuthenticatedClient) -> PhoneNumber:
    """Buys with `sync`."""
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        return purchase_phone_number.sync(client=client, body=BODY)


def buy_async(client: AuthenticatedClient) -> PhoneNumber:
    """Buys with `asyncio`, in an event loop of its own."""
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        return asyncio.run(purchase_phone_number.asyncio(client=client, body=BODY))


BOTH: dict[str, Callable[[AuthenticatedClient], PhoneNumber]] = {
    "sync": buy_sync,
    "async": buy_async,
}
