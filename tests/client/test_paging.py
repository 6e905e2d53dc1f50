"""The iterators over all items of a list, sync and async."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import pytest
from vogent_phone_numbers import AuthenticatedClient, errors
from vogent_phone_numbers.api.phone_numbers import list_phone_numbers
from vogent_phone_numbers.models import PhoneNumber
from vogent_phone_numbers.types import UNSET

from tests.client.conftest import TOKEN
from tests.client.scripted_server import BOUGHT

Page = tuple[list[str], str | None]  # the ids on it, and the cursor of the next
Iterate = Callable[..., Iterator[PhoneNumber]]


class Pages(httpx.MockTransport):
    """Gives the page that each cursor leads to, and keeps what was asked for."""

    def __init__(self, pages: dict[str | None, Page | int]) -> None:
        super().__init__(self.reply)
        self.pages = pages
        self.queries: list[dict[str, str]] = []

    def reply(self, request: httpx.Request) -> httpx.Response:
        query = dict(request.url.params)
        self.queries.append(query)
        page = self.pages[query.get("cursor")]
        if isinstance(page, int):
            return httpx.Response(page)
        ids, cursor = page
        data = [BOUGHT | {"id": one} for one in ids]
        return httpx.Response(200, json={"data": data, "cursor": cursor})

    @property
    def cursors(self) -> list[str | None]:
        """The cursors that were asked for."""
        return [query.get("cursor") for query in self.queries]


def client_of(pages: Pages) -> AuthenticatedClient:
    """Make a client that reads the pages and repeats nothing."""
    return AuthenticatedClient(token=TOKEN, max_retries=0, httpx_args={"transport": pages})


def iterate(**arguments: Any) -> Iterator[PhoneNumber]:
    """Walk with `iterate`."""
    return list_phone_numbers.iterate(**arguments)


def aiterate(**arguments: Any) -> Iterator[PhoneNumber]:
    """Walk with `aiterate`, one step at a time."""
    steps: AsyncIterator[PhoneNumber] = list_phone_numbers.aiterate(**arguments)
    with asyncio.Runner() as runner:
        while True:
            try:
                yield runner.run(steps.__anext__())  # type: ignore[arg-type]
            except StopAsyncIteration:
                return


@pytest.fixture(params=[iterate, aiterate])
def walk(request: pytest.FixtureRequest) -> Iterate:
    """Walk through the list, sync and async."""
    function: Iterate = request.param
    return function


THREE: dict[str | None, Page | int] = {
    None: (["1", "2"], "a b&c"),
    "a b&c": ([], "next"),
    "next": (["3"], None),
}


def test_all_items_come_in_order(walk: Iterate) -> None:
    """Every page is read until one has no cursor; one without items does not end the walk."""
    pages = Pages(THREE)
    ids = [phone.id for phone in walk(client=client_of(pages), limit=2)]
    assert ["1", "2", "3"] == ids
    assert [None, "a b&c", "next"] == pages.cursors
    assert ["2", "2", "2"] == [query["limit"] for query in pages.queries]


def test_a_page_is_asked_for_when_it_is_needed(walk: Iterate) -> None:
    """Nothing is sent before the first item is wanted, and no page after the last one wanted."""
    pages = Pages(THREE)
    phones = walk(client=client_of(pages))
    assert [] == pages.queries
    assert ["1", "2"] == [next(phones).id, next(phones).id]
    assert 1 == len(pages.queries)
    assert "3" == next(phones).id
    assert 3 == len(pages.queries)


def test_a_walk_can_begin_at_a_cursor(walk: Iterate) -> None:
    """`cursor` says where to begin, UNSET at the first page."""
    for cursor, ids in (("next", ["3"]), (UNSET, ["1", "2", "3"])):
        phones = walk(client=client_of(Pages(THREE)), cursor=cursor)
        assert ids == [phone.id for phone in phones]


@pytest.mark.parametrize(
    ("pages", "begin", "ids"),
    [
        ({None: (["1"], "a"), "a": (["2"], "a")}, UNSET, ["1", "2"]),
        ({None: (["1"], "a"), "a": (["2"], "b"), "b": (["3"], "a")}, UNSET, ["1", "2", "3"]),
        ({"a": (["2"], "a")}, "a", ["2"]),
        ({None: ([], ""), "": ([], "")}, UNSET, []),
    ],
    ids=["the same", "in a circle", "the one begun with", "empty"],
)
def test_a_cursor_that_comes_again_ends_the_walk(
    walk: Iterate, pages: dict[str | None, Page | int], begin: Any, ids: list[str]
) -> None:
    """All items come once, then a ContractError that says where the contract is broken."""
    seen: list[str] = []
    phones = walk(client=client_of(Pages(pages)), cursor=begin)
    with pytest.raises(errors.ContractError) as caught:
        seen.extend(phone.id for phone in phones)
    assert ids == seen
    error = caught.value
    assert ("$.cursor", 200) == (error.path, error.status_code)
    assert error.body["cursor"] in error.got
    assert str(error).startswith("list_phone_numbers: 200 OK (")
    assert error.response.json() == error.body


def test_an_error_ends_the_walk_after_what_came_before(walk: Iterate) -> None:
    """What fails on a later page fails there, with the error of the call."""
    pages = Pages({None: (["1"], "a"), "a": 503})
    phones = walk(client=client_of(pages))
    assert "1" == next(phones).id
    with pytest.raises(errors.ServerError):
        next(phones)


def test_each_page_has_the_options_of_the_call(walk: Iterate) -> None:
    """`timeout`, `headers` and `max_retries` count for every page."""
    seen: list[tuple[str, float]] = []

    def note(request: httpx.Request) -> httpx.Response:
        seen.append((request.headers["X-Walk"], request.extensions["timeout"]["read"]))
        return Pages(THREE).reply(request)

    arguments = {"transport": httpx.MockTransport(note)}
    client = AuthenticatedClient(token=TOKEN, httpx_args=arguments)
    assert 3 == len(list(walk(client=client, timeout=3, headers={"X-Walk": "w"}, max_retries=0)))
    assert [("w", 3)] * 3 == seen


def test_compressed_pages_are_read() -> None:
    """A repeated cursor on a compressed page is said as on any other."""
    body = httpx.Response(200, json={"data": [], "cursor": "a"}).content

    def reply(_: httpx.Request) -> httpx.Response:
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        return httpx.Response(200, content=gzip.compress(body), headers=headers)

    arguments = {"transport": httpx.MockTransport(reply)}
    with pytest.raises(errors.ContractError, match="cursor"):
        list(iterate(client=AuthenticatedClient(token=TOKEN, httpx_args=arguments)))
