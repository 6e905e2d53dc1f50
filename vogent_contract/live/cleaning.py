"""Looks through somebody's account for what a run brought into being, and releases it.

It trusts no answer: a phone number counts as released when the list has it no more and
reading it is refused. Whatever was in the account before the run is never touched.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

from vogent_contract.live.ledger import Ledger, LiveRun
from vogent_contract.live.policy import PLAIN_ID, target_of
from vogent_contract.suite.account import listed
from vogent_contract.suite.exchange import Answer, Call, Exchange

GONE = (400, 404, 410, 422)
MOST_PAGES = 1000
PAUSES = (0.0, 0.25, 0.5, 1.0, 2.0)  # seconds before each attempt to release

Send = Callable[[Call], Exchange]


class Cleaning:
    """What one run left in the account.

    Args:
        send: Sends a request, whatever it does.
        watched: The run is going on, so that what else appears came meanwhile.

    Attributes:
        strangers: Number of each phone number that came meanwhile and was not asked for, by id:
            perhaps somebody else's.
        stuck: Numbers that the run asked for and that the account has under an id from before.
    """

    def __init__(self, send: Send, ledger: Ledger, run: LiveRun, *, watched: bool) -> None:
        self.run = run
        self.strangers: dict[str, str] = {}
        self.stuck: list[str] = []
        self._send = send
        self._ledger = ledger
        self._watched = watched
        self._tried: dict[str, str] = {}

    def look(self) -> bool:
        """Look for what was asked for and what was released; whether the whole account was seen."""
        items, whole = list_account(self._send)
        self.stuck = []
        for key, number in items.items():
            self._look_at(key, number)
        if whole:
            for key in self.run.left():
                if key in self._tried and key not in items:
                    self._verify(key)
        return whole

    def shows(self, key: str) -> bool:
        """Whether reading the phone number by its id gives one that the run asked for."""
        if not PLAIN_ID.fullmatch(key):
            return False
        exchange = self._send(Call("GET", target_of(key)))
        shown = exchange.value if exchange.succeeded else None
        if not isinstance(shown, dict) or shown.get("id") != key:
            return False
        return self.run.may_have_made(str(shown.get("number")))

    def release(self, keys: Iterable[str]) -> None:
        """Ask for the release of what the run brought into being."""
        for key in keys:
            if PLAIN_ID.fullmatch(key) and key not in self.run.theirs:
                self.note_release(key, self._send(Call("DELETE", target_of(key))).answer)

    def note_release(self, key: str, answer: Answer) -> None:
        """Take down that the release was asked for: the next look finds out what came of it."""
        self._tried[key] = f"DELETE gave {answer.status or answer.error}"

    def finish(self, whole: bool) -> bool:
        """Release everything, also what is still at work; whether it shows nothing left.

        Args:
            whole: The account was seen to its end just now.
        """
        if not self.run.unfinished:
            return True
        clean = self._clear(whole)
        if self.run.open:
            latest = max(at for at, _ in self.run.open.values())
            remaining = latest + self.run.timeout - time.time()
            time.sleep(min(max(0.0, remaining), self.run.timeout))
            clean = self._clear(self.look())
        if clean:
            self._ledger.add(self.run, "end")
        return clean

    def report(self) -> list[str]:
        """Lines for a person: what was brought into being, released and left."""
        run = self.run
        left = [f"{run.ids[key]} (id {key}: {self._why(key)})" for key in run.left()]
        for number in self.stuck:
            left.append(f"{number} (under an id from before the run: release it by hand)")
        gone = [run.ids[key] for key in run.ids if key in run.released]
        lines = [
            f"phone numbers brought into being: {_counted(list(run.ids.values()))}",
            f"released: {_counted(gone)}",
        ]
        for _, names in run.open.values():
            lines.append(f"no answer came, and the account does not show: {_counted(names)}")
        lines.append(f"left: {_counted(left)}")
        strangers = [f"{number} (id {key})" for key, number in self.strangers.items()]
        if strangers:
            reason = "as this run did not ask for it, and came meanwhile"
            lines.append(f"not touched, {reason}: {_counted(strangers)}")
        if run.unfinished:
            command = release_command(run.server, self._ledger)
            lines.append(f"it is not proven that nothing is left; to look and release: {command}")
        return lines

    def _clear(self, whole: bool) -> bool:
        """Release until nothing is left; whether the account shows that nothing is."""
        for pause in PAUSES:
            if whole and not self.run.left():
                break
            time.sleep(pause)
            self.release(self.run.left())
            whole = self.look()
        return whole and not self.run.left() and not self.stuck

    def _look_at(self, key: str, number: str) -> None:
        asked_for = self.run.may_have_made(number)
        if key in self.run.theirs:
            if asked_for:
                self.stuck.append(number)
        elif key in self.run.ids and key not in self.run.released:
            return
        elif asked_for:
            self._ledger.add(self.run, "found", id=key, number=number)
        elif self._watched and key not in self.run.ids:
            self.strangers[key] = number

    def _verify(self, key: str) -> None:
        if self._send(Call("GET", target_of(key))).status in GONE:
            self._ledger.add(self.run, "released", id=key)
        else:
            self._tried[key] += ", the list has it no more, but GET still gives it"

    def _why(self, key: str) -> str:
        if key in self._tried:
            return self._tried[key]
        return "it was not tried" if PLAIN_ID.fullmatch(key) else "no id that is safe in a path"


def list_account(send: Send) -> tuple[dict[str, str], bool]:
    """The number of each phone number in the account by its id, and whether they are all."""
    found: dict[str, str] = {}
    readable = True
    query = ""
    cursors: set[str] = set()
    for _ in range(MOST_PAGES):
        page = _page(send, query)
        for item in listed(page):
            if isinstance(item, dict) and isinstance(item.get("id"), str):
                found[item["id"]] = str(item.get("number"))
            else:
                readable = False
        cursor = page.get("cursor", 0)
        if cursor is None:
            return found, readable
        if not isinstance(cursor, str) or cursor in cursors:
            break
        cursors.add(cursor)
        query = f"?cursor={quote(cursor, safe='')}"
    return found, False


def release_command(server: str, ledger: Ledger) -> str:
    """The command that finishes what a run could not."""
    return f"vogent-contract release --base-url {server} --ledger {ledger.path}"


def _page(send: Send, query: str) -> dict[str, Any]:
    """One page of the list, empty if two attempts give none."""
    for _ in range(2):
        exchange = send(Call("GET", f"/phone_numbers{query}"))
        page = exchange.value if exchange.succeeded else None
        if isinstance(page, dict) and isinstance(page.get("data"), list):
            return page
    return {}


def _counted(names: list[str]) -> str:
    return f"{len(names)}: {', '.join(names)}" if names else "0"
