"""Faults in the handling of one request: what is accepted, what is refused, what ends in a 5xx, and who is let in."""
# ruff: noqa: E501 - a table reads best with one fault a line

import re
from collections.abc import Callable
from typing import Any

from .fault import Crash, Fault, Install, When, any_text, both, crash, refuse, refused
from .server import BRANCHES, FIELDS, OPERATIONS, WITH_BODY, Call, Field, Record, Response, Server

NOT_SAID = frozenset(
    {"search/body:media", "update/body:missing", "update/body:media"}
)  # every team would refuse them


def _problems() -> list[str]:
    """Every documented way in which a body can be wrong, as the server names it."""
    found = [
        f"{op}/body:{kind}"
        for op in WITH_BODY
        for kind in ("missing", "malformed", "media", "type", "null")
    ]
    for where, fields in FIELDS.items():
        found += [f"{where}/{field.name}:{kind}" for field in fields for kind in _kinds(field)]
    return found + [
        f"create/{branch}:{kind}"
        for branch in BRANCHES.values()
        for kind in ("missing", "null", "type")
    ]


def _kinds(field: Field) -> list[str]:
    asked = {
        "missing": field.required,
        "enum": bool(field.one_of),
        "short": bool(field.shortest),
        "long": field.longest,
        "above": field.most,
    }
    return ["null", "type", *(kind for kind, there in asked.items() if there)]


def _ignore(*patterns: str) -> Install:
    return lambda server: server.ignored.extend(patterns)


def _crash_at(*patterns: str) -> Install:
    return lambda server: server.crashing.extend(patterns)


def _row(
    fault_id: str, text: str, install: Install, *, assumed: bool = False, grey: bool = False
) -> Fault:
    return Fault(fault_id, "requests", text, install, assumed, grey)


def _has(call: Call, name: str) -> bool:
    return isinstance(call.body, dict) and name in call.body


def _value(call: Call, *names: str) -> Any:
    value = call.body
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _kind(name: str) -> When:
    return lambda call: _value(call, "type") == name


def _record(call: Call) -> Record | None:
    return call.server.records.get(call.id)


def _type(call: Call) -> str | None:
    record = _record(call)
    return record.type if record else None


def _linked(call: Call) -> bool:
    record = _record(call)
    return bool(record and record.agent)


def _unlinked(call: Call) -> bool:
    record = _record(call)
    return bool(record and not record.agent)


def _extra(call: Call) -> bool:
    known = (
        {field.name for field in FIELDS[call.op]} | set(BRANCHES.values())
        if call.op in WITH_BODY
        else set()
    )
    return isinstance(call.body, dict) and bool(set(call.body) - known)


def _nested_extra(call: Call) -> bool:
    return any(
        isinstance(_value(call, branch), dict)
        and set(call.body[branch]) - {field.name for field in FIELDS[f"create/{branch}"]}
        for branch in BRANCHES.values()
    )


def _wants(count: int) -> When:
    return lambda call: _value(call, "limit") == count


def _query_limit(test: Callable[[int], bool]) -> When:
    def when(call: Call) -> bool:
        text = call.query.get("limit", [""])[0]
        return bool(re.fullmatch(r"-?[0-9]{1,300}", text)) and test(int(text))

    return when


def _length(*names: str, exactly: int) -> When:
    return lambda call: (
        isinstance(_value(call, *names), str) and len(_value(call, *names)) == exactly
    )


def _not_ascii(text: str) -> bool:
    return not text.isascii()


def _long(text: str) -> bool:
    return len(text) > 300


def _method(method: str, path: str, effect: Callable[[Call], Response]) -> Install:
    """A method that is not documented does something."""

    def install(server: Server) -> None:
        route = server.route

        def odd(call: Call, target: str) -> Response | None:
            if call.method == method and re.fullmatch(path, target):
                return effect(call) if server.authorised(call) else None
            return route(call, target)

        server.route = odd

    return install


def _sell_any(call: Call) -> Response:
    server = call.server
    number = next(number for number in server.stock if server.on_sale(number))
    server.sold.add(number)
    return Response(200, server.show(call, server.keep(number, "PSTN")))


def _delete_all(call: Call) -> Response:
    for record in list(call.server.records.values()):
        call.server.drop(record)
    return Response(200, [])


def _patch(call: Call) -> Response:
    record = call.server.records.get(call.target.rpartition("/")[2])
    return Response(200, call.server.show(call, record)) if record else Response(422)


# --- auth


def _key_like(accepts: Callable[[str, str], bool]) -> Callable[[Call], bool]:
    """A check of the whole header against the key."""
    return lambda call: accepts(call.headers.get("authorization", ""), call.server.key)


def _or(extra: Callable[[Call], bool], *ops: str) -> Install:
    """Let more in: the right check, or another."""

    def install(server: Server) -> None:
        right = server.authorised
        server.authorised = lambda call: (
            right(call) or ((not ops or call.op in ops) and extra(call))
        )

    return install


def _answer_401(make: Callable[[Call], None]) -> Install:
    def hook(call: Call) -> None:
        if call.response.status == 401:
            make(call)

    return lambda server: server.after.append(hook)


def _status_401(code: int) -> Install:
    def make(call: Call) -> None:
        call.response.status = code

    return _answer_401(make)


def _does_it_anyway(call: Call) -> None:
    """The refusal comes after the deed."""
    answer = call.response
    call.server.authorised, right = (lambda _: True), call.server.authorised
    after, call.server.after = call.server.after, []
    try:
        call.server.handle(call)
    finally:
        call.server.authorised, call.server.after = right, after
        call.response = answer


def _leak(call: Call) -> None:
    body: Any = {
        "data": [call.server.show(call, r) for r in call.server.records.values()],
        "cursor": None,
    }
    call.response = Response(401, body, dict(call.response.headers))


def _remembers(server: Server) -> None:
    right, seen = server.authorised, [False]

    def check(call: Call) -> bool:
        seen[0] = seen[0] or (right(call) and server.calls["purchase"] + server.calls["create"] > 1)
        return seen[0] or right(call)

    server.authorised = check


def _ok(call: Call) -> bool:
    del call
    return True


def _token(call: Call) -> str:
    return call.headers.get("authorization", "").partition(" ")[2]


HOLES: dict[str, tuple[str, Callable[[Call], bool]]] = {
    "open": ("checks no token", _ok),
    "no-header": ("lets in who sends no header", lambda call: "authorization" not in call.headers),
    "any-token": (
        "takes any token",
        lambda call: (
            call.headers.get("authorization", "").startswith("Bearer ") and bool(_token(call))
        ),
    ),
    "junk": (
        "takes the key with junk behind it",
        lambda call: _token(call).startswith(call.server.key),
    ),
    "scheme": ("takes the key under any scheme", lambda call: _token(call) == call.server.key),
}


def _auth(
    fault_id: str, text: str, install: Install, *, assumed: bool = False, grey: bool = False
) -> Fault:
    return Fault(fault_id, "auth", text, install, assumed, grey)


AUTH: tuple[Fault, ...] = (
    *(_auth(f"auth-{op}-{name}", f"{op} {text}", _or(extra, op)) for name, (text, extra) in HOLES.items() for op in OPERATIONS),
    _auth("auth-empty", "an empty header gets in", _or(_key_like(lambda h, _: h == ""))),
    _auth("auth-bare-bearer", "Bearer without a token gets in", _or(_key_like(lambda h, _: h.strip() == "Bearer"))),
    _auth("auth-basic", "Basic with the key gets in", _or(_key_like(lambda h, k: h == f"Basic {k}"))),
    _auth("auth-any-basic", "any Basic header gets in", _or(_key_like(lambda h, _: h.startswith("Basic ")))),
    _auth("auth-token-scheme", "Token with the key gets in", _or(_key_like(lambda h, k: h == f"Token {k}")), grey=True),
    _auth("auth-raw", "the key without a scheme gets in", _or(_key_like(lambda h, k: h == k)), grey=True),
    _auth("auth-truncated", "the first half of the key gets in", _or(lambda c: bool(_token(c)) and c.server.key.startswith(_token(c))), grey=True),
    _auth("auth-contains", "any header that holds the key gets in", _or(_key_like(lambda h, k: k in h))),
    _auth("auth-case", "the key in another case gets in", _or(lambda c: _token(c).lower() == c.server.key.lower()), grey=True),
    _auth("auth-junk-post", "POST takes the key with junk", _or(lambda c: c.method == "POST" and _token(c).startswith(c.server.key))),
    _auth("auth-only-post", "only POST is checked", _or(lambda c: c.method != "POST")),
    _auth("auth-only-get", "only GET is checked", _or(lambda c: c.method != "GET")),
    _auth("auth-page-two", "a list with a cursor is not checked", _or(lambda c: "cursor=" in c.target), grey=True),
    _auth("auth-list-limit", "a list with a limit is not checked", _or(lambda c: c.op == "list" and "limit=" in c.target)),
    _auth("auth-create-sip", "create of SIP kinds is not checked", _or(lambda c: c.op == "create" and b"sip" in c.payload)),
    _auth("auth-create-purchase", "create of the kind purchase is not checked", _or(lambda c: c.op == "create" and b'"sip' not in c.payload and (b'"vogent_sip"' not in c.payload))),
    _auth("auth-unlink", "unlinking is not checked", _or(lambda c: c.op == "update" and re.search(b'"agentId":\\s*""', c.payload) is not None)),
    _auth("auth-link", "linking is not checked", _or(lambda c: c.op == "update" and re.search(b'"agentId":\\s*"[^"]', c.payload) is not None)),
    _auth("auth-remembers", "once bought, the client is let in without a token", _remembers),
    _auth("auth-no-space", "a header without a space is not checked", _or(_key_like(lambda h, _: bool(h) and " " not in h))),
    _auth("auth-does-purchase", "purchase answers 401 and sells", _answer_401(lambda c: _does_it_anyway(c) if c.op == "purchase" else None)),
    _auth("auth-does-delete", "delete answers 401 and deletes", _answer_401(lambda c: _does_it_anyway(c) if c.op == "delete" else None)),
    _auth("auth-does-update", "update answers 401 and links", _answer_401(lambda c: _does_it_anyway(c) if c.op == "update" else None)),
    _auth("auth-does-create", "create answers 401 and creates", _answer_401(lambda c: _does_it_anyway(c) if c.op == "create" else None)),
    _auth("auth-leak", "401 of list holds the numbers", _answer_401(lambda c: _leak(c) if c.op == "list" else None), assumed=True, grey=True),
    _auth("auth-403", "a bad token gets 403", _status_401(403), assumed=True),
    _auth("auth-400", "a bad token gets 400", _status_401(400), assumed=True),
    _auth("auth-500", "a bad token gets 500", _status_401(500)),
    _auth("auth-200-error", "a bad token gets 200 and an error", _answer_401(lambda c: setattr(c, "response", Response(200, {"error": "unauthorized"})))),
    _auth("auth-302", "a bad token is sent to a login page", _answer_401(lambda c: setattr(c, "response", Response(302, headers={"Location": "/login"}, content_type=None)))),
    _auth("auth-500-no-header", "a missing header gets 500", _answer_401(lambda c: setattr(c.response, "status", 500) if "authorization" not in c.headers else None)),
    _auth("auth-500-scheme", "another scheme gets 500", _answer_401(lambda c: setattr(c.response, "status", 500) if not c.headers.get("authorization", "").lower().startswith("bearer") and "authorization" in c.headers else None)),
    _auth("auth-500-empty", "an empty token gets 500", _answer_401(lambda c: setattr(c.response, "status", 500) if c.headers.get("authorization", "").strip() in ("Bearer", "") and "authorization" in c.headers else None)),
)  # fmt: skip


def _once(server: Server) -> None:
    seen: set[str] = set()

    def hook(call: Call) -> None:
        if call.op == "get" and call.id in seen and call.id in call.server.records and call.ok:
            call.response = Response(422)
        seen.update([call.id] if call.op == "get" else [])

    server.after.append(hook)


def _deep(call: Call) -> None:
    if call.payload.count(b"[") + call.payload.count(b"{") > 50:
        raise Crash


def _lower_type(call: Call) -> None:
    if isinstance(_value(call, "type"), str):
        call.body["type"] = call.body["type"].lower()


def _number_text(call: Call) -> None:
    if isinstance(_value(call, "limit"), str):
        call.body["limit"] = int(call.body["limit"]) if call.body["limit"].isdigit() else 5


def _bool_limit(call: Call) -> None:
    if isinstance(_value(call, "limit"), bool):
        call.body["limit"] = 5


def _half_limit(call: Call) -> None:
    if isinstance(_value(call, "limit"), float):
        call.body["limit"] = 5


def _int_number(call: Call) -> None:
    if call.op == "purchase" and isinstance(_value(call, "number"), int):
        call.body["number"] = next(n for n in call.server.stock if call.server.on_sale(n))


def _stock_it(call: Call) -> None:
    if call.op == "purchase" and re.fullmatch(r"\+[1-9][0-9]{6,14}", call.body["number"]):
        call.server.stock.setdefault(call.body["number"], "--")


def _stock_text(call: Call) -> None:
    if call.op == "purchase" and call.body["number"] not in call.server.sold:
        call.server.stock.setdefault(call.body["number"], "--")


def _stock_create(call: Call) -> None:
    number = _value(call, "purchase", "number")
    if call.op == "create" and isinstance(number, str):
        call.server.stock.setdefault(number, "--")


def _country_name(call: Call) -> None:
    if isinstance(_value(call, "country"), str) and len(_value(call, "country")) > 2:
        call.body["country"] = "US"


HANDLED: tuple[Fault, ...] = (
    # valid input refused
    _row("refuses-search-10", "search refuses limit 10", refuse(_wants(10), "search")),
    _row("refuses-search-1", "search refuses limit 1", refuse(_wants(1), "search")),
    _row("refuses-search-no-limit", "search refuses a body without limit", refuse(lambda c: not _has(c, "limit"), "search")),
    _row("refuses-search-no-country", "search refuses a body without country", refuse(lambda c: not _has(c, "country"), "search")),
    _row("refuses-search-only-prefix", "search refuses a body of prefix only", refuse(lambda c: _has(c, "prefix") and len(c.body) == 1, "search")),
    _row("refuses-search-country", "search refuses the country US", refuse(lambda c: _value(c, "country") == "US", "search")),
    _row("refuses-search-gb", "search refuses the country GB", refuse(lambda c: _value(c, "country") == "GB", "search")),
    _row("refuses-search-none", "search refuses a prefix without numbers", refuse(lambda c: isinstance(_value(c, "prefix"), str) and _value(c, "prefix").isdigit() and (_value(c, "country") in (None, "US")) and (not c.server.matching(c.body)), "search"), assumed=True),
    _row("refuses-search-long-prefix", "search refuses a prefix of more than three digits", refuse(lambda c: isinstance(_value(c, "prefix"), str) and len(c.body["prefix"]) > 3 and c.body["prefix"].isdigit() and bool(c.server.matching(c.body)), "search"), assumed=True),
    _row("refuses-purchase", "purchase refuses everything", refuse(_ok, "purchase")),
    _row("refuses-create", "create refuses everything", refuse(_ok, "create")),
    _row("refuses-update", "update refuses everything", refuse(_ok, "update")),
    _row("refuses-get", "get refuses everything", refuse(_ok, "get")),
    _row("refuses-delete", "delete refuses everything", refuse(_ok, "delete")),
    _row("refuses-search", "search refuses everything", refuse(_ok, "search")),
    _row("refuses-list", "list refuses everything", refuse(_ok, "list")),
    _row("refuses-second-purchase", "only the first purchase succeeds", refuse(lambda c: any(r.type == "PSTN" for r in c.server.records.values()), "purchase")),
    _row("refuses-create-purchase", "create refuses the kind purchase", refuse(_kind("purchase"), "create")),
    _row("refuses-create-import", "create refuses the kind sip_import", refuse(_kind("sip_import"), "create")),
    _row("refuses-create-vogent", "create refuses the kind vogent_sip", refuse(_kind("vogent_sip"), "create")),
    _row("refuses-create-nulls", "create refuses the other kinds as null", refuse(lambda c: any(_has(c, b) and c.body[b] is None for b in BRANCHES.values()) and _value(c, BRANCHES.get(str(_value(c, "type")), "")) is not None, "create")),
    _row("refuses-create-bare", "create refuses a body without the other kinds", refuse(lambda c: not all(_has(c, b) for b in BRANCHES.values()), "create")),
    _row("refuses-sip-username-5", "a SIP username of 5 characters is refused", refuse(_length("vogentSip", "username", exactly=5), "create")),
    _row("refuses-sip-password-5", "a SIP password of 5 characters is refused", refuse(_length("vogentSip", "password", exactly=5), "create")),
    _row("refuses-sip-5-both", "username and password of 8 characters at least", refuse(lambda c: any(0 < len(str(_value(c, "vogentSip", n) or "")) < 8 for n in ("username", "password")), "create")),
    _row("refuses-import-4", "an import's username of less than 5 characters is refused", refuse(lambda c: isinstance(_value(c, "sipImport", "username"), str) and len(_value(c, "sipImport", "username")) < 5, "create"), grey=True),
    _row("refuses-import-uk", "an import of a number outside +1 is refused", refuse(lambda c: isinstance(_value(c, "sipImport", "phoneNumber"), str) and re.fullmatch("\\+[2-9]\\d{6,14}", _value(c, "sipImport", "phoneNumber")) is not None, "create"), grey=True),
    _row("refuses-update-empty", "update refuses {}", refuse(lambda c: c.body == {}, "update")),
    _row("refuses-unlink", "update refuses the empty agentId", refuse(lambda c: _value(c, "agentId") == "", "update")),
    _row("refuses-unlink-unlinked", "unlinking an unlinked number is refused", refuse(lambda c: _value(c, "agentId") == "" and _unlinked(c), "update"), assumed=True),
    _row("refuses-relink", "linking a linked number to another agent is refused", refuse(lambda c: bool(_value(c, "agentId")) and _linked(c), "update"), assumed=True),
    *(_row(f"refuses-{op}-sip", f"{op} refuses SIP users", refuse(lambda c: _type(c) == "SIP_USERNAME", op)) for op in ("get", "update", "delete")),
    *(_row(f"refuses-{op}-pstn", f"{op} refuses PSTN numbers", refuse(lambda c: _type(c) == "PSTN", op)) for op in ("get", "update", "delete")),
    _row("refuses-delete-linked", "delete refuses a linked number", refuse(_linked, "delete"), assumed=True),
    _row("refuses-get-linked", "get refuses a linked number", refuse(_linked, "get")),
    _row("refuses-list-plain", "list refuses a call without limit", refuse(lambda c: "limit" not in c.query, "list")),
    _row("refuses-list-1", "list refuses limit 1", refuse(_query_limit(lambda n: n == 1), "list")),
    _row("refuses-list-100", "list refuses limit 100", refuse(_query_limit(lambda n: n == 100), "list")),
    _row("refuses-list-101", "list refuses a limit above 100", refuse(_query_limit(lambda n: n > 100), "list"), assumed=True),
    _row("refuses-cursor", "list refuses its own cursor", refuse(lambda c: bool(c.query.get("cursor", [""])[0]), "list")),
    _row("refuses-cursor-limit", "list refuses cursor with limit", refuse(lambda c: "limit" in c.query and "cursor" in c.query, "list")),
    _row("refuses-list-empty", "list refuses while the account is empty", refuse(lambda c: not c.server.records, "list"), assumed=True),
    _row("refuses-charset", "a request's charset is refused", refuse(lambda c: "charset" in c.headers.get("content-type", ""), *WITH_BODY), grey=True),
    _row("refuses-get-twice", "get of an id answers once", _once),
    # undocumented or odd input ends in a 5xx
    *(_row(f"500-ascii-{op}", f"{op} fails on non-ASCII text", crash(any_text(_not_ascii), op)) for op in OPERATIONS),
    *(_row(f"500-long-{op}", f"{op} fails on text above 300 characters", crash(any_text(_long), op)) for op in OPERATIONS),
    *(_row(f"500-extra-{op}", f"{op} fails on an unknown property", crash(_extra, op)) for op in WITH_BODY),
    _row("500-extra-nested", "create fails on an unknown property inside its kind", crash(_nested_extra, "create")),
    *(_row(f"500-control-{op}", f"{op} fails on control characters", crash(any_text(lambda t: any(ord(ch) < 32 for ch in t)), op)) for op in ("purchase", "create", "search", "update")),
    *(_row(f"500-nul-{op}", f"{op} fails on a NUL character", crash(any_text(lambda t: "\x00" in t), op)) for op in ("purchase", "update", "search", "get")),
    *(_row(f"500-quote-{op}", f"{op} fails on a quote character", crash(any_text(lambda t: "'" in t), op), grey=True) for op in ("search", "update")),
    *(_row(f"500-empty-{op}", f"{op} fails on an empty string", crash(any_text(lambda t: t == "") if op != "search" else lambda c: _value(c, "prefix") == "", op)) for op in ("purchase", "create", "search", "update")),
    _row("500-emoji-update", "update fails on characters beyond the BMP", crash(any_text(lambda t: any(ord(ch) > 65535 for ch in t)), "update"), grey=True),
    _row("500-search-limit-0", "search fails on limit 0", crash(_wants(0), "search")),
    _row("500-search-limit-negative", "search fails on a negative limit", crash(lambda c: isinstance(_value(c, "limit"), int) and _value(c, "limit") < 0, "search")),
    _row("500-search-limit-huge", "search fails on a limit beyond 64 bits", crash(lambda c: isinstance(_value(c, "limit"), int) and abs(_value(c, "limit")) > 2 ** 63, "search"), grey=True),
    _row("500-search-country", "search fails on an unknown country", crash(lambda c: isinstance(_value(c, "country"), str) and len(_value(c, "country")) == 2 and (_value(c, "country") not in ("US", "GB")), "search")),
    _row("500-search-letters", "search fails on a prefix of letters", crash(lambda c: isinstance(_value(c, "prefix"), str) and any(ch.isalpha() for ch in _value(c, "prefix")), "search")),
    _row("500-search-nothing", "search fails when nothing is for sale under the prefix", crash(lambda c: isinstance(_value(c, "prefix"), str) and _value(c, "country") in (None, "US") and (not c.server.matching(c.body)), "search")),
    _row("500-list-limit-text", "list fails on limit=abc", _crash_at("list/limit:type")),
    _row("500-list-limit-0", "list fails on limit 0", crash(_query_limit(lambda n: n == 0), "list")),
    _row("500-list-limit-negative", "list fails on a negative limit", crash(_query_limit(lambda n: n < 0), "list")),
    _row("500-list-limit-huge", "list fails on a limit beyond 64 bits", crash(_query_limit(lambda n: n > 2 ** 63), "list"), grey=True),
    _row("500-list-limit-1000", "list fails on a limit of 1000 and more", crash(_query_limit(lambda n: n >= 1000), "list")),
    _row("500-list-limit-empty", "list fails on limit=", crash(lambda c: c.query.get("limit") == [""], "list")),
    _row("500-list-limit-twice", "list fails on two limits", crash(lambda c: len(c.query.get("limit", [])) > 1, "list"), grey=True),
    _row("500-list-cursor", "list fails on an unknown cursor", _crash_at("list/cursor:unknown")),
    _row("500-list-cursor-empty", "list fails on cursor=", crash(lambda c: c.query.get("cursor") == [""], "list")),
    _row("500-list-query", "list fails on an unknown parameter", crash(lambda c: bool(set(c.query) - {"limit", "cursor"}), "list"), grey=True),
    _row("accepts-list-limit", "list takes a limit that is no integer", _ignore("list/limit:type")),
    *(_row(f"500-{op}-unknown", f"{op} fails on an unknown id", crash(lambda c: _record(c) is None, op)) for op in ("get", "update", "delete")),
    *(_row(f"500-{op}-not-uuid", f"{op} fails on an id that is no UUID", crash(lambda c: not re.fullmatch("[0-9a-f-]{36}", c.id), op)) for op in ("get", "update", "delete")),
    _row("500-purchase-unknown", "purchase fails on a number that is not offered", crash(lambda c: isinstance(_value(c, "number"), str) and _value(c, "number") not in c.server.stock, "purchase")),
    _row("500-purchase-sold", "purchase fails on a sold number", crash(lambda c: isinstance(_value(c, "number"), str) and _value(c, "number") in c.server.sold, "purchase")),
    _row("500-create-sold", "create fails on a sold number", crash(lambda c: str(_value(c, "purchase", "number")) in c.server.sold, "create")),
    _row("500-create-two", "create fails on two kinds at once", crash(lambda c: sum(isinstance(_value(c, b), dict) for b in BRANCHES.values()) > 1, "create"), grey=True),
    _row("500-create-mismatch", "create fails when type and kind do not match", crash(lambda c: _value(c, "type") in BRANCHES and (not _has(c, BRANCHES[c.body["type"]])) and any(_has(c, b) for b in BRANCHES.values()), "create")),
    _row("500-create-import-text", "create fails on an import's number that is not E.164", crash(lambda c: isinstance(_value(c, "sipImport", "phoneNumber"), str) and (not re.fullmatch("\\+[1-9]\\d{1,14}", _value(c, "sipImport", "phoneNumber"))), "create")),
    _row("500-update-empty", "update fails on {}", crash(lambda c: c.body == {}, "update")),
    _row("500-unlink-unlinked", "unlinking an unlinked number fails", crash(lambda c: _value(c, "agentId") == "" and _unlinked(c), "update")),
    _row("500-relink", "linking a linked number fails", crash(lambda c: bool(_value(c, "agentId")) and _linked(c), "update")),
    _row("500-delete-linked", "deleting a linked number fails", crash(_linked, "delete")),
    _row("500-body-deep", "deeply nested JSON fails", lambda server: server.early.append(_deep), grey=True),
    _row("503-malformed", "malformed JSON gets 503", refused(lambda c: setattr(c.response, "status", 503), when=lambda c: c.body is None and bool(c.payload))),
    # methods
    _row("method-get-purchase", "GET /phone_numbers/purchase sells a number", _method("GET", "/api/phone_numbers/purchase", _sell_any), assumed=True),
    _row("method-put-collection", "PUT /phone_numbers sells a number", _method("PUT", "/api/phone_numbers", _sell_any), assumed=True),
    _row("method-delete-collection", "DELETE /phone_numbers empties the account", _method("DELETE", "/api/phone_numbers", _delete_all), assumed=True),
    _row("method-post-id", "POST /phone_numbers/{id} sells a number", _method("POST", "/api/phone_numbers/(?!purchase|search)[^/?]+", _sell_any), assumed=True),
    _row("method-patch", "PATCH /phone_numbers/{id} is answered 200", _method("PATCH", "/api/phone_numbers/[^/?]+", _patch), assumed=True),
    _row("method-search-get", "GET /phone_numbers/search gives []", _method("GET", "/api/phone_numbers/search", lambda _: Response(200, [])), assumed=True),
    _row("method-500", "a wrong method gets 500", lambda server: server.after.append(lambda c: setattr(c.response, "status", 500) if c.response.status == 405 else None)),
    _row("method-501-patch", "PATCH gets 501", lambda server: server.after.append(lambda c: setattr(c.response, "status", 501) if c.response.status == 405 and c.method == "PATCH" else None), grey=True),
    _row("method-200", "a wrong method gets 200 and null", lambda server: server.after.append(lambda c: setattr(c, "response", Response(200, None)) if c.response.status == 405 else None), assumed=True),
    _row("method-allow-wrong", "Allow names methods that do not exist", lambda server: server.after.append(lambda c: c.response.headers.update({"Allow": "PATCH"}) if c.response.status == 405 else None), assumed=True, grey=True),
    # groups that are loose everywhere
    _row("accepts-all-nulls", "null is taken for every property", _ignore("*:null")),
    _row("accepts-all-types", "every scalar of a wrong type is taken", _ignore("*:type")),
    _row("accepts-all", "nothing is validated", _ignore("*/body:*", "*:missing", "*:null", "*:type", "*:enum", "*:short", "*:long", "*:above")),
    _row("500-everything", "every invalid input ends in a 500", _crash_at("*")),
    _row("accepts-type-case", "type is read in any case", lambda server: server.before.append(_lower_type)),
    _row("accepts-limit-text", "search takes the limit '5' as text", lambda server: server.before.append(_number_text)),
    _row("accepts-limit-bool", "search takes the limit true", lambda server: server.before.append(_bool_limit), grey=True),
    _row("accepts-limit-half", "search takes the limit 1.5", lambda server: server.before.append(_half_limit), grey=True),
    _row("accepts-number-int", "purchase takes the number as an integer", lambda server: server.before.append(_int_number), grey=True),
    _row("accepts-unoffered", "purchase sells any E.164 number", both(lambda server: server.valid.append(_stock_it))),
    _row("accepts-unoffered-text", "purchase sells any text", both(lambda server: server.valid.append(_stock_text))),
    _row("accepts-create-unoffered", "create sells any number", lambda server: server.valid.append(_stock_create)),
    _row("accepts-country-long", "search takes a country's name", lambda server: server.before.append(_country_name)),
)  # fmt: skip


REQUESTS: tuple[Fault, ...] = (
    *(_row(f"accepts-{problem}", f"accepted: {problem}", _ignore(problem), assumed="media" in problem or problem in NOT_SAID) for problem in _problems()),
    *(_row(f"500-{problem}", f"answered with 500: {problem}", _crash_at(problem)) for problem in _problems()),
    *HANDLED,
)  # fmt: skip
