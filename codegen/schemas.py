"""Schemas of the document in the plain form: every class has a name, every use is a reference.

What can be said in many ways (`allOf`, `nullable`, lists of types, inherited properties, aliases)
is brought to one; what no class can hold is a problem of the document.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import names
from document import Document, kind_of, pointer_steps

Plain = dict[str, Any]  # a schema in the plain form

ANYTHING: Plain = {}
NULL: Plain = {"type": "null"}
TYPES = ("string", "number", "integer", "boolean", "array", "object", "null")
FORMATS = (
    "date",
    "date-time",
    "uuid",
    "binary",
    "password",
)  # that make a difference to the client
# Keywords that say what a value is; all others only say which of these values are allowed.
SHAPE = (
    "$ref",
    "type",
    "enum",
    "const",
    "properties",
    "additionalProperties",
    "patternProperties",
    "items",
    "prefixItems",
    "allOf",
    "anyOf",
    "oneOf",
)
OBJECT = ("properties", "additionalProperties", "patternProperties")
UNSUPPORTED = ("$dynamicRef", "$recursiveRef")


@dataclass(frozen=True)
class Place:
    """Where a schema stands.

    Attributes:
        where: The place in words.
        owner: The class or operation around it, or nothing.
        name: What the schema is called there.
    """

    where: str
    owner: str
    name: str

    def part(self, step: str, name: str | None = None) -> "Place":
        """Give a place within this one."""
        return replace(
            self, where=f"{self.where}, {step}", name=self.name if name is None else name
        )


@dataclass
class Property:
    """A property of a class: its name in JSON and in Python, and what the document says of it."""

    name: str
    python_name: str
    description: str


@dataclass
class _Flat:
    """An object with what it inherits: each property with its place, and what else may be there."""

    properties: dict[str, tuple[Any, Place]] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)
    more: list[tuple[Any, Place]] = field(default_factory=list)


class Schemas:
    """The schemas that the client needs, and the classes that they make.

    Attributes:
        classes: The schema of each class, an object or an enum. Its properties are called
            `property_0` and so on.
        properties: What these are, by class.
        members: Name and value of what an enum has, by class.
        discriminators: For a union of classes: the member of the JSON object that tells them
            apart, and the class for each of its values.
    """

    def __init__(self, document: Document) -> None:
        self.classes: dict[str, Plain] = {}
        self.properties: dict[str, list[Property]] = {}
        self.members: dict[str, dict[str, str | int]] = {}
        self.discriminators: dict[frozenset[str], tuple[str, dict[str, str]]] = {}
        self._document = document
        self._done: dict[int, Plain] = {}  # by the identity of the schema as it is written
        self._open: set[int] = set()
        self._kept: list[Any] = []  # what has an identity in `_done` must not make room for another
        self._modules: dict[str, str] = {}  # the class in each module
        self._waiting: list[tuple[str, dict[str, Any], Place]] = []
        self._reserved: set[str] = set()

    def add_components(self) -> None:
        """Make the classes of `components.schemas`."""
        components = self._document.mapping(self._document.root, "components", "components")
        schemas = self._document.mapping(components, "schemas", "components")
        for key, schema in schemas.items():
            self._reserved.add(names.module(names.class_name(_title(schema) or key)))
        for key, schema in schemas.items():
            self.plain(schema, Place(f"schema {key}", "", key))
        self.finish()

    def plain(self, schema: object, place: Place) -> Plain:
        """Give a schema in the plain form; `finish` must follow."""
        written = self._checked(schema, place)
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
        return {step["$ref"].rpartition("/")[2] for step in _union_members(plain) if "$ref" in step}

    def kinds(self, plain: Plain) -> set[str]:
        """Say what JSON a schema in the plain form takes: `object`, `array`, `string` and so on."""
        kinds: set[str] = set()
        for member in _union_members(plain):
            if "$ref" in member:
                (name,) = self.class_names(member)
                member = self.classes[name]  # noqa: PLW2901 - the same member, followed
            kinds.add(member.get("type", "constant" if "const" in member else "anything"))
        return kinds

    def _checked(self, schema: object, place: Place) -> dict[str, Any]:
        if isinstance(schema, dict):
            for key in UNSUPPORTED:
                if key in schema:
                    self._document.problem(place.where, f"{key} is not supported: use $ref")
            return schema
        if schema is False:
            self._document.problem(place.where, "the schema `false` allows no value: remove it")
        elif schema is not True:
            self._document.problem(place.where, f"is {kind_of(schema)}, but must be a schema")
        return {}

    def _plain(self, schema: dict[str, Any], place: Place) -> Plain:
        if "$ref" in schema:
            return self._reference(schema, place)
        if schema.get("nullable") is True:
            rest = {key: value for key, value in schema.items() if key != "nullable"}
            self._kept.append(rest)
            return _or_null(self._plain(rest, place))
        if "allOf" in schema:
            return self._all_of(schema, place)
        if "anyOf" in schema or "oneOf" in schema:
            return self._any_of(schema, place)
        return self._alone(schema, place)

    def _alone(self, schema: dict[str, Any], place: Place) -> Plain:
        if "enum" in schema:
            return self._enum(schema, place)
        if "const" in schema:
            return self._const(schema["const"], place)
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
        return _or_null(plain) if schema.get("nullable") is True else plain

    # What is made of several schemas

    def _all_of(self, schema: dict[str, Any], place: Place) -> Plain:
        parts = list(self._parts(schema, place))
        nullable = any(part.get("nullable") is True for part, _ in parts if not self._shape(part))
        shaped = [(part, at) for part, at in parts if self._shape(part)]
        telling = [(part, at) for part, at in shaped if _keywords(part) != {"type"}]
        known = {self._shape(part) for part, _ in telling}
        if "union" not in known:
            telling += [(part, at) for part, at in shaped if self._shape(part) not in known]
        if len(telling) == 1 and not self._adds_required(parts, telling[0][0]):
            plain = self.plain(*telling[0])
        elif not telling:
            plain = ANYTHING
        else:
            plain = self._joined(schema, telling, place)
        return _or_null(plain) if nullable else plain

    def _joined(
        self, schema: dict[str, Any], parts: list[tuple[Any, Place]], place: Place
    ) -> Plain:
        shapes = {self._shape(part) for part, _ in parts}
        if "union" in shapes:
            return self._distributed(parts, place)
        if shapes == {"object"}:
            return self._class(schema, place)
        if shapes == {"value"}:
            return self._merged([part for part, _ in parts], place)
        self._document.problem(
            place.where,
            "allOf joins an object with what is no object: nothing is both, so remove one",
        )
        return ANYTHING

    def _distributed(self, parts: list[tuple[Any, Place]], place: Place) -> Plain:
        """Bring `allOf: [A, {oneOf: [B, C]}]` to a union of `allOf: [A, B]` and `allOf: [A, C]`."""
        unions = [part for part, _ in parts if self._shape(part) == "union"]
        others = [part for part, _ in parts if self._shape(part) != "union"]
        if len(unions) > 1:
            self._document.problem(place.where, "more than one anyOf or oneOf applies: keep one")
            return ANYTHING
        union = self._document.follow(unions[0], place.where)
        return self._any_of(
            {"allOf": others, **_only(union, "anyOf", "oneOf", "discriminator")}, place
        )

    def _any_of(self, schema: dict[str, Any], place: Place) -> Plain:
        unions = []
        for keyword in ("anyOf", "oneOf"):
            members = self._document.listing(schema, keyword, place.where)
            if any(self._shape(member) for member in members):
                unions.append((keyword, members))
        own = {key: value for key, value in schema.items() if key not in ("anyOf", "oneOf")}
        if not unions:
            return self.plain(self._keep(own), place)
        if len(unions) > 1:
            self._document.problem(place.where, "anyOf and oneOf stand side by side: keep one")
        keyword, members = unions[0]
        joined = [self._with_own(own, member) for member in members]
        plain = list(self._members(keyword, joined, _title(schema), place))
        self._note_discriminator(schema, members, plain, place)
        return _union(plain)

    def _members(
        self, keyword: str, members: list[Any], title: str, place: Place
    ) -> Iterator[Plain]:
        alone = sum(self._shape(member) != "null" for member in members) == 1
        for index, member in enumerate(members):
            own_title = _title(member)
            subscript = own_title if own_title and own_title != title else f"type_{index}"
            name = place.name if alone else f"{place.name}_{subscript}"
            yield self.plain(member, place.part(f"{keyword}[{index}]", name))

    def _with_own(self, own: dict[str, Any], member: Any) -> Any:
        """Join what stands beside anyOf or oneOf to a member of it, if that adds anything."""
        keywords = _keywords(own)
        shape = self._shape(member)
        if not keywords or shape == "null" or (keywords == {"type"} and shape):
            return member
        if keywords <= {"type", "properties"} and shape == "object":
            flat = _Flat()
            self._flatten(member, Place("", "", ""), flat)
            if own.get("properties", {}).keys() <= flat.properties.keys():
                return member
        return self._keep(
            {"allOf": [_only(own, *SHAPE, "required"), member]} | _only(member, "title")
        )

    def _merged(self, parts: list[Any], place: Place) -> Plain:
        """Bring an allOf of values that are no objects to one schema."""
        merged: dict[str, Any] = {}
        for part in parts:
            for key, value in self._document.follow(part, place.where).items():
                if key not in merged or key not in (*SHAPE, "format"):
                    merged[key] = value
                elif merged[key] != value:
                    merged[key] = self._both(key, merged[key], value, place)
        return self.plain(self._keep(merged), place)

    def _both(self, keyword: str, one: Any, other: Any, place: Place) -> Any:
        """Give what a keyword must be so that both values of it hold."""
        if keyword == "format":
            return other
        if keyword == "items":
            return self._keep({"allOf": [one, other]})
        if keyword == "type" and {str(one), str(other)} == {"integer", "number"}:
            return "integer"
        both = [item for item in _as_list(other) if item in _as_list(one)]
        if keyword in ("type", "enum") and both:
            return both
        self._document.problem(
            place.where, f"allOf asks for two things at once, {keyword} {one} and {other}: keep one"
        )
        return one

    def _parts(self, schema: dict[str, Any], place: Place) -> Iterator[tuple[Any, Place]]:
        """Give what an allOf joins, nested ones too, and what stands beside it."""
        for index, part in enumerate(self._document.listing(schema, "allOf", place.where)):
            at = place.part(f"allOf[{index}]")
            if isinstance(part, dict) and "allOf" in part and "$ref" not in part:
                yield from self._parts(part, at)
            else:
                yield self._checked(part, at), at
        own = {key: value for key, value in schema.items() if key != "allOf"}
        if _keywords(own) or "required" in own:
            yield self._keep(own), place

    def _adds_required(self, parts: list[tuple[Any, Place]], telling: Any) -> bool:
        if self._shape(telling) != "object":
            return False
        return any(part.get("required") for part, _ in parts if part is not telling)

    def _shape(self, schema: Any, seen: tuple[int, ...] = ()) -> str:
        """Say what a schema describes: `object`, `value`, `null` or `union`.

        Nothing if it only says which of the values are allowed that another schema describes.
        """
        if not isinstance(schema, dict) or id(schema) in seen:
            return ""
        seen = (*seen, id(schema))
        if "$ref" in schema:
            return self._shape(self._document.follow(schema, "$ref"), seen)
        if "allOf" in schema:
            return self._joint_shape(schema, seen)
        for keyword in ("anyOf", "oneOf"):
            if any(self._shape(member, seen) for member in _as_list(schema.get(keyword, []))):
                return "union"
        return _own_shape(schema)

    def _joint_shape(self, schema: dict[str, Any], seen: tuple[int, ...]) -> str:
        own = {key: value for key, value in schema.items() if key != "allOf"}
        shapes = {self._shape(part, seen) for part in [*_as_list(schema["allOf"]), own]} - {""}
        return "union" if "union" in shapes else min(shapes, default="")

    def _note_discriminator(
        self, schema: dict[str, Any], members: list[Any], plain: list[Plain], place: Place
    ) -> None:
        discriminator = self._document.mapping(schema, "discriminator", place.where)
        if "propertyName" not in discriminator:
            return
        by_target: dict[int, str] = {}
        implied: dict[str, str] = {}
        for member, made in zip(members, plain, strict=True):
            if isinstance(member, dict) and len(self.class_names(made)) == 1:
                (name,) = self.class_names(made)
                by_target[id(self._document.follow(member, place.where))] = name
                for value in self._told_values(member, str(discriminator["propertyName"])):
                    implied[value] = name
        values: dict[str, str] = {}
        for value, target in self._document.mapping(discriminator, "mapping", place.where).items():
            reference = target if "/" in str(target) else f"#/components/schemas/{target}"
            schema = self._document.follow({"$ref": reference}, f"{place.where}, discriminator")
            if id(schema) in by_target:
                values[value] = by_target[id(schema)]
        for value, name in implied.items():
            if name not in values.values():
                values[value] = name
        classes = self.class_names(_union(plain))
        if classes == set(values.values()):
            self.discriminators[frozenset(classes)] = (str(discriminator["propertyName"]), values)

    def _told_values(self, member: dict[str, Any], property_name: str) -> list[str]:
        """Give the values that mean a class: those that it allows itself, or else its name."""
        flat = _Flat()
        self._flatten(member, Place("", "", ""), flat)
        written, _ = flat.properties.get(property_name, ({}, None))
        schema = self._document.follow(written, "") if isinstance(written, dict) else {}
        values = (
            [schema["const"]] if "const" in schema else self._document.listing(schema, "enum", "")
        )
        if values:
            return [value if isinstance(value, str) else json.dumps(value) for value in values]
        return [pointer_steps(member["$ref"])[-1]] if "$ref" in member else []

    # What stands alone

    def _types(self, schema: dict[str, Any], place: Place) -> list[str]:
        types = ["null" if one is None else one for one in _as_list(schema.get("type", []))]
        for one in types:
            if one not in TYPES:
                known = ", ".join(TYPES)
                self._document.problem(
                    place.where, f"type {one} does not exist: use one of {known}"
                )
                return []
        if types:
            return list(dict.fromkeys(types))
        if _keywords(schema) & set(OBJECT):
            return ["object"]
        return ["array"] if "items" in schema or "prefixItems" in schema else []

    def _list_of_types(self, schema: dict[str, Any], types: list[str], place: Place) -> Plain:
        members = []
        for index, one in enumerate(types):
            alone = set(types) == {one, "null"}
            at = place if alone else replace(place, name=f"{place.name}_type_{index}")
            members.append(self._typed(self._keep({**schema, "type": one}), one, at))
        return _union(members)

    def _typed(self, schema: dict[str, Any], kind: str, place: Place) -> Plain:
        if kind == "object":
            return self._class(schema, place)
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
        return {"type": "array", "items": _union(members) if members else ANYTHING}

    def _const(self, value: object, place: Place) -> Plain:
        if value is None:
            return NULL
        if isinstance(value, str | bool | int):
            return {"const": value}
        if isinstance(value, float):
            return {"type": "number"}  # no literal type of Python holds it
        self._document.problem(
            place.where, f"const is {kind_of(value)}: use a text, a number, true or false"
        )
        return ANYTHING

    def _enum(self, schema: dict[str, Any], place: Place) -> Plain:
        values = self._document.listing(schema, "enum", place.where)
        by_kind: dict[str, list[Any]] = {}
        for value in values:
            same_kind = by_kind.setdefault(kind_of(value), [])
            if value not in same_kind:
                same_kind.append(value)
        if not by_kind.keys() <= _ENUM_KINDS.keys():  # no enum of Python holds objects or lists
            rest = {key: value for key, value in schema.items() if key != "enum"}
            return self.plain(self._keep(rest), place)
        for kind in by_kind:
            if not self._type_allows(schema, kind):
                value = json.dumps(by_kind[kind][0])
                wanted = " or ".join(map(str, _as_list(schema["type"])))
                self._document.problem(
                    place.where,
                    f"the enum value {value} is {kind}, but the type is {wanted}: change one",
                )
                return ANYTHING
        choices = [kind for kind in by_kind if kind != "empty"]
        members = []
        for index, kind in enumerate(choices):
            at = place if len(choices) == 1 else replace(place, name=f"{place.name}_type_{index}")
            members.append(self._enum_of(schema, kind, by_kind[kind], at))
        if "empty" in by_kind:
            members.append(NULL)
        return _union(members) if members else ANYTHING

    def _type_allows(self, schema: dict[str, Any], kind: str) -> bool:
        types = _as_list(schema.get("type", []))
        return not types or kind == "empty" or any(one in _ENUM_KINDS[kind] for one in types)

    def _enum_of(self, schema: dict[str, Any], kind: str, values: list[Any], place: Place) -> Plain:
        if kind == "true or false":
            return {"type": "boolean"}
        if any(isinstance(value, float) for value in values):
            return {"type": "number"}
        wanted = [str(name) for name in _as_list(schema.get("x-enum-varnames", []))]
        members = names.members(values, wanted if len(wanted) == len(values) else [])
        wanted_name = self._wanted_name(schema, place)
        name = self._new_name(wanted_name, place)
        if self.members.get(wanted_name) == members:
            name = wanted_name  # the same enum once more
        self.members[name] = members
        self.classes[name] = {
            "type": "string" if kind == "a text" else "integer",
            "enum": values,
            "x-enum-varnames": [f"MEMBER_{index}" for index in range(len(values))],
            "description": _text(schema.get("description")),
        }
        self._modules[names.module(name)] = name
        return {"$ref": f"#/components/schemas/{name}"}

    # Objects

    def _class(self, schema: dict[str, Any], place: Place) -> Plain:
        name = self._new_name(self._wanted_name(schema, place), place)
        self._modules[names.module(name)] = name
        self.classes[name] = {"type": "object", "description": _text(schema.get("description"))}
        self._waiting.append((name, schema, place))
        return {"$ref": f"#/components/schemas/{name}"}

    def _wanted_name(self, schema: dict[str, Any], place: Place) -> str:
        title = _title(schema) or place.name
        if not place.owner:
            return names.class_name(title)
        return names.class_name(place.owner, title)

    def _new_name(self, wanted: str, place: Place) -> str:
        taken = set(self._modules)
        if place.owner:
            return names.numbered(wanted, taken | self._reserved)
        if names.module(wanted) in taken:
            wanted = names.class_name(place.name)
        return names.numbered(wanted, taken)

    def _object(self, name: str, schema: dict[str, Any], place: Place) -> Plain:
        flat = _Flat()
        self._flatten(schema, Place(place.where, name, name), flat)
        python_names = names.identifiers(
            flat.properties, names.PROPERTIES | set(self._modules.values())
        )
        properties: Plain = {}
        self.properties[name] = []
        for index, (wire, (written, at)) in enumerate(flat.properties.items()):
            properties[f"property_{index}"] = self.plain(written, at)
            description = _text(written.get("description")) if isinstance(written, dict) else ""
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

    def _more(self, flat: _Flat, place: Place) -> Plain | bool:
        given = [(more, at) for more, at in flat.more if more is not False]
        if flat.more and not given:
            return False
        members = [
            self.plain(more, at.part("additionalProperties", place.name)) for more, at in given
        ]
        return _union(members) if members else ANYTHING

    def _flatten(self, schema: Any, place: Place, flat: _Flat, seen: tuple[int, ...] = ()) -> None:
        """Collect the properties of an object and of what its allOf joins."""
        if isinstance(schema, dict) and "$ref" in schema:
            target = self._document.follow(schema, place.where)
            classes = self.class_names(self.plain(schema, place)) or {place.owner}
            if id(target) in seen:
                self._document.problem(
                    place.where, f"allOf leads back to itself by {schema['$ref']}: remove that part"
                )
                return
            where = f"schema {pointer_steps(schema['$ref'])[-1]}"
            place = Place(where, min(classes), place.name)
            schema = target
        schema = self._checked(schema, place)
        seen = (*seen, id(schema))
        for index, part in enumerate(self._document.listing(schema, "allOf", place.where)):
            self._flatten(part, place.part(f"allOf[{index}]"), flat, seen)
        for wire, written in _properties(self._document, schema, place).items():
            at = place.part(f"property {wire}", wire)
            if wire in flat.properties:
                written = self._again(flat.properties[wire][0], written)  # noqa: PLW2901 - with what is inherited
            if written is not flat.properties.get(wire, (None, None))[0]:
                flat.properties[wire] = (written, at)
        flat.required |= set(self._required(schema, place))
        for keyword in ("additionalProperties", "patternProperties"):
            flat.more += self._more_of(schema, keyword, place)

    def _again(self, inherited: Any, written: Any) -> Any:
        """Give what a property is that has a schema by inheritance and another of its own."""
        if not self._shape(written) or inherited == written:
            return inherited
        if not self._shape(inherited):
            return written
        return self._keep({"allOf": [inherited, written]} | _only(written, "description"))

    def _required(self, schema: dict[str, Any], place: Place) -> list[str]:
        required = schema.get("required", [])
        if isinstance(required, bool):
            self._document.problem(
                place.where,
                "required is true or false: name the property in the `required` list of its object",
            )
            return []
        return [str(name) for name in self._document.listing(schema, "required", place.where)]

    def _more_of(
        self, schema: dict[str, Any], keyword: str, place: Place
    ) -> list[tuple[Any, Place]]:
        value = schema.get(keyword)
        if value is None or "additionalProperties" not in schema:
            return []
        if keyword == "additionalProperties":
            return [(value, place)]
        return [
            (pattern, place)
            for pattern in self._document.mapping(schema, keyword, place.where).values()
        ]

    def _keep(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Keep a schema that is not in the document alive, so that its identity stays its own."""
        self._kept.append(schema)
        return schema


# What an enum can hold, and the types that allow it.
_ENUM_KINDS: dict[str, tuple[str, ...]] = {
    "a text": ("string",),
    "a number": ("integer", "number"),
    "true or false": ("boolean",),
    "empty": ("null",),
}


def _own_shape(schema: dict[str, Any]) -> str:
    if "enum" in schema or "const" in schema:
        return "value"
    types = _as_list(schema.get("type", []))
    if types == ["null"]:
        return "null"
    if "object" in types or (not types and _keywords(schema) & set(OBJECT)):
        return "object"
    return "value" if _keywords(schema) - {"anyOf", "oneOf"} else ""


def _or_null(plain: Plain) -> Plain:
    return _union([plain, NULL])


def _union(members: list[Plain]) -> Plain:
    """Join schemas in the plain form to one, without doubles and nested unions."""
    flat: list[Plain] = []
    for member in members:
        for inner in _union_members(member):
            if inner not in flat:
                flat.append(inner)
    if ANYTHING in flat:
        return ANYTHING
    if len(flat) == 1:
        return flat[0]
    union: Plain = {"anyOf": flat}
    if any(member.get("format") == "password" for member in flat):
        union["format"] = "password"
    return union


def _union_members(plain: Plain) -> list[Plain]:
    members: list[Plain] = plain.get("anyOf", [plain])
    return members


def _keywords(schema: dict[str, Any]) -> set[str]:
    return schema.keys() & set(SHAPE)


def _only(schema: object, *keys: str) -> dict[str, Any]:
    if not isinstance(schema, dict):
        return {}
    return {key: schema[key] for key in keys if key in schema}


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _title(schema: object) -> str:
    title = schema.get("title") if isinstance(schema, dict) and "$ref" not in schema else None
    return title if isinstance(title, str) and names.identifier(title) != names.PREFIX else ""


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _properties(document: Document, schema: dict[str, Any], place: Place) -> dict[str, Any]:
    """Give the properties of an object; one that starts with `x-` is a property too."""
    properties = schema.get("properties")
    if isinstance(properties, dict):
        return properties
    return document.mapping(schema, "properties", place.where)
