"""What callers notice of an OpenAPI document: the same facts for the same promise, however 3.0 or 3.1 writes it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from vogent_contract.openapi.document import ContractError, Document, join

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_JSON_TYPES = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    list: "array",
    dict: "object",
}
# fmt: off
_BINDING = (  # the keywords that bind a value as they stand
    "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "multipleOf", "maxLength", "minLength", "pattern",
    "format", "maxItems", "minItems", "uniqueItems", "maxProperties", "minProperties", "contains", "minContains",
    "maxContains", "contentEncoding", "contentMediaType", "default", "not", "additionalProperties",
    "patternProperties", "propertyNames", "prefixItems", "dependentRequired", "dependentSchemas",
    "unevaluatedItems", "unevaluatedProperties",
)
# fmt: on
_SAYS_NOTHING = (
    {"additionalProperties": True},
    {"uniqueItems": False},
    {"minLength": 0},
    {"minItems": 0},
)
_ANNOTATIONS = {
    "description",
    "title",
    "example",
    "examples",
    "deprecated",
    "externalDocs",
    "$comment",
    "xml",
}


class Fact(NamedTuple):
    """A value that callers can rely on, and the JSON pointer of where the document says so."""

    value: Any
    pointer: str


class Operation(NamedTuple):
    """An operation as its callers see it.

    Attributes:
        title: Method and path.
        pointer: JSON pointer of the operation.
        facts: By place, such as `("response 200", "body", "agentId")`, and by what is said of it: `property`
            (`required` or `optional`), `type`, `nullable`, `enum`, a JSON Schema keyword, ... What is not there
            is not promised. `variants` holds what only some of several alternatives ask for.
    """

    title: str
    pointer: str
    facts: dict[tuple[tuple[str, ...], str], Fact]


_Facts = dict[tuple[tuple[str, ...], str], Fact]


def surface(document: Document) -> dict[str, Operation]:
    """The operations of a document by method and path; the names of path parameters do not count.

    Raises:
        ContractError: The document is not built as OpenAPI says.
    """
    reader, found, where = _Reader(document), {}, "#/paths"
    try:
        for path in document.raw["paths"]:
            where = document.follow(join("#/paths", path))
            for method in [method for method in _METHODS if method in document.at(where)]:
                title, pointer = f"{method.upper()} {path}", join(where, method)
                facts = reader.operation(pointer, where, re.findall("{([^}]*)}", path))
                "".join(part for at, _ in facts for part in at)  # names are text
                found[re.sub("{[^}]*}", "{}", title)] = Operation(title, pointer, facts)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise ContractError(f"{where} is not built as OpenAPI 3 says: {error!r}") from error
    return found


class _Reader:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.says_nullable = str(document.raw["openapi"]).startswith("3.0")

    def children(self, pointer: str, name: str) -> list[tuple[str, str, dict[str, Any]]]:
        """Key, pointer and value, references followed, of each part of an object or a list that may be absent."""
        value = self.document.at(pointer).get(name) or {}
        keys = (
            list(value) if isinstance(value, dict) else [str(index) for index in range(len(value))]
        )
        pointers = [(key, self.document.follow(join(pointer, name, key))) for key in keys]
        return [(key, where, self.document.at(where)) for key, where in pointers]

    def operation(self, pointer: str, path_item: str, places: Sequence[str]) -> _Facts:
        raw, top = self.document.at(pointer), self.document.raw
        servers = (
            raw.get("servers")
            or self.document.at(path_item).get("servers")
            or top.get("servers")
            or [{}]
        )
        whole = {
            "server": servers[0].get("url"),
            "operationId": raw.get("operationId"),
            "deprecated": raw.get("deprecated") or None,
            "security": self.security(raw.get("security", top.get("security"))),
        }
        facts: _Facts = {
            ((), what): Fact(value, pointer) for what, value in whole.items() if value is not None
        }
        parameters = [
            *self.children(path_item, "parameters"),
            *self.children(pointer, "parameters"),
        ]
        for where, raw in {
            (raw["in"], raw["name"]): (where, raw) for _, where, raw in parameters
        }.values():
            # On the wire a path parameter has a place and no name.
            name = f"{{{places.index(raw['name']) + 1}}}" if raw["name"] in places else raw["name"]
            facts |= self.part(where, ("request", raw["in"], name), bool(raw.get("required")))
        if "requestBody" in self.document.at(pointer):
            facts |= self.body(self.document.follow(join(pointer, "requestBody")), "request")
        for status, where, _ in self.children(pointer, "responses"):
            facts[(f"response {status}",), "status"] = Fact(status, where)
            facts |= self.body(where, f"response {status}")
            for name, header, raw in self.children(where, "headers"):
                facts |= self.part(
                    header,
                    (f"response {status}", "headers", name.lower()),
                    bool(raw.get("required")),
                )
        return facts

    def security(self, alternatives: Any) -> list[str]:
        schemes = self.document.raw.get("components", {}).get("securitySchemes", {})

        def says(name: str) -> str:
            scheme = schemes.get(name, {"type": name})
            return " ".join(
                str(scheme[key]) for key in ("type", "scheme", "in", "name") if key in scheme
            )

        return sorted(
            {" + ".join(sorted(map(says, each))) or "none" for each in alternatives or [{}]}
        )

    def body(self, pointer: str, side: str) -> _Facts:
        facts: _Facts = {}
        for name, where, _ in self.children(pointer, "content"):
            required = not facts and bool(
                self.document.at(pointer).get("required")
            )  # a second type is a choice
            facts |= self.part(
                where, (side, "body" if name == "application/json" else f"body {name}"), required
            )
        return facts

    def part(self, pointer: str, at: tuple[str, ...], required: bool) -> _Facts:
        """The facts of a parameter, a header or a media type."""
        facts: _Facts = {(at, "property"): Fact("required" if required else "optional", pointer)}
        for _, where, _ in (
            self.children(pointer, "content") if "schema" not in self.document.at(pointer) else []
        ):
            pointer = where
        return facts | (
            self.schema(join(pointer, "schema"), at)
            if "schema" in self.document.at(pointer)
            else {}
        )

    def schema(self, pointer: str, at: tuple[str, ...], seen: tuple[str, ...] = ()) -> _Facts:
        """The facts of a schema and all that is in it; one that contains itself is told once."""
        raw = self.document.at(pointer)
        if pointer in seen or isinstance(raw, bool):
            return {} if raw else {(at, "not"): Fact({}, pointer)}
        seen = (*seen, pointer)
        facts = self.own(pointer, raw, at, seen)
        if "$ref" in raw:
            self.document.follow(pointer)  # says so if it leads nowhere
            facts = _both(facts, self.schema(raw["$ref"], at, seen))
        for index in range(len(raw.get("allOf", []))):
            facts = _both(facts, self.schema(join(pointer, "allOf", index), at, seen))
        for name in [name for name in ("oneOf", "anyOf") if name in raw]:
            choices = [
                self.schema(join(pointer, name, index), at, seen) for index in range(len(raw[name]))
            ]
            facts = _both(facts, _either(choices, at, pointer))
        if self.says_nullable and raw.get("nullable"):
            facts[at, "nullable"] = Fact(value=True, pointer=pointer)
        return facts

    def own(
        self, pointer: str, raw: dict[str, Any], at: tuple[str, ...], seen: tuple[str, ...]
    ) -> _Facts:
        """The facts of a schema without the schemas that it is put together from."""
        said = {
            key: self.plain(raw[key], seen)
            for key in _BINDING
            if key in raw and {key: raw[key]} not in _SAYS_NOTHING
        }
        for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
            if isinstance(flag := said.get(exclusive), bool):  # as 3.0 writes it
                said.pop(exclusive)
                said |= {exclusive: said.pop(bound)} if flag and bound in said else {}
        if "if" in raw:  # a condition and what follows are one rule
            said["if"] = self.plain(
                {key: raw[key] for key in ("if", "then", "else") if key in raw}, seen
            )
        types = {raw["type"]} if isinstance(raw.get("type"), str) else set(raw.get("type", []))
        values = [raw["const"]] if "const" in raw else raw.get("enum")
        if values is not None:
            types = types or {_JSON_TYPES.get(type(value), "null") for value in values}
            said["enum"] = [value for value in values if value is not None]
        types = types or {
            name for name, key in (("object", "properties"), ("array", "items")) if key in raw
        }
        if types:
            said["type"] = sorted(types - {"null"} | ({"integer"} if "number" in types else set()))
            said |= (
                {"nullable": True} if "null" in types and (values is None or None in values) else {}
            )
        facts = {
            (at, what): Fact(value, join(pointer, what) if what in raw else pointer)
            for what, value in said.items()
        }
        for name in dict.fromkeys([*raw.get("properties", {}), *raw.get("required", [])]):
            where = join(pointer, "properties", name)
            there = self.document.follow(where) if name in raw.get("properties", {}) else pointer
            kind = "required" if name in raw.get("required", []) else "optional"
            facts[(*at, name), "property"] = Fact(kind, there)
            facts |= self.schema(where, (*at, name), seen) if there != pointer else {}
        return facts | (
            self.schema(join(pointer, "items"), (*at, "[]"), seen) if "items" in raw else {}
        )

    def plain(self, value: Any, seen: tuple[str, ...]) -> Any:
        """A value as it stands: references replaced, annotations left out."""
        if isinstance(value, list):
            return [self.plain(item, seen) for item in value]
        if not isinstance(value, dict):
            return value
        if isinstance(ref := value.get("$ref"), str):
            return ref if ref in seen else self.plain(self.document.at(ref), (*seen, ref))
        kept = {
            key: part
            for key, part in value.items()
            if key not in _ANNOTATIONS and not key.startswith("x-")
        }
        return {
            key: self.plain(part, seen)
            for key, part in kept.items()
            if {key: part} not in _SAYS_NOTHING
        }


def _both(one: _Facts, other: _Facts) -> _Facts:
    """The facts of what keeps both."""
    facts = one | other
    for place, what in one.keys() & other.keys():
        first, (second, pointer) = one[place, what].value, other[place, what]
        if what in ("type", "enum"):
            facts[place, what] = Fact([value for value in first if value in second], pointer)
        elif what == "property" and first == "required":
            facts[place, what] = Fact(first, pointer)
        if what == "type" and not ((place, "nullable") in one and (place, "nullable") in other):
            facts.pop((place, "nullable"), None)
    return facts


def _either(choices: Sequence[_Facts], at: tuple[str, ...], pointer: str) -> _Facts:
    """The facts of what keeps one of several; what only some of them ask for goes under `variants`."""
    nullable = any((at, "nullable") in choice for choice in choices)
    choices = [
        choice for choice in choices if (at, "type") not in choice or choice[at, "type"].value
    ]
    variants: dict[str, dict[str, Any]] = {
        _label(choice, at, index): {} for index, choice in enumerate(choices)
    }
    facts: _Facts = {}
    for place, what in dict.fromkeys(key for choice in choices for key in choice):
        # Whoever does not name the object around a property says nothing of it.
        around = place[:-1] if what == "property" else place
        saying = [
            choice
            for choice in choices
            if around == at or any(there == around for there, _ in choice)
        ]
        if fact := _widest(what, [choice.get((place, what)) for choice in saying]):
            facts[place, what] = fact
        for own, choice in zip(variants.values(), choices, strict=False):
            lost = choice.get((place, what)) if what not in ("type", "enum", "nullable") else None
            if lost and lost.value != facts.get((place, what), Fact(None, "")).value:
                own[".".join([*place[len(at) :], *([] if what == "property" else [what])])] = (
                    lost.value
                )
    if any(variants.values()):
        facts[at, "variants"] = Fact(variants, pointer)
    return facts | ({(at, "nullable"): Fact(value=True, pointer=pointer)} if nullable else {})


def _widest(what: str, said: Sequence[Fact | None]) -> Fact | None:
    """What holds whichever of several choices is taken."""
    facts = [fact for fact in said if fact]
    if what == "property":
        required = len(facts) == len(said) and all(fact.value == "required" for fact in facts)
        return Fact("required" if required else "optional", facts[0].pointer)
    if what == "nullable":
        return facts[0]
    if len(facts) < len(said):
        return None
    if what in ("type", "enum"):
        union = [value for fact in facts for value in fact.value]
        return Fact(
            [value for index, value in enumerate(union) if value not in union[:index]],
            facts[0].pointer,
        )
    return facts[0] if all(fact.value == facts[0].value for fact in facts) else None


def _label(choice: _Facts, at: tuple[str, ...], index: int) -> str:
    """What tells an alternative from the others: a property of one value, or else its number."""
    for (place, what), fact in choice.items():
        if what == "enum" and place[:-1] == at and place != at and len(fact.value) == 1:
            return f"{place[-1]}={fact.value[0]}"
    return f"alternative {index + 1}"
