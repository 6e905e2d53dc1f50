"""What a caller gets for everything that a server can do, sync and async, over a real socket."""

import gzip
import json
import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest
from purchase import BODY, BOTH, buy_sync
from scripted_server import BOUGHT, ScriptedServer, response
from vogent_phone_numbers import AuthenticatedClient, errors
from vogent_phone_numbers.api.phone_numbers import purchase_phone_number
from vogent_phone_numbers.models import PhoneNumber, PhoneNumberType

Buy = Callable[[AuthenticatedClient], PhoneNumber]
both = pytest.mark.parametrize("buy", BOTH.values(), ids=BOTH)
JSON = "application/json"


def without(name: str) -> dict[str, Any]:
    """A bought number that lacks a member."""
    return {key: value for key, value in BOUGHT.items() if key != name}


@both
@pytest.mark.parametrize("agent_id", [None, "agent-1"])
def test_a_success_gives_the_phone_number(
    server: ScriptedServer, client: AuthenticatedClient, buy: Buy, agent_id: str | None
) -> None:
    """A body that keeps the contract becomes the object, with null and text told apart."""
    server.answer = response(200, BOUGHT | {"agentId": agent_id, "later": [1]})
    phone = buy(client)
    expected = PhoneNumber(
        id="n-1",
        number="+18001234567",
        type_=PhoneNumberType.PSTN,
        agent_id=agent_id,
        additional_properties={"later": [1]},
    )
    assert expected == phone
    assert BOUGHT | {"agentId": agent_id, "later": [1]} == phone.to_dict()


@both
def test_an_enum_value_that_nobody_knows_is_kept(
    server: ScriptedServer, client: AuthenticatedClient, buy: Buy
) -> None:
    """A new `type` does not lose the purchase: the value is kept, is not known, and falls to the default case."""
    server.answer = response(200, BOUGHT | {"type": "TOLL_FREE"})
    phone = pickle.loads(pickle.dumps(buy(client)))  # noqa: S301 - our own object
    match phone.type_:
        case PhoneNumberType.PSTN | PhoneNumberType.SIP_USERNAME:
            case = "known"
        case _:
            case = "default"
    assert (
        case,
        phone.type_.is_known,
        phone.type_,
        PhoneNumberType.PSTN.is_known,
    ) == ("default", False, "TOLL_FREE", True)
    assert phone.to_dict() == BOUGHT | {"type": "TOLL_FREE"}
    assert str is type(phone.to_dict()["type"])
    with pytest.raises(ValueError, match="TOLL_FREE"):
        PhoneNumberType("TOLL_FREE")


BREACHES = {
    "a missing key": (response(200, without("agentId")), "$.agentId", "to be there", "nothing"),
    "null for text": (response(200, BOUGHT | {"id": None}), "$.id", "a string", "null"),
    "an integer for text or null": (
        response(200, BOUGHT | {"agentId": 7}),
        "$.agentId",
        "a string",
        "7",
    ),
    "an integer for text": (response(200, BOUGHT | {"id": 7}), "$.id", "a string", "7"),
    "an enum that is no text": (
        response(200, BOUGHT | {"type": ["PSTN"]}),
        "$.type",
        "a string",
        '["PSTN"]',
    ),
    "an array": (response(200, [BOUGHT]), "$", "an object", json.dumps([BOUGHT])),
    "null": (response(200, b"null"), "$", "an object", "null"),
    "text": (response(200, "n-1"), "$", "an object", '"n-1"'),
    "a truncated body": (
        response(200, json.dumps(BOUGHT).encode()[:-9]),
        "$",
        "JSON (",
        json.dumps(BOUGHT)[:-9],
    ),
    "an empty body": (response(200, b""), "$", "JSON (", "nothing"),
    "no number of JSON": (response(200, b'{"id": NaN}'), "$", "JSON (", '{"id": NaN}'),
    "no UTF-8": (response(200, b'{"id": "\xff"}'), "$", "JSON (", '{"id": "\ufffd"}'),
    "endless nesting": (response(200, b"[" * 100_000), "$", "JSON (", "[" * 100_000),
    "HTML": (
        response(200, b"<html>", media_type="text/html; charset=utf-8"),
        "Content-Type",
        JSON,
        "text/html",
    ),
    "JSON as text": (
        response(200, BOUGHT, media_type="text/plain"),
        "Content-Type",
        JSON,
        "text/plain",
    ),
    "no content type": (response(200, BOUGHT, media_type=""), "Content-Type", JSON, "nothing"),
}


@both
@pytest.mark.parametrize("breach", BREACHES.values(), ids=BREACHES)
def test_a_success_that_breaks_the_contract_is_an_error_with_the_whole_response(
    server: ScriptedServer,
    client: AuthenticatedClient,
    buy: Buy,
    breach: tuple[bytes, str, str, str],
) -> None:
    """ContractError says where, what was expected and what came, and keeps the response with what was bought."""
    server.answer, path, expected, got = breach
    with pytest.raises(errors.ContractError) as caught:
        buy(client)
    error = caught.value
    assert (path, got, 200) == (error.path, error.got, error.status_code)
    assert error.expected.startswith(expected)
    assert server.answer.partition(b"\r\n\r\n")[2] == error.content
    assert str(len(error.content)) == error.headers["Content-Length"]
    assert str(error).startswith("purchase_phone_number: 200 OK (")
    assert f"breaks the contract: {path}: expected {expected}" in str(error)
    assert len(str(error)) < 600
    assert not isinstance(error, errors.ApiError)


REFUSALS = {
    400: (errors.BadRequestError, True),
    401: (errors.UnauthorizedError, True),
    422: (errors.UnprocessableEntityError, True),
    429: (errors.RateLimitError, False),
    500: (errors.ServerError, False),
    503: (errors.ServerError, False),
    520: (errors.ServerError, False),
    201: (errors.UnexpectedStatusError, False),
    204: (errors.UnexpectedStatusError, False),
    301: (errors.UnexpectedStatusError, False),
    307: (errors.UnexpectedStatusError, False),
    404: (errors.UnexpectedStatusError, False),
    499: (errors.UnexpectedStatusError, False),
}
BODIES = {
    "JSON": (b'{"error": "no"}', JSON, ': {"error": "no"}'),
    "text": (b"no \x1b[31m\nway", "text/plain", ": no \ufffd[31m way"),
    "HTML": (b"<html>" + b"x" * 9000, "text/html", f": <html>{'x' * 194}..."),
    "nothing": (b"", "", ""),
}


@both
@pytest.mark.parametrize("status", REFUSALS)
@pytest.mark.parametrize("sent", BODIES.values(), ids=BODIES)
def test_any_other_status_is_an_error_of_its_class(
    server: ScriptedServer,
    client: AuthenticatedClient,
    buy: Buy,
    status: int,
    sent: tuple[bytes, str, str],
) -> None:
    """No refused purchase comes back as a value: the class names the status, the message shows how the body starts."""
    kind, documented = REFUSALS[status]
    body, media_type, shown = sent
    body, shown = (b"", "") if status == 204 else (body, shown)
    server.answer = response(
        status, body, f"Location: {server.url}/elsewhere", "X-Trace: 7", media_type=media_type
    )
    with pytest.raises(errors.ApiError) as caught:
        buy(client)
    error = caught.value
    assert kind is type(error)
    assert (status, body, "7", documented) == (
        error.status_code,
        error.content,
        error.headers["X-Trace"],
        error.documented,
    )
    assert str(error).startswith(f"purchase_phone_number: {status}")
    assert str(error).endswith(f" bytes){shown}")
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("header", "low", "high"),
    [
        ("Retry-After: 7", 7, 7),
        (
            f"Retry-After: {format_datetime(datetime.now(UTC) + timedelta(hours=1))}",
            3000,
            3600,
        ),
        ("Retry-After: Sun, 06 Nov 1994 08:49:37 GMT", 0, 0),
    ],
    ids=["seconds", "date", "past"],
)
def test_retry_after_is_in_seconds(
    server: ScriptedServer, client: AuthenticatedClient, header: str, low: float, high: float
) -> None:
    """Both forms of the header give seconds, a moment that has passed gives 0."""
    server.answer = response(429, b"", header)
    with pytest.raises(errors.RateLimitError) as caught:
        buy_sync(client)
    assert caught.value.retry_after is not None
    assert low <= caught.value.retry_after <= high


@pytest.mark.parametrize(
    "header",
    ["X: 1", "Retry-After: soon", "Retry-After: -1", f"Retry-After: {'9' * 400}"],
    ids=["none", "text", "negative", "too long"],
)
def test_a_retry_after_that_says_nothing_is_none(
    server: ScriptedServer, client: AuthenticatedClient, header: str
) -> None:
    """A missing or unreadable header is no number of seconds, and no crash."""
    server.answer = response(429, b"", header)
    with pytest.raises(errors.RateLimitError) as caught:
        buy_sync(client)
    assert caught.value.retry_after is None


CUT = response(200, BOUGHT, "Connection: close")[:-5]
LOST = {
    "reset": (ScriptedServer.RESET, httpx.TransportError),
    "closed without an answer": (b"", httpx.RemoteProtocolError),
    "dropped within the body": (CUT, httpx.RemoteProtocolError),
    "no HTTP": (b"hello\r\n\r\nConnection: close", httpx.RemoteProtocolError),
    "a body that is not compressed as it says": (
        response(200, BOUGHT, "Content-Encoding: gzip"),
        httpx.DecodingError,
    ),
    "timeout": (ScriptedServer.HANG, httpx.ReadTimeout),
}


@both
@pytest.mark.parametrize(("answer", "cause"), LOST.values(), ids=LOST)
def test_a_lost_answer_may_have_been_processed(
    server: ScriptedServer,
    client: AuthenticatedClient,
    buy: Buy,
    answer: bytes,
    cause: type[Exception],
) -> None:
    """Once the request may have left, TransportError says so and has httpx's exception; nothing is sent again."""
    server.answer = answer
    with pytest.raises(
        errors.TransportError, match="the server may have processed the request"
    ) as caught:
        buy(client.with_timeout(0.3))
    assert caught.value.may_have_been_processed is True
    assert isinstance(caught.value.__cause__, cause)
    assert len(server.requests) == 1


@both
def test_a_refused_connection_certainly_sent_nothing(server: ScriptedServer, buy: Buy) -> None:
    """Where nobody listens, TransportError says that the request never left."""
    with server:
        pass
    with (
        AuthenticatedClient(token="key", base_url=server.url) as client,  # noqa: S106 - no real key
        pytest.raises(errors.TransportError, match="the request was never sent") as caught,
    ):
        buy(client)
    assert caught.value.may_have_been_processed is False
    assert isinstance(caught.value.__cause__, httpx.ConnectError)


def test_detailed_gives_the_response_too(
    server: ScriptedServer, client: AuthenticatedClient
) -> None:
    """`sync_detailed` gives status, headers and content as they came, with the object."""
    content = gzip.compress(json.dumps(BOUGHT).encode())
    server.answer = response(200, content, "Content-Encoding: gzip", "X-Trace: 7")
    with pytest.warns(DeprecationWarning, match="create_phone_number"):
        got = purchase_phone_number.sync_detailed(client=client, body=BODY)
    assert (
        got.status_code,
        got.headers["x-trace"],
        json.loads(got.content),
        got.parsed.to_dict(),
    ) == (200, "7", BOUGHT, BOUGHT)


@pytest.mark.parametrize(
    "answer", [response(422, b"no"), response(200, b"{}"), ScriptedServer.RESET]
)
def test_errors_can_be_pickled(
    server: ScriptedServer, client: AuthenticatedClient, answer: bytes
) -> None:
    """A worker process that raises an error does not lose what it says."""
    server.answer = answer
    with pytest.raises(errors.VogentError) as caught:
        buy_sync(client)
    copy = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own object
    assert (type(caught.value), str(caught.value), vars(caught.value)) == (
        type(copy),
        str(copy),
        vars(copy),
    )


def test_from_dict_says_where_and_can_be_pickled() -> None:
    """Reading a stored object that breaks the contract raises MismatchError with the path, which pickles too."""
    with pytest.raises(errors.MismatchError, match=r"^\$\.id: expected a string, got 7$") as caught:
        PhoneNumber.from_dict(BOUGHT | {"id": 7})
    copy = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own object
    assert (str(caught.value), vars(caught.value)) == (str(copy), vars(copy))
