"""Operations of the contract: what a request must be, what a response may be."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

from vogent_contract.openapi.document import Document, join
from vogent_contract.openapi.json_text import as_text, parse_json
from vogent_contract.openapi.schema import Schema, Violation

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(frozen=True)
class Parameter:
    """A documented parameter; `location` is `path`, `query`, `header` or `cookie`."""

    name: str
    location: str
    required: bool
    schema: Schema
    example: Any = None

    def sample(self) -> Any:
        """The example, else a value made from the schema."""
        return self.schema.sample() if self.example is None else self.example

    def parse(self, text: str) -> Any:
        """The value of a parameter's text: a number or boolean if the schema wants one."""
        types = self.schema.types
        if re.fullmatch(r"-?\d{1,4000}", text) and ("integer" in types or "number" in types):
            return int(text)
        if re.fullmatch(r"-?\d{1,400}\.\d{1,400}", text) and "number" in types:
            return float(text)
        if text in ("true", "false") and "boolean" in types:
            return text == "true"
        return text


@dataclass(frozen=True)
class Body:
    """A documented request body with its named examples."""

    required: bool
    media_type: str
    schema: Schema
    examples: Mapping[str, Any]

    def example(self) -> Any:
        """The first example, else a value made from the schema."""
        return first_example(self.examples, self.schema)


@dataclass(frozen=True)
class Response:
    """A documented response. Without a `schema` any body will do."""

    status: str
    media_type: str | None
    schema: Schema | None
    examples: Mapping[str, Any]
    assumed: str | None

    @property
    def success(self) -> bool:
        """Whether the status is a 2xx."""
        return self.status.startswith("2")

    def example(self) -> Any:
        """The first example, else a value made from the schema."""
        return first_example(self.examples, self.schema)


@dataclass(frozen=True)
class Request:
    """A request that was read against an operation; `body` is None where there is none."""

    path: Mapping[str, Any]
    query: Mapping[str, Any]
    body: Any
    violations: tuple[Violation, ...]


@dataclass(frozen=True)
class Reading:
    """A response that was read against an operation: its JSON value, None if it is none."""

    value: Any
    violations: tuple[Violation, ...]


@dataclass(frozen=True)
class Operation:
    """One operation of the contract.

    Attributes:
        id: The operationId, or `METHOD path` where it has none.
        method: Upper case.
        path: The template, such as `/phone_numbers/{id}`.
        effect: What an accepted request does: `none`, `creates`, `changes` or `releases`. What is
            neither GET nor marked `x-effect` counts as `creates`, the most cautious reading.
        secured: Whether a credential is required.
        source: Address of the page that documents it, its `externalDocs`; empty if none is named.
    """

    id: str
    method: str
    path: str
    pointer: str
    effect: str
    secured: bool
    source: str
    parameters: Sequence[Parameter]
    body: Body | None
    responses: Mapping[str, Response]

    @property
    def takes_input(self) -> bool:
        """Whether a request holds anything that could be refused."""
        return bool(self.parameters or self.body)

    @property
    def success(self) -> Response:
        """The first documented 2xx response."""
        return next(response for response in self.responses.values() if response.success)

    def response(self, status: int) -> Response | None:
        """The documented response for a status: the exact code, then `4XX`, then `default`."""
        for key in (str(status), f"{status // 100}XX", "default"):
            if key in self.responses:
                return self.responses[key]
        return None

    def matches(self, path: str) -> bool:
        """Whether a percent-encoded path below the server's is one of this operation's."""
        return self._pattern.fullmatch(path) is not None

    def read_request(self, target: str, content_type: str | None, content: bytes) -> Request:
        """Read a request and find what the contract has against it.

        Args:
            target: Path and query below the server's path, percent-encoded as sent.
            content_type: The header's value, None if absent.
            content: The body's bytes.
        """
        violations: list[Violation] = []
        raw_path, _, raw_query = target.partition("?")
        path: dict[str, Any] = {}
        query: dict[str, Any] = {}
        if self.parameters:
            found = self._pattern.fullmatch(raw_path)
            texts = {} if found is None else found.groupdict()
            texts = {name: unquote(text) for name, text in texts.items()}
            path = self._values("path", texts, violations)
            texts = dict(parse_qsl(raw_query, keep_blank_values=True))
            query = self._values("query", texts, violations)
        body = None
        if self.body is not None:
            where = f"{self.pointer}/requestBody"  # on every request: join() is slow
            body = _read_body(self.body, where, content_type, content, violations)
        return Request(path, query, body, tuple(violations))

    def read_response(self, status: int, content_type: str | None, content: bytes) -> Reading:
        """Read a response and find what the contract has against its status, content type and body.

        Args:
            content: The decoded body's bytes.
        """
        value, mistake = None, ""
        try:
            value = parse_json(content)
        except ValueError as error:
            mistake = str(error)
        response = self.response(status)
        if response is None:
            where = join(self.pointer, "responses")
            expected = f"one of {', '.join(self.responses)}"
            return Reading(value, (Violation("", "status", where, expected, str(status)),))
        if response.schema is None or response.media_type is None:
            return Reading(value, ())
        where = join(self.pointer, "responses", response.status, "content")
        if media_type(content_type) != response.media_type:
            got = content_type or "no content type"
            violation = Violation("", "content-type", where, response.media_type, got)
            return Reading(value, (violation,))
        if mistake:
            shown = as_text(content.decode("utf-8", "replace"))
            violation = Violation("", "json", where, "a JSON text", f"{shown} ({mistake})")
            return Reading(None, (violation,))
        return Reading(value, tuple(response.schema.violations(value)))

    @functools.cached_property
    def _pattern(self) -> re.Pattern[str]:
        escaped = re.escape(self.path)
        return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", escaped))

    def _values(
        self, location: str, texts: Mapping[str, str], violations: list[Violation]
    ) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for parameter in self.parameters:
            if parameter.location != location:
                continue
            pointer = f"/{location}/{parameter.name}"
            if parameter.name in texts:
                value = values[parameter.name] = parameter.parse(texts[parameter.name])
                violations += [one.below(pointer) for one in parameter.schema.violations(value)]
            elif parameter.required:
                where = parameter.schema.pointer
                violations.append(Violation(pointer, "required", where, "a value", "nothing"))
        return values


@dataclass(frozen=True)
class Contract:
    """The contract: its document and its operations in the order of the document."""

    document: Document
    operations: Mapping[str, Operation]

    @property
    def server(self) -> str:
        """The first server's URL, empty if the document names none."""
        servers = self.document.raw.get("servers") or [{}]
        return str(servers[0].get("url", ""))

    def match(self, method: str, path: str) -> Operation | None:
        """The operation of a percent-encoded path below the server's; concrete paths first."""
        for operation in self._at(path):
            if operation.method == method:
                return operation
        return None

    def allowed(self, path: str) -> tuple[str, ...]:
        """The methods documented for a path, none if the path is not in the contract."""
        return tuple(operation.method for operation in self._at(path))

    def template(self, path: str) -> str:
        """The contract's path that a percent-encoded path is one of, else the path itself."""
        return next((operation.path for operation in self._at(path)), path)

    def _at(self, path: str) -> list[Operation]:
        concrete = [one for one in self.operations.values() if one.path == path]
        return concrete or [one for one in self.operations.values() if one.matches(path)]


def first_example(examples: Mapping[str, Any], schema: Schema | None) -> Any:
    """The first example, else a value made from the schema, None without either."""
    if examples:
        return next(iter(examples.values()))
    return schema.sample() if schema else None


def media_type(content_type: str | None) -> str | None:
    """The type and subtype of a content type, lower case, without parameters."""
    return content_type.split(";")[0].strip().lower() if content_type else None


def _read_body(
    body: Body,
    where: str,
    content_type: str | None,
    content: bytes,
    violations: list[Violation],
) -> Any:
    """The JSON value of a request body; what is wrong with it is added to the violations."""
    if not content:
        if body.required:
            violations.append(Violation("/body", "body", where, "a body", "nothing"))
        return None
    if media_type(content_type) != body.media_type:
        got = content_type or "no content type"
        violations.append(Violation("/body", "content-type", where, body.media_type, got))
        return None
    try:
        value = parse_json(content)
    except ValueError as error:
        violations.append(Violation("/body", "json", where, "a JSON text", str(error)))
        return None
    violations += [one.below("/body") for one in body.schema.violations(value)]
    return value
