"""The state of the plain server: the numbers that are for sale and those that the account holds."""

import base64
import random
import re
import uuid
from dataclasses import dataclass

from .habits import Habit


class Refused(Exception):  # noqa: N818 - an answer, no error
    """The request is refused; `why` names the field of the habit that has the status."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass
class PhoneNumber:
    """One phone number of the account."""

    id: str
    number: str
    type: str
    agent: str | None = None


class Account:
    """One account and the shop that it buys from."""

    def __init__(self, habit: Habit) -> None:
        self.habit = habit
        self.stock = list(habit.stock)
        self.gone: set[str] = set()
        self.held: dict[str, PhoneNumber] = {}
        self.issued = 0
        self.random = random.Random(7)  # noqa: S311 - the same numbers in every run, no secret
        for index in range(habit.held):
            self._hold_before_anybody_calls(index)

    def search(self, country_code: str, prefix: str) -> list[str]:
        """Give the numbers for sale under a prefix."""
        beginning = country_code + prefix
        if self.habit.endless_stock and len(prefix) < 7:
            self._restock(beginning, len(country_code) + 10)
        found = [number for number in self._for_sale() if number.startswith(beginning)]
        if self.habit.shuffled_search:
            self.random.shuffle(found)
        return found

    def buy(self, number: str) -> PhoneNumber:
        """Sell a number, once."""
        if number not in self.stock:
            raise Refused("unknown_number")
        if number not in self._for_sale():
            raise Refused("sold_number")
        return self._hold(number, "PSTN")

    def add(self, number: str, kind: str) -> PhoneNumber:
        """Add a number that is not bought: somebody's own, or the name of a SIP user."""
        if self.habit.unique_sip and any(one.number == number for one in self.held.values()):
            raise Refused("invalid")
        return self._hold(number, kind)

    def find(self, identity: str) -> PhoneNumber:
        """Give the number that has an id."""
        if not re.fullmatch(self.habit.patterns.get("id", ".*"), identity, re.DOTALL):
            raise Refused("malformed")
        if identity not in self.held:
            raise Refused("unknown_id")
        return self.held[identity]

    def release(self, held: PhoneNumber) -> None:
        """Take a number from the account."""
        del self.held[held.id]
        if not self.habit.back_on_sale:
            self.gone.add(held.number)

    def page(self, cursor: str, limit: int) -> tuple[list[PhoneNumber], str | None]:
        """Give the page after a cursor, the first if it is empty, and the cursor of the next."""
        listed = list(self.held.values())
        if self.habit.newest_first:
            listed.reverse()

        start = self._start(cursor, listed) if cursor else 0
        end = start + min(limit, self.habit.page)
        page = listed[start:end]
        is_full = end - start == len(page)
        has_next = end < len(listed) or (is_full and self.habit.cursor_of_last_page)
        return page, self._cursor(page[-1], end) if has_next else None

    def _start(self, cursor: str, listed: list[PhoneNumber]) -> int:
        if self.habit.offset_cursor and re.fullmatch("[0-9]{1,9}", cursor):
            return int(cursor)
        for end, one in enumerate(listed, start=1):
            if cursor == self._cursor(one, end):
                return end
        if self.habit.any_cursor:
            return 0
        raise Refused("invalid")

    def _cursor(self, last: PhoneNumber, end: int) -> str:
        if self.habit.offset_cursor:
            return str(end)
        return base64.b64encode(f"after:{last.id}".encode()).decode() + self.habit.cursor_tail

    def _for_sale(self) -> list[str]:
        unavailable = {one.number for one in self.held.values()} | self.gone
        return [number for number in self.stock if number not in unavailable]

    def _hold(self, number: str, kind: str) -> PhoneNumber:
        self.issued += 1
        identity = self.habit.ids.format(
            count=self.issued,
            uuid=uuid.uuid5(uuid.NAMESPACE_OID, str(self.issued)),
            base64=base64.b64encode(f"PhoneNumber:{self.issued:04}".encode()).decode(),
        )
        self.held[identity] = PhoneNumber(identity, number, kind)
        return self.held[identity]

    def _hold_before_anybody_calls(self, index: int) -> None:
        held = self._hold(f"+1800777{index:04}", "PSTN")
        if index % 3 == 1:
            held.number, held.type = f"customer-{index}", "SIP_USERNAME"
        if index % 2 == 1:
            held.agent = f"agent-of-customer-{index}"

    def _restock(self, beginning: str, length: int) -> None:
        for _ in range(30):
            number = f"{beginning}{self.random.randrange(10**9):09}"
            self.stock.append(number[:length])
