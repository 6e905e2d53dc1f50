"""What the mock remembers: the stock of numbers for sale and the account's numbers, in SQLite.

Without a file the database is in memory. Each method of `State` is one rule of behaviour; all of them
can be called from any thread, and several processes can share a file.
"""

from __future__ import annotations

import base64
import hashlib
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

# Area codes that have numbers, by country; a number's country code comes first in E.164.
AREAS = {
    "US": ("1", "202 206 212 213 303 310 312 404 408 415 469 503 512 602 617 646 650 702 713 718 773 786 808 818 917"
           " 416 514 604 647 778"),
    "GB": ("44", "20 121 131 151 161"),
}  # fmt: skip
LAYOUT = (
    0x766F0001  # SQLite's application_id: tells the mock's files from others and from older ones
)
TABLES = """
CREATE TABLE settings (seed INTEGER NOT NULL, opened INTEGER NOT NULL);
CREATE TABLE stock (number TEXT PRIMARY KEY, country TEXT NOT NULL, national TEXT NOT NULL, offered INTEGER NOT NULL);
CREATE INDEX stock_by_prefix ON stock (country, national);
CREATE TABLE account (position INTEGER PRIMARY KEY, number TEXT NOT NULL, type TEXT NOT NULL, agent TEXT);
CREATE INDEX account_by_number ON account (number);
"""
SELECT = "SELECT position, number, type, agent FROM account "


class StateError(Exception):
    """The state file cannot be used; the message is one line that says why."""


class Refusal(Exception):  # noqa: N818 - an answer, not an error of the mock
    """A request that the rules refuse; the message says where and why, without the value."""


class State:
    """The stock and the account."""

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
            seed: Decides the numbers for sale and the ids given; 0, or the file's, by default.
            numbers: How many numbers each area code has for sale, at most 10,000.
            reset: Forget what the file holds.

        Raises:
            StateError: The file cannot be used.
        """
        self.path = path
        self._lock = threading.RLock()
        try:
            self._db = sqlite3.connect(
                path or ":memory:", timeout=30, isolation_level=None, check_same_thread=False
            )
            try:
                self._open(seed, numbers, reset)
            except BaseException:
                self._db.close()
                raise
        except (sqlite3.Error, OSError) as error:
            raise StateError(f"{path}: cannot be used as a state file: {error}") from None

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def numbers(self) -> list[PhoneNumber]:
        """The account's numbers, oldest first."""
        return [self._phone_number(row) for row in self._rows(SELECT + "ORDER BY position")]

    def search(self, country: str, prefix: str, limit: int) -> list[str]:
        """Numbers for sale whose national part begins with the prefix; from now on they can be bought."""
        if not re.fullmatch("[0-9]*", prefix):
            return []
        with self._lock:
            found = self._rows(
                "SELECT number, offered FROM stock WHERE country = ? AND national >= ? AND national < ?"
                " AND NOT EXISTS (SELECT 1 FROM account WHERE account.number = stock.number) ORDER BY national LIMIT ?",
                (country.upper(), prefix, prefix + ":", limit),  # the colon comes after the digits
            )
            if not all(offered for _, offered in found):
                with self.transaction():
                    for number, _ in found:
                        self.offer(number)
        return [number for number, _ in found]

    def offer(self, number: str) -> None:
        """Let a number be bought, of the stock or not."""
        with self.transaction():
            offered = "INSERT INTO stock VALUES (?, '', '', 1) ON CONFLICT (number) DO UPDATE SET offered = 1"
            self._db.execute(offered, (number,))

    def sell(self, number: str) -> PhoneNumber:
        """Add a number that is for sale to the account."""
        with self.transaction():
            if not self.is_for_sale(number):
                raise Refusal("number: is not for sale")
            return self.add(number, "PSTN")

    def is_for_sale(self, number: str) -> bool:
        """Whether a search has offered the number and nobody has it."""
        offered = self._rows("SELECT 1 FROM stock WHERE number = ? AND offered", (number,))
        return bool(offered) and not self.is_taken(number)

    def is_taken(self, number: str) -> bool:
        """Whether the number is in the account."""
        return bool(self._rows("SELECT 1 FROM account WHERE number = ?", (number,)))

    def register(self, number: str, kind: str) -> PhoneNumber:
        """Add a number that was not bought to the account, a SIP user's name for example."""
        with self.transaction():
            if self.is_taken(number):
                raise Refusal("the number is already in the account")
            return self.add(number, kind)

    def add(self, number: str, kind: str, agent: str | None = None) -> PhoneNumber:
        """Add a number to the account without asking."""
        row = (next(self._positions), number, kind, agent)
        with self._lock:
            self._db.execute("INSERT INTO account VALUES (?, ?, ?, ?)", row)
        return self._phone_number(row)

    def new_id(self, position: int) -> str:
        """The id of the number at a position of the account; it ends with the position."""
        digest = hashlib.blake2b(b"%d:%d" % (self.seed, position), digest_size=8).hexdigest()
        place = f"{position:016x}"
        return f"{digest[:8]}-{digest[8:12]}-{digest[12:]}-{place[:4]}-{place[4:]}"

    def get(self, identity: str) -> PhoneNumber:
        """One number of the account."""
        rows = self._rows(SELECT + "WHERE position = ?", (self._place(identity),))
        if not rows:
            raise Refusal("/path/id: the account has no such number")
        return self._phone_number(rows[0])

    def page(self, cursor: str | None, limit: int) -> tuple[list[PhoneNumber], str | None]:
        """Numbers of the account, oldest first, after the place the cursor stands for, and the next cursor."""
        after = 0 if cursor is None else _position(cursor)
        rows = self._rows(
            SELECT + "WHERE position > ? ORDER BY position LIMIT ?", (after, limit + 1)
        )
        following = _cursor(rows[limit - 1][0]) if len(rows) > limit else None
        return [self._phone_number(row) for row in rows[:limit]], following

    def link(self, identity: str, agent: str | None) -> PhoneNumber:
        """Link a number to an agent, or to none."""
        with self.transaction():
            self._db.execute(
                "UPDATE account SET agent = ? WHERE position = ?", (agent, self._place(identity))
            )
            return self.get(identity)

    def release(self, identity: str) -> PhoneNumber:
        """Take a number from the account; if it came from the stock, it is for sale again."""
        with self.transaction():
            released = self.get(identity)
            self._db.execute("DELETE FROM account WHERE position = ?", (self._place(identity),))
        return released

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is changed inside is kept together, once the outermost block ends; nothing on an exception."""
        with self._lock:
            if self._db.in_transaction:
                yield
                return
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                self._db.execute("ROLLBACK")
                raise

    def _phone_number(self, row: tuple[Any, ...]) -> PhoneNumber:
        position, number, kind, agent = row
        return {"id": self.new_id(position), "number": number, "type": kind, "agentId": agent}

    def _place(self, identity: str) -> int:
        """The position that an id stands for, 0 if no number has such an id."""
        if not re.fullmatch("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", identity):
            return 0
        position = int(identity[-17:].replace("-", ""), 16)
        return position if self.new_id(position) == identity and position < 2**63 else 0

    def _rows(self, query: str, values: tuple[Any, ...] = ()) -> list[Any]:
        with self._lock:
            return self._db.execute(query, values).fetchall()

    def _open(self, seed: int | None, numbers: int, reset: bool) -> None:
        if (
            self.path
        ):  # a process that dies leaves every commit behind; many can read while one writes
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
        with self.transaction():
            layout = self._db.execute("PRAGMA application_id").fetchone()[0]
            tables = [
                row[0] for row in self._rows("SELECT name FROM sqlite_master WHERE type = 'table'")
            ]
            if tables and layout != LAYOUT:
                raise StateError(f"{self.path}: is not a state file of this version of the mock")
            if reset:
                for table in set(tables) - {"sqlite_sequence"}:
                    self._db.execute(f"DROP TABLE {table}")
            if reset or not tables:
                self._fill(seed or 0, numbers)
            self._db.execute("UPDATE settings SET opened = opened + 1")
            self.seed, opened = self._rows("SELECT seed, opened FROM settings")[0]
            self._positions = itertools.count(opened << 32)  # its own for each process on the file
            if seed not in (None, self.seed):
                raise StateError(
                    f"{self.path}: was made with the seed {self.seed}; --reset starts over"
                )

    def _fill(self, seed: int, numbers: int) -> None:
        for statement in TABLES.split(";\n"):
            self._db.execute(statement)
        self._db.execute(f"PRAGMA application_id = {LAYOUT}")
        self._db.execute("INSERT INTO settings VALUES (?, 0)", (seed,))
        for country, (code, areas) in AREAS.items():
            for area in areas.split():
                chosen = random.Random(f"{seed} {area}").sample(range(10_000), min(numbers, 10_000))  # noqa: S311 - numbers to sell, not secrets
                national = [
                    f"{area}{'555' if len(area) == 3 else '7946'}{index:04}"
                    for index in sorted(chosen)
                ]
                rows = [(f"+{code}{one}", country, one) for one in national]
                self._db.executemany("INSERT INTO stock VALUES (?, ?, ?, 0)", rows)


def _cursor(position: int) -> str:
    return base64.urlsafe_b64encode(b"after:%d" % position).decode().rstrip("=")


def _position(cursor: str) -> int:
    """The place that a cursor stands for; only what `_cursor` gives is one."""
    try:
        text = base64.b64decode(
            cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True
        ).decode("ascii")
        position = int(text.removeprefix("after:"))
        if 0 < position < 2**63 and _cursor(position) == cursor:
            return position
    except ValueError:
        pass
    raise Refusal("/query/cursor: is not a cursor of this server")
