"""The mock as an ASGI application: routing, credential, request against the contract, answer.

The seam for faults. A fault is an object with `id`, `summary` and a method `wrap(mock, contract)`:
it gets the correct `Mock` of one server and returns the ASGI application to serve. It may

- replace its parts, each of which the mock looks up on every request:
    `mock.credential_checks[name]`   one check of the credential, `(header's text, key) -> bool`
    `mock.authenticate(scope)`       all of them, `-> bool`
    `mock.validate(operation, request)`   what is wrong with a request, `-> Sequence[Violation]`
    `mock.handlers[operation.id]`    what an accepted request does, `(state, request) -> Answer`
    `mock.respond(operation, request)`    the answer to an accepted request, `-> Answer`
    `mock.answer(scope, receive)`    the answer to any request, awaited, `-> Answer`
    `mock.state.<method>`            one rule of behaviour each, see `state.py`
- and return the mock itself, or ASGI middleware around it that rewrites what it sends.

`scope["mock"]` holds the `operation` once it is known and the `request` once it is read.
`Answer(drop=True)` closes the connection without an answer, `Answer(delay=seconds)` answers late.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol
from urllib.parse import urlsplit

from vogent_contract.docs.page import Server, render
from vogent_contract.mock import outcomes
from vogent_contract.mock.behaviour import HANDLERS, Handler
from vogent_contract.mock.completing import add_new_types, complete, new_positions
from vogent_contract.mock.outcomes import Answer
from vogent_contract.mock.recording import Application, Receive, Record, Scope, Send
from vogent_contract.mock.state import Refusal, State
from vogent_contract.openapi import Contract, Operation, Request, Schema, Violation

TEST_KEY = "test-key"  # documented: not a secret
DROP = "mock.drop"  # the ASGI extension that closes a connection at once


class Fault(Protocol):
    """One way to break the contract; the module's docstring says what it may do."""

    @property
    def id(self) -> str: ...
    @property
    def summary(self) -> str: ...
    def wrap(self, mock: Mock, contract: Contract) -> Application: ...


def create_app(
    contract: Contract,
    state: State,
    api_key: str,
    fault: Fault | None = None,
    record: Record | None = None,
) -> Application:
    """Make the application.

    Args:
        fault: Breaks it in one way.
        record: Is told of every request once it is answered.

    Raises:
        ContractError: A schema of the contract is not valid.
    """
    mock = Mock(contract, state, api_key, record)
    return fault.wrap(mock, contract) if fault else mock


def _token(text: str) -> str:
    return text.partition(" ")[2].lstrip(" ")


# Each is told the text of the Authorization header, empty if there is not exactly one, and the key.
CREDENTIAL_CHECKS: Mapping[str, Callable[[str, str], bool]] = {
    "present": lambda text, _: bool(text),
    "scheme": lambda text, _: text.partition(" ")[0].lower() == "bearer",  # RFC 9110: any case
    "token": lambda text, key: _token(text).startswith(key),
    "nothing after": lambda text, key: len(_token(text)) <= len(key),
}


class Mock:
    """The correct server. Its parts can be replaced, see the module's docstring."""

    def __init__(
        self, contract: Contract, state: State, api_key: str, record: Record | None = None
    ) -> None:
        self.contract = contract
        self.state = state
        self.api_key = api_key
        self.record = record
        self.credential_checks = dict(CREDENTIAL_CHECKS)
        self.handlers: dict[str, Handler] = dict(HANDLERS)
        self.prefix = server_path(contract)
        operations = contract.operations
        for operation in operations.values():
            _compile(operation)
        self._defaults = {name: _defaults(one) for name, one in operations.items()}
        self._new = {name: new_positions(one) for name, one in operations.items()}
        add_new_types(contract, state)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        start = time.perf_counter()
        try:
            answer = await self.answer(scope, receive)
        except Exception:  # a mistake of the mock's own must not look like a dropped connection
            traceback.print_exc(file=sys.stderr)
            answer = Answer(500, {"message": "the mock failed, its output says why"})
        await deliver(answer, scope, receive, send)
        if self.record:
            status = None if answer.drop else answer.status
            self.record(scope, status, time.perf_counter() - start)

    async def answer(self, scope: Scope, receive: Receive) -> Answer:
        """Answer one request."""
        path = scope["raw_path"].decode("ascii")
        below = path.removeprefix(self.prefix) if path.startswith(self.prefix) else ""
        operation = self.contract.match(scope["method"], below)
        if operation is None and path == "/" and scope["method"] == "GET":
            return self._page(scope)
        if operation is None:
            return self._elsewhere(scope["method"], below)

        seen = scope["mock"] = {"operation": operation}
        if operation.secured and not self.authenticate(scope):
            wrong = {"message": "the API key is missing or wrong"}
            return Answer(401, wrong, {"WWW-Authenticate": "Bearer"})

        query = scope["query_string"].decode("ascii", "replace")
        content_type = dict(scope["headers"]).get(b"content-type", b"").decode("latin-1")
        content = await _content(receive)
        try:
            request = operation.read_request(f"{below}?{query}", content_type, content)
        except ValueError:  # from the JSON Schema library
            return Answer(400, {"message": "/body: nested too deeply"})
        seen["request"] = request
        violations = self.validate(operation, request)
        if violations:
            return _refused(violations)
        return self.respond(operation, request)

    def authenticate(self, scope: Scope) -> bool:
        """Whether the credential is the key."""
        found = [value for name, value in scope["headers"] if name == b"authorization"]
        text = found[0].decode("latin-1").strip(" \t") if len(found) == 1 else ""
        return all(check(text, self.api_key) for check in self.credential_checks.values())

    def validate(self, operation: Operation, request: Request) -> Sequence[Violation]:  # noqa: ARG002 - for faults
        """What the contract has against a request."""
        return request.violations

    def respond(self, operation: Operation, request: Request) -> Answer:
        """Do what an accepted request asks for; without a handler, show the contract's example."""
        handler = self.handlers.get(operation.id)
        if handler is None:
            return example(operation)
        query, body = self._defaults[operation.id]
        if query:
            request = replace(request, query={**query, **request.query})
        if body and isinstance(request.body, dict):
            request = replace(request, body={**body, **request.body})
        try:
            answer = handler(self.state, request)
        except Refusal as refusal:
            return Answer(422, {"message": str(refusal)})
        if answer.status == 200:
            complete(answer.body, self._new[operation.id])
        return answer

    def _page(self, scope: Scope) -> Answer:
        """The reference, where the operations can be tried."""
        host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
        origin = f"{scope['scheme']}://{host}" if host else ""
        server = Server(origin + self.prefix, _shown_key(self.api_key))
        page = render(self.contract.document, outcomes.markdown(), server).decode()
        return Answer(200, page, media_type="text/html; charset=utf-8")

    def _elsewhere(self, method: str, below: str) -> Answer:
        """The answer where the contract has no operation."""
        allowed = self.contract.allowed(below)
        if allowed:
            wrong = {"message": f"{method} is not allowed here"}
            return Answer(405, wrong, {"Allow": ", ".join(allowed)})
        return Answer(404, {"message": "no such path"})


async def deliver(answer: Answer, scope: Scope, receive: Receive, send: Send) -> None:
    """Send an answer, or close the connection if it says so."""
    if answer.delay:
        await asyncio.sleep(answer.delay)
    if answer.drop:
        scope["extensions"][DROP]()
        message = await receive()
        while message["type"] != "http.disconnect":
            message = await receive()
        return
    content = answer.content()
    headers = [(b"content-length", b"%d" % len(content))]
    if answer.media_type:
        headers.append((b"content-type", answer.media_type.encode()))
    for name, value in answer.headers.items():
        headers.append((name.lower().encode(), value.encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


def example(operation: Operation) -> Answer:
    """The success that the contract shows for an operation."""
    success = operation.success
    status = int(success.status.replace("X", "0"))
    return Answer(status, success.example(), media_type=success.media_type)


def server_path(contract: Contract) -> str:
    """The path of the contract's first server, such as `/api`; empty if it names none."""
    return urlsplit(contract.server).path.rstrip("/")


def _shown_key(key: str) -> str:
    """The key as the page may show it: one in the environment may be somebody's real one."""
    secret = key == os.environ.get("VOGENT_API_KEY") and key != TEST_KEY
    return "" if secret else key


def _compile(operation: Operation) -> None:
    """Compile the schemas of requests now: one that is not valid shows at the start."""
    for parameter in operation.parameters:
        parameter.schema.is_valid(None)
    if operation.body:
        operation.body.schema.is_valid(None)


def _defaults(operation: Operation) -> tuple[dict[str, Any], dict[str, Any]]:
    """The defaults of the query's parameters and of the body's properties."""
    query = {one.name: one.schema for one in operation.parameters if one.location == "query"}
    body = operation.body.schema.properties() if operation.body else {}
    return _stated(query), _stated(body)


def _stated(schemas: Mapping[str, Schema]) -> dict[str, Any]:
    with_default = {name: one for name, one in schemas.items() if "default" in one.node}
    return {name: one.node["default"] for name, one in with_default.items()}


def _refused(violations: Sequence[Violation]) -> Answer:
    """400 for what is no input at all, 422 for input that breaks a schema.

    It names places and rules and no value: what was sent may be a password.
    """
    broken = [f"{one.pointer} breaks {one.keyword} of {one.schema}" for one in violations[:10]]
    no_input = any(one.keyword in ("body", "content-type", "json") for one in violations)
    return Answer(400 if no_input else 422, {"message": "; ".join(broken)})


async def _content(receive: Receive) -> bytes:
    """The body of the request."""
    content = b""
    while True:
        message = await receive()
        content += bytes(message.get("body", b""))
        if not message.get("more_body", False):
            return content
