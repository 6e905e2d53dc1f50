"""A server that answers what a test tells it, and a client that buys from it."""

import asyncio
import threading
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from vogent_phone_numbers import AuthenticatedClient, errors
from vogent_phone_numbers.api.phone_numbers import purchase_phone_number
from vogent_phone_numbers.models import PhoneNumber, PurchasePhoneNumberInput

from tests.client.scripted_server import Server

TOKEN = "sk-0123456789abcdef"  # noqa: S105 - no real key
BODY = PurchasePhoneNumberInput(number="+18001234567")
Buy = Callable[[AuthenticatedClient], PhoneNumber]
Fail = Callable[[bytes], Any]


def buy_sync(client: AuthenticatedClient) -> PhoneNumber:
    """Buy with `sync`, whose deprecation is hidden."""
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        return purchase_phone_number.sync(client=client, body=BODY)


def buy_async(client: AuthenticatedClient) -> PhoneNumber:
    """Buy with `asyncio`, in an event loop of its own."""
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        return asyncio.run(purchase_phone_number.asyncio(client=client, body=BODY))


@pytest.fixture(params=[buy_sync, buy_async])
def buy(request: pytest.FixtureRequest) -> Buy:
    """Buy a number, sync and async."""
    function: Buy = request.param
    return function


@pytest.fixture
def server() -> Iterator[Server]:
    """A server that sells a number until it is told to answer otherwise."""
    with Server() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        yield server
        server.shutdown()


@pytest.fixture
def client(server: Server) -> Iterator[AuthenticatedClient]:
    """A client of that server."""
    with AuthenticatedClient(token=TOKEN, base_url=server.url, timeout=5) as client:
        yield client


@pytest.fixture
def fail(server: Server, buy: Buy) -> Fail:
    """Buy from a server that gives an answer, and give the error of the client.

    The client may repeat what was never sent, and must not repeat this request.
    """

    def fail_with(answer: bytes) -> errors.VogentError:
        server.answer = answer
        client = AuthenticatedClient(token=TOKEN, base_url=server.url, timeout=0.3, max_retries=3)
        with client, pytest.raises(errors.VogentError) as caught:
            buy(client)
        assert len(server.requests) == 1
        return caught.value

    return fail_with
