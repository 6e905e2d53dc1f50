"""Finds the part of a request for which it is refused, by comparing it with what is accepted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from vogent_contract.openapi import MISSING, Schema
from vogent_contract.openapi.document import join
from vogent_contract.suite.exchange import Call, Exchange

GIVEN, LEFT_OUT, CHOICE, AT_A_BOUND = "given", "left out", "choice", "at a bound"


class Trait(NamedTuple):
    """Something about a part of a request that may be why it is refused.

    Attributes:
        pointer: The part, such as `/query/limit`.
    """

    pointer: str
    kind: str
    value: str = ""


class Narrowing:
    """Knows what was accepted, and asks with one part changed where that does not tell.

    Args:
        ask: Sends a request that no rule judges; None if it may not be sent.
    """

    def __init__(self, ask: Callable[[Call], Exchange | None]) -> None:
        self._ask = ask
        self._accepted: dict[str, set[Trait]] = {}
        self._blamed: dict[str, set[Trait]] = {}

    def accepted(self, exchange: Exchange) -> None:
        """Take in a request that was accepted."""
        traits = self._accepted.setdefault(exchange.operation_id, set())
        traits |= set(traits_of(exchange))

    def part(self, exchange: Exchange) -> str:
        """Pointer of the one part for which a request is refused, empty if nobody can tell."""
        name = exchange.operation_id
        accepted = self._accepted.get(name, set())
        traits = [one for one in traits_of(exchange) if one not in accepted]
        known = [one for one in traits if one in self._blamed.get(name, set())]
        if known:
            return known[0].pointer
        blamed = self._of(traits) if accepted else None
        if blamed is None and exchange.outgoing.effect == "none":
            blamed = next((one for one in traits if self._is_accepted_without(exchange, one)), None)
        if blamed is None:
            return ""
        self._blamed.setdefault(name, set()).add(blamed)
        return blamed.pointer

    def is_for(self, exchange: Exchange, pointer: str) -> bool:
        """Whether a refused request has what others were refused for at a part of theirs."""
        blamed = self._blamed.get(exchange.operation_id, set())
        return any(one in blamed and one.pointer == pointer for one in traits_of(exchange))

    def _of(self, traits: list[Trait]) -> Trait | None:
        """The trait that all of them come from: a choice decides what else is given."""
        choices = [one for one in traits if one.kind == CHOICE]
        for alike in (choices, traits):
            if len({one.pointer for one in alike}) == 1:
                return alike[0]
        return None

    def _is_accepted_without(self, exchange: Exchange, trait: Trait) -> bool:
        """Whether the request is accepted with that part given or left out, if it can be."""
        call = _toggled(exchange, trait)
        again = None if call is None else self._ask(call)
        return again is not None and again.succeeded


def traits_of(exchange: Exchange) -> Iterator[Trait]:
    """What may be why a request is refused: optional parts, choices, and values at a bound."""
    operation, request = exchange.operation, exchange.request
    if operation is None or request is None:
        return
    for parameter in operation.parameters:
        if parameter.location == "query":
            value = request.query.get(parameter.name, MISSING)
            pointer = join("", "query", parameter.name)
            yield from _traits(pointer, parameter.schema, value, required=parameter.required)
    if operation.body is None:
        return
    for position in operation.body.schema.positions(request.body):
        pointer = join("", "body", *position.path)
        yield from _traits(pointer, position.schema, position.value, required=position.required)


def _traits(pointer: str, schema: Schema, value: Any, *, required: bool) -> Iterator[Trait]:
    if not required:
        yield Trait(pointer, LEFT_OUT if value is MISSING else GIVEN)
    if value is MISSING:
        return
    if schema.allowed_values:
        yield Trait(pointer, CHOICE, json.dumps(value))
    size = len(value) if isinstance(value, str) else value
    bounds = {schema.node.get(name) for name in ("minLength", "maxLength", "minimum", "maximum")}
    if isinstance(size, int) and size in bounds:
        yield Trait(pointer, AT_A_BOUND, json.dumps(size))


def _toggled(exchange: Exchange, trait: Trait) -> Call | None:
    """The request with an optional part given that was not, or left out that was."""
    operation, request, call = exchange.operation, exchange.request, exchange.outgoing.call
    if operation is None or request is None or trait.kind not in (GIVEN, LEFT_OUT):
        return None
    _, where, name, *below = trait.pointer.split("/")
    if below:
        return None
    if where == "query":
        path, _, query = call.target.partition("?")
        samples = {one.name: one.sample() for one in operation.parameters}
        given = dict(parse_qsl(query))
        return replace(call, target=f"{path}?{urlencode(_with(given, name, samples, trait))}")
    samples = operation.body.example() if operation.body else {}
    body = _with(dict(request.body), name, samples, trait)
    return replace(call, content=json.dumps(body).encode())


def _with(given: dict[str, Any], name: str, samples: dict[str, Any], trait: Trait) -> Any:
    if trait.kind == GIVEN:
        return {other: value for other, value in given.items() if other != name}
    return {**given, name: samples.get(name, "")}
