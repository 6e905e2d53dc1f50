"""What a fault is, and where one acts on the mock: on answers, on accepted requests, on a part of it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from vogent_contract.mock.app import Mock
from vogent_contract.mock.outcomes import Answer
from vogent_contract.mock.recording import Application, Receive, Scope
from vogent_contract.openapi import Contract, Request

Install = Callable[[Mock], None]
Change = Callable[[Answer, Request | None], Answer | None]
DOCUMENTED = ("documented-response",)  # the rule of the suite that answers are held to
MISSING: Any = object()  # stands for a value that is not there


@dataclass(frozen=True)
class Fault:
    """One way to break the contract.

    Attributes:
        id: Stable name, such as `getPhoneNumber.response.agentId.missing`.
        kind: The class of faults it belongs to.
        summary: One line for people.
        operation: operationId, empty if it is about several.
        pointer: JSON pointer of what is broken, in the answer or, with `/body` and the like in front, in the
            request; `*` is any item.
        keyword: The keyword of the contract that is broken, empty if it is none.
        install: Breaks a correct mock.
        rules: Promises of the suite that may be reported broken; empty if any may that is about the place.
        place: The schema position, such as `PhoneNumber/agentId`, if it is about all operations that show it.
        equivalent: Why a server may do this, None if it may not.
    """

    id: str
    kind: str
    summary: str
    operation: str
    pointer: str
    keyword: str
    install: Install
    rules: tuple[str, ...] = ()
    place: str = ""
    equivalent: str | None = None

    def wrap(self, mock: Mock, contract: Contract) -> Application:  # noqa: ARG002 - of the protocol
        """The mock, broken."""
        self.install(mock)
        return mock


@dataclass(slots=True)
class Raw(Answer):
    """An answer whose bytes are not those of its body."""

    raw: bytes = b""

    def content(self) -> bytes:
        """The bytes as they are."""
        return self.raw


def put(owner: object, **parts: Any) -> None:
    """Put other parts in place of an object's own."""
    for name, part in parts.items():
        setattr(owner, name, part)


def answering(operation: str, change: Change) -> Install:
    """Change the answers of an operation, of each with an empty name; those that `change` gives None for stay."""

    def install(mock: Mock) -> None:
        right = mock.answer

        async def answer(scope: Scope, receive: Receive) -> Answer:
            given = await right(scope, receive)
            seen = scope.get("mock", {})
            if "operation" in seen and operation in ("", seen["operation"].id):
                return change(given, seen.get("request")) or given
            return given

        put(mock, answer=answer)

    return install


def responding(operation: str, answer: Callable[[Request], Answer | None]) -> Install:
    """Answer requests that keep the contract before anything is done; those that `answer` gives None for are done."""

    def install(mock: Mock) -> None:
        right = mock.respond
        put(
            mock,
            respond=lambda one, request: (
                (answer(request) if one.id == operation else None) or right(one, request)
            ),
        )

    return install


def sometimes(
    operation: str, count: int, change: Change, when: Callable[[Answer], bool] = lambda _: True
) -> Install:
    """Change every count-th of the answers that `when` holds for."""

    def install(mock: Mock) -> None:
        numbers = itertools.count(1)

        def counted(given: Answer, request: Request | None) -> Answer | None:
            return change(given, request) if when(given) and next(numbers) % count == 0 else None

        answering(operation, counted)(mock)

    return install


def succeeded(answer: Answer) -> bool:
    """Whether an answer is a success."""
    return 200 <= answer.status < 300 and not answer.drop


def refused(answer: Answer) -> bool:
    """Whether an answer refuses what was asked for, the credential left aside."""
    return 400 <= answer.status < 500 and answer.status != 401


def values(value: Any, path: tuple[str, ...]) -> Iterator[Any]:
    """What is at a path of a value, `MISSING` for a property that is not there."""
    if not path:
        yield value
    elif path[0] == "*":
        for item in value if isinstance(value, list) else ():
            yield from values(item, path[1:])
    elif isinstance(value, dict) and (path[0] in value or len(path) == 1):
        yield from values(value.get(path[0], MISSING), path[1:])


def rewrites(value: Any, path: tuple[str, ...], change: Callable[[Any], Any]) -> Iterator[Any]:
    """Copies of a value with another thing at the path, of each array in one item, the last first."""
    if not path:
        yield change(value)
    elif path[0] == "*":
        for index in reversed(range(len(value) if isinstance(value, list) else 0)):
            for new in rewrites(value[index], path[1:], change):
                yield [*value[:index], new, *value[index + 1 :]]
    elif isinstance(value, dict) and (path[0] in value or len(path) == 1):
        for new in rewrites(value.get(path[0], MISSING), path[1:], change):
            yield {
                name: inner
                for name, inner in {**value, path[0]: new}.items()
                if inner is not MISSING
            }
