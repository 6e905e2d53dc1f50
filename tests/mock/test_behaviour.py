"""What accepted requests do: the rules of the account and of the numbers for sale."""

from __future__ import annotations

import httpx
import pytest

from tests.mock.processes import http
from vogent_contract.mock import MockServer, State, start


def offered(client: httpx.Client, prefix: str = "415", **more: object) -> list[str]:
    answer = client.post("/phone_numbers/search", json={"prefix": prefix, **more})
    assert 200 == answer.status_code
    return [one["number"] for one in answer.json()]


def buy(client: httpx.Client, number: str) -> httpx.Response:
    return client.post("/phone_numbers/purchase", json={"number": number})


def create(client: httpx.Client, kind: str = "vogent_sip", name: str = "desk") -> httpx.Response:
    user = {"username": "a-user", "password": "a-password"}
    parts: dict[str, dict[str, object]] = {
        "vogent_sip": {"vogentSip": {"sipPrefix": name, **user}},
        "sip_import": {"sipImport": {"phoneNumber": name, "terminationUri": "a.example", **user}},
        "purchase": {"purchase": {"number": name}, "sipImport": None, "vogentSip": None},
    }
    return client.post("/phone_numbers", json={"type": kind, **parts[kind]})


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ({"prefix": "415"}, 5),
        ({"prefix": "415", "country": "us", "limit": 10}, 10),
        ({"prefix": "20", "country": "GB"}, 5),
        ({"prefix": ""}, 5),
        ({"prefix": "907"}, 0),
        ({"prefix": "٤١٥"}, 0),
        ({"prefix": "415", "country": "GB"}, 0),
        ({"prefix": "500"}, 0),  # the numbers with a chosen outcome
    ],
)
def test_search(client: httpx.Client, body: dict[str, str], count: int) -> None:
    """Distinct numbers under country and prefix; where there are none the list is empty."""
    found = offered(client, **body)
    code = "+44" if body.get("country") == "GB" else "+1"
    assert count == len(set(found)) == len(found)
    assert found == [one for one in found if one.startswith(code + body["prefix"])]


def test_purchase__sold_once(client: httpx.Client) -> None:
    """An offered number is sold once, as it was offered, and is found no more."""
    number = offered(client)[0]
    bought = buy(client, number).json()
    assert {"id": bought["id"], "number": number, "type": "PSTN", "agentId": None} == bought
    assert 422 == buy(client, number).status_code
    assert 422 == create(client, "purchase", number).status_code
    assert number not in offered(client)


def test_purchase__only_what_was_offered(client: httpx.Client, server: MockServer) -> None:
    """A number that exists, but that no search has shown, is not for sale."""
    never_shown = f"+1415{int(offered(client, limit=10)[-1][5:]) + 1:07}"
    assert 422 == buy(client, never_shown).status_code
    server.state.offer(never_shown)
    assert 200 == buy(client, never_shown).status_code


def test_delete__back_on_sale(client: httpx.Client) -> None:
    """A released number is gone, and can be found and bought again under a new id."""
    number = offered(client)[0]
    first = buy(client, number).json()
    path = f"/phone_numbers/{first['id']}"
    assert first == client.delete(path).json()
    for method in ("GET", "PUT", "DELETE"):
        assert 422 == client.request(method, path, json={}).status_code
    assert {"data": [], "cursor": None} == client.get("/phone_numbers").json()
    assert number in offered(client)
    assert first["id"] != buy(client, number).json()["id"]


def test_update__link_and_unlink(client: httpx.Client) -> None:
    """Any agent id links, the empty string unlinks, nothing changes nothing; all reads show it."""
    path = f"/phone_numbers/{create(client).json()['id']}"
    seen = []
    for body in ({"agentId": "agent é"}, {}, {"agentId": ""}, {"agentId": "x" * 5000}):
        answer = client.put(path, json=body).json()
        assert answer == client.get(path).json() == client.get("/phone_numbers").json()["data"][0]
        seen.append(answer["agentId"])
    assert ["agent é", "agent é", None, "x" * 5000] == seen


@pytest.mark.parametrize(
    ("kind", "name", "type_"),
    [("sip_import", "+18005550199", "PSTN"), ("vogent_sip", "desk", "SIP_USERNAME")],
)
def test_create__not_bought(client: httpx.Client, kind: str, name: str, type_: str) -> None:
    """An import and a SIP user are added under their name, once until released."""
    made = create(client, kind, name).json()
    assert {"id": made["id"], "number": name, "type": type_, "agentId": None} == made
    assert 422 == create(client, kind, name).status_code
    client.delete(f"/phone_numbers/{made['id']}")
    assert 200 == create(client, kind, name).status_code


def test_list__pages_are_stable(client: httpx.Client) -> None:
    """Paging shows every number that stays once, oldest first, while others come and go."""
    made = [create(client, name=f"user-{index}").json() for index in range(7)]
    page = client.get("/phone_numbers", params={"limit": 3}).json()
    assert made[:3] == page["data"]

    for gone in (made[2], made[4]):  # the last one shown, and one to come
        client.delete(f"/phone_numbers/{gone['id']}")
    late = create(client, name="late").json()

    page = client.get("/phone_numbers", params={"limit": 3, "cursor": page["cursor"]}).json()
    assert [made[3], made[5], made[6]] == page["data"]
    page = client.get("/phone_numbers", params={"limit": 3, "cursor": page["cursor"]}).json()
    assert {"data": [late], "cursor": None} == page


def test_seed__runs_repeat() -> None:
    """One seed gives the same offers and ids again, another seed gives others."""

    def run(seed: int) -> tuple[list[str], str]:
        with start(state=State(seed=seed)) as server, http(server.base_url) as client:
            return offered(client), create(client).json()["id"]

    offers, identity = run(1)
    assert (offers, identity) == run(1)
    assert offers != run(2)[0]
    assert identity != run(2)[1]
