"""What a caller gets for everything that a server can do, sync and async, over a real socket."""

import gzip
import json
import pickle
import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest
from vogent_phone_numbers import AuthenticatedClient, errors
from vogent_phone_numbers.api.phone_numbers import purchase_phone_number
from vogent_phone_numbers.models import PhoneNumber, PhoneNumberType

from tests.client.conftest import BODY, TOKEN, Buy, Fail
from tests.client.scripted_server import BOUGHT, CLOSE, HANG, RESET, Server, response

JSON = "application/json"


@pytest.mark.parametrize("agent_id", [None, "agent-1"])
def test_a_success_gives_the_phone_number(
    server: Server, client: AuthenticatedClient, buy: Buy, agent_id: str | None
) -> None:
    """A body that keeps the contract becomes the object, with null and text told apart."""
    answer = BOUGHT | {"agentId": agent_id, "later": [1]}
    server.answer = response(200, answer)
    phone = buy(client)
    expected = PhoneNumber(
        id="n-1",
        number="+18001234567",
        type_=PhoneNumberType.PSTN,
        agent_id=agent_id,
        additional_properties={"later": [1]},
    )
    assert expected == phone
    assert answer == phone.to_dict()


def test_an_enum_value_that_nobody_knows_is_kept(
    server: Server, client: AuthenticatedClient, buy: Buy
) -> None:
    """A new `type` does not lose the purchase: it is kept, and falls to the default case."""
    server.answer = response(200, BOUGHT | {"type": "TOLL_FREE"})
    phone = pickle.loads(pickle.dumps(buy(client)))  # noqa: S301 - our own object
    match phone.type_:
        case PhoneNumberType.PSTN | PhoneNumberType.SIP_USERNAME:
            pytest.fail("an unknown value matches a known one")
        case _:
            assert phone.type_ == "TOLL_FREE"
    assert (False, True) == (phone.type_.is_known, PhoneNumberType.PSTN.is_known)
    assert phone.to_dict() == BOUGHT | {"type": "TOLL_FREE"}
    assert str is type(phone.to_dict()["type"])
    with pytest.raises(ValueError, match="TOLL_FREE"):
        PhoneNumberType("TOLL_FREE")


def bought(**changes: Any) -> bytes:
    """Give a bought number in which something is wrong."""
    return response(200, BOUGHT | changes)


WITHOUT_AGENT = {key: value for key, value in BOUGHT.items() if key != "agentId"}
HTML = response(200, b"<html>", media_type="text/html; charset=utf-8")
JSON_AS_TEXT = response(200, BOUGHT, media_type="text/plain")
BREACHES = {  # the answer, and the error's path, expected and got
    "a missing key": (response(200, WITHOUT_AGENT), "$.agentId", "to be there", "nothing"),
    "null for text": (bought(id=None), "$.id", "a string", "null"),
    "a number for text or null": (bought(agentId=7), "$.agentId", "a string", "7"),
    "an array for an enum": (bought(type=["PSTN"]), "$.type", "a string", '["PSTN"]'),
    "an array": (response(200, [BOUGHT]), "$", "an object", json.dumps([BOUGHT])),
    "null": (response(200, None), "$", "an object", "null"),
    "a truncated body": (response(200, b'{"id": "n-1"'), "$", "JSON (", '{"id": "n-1"'),
    "an empty body": (response(200, b""), "$", "JSON (", "nothing"),
    "no number of JSON": (response(200, b'{"id": NaN}'), "$", "JSON (", '{"id": NaN}'),
    "no UTF-8": (response(200, b'{"id": "\xff"}'), "$", "JSON (", '{"id": "\ufffd"}'),
    "endless nesting": (response(200, b"[" * 100_000), "$", "JSON (", "[" * 100_000),
    "HTML": (HTML, "Content-Type", JSON, "text/html"),
    "JSON as text": (JSON_AS_TEXT, "Content-Type", JSON, "text/plain"),
    "no type": (response(200, BOUGHT, media_type=""), "Content-Type", JSON, "nothing"),
}


@pytest.mark.parametrize("breach", BREACHES.values(), ids=BREACHES)
def test_a_success_that_breaks_the_contract_is_an_error_with_the_whole_response(
    fail: Fail, breach: tuple[bytes, str, str, str]
) -> None:
    """ContractError says where, what was expected and what came, and keeps what was bought."""
    answer, path, expected, got = breach
    error = fail(answer)
    assert errors.ContractError is type(error)
    assert (path, got, 200) == (error.path, error.got, error.status_code)
    assert error.expected.startswith(expected)
    assert answer.partition(b"\r\n\r\n")[2] == error.content
    assert str(len(error.content)) == error.headers["Content-Length"]
    assert str(error).startswith("purchase_phone_number: 200 OK (")
    assert f"breaks the contract: {path}: expected {expected}" in str(error)
    assert len(str(error)) < 600


REFUSALS = {
    400: errors.BadRequestError,
    401: errors.UnauthorizedError,
    422: errors.UnprocessableEntityError,
    429: errors.RateLimitError,
    500: errors.ServerError,
    503: errors.ServerError,
    201: errors.UnexpectedStatusError,
    307: errors.UnexpectedStatusError,
    404: errors.UnexpectedStatusError,
}
DOCUMENTED = (400, 401, 422)


@pytest.mark.parametrize("status", REFUSALS)
def test_any_other_status_is_an_error_of_its_class(fail: Fail, status: int) -> None:
    """No refused purchase comes back as a value, and no redirect is followed."""
    error = fail(response(status, b"", "Location: /api/elsewhere"))
    assert (REFUSALS[status], status) == (type(error), error.status_code)
    assert (status in DOCUMENTED) == error.documented
    assert error.headers["Location"] == "/api/elsewhere"
    assert str(error).startswith(f"purchase_phone_number: {status}")


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b'{"error": "no"}', ': {"error": "no"}'),
        (b"no \x1b[31m\nway", ": no \ufffd[31m way"),
        (b"<html>" + b"x" * 9000, f": <html>{'x' * 194}..."),
        (b"", ""),
    ],
    ids=["JSON", "controls", "long", "nothing"],
)
def test_the_message_shows_how_the_body_starts(fail: Fail, body: bytes, shown: str) -> None:
    """An ApiError has the whole body; its message has the start, without control characters."""
    error = fail(response(422, body))
    assert body == error.content
    assert str(error).endswith(f" bytes){shown}")


IN_AN_HOUR = format_datetime(datetime.now(UTC) + timedelta(hours=1))


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("Retry-After: 7", 7),
        (f"Retry-After: {IN_AN_HOUR}", pytest.approx(3600, abs=600)),
        ("Retry-After: Sun, 06 Nov 1994 08:49:37 GMT", 0),
        ("X: 1", None),
        ("Retry-After: soon", None),
        ("Retry-After: -1", None),
        (f"Retry-After: {'9' * 400}", None),
    ],
    ids=["seconds", "date", "past", "none", "text", "negative", "too long"],
)
def test_retry_after_is_in_seconds(fail: Fail, header: str, seconds: float | None) -> None:
    """Both forms of the header give seconds, a past date 0, and one that says nothing None."""
    error = fail(response(429, b"", header))
    assert seconds == error.retry_after


CUT = response(200, BOUGHT, "Connection: close")[:-5]
NO_HTTP = b"hello\r\n\r\nConnection: close"
NO_GZIP = response(200, BOUGHT, "Content-Encoding: gzip")


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (RESET, httpx.TransportError),
        (CLOSE, httpx.RemoteProtocolError),
        (CUT, httpx.RemoteProtocolError),
        (NO_HTTP, httpx.RemoteProtocolError),
        (NO_GZIP, httpx.DecodingError),
        (HANG, httpx.ReadTimeout),
    ],
    ids=["reset", "closed", "cut", "no HTTP", "no gzip", "timeout"],
)
def test_a_lost_answer_may_have_been_processed(
    fail: Fail, answer: bytes, cause: type[Exception]
) -> None:
    """Once the request may have left, TransportError says so, with the exception of httpx."""
    error = fail(answer)
    assert errors.TransportError is type(error)
    assert error.may_have_been_processed is True
    assert "the server may have processed the request" in str(error)
    assert isinstance(error.__cause__, cause)


def test_a_refused_connection_certainly_sent_nothing(buy: Buy) -> None:
    """Where nobody listens, TransportError says that the request never left."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    client = AuthenticatedClient(token=TOKEN, base_url=f"http://127.0.0.1:{port}")
    with pytest.raises(errors.TransportError, match="the request was never sent") as caught:
        buy(client)
    assert caught.value.may_have_been_processed is False
    assert isinstance(caught.value.__cause__, httpx.ConnectError)


BODIES = {
    "JSON": (
        response(422, {"code": "sold", "hint": [1, None]}),
        {"code": "sold", "hint": [1, None]},
    ),
    "JSON as text": (response(400, {"a": 1}, media_type="text/plain"), {"a": 1}),
    "compressed": (
        response(422, gzip.compress(b'{"a": 1}'), "Content-Encoding: gzip"),
        {"a": 1},
    ),
    "HTML": (response(422, b"<html>"), None),
    "nothing": (response(422, b""), None),
    "no UTF-8": (response(422, b'"\xff"'), None),
    "endless nesting": (response(422, b"[" * 100_000), None),
    "a breach": (response(200, BOUGHT | {"id": 7}), BOUGHT | {"id": 7}),
}


@pytest.mark.parametrize(("answer", "body"), BODIES.values(), ids=BODIES)
def test_an_error_has_the_body_as_json(fail: Fail, answer: bytes, body: Any) -> None:
    """`body` is what the server said, None if that is no JSON."""
    assert body == fail(answer).body


@pytest.mark.parametrize("answer", [response(422, {"a": 1}), response(200, {})])
def test_an_error_has_the_response_of_httpx(fail: Fail, server: Server, answer: bytes) -> None:
    """`response` can be read, asked and pickled like any of httpx, and knows what it answers."""
    error = fail(answer)
    for one in (error.response, pickle.loads(pickle.dumps(error)).response):  # noqa: S301 - our own
        assert (error.status_code, error.body) == (one.status_code, one.json())
        assert (error.headers, error.content) == (one.headers, one.read())
        assert f"{server.url}/phone_numbers/purchase" == str(one.url)
        assert "POST" == one.request.method
        assert one.elapsed > timedelta(0)


REQUEST_IDS = {
    "X-Request-Id: r-1": "r-1",
    "X-Request-ID: r-1": "r-1",
    "Request-Id: r-1": "r-1",
    "X-Correlation-Id: r-1": "r-1",
    "x-amzn-RequestId: r-1": "r-1",
    "X-Trace-Id: t-1\r\nX-Request-Id: r-1": "r-1",
    "X-Request-Id:": None,
    "X-Other: r-1": None,
}


@pytest.mark.parametrize(("header", "request_id"), REQUEST_IDS.items())
@pytest.mark.parametrize("answer", [422, 200])
def test_an_error_has_the_id_of_the_request(
    fail: Fail, answer: int, header: str, request_id: str | None
) -> None:
    """The id that the server gave is there for its support, under the usual names; None without."""
    assert request_id == fail(response(answer, b"{}", header)).request_id


def test_detailed_gives_the_response_too(server: Server, client: AuthenticatedClient) -> None:
    """`sync_detailed` gives status, headers and decoded content, with the object."""
    content = gzip.compress(json.dumps(BOUGHT).encode())
    server.answer = response(200, content, "Content-Encoding: gzip", "X-Trace: 7")
    with pytest.warns(DeprecationWarning, match="create_phone_number"):
        got = purchase_phone_number.sync_detailed(client=client, body=BODY)
    assert (200, "7") == (got.status_code, got.headers["x-trace"])
    assert BOUGHT == json.loads(got.content)
    assert BOUGHT == got.parsed.to_dict()


@pytest.mark.parametrize("answer", [response(422, b"no"), response(200, b"{}"), RESET])
def test_errors_can_be_pickled(fail: Fail, answer: bytes) -> None:
    """A worker process that raises an error does not lose what it says."""
    assert_survives_a_pickle(fail(answer))


def test_from_dict_says_where_a_stored_object_is_wrong() -> None:
    """Reading an object that breaks the contract raises MismatchError, which pickles too."""
    with pytest.raises(errors.MismatchError, match=r"^\$\.id: expected a string, got 7$") as caught:
        PhoneNumber.from_dict(BOUGHT | {"id": 7})
    assert_survives_a_pickle(caught.value)


def assert_survives_a_pickle(error: errors.VogentError) -> None:
    """Assert that a copy by pickle is of the same class and says the same."""
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own object
    assert (type(error), str(error)) == (type(copy), str(copy))
    assert contents(error) == contents(copy)


def contents(error: errors.VogentError) -> dict[str, Any]:
    """Give what an error holds, the response as what can be compared."""
    held = dict(vars(error))
    response = held.pop("response", None)
    if isinstance(response, httpx.Response):
        held["response"] = (response.status_code, response.headers, response.content)
    return held
