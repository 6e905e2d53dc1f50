"""Watches a live run: holds back what may not leave, looks after what a request created.

To look costs requests, so it goes by the answer. A success is proven by reading the id that it
gives. What was refused as it should be waits for the next look through the account's list, and
counts as created until then. After any other answer the list is read at once.
"""

from __future__ import annotations

import argparse
import signal
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from vogent_contract.live.cleaning import Cleaning, list_account, release_command
from vogent_contract.live.ledger import Ledger, LedgerError, is_one_of, server_name
from vogent_contract.live.policy import Limits, decide, names_in
from vogent_contract.live.unproven import Unproven
from vogent_contract.openapi import Violation
from vogent_contract.suite.causes import NOT_DONE, REFUSED_IS_NOT_DONE
from vogent_contract.suite.exchange import Call, Exchange, Expectation, Outgoing
from vogent_contract.suite.findings import Findings
from vogent_contract.suite.run import Run

SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


class LiveWatch:
    """One live run's watch.

    Attributes:
        stopped: Why nothing is created any more, empty while it may.
    """

    def __init__(
        self, ledger: Ledger, limits: Limits, cleaning: Cleaning, findings: Findings
    ) -> None:
        self.stopped = ""
        self._ledger = ledger
        self._run = cleaning.run
        self._limits = limits
        self._cleaning = cleaning
        self._findings = findings
        self._unproven = Unproven()
        self._finishing = False
        self._handlers = {name: self._end_in_order(name) for name in SIGNALS}

    @classmethod
    def begin(cls, run: Run, path: Path, max_numbers: int) -> LiveWatch:
        """Open the ledger and take down what is in the account.

        Raises:
            LedgerError: It cannot be used, or an earlier run is not finished.
        """
        ledger = Ledger(path)
        for earlier in ledger.unfinished():
            command = release_command(earlier.server, ledger)
            ledger.close()
            message = "an earlier run may have left something in the account; release it first"
            raise LedgerError(f"{message}: {command}")

        def send(call: Call) -> Exchange:
            return run.exchange(run.plan(call))

        items, whole = list_account(send)
        name = server_name(run.wire.base_url)
        live_run = ledger.begin(name, items, run.wire.timeout)
        their_numbers = frozenset(items.values())
        limits = Limits(max_numbers, run.options.agent_id, their_numbers)
        cleaning = Cleaning(send, ledger, live_run, watched=True)
        watch = cls(ledger, limits, cleaning, run.findings)
        if not whole:
            watch.stopped = "the account could not be listed to its end before"
        return watch

    @property
    def spent(self) -> int:
        """How many phone numbers were brought into being, or may have been."""
        known = len(self._run.ids) + len(self._run.open)
        return known + self._unproven.doubts + self._unproven.refusals

    def hold(self, outgoing: Outgoing) -> str | None:
        """Why a request must not leave; None if it may: what it may create is on record then."""
        reason = self._decide(outgoing, self.spent)
        if reason is not None and self._unproven.refusals:
            believed = self.spent - self._unproven.refusals
            if self._decide(outgoing, believed) is None:
                self._look()
                reason = self._decide(outgoing, self.spent)
        if reason is None and outgoing.effect == "creates":
            request = f"{outgoing.call.method} {outgoing.target}"
            names = sorted(set(names_in(outgoing.body)))
            intent = self._run.intents + 1
            self._record("intent", intent=intent, request=request, names=names)
            if self.stopped:
                return f"nothing is created any more: {self.stopped}"
        return reason

    def answered(self, exchange: Exchange) -> None:
        """Find out what the request created; release what should not exist."""
        if exchange.outgoing.effect == "releases" and exchange.succeeded:
            self._cleaning.note_release(exchange.path_id, exchange.answer)
        if exchange.outgoing.effect != "creates":
            return
        known = set(self._run.ids)
        key = self._note_answer(exchange)
        if exchange.succeeded:
            if key is None or not self._cleaning.shows(key):
                self._look()
            if exchange.expects is Expectation.REFUSED:
                self._undo(exchange, [key for key in self._run.ids if key not in known])
        elif exchange.answer.left:
            self._unproven.exchanges.append(exchange)
            if not self._unproven.may_wait(exchange):
                self._look()

    def finish(self) -> bool:
        """Release what the run brought into being, uninterrupted; whether nothing is left."""
        if self._finishing:
            return not self._run.unfinished
        self._finishing = True
        whole = not self._run.unfinished or self._look()
        self._stop("the run is over")
        return self._cleaning.finish(whole)

    def report(self) -> list[str]:
        """Lines for a person: what was brought into being, released and left."""
        return self._cleaning.report()

    def close(self) -> None:
        """Close the ledger, and let signals do what they did before."""
        for name, handler in self._handlers.items():
            if handler is not None:
                signal.signal(getattr(signal, name), handler)
        self._ledger.close()

    def _decide(self, outgoing: Outgoing, spent: int) -> str | None:
        """As `policy.decide`, with so many phone numbers brought into being."""
        return decide(outgoing, self._run, self._limits, spent, self.stopped)

    def _note_answer(self, exchange: Exchange) -> str | None:
        """Record what came of the latest intent: one request at a time is under way.

        Gives the id of the phone number that the answer says was created, None if it does not.
        """
        value = exchange.value if exchange.succeeded and isinstance(exchange.value, dict) else {}
        key = value.get("id")
        if not isinstance(key, str) or key in self._run.theirs or key in self._run.ids:
            key = None  # an answer that names another phone number says nothing about this one
        self._record(
            "answer",
            intent=self._run.intents,
            status=exchange.status,
            clear=exchange.refused or not exchange.answer.left,
            id=key,
            number=str(value.get("number", "")),
        )
        return key

    def _look(self) -> bool:
        """Look through the account for what was not done, so the answers; whether to its end."""
        known, strangers = set(self._run.ids), set(self._cleaning.strangers)
        whole = self._cleaning.look()
        waited = self._unproven.looked(whole)
        for key in [key for key in self._run.ids if key not in known]:
            number = self._run.ids[key]
            asked = [one for one in waited if is_one_of(number, names_in(one.outgoing.body))]
            refused = [one for one in asked if one.refused]
            if refused:
                self._undo(refused[0], [key])
                _accuse(self._findings, refused, number)
        if waited and set(self._cleaning.strangers) - strangers:
            what = "a phone number that nobody asked for appeared"
            self._stop(f"{what} after {waited[-1].outgoing.name}")
        return whole

    def _undo(self, exchange: Exchange, keys: Iterable[str]) -> None:
        """Create nothing more, and release what a request created that had to be refused."""
        self._stop(f"{exchange.outgoing.name} created what it should have refused")
        self._cleaning.release(keys)

    def _record(self, event: str, **values: Any) -> None:
        try:
            self._ledger.add(self._run, event, **values)
        except OSError as error:
            self._stop(f"the ledger cannot be written ({error.strerror or error})")

    def _stop(self, reason: str) -> None:
        self.stopped = self.stopped or reason

    def _end_in_order(self, name: str) -> Any:
        """Let a signal end the run with everything released; gives what handled it before."""
        number = getattr(signal, name, None)
        if number is None:
            return None

        def end(*_: object) -> None:
            if not self._finishing:
                raise KeyboardInterrupt

        return signal.signal(number, end)


def _accuse(findings: Findings, refused: Sequence[Exchange], number: str) -> None:
    """Record that a number is in the account which these requests, all refused, had asked for."""
    first, last = refused[0], refused[-1]
    nothing = f"nothing new in the account, as it got {first.status}"
    violation = Violation("", "", "", nothing, number)
    finding = findings.add(REFUSED_IS_NOT_DONE, NOT_DONE, violation, first)
    if last is not first and finding.times == 1:
        finding.against, finding.undecided = last, True


def warning(options: argparse.Namespace) -> list[str]:
    """What a live run may do, said before it does anything."""
    host = urlsplit(options.base_url or "").hostname or "the project's mock"
    may = "buys, makes, changes and releases nothing (--max-numbers 0)"
    if options.max_numbers:
        may = f"may bring {options.max_numbers} phone numbers into being, which can cost money"
        may += ", and changes and releases only those"
    agent = "It links to no agent."
    if options.agent_id:
        agent = f"It may link them to the agent {options.agent_id}."
    return [
        f"live run (profile {options.profile}) against an account on {host}: it {may}.",
        f"{agent} At most {options.rate:g} requests a second.",
        f"What it does to the account is in {options.ledger}.",
    ]
