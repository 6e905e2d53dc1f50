"""What an object has by itself, and by the `allOf` of what it inherits from."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from document import Document, pointer_steps
from plain import Place, only
from shapes import shape

if TYPE_CHECKING:
    from schemas import Schemas


@dataclass
class Flat:
    """An object with what it inherits: each property with its place, and what else may be there."""

    properties: dict[str, tuple[Any, Place]] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)
    more: list[tuple[Any, Place]] = field(default_factory=list)


class Inheritance:
    """Brings an object and what it inherits to one list of properties."""

    def __init__(self, document: Document, schemas: "Schemas") -> None:
        self._document = document
        self._schemas = schemas

    def flat(self, schema: Any, place: Place) -> Flat:
        """Collect the properties of an object and of what its allOf joins."""
        flat = Flat()
        self._flatten(schema, place, flat, ())
        return flat

    def _flatten(self, schema: Any, place: Place, flat: Flat, seen: tuple[int, ...]) -> None:
        if isinstance(schema, dict) and "$ref" in schema:
            target = self._document.follow(schema, place.where)
            classes = self._schemas.class_names(self._schemas.plain(schema, place)) or {place.owner}
            if id(target) in seen:
                self._document.problem(
                    place.where, f"allOf leads back to itself by {schema['$ref']}: remove that part"
                )
                return
            where = f"schema {pointer_steps(schema['$ref'])[-1]}"
            place = Place(where, min(classes), place.name)
            schema = target
        schema = self._schemas.checked(schema, place)
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
        if not shape(self._document, written) or inherited == written:
            return inherited
        if not shape(self._document, inherited):
            return written
        return self._schemas.keep({"allOf": [inherited, written]} | only(written, "description"))

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


def _properties(document: Document, schema: dict[str, Any], place: Place) -> dict[str, Any]:
    """Give the properties of an object; one that starts with `x-` is a property too."""
    properties = schema.get("properties")
    if isinstance(properties, dict):
        return properties
    return document.mapping(schema, "properties", place.where)
