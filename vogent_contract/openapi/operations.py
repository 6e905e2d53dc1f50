"""Operations of the contract: what a request must be, what a response may be."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

from vogent_contract.openapi.document import ContractError, Document, join
from vogent_contract.openapi.schemas import Schema, Violation, parse_json, shorten

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
        """The value that a parameter's text stands for: a number or boolean where the schema wants one."""
        if re.fullmatch(r"-?\d{1,4000}", text) and {"integer", "number"} & set(self.schema.types):
            return int(text)
        if re.fullmatch(r"-?\d{1,400}\.\d{1,400}", text) and "number" in self.schema.types:
            return float(text)
        return (
            text == "true" if text in ("true", "false") and "boolean" in self.schema.types else text
        )


@dataclass(frozen=True)
class Body:
    """A documented request body with its named examples."""

    required: bool
    media_type: str
    schema: Schema
    examples: Mapping[str, Any]

    def example(self) -> Any:
        """The first example, else a value made from the schema."""
        return next(iter(self.examples.values())) if self.examples else self.schema.sample()


@dataclass(frozen=True)
class Response:
    """A documented response. Without a `schema` any body will do."""

    status: str
    description: str
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
        if self.examples:
            return next(iter(self.examples.values()))
        return self.schema.sample() if self.schema else None


@dataclass(frozen=True)
class Request:
    """A request that was read against an operation; `body` is None where there is none."""

    path: Mapping[str, Any]
    query: Mapping[str, Any]
    body: Any
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
        replaced_by: operationId to call instead, from `x-replaced-by`.
        secured: Whether a credential is required.
    """

    id: str
    method: str
    path: str
    pointer: str
    summary: str
    deprecated: bool
    replaced_by: str | None
    effect: str
    secured: bool
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
        return (
            self.responses.get(str(status))
            or self.responses.get(f"{status // 100}XX")
            or self.responses.get("default")
        )

    def read(
        self, target: str, content_type: str | None, content: bytes, prefix: str = ""
    ) -> Request:
        """Read a request and find what the contract has against it.

        Args:
            target: Path and query as sent, percent-encoded, with the server's path `prefix` in front.
            content_type: The header's value, None if absent.
            content: The body's bytes.
        """
        violations: list[Violation] = []
        path, query = (
            self._parameters(target[len(prefix) :], violations) if self.parameters else ({}, {})
        )
        body = self._body(content_type, content, violations) if self.body else None
        return Request(path, query, body, tuple(violations))

    def check(self, status: int, content_type: str | None, content: bytes) -> list[Violation]:
        """Every way in which a response breaks the contract: status, content type, body.

        Args:
            content: The decoded body's bytes.
        """
        response = self.response(status)
        if response is None:
            documented = ", ".join(self.responses)
            return [
                Violation(
                    "",
                    "status",
                    join(self.pointer, "responses"),
                    f"one of {documented}",
                    str(status),
                )
            ]
        if response.schema is None or response.media_type is None:
            return []
        where = join(self.pointer, "responses", response.status, "content")
        if media_type(content_type) != response.media_type:
            return [
                Violation(
                    "",
                    "content-type",
                    where,
                    response.media_type,
                    content_type or "no content type",
                )
            ]
        try:
            value = parse_json(content)
        except ValueError as error:
            shown = shorten(content[:80].decode("utf-8", "replace"))
            return [Violation("", "json", where, "a JSON text", f"{shown} ({error})")]
        return response.schema.violations(value)

    @functools.cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(self.path)))

    def _parameters(
        self, target: str, violations: list[Violation]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        raw_path, _, raw_query = target.partition("?")
        match = self._pattern.fullmatch(raw_path)
        found = {name: unquote(text) for name, text in match.groupdict().items()} if match else {}
        path = self._values("path", found, violations)
        return path, self._values(
            "query", dict(parse_qsl(raw_query, keep_blank_values=True)), violations
        )

    def _values(
        self, location: str, found: Mapping[str, str], violations: list[Violation]
    ) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for parameter in (one for one in self.parameters if one.location == location):
            if parameter.name in found:
                value = values[parameter.name] = parameter.parse(found[parameter.name])
                for one in parameter.schema.violations(value):
                    pointer = f"/{location}/{parameter.name}{one.pointer}"
                    violations.append(
                        Violation(
                            pointer, one.keyword, one.schema, one.expected, one.got, one.assumed
                        )
                    )
            elif parameter.required:
                where = parameter.schema.pointer
                violations.append(
                    Violation(
                        f"/{location}/{parameter.name}", "required", where, "a value", "nothing"
                    )
                )
        return values

    def _body(self, content_type: str | None, content: bytes, violations: list[Violation]) -> Any:
        body, where = self.body, join(self.pointer, "requestBody")
        assert body is not None  # noqa: S101 - the caller looked
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
        for one in body.schema.violations(value):
            violations.append(
                Violation(
                    "/body" + one.pointer,
                    one.keyword,
                    one.schema,
                    one.expected,
                    one.got,
                    one.assumed,
                )
            )
        return value


@dataclass(frozen=True)
class Contract:
    """The contract: its document and its operations in the order of the document."""

    document: Document
    operations: Mapping[str, Operation]

    @property
    def server(self) -> str:
        """The first server's URL."""
        return str(self.document.raw["servers"][0]["url"])

    def match(self, method: str, path: str) -> Operation | None:
        """The operation for a percent-encoded path below the server's; concrete paths come before templates."""
        found = [
            one
            for one in self.operations.values()
            if one.method == method and one._pattern.fullmatch(path)
        ]
        concrete = [one for one in self.operations.values() if one.path == path]
        return next((one for one in found if not concrete or one in concrete), None)

    def allowed(self, path: str) -> tuple[str, ...]:
        """The methods documented for a path, none if the path is not in the contract."""
        concrete = [one.method for one in self.operations.values() if one.path == path]
        return tuple(
            concrete
            or (one.method for one in self.operations.values() if one._pattern.fullmatch(path))
        )


def load(path: Path | str | None = None) -> Contract:
    """Read the contract.

    Args:
        path: The OpenAPI file; the project's `openapi.yaml` by default.

    Raises:
        ContractError: It cannot be read or refers to what is not there.
    """
    document = Document.read(path)
    operations: dict[str, Operation] = {}
    for template, item in document.raw["paths"].items():
        if not isinstance(item, dict):
            raise ContractError(f"the path {template} holds no operations")
        for method in METHODS:
            if method in item:
                operation = _operation(document, template, method)
                if operation.id in operations:
                    raise ContractError(f"the operationId {operation.id} is there twice")
                operations[operation.id] = operation
    return Contract(document, operations)


def _operation(document: Document, template: str, method: str) -> Operation:
    pointer = join("#/paths", template, method)
    node = document.at(pointer)
    if not isinstance(node, dict) or not isinstance(node.get("responses"), dict):
        raise ContractError(f"the operation at {pointer} has no responses")
    responses = {
        str(status): _response(document, pointer, str(status))
        for status in _keys(node["responses"])
    }
    if not any(response.success for response in responses.values()):
        raise ContractError(f"the operation at {pointer} documents no success")
    security = node.get("security", document.raw.get("security", []))
    return Operation(
        id=node.get("operationId", f"{method.upper()} {template}"),
        method=method.upper(),
        path=template,
        pointer=pointer,
        summary=node.get("summary", ""),
        deprecated=bool(node.get("deprecated")),
        replaced_by=node.get("x-replaced-by"),
        effect=node.get("x-effect", "none" if method in ("get", "head", "options") else "creates"),
        secured=bool(security) and {} not in security,
        parameters=_parameters(document, template, pointer),
        body=_request_body(document, pointer) if "requestBody" in node else None,
        responses=responses,
    )


def _parameters(document: Document, template: str, pointer: str) -> tuple[Parameter, ...]:
    found: dict[tuple[str, str], Parameter] = {}
    for owner in (join("#/paths", template), pointer):
        for index in range(len(document.at(owner).get("parameters", ()))):
            where = document.follow(join(owner, "parameters", index))
            node = document.at(where)
            schema = Schema(document, join(where, "schema"))
            example = next(iter(_examples(document, where).values()), None)
            found[node["name"], node["in"]] = Parameter(
                node["name"], node["in"], bool(node.get("required")), schema, example
            )
    return tuple(found.values())


def _request_body(document: Document, pointer: str) -> Body:
    where = document.follow(join(pointer, "requestBody"))
    node = document.at(where)
    media, content = _media(document, where)
    if media is None or content is None:
        raise ContractError(f"the request body at {where} has no schema")
    return Body(
        bool(node.get("required")),
        media,
        Schema(document, join(content, "schema")),
        _examples(document, content),
    )


def _response(document: Document, pointer: str, status: str) -> Response:
    parent = document.at(join(pointer, "responses"))
    key = status if status in parent else int(status)
    assumed = parent[key].get("x-assumed")
    where = (
        document.follow(join(pointer, "responses", status))
        if key == status
        else join(pointer, "responses", status)
    )
    node = document.at(where)
    media, content = _media(document, where)
    return Response(
        status=status.upper() if status != "default" else status,
        description=node.get("description", ""),
        media_type=media,
        schema=Schema(document, join(content, "schema")) if content else None,
        examples=_examples(document, content) if content else {},
        assumed=assumed or node.get("x-assumed"),
    )


def _media(document: Document, pointer: str) -> tuple[str | None, str | None]:
    """The first media type that has a schema, and its pointer."""
    for name, media in (document.at(pointer).get("content") or {}).items():
        if "schema" in media:
            return name, join(pointer, "content", name)
    return None, None


def _examples(document: Document, pointer: str) -> dict[str, Any]:
    node = document.at(pointer)
    examples = {"example": node["example"]} if "example" in node else {}
    for name in node.get("examples", {}):
        where = document.follow(join(pointer, "examples", name))
        examples[name] = document.at(where).get("value")
    return examples


def _keys(responses: Mapping[Any, Any]) -> list[Any]:
    return [key for key in responses if not str(key).startswith("x-")]


def media_type(content_type: str | None) -> str | None:
    """The type and subtype of a content type, lower case, without parameters."""
    return content_type.split(";")[0].strip().lower() if content_type else None
