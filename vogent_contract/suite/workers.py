"""Sends requests side by side that cannot influence each other, as far as the server takes it.

The order of what is judged does not depend on it: requests are chosen before the first of them is
sent, and `Run` judges their answers in the order in which they were chosen, once all have come.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from vogent_contract.suite.account import names_in
from vogent_contract.suite.exchange import Answer, Expectation, Outgoing
from vogent_contract.suite.wire import Wire

ENOUGH = 5  # requests, to see whether the server takes several at a time
MOST_TOGETHER = 48  # requests, whatever the number of workers: what a killed run may not tell of
ONE_AT_A_TIME = 0.75  # of the time that requests would take one after another


class Workers:
    """Sends several requests at a time.

    Args:
        count: How many at a time, at most. A server that takes one at a time gets one at a time
            after the first few, and never more than it could answer in time one by one.
    """

    def __init__(self, wire: Wire, count: int) -> None:
        self._wire = wire
        self._count = count
        self._tried = count == 1

    def send(self, requests: Sequence[Outgoing]) -> list[Answer | None]:
        """The answers in the order of the requests.

        None stands for a request that was not sent because another one of its operation was not
        answered in time.
        """
        if self._tried or len(requests) < ENOUGH:
            return self._send(requests)
        self._tried = True
        clock = time.monotonic()
        first = self._send(requests[:1])
        alone = time.monotonic() - clock
        in_time = int(self._wire.timeout / 2 / alone)
        self._count = max(1, min(self._count, in_time))
        others = self._send(requests[1:])
        together = time.monotonic() - clock - alone
        if together > ONE_AT_A_TIME * alone * len(others):
            self._count = 1
        return first + others

    def _send(self, requests: Sequence[Outgoing]) -> list[Answer | None]:
        hung: set[str] = set()

        def send(outgoing: Outgoing) -> Answer | None:
            if outgoing.name in hung:
                return None
            answer = self._wire.send(self._wire.request(outgoing.call))
            if answer.timed_out:
                hung.add(outgoing.name)
            return answer

        with ThreadPoolExecutor(self._count) as pool:
            answers = list(pool.map(send, requests))
        # A server whose queue is full takes no connection: it gets what did not leave alone.
        hung.clear()
        for index, answer in enumerate(answers if self._count > 1 and len(requests) > 1 else ()):
            if answer is not None and not answer.left:
                answers[index] = send(requests[index])
        return answers


def independent(requests: Sequence[Outgoing]) -> Sequence[Outgoing]:
    """As many of the first requests as cannot influence each other.

    Refusals among themselves; what is accepted beside what does the same: reads, new phone numbers
    of different numbers, changes of different ones. Refusals go beside nothing else, for a server
    that does what it refuses would show that in a read or not, as it happens; for the same reason
    invalid reads, which a lenient server answers, go by themselves. Of requests that only the
    credential is wrong with, one at a time is about the same phone number: a server that does not
    check the credential does one of them and may refuse the others.
    """
    kinds = set()
    touched: set[str] = set()
    for count, outgoing in enumerate(requests):
        kinds.add(_kind(outgoing))
        touches = _touched_by(outgoing)
        if len(kinds) > 1 or touches & touched or count == MOST_TOGETHER:
            return requests[:count]
        touched |= touches
    return requests


def contested(requests: Sequence[Outgoing], answers: Sequence[Answer | None]) -> set[str]:
    """Ids of phone numbers that several requests under way together changed.

    The contract forbids the requests, but a lenient server does them, in an order that nobody sees.
    """
    done: Counter[str] = Counter()
    for outgoing, answer in zip(requests, answers, strict=True):
        if answer is not None and answer.succeeded and outgoing.effect == "changes":
            done[outgoing.path_id] += 1
    return {key for key, times in done.items() if times > 1}


def _kind(outgoing: Outgoing) -> str:
    """What only requests that are alike in it have in common on their way."""
    if outgoing.call.expects is not Expectation.REFUSED:
        return outgoing.effect
    invalid_read = outgoing.effect == "none" and outgoing.violations
    return "invalid read" if invalid_read else "refused"


def _touched_by(outgoing: Outgoing) -> set[str]:
    """The numbers and names that a request asks for, or the address of what it changes."""
    if outgoing.effect == "none" or outgoing.violations or outgoing.operation is None:
        return set()
    if outgoing.effect == "creates":
        return set(names_in(outgoing.body))
    return {outgoing.target}
