"""schemathesis makes requests of the contract; this is the one module that knows it."""

from __future__ import annotations

import copy
import datetime
import functools
from collections.abc import Iterator
from typing import Any

import httpx
import hypothesis
import requests
import schemathesis
from hypothesis import strategies as st

from vogent_contract.openapi import Contract, Operation, Violation
from vogent_contract.suite.exchange import Call, Exchange, Expectation, Outgoing
from vogent_contract.suite.run import Run
from vogent_contract.suite.supplies import Supplies

Case = schemathesis.Case[Any]
NOWHERE = "http://127.0.0.1/"  # schemathesis wants a server; the wire has the real one
NO_CONTENT = ("GET", "DELETE", "HEAD")
OWN_HEADERS = ("authorization", "content-type")  # made from the call, whatever was generated


def schema(contract: Contract) -> schemathesis.BaseSchema:
    """The contract as schemathesis reads it."""
    config = schemathesis.Config.from_dict({"base-url": NOWHERE})
    document = copy.deepcopy(dict(contract.document.raw))
    return schemathesis.openapi.from_dict(document, config=config)


def derived_cases(source: schemathesis.BaseSchema, operation: Operation) -> list[Case]:
    """Requests made of an operation's examples and of each keyword of its schemas."""
    target = source[operation.path][operation.method]
    examples = [_first(strategy) for strategy in target.get_strategies_from_examples()]
    config = source.config.generation_for(operation=target)
    coverage = source.iter_coverage_cases(
        target, generation_modes=config.modes, generation_config=config
    )
    return [*examples, *coverage]


def _first(strategy: st.SearchStrategy[Case]) -> Case:
    """The simplest case of a strategy."""
    found: list[Case] = []

    @hypothesis.settings(max_examples=1, database=None, deadline=None, derandomize=True)
    @hypothesis.given(strategy)
    def keep(case: Case) -> None:
        found.append(case)

    keep()
    return found[0]


def random_cases(source: schemathesis.BaseSchema, operation: Operation) -> st.SearchStrategy[Case]:
    """Random requests of an operation, valid and invalid."""
    target = source[operation.path][operation.method]
    modes = [target.as_strategy(generation_mode=mode) for mode in schemathesis.GenerationMode]
    return st.one_of(modes)


def is_valid(case: Case) -> bool:
    """Whether schemathesis made the case to keep the contract."""
    return case.meta is None or case.meta.generation.mode.is_positive


def is_elsewhere(case: Case) -> bool:
    """Whether the case is about another method or credential: they have tests of their own."""
    data = case.meta.phase.data if case.meta else None
    other_method = case.method != case.operation.method.upper()
    return other_method or getattr(data, "parameter", None) == "Authorization"


def call_of(case: Case, expects: Expectation = Expectation.UNKNOWN) -> Call:
    """The request of a case."""
    arguments = case.as_transport_kwargs()
    arguments.pop("cookies", None)
    prepared = requests.Request(**arguments).prepare()
    body = prepared.body or b""
    content = body.encode() if isinstance(body, str) else bytes(body)
    given = dict(case.headers or {})
    headers = {name: str(given[name]) for name in given if name.lower() not in OWN_HEADERS}
    content_type = prepared.headers.get("Content-Type")
    if not content and case.method in NO_CONTENT:
        content_type = None  # of nothing; a server may refuse to read it
    return Call(
        case.method, prepared.path_url, content, content_type, expects=expects, headers=headers
    )


def fill(case: Case, supplies: Supplies) -> None:
    """Put what exists in the place of the contract's examples, and leave out what has none."""
    case.path_parameters = supplies.filled(dict(case.path_parameters or {}))
    case.body = supplies.filled(case.body)
    case.query = {name: value for name, value in (case.query or {}).items() if value != ""}


def fill_by_name(case: Case, supplies: Supplies) -> None:
    """Put what exists into a random case, by the names of its parameters and properties."""
    case.path_parameters = supplies.with_existing(dict(case.path_parameters or {}))
    case.body = supplies.with_existing(case.body)


class Derived:
    """Requests that schemathesis makes of an operation's examples, types, bounds and properties.

    Quick profile: for each distinct violation the null case and one other, each distinct valid case
    once. Full profile: all.
    """

    def __init__(self, run: Run, supplies: Supplies) -> None:
        self._run = run
        self._supplies = supplies
        self._seen: set[str] = set()
        self._chosen: dict[str, list[tuple[Case, Outgoing]]] = {}

    def refusals(self, operation: Operation) -> Iterator[Call]:
        """Requests that break the contract, in the order in which schemathesis makes them."""
        for case, outgoing in self._cases(operation):
            if outgoing.violations:
                yield self._call(case, Expectation.REFUSED)

    def requests(self, operation: Operation) -> Iterator[Call]:
        """Requests that keep it, and some with parameters that it does not know."""
        for case, outgoing in self._cases(operation):
            if not outgoing.violations:
                known = is_valid(case)
                yield self._call(case, Expectation.ALLOWED if known else Expectation.UNKNOWN)

    def _call(self, case: Case, expects: Expectation) -> Call:
        """The request of a case, with what exists in it."""
        fill(case, self._supplies)
        return call_of(case, expects)

    @functools.cached_property
    def _schema(self) -> schemathesis.BaseSchema:
        """Read when it is needed: that takes a while."""
        return schema(self._run.contract)

    def _cases(self, operation: Operation) -> list[tuple[Case, Outgoing]]:
        """The cases of an operation that are worth sending."""
        if operation.id not in self._chosen:
            self._chosen[operation.id] = []
            for case in derived_cases(self._schema, operation):
                if is_elsewhere(case):
                    continue
                outgoing = self._run.plan(call_of(case))
                if self._keeps(case, outgoing):
                    self._chosen[operation.id].append((case, outgoing))
        return self._chosen[operation.id]

    def _keeps(self, case: Case, outgoing: Outgoing) -> bool:
        """Whether a case is worth sending; it is asked in the order in which cases are made."""
        if outgoing.only_assumed:
            return False
        if self._run.options.full:
            return True
        if outgoing.violations:
            return self._keeps_invalid(outgoing)
        if not is_valid(case):
            unknown = outgoing.request is not None and outgoing.request.query
            return bool(unknown) and self._is_new(f"{outgoing.name} unknown")
        data = case.meta.phase.data if case.meta else None
        near_boundary = "Near-boundary" in str(getattr(data, "description", ""))
        buys = self._supplies.asks_for_an_offer(outgoing.body)  # scenes do: a small shop must do
        if near_boundary or buys or outgoing.request is None:
            return False
        query = sorted(item for item in outgoing.request.query.items() if item[1] != "")
        return self._is_new(f"{outgoing.name} {outgoing.body!r} {query!r}")

    def _keeps_invalid(self, outgoing: Outgoing) -> bool:
        first = outgoing.violations[0]
        way = [(one.pointer, one.keyword) for one in outgoing.violations]
        if first.got == "null":
            return self._is_new(f"{outgoing.name} {way} null")
        if self._has_a_look_alike(first):
            return False
        return self._is_new(f"{outgoing.name} {way} other")

    def _has_a_look_alike(self, violation: Violation) -> bool:
        """Whether a scalar has the wrong type: test_look_alikes sends a better value than these."""
        if violation.keyword != "type" or not violation.pointer.startswith("/body"):
            return False
        types = self._run.contract.document.at(violation.schema)
        return "object" not in types and "array" not in types and "null" not in types

    def _is_new(self, key: str) -> bool:
        new = key not in self._seen
        self._seen.add(key)
        return new


def walk_links(
    run: Run,
    supplies: Supplies,
    source: schemathesis.BaseSchema,
    settings: hypothesis.settings,
    seed: int | None,
) -> None:
    """Walk along the contract's links: search, buy, read, link, release."""

    class Walk(source.as_state_machine()):  # type: ignore[misc] # the class is made at run time
        def call(self, case: Case, **_: Any) -> schemathesis.Response:
            fill(case, supplies)
            if not supplies.exists_in(case.path_parameters, case.body):
                fill_by_name(case, supplies)
            call = call_of(case)
            exchange = None if run.plan(call).only_assumed else run.send(call)
            if exchange is None or exchange.status is None:
                hypothesis.reject()
            return schemathesis.Response.from_any(_response(exchange))

        def validate_response(self, *_: Any, **__: Any) -> None:
            """The rules have judged the answer already."""

    if seed is not None:
        hypothesis.seed(seed)(Walk)
    Walk.run(settings=settings)


def _response(exchange: Exchange) -> httpx.Response:
    """The answer as schemathesis takes it."""
    answer = exchange.answer
    headers = [(name, value) for name, value in answer.headers.multi_items()]
    decoded = [(name, value) for name, value in headers if name.lower() != "content-encoding"]
    request = httpx.Request(exchange.outgoing.call.method, exchange.outgoing.url)
    response = httpx.Response(
        answer.status or 0, headers=decoded, content=answer.body, request=request
    )
    response.elapsed = datetime.timedelta(seconds=answer.elapsed)
    return response
