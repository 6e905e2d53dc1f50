"""Finds the calls without which a finding would not have come: a slice of the run's traffic.

It goes backwards from the accused request. An id, number or cursor in it that an answer gave leads
to the call that was answered; a phone number that it is about leads to the call that made it, and
to those that changed and released it last. Everything else of the run is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

from vogent_contract.suite.account import listed, names_asked
from vogent_contract.suite.exchange import Exchange
from vogent_contract.suite.findings import Finding

LIST = "listPhoneNumbers"
PLAIN = re.compile(r"[\w-]+", re.ASCII)
# Rules that are broken by how many phone numbers the pages of the list show.
COUNTING = ("list-limit", "list-unique", "list-is-complete", "paging-ends")


@dataclass(frozen=True)
class Source:
    """The answer that gave a value, and where in it."""

    exchange: Exchange
    pointer: str


class Past:
    """The traffic of a run, to look back in.

    Args:
        exchanges: All of a run, in order.
    """

    def __init__(self, exchanges: Sequence[Exchange]) -> None:
        self._exchanges = exchanges
        self._done: dict[str, list[Exchange]] = {}  # by id, number or name
        for exchange in exchanges:
            if exchange.succeeded and exchange.outgoing.effect != "none":
                for key in _concerned(exchange):
                    self._done.setdefault(key, []).append(exchange)

    def leading_to(self, finding: Finding) -> list[Exchange]:
        """The calls that lead to a finding, in order; the last one shows what is wrong."""
        ends = [one for one in (finding.exchange, finding.against) if one is not None]
        if not ends:
            return []
        last = max(ends, key=lambda one: one.number)
        needed = list(ends)
        for end in ends:
            for value in values_sent(end):
                needed += self._state(value, end)
        for key in self._subjects(finding, ends):
            needed += self._state(key, last)
        offered = self.source(finding.about, last) if finding.about else None
        if offered is not None:
            needed.append(offered.exchange)
        needed += self._listed_before(finding, last)
        return self._with_sources(needed)

    def source(self, value: str, reader: Exchange) -> Source | None:
        """The answer from which a value is known before a request; None if a request sent it first.

        A cursor is that of the latest page, anything else of the first answer that gave it.
        """
        first = self._first(value, self._exchanges[: reader.number - 1])
        if first is None or not first.pointer.endswith("/cursor"):
            return first
        for exchange in self._exchanges[reader.number - 2 :: -1]:
            if isinstance(exchange.value, dict) and exchange.value.get("cursor") == value:
                return Source(exchange, "/cursor")
        return first

    def pages(self, page: Exchange) -> list[Exchange]:
        """A page of the list and those before it, by whose cursors it was reached."""
        found = self._with_sources([page])
        return [one for one in found if one.operation_id == LIST]

    def _first(self, value: str, exchanges: Iterable[Exchange]) -> Source | None:
        trace = value.lstrip("+")  # nothing encodes it, so where it is not, the value is not
        trace = trace if PLAIN.fullmatch(trace) else ""
        for exchange in exchanges:
            call = exchange.outgoing.call
            sent = trace in call.target or trace.encode() in call.content
            if sent and value in values_sent(exchange):
                return None
            for pointer, text in (
                texts(exchange.value) if trace.encode() in exchange.answer.body else ()
            ):
                if text == value and not pointer.endswith("/agentId"):  # no call makes agents
                    return Source(exchange, pointer)
        return None

    def _state(self, key: str, before: Exchange) -> list[Exchange]:
        """What made a phone number, and what linked, changed and released it last."""
        found = self._makers(key, before)
        identity = _id_in(found[0]) if found else key
        since = found[0].number if found else 0
        done = self._done.get(identity, ())
        done = [one for one in done if since < one.number < before.number]
        changes = [one for one in done if one.outgoing.effect == "changes"]
        linked = [one for one in changes if isinstance(one.body, dict) and one.body.get("agentId")]
        released = [one for one in done if one.outgoing.effect == "releases"]
        return [*found, *linked[-1:], *changes[-1:], *released[-1:]]

    def _makers(self, key: str, before: Exchange) -> list[Exchange]:
        """What made the phone number with an id, number or name last, none if nothing did."""
        done = [one for one in self._done.get(key, ()) if one.number < before.number]
        return [one for one in done if one.outgoing.effect == "creates"][-1:]

    def _subjects(self, finding: Finding, ends: Sequence[Exchange]) -> set[str]:
        """Ids, numbers and names that a finding tells of or that stand where something is wrong."""
        told = f"{finding.about} {finding.expected} {finding.got}"
        found = {word.strip('",') for word in told.split()}
        for end in ends:
            item = finding.item if end is finding.exchange else {}
            here = {item[name] for name in ("id", "number") if isinstance(item.get(name), str)}
            in_list = end.operation_id == LIST and "/data/" in finding.pointer
            if in_list and here.isdisjoint(self._done):  # it is found by its index alone
                here = {_id_in(one) for one in self._alive(end)}
            found |= here
        return found & {*self._done}

    def _listed_before(self, finding: Finding, page: Exchange) -> list[Exchange]:
        """What made the phone numbers that the pages up to this one show, if they matter."""
        if page.operation_id != LIST:
            return []
        if finding.exchange is not None and finding.exchange.outgoing.effect == "releases":
            return self._gone_with_it(page)
        of_cursor = finding.pointer == "/cursor"
        if not of_cursor and finding.rule not in COUNTING:
            return []
        shown = self._shown_until(page)
        alive = self._alive(page)
        found = [one for one in alive if _id_in(one) in shown]
        repeated = len(set(shown)) < len(shown)
        if repeated or (of_cursor and finding.rule not in COUNTING):  # there is a further page
            found += [one for one in alive if _id_in(one) not in shown][:1]
        return found

    def _gone_with_it(self, page: Exchange) -> list[Exchange]:
        """What made a phone number that the whole list does not show, though nothing released it.

        A wrong release may have removed it in place of another.
        """
        if not isinstance(page.value, dict) or page.value.get("cursor") is not None:
            return []
        shown = self._shown_until(page)
        return [one for one in self._alive(page) if _id_in(one) not in shown][:1]

    def _shown_until(self, page: Exchange) -> list[str]:
        """The ids that a page of the list and those before it show."""
        shown = []
        for one in self.pages(page):
            shown += [str(item.get("id")) for item in listed(one.value) if isinstance(item, dict)]
        return shown

    def _alive(self, before: Exchange) -> list[Exchange]:
        """What made the phone numbers that the account has before an exchange."""
        earlier = self._exchanges[: before.number - 1]
        done = [one for one in earlier if one.succeeded]
        gone = {one.path_id for one in done if one.outgoing.effect == "releases"}
        made = [one for one in done if one.outgoing.effect == "creates"]
        return [one for one in made if _id_in(one) not in gone]

    def _shown_by(self, source: Source) -> list[Exchange]:
        """If the list gave a value: what made the phone number that it is of, by its number."""
        _, data, index, *_ = [*source.pointer.split("/"), "", "", ""]
        if source.exchange.operation_id != LIST or data != "data":
            return []
        item = listed(source.exchange.value)[int(index)]
        number = item.get("number") if isinstance(item, dict) else None
        return self._makers(str(number), source.exchange)

    def _with_sources(self, needed: Sequence[Exchange]) -> list[Exchange]:
        """Exchanges, with those whose answers gave what their requests send; in order."""
        found: dict[int, Exchange] = {}
        waiting = list(needed)
        while waiting:
            exchange = waiting.pop()
            if exchange.number in found:
                continue
            found[exchange.number] = exchange
            for value in set(values_sent(exchange)):
                source = self.source(value, exchange)
                if source is not None:
                    waiting += [source.exchange, *self._shown_by(source)]
        return [found[number] for number in sorted(found)]


def values_sent(exchange: Exchange) -> Iterator[str]:
    """The texts in a request that another answer may have given."""
    path, _, query = exchange.outgoing.target.partition("?")
    for part in path.split("/"):
        yield unquote(part)
    for _name, value in parse_qsl(query, keep_blank_values=True):
        yield value
    for _pointer, text in texts(body_sent(exchange)):
        yield text


def body_sent(exchange: Exchange) -> Any:
    """The JSON value of a request's body, under whichever content type; None if it is none."""
    try:
        return json.loads(exchange.outgoing.call.content)
    except (ValueError, RecursionError):
        return None


def texts(value: Any, pointer: str = "") -> Iterator[tuple[str, str]]:
    """The strings in a JSON value with their pointers."""
    if isinstance(value, str) and value:
        yield pointer, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            token = name.replace("~", "~0").replace("/", "~1")
            yield from texts(inner, f"{pointer}/{token}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from texts(inner, f"{pointer}/{index}")


def _concerned(exchange: Exchange) -> set[str]:
    """The id of the phone number that a request made, changed or released; what it asked for."""
    if exchange.outgoing.effect != "creates":
        return {exchange.path_id}
    return {*names_asked(exchange), _id_in(exchange)} - {""}


def _id_in(exchange: Exchange) -> str:
    """The id in an answer about one phone number, empty if there is none."""
    value = exchange.value
    key = value.get("id") if isinstance(value, dict) else None
    return key if isinstance(key, str) else ""
