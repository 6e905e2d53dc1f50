"""What callers write of the generated client: classes, attributes, modules and arguments.

Read off the document by the rules of openapi-python-client, whose client the kit ships.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from vogent_contract.changes.python_names import (
    class_name,
    identifier,
    member_names,
    pascal_case,
    raw_identifier,
)
from vogent_contract.changes.surface import BUILT_WRONGLY, key_of
from vogent_contract.openapi.document import ContractError, Document, join, tokens
from vogent_contract.openapi.operation import METHODS

PACKAGE = "vogent_phone_numbers"
_FORMATS = {  # formats of strings that the client reads into something else
    "date-time": "datetime.datetime",
    "date": "datetime.date",
    "uuid": "UUID",
    "binary": "File",
}
_LOCATIONS = ("path", "query", "header", "cookie")
_BODIES = {  # media types that the client sends, and what is in the name of a class for one
    "application/json": "json",
    "application/x-www-form-urlencoded": "data",
    "multipart/form-data": "files",
    "application/octet-stream": "content",
}
_READABLE = r"application/(json|octet-stream)$|text/"

Classes = frozenset[str]  # that a value is read into, besides those that JSON has of itself


@dataclass
class Model:
    """A class of the client's `models`.

    Attributes:
        pointer: JSON pointer of its schema.
        attributes: What each attribute holds; they are the constructor's arguments as well.
        members: Names and values, if it is an enum.
    """

    pointer: str
    attributes: dict[str, Classes] = field(default_factory=dict)
    members: dict[str, Any] = field(default_factory=dict)


@dataclass
class Call:
    """A module of the client's `api`.

    Attributes:
        pointer: JSON pointer of the operation.
        title: Method and path of the operation.
        package: The package of its tag, such as `phone_numbers`.
        module: Its name there, such as `search_phone_numbers`.
        path_arguments: The arguments for the path's parameters, in the path's order.
        arguments: What each argument takes, `body` among them.
        returns: What a success is read into.
    """

    pointer: str
    title: str
    package: str
    module: str
    path_arguments: list[str] = field(default_factory=list)
    arguments: dict[str, Classes] = field(default_factory=dict)
    returns: Classes = frozenset()


@dataclass
class Client:
    """What there is to import: the models by name, the calls by method and path."""

    models: dict[str, Model] = field(default_factory=dict)
    calls: dict[str, Call] = field(default_factory=dict)


def client_of(document: Document) -> Client:
    """The client that a document generates; `{}` stands for each path parameter in `calls`.

    Raises:
        ContractError: The document is not built as OpenAPI says.
    """
    try:
        return _Reader(document).read()
    except BUILT_WRONGLY as error:
        raise ContractError(f"the document is not built as OpenAPI 3 says: {error!r}") from error


class _Reader:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.client = Client()
        self.known: dict[str, Classes] = {}  # of the schemas that have a name, by pointer

    def read(self) -> Client:
        components = self.document.raw.get("components") or {}
        for name in components.get("schemas") or {}:
            self._named(join("#/components/schemas", name))
        for path in self.document.raw["paths"]:
            item = self.document.follow(join("#/paths", path))
            for method in METHODS:
                if method in self.document.at(item):
                    key = key_of(f"{method.upper()} {path}")
                    self.client.calls[key] = self._call(item, method, path)
        return self.client

    def _call(self, item: str, method: str, path: str) -> Call:
        pointer = join(item, method)
        raw = self.document.at(pointer)
        name = raw.get("operationId") or f"{method}_{re.sub('[{}]', '', path).replace('/', '_')}"
        tags = raw.get("tags") or ["default"]
        title = f"{method.upper()} {path}"
        call = Call(pointer, title, identifier(tags[0], "tag"), identifier(name))
        self._parameters(call, item, path)
        if "requestBody" in raw:
            where = self.document.follow(join(pointer, "requestBody"))
            call.arguments["body"] = self._body(where, call.module)
        for status in raw.get("responses") or {}:
            where = self.document.follow(join(pointer, "responses", status))
            classes = self._response(where, call.module, f"response_{status}")
            if status.startswith("2"):
                call.returns |= classes
        return call

    def _parameters(self, call: Call, item: str, path: str) -> None:
        found: dict[tuple[str, str], str] = {}  # pointer by place and name; the operation's win
        for holder in (call.pointer, item):
            for number in range(len(self.document.at(holder).get("parameters") or [])):
                where = self.document.follow(join(holder, "parameters", number))
                raw = self.document.at(where)
                if "schema" in raw:
                    found.setdefault((str(raw["in"]), str(raw["name"])), where)

        names = _argument_names(found)
        for (location, name), where in found.items():
            schema = join(where, "schema")
            call.arguments[names[location, name]] = self._value(schema, name, call.module)
        for name in re.findall("{([^}]*)}", path):
            if ("path", name) in names:
                call.path_arguments.append(names["path", name])

    def _body(self, pointer: str, module: str) -> Classes:
        content = self.document.at(pointer).get("content") or {}
        classes: Classes = frozenset()
        for name, media_type in content.items():
            kind = _BODIES.get(_plain_type(name), "")
            if kind and "schema" in media_type:
                parent = f"{module}_{kind}" if len(content) > 1 else module
                classes |= self._value(join(pointer, "content", name, "schema"), "body", parent)
        return classes

    def _response(self, pointer: str, module: str, name: str) -> Classes:
        content = self.document.at(pointer).get("content") or {}
        readable = [one for one in content if re.match(_READABLE, _plain_type(one))]
        if not readable or "schema" not in content[readable[0]]:  # the client reads the first
            return frozenset()
        return self._value(join(pointer, "content", readable[0], "schema"), name, module)

    def _named(self, reference: str) -> Classes:
        """The classes of a schema under `components`; one that only refers has its own name."""
        if reference not in self.known:
            self.known[reference] = frozenset()  # while a schema that contains itself is read
            pointer = self.document.follow(reference)
            self.known[reference] = self._value(pointer, tokens(reference)[-1], "")
        return self.known[reference]

    def _value(self, pointer: str, name: str, parent: str) -> Classes:
        """The classes that a value of a schema is read into; those of its own are noted.

        Args:
            pointer: The schema.
            name: The property or parameter that has it.
            parent: What the property is in, empty for a schema under `components`.
        """
        raw = self.document.at(pointer)
        if isinstance(raw, bool):
            return frozenset()
        target = self._target(pointer, raw)
        if target:
            return self._named(target)
        types = _types(raw)
        if raw.get("enum") and types != "boolean":
            return self._enum(pointer, raw, name, parent)
        if raw.get("anyOf") or raw.get("oneOf") or isinstance(types, list):
            return self._union(pointer, raw, name, parent)
        return self._of_type("const" if "const" in raw else types, pointer, name, parent)

    def _target(self, pointer: str, raw: Mapping[str, Any]) -> str:
        """What this schema only refers to, alone or as the one member of an `allOf`, or empty."""
        if "$ref" in raw:
            return str(raw["$ref"])
        members = []
        for keyword in ("allOf", "anyOf", "oneOf"):
            members += self._members(pointer, keyword)
        only = self.document.at(members[0]) if len(members) == 1 else {}
        return str(only.get("$ref", ""))

    def _members(self, pointer: str, keyword: str) -> list[str]:
        members = self.document.at(pointer).get(keyword) or []
        return [join(pointer, keyword, number) for number in range(len(members))]

    def _of_type(self, type_: str | None, pointer: str, name: str, parent: str) -> Classes:
        """The classes of a schema that is no union, read as one of its types."""
        raw = self.document.at(pointer)
        if type_ == "string" and raw.get("format") in _FORMATS:
            return frozenset([_FORMATS[raw["format"]]])
        if type_ == "array" and "items" in raw:
            return self._value(join(pointer, "items"), f"{name}_item", parent)
        built_of = raw.get("allOf") or raw.get("properties")
        if type_ == "object" or (type_ is None and built_of):
            return self._model(pointer, raw, name, parent)
        return frozenset()

    def _enum(self, pointer: str, raw: Mapping[str, Any], name: str, parent: str) -> Classes:
        values = [value for value in raw["enum"] if value is not None]
        if not values or not all(isinstance(value, (str, int)) for value in values):
            return frozenset()  # the generator makes no class of other values
        names = [name]
        if len(values) < len(raw["enum"]):  # the generator makes a union, and one for each type
            types = _types(raw) if isinstance(_types(raw), list) else []
            inner = [f"{name}_type_{number}_type_1" for number in range(2, 2 + len(types))]
            names = [f"{name}_type_1", *inner]
        classes = [_class_name(raw, one, parent) for one in names]
        members = member_names(values, raw.get("x-enum-varnames") or [])
        for class_ in classes:
            self.client.models[class_] = Model(pointer, members=members)
        return frozenset(classes)

    def _union(self, pointer: str, raw: Mapping[str, Any], name: str, parent: str) -> Classes:
        classes: Classes = frozenset()
        members = self._members(pointer, "anyOf") + self._members(pointer, "oneOf")
        for number, member in enumerate(members):
            title = self.document.at(member).get("title")
            title = title if title and title != raw.get("title") else f"type_{number}"
            classes |= self._value(member, f"{name}_{title}", parent)
        types = _types(raw)
        if isinstance(types, list):
            for number, one in enumerate(types, len(members)):
                classes |= self._of_type(one, pointer, f"{name}_type_{number}", parent)
        return classes

    def _model(self, pointer: str, raw: Mapping[str, Any], name: str, parent: str) -> Classes:
        class_ = _class_name(raw, name, parent)
        if class_ not in self.client.models:
            model = self.client.models[class_] = Model(pointer)
            if not parent:
                self.known[pointer] = frozenset([class_])  # it may contain itself
            found = dict(self._attributes(pointer, class_))
            names = _attribute_names(list(found))
            model.attributes = {names[key]: classes for key, classes in found.items()}
            rest = raw.get("additionalProperties", True)
            if rest is not False:
                where = join(pointer, "additionalProperties")
                inside = (
                    self._value(where, "AdditionalProperty", class_) if rest is not True else ()
                )
                model.attributes["additional_properties"] = frozenset(inside)
        return frozenset([class_])

    def _attributes(self, pointer: str, class_: str) -> Iterator[tuple[str, Classes]]:
        """Each property with what it holds, those of `allOf` first."""
        raw = self.document.at(pointer)
        for member in self._members(pointer, "allOf"):
            reference = self.document.at(member).get("$ref")
            if reference:
                other = next(iter(self._named(reference)), class_)
                yield from self._attributes(self.document.follow(member), other)
            else:
                yield from self._attributes(member, class_)
        for name in raw.get("properties") or {}:
            yield name, self._value(join(pointer, "properties", name), name, class_)


def _class_name(raw: Mapping[str, Any], name: str, parent: str) -> str:
    words = str(raw.get("title") or name).rpartition("/")[2]
    return class_name(f"{pascal_case(parent)}{pascal_case(words)}" if parent else words)


def _types(raw: Mapping[str, Any]) -> Any:
    """`type`, with the null that 3.0 writes as `nullable`."""
    types = raw.get("type")
    return [types, "null"] if raw.get("nullable") and isinstance(types, str) else types


def _plain_type(media_type: str) -> str:
    """A media type without parameters; each kind of JSON is JSON."""
    plain = media_type.split(";", maxsplit=1)[0].strip().lower()
    return "application/json" if plain.endswith("+json") else plain


def _argument_names(parameters: Mapping[tuple[str, str], str]) -> dict[tuple[str, str], str]:
    """The argument of each parameter; those of the same name have their place in it."""
    names = {key: identifier(key[1]) for key in parameters}
    taken = list(names.values())
    for location, name in parameters:
        argument = names[location, name]
        same = [key for key in parameters if identifier(key[1]) == argument]
        if len({place for place, _ in same}) > 1 or argument in ("client", "url"):
            names[location, name] = identifier(f"{argument}_{location}")
        elif taken.count(argument) > 1:
            names[location, name] = raw_identifier(name)
    return names


def _attribute_names(properties: list[str]) -> dict[str, str]:
    """The attribute of each property; those that would be the same keep their letters."""
    plain = {name: identifier(name) for name in properties}
    taken = list(plain.values())
    return {
        name: raw_identifier(name) if taken.count(attribute) > 1 else attribute
        for name, attribute in plain.items()
    }
