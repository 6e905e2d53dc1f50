"""What is sent, how often, and by which client."""

import asyncio
import functools
import gc
import json
import threading
import warnings
from typing import Any, NoReturn
from unittest.mock import AsyncMock

import httpx
import pytest
from vogent_phone_numbers import AuthenticatedClient, errors
from vogent_phone_numbers.api.phone_numbers import (
    get_phone_number,
    purchase_phone_number,
    search_phone_numbers,
)
from vogent_phone_numbers.models import SearchPhoneNumbersInput
from vogent_phone_numbers.types import UNSET

from tests.client.conftest import BODY, TOKEN, Buy, buy_async, buy_sync
from tests.client.scripted_server import BOUGHT, Server


def test_the_request_is_what_the_contract_documents(
    server: Server, client: AuthenticatedClient
) -> None:
    """Method, path, key, JSON body and a User-Agent with name and version are sent."""
    buy_sync(client)
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /api/phone_numbers/purchase HTTP/1.1"
    assert f"Authorization: Bearer {TOKEN}" in lines
    assert f"User-Agent: vogent-phone-numbers/1.0.0 python-httpx/{httpx.__version__}" in lines
    assert "Content-Type: application/json" in lines
    assert json.loads(body) == {"number": "+18001234567"}


@pytest.mark.parametrize("prefix", [object(), float("nan"), "\ud800", {1: 2}, b"x"])
def test_what_is_no_json_is_refused_before_anything_is_sent(
    server: Server, client: AuthenticatedClient, prefix: Any
) -> None:
    """A value that is no JSON is a SerializationError, and no request leaves."""
    message = r"^search_phone_numbers: .*\(nothing was sent\)$"
    with pytest.raises(errors.SerializationError, match=message):
        search_phone_numbers.sync(client=client, body=SearchPhoneNumbersInput(prefix=prefix))
    assert server.requests == []


@pytest.mark.parametrize("phone_id", ["", ".", "..", None, "\ud800"])
def test_an_id_cannot_lead_to_another_path(
    server: Server, client: AuthenticatedClient, phone_id: Any
) -> None:
    """An id that would ask for another resource is refused before anything is sent."""
    with pytest.raises(errors.SerializationError):
        get_phone_number.sync(phone_id, client=client)
    assert server.requests == []


def test_an_id_is_one_segment_of_the_path(server: Server, client: AuthenticatedClient) -> None:
    """Slashes, dots, percent and question marks in an id stay in it."""
    get_phone_number.sync("../a?b#c%2F{id}", client=client)
    path = b"/api/phone_numbers/..%2Fa%3Fb%23c%252F%7Bid%7D"
    assert server.requests[0].startswith(b"GET %s HTTP/1.1\r\n" % path)


def test_a_derived_client_leaves_the_original_alone(
    server: Server, client: AuthenticatedClient
) -> None:
    """`with_headers` and `with_timeout` change the new client only, and keep its other headers."""
    buy_sync(client)
    with client.with_headers({"X-Team": "blue"}).with_timeout(1) as derived:
        buy_sync(derived)
    buy_sync(client)
    assert [False, True, False] == [b"X-Team: blue" in request for request in server.requests]
    assert all(b"User-Agent: vogent-phone-numbers" in request for request in server.requests)


FORMS = ["sync", "sync_detailed", "asyncio", "asyncio_detailed"]


def call(form: str, **arguments: Any) -> None:
    """Call an operation in one of its forms."""
    made = getattr(get_phone_number, form)("1", **arguments)
    if asyncio.iscoroutine(made):
        asyncio.run(made)


@pytest.mark.parametrize("form", FORMS)
def test_a_call_has_its_own_headers(server: Server, client: AuthenticatedClient, form: str) -> None:
    """`headers` are sent with this call, whatever their case, beside or instead of the client's."""
    derived = client.with_headers({"X-Team": "blue", "X-Kept": "1"})
    call(form, client=derived, headers={"x-team": "red", "User-Agent": "mine"})
    call(form, client=derived)
    first, second = server.requests
    assert b"x-team: red" in first
    assert b"User-Agent: mine" in first
    assert b"blue" not in first
    assert b"X-Team: blue" in second
    assert all(b"X-Kept: 1" in request for request in server.requests)
    assert all(TOKEN.encode() in request for request in server.requests)


@pytest.mark.parametrize("form", FORMS)
def test_a_call_has_its_own_timeout(form: str) -> None:
    """`timeout` replaces the client's for this call: seconds, one for each phase, or None."""
    seen: list[object] = []

    def reply(request: httpx.Request) -> httpx.Response:
        seen.append(request.extensions["timeout"]["read"])
        return httpx.Response(200, json=BOUGHT)

    arguments = {"transport": httpx.MockTransport(reply)}
    client = AuthenticatedClient(token=TOKEN, timeout=7, httpx_args=arguments)
    timeouts: list[Any] = [1.5, httpx.Timeout(9, read=2), None, UNSET]
    for timeout in timeouts:
        call(form, client=client, timeout=timeout)
    call(form, client=client.with_timeout(3))
    call(form, client=client)
    assert [1.5, 2, None, 7, 3, 7] == seen


WRONG = [
    ({"timeout": 0}, "^timeout is 0, neither seconds above 0"),
    ({"timeout": -1}, "^timeout is -1, "),
    ({"timeout": float("nan")}, "^timeout is nan, "),
    ({"timeout": float("inf")}, "^timeout is inf, "),
    ({"timeout": "5"}, "^timeout is '5', "),
    ({"timeout": True}, "^timeout is True, "),
    ({"headers": {"authorization": f"Bearer {TOKEN}"}}, "^headers cannot set authorization: "),
    ({"headers": {"X-A": f"{TOKEN}\r\nX-B: 1"}}, "^headers: the value of X-A is no text that"),
    ({"headers": {"X-A": f"{TOKEN}é"}}, "^headers: the value of X-A is no text that"),
    ({"headers": {"X-A": 5}}, "^headers: the value of X-A is no text that"),
    ({"headers": {"X A": TOKEN}}, "^headers: 'X A' is no name of a header$"),
    ({"headers": {"": TOKEN}}, "^headers: '' is no name of a header$"),
    ({"headers": [("X-A", TOKEN)]}, "^headers is no mapping"),
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("arguments", "message"), WRONG)
def test_options_that_cannot_be_used_are_refused(
    server: Server, form: str, arguments: dict[str, Any], message: str
) -> None:
    """A client and a call refuse them the same way, unseen, and nothing is sent.

    `Authorization` is among them: a caller who sets it must not believe that it was sent.
    """
    client = AuthenticatedClient(token=TOKEN, base_url=server.url)
    ((name, value),) = arguments.items()
    derive = {"timeout": client.with_timeout, "headers": client.with_headers}[name]
    with pytest.raises(errors.ConfigurationError, match=message) as of_the_call:
        call(form, client=client, **arguments)
    with pytest.raises(errors.ConfigurationError, match=message):
        AuthenticatedClient(token=TOKEN, **arguments)
    with pytest.raises(errors.ConfigurationError, match=message):
        derive(value)
    assert TOKEN not in str(of_the_call.value)
    assert [] == server.requests


def test_a_transport_of_ones_own_passes_its_exceptions_on(buy: Buy) -> None:
    """What is no failure of HTTP, such as the caller's Ctrl-C, is passed on as it is."""

    def stop(_: httpx.Request) -> NoReturn:
        raise KeyboardInterrupt

    client = AuthenticatedClient(token=TOKEN, httpx_args={"transport": httpx.MockTransport(stop)})
    with pytest.raises(KeyboardInterrupt):
        buy(client)


def test_httpx_args_reach_httpx(server: Server) -> None:
    """Event hooks see each request and response, also after the client was closed."""
    seen: list[object] = []
    hooks = {"request": [seen.append], "response": [seen.append]}
    client = AuthenticatedClient(
        token=TOKEN, base_url=server.url, httpx_args={"event_hooks": hooks}
    )
    for _ in range(2):
        buy_sync(client)
        client.close()
    assert [httpx.Request, httpx.Response] * 2 == [type(one) for one in seen]


def hook(_: object) -> None:
    """Do nothing with a request or a response."""


async def async_hook(_: object) -> None:
    """Do nothing with a request or a response."""


FOR_SYNC_CALLS = {
    "transport": ({"transport": httpx.HTTPTransport()}, r"must be an httpx\.AsyncBaseTransport$"),
    "mount": ({"mounts": {"http://": httpx.HTTPTransport()}}, r"an httpx\.AsyncBaseTransport$"),
    "function": ({"event_hooks": {"response": [hook]}}, "hook must be an `async def`$"),
    "method": ({"event_hooks": {"request": [[].append]}}, "hook must be an `async def`$"),
}
FOR_ASYNC_CALLS = {
    "transport": ({"transport": httpx.AsyncHTTPTransport()}, r"must be an httpx\.BaseTransport$"),
    "mount": ({"mounts": {"http://": httpx.AsyncHTTPTransport()}}, r"an httpx\.BaseTransport$"),
    "function": ({"event_hooks": {"response": [async_hook]}}, "no event hook may be an `async"),
}
OF_THE_WRONG_KIND = [(buy_async, *row) for row in FOR_SYNC_CALLS.values()]
OF_THE_WRONG_KIND += [(buy_sync, *row) for row in FOR_ASYNC_CALLS.values()]


@pytest.mark.parametrize(("buy", "arguments", "message"), OF_THE_WRONG_KIND)
def test_what_serves_the_other_kind_of_call_is_said_before_anything_is_sent(
    server: Server, buy: Buy, arguments: dict[str, Any], message: str
) -> None:
    """httpx would find a sync hook out after the purchase, and never run an async one."""
    client = AuthenticatedClient(token=TOKEN, base_url=server.url, httpx_args=arguments)
    with pytest.raises(errors.ConfigurationError, match=message):
        buy(client)
    assert server.requests == []


@pytest.mark.parametrize("callable_object", [AsyncMock(), functools.partial(async_hook)])
def test_hooks_of_async_calls_can_be_any_that_give_an_awaitable(
    server: Server, callable_object: object
) -> None:
    """A mock or a partial function is a hook too."""
    arguments = {"event_hooks": {"response": [callable_object]}}
    client = AuthenticatedClient(token=TOKEN, base_url=server.url, httpx_args=arguments)
    assert "n-1" == buy_async(client).id


def test_one_client_works_in_one_event_loop_after_another(client: AuthenticatedClient) -> None:
    """Two calls of `asyncio.run` work, and each loop closes its connections: nothing warns."""
    assert ["n-1", "n-1"] == [buy_async(client).id, buy_async(client).id]
    gc.collect()


def test_calls_share_a_connection(server: Server, client: AuthenticatedClient) -> None:
    """Async calls of one loop, and threads' sync calls one after another, keep the connection."""

    async def call_twice() -> None:
        async with client:
            for _ in range(2):
                await get_phone_number.asyncio("1", client=client)

    asyncio.run(call_twice())
    for _ in range(2):
        thread = threading.Thread(target=buy_sync, args=[client])
        thread.start()
        thread.join()
    assert (4, 2) == (len(server.requests), server.connections)


def test_the_deprecated_operation_warns_its_caller_once_a_call(client: AuthenticatedClient) -> None:
    """Each form warns once a call, with the replacement's name and the caller's line."""
    message = "deprecated by the API: use create_phone_number instead"

    async def buy_twice() -> None:
        await purchase_phone_number.asyncio(client=client, body=BODY)
        await purchase_phone_number.asyncio_detailed(client=client, body=BODY)

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        purchase_phone_number.sync(client=client, body=BODY)
        purchase_phone_number.sync_detailed(client=client, body=BODY)
        asyncio.run(buy_twice())
    heard = [(str(warning.message), warning.filename) for warning in caught]
    assert [(message, __file__)] * 4 == heard
    assert message == getattr(purchase_phone_number.sync, "__deprecated__", "")  # as PEP 702 says
