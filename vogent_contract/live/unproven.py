"""Creating requests that were not done, if their answers can be believed.

A look through the account's list proves it. One look is enough for many refusals: each counts
against the budget until then, so that a server which sells all the same cannot sell too much.
"""

from __future__ import annotations

from vogent_contract.suite.exchange import Exchange, Expectation


class Unproven:
    """What did not succeed and was not looked after since.

    Attributes:
        exchanges: Those since the latest look, oldest first.
        doubts: How many refusals the account could not be seen whole after.
    """

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []
        self.doubts = 0
        self._kinds: set[tuple[str, str]] = set()  # that were looked after once

    @property
    def refusals(self) -> int:
        """How many refusals wait for a look. What has no clear answer is counted elsewhere."""
        return sum(exchange.refused for exchange in self.exchanges)

    def may_wait(self, exchange: Exchange) -> bool:
        """Whether the look after it may come later: one like it has been refused and not done."""
        as_expected = exchange.refused and exchange.expects is Expectation.REFUSED
        return as_expected and _kind(exchange) in self._kinds

    def looked(self, whole: bool) -> list[Exchange]:
        """The account was looked through, perhaps not to its end; gives what waited for it."""
        waited = self.exchanges
        if whole:
            self._kinds.update(_kind(one) for one in waited if one.refused)
        else:
            self.doubts += self.refusals
        self.exchanges = []
        return waited


def _kind(exchange: Exchange) -> tuple[str, str]:
    return exchange.outgoing.name, exchange.credential
