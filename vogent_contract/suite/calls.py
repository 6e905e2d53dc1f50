"""The operations of the API, called through the generated client, so that it is tested on the same traffic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

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
    CreateBySipImportInput,
    CreateByVogentSipInput,
    PhoneNumber,
    PhoneNumberPage,
    PurchasePhoneNumberInput,
    SearchPhoneNumbersInput,
    SipTrunk,
    SipUser,
    UpdatePhoneNumberInput,
)
from vogent_phone_numbers.types import UNSET

from vogent_contract.suite.wire import NotSent

T = TypeVar("T")


class Calls:
    """One method an operation.

    Each gives what the client gives, None if the server refused, did not answer, or the request was held
    back. A body that the client cannot read goes to `unreadable`.
    """

    def __init__(
        self,
        client: AuthenticatedClient,
        held_back: Callable[[NotSent], None],
        unreadable: Callable[[errors.ContractError], None],
    ) -> None:
        self._client = client
        self._held_back = held_back
        self._unreadable = unreadable

    def search(
        self, prefix: str, country: str | None = None, limit: int | None = None
    ) -> list[str]:
        """Numbers for sale, none if the search was refused."""
        body = SearchPhoneNumbersInput(
            prefix=prefix,
            country=UNSET if country is None else country,
            limit=UNSET if limit is None else limit,
        )
        found = self._call(search_phone_numbers.sync, body=body)
        return [one.number for one in found or ()]

    def purchase(self, number: str) -> PhoneNumber | None:
        return self._call(purchase_phone_number.sync, body=PurchasePhoneNumberInput(number=number))

    def create_by_purchase(self, number: str) -> PhoneNumber | None:
        body = CreateByPurchaseInput(
            type_="purchase", purchase=PurchasePhoneNumberInput(number=number)
        )
        return self._call(create_phone_number.sync, body=body)

    def create_by_sip_import(self, trunk: SipTrunk) -> PhoneNumber | None:
        return self._call(
            create_phone_number.sync,
            body=CreateBySipImportInput(type_="sip_import", sip_import=trunk),
        )

    def create_by_vogent_sip(self, user: SipUser) -> PhoneNumber | None:
        return self._call(
            create_phone_number.sync,
            body=CreateByVogentSipInput(type_="vogent_sip", vogent_sip=user),
        )

    def list(self, limit: int | None = None, cursor: str | None = None) -> PhoneNumberPage | None:
        return self._call(
            list_phone_numbers.sync,
            limit=UNSET if limit is None else limit,
            cursor=UNSET if cursor is None else cursor,
        )

    def get(self, key: str) -> PhoneNumber | None:
        return self._call(get_phone_number.sync, key)

    def link(self, key: str, agent_id: str) -> PhoneNumber | None:
        """Link to an agent; the empty string unlinks."""
        return self._call(
            update_phone_number.sync, key, body=UpdatePhoneNumberInput(agent_id=agent_id)
        )

    def update_nothing(self, key: str) -> PhoneNumber | None:
        return self._call(update_phone_number.sync, key, body=UpdatePhoneNumberInput())

    def delete(self, key: str) -> PhoneNumber | None:
        return self._call(delete_phone_number.sync, key)

    def _call(self, operation: Callable[..., T], *path: str, **arguments: Any) -> T | None:
        try:
            return operation(*path, client=self._client, **arguments)
        except NotSent as reason:
            self._held_back(reason)
        except errors.ContractError as error:
            self._unreadable(error)
        except (errors.ApiError, errors.TransportError):
            pass  # the rules have judged the exchange already
        return None
