"""What the mock remembers, in SQLite: numbers for sale and the numbers of the account.

Without a file it is in memory. Any thread can call it, and several processes can share a file.
A method of `State` is one rule of behaviour, and calls the others for the rules that it rests on.
"""

from __future__ import annotations

import itertools
import random
import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PhoneNumber = dict[str, Any]

COUNTRY_CODES = {"US": "1", "GB": "44"}
AREA_CODES = {  # those that have numbers for sale
    "US": (
        "202 206 212 213 303 310 312 404 408 415 416 469 503 512 514 602"
        " 604 617 646 647 650 702 713 718 773 778 786 808 818 917"
    ),
    "GB": "20 121 131 151 161",
}
APPLICATION = 0x766F0002  # marks the mock's files; a change of the tables asks for another number
TABLES = (
    "CREATE TABLE stock (number TEXT PRIMARY KEY, offered INTEGER NOT NULL)",
    "CREATE TABLE account (position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
    " number TEXT NOT NULL, type TEXT NOT NULL, agentId TEXT)",
    "CREATE INDEX account_by_number ON account (number)",
)
SELECT = "SELECT position, id, number, type, agentId FROM account "
ADD = "INSERT INTO account (id, number, type, agentId) VALUES (?, ?, ?, ?)"


class StateError(Exception):
    """The state file cannot be used; the message is one line that says why."""


class Refusal(Exception):  # noqa: N818 - an answer, not an error of the mock
    """The rules refuse a request; the message says where and why, without the value sent."""


class State:
    """The numbers for sale and the numbers of the account."""

    def __init__(
        self,
        path: Path | str | None = None,
        *,
        seed: int | None = None,
        numbers: int = 100,
        reset: bool = False,
    ) -> None:
        """Open the state.

        Args:
            path: SQLite file, made if absent; memory without one.
            seed: Decides the ids, and which numbers a new state has for sale; 0 by default.
            numbers: How many numbers a new state has for sale in each area code, at most 10,000.
            reset: Forget what the file holds.

        Raises:
            StateError: The file cannot be used.
        """
        self.path = path
        self._lock = threading.RLock()
        try:
            self._database = sqlite3.connect(
                path or ":memory:", timeout=30, isolation_level=None, check_same_thread=False
            )
            try:
                opened = self._open(seed or 0, numbers, reset)
            except BaseException:
                self._database.close()
                raise
        except sqlite3.Error as error:
            raise StateError(f"{path}: cannot be used as a state file: {error}") from None
        self._counted = itertools.count(1)
        self._chance = random.Random(f"{seed or 0} {opened}")  # noqa: S311 - ids are no secrets

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._database.close()

    def numbers(self) -> list[PhoneNumber]:
        """The account's numbers, oldest first."""
        return [_phone_number(row) for row in self._rows(SELECT + "ORDER BY position")]

    def search(self, country: str, prefix: str, limit: int) -> list[str]:
        """Numbers for sale whose part after the country code begins with the prefix.

        From now on they can be bought.
        """
        country_code = COUNTRY_CODES.get(country.upper())
        if country_code is None or not re.fullmatch("[0-9]*", prefix):
            return []
        start = f"+{country_code}{prefix}"
        after = f"{start}:"  # in ASCII the colon comes right after the digits
        with self.transaction():
            found = self._rows(
                "SELECT number FROM stock WHERE number >= ? AND number < ?"
                " AND number NOT IN (SELECT number FROM account) ORDER BY number LIMIT ?",
                (start, after, limit),
            )
            for (number,) in found:
                self.offer(number)
        return [number for (number,) in found]

    def offer(self, number: str) -> None:
        """Let a number be bought, whether it was in the stock before or not."""
        self._rows("INSERT OR REPLACE INTO stock VALUES (?, 1)", (number,))

    def sell(self, number: str) -> PhoneNumber:
        """Add a number that is for sale to the account."""
        with self.transaction():
            if not self.is_for_sale(number):
                raise Refusal("the number is not for sale")
            return self.add(number, "PSTN")

    def is_for_sale(self, number: str) -> bool:
        """Whether a search has offered the number and nobody has it."""
        offered = self._rows("SELECT 1 FROM stock WHERE number = ? AND offered", (number,))
        return bool(offered) and not self.is_taken(number)

    def is_taken(self, number: str) -> bool:
        """Whether the number is in the account."""
        return bool(self._rows("SELECT 1 FROM account WHERE number = ?", (number,)))

    def register(self, number: str, kind: str) -> PhoneNumber:
        """Add a number that was not bought to the account, such as a SIP user's name."""
        with self.transaction():
            if self.is_taken(number):
                raise Refusal("the number is already in the account")
            return self.add(number, kind)

    def add(
        self, number: str, kind: str, agent: str | None = None, identity: str | None = None
    ) -> PhoneNumber:
        """Add a number to the account, whatever is there already, under a new id by default."""
        with self._lock:
            if identity is None:
                # Ascending, for SQLite adds at the end of an index in half the time.
                identity = f"{next(self._counted):08x}{self._chance.getrandbits(96):024x}"
            self._rows(ADD, (identity, number, kind, agent))
        return {"id": identity, "number": number, "type": kind, "agentId": agent}

    def get(self, identity: str) -> PhoneNumber:
        """One number of the account."""
        rows = self._rows(SELECT + "WHERE id = ?", (identity,))
        if not rows:
            raise Refusal("/path/id: the account has no such number")
        return _phone_number(rows[0])

    def page(self, cursor: str | None, limit: int) -> tuple[list[PhoneNumber], str | None]:
        """Numbers of the account, oldest first, and the cursor of the next page if there is one.

        A cursor is `after-` and the position of the last number before it, which may be released.
        """
        after = 0
        if cursor is not None:
            match = re.fullmatch("after-([0-9]{1,18})", cursor)
            if match is None:
                raise Refusal("/query/cursor: is not a cursor of this server")
            after = int(match[1])
        further = self._rows(
            SELECT + "WHERE position > ? ORDER BY position LIMIT ?", (after, limit + 1)
        )
        shown = further[:limit]
        following = f"after-{shown[-1][0]}" if len(further) > limit else None
        return [_phone_number(row) for row in shown], following

    def link(self, identity: str, agent: str | None) -> PhoneNumber:
        """Link a number to an agent, or to none."""
        with self.transaction():
            self._rows("UPDATE account SET agentId = ? WHERE id = ?", (agent, identity))
            return self.get(identity)

    def release(self, identity: str) -> PhoneNumber:
        """Take a number from the account; if it was for sale before, it is again."""
        with self.transaction():
            released = self.get(identity)
            self._rows("DELETE FROM account WHERE id = ?", (identity,))
        return released

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep all changes of the block, or none if it raises; blocks can be nested."""
        with self._lock:
            if self._database.in_transaction:
                yield
                return
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._database.execute("COMMIT")
            except BaseException:
                self._database.execute("ROLLBACK")
                raise

    def _rows(self, statement: str, values: tuple[Any, ...] = ()) -> list[Any]:
        with self._lock:
            return self._database.execute(statement, values).fetchall()

    def _open(self, seed: int, numbers: int, reset: bool) -> int:
        """Make the tables if need be, and count how often the file was opened."""
        self._refuse_other_files()
        if self.path:
            self._rows("PRAGMA journal_mode = WAL")  # a killed process leaves every commit behind
            self._rows("PRAGMA synchronous = NORMAL")
        with self.transaction():
            if reset:
                self._rows("DROP TABLE IF EXISTS stock")
                self._rows("DROP TABLE IF EXISTS account")
            if not self._rows("SELECT 1 FROM sqlite_master WHERE name = 'stock'"):
                for statement in TABLES:
                    self._rows(statement)
                stock = [(number,) for number in _stock(seed, numbers)]
                self._database.executemany("INSERT INTO stock VALUES (?, 0)", stock)
                self._rows(f"PRAGMA application_id = {APPLICATION}")
            opened = int(self._rows("PRAGMA user_version")[0][0]) + 1
            self._rows(f"PRAGMA user_version = {opened}")
        return opened

    def _refuse_other_files(self) -> None:
        tables = self._rows("SELECT 1 FROM sqlite_master")
        application = self._rows("PRAGMA application_id")[0][0]
        if tables and application != APPLICATION:
            raise StateError(f"{self.path}: is not a state file of this version of the mock")


def _phone_number(row: tuple[Any, ...]) -> PhoneNumber:
    _position, identity, number, kind, agent = row
    return {"id": identity, "number": number, "type": kind, "agentId": agent}


def _stock(seed: int, count: int) -> Iterator[str]:
    """So many numbers in each area code, of the ranges that nobody is given."""
    for country, areas in AREA_CODES.items():
        for area in areas.split():
            exchange = "555" if country == "US" else "7946"
            chosen = random.Random(f"{seed} {area}")  # noqa: S311 - numbers to sell, not secrets
            for line in chosen.sample(range(10_000), count):
                yield f"+{COUNTRY_CODES[country]}{area}{exchange}{line:04}"
