"""The client of a document before it is generated.

openapi-python-client is given the plain form of the document, in which a property is `property_0`;
the names are put back into what it makes of that. So it never meets names that clash or are
reserved, which it would not always keep apart: all names in Python are made in `names.py`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import names
import security
from attrs import evolve
from document import Document
from media import BYTES
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties import ModelProperty
from openapi_python_client.parser.properties import Property as Parsed
from openapi_python_client.schema import UntrustedString
from openapi_python_client.strings import PythonIdentifier
from operations import Operation, Reader, Response
from plain import Plain, Property
from schemas import Schemas
from security import Security

CONTENT_TYPES = {
    "json": "application/json",
    "text": "text/plain",
    "bytes": "application/octet-stream",
}
PYTHON_VERSION = r"v?\d+(\.\d+)*((a|b|rc|\.post|\.dev)\d+)?"  # of a package, as PEP 440 says


@dataclass
class Plan:
    """The client of a document, before it is generated."""

    title: str
    version: str
    operations: list[Operation]
    schemas: Schemas
    security: Security
    server: str

    @property
    def writers(self) -> bool:
        """Whether there is a body that is not written as JSON."""
        return any(body.writer for operation in self.operations for body in operation.bodies)

    @property
    def encodes(self) -> bool:
        """Whether there is anything to write in another form than the usual."""
        changed = any(
            one.sent != one.python_name
            for operation in self.operations
            for one in operation.parameters
        )
        return self.writers or changed

    @property
    def files(self) -> bool:
        """Whether the client needs a type for files."""
        plain: list[Any] = [self.schemas.classes]
        for operation in self.operations:
            plain += [body.schema for body in operation.bodies]
            plain += [one.schema for one in operation.responses.values() if one.read_as == "json"]
        return self.encodes or _holds_file(plain)


def make(document: Document) -> Plan:
    """Plan the client. What it could not hold is a problem of the document."""
    schemas = Schemas(document)
    schemas.add_components()
    operations = Reader(document, schemas).operations()
    info = document.mapping(document.root, "info", "the document")
    for key in ("title", "version"):
        if key not in info:
            document.problem("info", f"has no {key}: write one")
    return Plan(
        title=str(info.get("title")),
        version=_version(str(info.get("version"))),
        operations=operations,
        schemas=schemas,
        security=security.read(document, operations),
        server=_server(document),
    )


def plain_document(plan: Plan) -> dict[str, Any]:
    """Write the planned client as the document that the generator reads."""
    return {
        "openapi": "3.1.0",
        "info": {"title": plan.title, "version": plan.version},
        "paths": {
            f"/{index}": {operation.method.lower(): _plain_operation(operation)}
            for index, operation in enumerate(plan.operations)
        },
        "components": {"schemas": plan.schemas.classes},
    }


def put_back(plan: Plan, data: GeneratorData) -> None:
    """Give what the generator has read the names and descriptions of the document."""
    models = {model.class_info.name: model for model in data.models}
    for model in data.models:
        _put_back_properties(plan.schemas.properties[model.class_info.name], model)
    for enum in data.enums:
        enum.values = dict(plan.schemas.enums.members[enum.class_info.name])
    operations = {operation.name: operation for operation in plan.operations}
    for collection in data.endpoint_collections_by_tag.values():
        for endpoint in collection.endpoints:
            _put_back_parameters(operations[endpoint.name], endpoint)
            for response in endpoint.responses:
                if isinstance(response.prop, ModelProperty):  # a copy of the model
                    response.prop = models[response.prop.class_info.name]


def left_out(plan: Plan, data: GeneratorData) -> Iterator[str]:
    """Say in a line each what was planned and is not in what the generator made of it."""
    endpoints: dict[str, Endpoint] = {}
    for collection in data.endpoint_collections_by_tag.values():
        endpoints |= {endpoint.name: endpoint for endpoint in collection.endpoints}
    for operation in plan.operations:
        endpoint = endpoints.get(operation.name)
        if endpoint is None:
            yield f"{operation.label}: the operation"
            continue
        if len(endpoint.query_parameters) != len(operation.parameters):
            yield f"{operation.label}: a parameter"
        if len(endpoint.responses) != len(operation.responses):
            yield f"{operation.label}: a response"
        if bool(endpoint.bodies) != bool(operation.bodies):
            yield f"{operation.label}: the body"
    classes = {model.class_info.name for model in data.models} | {
        enum.class_info.name for enum in data.enums
    }
    for name in plan.schemas.classes:
        if name not in classes:
            yield f"schema {name}: the class"


def _holds_file(plain: Any) -> bool:
    if plain == BYTES:
        return True
    if isinstance(plain, dict):
        plain = list(plain.values())
    return isinstance(plain, list) and any(_holds_file(item) for item in plain)


def _plain_operation(operation: Operation) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [operation.tag],
        "parameters": [
            {
                "name": f"parameter_{index}",
                "in": "query",
                "required": one.required,
                "schema": one.schema,
            }
            for index, one in enumerate(operation.parameters)
        ],
        "responses": {status: _plain_response(one) for status, one in operation.responses.items()},
    }
    if operation.bodies:
        schemas = [body.schema for body in operation.bodies]
        schema = schemas[0] if len(schemas) == 1 else {"anyOf": schemas}
        plain["requestBody"] = {
            "required": operation.body_required,
            "content": {"application/json": {"schema": schema}},
        }
    return plain


def _plain_response(response: Response) -> Plain:
    plain: Plain = {"description": response.description, **response.extensions}
    if response.schema is not None:
        plain["content"] = {CONTENT_TYPES[response.read_as]: {"schema": response.schema}}
    return plain


def _put_back_parameters(operation: Operation, endpoint: Endpoint) -> None:
    by_location: dict[str, list[Parsed]] = {"path": [], "query": [], "header": [], "cookie": []}
    for one, parsed in zip(operation.parameters, endpoint.query_parameters, strict=True):
        by_location[one.location].append(_named(parsed, one.name, one.python_name, one.description))
    endpoint.path_parameters = by_location["path"]
    endpoint.query_parameters = by_location["query"]
    endpoint.header_parameters = by_location["header"]
    endpoint.cookie_parameters = by_location["cookie"]


def _put_back_properties(described: list[Property], model: ModelProperty) -> None:
    by_key = {f"property_{index}": one for index, one in enumerate(described)}
    for properties in (model.required_properties, model.optional_properties):
        if properties is not None:
            originals = [by_key[parsed.python_name] for parsed in properties]
            properties[:] = [
                _named(parsed, one.name, one.python_name, one.description)
                for parsed, one in zip(properties, originals, strict=True)
            ]
    written = model.data.properties or {}
    model.data.properties = {
        UntrustedString(by_key[key.get_untrusted_value()].name): schema
        for key, schema in written.items()
    }


def _named(parsed: Parsed, name: str, python_name: str, description: str) -> Parsed:
    return evolve(
        parsed,
        name=UntrustedString(name),
        python_name=PythonIdentifier(python_name, names.PREFIX, skip_snake_case=True),
        description=UntrustedString(description) if description else parsed.description,
    )


def _version(version: str) -> str:
    """Give the version that the package has: that of the document, or the numbers in it."""
    if re.fullmatch(PYTHON_VERSION, version):
        return version
    return ".".join(re.findall(r"\d+", version)) or "0"


def _server(document: Document) -> str:
    """Give the URL of the first server, with the default of each variable."""
    servers = document.listing(document.root, "servers", "the document") or [{"url": "/"}]
    server = document.follow(servers[0], "servers")
    url = str(server.get("url", "/"))
    for name, variable in document.mapping(server, "variables", "servers").items():
        default = document.follow(variable, f"server variable {name}").get("default")
        if default is None:
            document.problem(
                "servers",
                f"variable {name} has no default: the client would not know where to send",
            )
        url = url.replace(f"{{{name}}}", str(default))
    if "{" in url:
        document.problem(
            "servers", f"url {url} has a variable that is not in variables: add it there"
        )
    return url.rstrip("/")
