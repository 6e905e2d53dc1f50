"""The requests of a run as a picture: a lane for each operation, a mark for each request."""

from __future__ import annotations

import math
import statistics
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

from vogent_contract.suite.exchange import Exchange

WIDTH, HEIGHT = 1000, 40  # of a lane, in units of the picture
SHORTEST_MARK = 5
TONES = ("succeeded", "refused", "failed")  # the last is drawn last, on top of the others
ELSEWHERE = "other methods"  # than those of the contract
FASTEST = 1e-5  # seconds; what is faster is drawn as this


@dataclass(frozen=True)
class Mark:
    """A request in the picture.

    Attributes:
        x: When it was sent.
        top: Where its line ends; the slower the request, the higher.
        tone: `succeeded`, `refused` or `failed`.
        found: It is one of a finding.
    """

    exchange: Exchange
    x: float
    top: float
    tone: str
    found: bool


@dataclass(frozen=True)
class Lane:
    """The requests of one operation.

    Attributes:
        median, most, longest: Latencies in seconds; 95 of 100 requests took no longer than `most`.
    """

    name: str
    marks: list[Mark]
    median: float
    most: float
    longest: float


class Traffic:
    """When the requests of a run were sent, and how long they took.

    Attributes:
        began: When the first one was sent, in seconds since the epoch.
        seconds: From then to the end of the last answer.
        fastest, slowest: Latencies in seconds.
    """

    def __init__(self, exchanges: Sequence[Exchange]) -> None:
        answers = [one.answer for one in exchanges]
        self.exchanges = exchanges
        self.began = min((one.started for one in answers), default=0.0)
        self.seconds = max((one.started + one.elapsed for one in answers), default=0.0) - self.began
        self.fastest = min((one.elapsed for one in answers), default=0.0)
        self.slowest = max((one.elapsed for one in answers), default=0.0)

    def since(self, exchange: Exchange) -> float:
        """Seconds from the beginning of the run to a request."""
        return exchange.answer.started - self.began

    def lanes(self, names: Iterable[str], found: Container[int]) -> list[Lane]:
        """The lanes of the picture.

        Args:
            names: Operations whose lanes come first.
            found: Numbers of the requests that are in a finding.
        """
        lanes: dict[str, list[Exchange]] = {name: [] for name in names}
        for exchange in self.exchanges:
            lanes.setdefault(exchange.operation_id or ELSEWHERE, []).append(exchange)
        return [self._lane(name, those, found) for name, those in lanes.items() if those]

    def _lane(self, name: str, exchanges: Sequence[Exchange], found: Container[int]) -> Lane:
        marks = [self._mark(one, one.number in found) for one in exchanges]
        marks.sort(key=lambda mark: TONES.index(mark.tone))
        latencies = sorted(one.answer.elapsed for one in exchanges)
        most = latencies[math.ceil(0.95 * len(latencies)) - 1]
        return Lane(name, marks, statistics.median(latencies), most, latencies[-1])

    def _mark(self, exchange: Exchange, found: bool) -> Mark:
        x = WIDTH * self.since(exchange) / (self.seconds or 1)
        span = _scaled(self.slowest) - _scaled(self.fastest)
        share = (_scaled(exchange.answer.elapsed) - _scaled(self.fastest)) / (span or 1)
        height = SHORTEST_MARK + share * (HEIGHT - SHORTEST_MARK)
        return Mark(exchange, round(x, 1), round(HEIGHT - height, 1), tone(exchange), found)


def tone(exchange: Exchange) -> str:
    """How a request ended, one of `TONES`: 2xx, 4xx, or anything else."""
    if exchange.succeeded:
        return "succeeded"
    return "refused" if exchange.refused else "failed"


def _scaled(seconds: float) -> float:
    """Latencies span from under a millisecond to many seconds: a logarithm shows both."""
    return math.log(max(seconds, FASTEST))
