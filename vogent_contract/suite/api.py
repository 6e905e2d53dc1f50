"""The seven operations as scenes call them, with bodies made by the client's models."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from vogent_phone_numbers.models import (
    CreateByPurchaseInput,
    CreateBySipImportInput,
    CreateByVogentSipInput,
    PurchasePhoneNumberInput,
    SearchPhoneNumbersInput,
    SipTrunk,
    SipUser,
    UpdatePhoneNumberInput,
)
from vogent_phone_numbers.types import UNSET

from vogent_contract.suite.account import is_phone_number, searched
from vogent_contract.suite.exchange import Call, Exchange, Expectation, Source
from vogent_contract.suite.run import Run

PhoneNumber = dict[str, Any]
ALLOWED, REFUSED = Expectation.ALLOWED, Expectation.REFUSED
SMALL_PAGES = 3  # a list of more pages than this is walked less often in a quick run


class Api:
    """One method an operation; each gives what the answer holds, None if it holds no such thing."""

    def __init__(self, run: Run, send: Callable[[Call], Exchange | None] | None = None) -> None:
        self._run = run
        self._send_call = send or run.send
        self._pages = 0

    @property
    def later(self) -> Api:
        """The same, sent side by side before the next call that is not; gives None for now."""
        return Api(self._run, self._run.later)

    def search(self, prefix: str, country: str, limit: int = 10) -> list[str]:
        """Numbers for sale."""
        body = SearchPhoneNumbersInput(prefix=prefix, country=country, limit=limit)
        exchange = self._send("searchPhoneNumbers", body=body.to_dict())
        return searched(exchange.value) if exchange and exchange.succeeded else []

    def purchase(self, number: str, expects: Expectation = ALLOWED) -> PhoneNumber | None:
        """Buy a number, the old way."""
        return self._phone_number(self._send_call(self.purchase_call(number, expects)))

    def create_by_purchase(self, number: str, expects: Expectation = ALLOWED) -> PhoneNumber | None:
        """Buy a number, the new way."""
        return self._phone_number(self._send_call(self.create_call(number, expects)))

    def create_by_vogent_sip(self, user: SipUser) -> PhoneNumber | None:
        return self._create(CreateByVogentSipInput(vogent_sip=user).to_dict())

    def create_by_sip_import(self, trunk: SipTrunk) -> PhoneNumber | None:
        return self._create(CreateBySipImportInput(sip_import=trunk).to_dict())

    def create_with_nulls(self, user: SipUser) -> PhoneNumber | None:
        """A SIP user, with the other two ways null as the reference allows."""
        body = CreateByVogentSipInput(vogent_sip=user).to_dict()
        return self._create({**body, "purchase": None, "sipImport": None})

    def get(self, key: str, expects: Expectation = ALLOWED) -> PhoneNumber | None:
        return self._phone_number(self._send("getPhoneNumber", key, expects=expects))

    def link(self, key: str, agent: str, expects: Expectation = ALLOWED) -> PhoneNumber | None:
        """Link to an agent; the empty string unlinks."""
        body = UpdatePhoneNumberInput(agent_id=agent).to_dict()
        exchange = self._send("updatePhoneNumber", key, body=body, expects=expects)
        return self._phone_number(exchange)

    def update_nothing(self, key: str) -> PhoneNumber | None:
        body = UpdatePhoneNumberInput(agent_id=UNSET).to_dict()
        return self._phone_number(self._send("updatePhoneNumber", key, body=body))

    def release(self, key: str, expects: Expectation = ALLOWED) -> PhoneNumber | None:
        return self._phone_number(self._send("deletePhoneNumber", key, expects=expects))

    def page(self, limit: int | None = None, cursor: str | None = None) -> dict[str, Any]:
        """One page of the list, empty if there is none."""
        query = {"limit": limit, "cursor": cursor}
        given = {name: value for name, value in query.items() if value is not None}
        exchange = self._send("listPhoneNumbers", query=given)
        page = exchange.value if exchange and exchange.succeeded else None
        return page if isinstance(page, dict) else {}

    def walk(self, limit: int | None = None, *, optional: bool = False) -> None:
        """Walk through the list, as far as the profile allows.

        Args:
            limit: Of each page, the server's default if None.
            optional: Leave it out of a quick run if the server's pages are small.
        """
        full = self._run.options.full
        if optional and self.small_pages and not full:
            return
        most = 8 if self._run.account.known or not self._pages else 2
        cursors: list[str | None] = [None]
        for count in range(1, (500 if full else most) + 1):
            cursor = self.page(limit, cursors[-1]).get("cursor")
            if limit is None:
                self._pages = count
            if not isinstance(cursor, str) or cursor in cursors:
                return
            cursors.append(cursor)

    @property
    def small_pages(self) -> bool:
        """The list comes in so many pages that a quick run walks it less often."""
        return self._pages > SMALL_PAGES

    def purchase_call(self, number: str, expects: Expectation) -> Call:
        """The request that buys a number the old way."""
        body = PurchasePhoneNumberInput(number=number).to_dict()
        return self._call("purchasePhoneNumber", body=body, expects=expects)

    def create_call(self, number: str, expects: Expectation) -> Call:
        """The request that buys a number the new way."""
        purchase = PurchasePhoneNumberInput(number=number)
        body = CreateByPurchaseInput(purchase=purchase).to_dict()
        return self._call("createPhoneNumber", body=body, expects=expects)

    def _create(self, body: Mapping[str, Any]) -> PhoneNumber | None:
        return self._phone_number(self._send("createPhoneNumber", body=body))

    def _send(self, operation: str, key: str = "", **parts: Any) -> Exchange | None:
        return self._send_call(self._call(operation, key, **parts))

    def _call(
        self,
        operation_id: str,
        key: str = "",
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        expects: Expectation = ALLOWED,
    ) -> Call:
        operation = self._run.contract.operations[operation_id]
        target = operation.path.replace("{id}", quote(key, safe=""))
        if query:
            target += f"?{urlencode(query)}"
        content = b"" if body is None else json.dumps(body).encode()
        media_type = operation.body.media_type if operation.body else None
        return Call(
            operation.method,
            target,
            content,
            media_type,
            expects=expects,
            source=Source.SCENE,
        )

    def _phone_number(self, exchange: Exchange | None) -> PhoneNumber | None:
        if exchange is None or not exchange.succeeded or not is_phone_number(exchange.value):
            return None
        number: PhoneNumber = exchange.value
        return number
