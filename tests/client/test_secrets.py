"""The API key shows up nowhere but in the Authorization header."""

import copy
import gc
import io
import logging
import pickle
from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any, NoReturn

import httpx
import pytest
from rich.console import Console
from rich.traceback import Traceback
from vogent_phone_numbers import AuthenticatedClient, errors

from tests.client.conftest import TOKEN, Buy, buy_sync
from tests.client.scripted_server import HANG, RESET, Server, response

ECHO = f'{{"error": "bad key {TOKEN}", "id": "{TOKEN}"}}'.encode()
FAILURES = {
    "refused": response(401, ECHO),
    "refused with a long text": response(400, b"x" * 190 + TOKEN.encode() + b"y" * 300),
    "breach": response(200, ECHO),
    "reset": RESET,
    "timeout": HANG,
}


@pytest.mark.parametrize("answer", FAILURES.values(), ids=FAILURES)
def test_no_message_traceback_or_log_shows_the_key(
    server: Server,
    client: AuthenticatedClient,
    buy: Buy,
    answer: bytes,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A server that echoes the key gets it into no message, repr, log or traceback with locals."""
    server.answer = answer
    with caplog.at_level(logging.DEBUG), pytest.raises(errors.VogentError) as caught:
        buy(client.with_timeout(0.2))
    assert caplog.messages
    assert TOKEN[:8] not in shown(caught) + caplog.text


def test_the_frames_of_the_http_stack_do_not_show_the_key(buy: Buy) -> None:
    """A transport that fails while one of its variables holds the key leaves no trace of it."""

    def lose(request: httpx.Request) -> NoReturn:
        key = request.headers["Authorization"]
        raise httpx.ReadError(f"lost {len(key)} characters", request=request)

    client = AuthenticatedClient(token=TOKEN, httpx_args={"transport": httpx.MockTransport(lose)})
    with pytest.raises(errors.TransportError) as caught:
        buy(client)
    assert TOKEN not in shown(caught)


def shown(caught: pytest.ExceptionInfo[Exception]) -> str:
    """Give all that an error shows: its texts, and its traceback with the callee's variables."""
    page = io.StringIO()
    callee = caught.tb.tb_next
    traceback = Traceback.from_exception(caught.type, caught.value, callee, show_locals=True)
    Console(file=page, width=300).print(traceback)
    texts = [page.getvalue()]
    assert " locals " in texts[0]
    error: BaseException | None = caught.value
    while error is not None:
        texts += [str(error), repr(error), str(error.args)]
        error = error.__cause__ or error.__context__
    return "\n".join(texts)


REFUSED = [response(422, {}), response(307, b"", "Location: /api/x"), response(200, {}), RESET]


@pytest.mark.parametrize("answer", REFUSED)
def test_nothing_that_an_error_leads_to_holds_the_key(
    server: Server, client: AuthenticatedClient, buy: Buy, answer: bytes
) -> None:
    """No object within reach of an error has it, however deep, nor has a pickle."""
    server.answer = answer
    with pytest.raises(errors.VogentError) as caught:
        buy(client.with_timeout(0.2))
    error = caught.value.with_traceback(None)
    cause = error.__cause__
    assert TOKEN.encode() not in pickle.dumps(error)
    texts = [text for one in (error, cause) for text in reachable(one)]
    assert len(texts) > 3
    assert [] == [text for text in texts if TOKEN in text]


def reachable(thing: object) -> list[str]:
    """Give each text within reach of an object, through attributes, mappings and sequences."""
    texts: list[str] = []
    seen: set[int] = set()
    ahead = [thing]
    while ahead:
        one = ahead.pop()
        if id(one) in seen or isinstance(one, type | ModuleType | FunctionType):
            continue
        seen.add(id(one))
        if isinstance(one, str):
            texts.append(one)
        elif isinstance(one, bytes):
            texts.append(one.decode("latin-1"))
        else:
            ahead += gc.get_referents(one)
    return texts


def test_no_repr_shows_the_key(client: AuthenticatedClient) -> None:
    """repr, str, vars and the httpx client within hide it."""
    http = client._connections.http()
    texts = [repr(client), str(client), repr(vars(client)), repr(http.headers)]
    assert [] == [text for text in texts if TOKEN in text]
    assert "token=<hidden>" in repr(client)


@pytest.mark.parametrize("take", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_client_is_not_pickled(
    client: AuthenticatedClient, take: Callable[[object], object]
) -> None:
    """The key does not leave in a pickled client; the error says why."""
    with pytest.raises(TypeError, match="holds the API key"):
        take(client)


def test_a_proxy_of_the_environment_that_cannot_be_used_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Proxies of the environment are read when the client is made, not at the first call."""
    monkeypatch.setenv("HTTPS_PROXY", f"ftp://user:{TOKEN}@proxy")
    with pytest.raises(errors.ConfigurationError, match="proxy") as caught:
        AuthenticatedClient(token=TOKEN)
    assert TOKEN not in str(caught.value)


def test_the_key_comes_from_the_environment(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without `token` the environment variable counts, with it the argument."""
    monkeypatch.setenv("VOGENT_API_KEY", "from-the-environment")
    with AuthenticatedClient(base_url=server.url) as client:
        buy_sync(client)
    with AuthenticatedClient(base_url=server.url, token=TOKEN) as client:
        buy_sync(client)
    assert b"\r\nAuthorization: Bearer from-the-environment\r\n" in server.requests[0]
    assert f"\r\nAuthorization: Bearer {TOKEN}\r\n".encode() in server.requests[1]


NO_KEY = r"^no API key: give token= or set .* VOGENT_API_KEY$"
BAD_KEY = "^the API key holds white space or characters that a header cannot carry$"
BAD_URL = "^base_url is no absolute http or https URL, or it has a user, a query or a fragment$"
ASYNC = httpx.AsyncHTTPTransport()
HTTPX_ARGS = {"follow_redirects": True, "auth": ("a", "b")}
UNUSABLE = [
    ({"token": None}, NO_KEY),
    ({"token": ""}, NO_KEY),
    ({"token": f"{TOKEN}\n"}, BAD_KEY),
    ({"token": f"{TOKEN}ä"}, BAD_KEY),
    ({"token": f"{TOKEN}\0"}, BAD_KEY),
    ({"base_url": "api.vogent.ai"}, BAD_URL),
    ({"base_url": "ftp://x"}, BAD_URL),
    ({"base_url": ""}, BAD_URL),
    ({"base_url": f"https://u:{TOKEN}@x"}, BAD_URL),
    ({"base_url": f"https://x?y={TOKEN}"}, BAD_URL),
    ({"base_url": None}, BAD_URL),
    ({"httpx_args": HTTPX_ARGS}, "^httpx_args cannot set auth, follow_redirects"),
    ({"httpx_args": [TOKEN]}, "^httpx_args is no mapping"),
    ({"httpx_args": {"proxys": TOKEN}}, "^httpx_args, or .* cannot be used: .* argument 'proxys'"),
    ({"httpx_args": {"http2": True}}, r"^httpx_args, or .* cannot be used: .* 'h2' package"),
    (
        {"httpx_args": {"proxy": f"ftp://u:{TOKEN}@x"}},
        "^httpx_args, or .* cannot be used: .*scheme",
    ),
    ({"httpx_args": {"proxy": "http://x:port"}}, "^httpx_args, or .* cannot be used: "),
    ({"httpx_args": {"proxy": 5}}, "^httpx_args, or .* cannot be used: "),
    ({"httpx_args": {"limits": 5}}, "^httpx_args, or .* cannot be used: "),
    ({"httpx_args": {"event_hooks": {"request": print}}}, "^httpx_args, or .* cannot be used: "),
    ({"httpx_args": {"verify": 5}}, "^httpx_args: verify is neither true nor false"),
    ({"httpx_args": {"cookies": 5}}, "^httpx_args, or .* cannot be used: "),
    ({"httpx_args": {"event_hooks": {"request": [TOKEN]}}}, "^httpx_args: an event hook cannot be"),
    (
        {"httpx_args": {"transport": TOKEN}},
        "BaseTransport, .* must be an httpx.AsyncBaseTransport$",
    ),
    ({"httpx_args": {"mounts": {"http://": 5}}}, "BaseTransport, .* an httpx.AsyncBaseTransport$"),
    (
        {"httpx_args": {"transport": ASYNC, "limit": 5}},
        "^httpx_args, or .* cannot be used: .*'limit'",
    ),
]


@pytest.mark.parametrize(("arguments", "message"), UNUSABLE)
def test_an_argument_that_cannot_be_used_is_refused_unseen(
    arguments: dict[str, Any], message: str
) -> None:
    """No key, a bad key or URL, or a promise undone is an error that does not show the value."""
    with pytest.raises(errors.ConfigurationError, match=message) as caught:
        AuthenticatedClient(**{"token": TOKEN, **arguments})
    frame = caught.tb.tb_next
    assert frame is not None
    assert TOKEN not in str(caught.value)
    assert caught.value.__cause__ is None
    if "token" in arguments:
        assert TOKEN not in str(frame.tb_frame.f_locals)
