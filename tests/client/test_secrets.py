"""The API key shows up nowhere but in the Authorization header."""

import copy
import logging
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from conftest import TOKEN
from purchase import BOTH
from rich.console import Console
from rich.traceback import Traceback
from scripted_server import ScriptedServer, response
from vogent_phone_numbers import AuthenticatedClient, errors
from vogent_phone_numbers.models import PhoneNumber

ECHO = f'{{"error": "bad key {TOKEN}", "id": "{TOKEN}"}}'.encode()
FAILURES = {
    "refused": response(401, ECHO),
    "refused with a long text": response(400, b"x" * 190 + TOKEN.encode() + b"y" * 300),
    "breach": response(200, ECHO),
    "reset": ScriptedServer.RESET,
    "timeout": ScriptedServer.HANG,
}


@pytest.mark.parametrize("buy", BOTH.values(), ids=BOTH)
@pytest.mark.parametrize("answer", FAILURES.values(), ids=FAILURES)
def test_no_message_traceback_or_log_shows_the_key(
    server: ScriptedServer,
    client: AuthenticatedClient,
    buy: Callable[[AuthenticatedClient], PhoneNumber],
    answer: bytes,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Even a server that echoes the key does not get it into a message, repr, DEBUG log or traceback with locals."""
    server.answer = answer
    with caplog.at_level(logging.DEBUG), pytest.raises(errors.VogentError) as caught:
        buy(client.with_timeout(0.2))
    error: BaseException | None = caught.value
    console = Console(record=True, width=300, quiet=True)
    console.print(
        Traceback.from_exception(caught.type, caught.value, caught.tb.tb_next, show_locals=True)
    )
    shown = [console.export_text(), *(record.getMessage() for record in caplog.records)]
    while error is not None:
        shown += [str(error), repr(error), str(error.args)]
        error = error.__cause__ or error.__context__
    assert len(shown) > 3
    assert [text for text in shown if TOKEN[:8] in text] == []


def test_pytest_with_locals_does_not_show_the_key(tmp_path: Path) -> None:
    """A failing test under `pytest -l` shows no key in the frames of the client and of httpx, cause included."""
    (tmp_path / "test_it.py").write_text(
        "import os, socket\n"
        "from vogent_phone_numbers import AuthenticatedClient\n"
        "from vogent_phone_numbers.api.phone_numbers import get_phone_number\n"
        "def test_it():\n"
        "    listener = socket.create_server(('127.0.0.1', 0))\n"
        "    url = f'http://127.0.0.1:{listener.getsockname()[1]}'\n"
        "    client = AuthenticatedClient(base_url=url, timeout=0.1)\n"
        "    get_phone_number.sync('1', client=client)\n"
    )
    ran = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-l",
            "--full-trace",
            "-p",
            "no:cacheprovider",
            str(tmp_path),
        ],
        env={"VOGENT_API_KEY": TOKEN, "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "TransportError" in ran.stdout
    assert "client     = AuthenticatedClient(" in ran.stdout
    assert TOKEN not in ran.stdout + ran.stderr


def test_no_repr_shows_the_key(client: AuthenticatedClient) -> None:
    """repr, str, vars and the httpx client within hide it."""
    client._http_client()
    texts = [repr(client), str(client), repr(vars(client)), repr(client._http_client().headers)]
    assert [text for text in texts if TOKEN in text] == []
    assert "token=<hidden>" in repr(client)


@pytest.mark.parametrize("take", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_client_is_not_pickled(
    client: AuthenticatedClient, take: Callable[[object], object]
) -> None:
    """The key does not leave in a pickled client; the error says why."""
    with pytest.raises(TypeError, match="holds the API key"):
        take(client)


BAD_KEYS = {
    "a new line": f"{TOKEN}\n",
    "a space": f"{TOKEN} x",
    "no ASCII": f"{TOKEN}ä",
    "a control": f"{TOKEN}\0",
}


@pytest.mark.parametrize("key", BAD_KEYS.values(), ids=BAD_KEYS)
def test_a_key_that_no_header_can_carry_is_refused_unseen(key: str) -> None:
    """A key with white space is an error at construction that does not show the key, in the traceback neither."""
    with pytest.raises(
        errors.ConfigurationError, match="white space or characters that a header"
    ) as caught:
        AuthenticatedClient(token=key)
    own = caught.tb.tb_next
    assert own is not None
    assert TOKEN not in str(own.tb_frame.f_locals) + str(caught.value)


def test_the_key_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without `token` the environment variable counts, with it the argument."""
    keys = []
    transport = httpx.MockTransport(
        lambda request: keys.append(request.headers["Authorization"]) or httpx.Response(500)
    )
    monkeypatch.setenv("VOGENT_API_KEY", "from-the-environment")
    for client in (
        AuthenticatedClient(httpx_args={"transport": transport}),
        AuthenticatedClient(token=TOKEN, httpx_args={"transport": transport}),
    ):
        with pytest.raises(errors.ServerError):
            BOTH["sync"](client)
    assert ["Bearer from-the-environment", f"Bearer {TOKEN}"] == keys


@pytest.mark.parametrize("token", [None, ""])
def test_without_a_key_there_is_no_client(
    monkeypatch: pytest.MonkeyPatch, token: str | None
) -> None:
    """A missing key is a clear error at construction."""
    monkeypatch.delenv("VOGENT_API_KEY", raising=False)
    with pytest.raises(
        errors.ConfigurationError, match=r"^no API key: give token= or set .* VOGENT_API_KEY$"
    ):
        AuthenticatedClient(token=token)


@pytest.mark.parametrize(
    "url", ["api.vogent.ai", "ftp://x", "https://", "", "https://u:geheim@x", "https://x?y=geheim"]
)
def test_a_base_url_that_cannot_be_used_is_refused(url: str) -> None:
    """A base URL that is not absolute, or would carry other credentials, is an error that does not repeat it."""
    with pytest.raises(
        errors.ConfigurationError, match=r"^base_url is no absolute http or https URL"
    ) as caught:
        AuthenticatedClient(token=TOKEN, base_url=url)
    assert "geheim" not in str(caught.value)


def test_httpx_args_cannot_undo_what_the_client_promises() -> None:
    """Redirects, the key and the timeout are the client's own."""
    with pytest.raises(
        errors.ConfigurationError, match="httpx_args cannot set auth, follow_redirects"
    ):
        AuthenticatedClient(token=TOKEN, httpx_args={"follow_redirects": True, "auth": ("a", "b")})
