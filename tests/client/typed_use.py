"""A caller's code with what type checkers must say of it: test_typing.py and
tests/codegen/test_wide_contract.py give it to them.

A line that must be flagged has a `type: ignore`: one that ignores nothing is an error to both.
"""

from typing import assert_type

import attrs
import httpx
from vogent_phone_numbers import AuthenticatedClient, errors, models
from vogent_phone_numbers.api.phone_numbers import (
    create_phone_number,
    list_phone_numbers,
    search_phone_numbers,
    update_phone_number,
)
from vogent_phone_numbers.api.phone_numbers import purchase_phone_number as purchase
from vogent_phone_numbers.types import UNSET, Response


async def buy(client: AuthenticatedClient, body: models.PurchasePhoneNumberInput) -> None:
    """All four forms of a deprecated operation are flagged, and give the exact types."""
    one = purchase.sync(client=client, body=body)  # type: ignore[deprecated]
    two = purchase.sync_detailed(client=client, body=body)  # type: ignore[deprecated]
    three = await purchase.asyncio(client=client, body=body)  # type: ignore[deprecated]
    four = await purchase.asyncio_detailed(client=client, body=body)  # type: ignore[deprecated]
    assert_type(one, models.PhoneNumber)
    assert_type(two, Response[models.PhoneNumber])
    assert_type(three, models.PhoneNumber)
    assert_type(four, Response[models.PhoneNumber])
    assert_type(four.parsed, models.PhoneNumber)
    assert_type(four.status_code, int)
    assert_type(four.parsed.agent_id, str | None)


def use(client: AuthenticatedClient, name: str, secret: str) -> None:
    """The arguments of each request have names, and its result an exact type."""
    search = models.SearchPhoneNumbersInput(prefix="415", country="US", limit=5)
    offers = search_phone_numbers.sync(client=client, body=search)
    assert_type(offers, list[models.AvailablePhoneNumber])

    offer = models.PurchasePhoneNumberInput(number=offers[0].number)
    user = models.SipUser(sip_prefix=name, username=name, password=secret)
    trunk = models.SipTrunk(phone_number=name, termination_uri=name, username=name, password=secret)
    bodies = (
        models.CreateByPurchaseInput(purchase=offer),
        models.CreateByVogentSipInput(vogent_sip=user),
        models.CreateBySipImportInput(sip_import=trunk),
    )
    for body in bodies:
        phone = create_phone_number.sync(client=client, body=body)
        assert_type(phone, models.PhoneNumber)
        link = models.UpdatePhoneNumberInput(agent_id=name)
        linked = update_phone_number.sync(phone.id, client=client, body=link)
        assert_type(linked, models.PhoneNumber)

    try:
        page = list_phone_numbers.sync(client=client, limit=5, cursor=name)
    except errors.RateLimitError as error:
        assert_type(error.retry_after, float | None)
    else:
        assert_type(page, models.PhoneNumberPage)


def use_options(client: AuthenticatedClient) -> None:
    """Each call takes options, and an iterator gives items of an exact type."""
    page = list_phone_numbers.sync(client=client, timeout=5, headers={"A": "b"}, max_retries=0)
    assert_type(page, models.PhoneNumberPage)
    timeouts = (1.5, httpx.Timeout(5, connect=1), None, UNSET)
    for timeout in timeouts:
        list_phone_numbers.sync_detailed(client=client, timeout=timeout)
    for phone in list_phone_numbers.iterate(client=client, limit=5):
        assert_type(phone, models.PhoneNumber)
        assert_type(attrs.evolve(phone, agent_id=None), models.PhoneNumber)


async def use_options_async(client: AuthenticatedClient) -> None:
    """The same with asyncio."""
    page = await list_phone_numbers.asyncio(client=client, timeout=None, headers={}, max_retries=3)
    assert_type(page, models.PhoneNumberPage)
    async for phone in list_phone_numbers.aiterate(client=client):
        assert_type(phone, models.PhoneNumber)


def look_at_an_error(error: errors.ApiError) -> tuple[str | None, object]:
    """What an error holds is typed."""
    assert_type(error.response, httpx.Response)
    assert_type(error.request_id, str | None)
    return error.request_id, error.body


def make_mistakes(client: AuthenticatedClient, phone: models.PhoneNumber) -> None:
    """A null that is not looked at and a wrong or missing argument are found before they run."""
    phone.agent_id.upper()  # type: ignore[union-attr]
    search_phone_numbers.sync(client=client, body="415")  # type: ignore[arg-type]
    list_phone_numbers.sync()  # type: ignore[call-arg]
    models.PurchasePhoneNumberInput()  # type: ignore[call-arg]
    list_phone_numbers.sync(client=client, timeout="5")  # type: ignore[arg-type]
    list_phone_numbers.sync(client=client, headers={"A": 5})  # type: ignore[dict-item]
    list_phone_numbers.iterate(client)  # type: ignore[call-arg]
    models.UpdatePhoneNumberInput(agent_id=None)  # type: ignore[arg-type]


def describe(phone: models.PhoneNumber) -> str:
    """A default case after all known values is no mistake."""
    match phone.type_:
        case models.PhoneNumberType.PSTN:
            return "a number"
        case models.PhoneNumberType.SIP_USERNAME:
            return "a name"
        case _:
            return phone.type_.value
