"""Faults of running systems: two requests at once, time, repetition, what a client says it accepts."""

import re
import time
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

from .fault import Fault, Install, Right, crash, do, refuse, refused, then
from .server import Call, Record, Refusal, Response, Server


def _row(
    fault_id: str, text: str, install: Install, *, assumed: bool = False, grey: bool = False
) -> Fault:
    return Fault(fault_id, "unlisted", text, install, assumed, grey)


def _race(op: str) -> Install:
    """Between looking and selling there is time for another sale."""

    def install(server: Server) -> None:
        server.lock = nullcontext()

        def selling(call: Call, right: Right) -> Any:
            number = (
                call.body["number"]
                if op == "purchase"
                else (call.body.get("purchase") or {}).get("number")
            )
            if number and server.on_sale(number):
                time.sleep(0.03)
                server.sold.discard(number)
            return right(call)

        do(op, selling)(server)

    return install


def _list_lags(server: Server) -> None:
    """The list comes from a copy that is 0.3 s old."""
    copies: list[tuple[float, list[Record]]] = [(0.0, [])]
    ordered = server.ordered

    def lagging() -> list[Record]:
        return next(copy for at, copy in reversed(copies) if at < time.monotonic() - 0.3)

    server.valid.append(
        lambda call: (
            copies.append((time.monotonic(), [replace(r) for r in ordered()]))
            if call.op != "list"
            else None
        )
    )
    server.after.append(
        lambda call: (
            copies.append((time.monotonic(), [replace(r) for r in ordered()]))
            if call.op != "list"
            else None
        )
    )
    server.ordered = lagging


def _get_lags(server: Server) -> None:
    """A new number can be read after 0.2 s."""
    born: dict[str, float] = {}
    keep, find = server.keep, server.find

    def keeping(number: str, kind: str) -> Record:
        record = keep(number, kind)
        born[record.id] = time.monotonic()
        return record

    def finding(call: Call) -> Record:
        if call.op == "get" and time.monotonic() - born.get(call.id, 0.0) < 0.2:
            raise Refusal("unknown_id")
        return find(call)

    server.keep, server.find = keeping, finding


def _expires(server: Server) -> None:
    right = server.authorised
    server.authorised = lambda call: right(call) and sum(server.calls.values()) <= 150


def _resurrects(server: Server) -> None:
    """A number that is bought again is there twice, under the old id and the new."""
    gone: dict[str, Record] = {}
    drop, keep = server.drop, server.keep

    def dropping(record: Record) -> None:
        gone[record.number] = record
        drop(record)

    def keeping(number: str, kind: str) -> Record:
        if number in gone:
            server.records[gone[number].id] = gone[number]
        return keep(number, kind)

    server.drop, server.keep = dropping, keeping


def _inherits(server: Server) -> None:
    """A new number is linked to the agent that was linked last."""
    last: list[str | None] = [None]
    keep = server.keep

    def keeping(number: str, kind: str) -> Record:
        record = keep(number, kind)
        record.agent = last[0]
        return record

    then(lambda call: last.__setitem__(0, call.body.get("agentId") or last[0]), "update")(server)
    server.keep = keeping


def _toggles(call: Call, right: Right) -> Any:
    record = call.server.find(call)
    if record.agent and record.agent == call.body.get("agentId"):
        call.body["agentId"] = ""
    return right(call)


def _same_link(call: Call) -> bool:
    record = call.server.records.get(call.id)
    return bool(
        record
        and record.agent
        and isinstance(call.body, dict)
        and record.agent == call.body.get("agentId")
    )


def _mass_assignment(call: Call, right: Right) -> Any:
    record = call.server.find(call)
    for name in ("number", "type"):
        if isinstance(call.body.get(name), str):
            setattr(record, name, call.body[name])
    return right(call)


def _json_406(call: Call) -> None:
    if call.headers.get("accept", "").strip() == "application/json" and call.response.status == 200:
        call.response = Response(406)


def _any_html(call: Call) -> None:
    if (
        call.headers.get("accept", "*/*").strip() == "*/*"
        and call.response.status == 200
        and call.op == "list"
    ):
        call.response = Response(200, raw=b"<table></table>", content_type="text/html")


def _after(hook: Any) -> Install:
    return lambda server: server.after.append(hook)


def _release_frees_twice(server: Server) -> None:
    """Releasing one number puts all sold ones on sale again."""
    then(lambda call: call.server.sold.clear(), "delete")(server)


def _refusal_locks(call: Call) -> None:
    """A refused purchase takes the number after it off sale."""
    free = next((number for number in call.server.stock if call.server.on_sale(number)), None)
    if free and call.op in ("purchase", "create"):
        call.server.sold.add(free)


def _second_unknown(server: Server) -> None:
    """The first request with an unknown id is refused, from the second on it is a 500."""
    seen: list[str] = []

    def hook(call: Call) -> None:
        if call.op == "get" and call.id not in server.records:
            seen.append(call.id)
            call.response.status = 500 if len(seen) > 1 else call.response.status

    server.after.append(hook)


def _search_tires(call: Call, right: Right) -> Any:
    return right(call) if call.nth % 6 else []


UNLISTED: tuple[Fault, ...] = (
    _row("race-purchase", "two purchases at once both get the number", _race("purchase")),
    _row("race-create", "two creates at once both get the number", _race("create")),
    _row("list-lags", "the list is 0.3 s old", _list_lags, assumed=True),
    _row("get-lags", "a new number can be read after 0.2 s", _get_lags, assumed=True),
    _row("auth-expires", "after 150 calls the key is no longer accepted", _expires),
    _row("rebuy-resurrects", "a number that is bought again is there twice", _resurrects),
    _row(
        "purchase-inherits",
        "a new number has the agent that was linked last",
        _inherits,
        assumed=True,
    ),
    _row("link-toggles", "linking the same agent again unlinks", do("update", _toggles)),
    _row(
        "refuses-same-link",
        "linking the same agent again is refused",
        refuse(_same_link, "update"),
        assumed=True,
    ),
    _row("500-same-link", "linking the same agent again is a 500", crash(_same_link, "update")),
    _row(
        "update-mass-assignment",
        "update takes number and type as well",
        do("update", _mass_assignment),
        assumed=True,
    ),
    _row("accept-json-406", "Accept: application/json gets 406", _after(_json_406), grey=True),
    _row("accept-any-html", "Accept: */* gets a list in HTML", _after(_any_html), grey=True),
    _row(
        "delete-frees-all",
        "releasing a number puts all sold ones on sale again",
        _release_frees_twice,
    ),
    _row(
        "refusal-locks",
        "a refused purchase takes another number off sale",
        refused(_refusal_locks, "purchase", "create"),
        assumed=True,
        grey=True,
    ),
    _row("500-second-unknown", "the second unknown id is a 500", _second_unknown),
    _row(
        "500-id-slash",
        "an id with an escaped slash is a 500",
        crash(lambda call: "/" in call.id, "get", "update", "delete"),
    ),
    _row(
        "500-id-percent",
        "an id with a percent sign is a 500",
        crash(lambda call: "%" in call.id, "get", "update", "delete"),
        grey=True,
    ),
    _row(
        "500-id-space",
        "an id with a space is a 500",
        crash(lambda call: " " in call.id, "get", "update", "delete"),
        grey=True,
    ),
    _row(
        "500-id-dots",
        "an id with two dots is a 500",
        crash(lambda call: ".." in call.id, "get"),
        grey=True,
    ),
    _row(
        "500-limit-float",
        "search fails on the limit 5.0",
        crash(
            lambda call: isinstance(call.body, dict) and isinstance(call.body.get("limit"), float),
            "search",
        ),
        grey=True,
    ),
    _row(
        "500-prefix-15",
        "search fails on a prefix of more than ten digits",
        crash(
            lambda call: (
                isinstance(call.body, dict)
                and re.fullmatch("[0-9]{11,}", str(call.body.get("prefix"))) is not None
            ),
            "search",
        ),
        grey=True,
    ),
    _row("search-every-6-empty", "every 6th search finds nothing", do("search", _search_tires)),
)
