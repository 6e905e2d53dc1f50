"""Faults that show over several calls, and faults that show only now and then."""
# ruff: noqa: E501 - a table reads best with one fault a line

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from .fault import (
    NUMBERS,
    Fault,
    Install,
    PhoneNumber,
    Right,
    When,
    always,
    answer,
    body,
    both,
    crash,
    do,
    each,
    every,
    records,
    refused,
    shown,
    then,
    wire,
)
from .server import Call, Crash, Record, Refusal, Server


def _row(  # noqa: PLR0913 - a row of the table
    fault_id: str,
    text: str,
    install: Install,
    *,
    assumed: bool = False,
    grey: bool = False,
    variant: str = "plain",
) -> Fault:
    return Fault(fault_id, "sequences", text, install, assumed, grey, variant)


def _now_and_then(
    fault_id: str, text: str, install: Install, *, assumed: bool = False, grey: bool = False
) -> Fault:
    return Fault(fault_id, "sometimes", text, install, assumed, grey)


def _mine(call: Call) -> Record | None:
    """The record that a success is about."""
    wanted = call.response.body.get("id") if isinstance(call.response.body, dict) else None
    return call.server.records.get(str(wanted))


def _change(change: Callable[[Record, Call], None]) -> Callable[[Call], None]:
    """An effect on the stored record, after the right answer."""

    def effect(call: Call) -> None:
        record = _mine(call)
        if record:
            change(record, call)

    return effect


def _set(**values: Any) -> Callable[[Record, Call], None]:
    def change(record: Record, call: Call) -> None:
        del call
        for name, value in values.items():
            setattr(record, name, value)

    return change


def _agent(change: Callable[[Any], Any]) -> Callable[[Record, Call], None]:
    def effect(record: Record, call: Call) -> None:
        del call
        if record.agent is not None:
            record.agent = change(record.agent)

    return effect


def _stored(change: Callable[[Any], Any]) -> Install:
    """Update stores another agent than it was given, and says so."""

    def update(call: Call, right: Right) -> Any:
        if call.body.get("agentId"):
            call.body["agentId"] = change(call.body["agentId"])
        return right(call)

    return do("update", update)


def _others(call: Call) -> list[Record]:
    return [record for record in records(call) if record.id != call.id]


def _unlinks(pick: Callable[[Call], list[Record]]) -> Callable[[Call], None]:
    def effect(call: Call) -> None:
        for record in pick(call):
            record.agent = None

    return effect


def _sold_again(*ops: str) -> Install:
    def forget(call: Call) -> None:
        if call.op in ops:
            number = (
                call.body["number"]
                if call.op == "purchase"
                else (call.body.get("purchase") or {}).get("number")
            )
            call.server.sold.discard(str(number))

    return lambda server: server.valid.append(forget)


def _same_record_again(call: Call, right: Right) -> Any:
    """A number that is in the account is answered with what is there."""
    there = next(
        (record for record in records(call) if record.number == call.body.get("number")), None
    )
    return call.server.show(call, there) if there else right(call)


def _next_number(call: Call, right: Right) -> Any:
    number = call.body["number"]
    free = [other for other in call.server.stock if call.server.on_sale(other) and other != number]
    if call.server.on_sale(number) and free:
        call.body["number"] = free[0]
    return right(call)


def _create_next(call: Call, right: Right) -> Any:
    if call.body["type"] == "purchase":
        _next_number(replace(call, body=call.body["purchase"]), lambda _: None)
    return right(call)


def _keeps(only: Callable[[Record], bool] = bool) -> Install:
    def install(server: Server) -> None:
        right = server.drop
        server.drop = lambda record: None if only(record) else right(record)

    return install


def _deletes_too(pick: Callable[[Call], list[Record]]) -> Install:
    def effect(call: Call) -> None:
        for record in pick(call):
            call.server.drop(record)

    return then(effect, "delete")


def _delete_other(call: Call, right: Right) -> Any:
    record = call.server.find(call)
    others = _others(call)
    if not others:
        return right(call)
    call.server.drop(others[-1])
    return call.server.show(call, record)


def _ghost(*ops: str) -> Install:
    """A released number is still there for some operations."""

    def install(server: Server) -> None:
        gone: dict[str, Record] = {}
        drop, find = server.drop, server.find

        def dropping(record: Record) -> None:
            gone[record.id] = record
            drop(record)

        server.drop = dropping
        server.find = lambda call: (
            gone[call.id] if call.op in ops and call.id in gone else find(call)
        )
        if "list" in ops:
            right = server.ordered
            server.ordered = lambda: [
                *right(),
                *(record for record in gone.values() if record.id not in server.records),
            ]

    return install


def _list(change: Callable[[list[Record], Server], list[Record]]) -> Install:
    def install(server: Server) -> None:
        right = server.ordered
        server.ordered = lambda: change(right(), server)

    return install


def _page(change: Callable[[dict[str, Any], Call], None], when: When = always) -> Install:
    return answer(lambda call: change(call.response.body, call), "list", when=when)


def _stale_list(server: Server) -> None:
    right, cache = server.do["list"], {}

    def cached(call: Call) -> Any:
        key = str(sorted(call.query.items()))
        if key not in cache:
            cache[key] = right(call)
        return copy.deepcopy(cache[key])

    server.do["list"] = cached


def _late_list(server: Server) -> None:
    """The list shows the account as it was before the last write."""
    before: list[list[Record]] = [[]]
    right = server.ordered
    server.valid.append(
        lambda call: (
            before.__setitem__(0, [replace(r) for r in right()])
            if call.op in ("purchase", "create", "update", "delete")
            else None
        )
    )
    server.ordered = lambda: (
        before[0] if server.calls["purchase"] + server.calls["create"] else right()
    )


def _late_get(server: Server) -> None:
    """Get shows a number as it was when it was first read."""
    right, cache = server.do["get"], {}

    def cached(call: Call) -> Any:
        call.server.find(call)
        if call.id not in cache:
            cache[call.id] = right(call)
        return copy.deepcopy(cache[call.id])

    server.do["get"] = cached


def _limit_plus(extra: int) -> Install:
    def install(server: Server) -> None:
        def more(call: Call) -> None:
            if call.op == "list" and "limit" in call.query:
                call.query["limit"] = [str(int(call.query["limit"][0]) + extra)]

        server.valid.append(more)

    return install


def _no_cursor(call: Call) -> None:
    if call.op == "list":
        call.query.pop("cursor", None)


def _repeat_last(page: dict[str, Any], call: Call) -> None:
    """Each page starts with the last item of the page before."""
    index = next(
        (
            i
            for i, r in enumerate(call.server.ordered())
            if page["data"] and r.id == page["data"][0]["id"]
        ),
        0,
    )
    if index:
        page["data"].insert(0, call.server.show(call, call.server.ordered()[index - 1]))


def _skip_first(page: dict[str, Any], call: Call) -> None:
    del call
    del page["data"][:1]


def _endless(page: dict[str, Any], call: Call) -> None:
    page["cursor"] = page["cursor"] or call.query.get("cursor", ["bGFzdA=="])[0]


def _round(page: dict[str, Any], call: Call) -> None:
    """The last page leads to the first."""
    del call
    page["cursor"] = page["cursor"] or "Zmlyc3Q="


def _cursors_known(server: Server) -> None:
    right = server.do["list"]

    def listing(call: Call) -> Any:
        if call.query.get("cursor", [""])[0] in ("bGFzdA==", "Zmlyc3Q="):
            del call.query["cursor"]
        return right(call)

    server.do["list"] = listing


def _search(change: Callable[[list[str], Server], list[str]]) -> Install:
    def install(server: Server) -> None:
        right = server.matching
        server.matching = lambda asked: change(right(asked), server)

    return install


def _search_asked(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Install:
    def install(server: Server) -> None:
        right = server.do["search"]

        def search(call: Call) -> Any:
            call.body = change(dict(call.body))
            return right(call)

        server.do["search"] = search

    return install


def _reserves(server: Server) -> None:
    """What a search shows is not shown again."""
    seen: set[str] = set()
    right = server.do["search"]
    match = server.matching
    server.matching = lambda asked: [number for number in match(asked) if number not in seen]

    def search(call: Call) -> Any:
        found = right(call)
        seen.update(offer["number"] for offer in found)
        return found

    server.do["search"] = search


def _unbuyable(server: Server) -> None:
    """The first offer cannot be bought."""
    shown_first: set[str] = set()
    server.after.append(
        lambda c: (
            shown_first.update(o["number"] for o in c.response.body[:1])
            if c.ok and c.op == "search" and not shown_first
            else None
        )
    )

    def hook(call: Call) -> None:
        number = (
            (call.body.get("purchase") or call.body).get("number")
            if call.op in ("purchase", "create")
            else None
        )
        if number in shown_first:
            raise Refusal("unknown_number")

    server.valid.append(hook)


def _offers_ghosts(server: Server) -> None:
    """The last offer does not exist."""
    server.after.append(
        lambda c: (
            c.response.body[-1].update({"number": c.response.body[-1]["number"][:-2] + "99"})
            if c.ok and c.op == "search" and c.response.body
            else None
        )
    )


def _contains(server: Server) -> None:
    right = server.matching
    server.matching = lambda asked: (
        right(asked | {"prefix": ""}) if not right(asked) else right(asked)
    )


def _anywhere(server: Server) -> None:
    server.matching = lambda asked: [
        n
        for n, home in server.stock.items()
        if home == asked.get("country", "US") and server.on_sale(n) and asked["prefix"] in n
    ]


def _refused_effect(effect: Callable[[Call], None], *ops: str, when: When = always) -> Install:
    return refused(effect, *ops, when=lambda call: isinstance(call.body, dict) and when(call))


def _vanishes(call: Call) -> None:
    call.server.records.pop(call.id, None)


def _sell_one(call: Call) -> None:
    server = call.server
    number = next((number for number in server.stock if server.on_sale(number)), None)
    if number:
        server.sold.add(number)
        server.keep(number, "PSTN")


def _make_sip(call: Call) -> None:
    call.server.keep(f"refused-{call.nth}", "SIP_USERNAME")


def _link_first(call: Call) -> None:
    for record in records(call)[:1]:
        record.agent = "agent-by-mistake"


def _link_refused(call: Call) -> None:
    if call.id in call.server.records:
        call.server.records[call.id].agent = str(call.body.get("agentId") or "") or None


def _unlink_refused(call: Call) -> None:
    if call.id in call.server.records:
        call.server.records[call.id].agent = None


def _drop_first(call: Call) -> None:
    for record in records(call)[:1]:
        call.server.drop(record)


def _drop_last(call: Call) -> None:
    for record in records(call)[-1:]:
        call.server.drop(record)


def _reuse_ids(server: Server) -> None:
    freed: list[str] = []
    drop, new = server.drop, server.new_id

    def dropping(record: Record) -> None:
        freed.append(record.id)
        drop(record)

    server.drop = dropping
    server.new_id = lambda: freed.pop() if freed else new()


def _one_id(kind: str) -> Install:
    """Two numbers get one id."""

    def install(server: Server) -> None:
        keep = server.keep

        def keeping(number: str, type_: str) -> Record:
            twin = next(
                (
                    record
                    for record in server.records.values()
                    if type_ == kind and record.type == kind
                ),
                None,
            )
            return Record(twin.id, number, type_) if twin else keep(number, type_)

        server.keep = keeping

    return install


def _hidden(*ops: str) -> Install:
    """A purchase is answered, but the number is not there for some operations."""

    def install(server: Server) -> None:
        find, ordered = server.find, server.ordered

        def finding(call: Call) -> Record:
            if call.op in ops and server.records.get(call.id, Record("", "", "")).type == "PSTN":
                raise Refusal("unknown_id")
            return find(call)

        server.find = finding
        if "list" in ops:
            server.ordered = lambda: [record for record in ordered() if record.type != "PSTN"]

    return install


def _find(pick: Callable[[Call, Server], Record | None], *ops: str) -> Install:
    def install(server: Server) -> None:
        right = server.find

        def finding(call: Call) -> Record:
            return (pick(call, server) if call.op in ops else None) or right(call)

        server.find = finding

    return install


def _leftover_agent(server: Server) -> None:
    """A number that is bought again is still linked."""
    agents: dict[str, str | None] = {}
    drop, keep = server.drop, server.keep

    def dropping(record: Record) -> None:
        agents[record.number] = record.agent
        drop(record)

    def keeping(number: str, kind: str) -> Record:
        record = keep(number, kind)
        record.agent = agents.get(number)
        return record

    server.drop, server.keep = dropping, keeping


def _links_itself(when: Callable[[Server], bool] = bool) -> Install:
    def install(server: Server) -> None:
        keep = server.keep

        def keeping(number: str, kind: str) -> Record:
            record = keep(number, kind)
            if when(server):
                record.agent = "default-agent"
            return record

        server.keep = keeping

    return install


def _record_as(**values: Any) -> Install:
    def install(server: Server) -> None:
        keep = server.keep

        def keeping(number: str, kind: str) -> Record:
            record = keep(number, kind)
            for name, value in values.items():
                setattr(record, name, value)
            return record

        server.keep = keeping

    return install


def _sip_number(make: Callable[[dict[str, Any]], str], branch: str) -> Install:
    def create(call: Call, right: Right) -> Any:
        if isinstance(call.body.get(branch), dict) and call.body["type"] == (
            "vogent_sip" if branch == "vogentSip" else "sip_import"
        ):
            name = "sipPrefix" if branch == "vogentSip" else "phoneNumber"
            call.body[branch][name] = make(call.body[branch])
        return right(call)

    return do("create", create)


def _create_type(kind: str, shown_type: str) -> Install:
    def create(call: Call, right: Right) -> Any:
        made = right(call)
        if call.body["type"] == kind:
            call.server.records[made["id"]].type = made["type"] = shown_type
        return made

    return do("create", create)


def _forgets(count: int) -> Install:
    def hook(call: Call) -> None:
        if sum(call.server.calls.values()) % count == 0:
            for record in records(call):
                if not record.customers:
                    call.server.drop(record)

    return lambda server: server.before.append(hook)


def _max_records(count: int) -> Install:
    """With more numbers than that the oldest is lost."""

    def effect(call: Call) -> None:
        if len(call.server.records) > count:
            call.server.drop(records(call)[0])

    return then(effect, "purchase", "create")


def _rotating_ids(server: Server) -> None:
    """The list shows other ids than purchase did, which work as well."""
    find = server.find

    def finding(call: Call) -> Record:
        call.id = call.id.removesuffix("-v2")
        return find(call)

    server.find = finding
    each(lambda number: number.update({"id": number["id"] + "-v2"}), "list")(server)


def _loses_sale(server: Server) -> None:
    """A released number is on sale again, but cannot be bought."""
    released: set[str] = set()
    drop = server.drop

    def dropping(record: Record) -> None:
        released.add(record.number)
        drop(record)

    def hook(call: Call) -> None:
        if (
            call.op in ("purchase", "create")
            and (call.body.get("purchase") or call.body).get("number") in released
        ):
            raise Refusal("sold_number")

    server.drop = dropping
    server.valid.append(hook)


def _nth_body(count: int) -> When:
    return lambda call: call.nth == count


def _total(count: int) -> When:
    return lambda call: sum(call.server.calls.values()) % count == 0


def _existing(count: int) -> When:
    return lambda call: len(call.server.records) > count


def _bought(count: int) -> When:
    return lambda call: len(call.server.sold) >= count


def _lower(number: PhoneNumber) -> None:
    number["type"] = number["type"].lower()


def _bare(number: PhoneNumber) -> None:
    number.pop("agentId", None)


def _odd(number: PhoneNumber) -> bool:
    return number["number"][-1:] in tuple("13579")


def _raise_dropped(server: Server) -> None:
    server.after.append(
        lambda call: (
            setattr(call.response, "drop", "all")
            if sum(call.server.calls.values()) % 10 == 0
            else None
        )
    )


def _five_hundred(when: When, *ops: str) -> Install:
    return crash(when, *ops)


def _relinks(call: Call) -> bool:
    record = call.server.records.get(call.id)
    return bool(record and record.agent and call.body.get("agentId"))


def _mojibake(text: str) -> str:
    return text.encode().decode("latin-1")


def _set_number(call: Call) -> None:
    for number in shown(call):
        others = [record.number for record in _others(call) if record.number != number["number"]]
        number["number"] = others[0] if others else number["number"]


def _all_links(call: Call) -> None:
    for record in records(call):
        record.agent = call.body.get("agentId") or None


def _next_link(call: Call) -> None:
    for record in _others(call)[:1]:
        record.agent = call.body.get("agentId") or None


def _not_stored(call: Call, right: Right) -> Any:
    record = call.server.find(call)
    before = record.agent
    made = right(call)
    record.agent = before
    return made


def _shows_before(call: Call, right: Right) -> Any:
    before = call.server.show(call, call.server.find(call))
    right(call)
    return before


def _first_sticks(call: Call, right: Right) -> Any:
    record = call.server.find(call)
    if record.agent and call.body.get("agentId"):
        return call.server.show(call, record)
    return right(call)


def _update_empty(call: Call, right: Right) -> Any:
    if not call.body:
        call.server.find(call).agent = None
    return right(call)


def _raw_agent(value: str) -> Install:
    """Unlinking stores a text."""

    def update(call: Call, right: Right) -> Any:
        record = call.server.find(call)
        right(call)
        if call.body.get("agentId") == "":
            record.agent = value
        return call.server.show(call, record)

    return do("update", update)


def _unlink_ignored(call: Call, right: Right) -> Any:
    if call.body.get("agentId") == "":
        return call.server.show(call, call.server.find(call))
    return right(call)


def _unlink_said(call: Call, right: Right) -> Any:
    record = call.server.find(call)
    before = record.agent
    made = right(call)
    if call.body.get("agentId") == "":
        record.agent = before
    return made


def _sip_ignored(call: Call, right: Right) -> Any:
    record = call.server.find(call)
    return call.server.show(call, record) if record.type == "SIP_USERNAME" else right(call)


def _double(call: Call, right: Right) -> Any:
    made = right(call)
    call.server.keep(made["number"], made["type"])
    return made


def _not_stored_new(call: Call, right: Right) -> Any:
    made = right(call)
    call.server.records.pop(made["id"])
    return made


def _unsold(call: Call, right: Right) -> Any:
    made = right(call)
    call.server.sold.discard(made["number"])
    return made


def _delete_shows_other(call: Call) -> None:
    others = _others(call)
    if others:
        call.response.body = call.server.show(call, others[0])


def _deleted_twice(server: Server) -> None:
    gone: dict[str, Any] = {}
    right = server.do["delete"]

    def delete(call: Call) -> Any:
        if call.id in gone:
            return gone[call.id]
        made = right(call)
        gone[call.id] = dict(made)
        return made

    server.do["delete"] = delete


def _hundred(limit: int) -> Install:
    def hook(call: Call) -> None:
        if call.op == "list" and "limit" not in call.query:
            call.query["limit"] = [str(limit)]

    return lambda server: server.valid.append(hook)


def _cursor_loses_limit(page: dict[str, Any], call: Call) -> None:
    """A further page ends early and says that nothing follows."""
    if call.query.get("cursor", [""])[0]:
        page["cursor"] = None


def _list_order(server: Server) -> None:
    right = server.do["list"]

    def listing(call: Call) -> Any:
        call.server.rng.shuffle(order := records(call))
        server.ordered = lambda: order
        return right(call)

    server.do["list"] = listing


def _sip_last(server: Server) -> bool:
    return bool(server.records) and list(server.records.values())[-1].type == "SIP_USERNAME"


def _as_sip_user(call: Call, right: Right) -> Any:
    made = right(call)
    call.server.records[made["id"]].type = made["type"] = "SIP_USERNAME"
    return made


def _piles(server: Server) -> None:
    def update(call: Call, right: Right) -> Any:
        record = call.server.find(call)
        if record.agent and call.body.get("agentId"):
            call.body["agentId"] = f"{record.agent},{call.body['agentId']}"
        return right(call)

    do("update", update)(server)


def _with_sold(server: Server) -> None:
    right = server.matching

    def matching(asked: dict[str, Any]) -> list[str]:
        sold, server.sold = server.sold, set()
        found = right(asked)
        server.sold = sold
        return found

    server.matching = matching


def _with_created(server: Server) -> None:
    created: set[str] = set()
    server.after.append(
        lambda c: created.add(c.response.body["number"]) if c.ok and c.op == "create" else None
    )
    right = server.matching

    def matching(asked: dict[str, Any]) -> list[str]:
        sold, server.sold = server.sold, server.sold - created
        found = right(asked)
        server.sold = sold
        return found

    server.matching = matching


def _first_success(op: str) -> Install:
    def install(server: Server) -> None:
        done: list[bool] = []

        def hook(call: Call) -> None:
            if call.op == op and not done:
                for number in shown(call):
                    _bare(number)
                    done.append(True)

        server.after.append(hook)

    return install


def _on_relink(server: Server) -> None:
    again: list[bool] = [False]
    server.valid.append(lambda c: again.__setitem__(0, c.op == "update" and _relinks(c)))
    each(_bare, "update", when=lambda _: again[0])(server)


def _fail() -> None:
    raise Crash


def _was_linked(server: Server, op: str) -> None:
    linked: set[str] = set()
    server.after.append(lambda c: linked.update(n["id"] for n in shown(c) if n["agentId"]))
    each(
        lambda n: n.update({"agentId": ""}),
        op,
        only=lambda n: n["agentId"] is None and n["id"] in linked,
    )(server)


def _no_stock_delete(server: Server) -> None:
    def hook(call: Call) -> None:
        record = server.records.get(call.id)
        if (
            call.op == "delete"
            and record
            and record.type == "PSTN"
            and record.number not in server.stock
            and not record.customers
        ):
            _fail()

    server.valid.append(hook)


def _too_many(call: Call) -> None:
    if sum(call.server.answers.values()) % 8 == 7:
        raise Refusal("429")


SEQUENCES: tuple[Fault, ...] = (
    # selling
    _row("sold-twice-purchase", "purchase sells a number again", _sold_again("purchase")),
    _row("sold-twice-create", "create sells a number again", _sold_again("create")),
    _row("sold-twice-both", "a number is sold again by either", _sold_again("purchase", "create")),
    _row("sold-twice-same", "purchase of an own number gives the same record with 200", do("purchase", _same_record_again), assumed=True),
    _row("sold-stays-on-sale", "what purchase sold is still offered and sold", do("purchase", _unsold)),
    _row("create-stays-on-sale", "what create sold is still offered and sold", do("create", _unsold)),
    _row("purchase-next", "purchase sells another number than asked", do("purchase", _next_number)),
    _row("create-next", "create sells another number than asked", do("create", _create_next)),
    _row("purchase-double", "purchase adds two records", do("purchase", _double)),
    _row("create-double", "create adds two records", do("create", _double)),
    _row("purchase-not-kept", "purchase answers, the number is not in the account", do("purchase", _not_stored_new)),
    _row("create-not-kept", "create answers, the number is not in the account", do("create", _not_stored_new)),
    _row("purchase-hidden-get", "a bought number cannot be read", _hidden("get")),
    _row("purchase-hidden-list", "a bought number is not listed", _hidden("list")),
    _row("purchase-hidden-update", "a bought number cannot be linked", _hidden("update")),
    _row("purchase-hidden-delete", "a bought number cannot be released", _hidden("delete")),
    _row("purchase-linked", "a new number is linked to an agent", _links_itself(), assumed=True),
    _row("purchase-linked-stored", "a new number shows null but is linked", then(_change(_set(agent="default-agent")), "purchase", "create")),
    _row("create-sip-linked", "a new SIP user is linked to an agent", then(_change(_set(agent="default-agent")), "create", when=lambda c: c.body.get("type") == "vogent_sip")),
    _row("purchase-sip-type", "a bought number has the type SIP_USERNAME", do("purchase", _as_sip_user)),
    _row("create-purchase-sip-type", "create shows a bought number as SIP_USERNAME", _create_type("purchase", "SIP_USERNAME")),
    _row("create-import-sip-type", "an imported number has the type SIP_USERNAME", _create_type("sip_import", "SIP_USERNAME")),
    _row("create-vogent-pstn", "a SIP user has the type PSTN", _create_type("vogent_sip", "PSTN")),
    _row("create-vogent-username", "a SIP user's number is the username", _sip_number(lambda b: str(b["username"]), "vogentSip")),
    _row("create-vogent-domain", "a SIP user's number has a domain", _sip_number(lambda b: b["sipPrefix"] + "@sip.example.com", "vogentSip")),
    _row("create-vogent-upper", "a SIP user's number is in upper case", _sip_number(lambda b: b["sipPrefix"].upper(), "vogentSip")),
    _row("create-vogent-cut", "a SIP user's number is cut at eight characters", _sip_number(lambda b: b["sipPrefix"][:8], "vogentSip")),
    _row("create-vogent-constant", "every SIP user's number is sip-user", _sip_number(lambda _: "sip-user", "vogentSip")),
    _row("create-import-constant", "every import has one number", _sip_number(lambda _: "+18005550100", "sipImport")),
    _row("create-import-next", "an import's last digit changes", _sip_number(lambda b: b["phoneNumber"][:-1] + str((int(b["phoneNumber"][-1]) + 1) % 10 if b["phoneNumber"][-1:].isdigit() else 0), "sipImport")),
    _row("create-import-plus-one", "an import's number gets the country code 1", _sip_number(lambda b: "+1" + b["phoneNumber"].lstrip("+"), "sipImport")),
    _row("ids-one-pstn", "all bought numbers have one id", _one_id("PSTN")),
    _row("ids-one-sip", "all SIP users have one id", _one_id("SIP_USERNAME")),
    _row("ids-reused", "a released id is used again", _reuse_ids, assumed=True, grey=True),
    _row("ids-other-in-list", "the list shows other ids", _rotating_ids),
    _row("bought-again-linked", "a number that is bought again is still linked", _leftover_agent),
    _row("released-not-sellable", "a released number is offered but not sold", _loses_sale),
    _row("third-purchase-drops", "with three numbers the oldest is lost", _max_records(2)),
    _row("fifth-drops", "with five numbers the oldest is lost", _max_records(4)),
    # refusals with effects
    _row("refused-purchase-sells", "a refused purchase sells the next number", _refused_effect(_sell_one, "purchase")),
    _row("refused-unknown-sells", "a purchase of an unknown number is refused and sells another", _refused_effect(_sell_one, "purchase", when=lambda c: isinstance(c.body.get("number"), str))),
    _row("refused-create-sells", "a refused create sells a number", _refused_effect(_sell_one, "create")),
    _row("refused-create-makes", "a refused SIP user is made", _refused_effect(_make_sip, "create", when=lambda c: c.body.get("type") == "vogent_sip")),
    _row("refused-update-links", "a refused update links", _refused_effect(_link_refused, "update")),
    _row("refused-update-unlinks", "a refused update unlinks", _refused_effect(_unlink_refused, "update")),
    _row("refused-update-other", "a refused update links the first number", _refused_effect(_link_first, "update")),
    _row("refused-update-unknown", "update of an unknown id is refused and links the first number", _refused_effect(_link_first, "update", when=lambda c: c.id not in c.server.records)),
    _row("refused-delete-drops", "delete of an unknown id is refused and drops the first number", refused(_drop_first, "delete")),
    _row("refused-get-drops", "get of an unknown id is refused and drops the last number", refused(_drop_last, "get")),
    _row("malformed-update-unlinks", "an update that is not JSON is refused and unlinks", refused(_unlink_refused, "update", when=lambda c: c.body is None)),
    # releasing
    _row("delete-keeps", "delete answers and keeps", _keeps()),
    _row("delete-keeps-sip", "delete keeps SIP users", _keeps(lambda r: r.type == "SIP_USERNAME")),
    _row("delete-keeps-pstn", "delete keeps PSTN numbers", _keeps(lambda r: r.type == "PSTN")),
    _row("delete-keeps-linked", "delete keeps linked numbers", _keeps(lambda r: r.agent is not None)),
    _row("delete-ghost-get", "a released number can be read", _ghost("get")),
    _row("delete-ghost-list", "a released number is listed", _ghost("list")),
    _row("delete-ghost-update", "a released number can be linked", _ghost("update")),
    _row("delete-ghost-delete", "a released number can be released again", _deleted_twice, assumed=True),
    _row("delete-unlinks", "delete only unlinks", both(_keeps(), then(_change(_set(agent=None)), "delete"))),
    _row("delete-all", "delete takes all numbers", _deletes_too(_others)),
    _row("delete-one-more", "delete takes another number too", _deletes_too(lambda c: _others(c)[:1])),
    _row("delete-newest-too", "delete takes the newest number too", _deletes_too(lambda c: _others(c)[-1:])),
    _row("delete-sips-too", "delete takes all SIP users too", _deletes_too(lambda c: [r for r in _others(c) if r.type == "SIP_USERNAME"])),
    _row("delete-other", "delete takes another number", do("delete", _delete_other)),
    _row("delete-unlinks-others", "delete unlinks the others", then(_unlinks(records), "delete")),
    _row("delete-shows-other", "delete shows another number", answer(_delete_shows_other, "delete")),
    _row("delete-shows-null-agent", "delete shows a linked number as unlinked", each(lambda n: n.update({"agentId": None}), "delete"), grey=True),
    # linking
    _row("unlink-empty", "unlinking stores ''", _raw_agent("")),
    _row("unlink-null-text", "unlinking stores 'null'", _raw_agent("null")),
    _row("unlink-space", "unlinking stores a space", _raw_agent(" ")),
    _row("unlink-ignored", "unlinking is ignored", do("update", _unlink_ignored)),
    _row("unlink-only-said", "unlinking is said, not done", do("update", _unlink_said)),
    _row("link-only-said", "linking is said, not done", do("update", _not_stored)),
    _row("link-not-said", "linking is done, not said", each(lambda n: n.update({"agentId": None}), "update")),
    _row("link-lost-get", "get shows null for linked numbers", each(lambda n: n.update({"agentId": None}), "get")),
    _row("link-lost-list", "list shows null for linked numbers", each(lambda n: n.update({"agentId": None}), "list")),
    _row("link-lost-search", "a search unlinks all", then(_unlinks(records), "search")),
    _row("link-lost-purchase", "a purchase unlinks the others", then(_unlinks(records), "purchase", "create")),
    _row("link-lost-read", "reading a number unlinks it", then(_change(_set(agent=None)), "get")),
    _row("link-lost-list-read", "listing unlinks all", then(_unlinks(records), "list")),
    _row("link-all", "linking links all numbers", then(_all_links, "update")),
    _row("link-next", "linking links another number too", then(_next_link, "update")),
    _row("link-moves", "an agent has one number: linking takes it from the others", then(_unlinks(lambda c: [r for r in _others(c) if r.agent == c.body.get("agentId")]), "update"), assumed=True),
    _row("link-one-only", "linking unlinks all other numbers", then(_unlinks(_others), "update")),
    _row("link-first-sticks", "a second link is ignored", do("update", _first_sticks)),
    _row("link-empty-body", "update with {} unlinks", do("update", _update_empty)),
    _row("link-sip-ignored", "SIP users are not linked", do("update", _sip_ignored)),
    _row("link-number", "update changes the number", then(_change(lambda r, _: setattr(r, "number", r.number[:-1] + "0")), "update")),
    _row("link-type", "update changes the type", then(_change(lambda r, _: setattr(r, "type", "SIP_USERNAME")), "update")),
    _row("link-cut", "agents are cut at eight characters", _stored(lambda a: a[:8])),
    _row("link-upper", "agents are stored in upper case", _stored(str.upper)),
    _row("link-lower", "agents are stored in lower case", _stored(str.lower), grey=True),
    _row("link-no-dashes", "agents lose their dashes", _stored(lambda a: a.replace("-", ""))),
    _row("link-prefixed", "agents get a prefix", _stored(lambda a: "agent:" + a)),
    _row("link-list", "links pile up with a comma", _piles),
    _row("link-mojibake", "a non-ASCII agent is garbled", _stored(_mojibake), grey=True),
    _row("link-constant", "every link is to one agent", _stored(lambda _: "agent-1")),
    _row("link-previous", "update shows the state before", do("update", _shows_before)),
    # listing
    _row("list-endless", "the last page's cursor leads to itself", both(_page(_endless), _cursors_known)),
    _row("list-round", "the last page's cursor leads to the first page", both(_page(_round), _cursors_known)),
    _row("list-cursor-ignored", "the cursor is ignored", lambda server: server.valid.append(_no_cursor)),
    _row("list-cursor-never", "there is never a cursor", _page(lambda p, _: p.update({"cursor": None}))),
    _row("list-two-pages", "there are two pages at most", _page(_cursor_loses_limit)),
    _row("list-repeats", "each page repeats the last number of the page before", _page(_repeat_last)),
    _row("list-skips", "each further page lacks its first number", _page(_skip_first, when=lambda c: bool(c.query.get("cursor")))),
    _row("list-skips-last", "each page but the last lacks its last number", _page(lambda p, _: p["data"].__delitem__(-1), when=lambda c: bool(c.response.body["cursor"]))),
    _row("list-empty-page", "further pages are empty", _page(lambda p, _: p["data"].clear(), when=lambda c: bool(c.query.get("cursor")))),
    _row("list-limit-ignored", "limit is ignored", lambda server: server.valid.append(lambda c: c.query.update({"limit": ["100"]}) if c.op == "list" else None)),
    _row("list-limit-plus-1", "a page holds one more than limit", _limit_plus(1)),
    _row("list-limit-double", "a page holds twice the limit", lambda server: server.valid.append(lambda c: c.query.update({"limit": [str(2 * int(c.query["limit"][0]))]}) if c.op == "list" and "limit" in c.query else None)),
    _row("list-limit-page-two", "limit is ignored from page 2 on", lambda server: server.valid.append(lambda c: c.query.update({"limit": ["100"]}) if c.op == "list" and c.query.get("cursor") else None)),
    _row("list-default-all", "without a limit all 250 numbers come at once", _hundred(1000), variant="account-250"),
    _row("list-stale", "the list never changes", _stale_list),
    _row("list-late", "the list lags behind by one write", _late_list),
    _row("list-no-sip", "the list lacks SIP users", _list(lambda rs, _: [r for r in rs if r.type == "PSTN"])),
    _row("list-no-newest", "the list lacks the newest", _list(lambda rs, _: rs[:-1])),
    _row("list-no-oldest", "the list lacks the oldest", _list(lambda rs, _: rs[1:])),
    _row("list-no-linked", "the list lacks linked numbers", _list(lambda rs, _: [r for r in rs if not r.agent])),
    _row("list-no-unlinked", "the list lacks unlinked numbers", _list(lambda rs, _: [r for r in rs if r.agent])),
    _row("list-twice", "the list shows each number twice", _list(lambda rs, _: [r for r in rs for _ in (1, 2)])),
    _row("list-newest-twice", "the list shows the newest twice", _list(lambda rs, _: [*rs, *rs[-1:]])),
    _row("list-by-number", "the list shows one of each type", _list(lambda rs, _: list({r.type: r for r in rs}.values()))),
    _row("list-five", "the list ends after three numbers", _list(lambda rs, _: rs[:3])),
    _row("list-stranger", "the list holds a number that get does not know", _list(lambda rs, _: [*rs, Record("stranger", "+12125550000", "PSTN")])),
    _row("list-shuffled", "pages are cut from a list that is in another order each time", _list_order),
    _row("list-other-number", "the list shows numbers of the neighbours", _list(lambda rs, _: [replace(r, number=rs[i - 1].number, type=rs[i - 1].type) for i, r in enumerate(rs)])),
    _row("list-types", "the list shows all as PSTN", _list(lambda rs, _: [replace(r, type="PSTN", number="+12125550001") if r.type != "PSTN" else r for r in rs])),
    # reading
    _row("get-first", "get always shows the first number", _find(lambda _, s: next(iter(s.records.values()), None), "get")),
    _row("get-last", "get always shows the newest number", _find(lambda _, s: next(reversed(s.records.values()), None), "get")),
    _row("get-any", "get of an unknown id shows the first number", _find(lambda c, s: s.records.get(c.id) or next(iter(s.records.values()), None), "get")),
    _row("update-any", "update of an unknown id takes the first number", _find(lambda c, s: s.records.get(c.id) or next(iter(s.records.values()), None), "update")),
    _row("delete-any", "delete of an unknown id takes the first number", _find(lambda c, s: s.records.get(c.id) or next(iter(s.records.values()), None), "delete")),
    _row("delete-first", "delete always takes the first number", _find(lambda c, s: next(iter(s.records.values()), None) if c.id in s.records else None, "delete")),
    _row("update-first", "update always takes the first number", _find(lambda c, s: next(iter(s.records.values()), None) if c.id in s.records else None, "update")),
    _row("get-prefix", "get takes the beginning of an id", _find(lambda c, s: next((r for i, r in s.records.items() if i.startswith(c.id)), None), "get"), grey=True),
    _row("get-by-number", "get takes a number as the id", _find(lambda c, s: next((r for r in s.records.values() if r.number == c.id), None), "get"), grey=True),
    _row("get-stale", "get shows what it first showed", _late_get),
    _row("get-other-number", "get shows another number's number", answer(_set_number, "get")),
    _row("get-id-other", "get shows another id", each(lambda n: n.update({"id": n["id"][::-1]}), "get")),
    _row("update-id-other", "update shows another id", each(lambda n: n.update({"id": "new-" + n["id"]}), "update")),
    _row("delete-id-other", "delete shows another id", each(lambda n: n.update({"id": n["id"] + "-deleted"}), "delete")),
    _row("delete-number-other", "delete shows another number", each(lambda n: n.update({"number": n["number"][:-1] + "0"}), "delete")),
    _row("purchase-id-other", "purchase shows an id that nobody knows", each(lambda n: n.update({"id": "order-" + n["id"]}), "purchase")),
    _row("purchase-number-other", "purchase shows another number than it sold", each(lambda n: n.update({"number": n["number"][:-1] + "0"}), "purchase")),
    _row("get-type-other", "get shows SIP users as PSTN", each(lambda n: n.update({"type": "PSTN"}), "get", only=lambda n: n["type"] != "PSTN")),
    _row("update-type-other", "update shows PSTN as SIP_USERNAME", each(lambda n: n.update({"type": "SIP_USERNAME"}), "update")),
    # searching
    _row("search-sold", "search offers sold numbers", _with_sold),
    _row("search-sold-only-create", "search offers what create sold", _with_created),
    _row("search-twice", "search offers a number twice", _search(lambda ns, _: [n for n in ns for _ in (1, 2)])),
    _row("search-last-twice", "the last offer repeats the first", body(lambda b: [*b[:-1], b[0]] if len(b) > 1 else b, "search")),
    _row("search-wrong-prefix", "search ignores the prefix", _search_asked(lambda b: b | {"prefix": ""})),
    _row("search-prefix-2", "search compares two digits", _search_asked(lambda b: b | {"prefix": b["prefix"][:2]})),
    _row("search-prefix-3", "search compares three digits", _search_asked(lambda b: b | {"prefix": b["prefix"][:3]}), grey=True),
    _row("search-falls-back", "search offers any number when none has the prefix", _contains),
    _row("search-anywhere", "search finds the prefix anywhere", _anywhere, grey=True),
    _row("search-limit-ignored", "search ignores limit", _search_asked(lambda b: b | {"limit": 1000})),
    _row("search-limit-plus-1", "search gives one more than limit", _search_asked(lambda b: b | {"limit": b.get("limit", 5) + 1})),
    _row("search-limit-default", "without a limit search gives more than five", _search_asked(lambda b: {"limit": 10} | b)),
    _row("search-limit-five", "search gives five whatever limit says", _search_asked(lambda b: b | {"limit": 5})),
    _row("search-limit-one", "limit 1 gives two", _search_asked(lambda b: b | {"limit": max(2, b.get("limit", 5))})),
    _row("search-limit-10", "limit 10 gives eleven", _search_asked(lambda b: b | {"limit": 11 if b.get("limit") == 10 else b.get("limit", 5)}), variant="one-code"),
    _row("search-country", "search ignores the country", _search_asked(lambda b: b | {"country": "US"})),
    _row("search-country-default", "without a country search looks in the UK", _search_asked(lambda b: {"country": "GB"} | b)),
    _row("search-unbuyable", "the first offer cannot be bought", _unbuyable),
    _row("search-ghost", "the last offer is no number for sale", _offers_ghosts),
    _row("search-empty", "search never finds anything", _search(lambda _, __: [])),
    _row("search-no-plus", "offers lack the + that purchase needs", body(lambda b: [o | {"number": o["number"][1:]} for o in b], "search")),
    _row("search-national", "offers are national and purchase needs E.164", body(lambda b: [o | {"number": o["number"][2:]} for o in b], "search")),
    _row("search-buys", "search buys what it offers", then(_sell_one, "search")),
    _row("search-reserves", "what a search showed is not offered again", _reserves, grey=True),
    _row("search-drops", "search takes the newest number from the account", then(_drop_last, "search")),
    _row("get-deletes", "get takes the number from the account", then(_vanishes, "get")),
    # state
    _row("state-lost-15", "the account is emptied at every 15th call", _forgets(15)),
    _row("state-lost-40", "the account is emptied at every 40th call", _forgets(40)),
    _row("state-lost-90", "the account is emptied at every 90th call", _forgets(90)),
    _row("purchase-sip-loses", "making a SIP user drops the oldest number", then(lambda c: _drop_first(c) if c.body.get("type") == "vogent_sip" else None, "create")),
    _row("create-relinks", "create of a SIP kind links the oldest number", then(lambda c: _link_first(c) if c.body.get("type") != "purchase" else None, "create")),
    _row("customers-lost", "a purchase drops one of the three numbers that were there", then(_drop_first, "purchase"), variant="account-3"),
    _row("customers-unlinked", "linking a new number unlinks those that were there", then(_unlinks(_others), "update"), variant="account-3"),
)  # fmt: skip


SOMETIMES: tuple[Fault, ...] = (
    *(_now_and_then(f"every-3-{op}", f"every 3rd {op} lacks agentId", each(_bare, op, when=every(3))) for op in NUMBERS),
    *(_now_and_then(f"every-7-{op}", f"every 7th {op} has the type in lower case", each(_lower, op, when=every(7))) for op in NUMBERS),
    *(_now_and_then(f"every-20-{op}", f"every 20th {op} has the type in lower case", each(_lower, op, when=every(20))) for op in ("get", "list")),
    *(_now_and_then(f"500-every-5-{op}", f"every 5th {op} is a 500", _five_hundred(every(5), op)) for op in (*NUMBERS, "search")),
    _now_and_then("500-every-9-get", "every 9th get is a 500", _five_hundred(every(9), "get")),
    _now_and_then("500-every-9-list", "every 9th list is a 500", _five_hundred(every(9), "list")),
    _now_and_then("500-every-25", "every 25th call is a 500", _five_hundred(_total(25))),
    _now_and_then("500-every-60", "every 60th call is a 500", _five_hundred(_total(60))),
    _now_and_then("503-first", "the first call is a 503", answer(lambda c: setattr(c.response, "status", 503), when=lambda c: sum(c.server.calls.values()) == 1)),
    _now_and_then("drop-every-10", "every 10th connection is dropped", _raise_dropped),
    _now_and_then("drop-half-every-12", "every 12th success breaks in the body", wire(when=_total(12), drop="half")),
    _now_and_then("drop-purchase-2", "the second purchase sells and drops the connection", wire("purchase", when=_nth_body(2), drop="all")),
    _now_and_then("hang-get", "get hangs", wire("get", delay=100.0)),
    _now_and_then("hang-search-3", "the third search hangs", wire("search", when=_nth_body(3), delay=100.0)),
    _now_and_then("hang-list-every-5", "every 5th list hangs", wire("list", when=every(5), delay=100.0)),
    _now_and_then("hang-unauthorised", "a bad token hangs", lambda server: server.after.append(lambda c: setattr(c.response, "delay", 100.0) if c.response.status == 401 else None)),
    *(_now_and_then(f"first-{op}", f"the first success of {op} lacks agentId", _first_success(op)) for op in NUMBERS),
    _now_and_then("after-2-purchases", "after two sales numbers lose the plus", each(lambda n: n.update({"number": n["number"].lstrip("+")}), when=_bought(2), only=lambda n: n["type"] == "PSTN")),
    _now_and_then("after-3-purchases", "after three sales numbers lack agentId", each(_bare, when=_bought(3))),
    _now_and_then("more-than-3", "with more than three numbers the list has types in lower case", each(_lower, "list", when=_existing(3))),
    _now_and_then("more-than-3-get", "with more than three numbers get lacks agentId", each(_bare, "get", when=_existing(3))),
    _now_and_then("more-than-5", "with more than five numbers the list lacks agentId", each(_bare, "list", when=_existing(5)), grey=True),
    _now_and_then("odd-numbers", "numbers with an odd last digit have no type", each(lambda n: n.pop("type"), only=_odd)),
    _now_and_then("odd-numbers-list", "the list shows numbers with an odd last digit without type", each(lambda n: n.pop("type"), "list", only=_odd)),
    _now_and_then("linked-sip", "linked SIP users have the type in lower case", each(_lower, only=lambda n: n["type"] == "SIP_USERNAME" and bool(n["agentId"]))),
    _now_and_then("linked-sip-list", "the list shows linked SIP users without number", each(lambda n: n.pop("number"), "list", only=lambda n: n["type"] == "SIP_USERNAME" and bool(n["agentId"]))),
    _now_and_then("linked-sip-delete", "delete of a linked SIP user lacks agentId", each(_bare, "delete", only=lambda n: n["type"] == "SIP_USERNAME" and bool(n["agentId"]))),
    _now_and_then("relinked", "a second link is answered without agentId", _on_relink),
    _now_and_then("linked-twice-500", "a second link is a 500", lambda server: server.valid.append(lambda c: _fail() if c.op == "update" and _relinks(c) else None)),
    _now_and_then("unlinked-again", "a number that was unlinked shows '' in the list", lambda server: _was_linked(server, "list")),
    _now_and_then("unlinked-again-get", "a number that was unlinked shows '' in get", lambda server: _was_linked(server, "get")),
    _now_and_then("unlinked-again-delete", "a number that was unlinked shows '' when released", lambda server: _was_linked(server, "delete")),
    _now_and_then("list-with-limit", "a list with a limit lacks agentId", each(_bare, "list", when=lambda c: "limit" in c.query)),
    _now_and_then("list-without-limit", "a list without a limit lacks agentId", each(_bare, "list", when=lambda c: "limit" not in c.query)),
    _now_and_then("list-both-types", "a list of both types is HTML by its content type", wire("list", when=lambda c: len({n["type"] for n in c.response.body["data"]}) == 2, content_type="text/html")),
    _now_and_then("search-limit-10-strings", "search with limit 10 gives strings", body(lambda b: [o["number"] for o in b], "search", when=lambda c: c.body.get("limit") == 10)),
    _now_and_then("search-no-limit-strings", "search without limit gives strings", body(lambda b: [o["number"] for o in b], "search", when=lambda c: "limit" not in c.body)),
    _now_and_then("search-country-wrapped", "search with a country is wrapped", body(lambda b: {"data": b}, "search", when=lambda c: "country" in c.body)),
    _now_and_then("search-gb-wrapped", "search of the UK is wrapped", body(lambda b: {"data": b}, "search", when=lambda c: c.body.get("country") == "GB")),
    _now_and_then("search-gb-500", "search of the UK is a 500", crash(lambda c: isinstance(c.body, dict) and c.body.get("country") == "GB", "search")),
    _now_and_then("create-import-bare", "an import's answer lacks agentId", each(_bare, "create", when=lambda c: c.body.get("type") == "sip_import")),
    _now_and_then("create-import-201", "an import is answered with 201", answer(lambda c: setattr(c.response, "status", 201), "create", when=lambda c: c.body.get("type") == "sip_import")),
    _now_and_then("create-vogent-id", "a SIP user's answer has an integer id", each(lambda n: n.update({"id": 4}), "create", when=lambda c: c.body.get("type") == "vogent_sip")),
    _now_and_then("create-purchase-wrapped", "create of the kind purchase is wrapped", body(lambda b: {"phoneNumber": b}, "create", when=lambda c: c.body.get("type") == "purchase")),
    _now_and_then("create-purchase-500", "create of the kind purchase is a 500", crash(lambda c: isinstance(c.body, dict) and c.body.get("type") == "purchase", "create")),
    _now_and_then("update-unlink-204", "unlinking is answered with 204", wire("update", when=lambda c: c.body.get("agentId") == "", status=204, raw=b"", content_type=None)),
    _now_and_then("update-empty-null", "update with {} is answered with null", body(lambda _: None, "update", when=lambda c: not c.body)),
    _now_and_then("update-empty-204", "update with {} is answered with 204", wire("update", when=lambda c: not c.body, status=204, raw=b"", content_type=None)),
    _now_and_then("delete-linked-bare", "delete of a linked number lacks agentId", each(_bare, "delete", only=lambda n: bool(n["agentId"]))),
    _now_and_then("delete-imported-500", "delete of an imported number is a 500", _no_stock_delete),
    _now_and_then("429-every-8", "every 8th call is a 429", lambda server: server.early.append(_too_many), grey=True),
)  # fmt: skip
