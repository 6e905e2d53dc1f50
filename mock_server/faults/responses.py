"""Faults of answers: each position of each documented success, and the status, content type and body around it."""

from __future__ import annotations

import copy
import functools
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from contract import Contract, Operation, Request, Schema
from mock_server.app import Mock
from mock_server.faults.fault import Change, Fault, Install, Raw, answering, put, refused, rewrites, succeeded
from mock_server.faults.variations import (
    ALLOWED,
    Variation,
    allowed_values,
    is_at,
    positions,
    variations,
    witness,
)
from mock_server.outcomes import Answer
from mock_server.recording import Receive, Scope

DOCUMENTED = ("documented-response",)
PAGE = "<!doctype html><title>Down for maintenance</title>"


def derive(contract: Contract) -> Iterator[Fault]:
    """The faults of every operation's answers."""
    for operation in contract.operations.values():
        yield from _positions(operation)
        yield from _around(operation)
    yield from _never(contract)
    yield from _methods(contract)


def _positions(operation: Operation) -> Iterator[Fault]:
    success = operation.success
    if success.schema is None:
        return
    schema, bases = success.schema, [*success.examples.values(), success.schema.sample()]
    for one in variations(schema):
        found = witness(schema, bases, one)
        reason = found[0].assumed if found else None if one.means else ALLOWED
        keyword = found[0].keyword if found else ""
        yield Fault(
            id=f"{operation.id}.response.{_name(one.path)}.{one.name}",
            kind="response" if found else "meaning",
            summary=f"in a success {one.pointer or 'the body'} {one.says}",
            operation=operation.id,
            pointer=one.pointer,
            keyword=keyword,
            install=answering(operation.id, _rewriting(schema, one, keyword)),
            rules=DOCUMENTED if found else (),
            equivalent=reason,
        )


def _rewriting(schema: Schema, variation: Variation, keyword: str) -> Change:
    """Put the variation into one place of a success, where that breaks what the fault says."""

    def change(answer: Answer, _: Request | None) -> Answer | None:
        for new in rewrites(copy.deepcopy(answer.body), variation.path, variation.change) if succeeded(answer) else ():
            broken = [one for one in schema.violations(new) if one.keyword == keyword]
            if any(is_at(variation.pointer, one.pointer) for one in broken) if keyword else new != answer.body:
                return replace(answer, body=new)
        return None

    return change


def _name(path: tuple[str, ...]) -> str:
    return ".".join(path).replace("*", "item") or "body"


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
        yield Around(f"{name}-{status}", says, "status", of, functools.partial(_with_status, status))


def _with_status(status: int, answer: Answer) -> Answer:
    return replace(answer, status=status)


def _bytes(name: str, says: str, keyword: str, media: str | None, change: Callable[[bytes], bytes]) -> Around:
    def raw(answer: Answer) -> Answer:
        return Raw(answer.status, headers=answer.headers, media_type=media, raw=change(answer.content()))

    return Around(name, f"a success {says}", keyword, succeeded, raw, kind="body" if keyword == "json" else keyword)


def _same(content: bytes) -> bytes:
    return content


JSON = "application/json"
AROUND = (
    *_status(succeeded, "success", 201, 202, 206, 302, 404),
    *_status(refused, "refusal", 403, 404, 409, 418, 429),
    Around(
        "success-204", "a success is 204, without a body", "status", succeeded, lambda _: Answer(204, None, {}, None)
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
        _bytes(f"content-type-{media.replace('/', '-')}", f"comes as {media}", "content-type", media, _same)
        for media in ("text/plain", "text/html", "application/xml", "application/problem+json")
    ),
    _bytes("html", "is a page of HTML", "content-type", "text/html", lambda _: PAGE.encode()),
    _bytes("body-empty", "has an empty body", "json", JSON, lambda _: b""),
    _bytes("body-truncated", "ends before its body does", "json", JSON, lambda content: content[:-1]),
    _bytes("body-twice", "has its body twice", "json", JSON, lambda content: content * 2),
    _bytes("body-html", "is a page of HTML that says it is JSON", "json", JSON, lambda _: PAGE.encode()),
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


def _never(contract: Contract) -> Iterator[Fault]:
    """Enum values and sides of a nullable that no operation shows any more."""
    shown: dict[str, list[tuple[str, tuple[str, ...]]]] = defaultdict(list)
    schemas: dict[str, Schema] = {}
    for operation in contract.operations.values():
        for position in positions(operation.success.schema) if operation.success.schema else ():
            shown[position.schema.pointer].append((operation.id, position.path))
            schemas[position.schema.pointer] = position.schema
    for pointer, schema in schemas.items():
        place = pointer.removeprefix("#/components/schemas/").replace("/properties/", "/").replace("/items", "/*")
        options = allowed_values(schema)
        rows = [(json.dumps(old), old, new) for old, new in zip(options, options[1:] + options[:1], strict=True)]
        if schema.nullable:
            rows += [("null", None, "another" if "string" in schema.types else next(iter(options), schema.sample()))]
            rows += [("not null", ..., None)]
        for what, old, new in rows:
            reason = None if old != new else "it is the only value"
            name = what.strip('"').replace(" ", "-")
            shown_by = {operation for operation, _ in shown[pointer]}
            install = _everywhere(shown[pointer], old, new)
            last = f"/{shown[pointer][0][1][-1]}" if shown[pointer][0][1] else ""
            yield Fault(
                f"{place.replace('/', '.').replace('*', 'item')}.never-{name}",
                "meaning",
                f"{place} is never {name.replace('-', ' ')}",
                shown_by.pop() if len(shown_by) == 1 else "",
                last,
                "",
                install,
                place=place,
                equivalent=reason,
            )


def _everywhere(places: list[tuple[str, tuple[str, ...]]], old: Any, new: Any) -> Install:
    def other(value: Any) -> Any:
        return new if value == old or (old is ... and value is not None) else value

    def rewriting(path: tuple[str, ...]) -> Change:
        return lambda given, _: replace(given, body=_each(given.body, path, other)) if succeeded(given) else None

    def install(mock: Mock) -> None:
        for operation, path in places:
            answering(operation, rewriting(path))(mock)

    return install


def _each(value: Any, path: tuple[str, ...], other: Callable[[Any], Any]) -> Any:
    if not path:
        return other(value)
    if path[0] == "*":
        return [_each(item, path[1:], other) for item in value] if isinstance(value, list) else value
    if not isinstance(value, dict) or path[0] not in value:
        return value
    return {**value, path[0]: _each(value[path[0]], path[1:], other)}


def _methods(contract: Contract) -> Iterator[Fault]:
    """Methods that a path does not have."""
    for path in dict.fromkeys(one.path for one in contract.operations.values()):
        for name, says, change in (
            ("other-method-200", "another method is answered with 200", lambda _: Answer(200, {})),
            ("other-method-without-allow", "405 does not say what is allowed", lambda one: replace(one, headers={})),
        ):
            identity = f"{path.strip('/').replace('/', '.').replace('{', '').replace('}', '')}.{name}"
            install = _on_path(contract, path, change)
            yield Fault(identity, "method", f"{path}: {says}", path, "", "method", install, ("refuses-other-methods",))


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
