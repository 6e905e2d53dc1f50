"""A caller's code with what type checkers must say of it: test_typing.py gives it to them."""

from typing import assert_type

from vogent_phone_numbers import AuthenticatedClient, errors, models
from vogent_phone_numbers.api.phone_numbers import (
    create_phone_number,
    list_phone_numbers,
    purchase_phone_number,
    search_phone_numbers,
)
from vogent_phone_numbers.models import (
    AvailablePhoneNumber,
    PhoneNumber,
    PhoneNumberPage,
    PurchasePhoneNumberInput,
)
from vogent_phone_numbers.types import Response


async def use(client: AuthenticatedClient, body: PurchasePhoneNumberInput) -> None:
    """The results are of the exact types."""
    assert_type(purchase_phone_number.sync(client=client, body=body), PhoneNumber)  # DEPRECATED
    assert_type(
        purchase_phone_number.sync_detailed(client=client, body=body), Response[PhoneNumber]
    )  # DEPRECATED
    assert_type(
        await purchase_phone_number.asyncio(client=client, body=body), PhoneNumber
    )  # DEPRECATED
    detailed = await purchase_phone_number.asyncio_detailed(client=client, body=body)  # DEPRECATED
    assert_type(detailed.parsed, PhoneNumber)
    assert_type(detailed.status_code, int)
    assert_type(detailed.parsed.agent_id, str | None)
    create = models.CreateByPurchaseInput(purchase=body)
    assert_type(create_phone_number.sync(client=client, body=create), PhoneNumber)
    search = models.SearchPhoneNumbersInput(prefix="415")
    assert_type(search_phone_numbers.sync(client=client, body=search), list[AvailablePhoneNumber])
    assert_type(list_phone_numbers.sync(client=client), PhoneNumberPage)
    try:
        get = client
    except errors.RateLimitError as error:
        assert_type(error.retry_after, float | None)
    else:
        assert_type(get, AuthenticatedClient)


def describe(phone: PhoneNumber) -> str:
    """A default case after all known values is no mistake."""
    match phone.type_:
        case models.PhoneNumberType.PSTN:
            return "a number"
        case models.PhoneNumberType.SIP_USERNAME:
            return "a name"
        case _:
            return phone.type_.value
