"""Schemas that are made of others, by `allOf`, `anyOf` and `oneOf`."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from discriminators import Discriminators
from document import Document
from inheritance import Inheritance
from plain import ANYTHING, SHAPE, Place, Plain, as_list, keywords, only, or_null, title, union
from shapes import shape

if TYPE_CHECKING:
    from schemas import Schemas


class Compositions:
    """Brings what is made of several schemas to one class, one value or a union."""

    def __init__(self, document: Document, schemas: "Schemas", inheritance: Inheritance) -> None:
        self.discriminators = Discriminators(document, schemas, inheritance)
        self._document = document
        self._schemas = schemas
        self._inheritance = inheritance

    def all_of(self, schema: dict[str, Any], place: Place) -> Plain:
        """Give an `allOf` in the plain form."""
        parts = list(self._parts(schema, place))
        nullable = any(
            part.get("nullable") is True for part, _ in parts if not shape(self._document, part)
        )
        shaped = [(part, at) for part, at in parts if shape(self._document, part)]
        telling = [(part, at) for part, at in shaped if keywords(part) != {"type"}]
        known = {shape(self._document, part) for part, _ in telling}
        if "union" not in known:
            telling += [
                (part, at) for part, at in shaped if shape(self._document, part) not in known
            ]
        if len(telling) == 1 and not self._adds_required(parts, telling[0][0]):
            plain = self._schemas.plain(*telling[0])
        elif not telling:
            plain = ANYTHING
        else:
            plain = self._joined(schema, telling, place)
        return or_null(plain) if nullable else plain

    def any_of(self, schema: dict[str, Any], place: Place) -> Plain:
        """Give an `anyOf` or `oneOf` in the plain form."""
        unions = []
        for keyword in ("anyOf", "oneOf"):
            members = self._document.listing(schema, keyword, place.where)
            if any(shape(self._document, member) for member in members):
                unions.append((keyword, members))
            else:
                for index, member in enumerate(members):
                    self._schemas.checked(member, place.part(f"{keyword}[{index}]"))
        own = {key: value for key, value in schema.items() if key not in ("anyOf", "oneOf")}
        if not unions:
            return self._schemas.plain(self._schemas.keep(own), place)
        if len(unions) > 1:
            self._document.problem(place.where, "anyOf and oneOf stand side by side: keep one")
        keyword, members = unions[0]
        joined = [self._with_own(own, member) for member in members]
        plain = list(self._members(keyword, joined, title(schema), place))
        self.discriminators.note(schema, members, plain, place)
        return union(plain)

    def _joined(
        self, schema: dict[str, Any], parts: list[tuple[Any, Place]], place: Place
    ) -> Plain:
        shapes = {shape(self._document, part) for part, _ in parts}
        if "union" in shapes:
            return self._distributed(parts, place)
        if shapes == {"object"}:
            return self._schemas.new_class(schema, place)
        if shapes == {"value"}:
            return self._merged([part for part, _ in parts], place)
        self._document.problem(
            place.where,
            "allOf joins an object with what is no object: nothing is both, so remove one",
        )
        return ANYTHING

    def _distributed(self, parts: list[tuple[Any, Place]], place: Place) -> Plain:
        """Bring `allOf: [A, {oneOf: [B, C]}]` to a union of `allOf: [A, B]` and `allOf: [A, C]`."""
        unions = [part for part, _ in parts if shape(self._document, part) == "union"]
        others = [part for part, _ in parts if shape(self._document, part) != "union"]
        if len(unions) > 1:
            self._document.problem(place.where, "more than one anyOf or oneOf applies: keep one")
            return ANYTHING
        choice = self._document.follow(unions[0], place.where)
        return self.any_of(
            {"allOf": others, **only(choice, "anyOf", "oneOf", "discriminator")}, place
        )

    def _members(
        self, keyword: str, members: list[Any], outer_title: str, place: Place
    ) -> Iterator[Plain]:
        alone = sum(shape(self._document, member) != "null" for member in members) == 1
        for index, member in enumerate(members):
            own_title = title(member)
            subscript = own_title if own_title and own_title != outer_title else f"type_{index}"
            name = place.name if alone else f"{place.name}_{subscript}"
            yield self._schemas.plain(member, place.part(f"{keyword}[{index}]", name))

    def _with_own(self, own: dict[str, Any], member: Any) -> Any:
        """Join what stands beside anyOf or oneOf to a member of it, if that adds anything."""
        added = keywords(own)
        of_member = shape(self._document, member)
        if not added or of_member == "null" or (added == {"type"} and of_member):
            return member
        if added <= {"type", "properties"} and of_member == "object":
            flat = self._inheritance.flat(member, Place("", "", ""))
            if own.get("properties", {}).keys() <= flat.properties.keys():
                return member
        return self._schemas.keep(
            {"allOf": [only(own, *SHAPE, "required"), member]} | only(member, "title")
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
        return self._schemas.plain(self._schemas.keep(merged), place)

    def _both(self, keyword: str, one: Any, other: Any, place: Place) -> Any:
        """Give what a keyword must be so that both values of it hold."""
        if keyword == "format":
            return other
        if keyword == "items":
            return self._schemas.keep({"allOf": [one, other]})
        if keyword == "type" and {str(one), str(other)} == {"integer", "number"}:
            return "integer"
        both = [item for item in as_list(other) if item in as_list(one)]
        if keyword in ("type", "enum") and both:
            return both
        asked = f"{keyword} {_shown(one)} and {_shown(other)}"
        self._document.problem(place.where, f"allOf asks for two things at once, {asked}: keep one")
        return one

    def _parts(self, schema: dict[str, Any], place: Place) -> Iterator[tuple[Any, Place]]:
        """Give what an allOf joins, nested ones too, and what stands beside it."""
        for index, part in enumerate(self._document.listing(schema, "allOf", place.where)):
            at = place.part(f"allOf[{index}]")
            if isinstance(part, dict) and "allOf" in part and "$ref" not in part:
                yield from self._parts(part, at)
            else:
                yield self._schemas.checked(part, at), at
        own = {key: value for key, value in schema.items() if key != "allOf"}
        if keywords(own) or "required" in own:
            yield self._schemas.keep(own), place

    def _adds_required(self, parts: list[tuple[Any, Place]], telling: Any) -> bool:
        if shape(self._document, telling) != "object":
            return False
        return any(part.get("required") for part, _ in parts if part is not telling)


def _shown(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
