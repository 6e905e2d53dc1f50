"""What leaves in a live run and what does not, request by request."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from contract_tests.conftest import _is_live
from tests.live.shops import KEY, Shop, keeps_in_get, keeps_in_list, running
from vogent_contract import mock as mock_server
from vogent_contract.live.guard import Guard
from vogent_contract.live.ledger import Ledger
from vogent_contract.openapi import load
from vogent_contract.suite.wire import Exchange, NotSent, Wire

BUY = {"number": "+14155550123"}
SIP = {
    "type": "vogent_sip",
    "vogentSip": {"sipPrefix": "mine", "username": "user5", "password": "12345"},
}


class Live:
    """A guarded wire to a shop whose account has phone numbers of a customer's."""

    def __init__(
        self, server: mock_server.MockServer, shop: Shop, wire: Wire, ledger: Ledger
    ) -> None:
        self.server, self.shop, self.wire, self.ledger = server, shop, wire, ledger

    def begin(self, max_numbers: int, agent_id: str | None = None) -> Guard:
        """Put a guard on the wire."""
        guard = Guard(self.wire, self.ledger, max_numbers, agent_id)
        guard.start()
        return guard

    def send(
        self, method: str, target: str, body: Any = None, media_type: str = "application/json"
    ) -> Exchange:
        """Send a request over the guarded wire."""
        content = (
            body.encode()
            if isinstance(body, str)
            else b""
            if body is None
            else json.dumps(body).encode()
        )
        return self.wire.send(
            method, target, content=content, content_type=media_type if content else None
        )

    def acted(self) -> list[str]:
        """What reached the server and could have acted."""
        searched = ("GET", "/api/phone_numbers/search")
        return [
            f"{one.method} {one.path}" for one in self.server.requests if one.method not in searched
        ]


@pytest.fixture
def live(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Live]:
    """A shop and a wire to it."""
    shop = Shop(getattr(request, "param", None))
    with running(shop) as server, contextlib.closing(Ledger(tmp_path / "ledger.jsonl")) as ledger:
        wire = Wire(load(), server.base_url, KEY, timeout=5, rate=5000)
        yield Live(server, shop, wire, ledger)
        wire.close()


@pytest.mark.parametrize(
    ("method", "target", "body"),
    [
        ("POST", "/phone_numbers/purchase", BUY),
        ("POST", "/phone_numbers", {"type": "purchase", "purchase": BUY}),
        ("POST", "/phone_numbers", SIP),
        ("POST", "/phone_numbers/purchase", {"number": 14155550123}),
        ("POST", "/phone_numbers/purchase", {"number": ["+1 (415) 555-0123"]}),
        ("POST", "/phone_numbers/purchase", {"numbers": {"a": ["4155", "550123"]}}),
        ("POST", "/phone_numbers/purchase", '{"number": "+14155550123"'),
        (
            "POST",
            "/phone_numbers/purchase",
            r'{"number": ["\u002b\u0031\u0034\u0031\u0035\u0035\u0035\u0035"]}',
        ),
        ("POST", "/phone_numbers/purchase", "number=%2B1%34%31%35%35%35%350123"),
        ("POST", "/phone_numbers/purchase?number=%2B1415555%30123", None),
        ("POST", "/phone_numbers?number=%252B%2531415555%30123", None),
        ("POST", "/phone_numbers/%70urchase", BUY),
        ("POST", "/phone_numbers/purchase/", BUY),
        ("POST", "//phone_numbers/purchase", BUY),
        ("POST", "/phone_numbers/search/../purchase", BUY),
        ("PUT", "/phone_numbers/purchase", BUY),
        ("PATCH", "/phone_numbers", SIP),
        ("POST", "/phone_numbers/+14155550123", None),
        ("POST", "/../other/phone_numbers/purchase", BUY),
    ],
    ids=str,
)
def test_nothing_that_could_buy_leaves_without_a_budget(
    live: Live, method: str, target: str, body: Any
) -> None:
    """With a budget of 0 no request leaves that is valid for a creating operation or holds something like a number."""
    live.begin(0)
    with pytest.raises(NotSent):
        live.send(method, target, body)
    assert [] == live.acted()


@pytest.mark.parametrize(
    ("method", "target", "body"),
    [
        ("DELETE", "/phone_numbers/{theirs}", None),
        ("PUT", "/phone_numbers/{theirs}", {"agentId": ""}),
        ("PATCH", "/phone_numbers/{theirs}", None),
        ("POST", "/phone_numbers/{theirs}", None),
        ("DELETE", "/phone_numbers/{mine}/../{theirs}", None),
        ("DELETE", "/phone_numbers/{mine}%2F..%2F{theirs}", None),
        ("DELETE", "/phone_numbers/{mine}/", None),
        ("DELETE", "/phone_numbers/{mine}?id={theirs}", None),
        ("PUT", "/phone_numbers/{mine}", {"id": "{theirs}"}),
        ("DELETE", "/phone_numbers/%66{theirs}", None),
        ("DELETE", "/phone_numbers", None),
        ("DELETE", "/phone_numbers/", None),
        ("PUT", "/phone_numbers", None),
        ("DELETE", "/phone_numbers/unknown", None),
        ("PUT", "/phone_numbers/{mine}", {"agentId": "another"}),
        ("POST", "/phone_numbers/purchase", {"number": "{number}"}),
    ],
    ids=str,
)
def test_what_is_theirs_is_not_touched(live: Live, method: str, target: str, body: Any) -> None:
    """No request leaves that could act on what this run did not create."""
    guard = live.begin(9, "agent-2")
    mine = live.send("POST", "/phone_numbers", SIP).value["id"]
    theirs = live.shop.theirs[1]
    names = {"mine": mine, "theirs": theirs["id"], "number": theirs["number"]}
    if body is not None:
        body = {key: names.get(value.strip("{}"), value) for key, value in body.items()}
    before = live.acted()
    with pytest.raises(NotSent):
        live.send(method, target.format(**names), body)
    assert before == live.acted()
    assert guard.finish()
    assert live.shop.theirs == live.server.state.numbers()


@pytest.mark.parametrize(
    ("method", "target", "body", "status"),
    [
        ("GET", "/phone_numbers", None, 200),
        ("POST", "/phone_numbers/search", {"prefix": "415"}, 200),
        ("POST", "/phone_numbers/purchase", {}, 422),
        ("POST", "/phone_numbers/purchase", {"number": 5}, 422),
        ("PATCH", "/phone_numbers/purchase", None, 405),
        ("DELETE", "/phone_numbers/{mine}", None, 200),
        ("PUT", "/phone_numbers/{mine}", {"agentId": "agent-2"}, 200),
        ("PUT", "/phone_numbers/{mine}", {"agentId": 5}, 422),
        ("PATCH", "/phone_numbers/{mine}", None, 405),
    ],
    ids=str,
)
def test_what_can_do_no_harm_leaves(
    live: Live, method: str, target: str, body: Any, status: int
) -> None:
    """What only reads, what is refused, and what acts on the run's own numbers is sent with the budget spent."""
    guard = live.begin(1, "agent-2")
    mine = live.send("POST", "/phone_numbers", SIP).value["id"]
    assert status == live.send(method, target.format(mine=mine), body).status
    assert guard.finish()


def test_the_budget_counts_what_was_released(live: Live) -> None:
    """A number that was released again was still brought into being."""
    live.begin(1)
    made = live.send("POST", "/phone_numbers", SIP).value
    live.send("DELETE", f"/phone_numbers/{made['id']}")
    with pytest.raises(NotSent, match="--max-numbers 1 allows no more"):
        live.send("POST", "/phone_numbers", SIP)


def test_a_refusal_gives_back_what_it_took(live: Live) -> None:
    """A clear refusal of what the account does not show afterwards costs nothing."""
    guard = live.begin(1)
    for number in ("+14155559998", "+14155559999"):
        assert 422 == live.send("POST", "/phone_numbers/purchase", {"number": number}).status
    assert 0 == guard.spent


@pytest.mark.parametrize("number", ["+15005550500", "+15005550502", "+15005550598"])
def test_what_has_no_clear_answer_stays_spent(live: Live, number: str) -> None:
    """After a 5xx or a dropped connection nobody knows, so the budget does not come back, and it is not asked again."""
    guard = live.begin(2)
    live.send("POST", "/phone_numbers/purchase", {"number": number})
    with pytest.raises(NotSent, match="an earlier request for the same number got no answer"):
        live.send("POST", "/phone_numbers", {"type": "purchase", "purchase": {"number": number}})
    assert 1 == guard.spent
    assert 200 == live.send("POST", "/phone_numbers", SIP).status
    assert 2 == guard.spent
    with pytest.raises(NotSent, match="--max-numbers 2 allows no more"):
        live.send("POST", "/phone_numbers/purchase", {"number": "+14155559999"})


@pytest.mark.parametrize("live", [keeps_in_list, keeps_in_get], indirect=True)
def test_a_release_is_believed_when_list_and_get_agree(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A number that the list still shows, or that can still be read, is not released, whatever DELETE said."""
    monkeypatch.setattr("vogent_contract.live.guard.PAUSES", (0.0, 0.0))
    guard = live.begin(1)
    live.send("POST", "/phone_numbers", SIP)
    assert not guard.finish()
    assert guard.report()[2].startswith("left: 1: mine (id ")
    assert [guard.run] == live.ledger.unfinished()


def test_the_intent_is_on_disk_before_the_request(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the server is asked to create, the ledger says so already; it holds no key and no password."""
    live.begin(1)
    read: list[str] = []
    respond = live.wire._answer

    def reading(*arguments: Any) -> Any:
        read.append(live.ledger.path.read_text())
        return respond(*arguments)

    monkeypatch.setattr(live.wire, "_answer", reading)
    live.send("POST", "/phone_numbers", SIP)
    last = json.loads(read[0].splitlines()[-1])
    assert ("intent", ["mine"]) == (last["event"], last["names"])
    assert KEY not in read[-1]
    assert "12345" not in read[-1]


def test_a_ledger_that_cannot_be_written_stops_creating(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its intent on disk no creating request leaves."""
    live.begin(9)

    def full(_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("vogent_contract.live.ledger.os.fsync", full)
    with pytest.raises(NotSent, match="the ledger cannot be written"):
        live.send("POST", "/phone_numbers", SIP)
    assert [] == live.acted()


@pytest.mark.parametrize(
    ("base_url", "expected"),
    [
        (None, False),
        ("http://127.0.0.1:8080/api", False),
        ("http://127.9.9.9/api", False),
        ("http://[::1]:8080/api", False),
        ("http://localhost/api", False),
        ("https://api.vogent.ai/api", True),
        ("http://127.0.0.1.example.com/api", True),
        ("http://localhost.example.com/api", True),
        ("http://0.0.0.0/api", True),
        ("http://10.0.0.1/api", True),
        ("http://127.0.0.1@api.vogent.ai/api", True),
    ],
)
def test_only_loopback_is_not_live(base_url: str | None, expected: bool) -> None:
    """Every host is somebody's account unless it is loopback for certain."""
    config = SimpleNamespace(option=SimpleNamespace(base_url=base_url, live=False))
    assert expected == _is_live(config)  # type: ignore[arg-type] # all that is used of one
