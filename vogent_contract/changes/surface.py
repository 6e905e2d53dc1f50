"""What callers notice of an OpenAPI document: each operation with its request and its responses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from vogent_contract.changes.facts import Part
from vogent_contract.changes.schemas import SchemaReader
from vogent_contract.openapi.document import ContractError, Document, join
from vogent_contract.openapi.operation import METHODS


def surface(document: Document) -> dict[str, Part]:
    """The operations of a document by method and path; `{}` stands for each path parameter.

    The fact `operation` of each is its method and path as they stand in the document; its parts are
    `request`, `response 200`, ...

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
                    key = re.sub("{[^}]*}", "{}", f"{method.upper()} {path}")
                    found[key] = reader.operation(where, method, path)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise ContractError(f"{where} is not built as OpenAPI 3 says: {error!r}") from error
    return found


class _Reader:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.schemas = SchemaReader(document)

    def operation(self, path_item: str, method: str, path: str) -> Part:
        pointer = join(path_item, method)
        raw = self.document.at(pointer)
        top = self.document.raw
        servers = raw.get("servers") or self.document.at(path_item).get("servers")
        servers = servers or top.get("servers") or [{}]
        facts = {
            "operation": f"{method.upper()} {path}",
            "server": servers[0].get("url"),
            "operationId": raw.get("operationId"),
            "deprecated": raw.get("deprecated") or None,
            "security": self._security(raw.get("security", top.get("security"))),
        }
        operation = Part()
        for keyword, value in facts.items():
            if value is not None:
                operation.say(keyword, value, pointer)

        operation.parts["request"] = self._request(path_item, pointer, path)
        for status, where in self._inside(pointer, "responses"):
            operation.parts[f"response {status}"] = self._response(status, where)
        return operation

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
            name = str(raw["name"])
            if name in in_path:  # on the wire it has a place and no name
                name = f"{{{in_path.index(name) + 1}}}"
            location = request.parts.setdefault(str(raw["in"]), Part())
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
