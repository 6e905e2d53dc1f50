"""Paging, as `x-pagination` of an operation says it, for the iterator over all items.

An example is `x-pagination: { items: data, cursor: cursor }`: `items` and `cursor` name members of
the success, and the query parameter `cursor` asks for the page that a cursor leads to. If that has
another name, `parameter` says it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from openapi_python_client.parser import GeneratorData
from python_source import python_type

EXTENSION = "x-pagination"


class UnusableError(Exception):
    """The extension does not fit the operation; the argument says why."""


@dataclass(frozen=True)
class Paging:
    """What the template needs, as Python has it.

    Attributes:
        items: The expression for the items of a response.
        item_type: The type of an item.
        imports: The imports that this type needs.
        cursor: The expression for the cursor of a response.
        cursor_name: How the contract names that cursor.
        parameter: The argument that takes a cursor.
    """

    items: str
    item_type: str
    imports: list[str]
    cursor: str
    cursor_name: str
    parameter: str


def problems(operations: dict[str, Any], data: GeneratorData) -> Iterator[str]:
    """Say in a line each which operation has an extension that no iterator can be made of.

    Args:
        operations: The operations as they are written, by their module.
        data: What the generator understood of them.
    """
    for collection in data.endpoint_collections_by_tag.values():
        for endpoint in collection.endpoints:
            operation = operations.get(endpoint.name, {})  # it may lack an operationId
            try:
                paging(operation, endpoint)
            except UnusableError as error:
                yield f"{operation['method']} {operation['path']}: {EXTENSION} {error}"


def paging(operation: dict[str, Any], endpoint: Any) -> Paging | None:
    """Read the extension of an operation; None if it has none. Raises UnusableError."""
    if EXTENSION not in operation:
        return None
    items_name, cursor_name, parameter_name = _names(operation[EXTENSION])
    members = _members(endpoint)
    for name in (items_name, cursor_name):
        if name not in members:
            raise UnusableError(f"names {name}, which is no member of the success")
    parameters = {_written(one.name): one for one in endpoint.query_parameters}
    if parameter_name not in parameters:
        raise UnusableError(f"needs a query parameter {parameter_name}")

    items, cursor, parameter = members[items_name], members[cursor_name], parameters[parameter_name]
    item_type = _item_type(items)
    if not item_type:
        raise UnusableError(f"names {items_name}, which is no array")
    if parameter.required or not _types(cursor) - {"None"} <= _types(parameter):
        text = f"needs an optional query parameter {parameter_name} of the type of the cursor"
        raise UnusableError(text)
    may_be_missing = not items.required or "None" in _types(items)
    return Paging(
        items=f"response.parsed.{items.python_name}{' or []' if may_be_missing else ''}",
        item_type=item_type,
        imports=sorted({*items.get_imports(prefix="..."), *items.get_lazy_imports(prefix="...")}),
        cursor=f"response.parsed.{cursor.python_name}",
        cursor_name=cursor_name,
        parameter=str(parameter.python_name),
    )


def _names(extension: object) -> tuple[str, str, str]:
    """Give the names of the items, the cursor and the parameter."""
    names: dict[str, Any] = extension if isinstance(extension, dict) else {}
    texts = [value for value in names.values() if isinstance(value, str)]
    known = {"items", "cursor"} <= names.keys() <= {"items", "cursor", "parameter"}
    if not known or len(texts) < len(names):
        raise UnusableError(
            "must have `items` and `cursor`, and may have `parameter`: names, as text"
        )
    return names["items"], names["cursor"], names.get("parameter", names["cursor"])


def _members(endpoint: Any) -> dict[str, Any]:
    """Give the members of the one success, by the contract's names."""
    successes = [one for one in endpoint.responses if one.status_code.pattern.startswith("2")]
    if len(successes) != 1 or type(successes[0].prop).__name__ != "ModelProperty":
        raise UnusableError("needs an operation with one success, which is an object")
    model = successes[0].prop
    properties = [*(model.required_properties or []), *(model.optional_properties or [])]
    return {_written(one.name): one for one in properties}


def _item_type(items: Any) -> str:
    """Give the type of an item; nothing if the property is no array, or null."""
    alternatives = getattr(items, "inner_properties", [items])
    arrays = [one for one in alternatives if type(one).__name__ != "NoneProperty"]
    if len(arrays) != 1 or type(arrays[0]).__name__ != "ListProperty":
        return ""
    return python_type(arrays[0].inner_property)


def _types(schema: Any) -> set[str]:
    return set(python_type(schema).split(" | "))


def _written(name: Any) -> str:
    """Give a name as the document has it."""
    return str(name.get_untrusted_value() if hasattr(name, "get_untrusted_value") else name)
