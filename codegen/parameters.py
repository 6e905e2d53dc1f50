"""The parameters of an operation: their names in Python, and how they are sent."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import names
from document import Document
from media import BYTES, JSON_TYPE, TEXT, bare_type, media_schema
from names import literal
from plain import Place, Plain
from schemas import Schemas

if TYPE_CHECKING:
    from operations import Operation

Key = tuple[str, str]  # name and location, which no two parameters share
PARAMETER_FIELDS = ("name", "in", "required", "style", "explode", "schema", "content")
LOCATIONS = ("path", "query", "header", "cookie")
USUAL_STYLES = {"path": "simple", "query": "form", "header": "simple", "cookie": "form"}
SEPARATORS = {"form": ",", "spaceDelimited": " ", "pipeDelimited": "|"}
HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
STYLES = {
    "path": ("simple",),
    "query": ("form", "spaceDelimited", "pipeDelimited"),
    "header": ("simple",),
    "cookie": ("form",),
}


@dataclass
class Parameter:
    """A parameter of an operation.

    Attributes:
        name: Its name in the request.
        python_name: Its name in Python.
        location: `path`, `query`, `header` or `cookie`.
        required: Whether it must be given.
        schema: What it takes, in the plain form.
        description: What the document says of it.
        sent: The Python expression for what is sent, of what is given.
    """

    name: str
    python_name: str
    location: str
    required: bool
    schema: Plain
    description: str
    sent: str


class Parameters:
    """Reads the parameters of operations; what cannot be sent is a problem of the document."""

    def __init__(self, document: Document, schemas: Schemas) -> None:
        self._document = document
        self._schemas = schemas

    def read(self, operation: "Operation") -> list[Parameter]:
        """Give the parameters of an operation, those in its path first and in its order."""
        found = self._found(operation)
        python_names = _argument_names(list(found))
        parameters = []
        for key, (written, where) in found.items():
            parameters.append(self._parameter(operation, written, where, python_names[key]))
        order = re.findall("{([^{}]*)}", operation.path)
        in_path = [one for one in parameters if one.location == "path" and one.name in order]
        in_path.sort(key=lambda one: order.index(one.name))
        self._check_path(operation, parameters)
        return in_path + [one for one in parameters if one not in in_path]

    def _found(self, operation: "Operation") -> dict[Key, tuple[dict[str, Any], str]]:
        """Give what can be sent, and its place in words; the operation's own replace the path's."""
        own = self._document.listing(operation.written, "parameters", operation.label)
        found: dict[Key, tuple[dict[str, Any], str]] = {}
        for group in (operation.shared, own):
            here: set[Key] = set()
            for written in group:
                parameter = self._document.follow(written, f"{operation.label}, parameters")
                if not parameter and isinstance(written, dict) and "$ref" in written:
                    continue  # it leads nowhere, which is said
                key = (str(parameter.get("name")), str(parameter.get("in")))
                where = _place(operation, parameter)
                problem = _parameter_problem(parameter)
                if key in here:
                    problem = problem or "is there twice: remove one"
                here.add(key)
                if problem:
                    self._document.problem(where, problem)
                else:
                    found[key] = (parameter, where)
        return found

    def _parameter(
        self, operation: "Operation", written: dict[str, Any], where: str, python_name: str
    ) -> Parameter:
        self._document.check_fields(written, PARAMETER_FIELDS, where, "a parameter")
        location, name = written["in"], written["name"]
        place = Place(where, operation.name, name)
        if "content" in written:
            schema, sent = self._content_parameter(written, place, python_name)
        elif "schema" in written:
            schema = _without_files(self._schemas.plain(written["schema"], place))
            self._schemas.finish()
            sent = self._sent(written, schema, place, python_name)
        else:
            self._document.problem(where, "has no schema: describe what it takes by one")
            schema, sent = {}, python_name
        description = written.get("description")
        return Parameter(
            name=name,
            python_name=python_name,
            location=location,
            required=location == "path" or written.get("required") is True,
            schema=schema,
            description=description if isinstance(description, str) else "",
            sent=sent,
        )

    def _content_parameter(
        self, written: dict[str, Any], place: Place, python_name: str
    ) -> tuple[Plain, str]:
        content = self._document.mapping(written, "content", place.where)
        for media_type, media in content.items():
            if len(content) == 1 and JSON_TYPE.fullmatch(bare_type(media_type)):
                schema = media_schema(self._document, self._schemas, media, place)
                return schema, f"json_text({python_name})"
        self._document.problem(
            place.where, "content must be one media type, and JSON: use a schema instead"
        )
        return {}, python_name

    def _sent(self, written: dict[str, Any], schema: Plain, place: Place, python_name: str) -> str:
        """Give the expression for what is sent, by style and explode."""
        location = written["in"]
        style = written.get("style", USUAL_STYLES[location])
        explode = written.get("explode", style == "form")
        kinds = self._schemas.kinds(schema)
        if style == "deepObject" and location == "query" and "array" not in kinds:
            return f"deep_object({literal(written['name'])}, {python_name})"
        if style not in STYLES[location]:
            self._document.problem(
                place.where, f"style {style} is not supported: use {USUAL_STYLES[location]}"
            )
        if not kinds & {"array", "object"}:
            return python_name
        if "object" in kinds and (location != "query" or style != "form"):
            self._document.problem(
                place.where, "is an object, which can be sent in: query only, or as JSON by content"
            )
        if location == "cookie" and explode:
            self._document.problem(place.where, "is a list in a cookie, which needs explode: false")
        self._check_items(schema, place)
        if location == "query" and not explode:
            return f"delimited({python_name}, {literal(SEPARATORS[style])})"
        return python_name

    def _check_items(self, schema: Plain, place: Place) -> None:
        for member in schema.get("anyOf", [schema]):
            if member.get("type") == "array" and self._schemas.kinds(member["items"]) & {
                "array",
                "object",
            }:
                self._document.problem(
                    place.where,
                    "is a list of lists or objects, which can be sent as JSON by content only",
                )

    def _check_path(self, operation: "Operation", parameters: list[Parameter]) -> None:
        in_path = re.findall("{([^{}]*)}", operation.path)
        described = [one.name for one in parameters if one.location == "path"]
        for name in dict.fromkeys(in_path):
            if name not in described:
                self._document.problem(
                    operation.label, f"{{{name}}} in the path has no parameter in: path: add one"
                )
            if in_path.count(name) > 1:
                self._document.problem(
                    operation.label, f"{{{name}}} is in the path twice: rename one"
                )
        for name in described:
            if name not in in_path:
                self._document.problem(
                    operation.label,
                    f"parameter {name} in: path is not in the path as {{{name}}}: add it there",
                )


def _place(operation: "Operation", written: dict[str, Any]) -> str:
    place = f"{operation.label}, parameter {written.get('name', 'without name')}"
    return f"{place} in {written['in']}" if "in" in written else place


def _parameter_problem(written: dict[str, Any]) -> str:
    """Say why this is no parameter that can be sent; nothing if it is one."""
    name, location = written.get("name"), written.get("in")
    if not isinstance(name, str):
        return "has no name: write one"
    if location in ("body", "formData"):
        return "is of Swagger 2.0: describe it by requestBody"
    if location not in LOCATIONS:
        problem = "has no `in`" if location is None else f"in {location} is not supported"
        return f"{problem}: use one of {', '.join(LOCATIONS)}"
    if location in ("header", "cookie") and not HEADER_NAME.fullmatch(name):
        return f"has characters that no {location} name can have: remove them"
    if location == "header" and name.lower() == "authorization":
        return "the client sets this header itself: describe it by securitySchemes"
    return ""


def _argument_names(keys: list[Key]) -> dict[Key, str]:
    """Name parameters in Python; the location follows a name that parameters of several have."""
    wanted = {key: names.identifier(key[0]) for key in keys}
    locations: dict[str, set[str]] = {}
    for (_, location), name in wanted.items():
        locations.setdefault(name, set()).add(location)
    found: dict[Key, str] = {}
    for key, name in wanted.items():
        if len(locations[name]) > 1:
            name = f"{name}_{key[1]}"  # noqa: PLW2901 - the same name, told from the others
        while name in names.ARGUMENTS or name in found.values():
            name += "_"  # noqa: PLW2901 - as above
        found[key] = name
    return found


def _without_files(schema: Plain) -> Plain:
    """A parameter is never a file: bytes in it are text."""
    if schema == BYTES:
        return TEXT
    if schema.get("items") == BYTES:
        return {**schema, "items": TEXT}
    return schema
