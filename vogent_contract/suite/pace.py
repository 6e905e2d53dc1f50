"""How fast a live account is asked: a rate, and the pauses that 429 asks for."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from vogent_contract.suite.exchange import Answer

RESENDS = 3  # after as many answers of 429
LONGEST_PAUSE = 60.0  # seconds, whatever Retry-After says


class Pace:
    """Keeps to so many requests a second.

    Args:
        rate: Requests a second.
    """

    def __init__(self, rate: float) -> None:
        self._gap = 1 / rate
        self._not_before = 0.0

    def keep(self, send: Callable[[], Answer], *, again: bool) -> Answer:
        """Send once it is time; after 429 wait as told, and send once more if `again` allows it."""
        answer = self._in_turn(send)
        for _ in range(RESENDS if again else 0):
            if answer.status != 429:
                break
            answer = self._in_turn(send)
        return answer

    def _in_turn(self, send: Callable[[], Answer]) -> Answer:
        time.sleep(max(0.0, self._not_before - time.monotonic()))
        self._not_before = time.monotonic() + self._gap
        answer = send()
        if answer.status == 429:
            wait = pause(answer.headers.get("retry-after"))
            self._not_before = time.monotonic() + max(wait, self._gap)
        return answer


def pause(retry_after: str | None) -> float:
    """Seconds to wait as Retry-After says it, in seconds or as a date (RFC 9110 section 10.2.3).

    One second if it says nothing that can be understood, 60 at most.
    """
    try:
        seconds = float(retry_after or "")
    except ValueError:
        seconds = _until(retry_after or "")
    if math.isnan(seconds):
        return 1.0
    return min(max(seconds, 0.0), LONGEST_PAUSE)


def _until(date: str) -> float:
    """Seconds until an HTTP date, one for what is no date."""
    try:
        then = parsedate_to_datetime(date).astimezone(UTC)
    except (ValueError, OverflowError):
        return 1.0
    return (then - datetime.now(UTC)).total_seconds()
