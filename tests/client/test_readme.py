"""The examples of the client's README run as they are printed."""

import ast
import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import vogent_phone_numbers
from vogent_phone_numbers import AuthenticatedClient, errors

README = (Path(vogent_phone_numbers.__file__).parents[1] / "README.md").read_text()
SYNC, ASYNC, AFTER_A_TIMEOUT, PAGES, HTTPX_ARGS = re.findall(
    r"```python\n(.*?)```", README, re.DOTALL
)


class Account(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A tiny account with five numbers on three pages, that keeps what is asked of it."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content) if request.content else {}
        path = request.url.path.removeprefix("/api")
        self.calls.append(f"{request.method} {path} {json.dumps(body)}")
        if path.endswith("/search"):
            return httpx.Response(200, json=[{"number": "+14155550123"}])
        phone = {"id": "n1", "number": "+14155550123", "type": "PSTN", "agentId": None}
        if request.method == "GET":
            start = int(request.url.params.get("cursor", 0))
            page = [phone | {"id": f"n{n}", "number": f"+1415555012{n}"} for n in range(5)][
                start : start + 2
            ]
            return httpx.Response(
                200, json={"data": page, "cursor": str(start + 2) if start < 4 else None}
            )
        return httpx.Response(200, json=phone)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self.handle_request(request)


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """Every AuthenticatedClient() of the README talks to this account."""
    account = Account()
    make = AuthenticatedClient.__init__
    monkeypatch.setenv("VOGENT_API_KEY", "key-of-the-readme")
    with monkeypatch.context() as patch:
        patch.setattr(
            AuthenticatedClient,
            "__init__",
            lambda self: make(self, httpx_args={"transport": account}),
        )
        yield account


BOUGHT_LINKED_RELEASED = [
    'POST /phone_numbers/search {"prefix": "415"}',
    'POST /phone_numbers {"type": "purchase", "purchase": {"number": "+14155550123"}}',
    'PUT /phone_numbers/n1 {"agentId": "my-agent"}',
    "DELETE /phone_numbers/n1 {}",
]


def test_the_sync_example(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    """Search, buy, link, release."""
    exec(SYNC, {})  # noqa: S102 - our own README
    assert account.calls == BOUGHT_LINKED_RELEASED
    assert capsys.readouterr().out == "+14155550123 PSTN None\n"


def test_the_async_example(account: Account) -> None:
    """The same with asyncio, with the imports of the sync example."""
    imports = SYNC.partition("\nwith ")[0]
    program = compile(f"{imports}\n{ASYNC}", "README", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    asyncio.run(eval(program, {}))  # noqa: S307 - our own README
    assert account.calls == BOUGHT_LINKED_RELEASED


@pytest.mark.usefixtures("account")
def test_all_pages_and_what_was_bought() -> None:
    """The loop reads every page, and finds a number after a timeout."""
    names: dict[str, Any] = {"AuthenticatedClient": AuthenticatedClient, "errors": errors}
    exec(PAGES, names)  # noqa: S102 - our own README
    client = AuthenticatedClient()
    assert [phone.id for phone in names["every_phone_number"](client)] == [
        "n0",
        "n1",
        "n2",
        "n3",
        "n4",
    ]

    class Lost:
        @staticmethod
        def sync(**_: object) -> None:
            failure = errors.TransportError("timeout")
            failure.may_have_been_processed = True
            raise failure

    names |= {"client": client, "body": None, "wanted": "+14155550123", "create_phone_number": Lost}
    exec(AFTER_A_TIMEOUT, names)  # noqa: S102 - our own README
    assert names["phone"].id == "n3"


def test_the_httpx_arguments_are_accepted() -> None:
    """The example of proxies, TLS and hooks makes a client."""
    exec(HTTPX_ARGS, {"AuthenticatedClient": with_key, "ssl_context": True})  # noqa: S102 - our own README


def with_key(**arguments: Any) -> AuthenticatedClient:
    """Makes the client, and the httpx client in it."""
    client = AuthenticatedClient(token="key-of-the-readme", **arguments)  # noqa: S106 - no real key
    client._http_client()
    return client
