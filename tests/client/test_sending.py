"""What is sent, how often, and by which client."""

import asyncio
import gc
import json
import threading
import warnings
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from conftest import TOKEN
from purchase import BODY, BOTH, buy_async, buy_sync
from scripted_server import BOUGHT, ScriptedServer, response
from vogent_phone_numbers import AuthenticatedClient, errors
from vogent_phone_numbers.api.phone_numbers import (
    get_phone_number,
    purchase_phone_number,
    search_phone_numbers,
)
from vogent_phone_numbers.models import PhoneNumber, SearchPhoneNumbersInput

Buy = Callable[[AuthenticatedClient], PhoneNumber]
both = pytest.mark.parametrize("buy", BOTH.values(), ids=BOTH)


@both
@pytest.mark.parametrize(
    "answer", [ScriptedServer.RESET, b"", response(503, b""), response(429, b"", "Retry-After: 0")]
)
def test_a_request_that_may_have_been_processed_is_sent_once(
    server: ScriptedServer, buy: Buy, answer: bytes
) -> None:
    """Even a client that retries connections does not send a request again that the server may have processed."""
    server.answer = answer
    again = AuthenticatedClient(token=TOKEN, base_url=server.url, connect_retries=3)
    with again, pytest.raises(errors.VogentError):
        buy(again)
    assert len(server.requests) == 1


@both
def test_connecting_is_tried_again_only_if_asked(buy: Buy, monkeypatch: pytest.MonkeyPatch) -> None:
    """`connect_retries` repeats a request that never left, with growing pauses; by default nothing is repeated."""
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr("time.sleep", pauses.append)
    monkeypatch.setattr("asyncio.sleep", sleep)
    for retries, attempts, waited in ((0, 1, []), (2, 3, [0.5, 1.0])):
        transport = FailsToConnect(succeeds_at=9)
        client = AuthenticatedClient(
            token=TOKEN, connect_retries=retries, httpx_args={"transport": transport}
        )
        with pytest.raises(errors.TransportError) as caught:
            buy(client)
        assert (False, attempts, waited) == (
            caught.value.may_have_been_processed,
            transport.attempts,
            pauses,
        )
    transport = FailsToConnect(succeeds_at=3)
    client = AuthenticatedClient(
        token=TOKEN, connect_retries=2, httpx_args={"transport": transport}
    )
    assert buy(client).id == "n-1"


class FailsToConnect(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Connects at some attempt."""

    def __init__(self, succeeds_at: int) -> None:
        self.succeeds_at, self.attempts = succeeds_at, 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.attempts += 1
        if self.attempts < self.succeeds_at:
            raise httpx.ConnectTimeout("slow", request=request)
        return httpx.Response(200, json=BOUGHT)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self.handle_request(request)


def test_the_request_is_what_the_contract_documents(
    server: ScriptedServer, client: AuthenticatedClient
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


@pytest.mark.parametrize("number", [object(), float("nan"), "\ud800", {1: 2}, b"x"])
def test_what_cannot_be_serialised_is_said_before_anything_is_sent(
    server: ScriptedServer, client: AuthenticatedClient, number: Any
) -> None:
    """A value that is no JSON is a SerializationError, and no request leaves."""
    with pytest.raises(
        errors.SerializationError, match=r"^search_phone_numbers: .*\(nothing was sent\)$"
    ):
        search_phone_numbers.sync(client=client, body=SearchPhoneNumbersInput(prefix=number))
    assert server.requests == []


@pytest.mark.parametrize("phone_id", ["", ".", "..", None, "\ud800"])
def test_an_id_cannot_lead_to_another_path(
    server: ScriptedServer, client: AuthenticatedClient, phone_id: Any
) -> None:
    """An id that would make the request one for another resource is refused before anything is sent."""
    with pytest.raises(errors.SerializationError):
        get_phone_number.sync(phone_id, client=client)
    assert server.requests == []


def test_an_id_is_one_segment_of_the_path(
    server: ScriptedServer, client: AuthenticatedClient
) -> None:
    """Slashes, dots, percent and question marks in an id stay in it."""
    get_phone_number.sync("../a?b#c%2F{id}", client=client)
    assert (
        server.requests[0].split(b"\r\n")[0]
        == b"GET /api/phone_numbers/..%2Fa%3Fb%23c%252F%7Bid%7D HTTP/1.1"
    )


def test_what_is_not_set_is_not_sent(server: ScriptedServer, client: AuthenticatedClient) -> None:
    """Optional members with a default are the server's to fill in."""
    server.answer = response(200, [])
    search_phone_numbers.sync(client=client, body=SearchPhoneNumbersInput(prefix="415"))
    assert server.requests[0].partition(b"\r\n\r\n")[2] == b'{"prefix":"415"}'


def test_a_derived_client_leaves_the_original_alone(
    server: ScriptedServer, client: AuthenticatedClient
) -> None:
    """`with_headers` and `with_timeout` change the new client only, before and after the first request."""
    buy_sync(client)
    derived = client.with_headers({"X-Team": "blue"}).with_timeout(1)
    with derived:
        buy_sync(derived)
    buy_sync(client)
    assert [b"X-Team: blue" in request for request in server.requests] == [False, True, False]


def test_a_transport_of_ones_own_passes_its_exceptions_on() -> None:
    """What is no failure of HTTP, such as a test's own control flow, reaches the caller unchanged."""

    class StopError(BaseException):
        pass

    def stop(_: httpx.Request) -> httpx.Response:
        raise StopError

    transport = httpx.MockTransport(stop)
    for buy in (buy_sync, buy_async):
        with pytest.raises(StopError):
            buy(AuthenticatedClient(token=TOKEN, httpx_args={"transport": transport}))


def test_httpx_args_reach_httpx(server: ScriptedServer) -> None:
    """Event hooks see each request and response."""
    seen: list[object] = []
    hooks = {
        "request": [lambda request: seen.append(request.method)],
        "response": [lambda r: seen.append(r.status_code)],
    }
    with AuthenticatedClient(
        token=TOKEN, base_url=server.url, httpx_args={"event_hooks": hooks}
    ) as client:
        buy_sync(client)
    assert seen == ["POST", 200]


def test_a_transport_of_the_wrong_kind_is_said_clearly() -> None:
    """A sync transport in an async call is a ConfigurationError, not an AttributeError within httpx."""
    client = AuthenticatedClient(token=TOKEN, httpx_args={"transport": httpx.HTTPTransport()})
    with pytest.raises(errors.ConfigurationError, match=r"must be an httpx\.AsyncBaseTransport"):
        buy_async(client)


def test_one_client_works_in_one_event_loop_after_another(client: AuthenticatedClient) -> None:
    """Two calls of `asyncio.run` with one client work, and connections end with their loop: no warning is left."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert [buy_async(client).id, buy_async(client).id] == ["n-1", "n-1"]
        gc.collect()


def test_calls_share_a_connection(server: ScriptedServer, client: AuthenticatedClient) -> None:
    """Async calls of one loop, and threads' sync calls one after another, keep the connection."""
    accepted: list[int] = []
    serve = server._serve

    def counted(connection: Any) -> None:
        accepted.append(1)
        serve(connection)

    server._serve = counted  # type: ignore[method-assign]

    async def twice() -> None:
        async with client:
            for _ in range(2):
                await get_phone_number.asyncio("1", client=client)

    asyncio.run(twice())
    for _ in range(2):
        thread = threading.Thread(
            target=get_phone_number.sync, args=("1",), kwargs={"client": client}
        )
        thread.start()
        thread.join()
    assert (len(server.requests), len(accepted)) == (4, 2)


def test_a_closed_client_opens_again(client: AuthenticatedClient) -> None:
    """`close` ends the connections; the next call makes new ones."""
    buy_sync(client)
    client.close()
    assert buy_sync(client).id == "n-1"


def test_the_deprecated_operation_warns_its_caller_once_a_call(client: AuthenticatedClient) -> None:
    """Each call of each form gives one DeprecationWarning that names the replacement and the caller's line."""

    async def both_async() -> None:
        await purchase_phone_number.asyncio(client=client, body=BODY)
        await purchase_phone_number.asyncio_detailed(client=client, body=BODY)

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        purchase_phone_number.sync(client=client, body=BODY)
        purchase_phone_number.sync_detailed(client=client, body=BODY)
        asyncio.run(both_async())
    assert 4 * [("deprecated by the API: use create_phone_number instead", __file__)] == [
        (str(warning.message), warning.filename) for warning in caught
    ]
    assert (
        purchase_phone_number.sync.__deprecated__
        == "deprecated by the API: use create_phone_number instead"
    )  # type: ignore[attr-defined]  # as PEP 702 has it
