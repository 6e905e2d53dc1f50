"""What tells the classes of a union apart, by `discriminator`."""

import json
from typing import TYPE_CHECKING, Any

from document import Document, pointer_steps
from inheritance import Inheritance
from plain import Place, Plain, union

if TYPE_CHECKING:
    from schemas import Schemas


class Discriminators:
    """The discriminators of the unions met so far.

    Attributes:
        by_classes: For a union of classes: the member of the JSON object that tells them apart,
            and the class for each of its values.
    """

    def __init__(self, document: Document, schemas: "Schemas", inheritance: Inheritance) -> None:
        self.by_classes: dict[frozenset[str], tuple[str, dict[str, str]]] = {}
        self._document = document
        self._schemas = schemas
        self._inheritance = inheritance

    def note(
        self, schema: dict[str, Any], members: list[Any], plain: list[Plain], place: Place
    ) -> None:
        """Note the discriminator of a union, if it has one that tells all classes apart."""
        discriminator = self._document.mapping(schema, "discriminator", place.where)
        if "propertyName" not in discriminator:
            return
        by_target: dict[int, str] = {}
        implied: dict[str, str] = {}
        for member, made in zip(members, plain, strict=True):
            if isinstance(member, dict) and len(self._schemas.class_names(made)) == 1:
                (name,) = self._schemas.class_names(made)
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
        classes = self._schemas.class_names(union(plain))
        if classes == set(values.values()):
            self.by_classes[frozenset(classes)] = (str(discriminator["propertyName"]), values)

    def _told_values(self, member: dict[str, Any], property_name: str) -> list[str]:
        """Give the values that mean a class: those that it allows itself, or else its name."""
        flat = self._inheritance.flat(member, Place("", "", ""))
        written, _ = flat.properties.get(property_name, ({}, None))
        schema = self._document.follow(written, "") if isinstance(written, dict) else {}
        values = (
            [schema["const"]] if "const" in schema else self._document.listing(schema, "enum", "")
        )
        if values:
            return [value if isinstance(value, str) else json.dumps(value) for value in values]
        return [pointer_steps(member["$ref"])[-1]] if "$ref" in member else []
