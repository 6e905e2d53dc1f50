"""The operations as the client has them: parameters, bodies, responses."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import names
from bodies import Bodies, Body
from document import Document, kind_of
from media import BYTES, JSON_TYPE, TEXT, bare_type, media_schema
from parameters import Parameter, Parameters
from plain import Place, Plain
from schemas import Schemas

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
# The fields of a path, an operation and a response that say something of the client.
PATH_FIELDS = (*METHODS, "parameters", "servers")
OPERATION_FIELDS = ("operationId", "parameters", "requestBody", "responses", "security", "servers")
RESPONSE_FIELDS = ("content",)

STATUS = re.compile("default|[1-5](XX|[0-9][0-9])")
EMPTY_STATUSES = ("204", "205", "304")  # have no content, whatever a document says


@dataclass
class Response:
    """A documented response.

    Attributes:
        description: What the document says of it.
        schema: Of its content, in the plain form; none if it has no content.
        read_as: How the content is read: `json`, `text`, `bytes` or `nothing`.
        extensions: Its `x-...` fields.
        media_types: All that it may have, the one that is read first.
    """

    description: str
    schema: Plain | None
    read_as: str
    extensions: dict[str, Any]
    media_types: list[str]


@dataclass
class Operation:
    """An operation as the client has it, and as it is written."""

    label: str
    method: str
    path: str
    name: str
    tag: str
    written: dict[str, Any]
    shared: list[Any]
    parameters: list[Parameter] = field(default_factory=list)
    bodies: list[Body] = field(default_factory=list)
    body_required: bool = False
    body_description: str = ""
    responses: dict[str, Response] = field(default_factory=dict)

    @property
    def successes(self) -> dict[str, Response]:
        """The responses that are a success: 2xx, or else the default."""
        found = {status: one for status, one in self.responses.items() if status.startswith("2")}
        if not found and "default" in self.responses:
            found["default"] = self.responses["default"]
        return found

    @property
    def accept(self) -> str:
        """The media type to ask for, where a success has several; else nothing."""
        offered = [one.media_types for one in self.successes.values()]
        if all(len(types) < 2 for types in offered):
            return ""
        return ", ".join(dict.fromkeys(types[0] for types in offered if types))

    def for_templates(self) -> dict[str, Any]:
        """Give the operation as it is written, with what the client makes of it."""
        texts = {key: str(self.written.get(key) or "") for key in ("summary", "description")}
        return {
            **self.written,
            **texts,
            "deprecated": self.written.get("deprecated") is True,
            "path": self.path,
            "method": self.method,
            "module": self.name,
            "responses": self.responses,
            "sent": {one.python_name: one.sent for one in self.parameters},
            "plan": self,
        }


class Reader:
    """Reads the operations of a document; what it cannot read is a problem of the document."""

    def __init__(self, document: Document, schemas: Schemas) -> None:
        self._document = document
        self._schemas = schemas

    def operations(self) -> list[Operation]:
        """Give all operations of the document, each with a name of its own."""
        found = list(self._written())
        self._name(found)
        for operation in found:
            self._read(operation)
        return found

    # Paths

    def _written(self) -> Iterator[Operation]:
        root = self._document.root
        if "paths" not in root:
            self._document.problem(
                "paths", "is missing: describe in it the operations that the client is made of"
            )
        for path in self._document.mapping(root, "paths", "the document"):
            item = self._path_item(root["paths"][path], path)
            for method in METHODS:
                if method in item:
                    label = f"{method.upper()} {path}"
                    written = self._document.follow(item[method], label)
                    self._document.check_fields(written, OPERATION_FIELDS, label, "an operation")
                    shared = self._document.listing(item, "parameters", path)
                    yield Operation(label, method.upper(), path, "", "", written, shared)

    def _path_item(self, written: object, path: str) -> dict[str, Any]:
        item = self._document.follow(written, path)
        if isinstance(written, dict):
            item = {**item, **{key: value for key, value in written.items() if key != "$ref"}}
        self._document.check_fields(item, PATH_FIELDS, path, "a path")
        if not path.startswith("/"):
            self._document.problem(
                path or "the path without name", "does not start with a slash: add it"
            )
        if not path.isprintable():
            self._document.problem(path, "has characters that no address can have: remove them")
        if "?" in path or "#" in path:
            self._document.problem(
                path, "has a query or a fragment: describe it by a parameter in: query"
            )
        self._check_servers(item, path)
        return item

    def _check_servers(self, written: dict[str, Any], where: str) -> None:
        servers = written.get("servers")
        if servers and servers != self._document.root.get("servers"):
            self._document.problem(
                where,
                "own servers are not supported, all goes to the document's first: remove them",
            )

    # Names

    def _name(self, operations: list[Operation]) -> None:
        ids: dict[str, str] = {}
        taken: set[str] = set()
        for operation in operations:
            given = operation.written.get("operationId")
            if isinstance(given, str) and given in ids:
                self._document.problem(
                    operation.label,
                    f"operationId {given} is that of {ids[given]}: give it one of its own",
                )
            elif isinstance(given, str):
                ids[given] = operation.label
            elif given is not None:
                kind = kind_of(given)
                self._document.problem(
                    operation.label, f"operationId is {kind}, not a text: quote it"
                )
            operation.name = self._module(operation, taken)
            taken.add(operation.name)
            tags = self._document.listing(operation.written, "tags", operation.label)
            operation.tag = names.shortened(str(tags[0])) if tags else "default"

    def _module(self, operation: Operation, taken: set[str]) -> str:
        given = operation.written.get("operationId")
        name = names.identifier(given) if isinstance(given, str) else names.PREFIX
        if name == names.PREFIX:
            steps = operation.path.replace("{", "").replace("}", "").strip("/").replace("/", "_")
            name = names.identifier(f"{operation.method.lower()}_{steps}")
        name = wanted = names.shortened(name)
        count = 1
        while name in taken:
            count += 1
            name = f"{wanted}_{count}"
        return name

    # One operation

    def _read(self, operation: Operation) -> None:
        self._check_servers(operation.written, operation.label)
        operation.parameters = Parameters(self._document, self._schemas).read(operation)
        Bodies(self._document, self._schemas).read(operation)
        responses = self._document.mapping(operation.written, "responses", operation.label)
        for written_status, written in responses.items():
            status = written_status.upper() if written_status != "default" else written_status
            where = f"{operation.label}, response {written_status}"
            if not STATUS.fullmatch(status):
                self._document.problem(where, "is no status: write one like 200, 2XX or default")
            else:
                operation.responses[status] = self._response(operation, status, written, where)
        self._schemas.finish()

    # Responses

    def _response(self, operation: Operation, status: str, written: object, where: str) -> Response:
        response = self._document.follow(written, where)
        self._document.check_fields(response, RESPONSE_FIELDS, where, "a response")
        content = self._document.mapping(response, "content", where)
        for key in response:
            if not content and (key == "schema" or "/" in key):
                self._document.problem(where, f"{key} is not in content: write it there")
        description = response.get("description")
        found = Response(
            description=description if isinstance(description, str) else "",
            schema=None,
            read_as="nothing",
            extensions={key: value for key, value in response.items() if key.startswith("x-")},
            media_types=[],
        )
        if not content or status in EMPTY_STATUSES or operation.method == "HEAD":
            return found
        media_type = min(content, key=_readability)
        place = Place(where, operation.name, f"response_{status}")
        schema = media_schema(self._document, self._schemas, content[media_type], place)
        found.media_types = [media_type, *(one for one in content if one != media_type)]
        found.schema, found.read_as = self._read_as(bare_type(media_type), schema, where, status)
        return found

    def _read_as(self, essence: str, schema: Plain, where: str, status: str) -> tuple[Plain, str]:
        if schema == BYTES:
            return BYTES, "bytes"
        if JSON_TYPE.fullmatch(essence):
            return schema, "json"
        if essence == "text/event-stream" and status[0] in "2d":
            self._document.problem(
                where, "text/event-stream may never end and cannot be read: document JSON beside it"
            )
        if essence.startswith("text/") or (essence == "*/*" and schema == TEXT):
            return TEXT, "text"
        if essence == "*/*" and schema:
            return schema, "json"
        return BYTES, "bytes"


def _readability(media_type: str) -> int:
    """Order media types of a response: JSON, text, all others."""
    essence = bare_type(media_type)
    if JSON_TYPE.fullmatch(essence):
        return 0
    if essence == "*/*":
        return 1
    return 2 if essence.startswith("text/") and essence != "text/event-stream" else 3
