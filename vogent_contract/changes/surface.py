"""What callers notice of an OpenAPI document: each operation with its request and its responses."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

from vogent_contract.changes.facts import Part
from vogent_contract.changes.schemas import SchemaReader
from vogent_contract.openapi.document import ContractError, Document, join
from vogent_contract.openapi.operation import METHODS

BUILT_WRONGLY = (AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError)
_JSON = re.compile(r"^application/json\b|\+json\b", re.IGNORECASE)


def surface(
    document: Document, faults: dict[str, str] | None = None, tops: Collection[str] = ()
) -> dict[str, Part]:
    """The operations of a document by method and path; `{}` stands for each path parameter.

    The fact `operation` of each is its method and path as they stand in the document; its parts are
    `request`, `response 200`, ...

    Args:
        document: The document.
        faults: Takes the reason, by operation, why one cannot be read; without it that is an error.
        tops: How the paths begin that are read, such as `phone_numbers`; all are by default.

    Raises:
        ContractError: The document is not built as OpenAPI says.
    """
    found = {}
    reader = _Reader(document)
    paths = [path for path in document.raw["paths"] if not tops or top_of(path) in tops]
    for path in paths:
        for method in METHODS:
            key = key_of(f"{method.upper()} {path}")
            try:
                operation = reader.operation(method, path)
            except ContractError as error:
                if faults is None:
                    raise
                faults[key] = str(error)
            else:
                if operation:
                    found[key] = operation
    return found


def not_compared(old: Document, new: Document) -> list[str]:
    """What differs between two documents that `surface` does not read: webhooks and callbacks."""
    before, after = _unread(old), _unread(new)
    return [kind for kind in before if before[kind] != after[kind]]


def _unread(document: Document) -> dict[str, Any]:
    """Webhooks and callbacks with their references replaced and without words."""
    schemas = SchemaReader(document, "readOnly")
    callbacks = {}
    for path, item in document.raw["paths"].items():
        for method, operation in item.items():
            if method in METHODS and "callbacks" in operation:
                callbacks[path, method] = schemas.plain(operation["callbacks"])
    webhooks = schemas.plain(document.raw.get("webhooks") or {})
    return {"webhooks": webhooks, "callbacks": callbacks}


def key_of(title: str) -> str:
    """An operation's method and path whatever its path parameters are called."""
    return re.sub("{[^}]*}", "{}", title)


def top_of(path: str) -> str:
    """The first segment of a path, which tells the parts of an API apart."""
    return path.lstrip("/").partition("/")[0]


class _Reader:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.requests = SchemaReader(document, "readOnly")
        self.responses = SchemaReader(document, "writeOnly")

    def operation(self, method: str, path: str) -> Part | None:
        """What callers notice of an operation, None if the path has none of that method."""
        where = join("#/paths", path)
        try:
            path_item = self.document.follow(where)
            if method not in self.document.at(path_item):
                return None
            return self._operation(path_item, method, path)
        except BUILT_WRONGLY as error:
            raise ContractError(f"{where} is not built as OpenAPI 3 says: {error!r}") from error

    def _operation(self, path_item: str, method: str, path: str) -> Part:
        pointer = join(path_item, method)
        raw = self.document.at(pointer)
        top = self.document.raw
        servers = raw.get("servers") or self.document.at(path_item).get("servers")
        servers = servers or top.get("servers") or [{}]
        facts = {
            "operation": f"{method.upper()} {path}",
            "server": servers[0].get("url"),
            "deprecated": raw.get("deprecated") or None,
            "security": self._security(raw.get("security", top.get("security"))),
        }
        operation = Part(where=pointer)
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
            location.parts[name] = self._parameter(where, str(raw["in"]), self.requests)

        if "requestBody" in self.document.at(pointer):
            where = self.document.follow(join(pointer, "requestBody"))
            body = request.parts["body"] = self._body(where, self.requests)
            required = self.document.at(where).get("required")
            body.say("property", "required" if required else "optional", where)
        return request

    def _response(self, status: str, pointer: str) -> Part:
        response = Part({"status": status}, {"status": pointer}, where=pointer)
        if self.document.at(pointer).get("content"):
            body = response.parts["body"] = self._body(pointer, self.responses)
            body.say("property", "optional", pointer)
        headers = response.parts["headers"] = Part()
        for name, where in self._inside(pointer, "headers"):
            headers.parts[name.lower()] = self._parameter(where, "header", self.responses)
        return response

    def _body(self, pointer: str, schemas: SchemaReader) -> Part:
        """A body, with a part for each media type; the part of the only JSON has no name."""
        body = Part(where=pointer)
        content = list(self._inside(pointer, "content"))
        json_types = [name for name, _ in content if _JSON.search(name)]
        for name, where in content:
            label = "" if [name] == json_types else f"({name})"
            part = body.parts[label] = self._schema(where, schemas)
            part.say("media type", name.partition(";")[0].strip().lower(), where)
        return body

    def _parameter(self, pointer: str, location: str, schemas: SchemaReader) -> Part:
        """A parameter or a header, which may have `content` instead of a schema."""
        raw = self.document.at(pointer)
        content = list(self._inside(pointer, "content"))
        style, holder = content[0] if content else ("", pointer)
        part = self._schema(holder, schemas)
        part.say("property", "required" if raw.get("required") else "optional", pointer)
        part.say("style", style or _style(raw, location, part), pointer)
        return part

    def _schema(self, holder: str, schemas: SchemaReader) -> Part:
        if "schema" in self.document.at(holder):
            return schemas.read(join(holder, "schema"))
        return Part()

    def _inside(self, pointer: str, name: str) -> Iterator[tuple[str, str]]:
        """Key and pointer of each part of a list or object, references followed; none if absent."""
        value = self.document.at(pointer).get(name) or {}
        keys = list(value) if isinstance(value, dict) else map(str, range(len(value)))
        for key in keys:
            yield key, self.document.follow(join(pointer, name, key))


def _style(raw: dict[str, Any], location: str, part: Part) -> str:
    """How a parameter is written, such as `form exploded`; one value alone is never exploded."""
    style = str(raw.get("style") or ("form" if location in ("query", "cookie") else "simple"))
    types = part.facts.get("type", ["array"])
    several = "array" in types or "object" in types
    return f"{style} exploded" if several and raw.get("explode", style == "form") else style
