"""What accepted requests do: the rules of the account and of the stock."""

from __future__ import annotations

import httpx
import pytest

from tests.mock_server.processes import http
from vogent_contract import mock as mock_server
from vogent_contract.mock import MockServer


def offered(client: httpx.Client, prefix: str = "415", **more: object) -> list[str]:
    answer = client.post("/phone_numbers/search", json={"prefix": prefix, **more})
    assert answer.status_code == 200
    return [one["number"] for one in answer.json()]


def buy(client: httpx.Client, number: str) -> httpx.Response:
    return client.post("/phone_numbers/purchase", json={"number": number})


def created(client: httpx.Client, kind: str = "vogent_sip", name: str = "desk") -> httpx.Response:
    user = {"username": "a-user", "password": "a-password"}
    body: dict[str, dict[str, object]] = {
        "vogent_sip": {"type": kind, "vogentSip": {"sipPrefix": name, **user}},
        "sip_import": {
            "type": kind,
            "sipImport": {"phoneNumber": name, "terminationUri": "a.example", **user},
        },
        "purchase": {
            "type": kind,
            "purchase": {"number": name},
            "sipImport": None,
            "vogentSip": None,
        },
    }
    return client.post("/phone_numbers", json=body[kind])


def test_search__prefix_and_limit(client: httpx.Client) -> None:
    """A search offers as many numbers as asked for, without duplicates, all with the prefix."""
    found = offered(client, limit=7)
    assert 7 == len(set(found)) == len(found)
    assert [number[:5] for number in found] == ["+1415"] * 7


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ({"prefix": "415"}, 5),
        ({"prefix": "415", "country": "US", "limit": 10}, 10),
        ({"prefix": "416"}, 5),
        ({"prefix": "20", "country": "GB"}, 5),
        ({"prefix": ""}, 5),
        ({"prefix": "415555"}, 5),
        ({"prefix": "907"}, 0),
        ({"prefix": "+1415"}, 0),
        ({"prefix": "٤١٥"}, 0),
        ({"prefix": "415", "country": "GB"}, 0),
        ({"prefix": "415", "country": "CA"}, 0),
        ({"prefix": "415", "country": "XX"}, 0),
        ({"prefix": "500"}, 0),
    ],
)
def test_search__where_there_are_numbers(
    client: httpx.Client, body: dict[str, object], count: int
) -> None:
    """Numbers are found under their country and prefix; elsewhere the list is empty, not an error."""
    answer = client.post("/phone_numbers/search", json=body)
    assert (200, count) == (answer.status_code, len(answer.json()))


def test_purchase__sold_once(client: httpx.Client) -> None:
    """An offered number is sold once, as it was offered, and is found no more."""
    number = offered(client)[0]
    bought = buy(client, number)
    assert bought.status_code == 200
    assert {
        "id": bought.json()["id"],
        "number": number,
        "type": "PSTN",
        "agentId": None,
    } == bought.json()
    assert buy(client, number).status_code == 422
    assert created(client, "purchase", number).status_code == 422
    assert number not in offered(client)


def test_purchase__only_what_was_offered(client: httpx.Client, server: MockServer) -> None:
    """A number that exists, but that no search has shown, is not for sale."""
    number = offered(client, limit=1)[0]
    never_shown = f"+1415{int(offered(client, '415', limit=10)[-1][5:]) + 1:07}"
    assert buy(client, number).status_code == 200
    assert buy(client, never_shown).status_code == 422
    server.state.offer(never_shown)
    assert buy(client, never_shown).status_code == 200


def test_delete__back_on_sale(client: httpx.Client) -> None:
    """A released number is gone from the account and can be found and bought again, under a new id."""
    number = offered(client)[0]
    first = buy(client, number).json()
    assert first == client.delete(f"/phone_numbers/{first['id']}").json()
    for method in ("GET", "PUT", "DELETE"):
        assert client.request(method, f"/phone_numbers/{first['id']}", json={}).status_code == 422
    assert client.get("/phone_numbers").json() == {"data": [], "cursor": None}
    assert number in offered(client)
    assert first["id"] != buy(client, number).json()["id"]


def test_update__link_and_unlink(client: httpx.Client) -> None:
    """Any agent id links, the empty string unlinks, nothing changes nothing, and reads and lists show it."""
    path = f"/phone_numbers/{created(client).json()['id']}"
    seen = []
    for body in ({"agentId": "agent é"}, {}, {"agentId": ""}, {"agentId": "x" * 5000}):
        answer = client.put(path, json=body).json()
        assert answer == client.get(path).json() == client.get("/phone_numbers").json()["data"][0]
        seen.append(answer["agentId"])
    assert seen == ["agent é", "agent é", None, "x" * 5000]


@pytest.mark.parametrize(
    ("kind", "name", "type_"),
    [("sip_import", "+18005550199", "PSTN"), ("vogent_sip", "desk", "SIP_USERNAME")],
)
def test_create__not_bought(client: httpx.Client, kind: str, name: str, type_: str) -> None:
    """An import and a SIP user are added under their name, once until released."""
    made = created(client, kind, name)
    assert (200, name, type_, None) == (
        made.status_code,
        *[made.json()[key] for key in ("number", "type", "agentId")],
    )
    assert created(client, kind, name).status_code == 422
    client.delete(f"/phone_numbers/{made.json()['id']}")
    assert created(client, kind, name).status_code == 200


def test_list__pages_are_stable(client: httpx.Client) -> None:
    """Paging gives every number that stays exactly once, oldest first, while others come and go."""
    made = [created(client, name=f"user-{index}").json() for index in range(7)]
    seen, cursor, pages = [], None, 0
    while pages == 0 or cursor:
        page = client.get(
            "/phone_numbers", params={"limit": 3, **({"cursor": cursor} if cursor else {})}
        ).json()
        seen += page["data"]
        cursor, pages = page["cursor"], pages + 1
        if pages == 1:
            client.delete(f"/phone_numbers/{made[1]['id']}")
            client.delete(f"/phone_numbers/{made[4]['id']}")
            made.append(created(client, name="late").json())
    assert [one for one in made if one != made[4]] == seen
    assert pages == 3


def test_seed__runs_repeat() -> None:
    """Two mocks with one seed offer the same numbers and give the same ids; another seed gives others."""

    def run(seed: int) -> tuple[list[str], str]:
        with (
            mock_server.start(state=mock_server.State(seed=seed)) as server,
            http(server) as client,
        ):
            return offered(client), created(client).json()["id"]

    first = run(1)
    assert first == run(1)
    assert first[0] != run(2)[0]
    assert first[1] != run(2)[1]
