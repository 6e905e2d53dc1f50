"""The spending guard of a live run: what may leave, what it brought into being, and its release.

It trusts no answer to be well-formed: it keeps its own record, in the ledger before a request leaves,
and looks numbers up in the account's list. Whatever was in the account before the run is never touched.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import quote, unquote

from vogent_contract.live.ledger import Ledger, Run, same_number, server_name
from vogent_contract.suite.wire import NEVER_LEFT, Exchange, NotSent, Wire
from vogent_contract.suite.world import asked_number, could_be_for_sale, listed

HANDS_OFF = "it would change or release what this run did not create"
OUTSIDE = "the contract has no such operation, and it could act"
THEIRS = "it asks for a number that the account had before the run"
SAVED = "it would create or release, and the budget is kept for the scenes of test_behaviour"
UNANSWERED = "an earlier request for the same number got no answer, and may have been done"
NO_AGENT = "it would link to an agent, and --agent-id names none"
OTHER_AGENT = "it would link to another agent than the one that --agent-id names"
NUMBER_PROPERTIES = (
    "number",
    "sipPrefix",
    "phoneNumber",
    "",
)  # the last is a body that is no object
SECRET_PROPERTIES = ("password", "username")
LIKE_A_PHONE_NUMBER = re.compile(r"(?:\d\W{0,5}){6,}\d")
PLAIN_ID = re.compile(r"(?!\.+$)[^\s/\\%?#\x00-\x1f]{1,200}")
GONE = (400, 404, 410, 422)
MOST_PAGES = 1000
PAUSES = (0.0, 0.25, 0.5, 1.0, 2.0)  # seconds before each attempt to release


class Guard:
    """Judges what may leave, and cleans up.

    Args:
        run: A run to clean up after; a new one is begun by `start` without it.
        max_numbers: How many phone numbers the run may bring into being.

    Attributes:
        saving: Whether what would create or release is held back for later tests.
        stopped: Why nothing is created any more, None while it may.
        finishing: Whether `finish` has begun; it must not be interrupted.
        stuck: Numbers that the run asked for and that the account has under an id from before the run.
        strangers: Numbers that came meanwhile and were not asked for, by id: perhaps somebody else's.
        refused_but_done: Is told of a refused request and of the number that it created all the same.
    """

    def __init__(
        self,
        wire: Wire,
        ledger: Ledger,
        max_numbers: int = 0,
        agent_id: str | None = None,
        run: Run | None = None,
    ) -> None:
        self.wire = wire
        self.ledger = ledger
        self.max_numbers = max_numbers
        self.agent_id = agent_id
        self.run = run or Run("", frozenset(), wire.timeout)
        self.saving = False
        self.stopped: str | None = None
        self.stuck: list[str] = []
        self._their_numbers: set[str] = set()
        self._cleaning_up = run is not None
        self.strangers: dict[str, str] = {}
        self.refused_but_done: Callable[[Exchange, str], object] = lambda *_: None
        self._deleted: dict[str, str] = {}
        self._known: set[str] = set()
        self._doubts = 0
        self._reserved = self._expected = self._asked = False
        self.finishing = False

    def start(self) -> None:
        """Take down what is in the account; without a whole list nothing is created, changed or released."""
        items, whole = self._list()
        self._their_numbers = {number for _, number in items}
        self.run = self.ledger.begin(
            server_name(self.wire.base_url), {key for key, _ in items}, self.wire.timeout
        )
        if not whole:
            self.stopped = "the account could not be listed to its end before"
        self.wire.guard = self

    @property
    def spent(self) -> int:
        """How many phone numbers were brought into being, or may have been."""
        return len(self.run.ids) + len(self.run.open) + self._doubts

    # The wire asks

    def before(self, exchange: Exchange) -> None:
        """Raise `NotSent` if the request must not leave; one that could create is in the ledger after this."""
        self._asked, self._known = False, set(self.run.ids)
        if exchange.effect in ("changes", "releases"):
            self._judge_change(exchange)
        elif exchange.effect == "unknown":
            self._judge_unknown(exchange)
        elif exchange.effect == "creates":
            self._judge_creation(exchange)

    def after(self, exchange: Exchange) -> None:
        """Record what came of a request that could create."""
        key, number = _answered(exchange.value) if exchange.succeeded else (None, "")
        if key in self.run.theirs or key in self.run.ids:
            key = None  # an answer that names another phone number says nothing about this one
        if self._asked:
            clear = exchange.refused or exchange.error == NEVER_LEFT
            self._record(
                "answer",
                intent=exchange.number,
                status=exchange.status,
                clear=clear,
                id=key,
                number=number,
            )
        elif exchange.effect == "unknown" and key is not None:
            self._asked, self._expected = True, False
            self._record("found", id=key, number=number)

    def settle(self, exchange: Exchange) -> None:
        """Look up what a request may have created; what was not expected ends all creating."""
        if not self._asked:
            return
        strangers = set(self.strangers)
        whole = self._look()
        new = set(self.run.ids) - self._known
        if exchange.refused and self._reserved:
            self._doubts += not whole
        name = (
            exchange.operation.id if exchange.operation else f"{exchange.method} {exchange.target}"
        )
        if new if exchange.refused else exchange.succeeded and not self._expected:
            self.stopped = self.stopped or f"{name} created what it should have refused"
            self._release(sorted(new))
        if exchange.refused and new:
            self.refused_but_done(exchange, ", ".join(self.run.ids[key] for key in new))
        elif set(self.strangers) - strangers and not exchange.succeeded:
            self.stopped = (
                self.stopped or f"a phone number that nobody asked for appeared after {name}"
            )

    # What may leave

    def _judge_change(self, exchange: Exchange) -> None:
        if not self._is_own(exchange):
            raise NotSent(HANDS_OFF)
        if self.saving and exchange.effect == "releases" and exchange.credential != "bad":
            raise NotSent(SAVED)
        body = exchange.request.body if exchange.request else None
        agent = body.get("agentId") if isinstance(body, dict) else None
        if isinstance(agent, str) and agent not in ("", self.agent_id):
            raise NotSent(OTHER_AGENT if self.agent_id else NO_AGENT)

    def _is_own(self, exchange: Exchange) -> bool:
        """Whether the path is that of an id of the run's own, to the letter, and nothing names another's."""
        text = unquote(exchange.target) + _text(exchange.content)
        own = {self._target(key) for key in self.run.ids if PLAIN_ID.fullmatch(key)}
        return exchange.target in own and not any(
            len(key) > 6 and key in text for key in self.run.theirs
        )

    def _judge_unknown(self, exchange: Exchange) -> None:
        empty = not exchange.content and exchange.method in ("PATCH", "POST")
        bare = empty and exchange.target in {
            one.path for one in self.wire.contract.operations.values()
        }
        if self.stopped or not (bare or (self._is_own(exchange) and not exchange.content)):
            raise NotSent(OUTSIDE)

    def _judge_creation(self, exchange: Exchange) -> None:
        wrong = (
            [one for one in exchange.request.violations if not one.assumed]
            if exchange.request
            else []
        )
        names = sorted(set(_names(exchange)))
        alive = [number for key, number in self.run.ids.items() if key not in self.run.released]
        sold = any(same_number(name, number) for name in names for number in alive)
        self._reserved = not wrong or _like_number(exchange)
        self._expected = not wrong and not sold and exchange.credential != "bad"
        if self.stopped:
            raise NotSent(f"nothing is created any more: {self.stopped}")
        if any(same_number(name, number) for name in names for number in self._their_numbers):
            raise NotSent(THEIRS)
        if any(
            same_number(name, other)
            for name in names
            for _, asked in self.run.open.values()
            for other in asked
        ):
            raise NotSent(UNANSWERED)
        if self._reserved and self.spent >= self.max_numbers:
            raise NotSent(f"it could create, and --max-numbers {self.max_numbers} allows no more")
        asked = asked_number(exchange)
        if self.saving and self._expected and (asked is None or could_be_for_sale(asked)):
            raise NotSent(SAVED)
        request = f"{exchange.method} {exchange.operation.path if exchange.operation else ''}"
        self._record("intent", intent=exchange.number, request=request, names=names)
        if self.stopped:
            raise NotSent(f"nothing is created any more: {self.stopped}")
        self._asked = True

    def _record(self, event: str, **values: Any) -> None:
        try:
            self.ledger.add(self.run, event, **values)
        except OSError as error:
            self.stopped = f"the ledger cannot be written ({error.strerror or error})"

    # Cleaning up

    def finish(self) -> bool:
        """Release what the run brought into being, and look for what has no answer; whether nothing is left."""
        if self.finishing or not self.run.unfinished:
            return not self.run.unfinished
        self.finishing = True
        self.stopped = self.stopped or "the run is over"
        clean = self._clear()
        if self.run.open:
            latest = max(at for at, _ in self.run.open.values())
            time.sleep(min(max(0.0, latest + self.run.timeout - time.time()), self.run.timeout))
            clean = self._clear()
        if clean:
            self._record("end")
        return clean

    def report(self) -> list[str]:
        """Lines for a person: what was brought into being, released and left."""
        run, left = (
            self.run,
            [f"{self.run.ids[key]} (id {key}: {self._why(key)})" for key in self.run.left()],
        )
        left += [
            f"{number} (under an id from before the run: release it by hand)"
            for number in self.stuck
        ]
        gone = [run.ids[key] for key in run.ids if key in run.released]
        lines = [
            f"phone numbers brought into being: {_counted(list(run.ids.values()))}",
            f"released: {_counted(gone)}",
        ]
        lines += [
            f"no answer came, and the account does not show: {_counted(names)}"
            for _, names in run.open.values()
        ]
        lines.append(f"left: {_counted(left)}")
        strangers = [f"{number} (id {key})" for key, number in self.strangers.items()]
        if strangers:
            lines.append(
                f"not touched, as this run did not ask for it, and came meanwhile: {_counted(strangers)}"
            )
        if run.unfinished:
            command = f"vogent-contract release --base-url {run.server} --ledger {self.ledger.path}"
            lines.append(f"it is not proven that nothing is left; to look and release: {command}")
        return lines

    def _clear(self) -> bool:
        """Release until nothing is left; whether the account shows that nothing is."""
        for pause in PAUSES:
            time.sleep(pause)
            self._release(self.run.left())
            if self._look() and not self.run.left():
                return not self.stuck
        return False

    def _release(self, keys: Iterable[str]) -> None:
        for key in keys:
            if PLAIN_ID.fullmatch(key) and key not in self.run.theirs:
                answer = self.wire.probe("DELETE", self._target(key))
                self._deleted[key] = f"DELETE gave {answer.status or answer.error}"

    def _look(self) -> bool:
        """Look for what the run asked for and for what was released; whether the whole account was seen."""
        items, whole = self._list()
        if self.finishing:  # seldom: it takes long in a large account
            self.stuck = [
                number
                for key, number in items
                if key in self.run.theirs and self.run.may_have_made(number)
            ]
        for key, number in items:
            known = key in self.run.theirs or (key in self.run.ids and key not in self.run.released)
            if not known and self.run.may_have_made(number):
                self._record("found", id=key, number=number)
            elif not known and key not in self.run.ids and not self._cleaning_up:
                self.strangers[key] = number
        listed_ids = {key for key, _ in items}
        for key in self.run.left() if whole else ():
            if key in self._deleted and key not in listed_ids:
                if self.wire.probe("GET", self._target(key)).status in GONE:
                    self._record("released", id=key)
                else:
                    self._deleted[key] += ", the list has it no more, but GET still gives it"
        return whole

    def _list(self) -> tuple[list[tuple[str, str]], bool]:
        """Ids and numbers in the account, and whether they are all."""
        items: list[tuple[str, str]] = []
        query, cursors = "", set()
        for _ in range(MOST_PAGES):
            page = self._page(query)
            entries = [_answered(item)[:2] for item in listed(page)]
            items += [(key, number) for key, number in entries if key is not None]
            cursor = page.get("cursor", 0)
            if cursor is None:
                return items, all(key is not None for key, _ in entries)
            if not isinstance(cursor, str) or cursor in cursors:
                break
            cursors.add(cursor)
            query = f"?cursor={quote(cursor, safe='')}"
        return items, False

    def _page(self, query: str) -> dict[str, Any]:
        """One page of the list, empty if two attempts give none."""
        for _ in range(2):
            answer = self.wire.probe("GET", "/phone_numbers" + query)
            if (
                answer.succeeded
                and isinstance(answer.value, dict)
                and isinstance(answer.value.get("data"), list)
            ):
                return answer.value
        return {}

    def _target(self, key: str) -> str:
        return f"/phone_numbers/{quote(key, safe='')}"

    def _why(self, key: str) -> str:
        return self._deleted.get(
            key, "it was not tried" if PLAIN_ID.fullmatch(key) else "no id that is safe in a path"
        )


def _answered(value: Any) -> tuple[str | None, str]:
    """Id and number that an answer or an item of the list gives, as far as it does."""
    if not isinstance(value, dict) or not isinstance(value.get("id"), str):
        return None, ""
    return value["id"], str(value.get("number"))


def _names(exchange: Exchange) -> Iterator[str]:
    """Everything in a request that could become a phone number's `number`; no password."""
    body = exchange.request.body if exchange.request else None
    text = unquote(exchange.target) + ("" if body is not None else f" {_text(exchange.content)}")
    yield from (found.group() for found in LIKE_A_PHONE_NUMBER.finditer(text))
    yield from _names_in(body)


def _names_in(value: Any, name: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _names_in(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from _names_in(inner, name)
    elif name in NUMBER_PROPERTIES or (
        name not in SECRET_PROPERTIES and LIKE_A_PHONE_NUMBER.search(str(value))
    ):
        yield str(value)


def _like_number(exchange: Exchange) -> bool:
    """Whether anything in the request is like a phone number: in path, query or body, however it is written."""
    return (
        LIKE_A_PHONE_NUMBER.search(f"{unquote(unquote(exchange.target))} {_text(exchange.content)}")
        is not None
    )


def _text(content: bytes) -> str:
    text = content.decode("utf-8", "replace")
    return unquote(re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text))


def _counted(names: list[str]) -> str:
    return f"{len(names)}{': ' if names else ''}{', '.join(names)}"
