"""The bed is what it says: its correct servers keep the documents, and every fault shows in what a client can see."""

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from .faults import FAULTS
from .server import BRANCHES, FIELDS, MISSING, WITH_BODY, Call, Field, Server
from .variants import VARIANTS
from .wire import serve

KEY = "bed-Key-1234"
Answers = list[tuple[Any, ...]]
SEEN: dict[str, Answers] = {}
GOOD = {
    "type": "purchase",
    "number": "+12015550103",
    "prefix": "201",
    "country": "US",
    "limit": 5,
    "agentId": "agent-1",
    "phoneNumber": "+18005550199",
    "terminationUri": "sip.example.com",
    "username": "user-name",
    "password": "pass-word",
    "sipPrefix": "front-desk",
}


class Differs(Exception):  # noqa: N818 - what is hoped for
    """An answer is not the one expected."""


class Client:
    """Asks a server in this process and keeps every answer."""

    def __init__(self, server: Server, expected: Answers | None = None) -> None:
        self.server = server
        self.expected = expected
        self.seen: list[tuple[Any, ...]] = []

    def ask(
        self,
        method: str,
        path: str,
        body: Any = MISSING,
        *,
        auth: str | None = f"Bearer {KEY}",
        **more: Any,
    ) -> Any:
        """Send one request; returns the body of the answer."""
        payload = more.get("raw", b"" if body is MISSING else json.dumps(body).encode())
        headers = {"content-type": more.get("media", "application/json")} if payload else {}
        if auth is not None:
            headers["authorization"] = auth
        answer = self.server.handle(
            Call(method, "/api/phone_numbers" + path, headers, payload, self.server)
        )
        text = "" if answer.body is MISSING else json.dumps(answer.body)
        wire = (answer.raw, answer.content_type, answer.drop, answer.delay, answer.length_off)
        self.seen.append((method, path, answer.status, text, sorted(answer.headers.items()), *wire))
        if self.expected is not None and self.seen[-1] != self.expected[len(self.seen) - 1]:
            raise Differs
        return answer.body

    def newest(self, kind: str = "PSTN") -> str:
        """The path of the account's newest number of a type, or of an unknown one."""
        ids = [record.id for record in self.server.records.values() if record.type == kind]
        return "/" + (ids[-1] if ids else "none")


def script(server: Server, expected: Answers | None = None) -> Answers:
    """Ask all that a thorough client could ask, and return what came; ends with `Differs` at what was not expected."""
    client = Client(server, expected)
    _flow(client)
    _numbers(client)
    _invalid(client)
    _odd(client)
    _methods(client)
    _tokens(client)
    _numbers(client)
    for _ in range(20):
        client.ask("POST", "/purchase", {"number": "+12015550101"})
        client.ask("DELETE", client.newest())
    for _ in range(60):
        for record in list(server.records.values())[:2]:
            client.ask("GET", f"/{record.id}")
        client.ask("GET", "?limit=2")
    return client.seen


def _flow(client: Client) -> None:
    client.ask("GET", "")
    for body in (
        {"prefix": "201"},
        {"prefix": "2", "limit": 10},
        {"prefix": "201", "country": "US", "limit": 1},
        {"prefix": ""},
    ):
        client.ask("POST", "/search", body)
    for body in (
        {"prefix": "2079", "country": "GB"},
        {"prefix": "999"},
        {"prefix": "20155501"},
        {"prefix": "555"},
        {"prefix": "201555012345678"},
    ):
        client.ask("POST", "/search", body)
    client.ask("POST", "/search", {"prefix": "212", "limit": 10})
    numbers = [number for number, country in client.server.stock.items() if country == "US"]
    for index, number in enumerate(numbers[:4]):
        client.ask("POST", "/purchase", {"number": number})
        client.ask("GET", client.newest())
        client.ask("POST", "/search", {"prefix": number[2:5], "limit": 10})
        client.ask("PUT", client.newest(), {"agentId": "Agent-0001-long"})
        if index:
            client.ask("PUT", client.newest(), {"agentId": "agent-2"})
            client.ask("GET", client.newest())
            client.ask("GET", "")
        if index > 1:
            client.ask("PUT", client.newest(), {})
            client.ask("PUT", client.newest(), {"agentId": ""})
            client.ask("PUT", client.newest(), {"agentId": ""})
        for path in ("", "?limit=1", "?limit=2"):
            _pages(client, path)
    client.ask("POST", "/purchase", {"number": numbers[0]})
    client.ask("POST", "", {"type": "purchase", "purchase": {"number": numbers[0]}})


def _pages(client: Client, path: str) -> None:
    page = client.ask("GET", path)
    for _ in range(5):
        cursor = page.get("cursor") if isinstance(page, dict) else None
        if not isinstance(cursor, str):
            return
        page = client.ask("GET", f"{path}{'&' if path else '?'}cursor={cursor}")


def _numbers(client: Client) -> None:
    """Each kind of number, from its making to its release."""
    free = [
        n for n, home in client.server.stock.items() if home == "US" and n not in client.server.sold
    ][-3:]
    purchase = {"type": "purchase", "purchase": {"number": free[0]}}
    trunk = {
        "phoneNumber": f"+4420794{free[0][-5:]}",
        "terminationUri": "t",
        "username": "u",
        "password": "p",
    }
    user = {"sipPrefix": f"desk-of-{free[0]}", "username": "abcde", "password": "abcde"}
    nulls = {"purchase": None, "sipImport": None, "vogentSip": None}
    client.ask("POST", "", purchase)
    client.ask("POST", "/search", {"prefix": free[0][2:], "limit": 10})
    for body in (
        {"type": "sip_import", "sipImport": trunk},
        {"type": "vogent_sip", "vogentSip": user},
    ):
        client.ask("POST", "", body)
        kind = "PSTN" if "sipImport" in body else "SIP_USERNAME"
        path = client.newest(kind)
        client.ask("GET", path)
        client.ask("PUT", path, {"agentId": "agent-9"})
        _pages(client, "")
        client.ask("PUT", path, {"agentId": "agent-8"})
        client.ask("PUT", path, {"agentId": ""})
        client.ask("GET", path)
        client.ask("DELETE", path)
        client.ask("GET", path)
        client.ask("PUT", path, {"agentId": "agent-7"})
        client.ask("DELETE", path)
        _pages(client, "?limit=3")
    client.ask(
        "POST", "", nulls | {"type": "vogent_sip", "vogentSip": user | {"sipPrefix": "kept-by-us"}}
    )
    client.ask("PUT", client.newest("SIP_USERNAME"), {"agentId": "agent-6"})
    client.ask(
        "POST", "", nulls | {"type": "vogent_sip", "vogentSip": user | {"sipPrefix": "linked-one"}}
    )
    client.ask("PUT", client.newest("SIP_USERNAME"), {"agentId": "agent-6"})
    client.ask("POST", "/search", {"prefix": "201"})
    _pages(client, "")
    client.ask("DELETE", client.newest("SIP_USERNAME"))
    client.ask("POST", "/purchase", {"number": free[1]})
    client.ask("PUT", client.newest(), {"agentId": "agent-5"})
    client.ask("GET", client.newest())
    client.ask("GET", "/none")
    client.ask("DELETE", "/none")
    client.ask("PUT", "/none", {"agentId": "agent-5"})
    _pages(client, "")
    client.ask("DELETE", client.newest())
    client.ask("POST", "/purchase", {"number": free[1]})
    client.ask("GET", client.newest())
    client.ask("PUT", client.newest(), {"agentId": "agent-5"})
    client.ask("PUT", client.newest(), {"agentId": ""})
    client.ask("DELETE", client.newest())
    _pages(client, "?limit=1")


def _bad(field: Field) -> Iterator[Any]:
    yield from (None, 5 if field.type is str else "5")
    if field.required:
        yield MISSING
    if field.shortest:
        yield "x" * (field.shortest - 1)
    if field.longest:
        yield "x" * (field.longest + 1)
    if field.most:
        yield field.most + 1
    if field.one_of:
        yield from ("unknown", "PURCHASE")


def _invalid(client: Client) -> None:
    for op in WITH_BODY:
        path, method = (
            {"create": "", "update": client.newest()}.get(op, "/" + op),
            "PUT" if op == "update" else "POST",
        )
        good = {"create": {"type": "purchase", "purchase": {"number": "+12015550199"}}}.get(
            op, {"number": "+1", "prefix": "201"}
        )
        for payload in (b"", b"{", b"[]", b"null", b'"x"', b"{" * 200):
            client.ask(method, path, raw=payload)
        client.ask(method, path, good, media="text/plain")
        client.ask(method, path, good, media="application/json; charset=utf-8")
        for field in FIELDS[op]:
            for value in _bad(field):
                body = {other.name: GOOD[other.name] for other in FIELDS[op]} | {field.name: value}
                client.ask(method, path, {k: v for k, v in body.items() if v is not MISSING})
    for named, branch in BRANCHES.items():
        for value in (None, "x", MISSING, {}):
            client.ask("POST", "", {"type": named} | ({} if value is MISSING else {branch: value}))
        for field in FIELDS[f"create/{branch}"]:
            for value in _bad(field):
                inner = {other.name: GOOD[other.name] for other in FIELDS[f"create/{branch}"]} | {
                    field.name: value
                }
                client.ask(
                    "POST",
                    "",
                    {"type": named, branch: {k: v for k, v in inner.items() if v is not MISSING}},
                )
    kind: Any
    for kind in ("Vogent_Sip", None, 5, MISSING):
        typed = {"vogentSip": {"sipPrefix": "s", "username": "abcde", "password": "abcde"}}
        client.ask("POST", "", typed if kind is MISSING else typed | {"type": kind})


def _odd(client: Client) -> None:
    """Values that no document forbids, and refusals that a server may choose."""
    path = client.newest()
    for text in ("", "é", "𝄞", "x" * 400, "a\nb", "\0", "o'clock", "abc", "Agent-1"):
        client.ask("POST", "/purchase", {"number": text})
        client.ask("POST", "/search", {"prefix": text})
        client.ask("PUT", path, {"agentId": text})
        client.ask(
            "POST",
            "",
            {
                "type": "vogent_sip",
                "vogentSip": {"sipPrefix": text, "username": "abcde", "password": "abcde"},
            },
        )
        client.ask(
            "POST",
            "",
            {
                "type": "sip_import",
                "sipImport": {
                    "phoneNumber": text,
                    "terminationUri": "t",
                    "username": "u",
                    "password": "p",
                },
            },
        )
    client.ask("PUT", path, {"agentId": "same-1"})
    client.ask("PUT", path, {"agentId": "same-1"})
    client.ask("PUT", path, {"number": "+12125550188"})
    for inside in (
        "a%2Fb",
        "a%25b",
        "a%20b",
        "a..b",
        "%C3%A9",
        "x" * 400,
        "none",
        "%00",
        "+12015550100",
        "pn_1",
    ):
        client.ask("GET", f"/{inside}")
        client.ask("PUT", f"/{inside}", {"agentId": ""})
        client.ask("DELETE", f"/{inside}")
    client.ask("GET", f"/{path[1:5]}")
    client.ask("GET", path.upper())
    for query in (
        "0",
        "-1",
        "abc",
        "",
        "1000",
        "101",
        "100",
        "1&limit=2",
        str(2**70),
        "5&cursor=none",
        "5&cursor=",
        "5&more=1",
    ):
        client.ask("GET", f"?limit={query}")
    client.ask("GET", "?cursor=%C3%A9")
    client.ask("GET", f"?cursor={'x' * 400}")
    for limit in (5.0, 0, -1, 2**70, True, 1.5, "5", 10):
        client.ask("POST", "/search", {"prefix": "201", "limit": limit})
    for country in ("XX", "us", "USA", "GB"):
        client.ask("POST", "/search", {"prefix": "201", "country": country})
    for op, body in (
        ("/search", {"prefix": "201"}),
        ("/purchase", {"number": "+1"}),
        ("", {"type": "purchase", "purchase": {"number": "+1"}}),
    ):
        client.ask("POST", op, body | {"more": {"deep": 1}})
    client.ask("PUT", path, {"more": 1})
    client.ask(
        "POST", "", {"type": "purchase", "purchase": {"number": "+1", "more": 1}, "vogentSip": {}}
    )
    client.ask("POST", "", {"type": "purchase", "sipImport": {"phoneNumber": "+12"}})
    client.ask("POST", "/purchase", {"number": "+15005550006"})
    client.ask("POST", "", {"type": "purchase", "purchase": {"number": "+15005550007"}})
    client.ask("PUT", path, {"agentId": 5})
    client.ask("PUT", path, raw=b"{")
    client.ask("DELETE", path)
    client.ask("POST", "/purchase", {"number": 5})
    client.ask(
        "POST",
        "",
        {
            "type": "vogent_sip",
            "vogentSip": {"sipPrefix": "made", "username": "a", "password": "b"},
        },
    )
    _pages(client, "")


def _methods(client: Client) -> None:
    for method, path in (
        ("GET", "/purchase"),
        ("GET", "/search"),
        ("PUT", ""),
        ("PATCH", client.newest("SIP_USERNAME")),
    ):
        client.ask(method, path)
    client.ask("POST", "/none", {})
    client.ask("DELETE", "")


def _tokens(client: Client) -> None:
    client.ask(
        "POST",
        "",
        {
            "type": "vogent_sip",
            "vogentSip": {"sipPrefix": "again", "username": "abcde", "password": "abcde"},
        },
    )
    free = [n for n in client.server.stock if n not in client.server.sold]
    values = (
        None,
        "",
        "Bearer",
        "Bearer wrong",
        f"Bearer {KEY}x",
        f"Basic {KEY}",
        "Basic eDp5",
        f"Token {KEY}",
        KEY,
    )
    for auth in (*values, f"Bearer {KEY[:6]}", f"Bearer {KEY.lower()}", f"x {KEY} x"):
        client.ask("POST", "/purchase", {"number": free.pop()}, auth=auth)
        client.ask("POST", "", {"type": "purchase", "purchase": {"number": free.pop()}}, auth=auth)
        user = {"sipPrefix": "quiet", "username": "abcde", "password": "abcde"}
        client.ask("POST", "", {"type": "vogent_sip", "vogentSip": user}, auth=auth)
        client.ask("POST", "/search", {"prefix": "201"}, auth=auth)
        client.ask("GET", "", auth=auth)
        client.ask("GET", "?limit=1", auth=auth)
        client.ask("GET", "?cursor=none", auth=auth)
        path = client.newest("SIP_USERNAME")
        client.ask("GET", path, auth=auth)
        client.ask("PUT", path, {"agentId": "agent-1"}, auth=auth)
        client.ask("GET", path)
        client.ask("PUT", path, {"agentId": ""}, auth=auth)
        client.ask("DELETE", path, auth=auth)
    _pages(client, "")


@contextmanager
def running(server: Server) -> Iterator[http.client.HTTPConnection]:
    """A connection to the server on a free port."""
    with serve(server) as bound:
        thread = threading.Thread(target=bound.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        connection = http.client.HTTPConnection("127.0.0.1", bound.server_address[1], timeout=5)
        try:
            yield connection
        finally:
            connection.close()
            bound.shutdown()
            thread.join()


def ask(
    connection: http.client.HTTPConnection, method: str, path: str, body: Any = None
) -> tuple[int, Any]:
    """One request over HTTP."""
    headers = {"Authorization": f"Bearer {KEY}"} | (
        {"Content-Type": "application/json"} if body is not None else {}
    )
    connection.request(
        method, "/api/phone_numbers" + path, None if body is None else json.dumps(body), headers
    )
    answer = connection.getresponse()
    payload = answer.read()
    return answer.status, json.loads(payload) if answer.status == 200 else None


def test_the_plain_server_answers_the_documented_flow_over_http() -> None:
    """Search, buy, link, unlink, list, release: as documented, on one connection."""
    with running(Server(VARIANTS["plain"], KEY)) as connection:
        status, offers = ask(connection, "POST", "/search", {"prefix": "212", "limit": 2})
        assert (status, [offer["number"] for offer in offers]) == (
            200,
            ["+12125550100", "+12125550101"],
        )
        _, bought = ask(connection, "POST", "/purchase", offers[0])
        assert {
            "id": bought["id"],
            "number": "+12125550100",
            "type": "PSTN",
            "agentId": None,
        } == bought
        assert ask(connection, "POST", "/purchase", offers[0]) == (422, None)
        linked = bought | {"agentId": "agent-1"}
        assert (200, linked) == ask(connection, "PUT", f"/{bought['id']}", {"agentId": "agent-1"})
        assert (200, {"data": [linked], "cursor": None}) == ask(connection, "GET", "")
        assert (200, bought) == ask(connection, "PUT", f"/{bought['id']}", {"agentId": ""})
        assert (200, bought) == ask(connection, "DELETE", f"/{bought['id']}")
        assert ask(connection, "GET", f"/{bought['id']}") == (422, None)


@pytest.mark.parametrize(
    "variant", [name for name, row in VARIANTS.items() if not row.gzip and not row.delay]
)
def test_every_variant_sells_lists_and_releases_over_http(variant: str) -> None:
    """A variant differs, but what is documented works."""
    with running(Server(VARIANTS[variant], KEY)) as connection:
        prefix = next(
            number for number, home in VARIANTS[variant].numbers_for_sale().items() if home == "US"
        )[2:5]
        _, offers = ask(connection, "POST", "/search", {"prefix": prefix})
        _, bought = ask(connection, "POST", "/purchase", {"number": offers[0]["number"]})
        found: list[str] = []
        path = "?limit=100"
        while path:
            _, page = ask(connection, "GET", path)
            found += [number["id"] for number in page["data"]]
            path = (
                f"?limit=100&cursor={page['cursor'].replace('+', '%2B')}" if page["cursor"] else ""
            )
        assert len(found) == len(set(found)) == VARIANTS[variant].account + 1
        status, released = ask(connection, "DELETE", "/" + bought["id"].replace("=", "%3D"))
        assert (200, bought["number"]) == (status, released["number"])


@pytest.mark.parametrize(
    "fault",
    [
        fault
        for fault in FAULTS
        if not fault.startswith(("race", "accept-")) and not fault.endswith("-lags")
    ],
)
def test_every_fault_shows(fault: str) -> None:
    """A thorough client sees at least one answer that the correct server would not give."""
    row = FAULTS[fault]
    if row.variant not in SEEN:
        SEEN[row.variant] = script(Server(VARIANTS[row.variant], KEY))
    server = Server(VARIANTS[row.variant], KEY)
    row.install(server)
    with pytest.raises(Differs):
        script(server, SEEN[row.variant])


def test_two_purchases_at_once_both_get_the_number() -> None:
    """The faults of a server without a lock need two requests at once."""
    server = Server(VARIANTS["plain"], KEY)
    FAULTS["race-purchase"].install(server)
    clients = [Client(server), Client(server)]
    threads = [
        threading.Thread(target=one.ask, args=("POST", "/purchase", {"number": "+12125550100"}))
        for one in clients
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.seen[0][2] for one in clients] == [200, 200]


def test_the_script_is_repeatable() -> None:
    """Two correct servers answer the script alike, so that a difference is the fault's."""
    assert script(Server(VARIANTS["plain"], KEY)) == script(Server(VARIANTS["plain"], KEY))
