"""Faults in bodies, headers and statuses of answers."""
# ruff: noqa: E501 - a table reads best with one fault a line

import json
from collections.abc import Callable
from typing import Any

from .fault import (
    NUMBERS,
    ONE,
    Call,
    Fault,
    Install,
    PhoneNumber,
    When,
    answer,
    body,
    each,
    refused,
    shown,
    status,
    wire,
)


def _set(name: str, value: Any) -> Callable[[PhoneNumber], None]:
    return lambda number: number.update({name: value})


def _map(name: str, change: Callable[[Any], Any]) -> Callable[[PhoneNumber], None]:
    return lambda number: number.update({name: change(number[name])})


def _drop(name: str) -> Callable[[PhoneNumber], Any]:
    return lambda number: number.pop(name)


def _rename(old: str, new: str) -> Callable[[PhoneNumber], None]:
    return lambda number: number.update({new: number.pop(old)})


def _linked(number: PhoneNumber) -> bool:
    return bool(number.get("agentId"))


def _unlinked(number: PhoneNumber) -> bool:
    return number.get("agentId") is None


def _sip(number: PhoneNumber) -> bool:
    return bool(number["type"] == "SIP_USERNAME")


def _pstn(number: PhoneNumber) -> bool:
    return bool(number["type"] == "PSTN")


def _text(change: Callable[[str], str | bytes]) -> Callable[[Call], None]:
    def hook(call: Call) -> None:
        changed = change(json.dumps(call.response.body))
        call.response.raw = changed.encode() if isinstance(changed, str) else changed

    return hook


def _row(
    fault_id: str, text: str, install: Install, *, assumed: bool = False, grey: bool = False
) -> Fault:
    return Fault(fault_id, "answers", text, install, assumed, grey)


# every operation that shows phone numbers x what everyone would think of
EVERYWHERE: dict[str, tuple[str, Callable[[PhoneNumber], Any], Callable[[PhoneNumber], bool]]] = {
    "id-missing": ("has no id", _drop("id"), bool),
    "id-integer": (
        "has an integer id",
        _map("id", lambda v: int("".join(filter(str.isdigit, v)) or 1)),
        bool,
    ),
    "number-null": ("has the number null", _set("number", None), bool),
    "number-no-plus": (
        "shows a PSTN number without +",
        _map("number", lambda v: v.lstrip("+")),
        _pstn,
    ),
    "type-lower": ("shows the type in lower case", _map("type", str.lower), bool),
    "type-missing": ("has no type", _drop("type"), bool),
    "agent-omitted": ("leaves agentId out when nothing is linked", _drop("agentId"), _unlinked),
    "agent-empty": ("shows '' when nothing is linked", _set("agentId", ""), _unlinked),
}
LINKED: dict[str, tuple[str, Callable[[PhoneNumber], Any]]] = {
    "agent-object": ("shows the linked agent as an object", _map("agentId", lambda v: {"id": v})),
    "agent-null": ("shows null although an agent is linked", _set("agentId", None)),
    "agent-dropped": ("leaves agentId out when an agent is linked", _drop("agentId")),
    "agent-renamed": ("calls it agent when an agent is linked", _rename("agentId", "agent")),
}
# breakages that fewer would think of, each at the operations named
HERE_AND_THERE: tuple[tuple[str, str, str, Callable[[PhoneNumber], Any], Callable[[PhoneNumber], bool]], ...] = (
    ("id-null", "get", "id is null", _set("id", None), bool),
    ("id-object", "list", "id is an object", _map("id", lambda v: {"value": v}), bool),
    ("id-renamed", "purchase", "id is called phoneId", _rename("id", "phoneId"), bool),
    ("id-upper", "update", "id comes back in upper case", _map("id", str.upper), bool),
    ("id-padded", "list", "id has a trailing space", _map("id", lambda v: v + " "), bool),
    ("id-array", "delete", "id is an array", _map("id", lambda v: [v]), bool),
    ("number-missing", "list", "number is missing", _drop("number"), bool),
    ("number-renamed", "create", "number is called phoneNumber", _rename("number", "phoneNumber"), bool),
    ("number-integer", "get", "a PSTN number is an integer", _map("number", lambda v: int(v[1:])), _pstn),
    ("number-dashes", "update", "a PSTN number has dashes", _map("number", lambda v: f"{v[:5]}-{v[5:]}"), _pstn),
    ("number-national", "list", "a PSTN number is national", _map("number", lambda v: f"({v[2:5]}) {v[5:]}"), _pstn),
    ("number-tel", "get", "a PSTN number is a tel URI", _map("number", lambda v: "tel:" + v), _pstn),
    ("number-00", "delete", "a PSTN number starts with 00", _map("number", lambda v: "00" + v[1:]), _pstn),
    ("number-spaces", "purchase", "a PSTN number has spaces", _map("number", lambda v: f"{v[:2]} {v[2:]}"), _pstn),
    ("number-newline", "get", "a PSTN number ends in a newline", _map("number", lambda v: v + "\n"), _pstn),
    ("number-masked", "list", "a PSTN number is masked", _map("number", lambda v: v[:-4] + "****"), _pstn),
    ("number-object", "create", "number is an object", _map("number", lambda v: {"e164": v}), bool),
    ("number-empty", "delete", "number is empty", _set("number", ""), _pstn),
    ("sip-number-null", "list", "a SIP user's number is null", _set("number", None), _sip),
    ("sip-number-missing", "get", "a SIP user has no number", _drop("number"), _sip),
    ("sip-type", "list", "a SIP user has the type SIP", _set("type", "SIP"), _sip),
    ("sip-type", "update", "a SIP user has the type sip_username", _set("type", "sip_username"), _sip),
    ("sip-agent-omitted", "list", "an unlinked SIP user has no agentId", _drop("agentId"),
     lambda n: _sip(n) and _unlinked(n)),
    ("sip-agent-empty", "create", "a new SIP user has the agentId ''", _set("agentId", ""), _sip),
    ("sip-linked-omitted", "update", "a linked SIP user has no agentId", _drop("agentId"),
     lambda n: _sip(n) and _linked(n)),
    ("sip-id-integer", "delete", "a SIP user's id is an integer when it is deleted", _set("id", 7), _sip),
    ("type-unknown", "list", "type is MOBILE", _set("type", "MOBILE"), _pstn),
    ("type-unknown", "delete", "type is RELEASED in the answer of delete", _set("type", "RELEASED"), bool),
    ("type-null", "get", "type is null", _set("type", None), bool),
    ("type-integer", "update", "type is 0 or 1", _map("type", lambda v: int(v == "PSTN")), bool),
    ("type-space", "create", "type has a trailing space", _map("type", lambda v: v + " "), bool),
    ("type-array", "purchase", "type is an array", _map("type", lambda v: [v]), bool),
    ("agent-null-text", "get", "agentId is 'null' when nothing is linked", _set("agentId", "null"), _unlinked),
    ("agent-null-text", "purchase", "agentId is 'null' on a new number", _set("agentId", "null"), _unlinked),
    ("agent-false", "list", "agentId is false when nothing is linked", _set("agentId", False), _unlinked),
    ("agent-zero", "update", "agentId is 0 when nothing is linked", _set("agentId", 0), _unlinked),
    ("agent-array", "delete", "agentId is [] when nothing is linked", _set("agentId", []), _unlinked),
    ("agent-object-null", "create", "agentId is {} when nothing is linked", _set("agentId", {}), _unlinked),
    ("agent-nil-uuid", "list", "agentId is the nil UUID when nothing is linked",
     _set("agentId", "00000000-0000-0000-0000-000000000000"), _unlinked),
    ("agent-none-text", "delete", "agentId is 'None' when nothing is linked", _set("agentId", "None"), _unlinked),
    ("agent-undefined", "update", "agentId is 'undefined' when nothing is linked", _set("agentId", "undefined"), _unlinked),
    ("agent-integer", "list", "the linked agentId is an integer", _set("agentId", 42), _linked),
    ("agent-list", "update", "the linked agentId is an array", _map("agentId", lambda v: [v]), _linked),
    ("agent-true", "get", "the linked agentId is true", _set("agentId", True), _linked),
    ("snake", "get", "agentId is called agent_id", _rename("agentId", "agent_id"), bool),
    ("pascal", "list", "agentId is called AgentId", _rename("agentId", "AgentId"), bool),
)  # fmt: skip
BODIES: tuple[tuple[str, str, tuple[str, ...], Install], ...] = (
    ("wrapped", "the body is wrapped in data", ONE, body(lambda b: {"data": b})),
    ("in-array", "the body is an array of one", ("purchase", "get"), body(lambda b: [b])),
    ("as-string", "the body is JSON in a JSON string", ("update", "search"), body(json.dumps)),
    ("null", "the body is null", (*NUMBERS, "search"), body(lambda _: None)),
    ("object-empty", "the body is {}", ("purchase", "update", "delete", "list"), body(lambda _: {})),
    ("true", "the body is true", ("delete", "update"), body(lambda _: True)),
    ("ok", "the body is {'success': true}", ("delete", "update", "create"), body(lambda _: {"success": True})),
    ("empty", "the body is empty", ("purchase", "create", "list", "delete"), wire(raw=b"")),
    ("empty-no-type", "the body is empty and has no content type", ("get", "update"), wire(raw=b"", content_type=None)),
    ("truncated", "the body is cut", ("purchase", "list", "search"), answer(_text(lambda t: t[:-3]))),
    ("trailing", "text follows the body", ("get", "search"), answer(_text(lambda t: t + "\nOK"))),
    ("twice", "the body comes twice", ("create", "list"), answer(_text(lambda t: t + t))),
    ("bom", "the body starts with a byte order mark", ("get", "list"), answer(_text(lambda t: b"\xef\xbb\xbf" + t.encode()))),
    ("utf-16", "the body is UTF-16", ("update", "purchase"), answer(_text(lambda t: t.encode("utf-16")))),
    ("single-quotes", "the body has single quotes", ("delete",), answer(_text(lambda t: t.replace('"', "'")))),
    ("comma", "the body has a trailing comma", ("create", "search"), answer(_text(lambda t: t[:-1] + "," + t[-1]))),
    ("comment", "the body has a comment", ("list",), answer(_text(lambda t: "// page\n" + t))),
    ("nan", "the body holds NaN", ("get", "list"), answer(_text(lambda t: t[:-1] + ', "price": NaN}'))),
    ("latin-1", "the body holds a byte that is no UTF-8", ("update",), answer(_text(lambda t: t[:-1].encode() + b', "x": "\xe9"}'))),
    ("xssi", "the body starts with )]}'", ("list",), answer(_text(lambda t: ")]}',\n" + t))),
    ("html", "an HTML page with 200", ("purchase", "search"), wire(raw=b"<html><p>OK</p></html>", content_type="text/html")),
    ("html-as-json", "an HTML page said to be JSON", ("get",), wire(raw=b"<html><p>OK</p></html>")),
    ("error-200", "an error object with 200", ("create", "update"), body(lambda _: {"error": "temporarily unavailable"})),
    ("type-html", "JSON said to be text/html", (*NUMBERS, "search"), wire(content_type="text/html; charset=utf-8")),
    ("type-text", "JSON said to be text/plain", ("purchase", "list"), wire(content_type="text/plain")),
    ("type-octets", "JSON said to be octets", ("delete",), wire(content_type="application/octet-stream")),
    ("type-missing", "no content type", ("create", "search", "get"), wire(content_type=None)),
    ("type-empty", "an empty content type", ("update",), wire(content_type="")),
    ("type-typo", "application/jsn", ("list",), wire(content_type="application/jsn")),
    ("charset-lie", "UTF-8 said to be UTF-16", ("get",), wire(content_type="application/json; charset=utf-16")),
    ("201", "201 instead of 200", ("purchase", "create", "update"), answer(status(201))),
    ("202", "202 instead of 200", ("purchase", "delete"), answer(status(202))),
    ("203", "203 instead of 200", ("get",), answer(status(203))),
    ("204", "204 without a body", ("delete", "update"), wire(status=204, raw=b"", content_type=None)),
    ("206", "206 instead of 200", ("list",), answer(status(206))),
    ("302", "302 to a page", ("search", "get"), wire(status=302, raw=b"", headers={"Location": "/login"})),
    ("307", "307 to itself", ("list",), wire(status=307, raw=b"", headers={"Location": "/api/phone_numbers"})),
    ("500", "500 instead of 200", ("delete",), answer(status(500))),
    ("503", "503 with the right body", ("search",), answer(status(503))),
    ("299", "299 instead of 200", ("list",), answer(status(299))),
    ("length-long", "Content-Length is too long", ("purchase", "get"), wire(length_off=9)),
    ("length-short", "Content-Length is too short", ("update", "search"), wire(length_off=-5)),
    ("half", "the connection breaks in the body", ("create", "list"), wire(drop="half")),
    ("dropped", "the connection is closed without an answer", ("delete", "search"), wire(drop="all")),
    ("gzip-lie", "said to be gzip but is not", ("get",), wire(headers={"Content-Encoding": "gzip"})),
    ("hang", "never answers", ("purchase", "list", "delete"), wire(delay=100.0)),
)  # fmt: skip


def _of(ops: tuple[str, ...], install: Install) -> Install:
    """The same hook, for some operations only."""

    def limited(server: Any) -> None:
        known = len(server.after)
        install(server)
        for index in range(known, len(server.after)):
            hook = server.after[index]
            server.after[index] = lambda call, hook=hook: hook(call) if call.op in ops else None

    return limited


def _duplicate_keys(call: Call) -> None:
    text = json.dumps(call.response.body)
    call.response.raw = (text[:-1] + ', "agentId": "", "agentId": null}').encode()


def _page_two(call: Call) -> bool:
    return "cursor" in call.query


def _many(count: int) -> When:
    return lambda call: len(call.server.records) >= count


def _cursor(change: Callable[[Any], Any], only: Callable[[Any], bool]) -> Install:
    def hook(call: Call) -> None:
        page = call.response.body
        if only(page["cursor"]):
            page["cursor"] = change(page["cursor"])

    return answer(hook, "list")


def _no_cursor(call: Call) -> None:
    if call.response.body["cursor"] is None:
        del call.response.body["cursor"]


def _offers(change: Callable[[list[Any]], Any]) -> Install:
    return body(change, "search")


def _first(change: Callable[[PhoneNumber], Any]) -> Install:
    def hook(call: Call) -> None:
        if call.response.body["data"]:
            change(call.response.body["data"][0])

    return answer(hook, "list")


def _last(change: Callable[[PhoneNumber], Any]) -> Install:
    def hook(call: Call) -> None:
        if len(call.response.body["data"]) > 1:
            change(call.response.body["data"][-1])

    return answer(hook, "list")


def _null_item(call: Call) -> None:
    call.response.body["data"].append(None)


def _no_header(name: str) -> Install:
    def hook(call: Call) -> None:
        call.response.headers.pop(name, None)

    return lambda server: server.after.append(hook)


def _refusal(**fields: Any) -> Callable[[Call], None]:
    def hook(call: Call) -> None:
        for name, value in fields.items():
            setattr(call.response, name, value)

    return hook


def _lost_name(call: Call) -> None:
    for number in shown(call):
        number["name"] = number.pop("number")


def _unknown(call: Call) -> bool:
    return call.op in ("get", "update", "delete") and call.id not in call.server.records


LISTED: tuple[Fault, ...] = (
    _row("list-cursor-empty", "cursor is '' on the last page", _cursor(lambda _: "", lambda c: c is None)),
    _row("list-cursor-missing", "cursor is missing on the last page", answer(_no_cursor, "list")),
    _row("list-cursor-false", "cursor is false on the last page", _cursor(lambda _: False, lambda c: c is None)),
    _row("list-cursor-text", "cursor is 'null' on the last page", _cursor(lambda _: "null", lambda c: c is None)),
    _row("list-cursor-integer", "cursor is an integer", _cursor(len, lambda c: c is not None)),
    _row("list-cursor-object", "cursor is an object", _cursor(lambda c: {"next": c}, lambda c: c is not None)),
    _row("list-cursor-renamed", "cursor is called nextCursor", body(lambda b: {"data": b["data"], "nextCursor": b["cursor"]}, "list")),
    _row("list-data-renamed", "data is called phoneNumbers", body(lambda b: {"phoneNumbers": b["data"], "cursor": b["cursor"]}, "list")),
    _row("list-bare", "the list is a bare array", body(lambda b: b["data"], "list")),
    _row("list-empty-null", "data is null when the account is empty", body(lambda b: b | {"data": b["data"] or None}, "list")),
    _row("list-empty-missing", "data is missing when the account is empty",
         body(lambda b: b if b["data"] else {"cursor": b["cursor"]}, "list")),
    _row("list-map", "data is an object by id", body(lambda b: b | {"data": {n["id"]: n for n in b["data"]}}, "list")),
    _row("list-one-object", "data is no array when it holds one",
         body(lambda b: b | {"data": b["data"][0] if len(b["data"]) == 1 else b["data"]}, "list")),
    _row("list-null-item", "data ends with null", answer(_null_item, "list")),
    _row("list-ids", "data holds ids only", body(lambda b: b | {"data": [n["id"] for n in b["data"]]}, "list")),
    _row("list-first-bare", "the first item has no agentId", _first(_drop("agentId"))),
    _row("list-last-bare", "the last of several items has no type", _last(_drop("type"))),
    _row("list-page-two-agent", "agentId is missing from page 2 on", each(_drop("agentId"), "list", when=_page_two)),
    _row("list-page-two-type", "type is in lower case from page 2 on", each(_map("type", str.lower), "list", when=_page_two)),
    _row("list-page-two-id", "ids are integers from page 2 on", each(_set("id", 5), "list", when=_page_two)),
    _row("list-page-two-bare", "page 2 is a bare array", body(lambda b: b["data"], "list", when=_page_two)),
    _row("list-page-two-html", "page 2 is said to be HTML", wire("list", when=_page_two, content_type="text/html")),
    _row("list-many-number", "with four numbers or more the list shows them without +",
         each(_map("number", lambda v: v.lstrip("+")), "list", when=_many(4))),
    _row("search-strings", "search gives strings", _offers(lambda b: [o["number"] for o in b])),
    _row("search-renamed", "offers have phoneNumber", _offers(lambda b: [{"phoneNumber": o["number"]} for o in b])),
    _row("search-wrapped", "search gives {'data': [...]}", _offers(lambda b: {"data": b})),
    _row("search-integer", "offered numbers are integers", _offers(lambda b: [{"number": int(o["number"][1:])} for o in b])),
    _row("search-null-empty", "search gives null when nothing is for sale", _offers(lambda b: b or None)),
    _row("search-object-empty", "search gives {} when nothing is for sale", _offers(lambda b: b or {})),
    _row("search-204-empty", "search gives 204 when nothing is for sale",
         wire("search", when=lambda c: not c.response.body, status=204, raw=b"", content_type=None)),
    _row("search-404-empty", "search gives 404 when nothing is for sale",
         wire("search", when=lambda c: not c.response.body, status=404)),
    _row("search-one-object", "one offer comes without the array", _offers(lambda b: b[0] if len(b) == 1 else b)),
    _row("search-last-null", "the last of several offers is null", _offers(lambda b: [*b[:-1], None] if len(b) > 1 else b)),
    _row("search-last-bare", "the last of several offers has no number", _offers(lambda b: [*b[:-1], {}] if len(b) > 1 else b)),
    _row("search-number-null", "offered numbers are null", _offers(lambda b: [o | {"number": None} for o in b])),
    _row("search-nested", "offers are arrays in an array", _offers(lambda b: [[o] for o in b])),
    _row("get-duplicate-keys", "agentId comes three times", answer(_duplicate_keys, "get"), grey=True),
    _row("update-name", "update calls the number name", answer(_lost_name, "update")),
    _row("405-allow", "405 has no Allow", _no_header("Allow"), assumed=True),
    _row("401-challenge", "401 has no WWW-Authenticate", _no_header("WWW-Authenticate"), assumed=True, grey=True),
    *(_row(f"{op}-unknown-{code}", f"{op} answers an unknown id with {code}", refused(_refusal(status=code), op, when=_unknown))
      for op, code in (("get", 404), ("update", 404), ("delete", 404), ("get", 500), ("update", 409), ("delete", 410))),
    *(_row(f"{op}-unknown-200-{name}", f"{op} answers an unknown id with 200 and {name}",
           refused(_refusal(status=200, body=value, raw=None, content_type="application/json"), op, when=_unknown))
      for op, name, value in (("get", "null", None), ("delete", "empty", {}), ("update", "null", None), ("get", "error", {"error": 1}))),
    _row("get-unknown-204", "get answers an unknown id with 204", refused(_refusal(status=204, raw=b""), "get", when=_unknown)),
    _row("purchase-unknown-404", "purchase answers a number that is not offered with 404",
         refused(_refusal(status=404), "purchase", when=lambda c: isinstance(c.body, dict) and isinstance(c.body.get("number"), str))),
    _row("purchase-unknown-402", "purchase refuses with 402", refused(_refusal(status=402), "purchase")),
    _row("purchase-sold-409", "purchase answers a sold number with 409",
         refused(_refusal(status=409), "purchase",
                 when=lambda c: isinstance(c.body, dict) and str(c.body.get("number")) in c.server.sold)),
    _row("create-sold-409", "create answers a sold number with 409", refused(
        _refusal(status=409), "create",
        when=lambda c: isinstance(c.body, dict) and isinstance(c.body.get("purchase"), dict)
        and str(c.body["purchase"].get("number")) in c.server.sold)),
    _row("create-refuses-403", "create refuses with 403", refused(_refusal(status=403), "create")),
    _row("search-refuses-404", "search refuses with 404", refused(_refusal(status=404), "search")),
    _row("list-refuses-416", "list refuses with 416", refused(_refusal(status=416), "list")),
    _row("media-415", "a wrong content type gets 415", refused(
        _refusal(status=415), when=lambda c: bool(c.payload) and "json" not in c.headers.get("content-type", "")), grey=True),
    _row("update-refuses-500", "update refuses with 500", refused(_refusal(status=500), "update")),
    _row("create-refuses-200", "create answers a refusal with 200 and an error object", refused(
        _refusal(status=200, body={"error": "invalid"}, raw=None, content_type="application/json"), "create")),
)  # fmt: skip
ANSWERS: tuple[Fault, ...] = (
    *(_row(f"{op}-{name}", f"{op} {text}", each(change, op, only=only))
      for name, (text, change, only) in EVERYWHERE.items() for op in NUMBERS),
    *(_row(f"{op}-{name}-linked", f"{op} {text}", each(change, op, only=_linked))
      for name, (text, change) in LINKED.items() for op in ("get", "list", "update", "delete")),
    *(_row(f"{op}-{name}", f"{op}: {text}", each(change, op, only=only)) for name, op, text, change, only in HERE_AND_THERE),
    *(_row(f"{op}-body-{name}", f"{op}: {text}", _of((op,), install)) for name, text, ops, install in BODIES for op in ops),
    *LISTED,
)  # fmt: skip
