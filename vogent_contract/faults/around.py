"""Faults around an answer's values: its status, content type and bytes, other methods, and what comes now and then."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from vogent_contract.faults.fault import (
    DOCUMENTED,
    Fault,
    Install,
    Raw,
    answering,
    put,
    refused,
    sometimes,
    succeeded,
)
from vogent_contract.mock.app import Mock
from vogent_contract.mock.outcomes import Answer
from vogent_contract.mock.recording import Receive, Scope
from vogent_contract.openapi import Contract, Operation, Request

PAGE = "<!doctype html><title>Down for maintenance</title>"
SLOW, HANGING = 30.0, 3600.0  # seconds


def derive(contract: Contract) -> Iterator[Fault]:
    """The faults around every operation's answers, and of every path's other methods."""
    for operation in contract.operations.values():
        yield from _around(operation)
        yield from _sometimes(operation)
    yield from _methods(contract)


@dataclass(frozen=True)
class Around:
    """A row of the faults that leave the body's values alone."""

    name: str
    says: str
    keyword: str
    of: Callable[[Answer], bool]
    change: Callable[[Answer], Answer]
    rules: tuple[str, ...] = DOCUMENTED
    kind: str = "status"

    def apply(self, given: Answer, _: Request | None) -> Answer | None:
        """The changed answer, None if the row is about others."""
        return self.change(given) if self.of(given) else None


def _status(of: Callable[[Answer], bool], name: str, *statuses: int) -> Iterator[Around]:
    for status in statuses:
        says = f"a {name} is answered with {status}"
        yield Around(
            f"{name}-{status}", says, "status", of, functools.partial(_with_status, status)
        )


def _with_status(status: int, answer: Answer) -> Answer:
    return replace(answer, status=status)


def _bytes(
    name: str, says: str, keyword: str, media: str | None, change: Callable[[bytes], bytes]
) -> Around:
    def raw(answer: Answer) -> Answer:
        return Raw(
            answer.status, headers=answer.headers, media_type=media, raw=change(answer.content())
        )

    return Around(
        name,
        f"a success {says}",
        keyword,
        succeeded,
        raw,
        kind="body" if keyword == "json" else keyword,
    )


def _same(content: bytes) -> bytes:
    return content


JSON = "application/json"
AROUND = (
    *_status(succeeded, "success", 201, 202, 206, 302, 404),
    *_status(refused, "refusal", 403, 404, 409, 418, 429),
    Around(
        "success-204",
        "a success is 204, without a body",
        "status",
        succeeded,
        lambda _: Answer(204, None, {}, None),
    ),
    Around(
        "refusal-200",
        "a refusal is answered with 200",
        "",
        refused,
        lambda one: replace(one, status=200),
        (*DOCUMENTED, "refuses-invalid", "refuses-unknown-id"),
        "refusal",
    ),
    _bytes("content-type-missing", "has no content type", "content-type", None, _same),
    *(
        _bytes(
            f"content-type-{media.replace('/', '-')}",
            f"comes as {media}",
            "content-type",
            media,
            _same,
        )
        for media in ("text/plain", "text/html", "application/xml", "application/problem+json")
    ),
    _bytes("html", "is a page of HTML", "content-type", "text/html", lambda _: PAGE.encode()),
    _bytes("body-empty", "has an empty body", "json", JSON, lambda _: b""),
    _bytes(
        "body-truncated", "ends before its body does", "json", JSON, lambda content: content[:-1]
    ),
    _bytes("body-twice", "has its body twice", "json", JSON, lambda content: content * 2),
    _bytes(
        "body-html", "is a page of HTML that says it is JSON", "json", JSON, lambda _: PAGE.encode()
    ),
    _bytes(
        "body-python",
        "writes its body as Python does",
        "json",
        JSON,
        lambda content: repr(json.loads(content)).encode(),
    ),
    _bytes("body-not-utf-8", "is not in UTF-8", "json", JSON, lambda content: content + b"\xff"),
)


def _around(operation: Operation) -> Iterator[Fault]:
    for row in AROUND:
        status = int(row.name[-3:]) if row.kind == "status" else 200
        reason = None
        if row.kind == "status" and status != 200 and operation.response(status):
            reason = "the contract documents the status"
        elif row.kind != "status" and operation.success.schema is None:
            reason = "the contract documents no body"
        elif row.of is refused and not operation.takes_input:
            reason = "a request without input cannot be refused"
        yield Fault(
            f"{operation.id}.response.{row.name}",
            row.kind,
            row.says,
            operation.id,
            "",
            row.keyword,
            answering(operation.id, row.apply),
            row.rules,
            equivalent=reason,
        )


SOMETIMES: tuple[tuple[str, str, str, Callable[[Answer, Request | None], Answer]], ...] = (
    ("500", "is a 500", "no-server-error", lambda *_: Answer(500)),
    ("503-page", "is a page of HTML with 503", "no-server-error", lambda *_: Answer(503, PAGE, media_type="text/html")),
    ("429", "is a 429", "documented-response", lambda *_: Answer(429)),
    ("dropped", "is never sent: the connection is dropped", "answers", lambda *_: Answer(drop=True)),
    ("slow", f"comes after {SLOW:g} seconds", "answers", lambda given, _: replace(given, delay=SLOW)),
    ("hanging", "does not come", "answers", lambda given, _: replace(given, delay=HANGING)),
)  # fmt: skip


def _sometimes(operation: Operation) -> Iterator[Fault]:
    for name, says, rule, change in SOMETIMES:
        identity, summary = f"{operation.id}.sometimes.{name}", f"every third answer {says}"
        install = sometimes(operation.id, 3, change)
        yield Fault(identity, "sometimes", summary, operation.id, "", "", install, (rule,))


def _methods(contract: Contract) -> Iterator[Fault]:
    """Methods that a path does not have."""
    for path in dict.fromkeys(one.path for one in contract.operations.values()):
        for name, says, change in (
            ("other-method-200", "another method is answered with 200", lambda _: Answer(200, {})),
            (
                "other-method-without-allow",
                "405 does not say what is allowed",
                lambda one: replace(one, headers={}),
            ),
        ):
            identity = (
                f"{path.strip('/').replace('/', '.').replace('{', '').replace('}', '')}.{name}"
            )
            install = _on_path(contract, path, change)
            yield Fault(
                identity,
                "method",
                f"{path}: {says}",
                path,
                "",
                "method",
                install,
                ("refuses-other-methods",),
            )


def _on_path(contract: Contract, path: str, change: Callable[[Answer], Answer]) -> Install:
    method = next(one.method for one in contract.operations.values() if one.path == path)

    def install(mock: Mock) -> None:
        right = mock.answer

        async def answer(scope: Scope, receive: Receive) -> Answer:
            given = await right(scope, receive)
            target = scope["raw_path"].decode("ascii").removeprefix(mock.prefix)
            known = contract.match(method, target)
            return change(given) if given.status == 405 and known and known.path == path else given

        put(mock, answer=answer)

    return install
