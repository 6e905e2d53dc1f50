"""The vocabulary of faults: each function gives an `Install`, a plain function that breaks a mock.

They compose; what is installed later takes what was installed before for right:

    change_answers(altered(drop=True), "listPhoneNumbers", every=3)   every third list is dropped
    answer_invalid(sell, "purchasePhoneNumber")    a purchase that should be refused is done
    change_state(release=ignore)                   a release is not done
    together(one, another)                         both
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from vogent_contract.mock.app import Mock
from vogent_contract.mock.outcomes import Answer
from vogent_contract.mock.recording import Receive, Scope
from vogent_contract.openapi import Operation, Request

Install = Callable[[Mock], None]
Change = Callable[[Answer], Answer | None]  # None: the answer stays as it is
Reply = Callable[[Request], Answer | None]  # None: the mock answers
Accepts = Callable[[str | None, str], bool]  # gets the text of the header, and the right key


def succeeded(answer: Answer) -> bool:
    """The answer is a success."""
    return 200 <= answer.status < 300 and not answer.drop


def refused(answer: Answer) -> bool:
    """The answer refuses what was asked for; a wrong credential is another matter."""
    return 400 <= answer.status < 500 and answer.status != 401


def change_answers(
    change: Change,
    *operations: str,
    which: Callable[[Answer], bool] | None = None,
    every: int = 1,
) -> Install:
    """Change what is answered once the request is done.

    Args:
        operations: operationIds; every operation if none is named.
        which: The answers that are changed, all if not given.
        every: Only each n-th of them is.
    """

    def install(mock: Mock) -> None:
        turns = itertools.count(1)

        def changed(scope: Scope, given: Answer) -> Answer | None:
            chosen = _is_of(operations, scope) and (which is None or which(given))
            return change(given) if chosen and next(turns) % every == 0 else None

        rewrite_answers(changed)(mock)

    return install


def answer_invalid(reply: Reply, *operations: str) -> Install:
    """Answer requests that break the contract in another way than by refusing them."""

    def changed(scope: Scope, _: Answer) -> Answer | None:
        request = scope.get("mock", {}).get("request")
        broken = request and request.violations and _is_of(operations, scope)
        return reply(request) if broken else None

    return rewrite_answers(changed)


def rewrite_answers(changed: Callable[[Scope, Answer], Answer | None]) -> Install:
    """Change answers by a function of the request's ASGI scope and the right answer."""

    def install(mock: Mock) -> None:
        right = mock.answer

        async def answer(scope: Scope, receive: Receive) -> Answer:
            given = await right(scope, receive)
            return changed(scope, given) or given

        replace_parts(mock, answer=answer)

    return install


def answer_valid(reply: Reply, *operations: str, every: int = 1) -> Install:
    """Answer requests that keep the contract, or each n-th of them, before anything is done."""

    def install(mock: Mock) -> None:
        right, turns = mock.respond, itertools.count(1)

        def respond(operation: Operation, request: Request) -> Answer:
            concerned = not operations or operation.id in operations
            given = reply(request) if concerned and next(turns) % every == 0 else None
            return given or right(operation, request)

        replace_parts(mock, respond=respond)

    return install


def accept_credentials(accepts: Accepts, *operations: str) -> Install:
    """Let further credentials in."""

    def install(mock: Mock) -> None:
        right = mock.authenticate

        def authenticate(scope: Scope) -> bool:
            header = dict(scope["headers"]).get(b"authorization")
            text = None if header is None else header.decode("latin-1").strip()
            return right(scope) or (_is_of(operations, scope) and accepts(text, mock.api_key))

        replace_parts(mock, authenticate=authenticate)

    return install


def change_state(**rules: Callable[..., Any]) -> Install:
    """Replace methods of the state by functions of the state, the right method and arguments."""

    def install(mock: Mock) -> None:
        for name, rule in rules.items():
            right = getattr(mock.state, name)
            replace_parts(mock.state, **{name: functools.partial(rule, mock.state, right)})

    return install


def change_handler(operation: str, rule: Callable[..., Answer]) -> Install:
    """Replace a handler by a function of the state, the right handler and the request."""

    def install(mock: Mock) -> None:
        right = mock.handlers[operation]
        mock.handlers[operation] = lambda state, request: rule(state, right, request)

    return install


def together(*installs: Install) -> Install:
    """Break a mock in several ways."""

    def install(mock: Mock) -> None:
        for one in installs:
            one(mock)

    return install


def replace_parts(owner: object, **parts: Any) -> None:
    """Put other parts in place of an object's own."""
    for name, part in parts.items():
        setattr(owner, name, part)


@dataclass(slots=True)
class RawAnswer(Answer):
    """An answer whose bytes are not those of its body."""

    raw: bytes = b""

    def content(self) -> bytes:
        """The bytes as they are."""
        return self.raw


def instead(answer: Answer) -> Change:
    """Give this answer whatever the right one is."""
    return lambda _: answer


def altered(**parts: Any) -> Change:
    """Answer with other parts, such as `status=201`, `delay=30.0` (seconds) or `drop=True`."""
    return lambda answer: replace(answer, **parts)


def with_fields(**fields: Callable[[Any], Any]) -> Change:
    """Answer with other properties, each made from the right body."""

    def change(answer: Answer) -> Answer:
        new = {name: field(answer.body) for name, field in fields.items()}
        return replace(answer, body=answer.body | new)

    return change


def with_bytes(media_type: str | None, change: Callable[[bytes], bytes]) -> Change:
    """Answer with another content type, or none, and with bytes made from the right ones."""

    def changed(answer: Answer) -> Answer:
        raw = change(answer.content())
        return RawAnswer(answer.status, answer.body, answer.headers, media_type, raw=raw)

    return changed


def _is_of(operations: tuple[str, ...], scope: Scope) -> bool:
    """The request is one of these operations, of any if none is named."""
    operation = scope.get("mock", {}).get("operation")
    return operation is not None and (not operations or operation.id in operations)
