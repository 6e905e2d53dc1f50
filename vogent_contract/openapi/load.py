"""Makes the contract's operations out of its document."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vogent_contract.openapi.document import ContractError, Document, join
from vogent_contract.openapi.operation import (
    METHODS,
    Body,
    Contract,
    Operation,
    Parameter,
    Response,
)
from vogent_contract.openapi.schema import Schema


def load(path: Path | str | None = None) -> Contract:
    """Read the contract.

    Args:
        path: The OpenAPI 3.1 file; the kit's own `openapi.yaml` by default.

    Raises:
        ContractError: It cannot be read, or refers to what is not there.
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
    statuses = [status for status in node["responses"] if not status.startswith("x-")]
    responses = {status: _response(document, pointer, status) for status in statuses}
    if not any(response.success for response in responses.values()):
        raise ContractError(f"the operation at {pointer} documents no success")
    security = node.get("security", document.raw.get("security", []))
    cautious = "none" if method in ("get", "head", "options") else "creates"
    return Operation(
        id=node.get("operationId", f"{method.upper()} {template}"),
        method=method.upper(),
        path=template,
        pointer=pointer,
        effect=node.get("x-effect", cautious),
        secured=bool(security) and {} not in security,
        source=node.get("externalDocs", {}).get("url", ""),
        parameters=_parameters(document, template, pointer),
        body=_body(document, pointer) if "requestBody" in node else None,
        responses=responses,
    )


def _parameters(document: Document, template: str, pointer: str) -> tuple[Parameter, ...]:
    """The parameters of the path and of the operation, which replace those of the same name."""
    found: dict[tuple[str, str], Parameter] = {}
    for owner in (join("#/paths", template), pointer):
        for index in range(len(document.at(owner).get("parameters", ()))):
            where = document.follow(join(owner, "parameters", index))
            node = document.at(where)
            examples = _examples(document, where)
            found[node["name"], node["in"]] = Parameter(
                name=node["name"],
                location=node["in"],
                required=bool(node.get("required")),
                schema=Schema(document, join(where, "schema")),
                example=next(iter(examples.values()), None),
            )
    return tuple(found.values())


def _body(document: Document, pointer: str) -> Body:
    where = document.follow(join(pointer, "requestBody"))
    name, content = _media(document, where)
    if name is None:
        raise ContractError(f"the request body at {where} has no schema")
    required = bool(document.at(where).get("required"))
    schema = Schema(document, join(content, "schema"))
    return Body(required, name, schema, _examples(document, content))


def _response(document: Document, pointer: str, status: str) -> Response:
    here = join(pointer, "responses", status)
    where = document.follow(here)
    node = document.at(where)
    name, content = _media(document, where)
    return Response(
        status=status if status == "default" else status.upper(),
        media_type=name,
        schema=Schema(document, join(content, "schema")) if name else None,
        examples=_examples(document, content) if name else {},
        assumed=document.at(here).get("x-assumed") or node.get("x-assumed"),
    )


def _media(document: Document, pointer: str) -> tuple[str | None, str]:
    """The first media type that has a schema, and its pointer."""
    for name, media in (document.at(pointer).get("content") or {}).items():
        if "schema" in media:
            return name, join(pointer, "content", name)
    return None, ""


def _examples(document: Document, pointer: str) -> Mapping[str, Any]:
    """The values of `example` and `examples`, by name."""
    node = document.at(pointer)
    found = {"example": node["example"]} if "example" in node else {}
    for name in node.get("examples", {}):
        where = document.follow(join(pointer, "examples", name))
        found[name] = document.at(where).get("value")
    return found
