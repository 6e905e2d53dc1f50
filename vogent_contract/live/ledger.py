"""What live runs brought into being, on disk before it can happen: append-only JSON Lines, synced.

A run writes `run` (the server, and the ids that were in the account before), `intent` before a
request that could create something leaves, `answer`, `found` (in the account's list, by its
number), `released` (verified), and `end` once nothing of it is left. It holds no key, no password.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

if sys.platform != "win32":
    import fcntl

DEFAULT_PATH = Path("contract.ledger.jsonl")
FIRST_WORD = b'{"event"'


class LedgerError(Exception):
    """The ledger cannot be used; the message is one line that says why."""


@dataclass(eq=False)  # two runs that begin alike are two runs
class LiveRun:
    """One live run, as its records tell it.

    Attributes:
        server: Base URL without user and password.
        theirs: Ids that were in the account before the run. They are never touched.
        timeout: Seconds that the run waited for an answer.
        names: Numbers and SIP names that the run asked for.
        open: Requests that may have created something which is not known, by their intent: when
            they left (seconds since the epoch), and the numbers or names that they asked for.
        ids: Number of each phone number that the run brought into being, by id.
        released: Ids of them that are gone, verified.
        intents: How many requests that could create were about to leave.
    """

    server: str
    theirs: frozenset[str]
    timeout: float
    names: set[str] = field(default_factory=set)
    open: dict[int, tuple[float, list[str]]] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    released: set[str] = field(default_factory=set)
    intents: int = 0
    ended: bool = False

    @property
    def unfinished(self) -> bool:
        """Something of the run may still be in the account."""
        return bool(self.intents or self.ids) and not self.ended

    def left(self) -> list[str]:
        """Ids of what the run brought into being and has not released."""
        return [key for key in self.ids if key not in self.released]

    def may_have_made(self, number: str) -> bool:
        """Whether a number of the account is one that the run asked for."""
        return is_one_of(number, self.names)

    def apply(self, record: dict[str, Any]) -> None:
        """Take in a record."""
        event = record["event"]
        if event == "intent":
            self.intents += 1
            self.open[record["intent"]] = record["at"], record["names"]
            self.names.update(record["names"])
        elif event == "answer":
            if record["id"] is not None or record["clear"]:
                self.open.pop(record["intent"], None)
        elif event == "found":
            self._close_first_that_asked_for(record["number"])
            self.released.discard(record["id"])  # a list that lags behind may show it again
        elif event == "released":
            self.released.add(record["id"])
        elif event == "end":
            self.ended = True
        if event in ("answer", "found") and record["id"] is not None:
            self.ids.setdefault(record["id"], record["number"])

    def _close_first_that_asked_for(self, number: str) -> None:
        for intent, (_, names) in self.open.items():
            if is_one_of(number, names):
                del self.open[intent]
                return


class Ledger:
    """A ledger file, held by one process at a time.

    Raises:
        LedgerError: It cannot be read or written, is no ledger, or another process has it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.runs: list[LiveRun] = []
        self._torn = False
        new = not path.exists()
        try:
            self._file = path.open("a+b", buffering=0)
            if new:
                _sync_directory(path.absolute().parent)
        except OSError as error:
            raise LedgerError(f"the ledger {path} cannot be used: {error.strerror}") from None
        try:
            if sys.platform != "win32":
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._file.seek(0)
            self._read(self._file.read())
        except BlockingIOError:
            self._file.close()
            raise LedgerError(f"the ledger {path} is in use by another run") from None
        except LedgerError:
            self._file.close()
            raise

    def unfinished(self) -> list[LiveRun]:
        """Runs that may have left something in the account, oldest first."""
        return [run for run in self.runs if run.unfinished]

    def begin(self, server: str, theirs: Iterable[str], timeout: float) -> LiveRun:
        """Record that a run begins.

        Args:
            server: As `server_name` gives it.
            theirs: Ids that are in the account.
            timeout: Seconds that the run waits for an answer.
        """
        run = LiveRun(server, frozenset(theirs), timeout)
        begins = {"server": server, "timeout": timeout, "theirs": sorted(run.theirs)}
        self._write({"event": "run", "at": _now(), **begins})
        self.runs.append(run)
        return run

    def add(self, run: LiveRun, event: str, **values: Any) -> None:
        """Record what a run does; it is on disk when this returns.

        Raises:
            OSError: It could not be written.
        """
        record = {"event": event, "run": self.runs.index(run), "at": _now(), **values}
        run.apply(
            record
        )  # first: what an interrupt keeps off the disk is still released at the end
        self._write(record)

    def close(self) -> None:
        self._file.close()

    def _write(self, record: dict[str, Any]) -> None:
        line = json.dumps(record).encode() + b"\n"
        if self._torn:
            line = b"\n" + line
        self._torn = True
        if self._file.write(line) != len(line):
            raise OSError("the disk is full")
        os.fsync(self._file)
        self._torn = False

    def _read(self, content: bytes) -> None:
        if not FIRST_WORD.startswith(content[: len(FIRST_WORD)]):
            raise LedgerError(f"{self.path} is no ledger of this suite")
        self._torn = bool(content) and not content.endswith(b"\n")
        for line in content.splitlines():
            try:
                record = json.loads(line)
            except ValueError:
                continue  # torn by a crash, so what it announces did not happen
            try:
                self._apply(record)
            except (LookupError, TypeError):
                message = f"the ledger {self.path} holds a line that no run writes: {line[:80]!r}"
                raise LedgerError(message) from None

    def _apply(self, record: dict[str, Any]) -> None:
        if record["event"] == "run":
            theirs = frozenset(record["theirs"])
            self.runs.append(LiveRun(record["server"], theirs, record["timeout"]))
        else:
            self.runs[record["run"]].apply(record)


def server_name(base_url: str) -> str:
    """A base URL as the ledger names it: without user, password and what is the default."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    if ":" in host:
        host = f"[{host}]"
    default = {"http": 80, "https": 443}.get(parts.scheme)
    port = "" if parts.port in (None, default) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}{parts.path.rstrip('/')}"


def same_number(asked: str, number: str) -> bool:
    """Whether a number of the account is the one that was asked for, however it was written."""
    if asked.strip() == number.strip():
        return True
    digits = re.sub(r"\D", "", asked)
    like_a_phone_number = re.fullmatch(r"[\d\s()+./-]+", number) is not None and len(digits) >= 7
    return like_a_phone_number and re.sub(r"\D", "", number).endswith(digits)


def is_one_of(number: str, names: Iterable[str]) -> bool:
    """Whether a number of the account is one of those that were asked for."""
    return any(same_number(name, number) for name in names)


def _now() -> float:
    return round(time.time(), 3)


def _sync_directory(path: Path) -> None:
    """The file's name is on disk too."""
    if sys.platform != "win32":
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
