"""The seven operations: read the request, change the account, show the result."""

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from .account import Account, PhoneNumber, Refused
from .habits import Habit

COUNTRY_CODES = {"US": "+1", "GB": "+44"}
DOCUMENTED = {"country": ".{2}", "phoneNumber": r"\+[1-9][0-9]{1,14}"}
TRUNK = {"phoneNumber": 0, "terminationUri": 0, "username": 0, "password": 0}

# by `type`: the property that goes with it, and the least length of each property in there;
# the first of those becomes the phone number
KINDS = {
    "purchase": ("purchase", {"number": 0}),
    "sip_import": ("sipImport", TRUNK),
    "vogent_sip": ("vogentSip", {"sipPrefix": 0, "username": 5, "password": 5}),
}


@dataclass(frozen=True)
class Request:
    """What an operation needs of a request."""

    id: str
    query: str
    media_type: str
    content: bytes


class Operations:
    """What an account's owner can ask for; each operation gives the body of its answer."""

    def __init__(self, habit: Habit) -> None:
        self.habit = habit
        self.account = Account(habit)

    def purchase(self, request: Request) -> Any:
        """Buy a number."""
        body = self._body(request, "number")
        return self._show(self.account.buy(body.text("number")))

    def create(self, request: Request) -> Any:
        """Buy a number, import one, or make a SIP user."""
        parts = [part for part, _ in KINDS.values()]
        body = self._body(request, "type", *parts)
        kind = body.text("type")
        if kind not in KINDS:
            raise Refused("invalid")
        part, lengths = KINDS[kind]
        given = [name for name in parts if body.values.get(name) is not None]
        if self.habit.one_kind_only and given != [part]:
            raise Refused("invalid")

        details = body.part(part, *lengths)
        texts = [details.text(name, shortest=least) for name, least in lengths.items()]
        if kind == "purchase":
            added = self.account.buy(texts[0])
        elif kind == "sip_import":
            added = self.account.add(texts[0], "PSTN")
        else:
            added = self.account.add(texts[0], "SIP_USERNAME")
        return self._show(added)

    def search(self, request: Request) -> Any:
        """Give numbers that can be bought."""
        body = self._body(request, "prefix", "country", "limit")
        prefix = body.text("prefix")
        country = body.text("country", default="US")
        limit = body.integer("limit", default=5, most=10)

        if self.habit.country_in_any_case:
            country = country.upper()
        if country not in COUNTRY_CODES:
            return []
        found = self.account.search(COUNTRY_CODES[country], prefix)
        return [{"number": number, **self.habit.more} for number in found[: max(0, limit)]]

    def list(self, request: Request) -> Any:
        """Give one page of the account's numbers."""
        query = parse_qs(request.query, keep_blank_values=True)
        limit = self._limit(query.get("limit", ["100"])[0])
        page, cursor = self.account.page(query.get("cursor", [""])[0], limit)
        return {"data": [self._show(one) for one in page], "cursor": cursor, **self.habit.more}

    def get(self, request: Request) -> Any:
        """Read one number."""
        return self._show(self.account.find(request.id))

    def update(self, request: Request) -> Any:
        """Link one number to an agent, or unlink it."""
        body = self._body(request, "agentId")
        found = self.account.find(request.id)
        if "agentId" in body.values:
            found.agent = body.text("agentId") or None
        return self._show(found)

    def delete(self, request: Request) -> Any:
        """Release one number."""
        found = self.account.find(request.id)
        self.account.release(found)
        return self._show(found)

    def _limit(self, text: str) -> int:
        if text == "" and self.habit.empty_limit:
            return 100
        if not re.fullmatch("-?[0-9]{1,400}", text):
            raise Refused("invalid")
        limit = int(text)
        if limit < 1 and self.habit.limit_from_1:
            raise Refused("invalid")
        return limit if limit >= 1 else 100

    def _body(self, request: Request, *known: str) -> "Fields":
        is_json = request.media_type == "application/json"
        has_suffix = self.habit.json_suffix and request.media_type.endswith("+json")
        if not is_json and not has_suffix:
            raise Refused("malformed")
        try:
            values = json.loads(request.content.decode(), parse_constant=_no_constant)
        except (ValueError, RecursionError):
            raise Refused("malformed") from None
        if not isinstance(values, dict):
            raise Refused("malformed")
        return Fields(values, known, self.habit)

    def _show(self, held: PhoneNumber) -> dict[str, Any]:
        shown = {"id": held.id, "number": held.number, "type": held.type, "agentId": held.agent}
        return {**shown, **self.habit.more}


class Fields:
    """An object of a body; refuses the request if what is asked for is not there or wrong."""

    def __init__(self, values: dict[str, Any], known: tuple[str, ...], habit: Habit) -> None:
        if habit.known_properties_only and set(values) - set(known):
            raise Refused("invalid")
        self.values = values
        self.habit = habit

    def text(self, name: str, *, default: str | None = None, shortest: int = 0) -> str:
        """Give a string."""
        value = self.values.get(name, default)
        if not isinstance(value, str) or len(value) < shortest:
            raise Refused("invalid")
        patterns = {**DOCUMENTED, **self.habit.patterns}
        for pattern in (patterns.get(name, ".*"), patterns.get("any", ".*")):
            if not re.fullmatch(pattern, value, re.DOTALL):
                raise Refused("invalid")
        return value

    def integer(self, name: str, *, default: int, most: int) -> int:
        """Give a whole number."""
        value = self.values.get(name, default)
        if isinstance(value, float) and value.is_integer() and not self.habit.integers_only:
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or value > most:
            raise Refused("invalid")
        if value < 1 and self.habit.limit_from_1:
            raise Refused("invalid")
        return value

    def part(self, name: str, *known: str) -> "Fields":
        """Give an object within the object."""
        value = self.values.get(name)
        if not isinstance(value, dict):
            raise Refused("invalid")
        return Fields(value, known, self.habit)


def _no_constant(name: str) -> None:
    raise ValueError(name)  # NaN and Infinity are no JSON
