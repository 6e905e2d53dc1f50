"""The examples of the client's README run as they are printed."""

import ast
import asyncio
import json
import logging
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import httpx
import pytest
from vogent_phone_numbers import AuthenticatedClient, errors
from vogent_phone_numbers.api.phone_numbers import list_phone_numbers

from tests.client.conftest import TOKEN

README = Path(__file__).parents[2] / "generated_client" / "README.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
SYNC, ASYNC, AFTER_A_TIMEOUT, PAGES, ONE_CALL, RETRIES, LOGGING, HTTPX_ARGS = EXAMPLES
OFFER = "+14155550123"
PHONES = [
    {"id": f"n{last}", "number": f"+1415555012{last}", "type": "PSTN", "agentId": None}
    for last in range(5)
]
BOUGHT_LINKED_RELEASED = [
    ("POST", "/phone_numbers/search", {"prefix": "415"}),
    ("POST", "/phone_numbers", {"type": "purchase", "purchase": {"number": OFFER}}),
    ("PUT", "/phone_numbers/n3", {"agentId": "my-agent"}),
    ("DELETE", "/phone_numbers/n3", None),
]


class Account(httpx.MockTransport):
    """An account of five numbers on three pages, which sells one of them; keeps its requests."""

    def __init__(self) -> None:
        super().__init__(self.reply)
        self.requests: list[tuple[str, str, Any]] = []

    def reply(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api")
        body = json.loads(request.content or "null")
        self.requests.append((request.method, path, body))
        if path == "/phone_numbers/search":
            return httpx.Response(200, json=[{"number": OFFER}])
        if request.method != "GET":
            return httpx.Response(200, json=PHONES[3])
        start = int(request.url.params.get("cursor", "0"))
        after = str(start + 2) if start < 4 else None
        return httpx.Response(200, json={"data": PHONES[start : start + 2], "cursor": after})


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Account:
    """What every `AuthenticatedClient()` of the README talks to."""
    account = Account()
    make = AuthenticatedClient.__init__

    def make_with_account(client: AuthenticatedClient, **arguments: Any) -> None:
        make(client, token=TOKEN, httpx_args={"transport": account}, **arguments)

    monkeypatch.setattr(AuthenticatedClient, "__init__", make_with_account)
    return account


def test_the_sync_example(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    """Search, buy, link, release."""
    exec(SYNC, {})  # noqa: S102 - our own README
    assert BOUGHT_LINKED_RELEASED == account.requests
    assert f"{OFFER} PSTN None\n" == capsys.readouterr().out


def test_the_async_example(account: Account) -> None:
    """The same with asyncio, with the imports of the sync example."""
    imports = SYNC.partition("\nwith ")[0]
    program = compile(f"{imports}\n{ASYNC}", "README", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    asyncio.run(eval(program, {}))  # noqa: S307 - our own README
    assert BOUGHT_LINKED_RELEASED == account.requests


@pytest.fixture
def names(account: Account) -> dict[str, Any]:
    """What the examples after the first have at hand."""
    del account  # which the client talks to
    return {
        "AuthenticatedClient": AuthenticatedClient,
        "client": AuthenticatedClient(),
        "errors": errors,
        "list_phone_numbers": list_phone_numbers,
    }


def test_all_pages(names: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """The loop prints each number of each page."""
    exec(PAGES, names)  # noqa: S102 - our own README
    expected = [f"{phone['id']} {phone['number']}" for phone in PHONES]
    assert expected == capsys.readouterr().out.splitlines()


def test_what_was_bought_is_found_after_a_timeout(names: dict[str, Any]) -> None:
    """A number that was bought by a purchase without an answer is in the list."""

    def time_out(**_: object) -> NoReturn:
        failure = errors.TransportError("timeout")
        failure.may_have_been_processed = True
        raise failure

    create = SimpleNamespace(sync=time_out)
    names |= {"body": None, "wanted": OFFER, "create_phone_number": create}
    exec(AFTER_A_TIMEOUT, names)  # noqa: S102 - our own README
    assert names["phone"].id == "n3"


def test_the_options_of_one_call(names: dict[str, Any], account: Account) -> None:
    """Both calls, with options of their own and of a derived client, give the page."""
    exec(ONE_CALL, names)  # noqa: S102 - our own README
    assert [("GET", "/phone_numbers", None)] * 2 == account.requests
    assert "n0" == names["page"].data[0].id


def test_retries(names: dict[str, Any]) -> None:
    """The example makes a client."""
    exec(RETRIES, names)  # noqa: S102 - our own README


def test_logging(names: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    """The example logs the line that it shows, with the figures of the clock."""
    logger = logging.getLogger("vogent_phone_numbers")
    try:
        exec(LOGGING, names)  # noqa: S102 - our own README
    finally:
        logger.setLevel(logging.NOTSET)
    shown = LOGGING.partition("# DEBUG:")[2].strip()
    (line,) = [
        f"{record.name}:{record.getMessage()}"
        for record in caplog.records
        if record.name == logger.name
    ]
    assert re.sub(r"\d+ ms", "# ms", shown) == re.sub(r"\d+ ms", "# ms", line)


def test_the_httpx_arguments_are_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The example of proxies, TLS and hooks makes a client, and the httpx client in it."""
    monkeypatch.setenv("VOGENT_API_KEY", TOKEN)
    example = f"client = {HTTPX_ARGS}client._connections.http()"
    names = {"AuthenticatedClient": AuthenticatedClient, "ssl_context": True}
    exec(example, names)  # noqa: S102 - our own README
