"""The mock as a plain ASGI application: routing, bearer check, request validation, one answer.

The seam for faults. A fault is an object with `id`, `summary` and one method `wrap(mock, contract)`,
which returns the ASGI application to serve. It gets the correct `Mock` of one server and may

- replace its parts, each of which the mock looks up on every request:
    `mock.credential_checks[name]`   one check of the credential, `(text of the header, key) -> bool`
    `mock.authenticate(scope)`       all of them, `-> bool`
    `mock.validate(operation, request)`   what is wrong with a request, `-> Sequence[Violation]`
    `mock.handlers[operation.id]`    what an accepted request does, `(state, request) -> Answer`
    `mock.respond(operation, request)`    the answer to an accepted request, `-> Answer`
    `mock.state.<method>`            one rule of behaviour each, see `state.py`
- and return the mock itself, or ASGI middleware around it that rewrites what it sends.

`scope["mock"]` holds the `operation` once it is known and the `request` once it is read.
`Answer(drop=True)` closes the connection without an answer, `Answer(delay=seconds)` answers late.
"""

from __future__ import annotations

import asyncio
import hmac
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol
from urllib.parse import urlsplit

from vogent_contract.docs.page import render
from vogent_contract.mock import outcomes
from vogent_contract.mock.behaviour import HANDLERS, Handler
from vogent_contract.mock.completing import add_other_kinds, completion
from vogent_contract.mock.outcomes import Answer
from vogent_contract.mock.recording import Application, Receive, Record, Scope, Send
from vogent_contract.mock.state import Refusal, State
from vogent_contract.openapi import Contract, ContractError, Operation, Request, Violation

MAX_BODY = 1024 * 1024
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
    """Make the application, broken in one way by a `fault`; `record` is told of every request once it is answered.

    Raises:
        ContractError: A schema of the contract is not valid.
    """
    mock = Mock(contract, state, api_key, record)
    return fault.wrap(mock, contract) if fault else mock


def _bearer(text: str) -> str:
    return text.partition(" ")[2].lstrip(" ")


def _same(token: str, key: str) -> bool:
    return hmac.compare_digest(token[: len(key)].encode(), key.encode())


CREDENTIAL_CHECKS: Mapping[str, Callable[[str, str], bool]] = {
    "present": lambda text, _: bool(text),
    "scheme": lambda text, _: text.partition(" ")[0].lower() == "bearer",  # RFC 9110: any case
    "token": lambda text, key: _same(_bearer(text), key),
    "nothing after": lambda text, key: len(_bearer(text)) <= len(key),
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
        operations = contract.operations.values()
        self._concrete = {
            (one.method, self.prefix + one.path): one for one in operations if "{" not in one.path
        }
        self._defaults = {one.id: _defaults(one) for one in operations}
        self._completions = {one.id: completion(one) for one in operations}
        add_other_kinds(contract, state)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        start = time.perf_counter()
        try:
            answer = await self.answer(scope, receive)
        except Exception:  # a mistake of the mock's own must not look like a dropped connection
            traceback.print_exc(file=sys.stderr)
            answer = Answer(500, {"message": "the mock failed, its output says why"})
        await deliver(answer, scope, receive, send)
        if self.record:
            self.record(scope, None if answer.drop else answer.status, time.perf_counter() - start)

    async def answer(self, scope: Scope, receive: Receive) -> Answer:
        """Answer one request: path and method, credential, body, contract, behaviour, in this order."""
        method, target = scope["method"], scope["raw_path"].decode("ascii")
        operation = self._concrete.get((method, target)) or self._find(method, target)
        if isinstance(operation, Answer):
            return operation
        seen = scope["mock"] = {"operation": operation}
        if operation.secured and not self.authenticate(scope):
            return Answer(
                401, {"message": "the API key is missing or wrong"}, {"WWW-Authenticate": "Bearer"}
            )
        headers = dict(scope["headers"])
        content = await _body(int(headers.get(b"content-length", 0)), receive)
        if content is None:
            return Answer(413, {"message": f"the body is longer than {MAX_BODY} bytes"})
        if query := scope["query_string"]:
            target += "?" + query.decode("ascii", "replace")
        try:
            request = operation.read_request(
                target[len(self.prefix) :],
                headers.get(b"content-type", b"").decode("latin-1"),
                content,
            )
        except ValueError:
            return Answer(400, {"message": "/body: nested too deeply"})
        seen["request"] = request
        if violations := self.validate(operation, request):
            return _refused(violations)
        return self.respond(operation, request)

    def authenticate(self, scope: Scope) -> bool:
        """Whether the credential is the key: exactly one header, and every check holds."""
        found = [value for name, value in scope["headers"] if name == b"authorization"]
        text = found[0].decode("latin-1").strip(" \t") if len(found) == 1 else ""
        return all(check(text, self.api_key) for check in self.credential_checks.values())

    def validate(self, operation: Operation, request: Request) -> Sequence[Violation]:  # noqa: ARG002 - for faults
        """What the contract has against a request."""
        return request.violations

    def respond(self, operation: Operation, request: Request) -> Answer:
        """What an accepted request gets: the handler's answer, the contract's example without one."""
        handler = self.handlers.get(operation.id)
        if handler is None:
            return example(operation)
        query, body = self._defaults[operation.id]
        if body and isinstance(request.body, dict):
            request = replace(request, body=body | request.body)
        if query:
            request = replace(request, query=query | dict(request.query))
        try:
            answer = handler(self.state, request)
            complete = self._completions[operation.id]
            return (
                replace(answer, body=complete(answer.body))
                if complete and answer.status == 200
                else answer
            )
        except Refusal as refusal:
            return Answer(422, {"message": str(refusal)})

    def _find(self, method: str, target: str) -> Operation | Answer:
        path = target.removeprefix(self.prefix)
        if path != target or not self.prefix:
            if operation := self.contract.match(method, path):
                return operation
            if allowed := self.contract.allowed(path):
                return Answer(
                    405, {"message": f"{method} is not allowed here"}, {"Allow": ", ".join(allowed)}
                )
        if target == "/" and method == "GET":
            return Answer(
                body=render(self.contract.document, outcomes.markdown()).decode(),
                media_type="text/html; charset=utf-8",
            )
        return Answer(404, {"message": "no such path"})


async def deliver(answer: Answer, scope: Scope, receive: Receive, send: Send) -> None:
    """Send an answer, or close the connection if it says so."""
    if answer.delay:
        await asyncio.sleep(answer.delay)
    if answer.drop:
        scope["extensions"][DROP]()
        while (await receive())["type"] != "http.disconnect":
            pass
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
    return Answer(
        int(success.status.replace("X", "0")), success.example(), media_type=success.media_type
    )


def server_path(contract: Contract) -> str:
    """The path of the contract's first server, such as `/api`."""
    if not contract.server:
        raise ContractError("the contract names no server")
    return urlsplit(contract.server).path.rstrip("/")


def _defaults(operation: Operation) -> tuple[dict[str, Any], dict[str, Any]]:
    """The defaults of query and body; on the way every request schema is compiled, so that a wrong one shows."""
    query: dict[str, Any] = {}
    for parameter in operation.parameters:
        parameter.schema.is_valid(None)
        if parameter.location == "query" and "default" in parameter.schema.node:
            query[parameter.name] = parameter.schema.node["default"]
    if operation.body is None:
        return query, {}
    schema = operation.body.schema
    schema.is_valid(None)
    listed = {name: schema.property(name).node for name in schema.node.get("properties", {})}
    return query, {name: node["default"] for name, node in listed.items() if "default" in node}


def _refused(violations: Sequence[Violation]) -> Answer:
    """400 for what is no input at all, 422 for input that breaks a schema. Values are not echoed."""
    told = [{"pointer": one.pointer, "expected": _expected(one)} for one in violations[:10]]
    malformed = any(one.keyword in ("body", "content-type", "json") for one in violations)
    message = f"{told[0]['pointer']}: expected {told[0]['expected']}"
    return Answer(400 if malformed else 422, {"message": message, "violations": told})


def _expected(violation: Violation) -> str:
    stated = violation.keyword in ("required", "body", "content-type", "json")
    stated = stated or violation.expected.startswith(violation.keyword + " ")
    return (
        violation.expected if stated else violation.keyword
    )  # else it is a message that may quote the value


async def _body(announced: int, receive: Receive) -> bytes | None:
    """The body, None if it is longer than the limit."""
    if announced > MAX_BODY:
        return None
    content = b""
    while True:
        message = await receive()
        content += bytes(message.get("body", b""))
        if len(content) > MAX_BODY:
            return None
        if not message.get("more_body", False):
            return content
