"""What callers notice of an OpenAPI document: each operation with its request and its responses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from vogent_contract.changes.facts import Part
from vogent_contract.changes.schemas import SchemaReader, as_name
from vogent_contract.openapi.document import ContractError, Document, join
from vogent_contract.openapi.operations import METHODS


@dataclass(frozen=True)
class OperationSurface:
    """An operation as its callers see it.

    Attributes:
        title: Method and path.
        pointer: JSON pointer of the operation.
        root: What is promised of it; its parts are `request`, `response 200`, ...
    """

    title: str
    pointer: str
    root: Part


def surface(document: Document) -> dict[str, OperationSurface]:
    """The operations of a document by method and path; `{}` stands for each path parameter.

    Raises:
        ContractError: The document is not built as OpenAPI says.
    """
    found = {}
    where = "#/paths"
    try:
        reader = _Reader(document)
        for path in document.raw["paths"]:
            where = document.follow(join("#/paths", path))
            for method in METHODS:
                if method in document.at(where):
                    operation = reader.operation(where, method, path)
                    found[re.sub("{[^}]*}", "{}", operation.title)] = operation
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise ContractError(f"{where} is not built as OpenAPI 3 says: {error!r}") from error
    return found


class _Reader:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.schemas = SchemaReader(document)

    def operation(self, path_item: str, method: str, path: str) -> OperationSurface:
        pointer = join(path_item, method)
        raw, above, top = self.document.at(pointer), self.document.at(path_item), self.document.raw
        servers = raw.get("servers") or above.get("servers") or top.get("servers") or [{}]
        said = {
            "server": servers[0].get("url"),
            "operationId": raw.get("operationId"),
            "deprecated": raw.get("deprecated") or None,
            "security": self._security(raw.get("security", top.get("security"))),
        }
        root = Part()
        for keyword, value in said.items():
            if value is not None:
                root.say(keyword, value, pointer)

        root.parts["request"] = self._request(path_item, pointer, path)
        for status, where in self._inside(pointer, "responses"):
            root.parts[f"response {status}"] = self._response(status, where)
        return OperationSurface(f"{method.upper()} {path}", pointer, root)

    def _security(self, alternatives: Any) -> list[str]:
        """Each alternative by what is sent, such as `http bearer`; `none` if no key is needed."""
        schemes = self.document.raw.get("components", {}).get("securitySchemes", {})
        said = set()
        for alternative in alternatives or [{}]:
            names = []
            for name in alternative:
                scheme = schemes.get(name, {"type": name})
                keys = [key for key in ("type", "scheme", "in", "name") if key in scheme]
                names.append(" ".join(str(scheme[key]) for key in keys))
            said.add(" + ".join(sorted(names)) or "none")
        return sorted(said)

    def _request(self, path_item: str, pointer: str, path: str) -> Part:
        request = Part()
        in_path = re.findall("{([^}]*)}", path)
        parameters = [*self._inside(path_item, "parameters"), *self._inside(pointer, "parameters")]
        for _, where in parameters:  # one of the operation replaces one of the path
            raw = self.document.at(where)
            name = as_name(raw["name"])
            if name in in_path:  # on the wire it has a place and no name
                name = f"{{{in_path.index(name) + 1}}}"
            location = request.parts.setdefault(as_name(raw["in"]), Part())
            location.parts[name] = self._value(where, required=bool(raw.get("required")))

        if "requestBody" in self.document.at(pointer):
            body = self.document.follow(join(pointer, "requestBody"))
            request.parts |= self._bodies(body)
        return request

    def _response(self, status: str, pointer: str) -> Part:
        response = Part({"status": status}, {"status": pointer}, self._bodies(pointer))
        headers = response.parts["headers"] = Part()
        for name, where in self._inside(pointer, "headers"):
            required = bool(self.document.at(where).get("required"))
            headers.parts[name.lower()] = self._value(where, required=required)
        return response

    def _bodies(self, pointer: str) -> dict[str, Part]:
        """The body in each media type; `body` alone is JSON."""
        bodies: dict[str, Part] = {}
        required = bool(self.document.at(pointer).get("required"))
        for name, where in self._inside(pointer, "content"):
            label = "body" if name == "application/json" else f"body {name}"
            bodies[label] = self._value(where, required=required)
            required = False  # a second media type is a choice
        return bodies

    def _value(self, pointer: str, *, required: bool) -> Part:
        """A parameter, a header or a media type."""
        holder = pointer
        if "schema" not in self.document.at(pointer):  # a parameter may have `content` instead
            for _, media_type in self._inside(pointer, "content"):
                holder = media_type
        part = Part()
        if "schema" in self.document.at(holder):
            part = self.schemas.read(join(holder, "schema"))
        part.say("property", "required" if required else "optional", pointer)
        return part

    def _inside(self, pointer: str, name: str) -> Iterator[tuple[str, str]]:
        """Key and pointer of each part of a list or object, references followed; none if absent."""
        value = self.document.at(pointer).get(name) or {}
        keys = list(value) if isinstance(value, dict) else map(str, range(len(value)))
        for key in keys:
            yield key, self.document.follow(join(pointer, name, key))
