"""What the client logs, and what it never does."""

import logging
import re

import pytest
from vogent_phone_numbers import AuthenticatedClient, errors
from vogent_phone_numbers.api.phone_numbers import (
    create_phone_number,
    get_phone_number,
    list_phone_numbers,
)
from vogent_phone_numbers.models import CreateByVogentSipInput, SipUser

from tests.client.conftest import TOKEN, Buy
from tests.client.scripted_server import BOUGHT, RESET, Server, response

NAME = "vogent_phone_numbers"
SECRET = "geheim-5"  # noqa: S105 - no real one


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """What is logged under the client's name, at every level."""
    caplog.set_level(logging.DEBUG, logger=NAME)
    return caplog


def lines(log: pytest.LogCaptureFixture) -> list[str]:
    """Give the messages under the client's name, without the figures of the clock."""
    records = [record for record in log.records if record.name == NAME]
    assert {logging.DEBUG} >= {record.levelno for record in records}
    messages = [record.getMessage() for record in records]
    return [re.sub(r"[\d.]+ (m?s)\b", r"# \1", message) for message in messages]


def test_each_request_is_a_line(
    server: Server, client: AuthenticatedClient, buy: Buy, log: pytest.LogCaptureFixture
) -> None:
    """Method, path, status or failure, and duration; the path is the contract's, without ids."""
    buy(client)
    server.answer = response(422, {"error": "sold"})
    with pytest.raises(errors.ApiError):
        buy(client)
    server.answer = RESET
    with pytest.raises(errors.TransportError):
        buy(client)
    server.answer = response(200, BOUGHT)
    get_phone_number.sync("n-1", client=client)
    *three, last = lines(log)
    start = "POST /phone_numbers/purchase: "
    assert [f"{start}200 in # ms", f"{start}422 in # ms"] == three[:2]
    assert re.fullmatch(f"{start}(Read|RemoteProtocol|Write)Error in # ms", three[2])
    assert "GET /phone_numbers/{id}: 200 in # ms" == last


def test_each_retry_is_said(
    server: Server, client: AuthenticatedClient, log: pytest.LogCaptureFixture
) -> None:
    """An attempt that is followed by another says which one, and after how long."""
    server.answer = response(503, b"", "Retry-After: 0")
    with pytest.raises(errors.ServerError):
        list_phone_numbers.sync(client=client)
    start = "GET /phone_numbers: 503 in # ms"
    expected = [f"{start}; retry {retry} of 2 in # s" for retry in (1, 2)]
    assert [*expected, start] == lines(log)


def test_nothing_secret_is_logged(
    server: Server, client: AuthenticatedClient, log: pytest.LogCaptureFixture
) -> None:
    """Neither key nor body nor query is in the log of the client, whatever happens."""
    user = SipUser(sip_prefix="desk", username="clerk", password=SECRET)
    for status in (200, 422):
        server.answer = response(status, {"echo": [TOKEN, SECRET]})
        with pytest.raises(errors.VogentError):
            create_phone_number.sync(client=client, body=CreateByVogentSipInput(vogent_sip=user))
        with pytest.raises(errors.VogentError):
            list_phone_numbers.sync(client=client, cursor=SECRET, headers={"X-Secret": SECRET})
    said = "\n".join(lines(log))
    assert 4 == said.count("\n") + 1
    for secret in (TOKEN, SECRET, "clerk", "?"):
        assert secret not in said


def test_nothing_is_logged_unless_asked_for(
    client: AuthenticatedClient, buy: Buy, caplog: pytest.LogCaptureFixture
) -> None:
    """At the level INFO the client is silent."""
    caplog.set_level(logging.INFO, logger=NAME)
    buy(client)
    assert [] == lines(caplog)
