"""Schemas of the document in the plain form: every class has a name, every use is a reference.

What can be said in many ways (`allOf`, `nullable`, lists of types, inherited properties, aliases)
is brought to one; what no class can hold is a problem of the document.
"""

from dataclasses import replace
from typing import Any

import names
from compositions import Compositions
from document import Document, kind_of, pointer_steps
from enums import Enums
from inheritance import Flat, Inheritance
from namespace import Namespace
from plain import (
    ANYTHING,
    FORMATS,
    OBJECT,
    TYPES,
    Place,
    Plain,
    Property,
    as_list,
    keywords,
    or_null,
    text,
    union,
    union_members,
)

UNSUPPORTED = ("$dynamicRef", "$recursiveRef")


class Schemas:
    """The schemas that the client needs, and the classes that they make.

    Attributes:
        classes: The schema of each class, an object or an enum. Its properties are called
            `property_0` and so on.
        properties: What these are, by class.
        namespace: The names of the classes.
        enums: The members of the enums.
        compositions: What is made of several schemas.
    """

    def __init__(self, document: Document) -> None:
        self.classes: dict[str, Plain] = {}
        self.properties: dict[str, list[Property]] = {}
        self.namespace = Namespace()
        self.enums = Enums(document, self)
        self._document = document
        self._inheritance = Inheritance(document, self)
        self.compositions = Compositions(document, self, self._inheritance)
        self._done: dict[int, Plain] = {}  # by the identity of the schema as it is written
        self._open: set[int] = set()
        self._kept: list[Any] = []  # what has an identity in `_done` must not make room for another
        self._waiting: list[tuple[str, dict[str, Any], Place]] = []

    def add_components(self) -> None:
        """Make the classes of `components.schemas`."""
        components = self._document.mapping(self._document.root, "components", "components")
        schemas = self._document.mapping(components, "schemas", "components")
        for key, schema in schemas.items():
            self.namespace.reserve(schema, key)
        for key, schema in schemas.items():
            self.plain(schema, Place(f"schema {key}", "", key))
        self.finish()

    def plain(self, schema: object, place: Place) -> Plain:
        """Give a schema in the plain form; `finish` must follow."""
        written = self.checked(schema, place)
        key = id(written)
        if key in self._open:
            self._document.problem(
                place.where,
                "contains itself with no object in between: put the inner one into an object",
            )
            return ANYTHING
        if key not in self._done:
            self._open.add(key)
            self._kept.append(written)
            self._done[key] = self._plain(written, place)
            self._open.remove(key)
        return self._done[key]

    def finish(self) -> None:
        """Make the properties of the classes met so far, and the classes of these."""
        while self._waiting:
            name, schema, place = self._waiting.pop(0)
            self.classes[name].update(self._object(name, schema, place))

    def class_names(self, plain: Plain) -> set[str]:
        """Name the classes that a schema in the plain form leads to directly."""
        return {step["$ref"].rpartition("/")[2] for step in union_members(plain) if "$ref" in step}

    def kinds(self, plain: Plain) -> set[str]:
        """Say what JSON a schema in the plain form takes: `object`, `array`, `string` and so on."""
        kinds: set[str] = set()
        for member in union_members(plain):
            if "$ref" in member:
                (name,) = self.class_names(member)
                member = self.classes[name]  # noqa: PLW2901 - the same member, followed
            kinds.add(member.get("type", "constant" if "const" in member else "anything"))
        return kinds

    def keep(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Keep a schema that is not in the document alive, so that its identity stays its own."""
        self._kept.append(schema)
        return schema

    def checked(self, schema: object, place: Place) -> dict[str, Any]:
        """Give what is written as a schema, if it is one."""
        if isinstance(schema, dict):
            for key in UNSUPPORTED:
                if key in schema:
                    self._document.problem(place.where, f"{key} is not supported: use $ref")
            self._document.follow(schema, place.where)
            return schema
        if schema is False:
            self._document.problem(place.where, "the schema `false` allows no value: remove it")
        elif schema is not True:
            self._document.problem(place.where, f"is {kind_of(schema)}, but must be a schema")
        return {}

    def new_class(self, schema: dict[str, Any], place: Place) -> Plain:
        """Make the class of an object; its properties follow in `finish`."""
        name = self.namespace.new(schema, place)
        self.classes[name] = {"type": "object", "description": text(schema.get("description"))}
        self._waiting.append((name, schema, place))
        return {"$ref": f"#/components/schemas/{name}"}

    def _plain(self, schema: dict[str, Any], place: Place) -> Plain:
        if "$ref" in schema:
            return self._reference(schema, place)
        if schema.get("nullable") is True:
            rest = {key: value for key, value in schema.items() if key != "nullable"}
            self._kept.append(rest)
            return or_null(self._plain(rest, place))
        if "allOf" in schema:
            return self.compositions.all_of(schema, place)
        if "anyOf" in schema or "oneOf" in schema:
            return self.compositions.any_of(schema, place)
        return self._alone(schema, place)

    def _alone(self, schema: dict[str, Any], place: Place) -> Plain:
        if "enum" in schema:
            return self.enums.enum(schema, place)
        if "const" in schema:
            return self.enums.constant(schema["const"], place)
        types = self._types(schema, place)
        if len(types) > 1:
            return self._list_of_types(schema, types, place)
        return self._typed(schema, types[0] if types else "", place)

    def _reference(self, schema: dict[str, Any], place: Place) -> Plain:
        target = self._document.follow(schema, place.where)
        if not target:
            return ANYTHING
        steps = pointer_steps(schema["$ref"])
        name = steps[-1]
        where = f"schema {name}" if steps[:-1] == ["components", "schemas"] else place.where
        plain = self.plain(target, Place(where, "", name))
        return or_null(plain) if schema.get("nullable") is True else plain

    def _types(self, schema: dict[str, Any], place: Place) -> list[str]:
        types = ["null" if one is None else one for one in as_list(schema.get("type", []))]
        for one in types:
            if one not in TYPES:
                known = ", ".join(TYPES)
                self._document.problem(
                    place.where, f"type {one} does not exist: use one of {known}"
                )
                return []
        if types:
            return list(dict.fromkeys(types))
        if keywords(schema) & set(OBJECT):
            return ["object"]
        return ["array"] if "items" in schema or "prefixItems" in schema else []

    def _list_of_types(self, schema: dict[str, Any], types: list[str], place: Place) -> Plain:
        members = []
        for index, one in enumerate(types):
            alone = set(types) == {one, "null"}
            at = place if alone else replace(place, name=f"{place.name}_type_{index}")
            members.append(self._typed(self.keep({**schema, "type": one}), one, at))
        return union(members)

    def _typed(self, schema: dict[str, Any], kind: str, place: Place) -> Plain:
        if kind == "object":
            return self.new_class(schema, place)
        if kind == "array":
            return self._array(schema, place)
        if kind == "string":
            given = schema.get("format")
            if (
                schema.get("contentMediaType") == "application/octet-stream"
                and "contentEncoding" not in schema
            ):
                given = "binary"
            return {"type": "string", "format": given} if given in FORMATS else {"type": "string"}
        return {"type": kind} if kind else ANYTHING

    def _array(self, schema: dict[str, Any], place: Place) -> Plain:
        items = list(self._document.listing(schema, "prefixItems", place.where))
        rest = schema.get("items", not items)
        if isinstance(rest, list):
            items += rest
        elif rest is not False:
            items.append(rest)
        members = []
        for index, item in enumerate(items):
            name = f"{place.name}_item" if len(items) == 1 else f"{place.name}_item_type_{index}"
            members.append(self.plain(item, place.part("items", name)))
        return {"type": "array", "items": union(members) if members else ANYTHING}

    def _object(self, name: str, schema: dict[str, Any], place: Place) -> Plain:
        flat = self._inheritance.flat(schema, Place(place.where, name, name))
        python_names = names.identifiers(flat.properties, names.PROPERTIES | self.namespace.taken)
        properties: Plain = {}
        self.properties[name] = []
        for index, (wire, (written, at)) in enumerate(flat.properties.items()):
            properties[f"property_{index}"] = self.plain(written, at)
            description = text(written.get("description")) if isinstance(written, dict) else ""
            self.properties[name].append(Property(wire, python_names[wire], description))
        wires = list(flat.properties)
        required = [f"property_{wires.index(wire)}" for wire in wires if wire in flat.required]
        return {
            "properties": properties,
            "required": required,
            "additionalProperties": self._more(
                flat, Place(place.where, name, "AdditionalProperty")
            ),
        }

    def _more(self, flat: Flat, place: Place) -> Plain | bool:
        given = [(more, at) for more, at in flat.more if more is not False]
        if flat.more and not given:
            return False
        members = [
            self.plain(more, at.part("additionalProperties", place.name)) for more, at in given
        ]
        return union(members) if members else ANYTHING
