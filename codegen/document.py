"""The contract's document: its operations, and what in it the generated client could not hold."""

from collections.abc import Iterator
from typing import Any

from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.properties import Class, EnumProperty
from openapi_python_client.strings import ClassName, PythonIdentifier

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
PREFIX = "field_"  # what the generator puts before names that are no Python, the empty one included
UNSENDABLE_STYLES = ("spaceDelimited", "pipeDelimited", "deepObject")


def operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Give each operation as it is written, with its path, method and module in the client."""
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                operation = item[method]
                yield {
                    **operation,
                    "path": path,
                    "method": method.upper(),
                    "module": PythonIdentifier(operation.get("operationId", ""), PREFIX),
                    "parameters": operation.get("parameters", []) + item.get("parameters", []),
                }


def problems(document: dict[str, Any], data: GeneratorData) -> Iterator[str]:
    """Say in a line each what the client would lack, mix up or be unable to send.

    Args:
        document: The document as it is written.
        data: What the generator understood of it.
    """
    yield from _generator_problems(data)
    yield from _path_problems(document)
    for node in _objects(document):
        if isinstance(node.get("enum"), list):
            yield from _enum_problems(node)
        if "name" in node and "in" in node:
            yield from _parameter_problems(node)


def _generator_problems(data: GeneratorData) -> Iterator[str]:
    errors = list(data.errors)
    for collection in data.endpoint_collections_by_tag.values():
        errors += collection.parse_errors
        for endpoint in collection.endpoints:
            types = [body.body_type for body in endpoint.bodies]
            if types not in ([], ["json"]):
                yield f"{endpoint.name}: the client can send bodies of JSON only"
    for error in errors:
        yield f"{error.header} {error.detail or ''}"


def _path_problems(document: dict[str, Any]) -> Iterator[str]:
    for path, item in document["paths"].items():
        if "$ref" in item:
            yield f"{path} is a $ref; the generator would leave it out"

    modules = {PREFIX}
    for operation in operations(document):
        if operation["module"] in modules:
            yield f"{operation['method']} {operation['path']} needs an operationId of its own"
        modules.add(operation["module"])


def _enum_problems(schema: dict[str, Any]) -> Iterator[str]:
    values = [value for value in schema["enum"] if value is not None]
    anywhere = Class(ClassName("Enum", PREFIX), PythonIdentifier("enum", PREFIX))
    names = EnumProperty.values_from_list(values, anywhere, schema.get("x-enum-varnames", []))
    if len(names) < len(values):
        yield f"the enum values {', '.join(map(str, values))} would share names"


def _parameter_problems(parameter: dict[str, Any]) -> Iterator[str]:
    if parameter.get("style") in UNSENDABLE_STYLES or parameter.get("explode") is False:
        yield f"{parameter['name']} has a style that the client cannot send"


def _objects(node: Any) -> Iterator[dict[str, Any]]:
    """Give every object of the document: operations, parameters, schemas."""
    if isinstance(node, dict):
        yield node
        node = list(node.values())
    if isinstance(node, list):
        for child in node:
            yield from _objects(child)
