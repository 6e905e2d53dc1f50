"""The operations as the client has them: parameters, bodies, responses."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

import names
from document import Document
from names import literal
from plain import Place, Plain
from schemas import Schemas

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
# The fields that say something of the client, for each kind of object. A name that is nearly one of
# these was meant for it; any other says nothing that could be lost.
PATH_FIELDS = (*METHODS, "parameters", "servers")
OPERATION_FIELDS = ("operationId", "parameters", "requestBody", "responses", "security", "servers")
PARAMETER_FIELDS = ("name", "in", "required", "style", "explode", "schema", "content")
BODY_FIELDS = ("content", "required")
RESPONSE_FIELDS = ("content",)
MEDIA_FIELDS = ("schema", "encoding")
NEARLY = 0.85  # of the letters

LOCATIONS = ("path", "query", "header", "cookie")
USUAL_STYLES = {"path": "simple", "query": "form", "header": "simple", "cookie": "form"}
SEPARATORS = {"form": ",", "spaceDelimited": " ", "pipeDelimited": "|"}
HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
STATUS = re.compile("default|[1-5](XX|[0-9][0-9])")
EMPTY_STATUSES = ("204", "205", "304")  # have no content, whatever a document says

JSON_TYPE = re.compile(r"application/json|.+/.+\+json")
FORM_TYPE = "application/x-www-form-urlencoded"
MULTIPART_TYPE = "multipart/form-data"
TEXT: Plain = {"type": "string"}
BYTES: Plain = {"type": "string", "format": "binary"}


@dataclass
class Parameter:
    """A parameter of an operation.

    Attributes:
        name: Its name in the request.
        python_name: Its name in Python.
        location: `path`, `query`, `header` or `cookie`.
        required: Whether it must be given.
        schema: What it takes, in the plain form.
        description: What the document says of it.
        sent: The Python expression for what is sent, of what is given.
    """

    name: str
    python_name: str
    location: str
    required: bool
    schema: Plain
    description: str
    sent: str


@dataclass
class Body:
    """A way to write what an operation sends.

    Attributes:
        media_type: As the document has it.
        schema: What it takes, in the plain form.
        writer: The Python expression for the function that writes it; none for JSON.
        documented: What the document says of it, where that is more than the client makes of it.
        class_name: The class that it is of, if there is one.
    """

    media_type: str
    schema: Plain
    writer: str
    documented: Plain
    class_name: str = ""


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
                    self._check_fields(written, OPERATION_FIELDS, label, "an operation")
                    shared = self._document.listing(item, "parameters", path)
                    yield Operation(label, method.upper(), path, "", "", written, shared)

    def _path_item(self, written: object, path: str) -> dict[str, Any]:
        item = self._document.follow(written, path)
        if isinstance(written, dict):
            item = {**item, **{key: value for key, value in written.items() if key != "$ref"}}
        self._check_fields(item, PATH_FIELDS, path, "a path")
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

    def _check_fields(
        self, written: dict[str, Any], fields: tuple[str, ...], where: str, what: str
    ) -> None:
        meant = {name.lower(): name for name in fields}
        for key in written:
            near = get_close_matches(key.lower(), meant, n=1, cutoff=NEARLY)
            if near and key not in fields:
                self._document.problem(where, f"{what} has no field {key}: write {meant[near[0]]}")

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
                self._document.problem(operation.label, f"operationId {given} is no text: quote it")
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
        operation.parameters = self._parameters(operation)
        self._check_path(operation)
        self._read_body(operation)
        responses = self._document.mapping(operation.written, "responses", operation.label)
        for written_status, written in responses.items():
            status = written_status.upper() if written_status != "default" else written_status
            where = f"{operation.label}, response {written_status}"
            if not STATUS.fullmatch(status):
                self._document.problem(where, "is no status: write one like 200, 2XX or default")
            else:
                operation.responses[status] = self._response(operation, status, written, where)
        self._schemas.finish()

    def _parameters(self, operation: Operation) -> list[Parameter]:
        found: dict[tuple[str, str], tuple[dict[str, Any], str]] = {}
        for group in (
            operation.shared,
            self._document.listing(operation.written, "parameters", operation.label),
        ):
            here: set[tuple[str, str]] = set()
            for written in group:
                parameter = self._document.follow(written, f"{operation.label}, parameters")
                if not parameter and isinstance(written, dict) and "$ref" in written:
                    continue  # it leads nowhere, which is said
                key = (str(parameter.get("name")), str(parameter.get("in")))
                name = parameter.get("name", "without name")
                where = f"{operation.label}, parameter {name}"
                if "in" in parameter:
                    where += f" in {key[1]}"
                problem = _parameter_problem(parameter)
                if key in here:
                    problem = problem or "is there twice: remove one"
                here.add(key)
                if problem:
                    self._document.problem(where, problem)
                else:
                    found[key] = (parameter, where)
        python_names = _argument_names(list(found))
        parameters = []
        for key, (written, where) in found.items():
            parameters.append(self._parameter(operation, written, where, python_names[key]))
        order = re.findall("{([^{}]*)}", operation.path)
        in_path = [one for one in parameters if one.location == "path" and one.name in order]
        in_path.sort(key=lambda one: order.index(one.name))
        return in_path + [one for one in parameters if one not in in_path]

    def _parameter(
        self, operation: Operation, written: dict[str, Any], where: str, python_name: str
    ) -> Parameter:
        self._check_fields(written, PARAMETER_FIELDS, where, "a parameter")
        location, name = written["in"], written["name"]
        place = Place(where, operation.name, name)
        if "content" in written:
            schema, sent = self._content_parameter(written, place, python_name)
        elif "schema" in written:
            schema = _without_files(self._schemas.plain(written["schema"], place))
            self._schemas.finish()
            sent = self._sent(written, schema, place, python_name)
        else:
            self._document.problem(where, "has no schema: describe what it takes by one")
            schema, sent = {}, python_name
        description = written.get("description")
        return Parameter(
            name=name,
            python_name=python_name,
            location=location,
            required=location == "path" or written.get("required") is True,
            schema=schema,
            description=description if isinstance(description, str) else "",
            sent=sent,
        )

    def _content_parameter(
        self, written: dict[str, Any], place: Place, python_name: str
    ) -> tuple[Plain, str]:
        content = self._document.mapping(written, "content", place.where)
        for media_type, media in content.items():
            if len(content) == 1 and JSON_TYPE.fullmatch(_essence(media_type)):
                schema = self._media_schema(media, place)
                return schema, f"json_text({python_name})"
        self._document.problem(
            place.where, "content must be one media type, and JSON: use a schema instead"
        )
        return {}, python_name

    def _sent(self, written: dict[str, Any], schema: Plain, place: Place, python_name: str) -> str:
        """Give the expression for what is sent, by style and explode."""
        location = written["in"]
        style = written.get("style", USUAL_STYLES[location])
        explode = written.get("explode", style == "form")
        kinds = self._schemas.kinds(schema)
        if style == "deepObject" and location == "query" and "array" not in kinds:
            return f"deep_object({literal(written['name'])}, {python_name})"
        if style not in _STYLES[location]:
            self._document.problem(
                place.where, f"style {style} is not supported: use {USUAL_STYLES[location]}"
            )
        if not kinds & {"array", "object"}:
            return python_name
        if "object" in kinds and (location != "query" or style != "form"):
            self._document.problem(
                place.where, "is an object, which can be sent in: query only, or as JSON by content"
            )
        if location == "cookie" and explode:
            self._document.problem(place.where, "is a list in a cookie, which needs explode: false")
        self._check_items(schema, place)
        if location == "query" and not explode:
            return f"delimited({python_name}, {literal(SEPARATORS[style])})"
        return python_name

    def _check_items(self, schema: Plain, place: Place) -> None:
        for member in schema.get("anyOf", [schema]):
            if member.get("type") == "array" and self._schemas.kinds(member["items"]) & {
                "array",
                "object",
            }:
                self._document.problem(
                    place.where,
                    "is a list of lists or objects, which can be sent as JSON by content only",
                )

    def _check_path(self, operation: Operation) -> None:
        in_path = re.findall("{([^{}]*)}", operation.path)
        described = [one.name for one in operation.parameters if one.location == "path"]
        for name in dict.fromkeys(in_path):
            if name not in described:
                self._document.problem(
                    operation.label, f"{{{name}}} in the path has no parameter in: path: add one"
                )
            if in_path.count(name) > 1:
                self._document.problem(
                    operation.label, f"{{{name}}} is in the path twice: rename one"
                )
        for name in described:
            if name not in in_path:
                self._document.problem(
                    operation.label,
                    f"parameter {name} in: path is not in the path as {{{name}}}: add it there",
                )

    # Bodies

    def _read_body(self, operation: Operation) -> None:
        if operation.written.get("requestBody") is None:
            return
        where = f"{operation.label}, body"
        written = self._document.follow(operation.written["requestBody"], where)
        self._check_fields(written, BODY_FIELDS, where, "a body")
        operation.body_required = written.get("required") is True
        content = self._document.mapping(written, "content", where)
        if not content:
            self._document.problem(where, "has no content: describe what is sent by a media type")
        operation.body_description = self._description(written, *content.values())
        place = Place(where, operation.name, "body")
        bodies = [self._body(media_type, media, place) for media_type, media in content.items()]
        bodies.sort(key=lambda body: _preference(body, self._schemas))
        for body in bodies:
            if all(body.documented != other.documented for other in operation.bodies):
                operation.bodies.append(body)
        self._schemas.finish()
        self._check_alternatives(operation, where)

    def _description(self, *written: Any) -> str:
        """Give the first description of a body, or of the schemas of its media types."""
        for one in written:
            if isinstance(one, dict):
                schema = self._document.follow(one.get("schema"), "")
                for description in (one.get("description"), schema.get("description")):
                    if isinstance(description, str):
                        return description
        return ""

    def _body(self, media_type: str, media: object, place: Place) -> Body:
        essence = _essence(media_type)
        if not (media_type.isascii() and media_type.isprintable()):
            self._document.problem(place.where, "its media type cannot be sent: correct its name")
        schema = self._media_schema(media, place)
        self._schemas.finish()
        if JSON_TYPE.fullmatch(essence) or (essence == "*/*" and schema not in (BYTES, TEXT)):
            return Body(media_type.replace("*/*", "application/json"), schema, "", schema)
        if essence in (FORM_TYPE, MULTIPART_TYPE):
            return Body(
                media_type, schema, self._form_writer(essence, schema, media, place), schema
            )
        return Body(media_type, TEXT if essence.startswith("text/") else BYTES, "raw", schema)

    def _form_writer(self, essence: str, schema: Plain, media: object, place: Place) -> str:
        if self._schemas.kinds(schema) != {"object"}:
            self._document.problem(
                place.where, f"{essence} needs an object, whose properties are the fields"
            )
        encoding = self._document.mapping(
            self._document.follow(media, place.where), "encoding", place.where
        )
        if essence == MULTIPART_TYPE:
            types = {}
            for name, written in encoding.items():
                field = self._document.follow(written, place.where)
                if "headers" in field:
                    self._document.problem(
                        place.where, f"headers of the part {name} are not supported: remove them"
                    )
                given = str(field.get("contentType", ""))
                if given and "," not in given and "*" not in given:
                    types[name] = given
            return f"multipart({types!r})"
        styles = {}
        for name, written in encoding.items():
            style = self._field_style(
                self._document.follow(written, place.where), f"{place.where}, field {name}"
            )
            if style:
                styles[name] = style
        return f"form({styles!r})"

    def _field_style(self, written: dict[str, Any], where: str) -> str:
        style = written.get("style", "form")
        if style == "deepObject":
            return str(style)
        if style not in SEPARATORS:
            self._document.problem(where, f"style {style} is not supported: use form or deepObject")
            return ""
        exploded = written.get("explode", style == "form")
        return "" if exploded else SEPARATORS[style]

    def _check_alternatives(self, operation: Operation, where: str) -> None:
        """Only by its class can be told which of several bodies is meant."""
        if len(operation.bodies) < 2:
            return
        for body in operation.bodies:
            classes = self._schemas.class_names(body.schema)
            body.class_name = "File" if body.schema == BYTES else ", ".join(classes)
        if any(body.class_name.isidentifier() for body in operation.bodies[:-1]):
            return
        types = ", ".join(body.media_type for body in operation.bodies)
        self._document.problem(
            where, f"what is sent does not tell which of {types} is meant: keep one"
        )

    def _media_schema(self, media: object, place: Place) -> Plain:
        written = self._document.follow(media, place.where)
        self._check_fields(written, MEDIA_FIELDS, place.where, "a media type")
        return self._schemas.plain(written.get("schema", True), place)

    # Responses

    def _response(self, operation: Operation, status: str, written: object, where: str) -> Response:
        response = self._document.follow(written, where)
        self._check_fields(response, RESPONSE_FIELDS, where, "a response")
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
        schema = self._media_schema(content[media_type], place)
        found.media_types = [media_type, *(one for one in content if one != media_type)]
        found.schema, found.read_as = self._read_as(_essence(media_type), schema, where, status)
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


_STYLES = {
    "path": ("simple",),
    "query": ("form", "spaceDelimited", "pipeDelimited"),
    "header": ("simple",),
    "cookie": ("form",),
}


def _parameter_problem(written: dict[str, Any]) -> str:
    """Say why this is no parameter that can be sent; nothing if it is one."""
    name, location = written.get("name"), written.get("in")
    if not isinstance(name, str):
        return "has no name: write one"
    if location in ("body", "formData"):
        return "is of Swagger 2.0: describe it by requestBody"
    if location not in LOCATIONS:
        problem = "has no `in`" if location is None else f"in {location} is not supported"
        return f"{problem}: use one of {', '.join(LOCATIONS)}"
    if location in ("header", "cookie") and not HEADER_NAME.fullmatch(name):
        return f"has characters that no {location} name can have: remove them"
    if location == "header" and name.lower() == "authorization":
        return "the client sets this header itself: describe it by securitySchemes"
    return ""


def _argument_names(keys: list[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Name parameters in Python; the location follows a name that parameters of several have."""
    wanted = {key: names.identifier(key[0]) for key in keys}
    locations: dict[str, set[str]] = {}
    for (_, location), name in wanted.items():
        locations.setdefault(name, set()).add(location)
    found: dict[tuple[str, str], str] = {}
    for key, name in wanted.items():
        if len(locations[name]) > 1:
            name = f"{name}_{key[1]}"  # noqa: PLW2901 - the same name, told from the others
        while name in names.ARGUMENTS or name in found.values():
            name += "_"  # noqa: PLW2901 - as above
        found[key] = name
    return found


def _essence(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()


def _readability(media_type: str) -> int:
    """Order media types of a response: JSON, text, all others."""
    essence = _essence(media_type)
    if JSON_TYPE.fullmatch(essence):
        return 0
    if essence == "*/*":
        return 1
    return 2 if essence.startswith("text/") and essence != "text/event-stream" else 3


def _preference(body: Body, schemas: Schemas) -> int:
    """Order bodies: JSON, forms, all others; one that can upload files before one that cannot."""
    if body.writer.startswith("multipart") and _has_files(body.schema, schemas):
        return 0
    order = ("", "form", "multipart", "raw")
    return 1 + order.index(body.writer.partition("(")[0])


def _has_files(schema: Plain, schemas: Schemas) -> bool:
    for name in schemas.class_names(schema):
        for part in schemas.classes[name].get("properties", {}).values():
            if BYTES in (part, part.get("items")):
                return True
    return False


def _without_files(schema: Plain) -> Plain:
    """A parameter is never a file: bytes in it are text."""
    if schema == BYTES:
        return TEXT
    if schema.get("items") == BYTES:
        return {**schema, "items": TEXT}
    return schema
