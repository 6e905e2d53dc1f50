"""What the client sends again, when, and what it never sends twice."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest
from vogent_phone_numbers import AuthenticatedClient, errors
from vogent_phone_numbers.api.phone_numbers import (
    create_phone_number,
    delete_phone_number,
    get_phone_number,
    list_phone_numbers,
    purchase_phone_number,
    search_phone_numbers,
    update_phone_number,
)
from vogent_phone_numbers.models import (
    CreateByPurchaseInput,
    SearchPhoneNumbersInput,
    UpdatePhoneNumberInput,
)

from tests.client.conftest import BODY, TOKEN
from tests.client.scripted_server import BOUGHT

pytestmark = pytest.mark.filterwarnings("ignore:deprecated by the API")
Answer = int | httpx.Response | type[httpx.RequestError]
OFFERS = [{"number": "+14155550123"}]
PAGE = {"data": [BOUGHT], "cursor": None}
# The operations that change nothing, with a success; then those that do.
HARMLESS: dict[str, tuple[Any, dict[str, Any], Any]] = {
    "search": (search_phone_numbers, {"body": SearchPhoneNumbersInput(prefix="415")}, OFFERS),
    "list": (list_phone_numbers, {}, PAGE),
    "get": (get_phone_number, {"id": "n-1"}, BOUGHT),
}
HARMFUL: dict[str, tuple[Any, dict[str, Any], Any]] = {
    "purchase": (purchase_phone_number, {"body": BODY}, BOUGHT),
    "create": (create_phone_number, {"body": CreateByPurchaseInput(purchase=BODY)}, BOUGHT),
    "update": (update_phone_number, {"id": "n-1", "body": UpdatePhoneNumberInput()}, BOUGHT),
    "delete": (delete_phone_number, {"id": "n-1"}, BOUGHT),
}
NEVER_LEFT = [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError]
MAY_HAVE_LEFT = [httpx.ReadTimeout, httpx.WriteError, httpx.RemoteProtocolError, httpx.ReadError]
TRY_AGAIN = [429, 502, 503, 504]


class Script(httpx.MockTransport):
    """Gives one answer after another, the last one again and again; counts the requests."""

    def __init__(self, success: Any, *answers: Answer) -> None:
        super().__init__(self.reply)
        self.success = success
        self.answers = [*answers]
        self.requests: list[httpx.Request] = []

    def reply(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers[0]
        if len(self.answers) > 1:
            self.answers.pop(0)
        if isinstance(answer, httpx.Response):
            return answer
        if isinstance(answer, int):
            return httpx.Response(answer, json=self.success)
        raise answer("lost", request=request)


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses of the client, which do not take place, each as long as it may be."""
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr("time.sleep", pauses.append)
    monkeypatch.setattr("asyncio.sleep", sleep)
    monkeypatch.setattr("random.uniform", lambda _, most: most)
    return pauses


def call_sync(module: Any, **arguments: Any) -> Any:
    """Call the operation with `sync`."""
    return module.sync(**arguments)


def call_async(module: Any, **arguments: Any) -> Any:
    """Call the operation with `asyncio`."""
    return asyncio.run(module.asyncio(**arguments))


@pytest.fixture(params=[call_sync, call_async])
def call(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Call an operation, sync and async."""
    function: Callable[..., Any] = request.param
    return function


def client_of(script: Script, **arguments: Any) -> AuthenticatedClient:
    """Make a client of the script."""
    return AuthenticatedClient(token=TOKEN, httpx_args={"transport": script}, **arguments)


@pytest.mark.parametrize("answer", [*TRY_AGAIN, *MAY_HAVE_LEFT, *NEVER_LEFT])
@pytest.mark.parametrize("name", HARMLESS)
def test_what_changes_nothing_is_sent_again(
    call: Callable[..., Any], pauses: list[float], name: str, answer: Answer
) -> None:
    """A busy server or a lost answer costs such a call two pauses, no error."""
    module, arguments, success = HARMLESS[name]
    script = Script(success, answer, answer, 200)
    call(module, client=client_of(script), **arguments)
    assert (3, [0.5, 1.0]) == (len(script.requests), pauses)
    first, _, last = script.requests
    assert (first.url, first.content) == (last.url, last.content)


@pytest.mark.parametrize("answer", NEVER_LEFT)
@pytest.mark.parametrize("name", HARMFUL)
def test_what_never_left_is_sent_again(
    call: Callable[..., Any], pauses: list[float], name: str, answer: Answer
) -> None:
    """Even a purchase is sent again if no connection could be made for it."""
    module, arguments, success = HARMFUL[name]
    script = Script(success, answer, answer, 200)
    assert "n-1" == call(module, client=client_of(script), **arguments).id
    assert [0.5, 1.0] == pauses


@pytest.mark.parametrize("answer", [*TRY_AGAIN, *MAY_HAVE_LEFT, httpx.DecodingError, 500])
@pytest.mark.parametrize("name", HARMFUL)
def test_what_may_have_been_done_is_never_sent_again(
    call: Callable[..., Any], pauses: list[float], name: str, answer: Answer
) -> None:
    """What creates, changes or releases is sent once, whatever was asked for and came back."""
    module, arguments, success = HARMFUL[name]
    script = Script(success, answer, 200)
    client = client_of(script, max_retries=9)
    with pytest.raises(errors.VogentError):
        call(module, client=client, max_retries=9, **arguments)
    assert (1, []) == (len(script.requests), pauses)


@pytest.mark.parametrize("name", HARMFUL)
def test_a_purchase_that_left_at_the_second_attempt_is_not_sent_a_third_time(
    call: Callable[..., Any], name: str
) -> None:
    """Each attempt is judged by itself."""
    module, arguments, success = HARMFUL[name]
    script = Script(success, httpx.ConnectError, httpx.ReadTimeout, 200)
    with pytest.raises(errors.TransportError) as caught:
        call(module, client=client_of(script), **arguments)
    assert (2, True) == (len(script.requests), caught.value.may_have_been_processed)


@pytest.mark.parametrize("status", [201, 302, 400, 401, 404, 408, 409, 422, 500, 501])
def test_other_answers_count(call: Callable[..., Any], pauses: list[float], status: int) -> None:
    """A refusal, a redirect or a broken success is not asked for again."""
    script = Script(PAGE, status, 200)
    with pytest.raises(errors.VogentError):
        call(list_phone_numbers, client=client_of(script))
    script = Script({}, 200)
    with pytest.raises(errors.ContractError):
        call(list_phone_numbers, client=client_of(script))
    assert [] == pauses


@pytest.mark.parametrize(
    ("of_the_client", "of_the_call", "attempts"),
    [
        ({}, {}, 3),
        ({"max_retries": 0}, {}, 1),
        ({"max_retries": 5}, {}, 6),
        ({}, {"max_retries": 0}, 1),
        ({"max_retries": 0}, {"max_retries": 1}, 2),
    ],
)
def test_retries_are_as_many_as_asked_for(
    call: Callable[..., Any],
    of_the_client: dict[str, int],
    of_the_call: dict[str, int],
    attempts: int,
) -> None:
    """Two by default; the client's number counts, and the call's more. Then the error is raised."""
    script = Script(PAGE, 503)
    with pytest.raises(errors.ServerError):
        call(list_phone_numbers, client=client_of(script, **of_the_client), **of_the_call)
    assert attempts == len(script.requests)


def test_a_derived_client_retries_as_often(call: Callable[..., Any]) -> None:
    """`with_timeout` and `with_headers` keep the number."""
    script = Script(PAGE, 503)
    client = client_of(script, max_retries=1).with_timeout(1).with_headers({"A": "b"})
    with pytest.raises(errors.ServerError):
        call(list_phone_numbers, client=client)
    assert 2 == len(script.requests)


def test_pauses_grow_up_to_a_bound(pauses: list[float]) -> None:
    """Each pause is twice the one before, and none is longer than eight seconds."""
    script = Script(PAGE, 503)
    with pytest.raises(errors.ServerError):
        list_phone_numbers.sync(client=client_of(script, max_retries=2000))
    assert [0.5, 1.0, 2.0, 4.0, 8.0, 8.0] == pauses[:6]
    assert {8.0} == set(pauses[6:])


def test_pauses_are_not_the_same_for_all(
    monkeypatch: pytest.MonkeyPatch, pauses: list[float]
) -> None:
    """A pause is drawn from its upper half, so that callers come back one after another."""
    monkeypatch.setattr("random.uniform", lambda least, _: least)
    list_phone_numbers.sync(client=client_of(Script(PAGE, 503, 503, 200)))
    assert [0.25, 0.5] == pauses


NOW = datetime.now(UTC)
SOON = format_datetime(NOW + timedelta(minutes=15), usegmt=True)
RETRY_AFTER = {  # the header, and the pause that it makes
    "seconds": ("7", 7),
    "nothing": ("0", 0),
    "a day": ("86400", 60),
    "no number": ("soon", 0.5),
    "a past date": ("Sun, 06 Nov 1994 08:49:37 GMT", 0),
    "a date": (SOON, 60),
}


@pytest.mark.parametrize(("header", "pause"), RETRY_AFTER.values(), ids=RETRY_AFTER)
@pytest.mark.parametrize("status", [429, 503])
def test_the_server_says_how_long_to_wait(
    call: Callable[..., Any], pauses: list[float], status: int, header: str, pause: Any
) -> None:
    """`Retry-After` counts, as seconds or as a date, up to a minute."""
    busy = httpx.Response(status, headers={"Retry-After": header})
    call(list_phone_numbers, client=client_of(Script(PAGE, busy, 200)))
    assert [pause] == pauses


@pytest.mark.parametrize("wrong", [-1, 1.5, True, "2"])
def test_a_number_of_retries_that_is_none_is_refused(wrong: Any) -> None:
    """Neither a client nor a call takes it, and nothing is sent."""
    script = Script(PAGE, 200)
    with pytest.raises(errors.ConfigurationError, match="max_retries"):
        client_of(script, max_retries=wrong)
    with pytest.raises(errors.ConfigurationError, match="max_retries"):
        list_phone_numbers.sync(client=client_of(script), max_retries=wrong)
    assert [] == script.requests
