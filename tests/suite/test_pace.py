"""How long 429 makes a live run wait, and what is sent again."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

import httpx
import pytest

from vogent_contract.suite import pace
from vogent_contract.suite.exchange import Answer

LIMITED = Answer(429, httpx.Headers({"Retry-After": "0"}))
DONE = Answer(200)


class NewYear(datetime):
    """A clock that stands still."""

    @classmethod
    def now(cls, tz: tzinfo | None = UTC) -> NewYear:
        return cls(2026, 1, 1, tzinfo=tz)


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [
        ("5", 5),
        (" 2.5 ", 2.5),
        ("0", 0),
        ("-5", 0),
        ("1000", 60),
        ("inf", 60),
        ("Thu, 01 Jan 2026 00:00:30 GMT", 30),
        ("Thu, 01 Jan 2026 01:00:30 +0100", 30),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 60),
        ("Fri, 31 Dec 9999 23:59:59 -1200", 1),  # no date that can be computed with
        ("soon", 1),
        ("5, 6", 1),
        ("nan", 1),
        ("", 1),
        (None, 1),
    ],
)
def test_retry_after_is_read_in_every_form(
    retry_after: str | None, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seconds or a date, a minute at most, a second for what nobody can read."""
    monkeypatch.setattr(pace, "datetime", NewYear)
    assert seconds == pace.pause(retry_after)


@pytest.mark.parametrize(
    ("again", "answers", "status", "sent"),
    [
        (True, [DONE], 200, 1),
        (True, [LIMITED, LIMITED, DONE], 200, 3),
        (True, [LIMITED] * 9, 429, 1 + pace.RESENDS),
        (False, [LIMITED, DONE], 429, 1),
    ],
)
def test_only_what_creates_nothing_is_sent_again(
    again: bool, answers: list[Answer], status: int, sent: int
) -> None:
    """After 429 a request is sent some times more, one that could create never."""
    left = [*answers]
    answer = pace.Pace(1000).keep(lambda: left.pop(0), again=again)
    assert (status, sent) == (answer.status, len(answers) - len(left))


def test_requests_keep_their_distance(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next request waits for its turn, after 429 as long as it was told."""
    slept: list[float] = []
    monkeypatch.setattr(pace.time, "sleep", slept.append)
    monkeypatch.setattr(pace.time, "monotonic", lambda: 100.0)
    answers = [DONE, Answer(429, httpx.Headers({"Retry-After": "9"})), DONE]
    paced = pace.Pace(2)
    while answers:
        paced.keep(lambda: answers.pop(0), again=False)
    assert [0.0, 0.5, 9.0] == slept
