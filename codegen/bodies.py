"""The bodies of an operation, and how each is written."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from document import Document
from media import BYTES, JSON_TYPE, TEXT, bare_type, media_schema
from parameters import SEPARATORS
from plain import Place, Plain
from schemas import Schemas

if TYPE_CHECKING:
    from operations import Operation

BODY_FIELDS = ("content", "required")
FORM_TYPE = "application/x-www-form-urlencoded"
MULTIPART_TYPE = "multipart/form-data"


@dataclass
class Body:
    """A way to write what an operation sends.

    Attributes:
        media_type: As the document has it.
        schema: What it takes, in the plain form.
        writer: The Python expression for the function that writes it; none for JSON.
        documented: What the document says of it, where that is more than the client makes of it.
        class_name: The class that it is of, if there is one.
    """

    media_type: str
    schema: Plain
    writer: str
    documented: Plain
    class_name: str = ""


class Bodies:
    """Reads the bodies of operations; what cannot be written is a problem of the document."""

    def __init__(self, document: Document, schemas: Schemas) -> None:
        self._document = document
        self._schemas = schemas

    def read(self, operation: "Operation") -> None:
        """Give an operation its bodies, the one to prefer first."""
        if operation.written.get("requestBody") is None:
            return
        where = f"{operation.label}, body"
        written = self._document.follow(operation.written["requestBody"], where)
        self._document.check_fields(written, BODY_FIELDS, where, "a body")
        operation.body_required = written.get("required") is True
        content = self._document.mapping(written, "content", where)
        if not content:
            self._document.problem(where, "has no content: describe what is sent by a media type")
        operation.body_description = self._description(written, *content.values())
        place = Place(where, operation.name, "body")
        bodies = [self._body(media_type, media, place) for media_type, media in content.items()]
        bodies.sort(key=lambda body: _preference(body, self._schemas))
        for body in bodies:
            if all(body.documented != other.documented for other in operation.bodies):
                operation.bodies.append(body)
        self._schemas.finish()
        self._check_alternatives(operation, where)

    def _description(self, *written: Any) -> str:
        """Give the first description of a body, or of the schemas of its media types."""
        for one in written:
            if isinstance(one, dict):
                schema = self._document.follow(one.get("schema"), "")
                for description in (one.get("description"), schema.get("description")):
                    if isinstance(description, str):
                        return description
        return ""

    def _body(self, media_type: str, media: object, place: Place) -> Body:
        essence = bare_type(media_type)
        if not (media_type.isascii() and media_type.isprintable()):
            self._document.problem(place.where, "its media type cannot be sent: correct its name")
        schema = media_schema(self._document, self._schemas, media, place)
        self._schemas.finish()
        if JSON_TYPE.fullmatch(essence) or (essence == "*/*" and schema not in (BYTES, TEXT)):
            return Body(media_type.replace("*/*", "application/json"), schema, "", schema)
        if essence in (FORM_TYPE, MULTIPART_TYPE):
            return Body(
                media_type, schema, self._form_writer(essence, schema, media, place), schema
            )
        return Body(media_type, TEXT if essence.startswith("text/") else BYTES, "raw", schema)

    def _form_writer(self, essence: str, schema: Plain, media: object, place: Place) -> str:
        if self._schemas.kinds(schema) != {"object"}:
            self._document.problem(
                place.where, f"{essence} needs an object, whose properties are the fields"
            )
        encoding = self._document.mapping(
            self._document.follow(media, place.where), "encoding", place.where
        )
        if essence == MULTIPART_TYPE:
            types = {}
            for name, written in encoding.items():
                field = self._document.follow(written, place.where)
                if "headers" in field:
                    self._document.problem(
                        place.where, f"headers of the part {name} are not supported: remove them"
                    )
                given = str(field.get("contentType", ""))
                if given and "," not in given and "*" not in given:
                    types[name] = given
            return f"multipart({types!r})"
        styles = {}
        for name, written in encoding.items():
            style = self._field_style(
                self._document.follow(written, place.where), f"{place.where}, field {name}"
            )
            if style:
                styles[name] = style
        return f"form({styles!r})"

    def _field_style(self, written: dict[str, Any], where: str) -> str:
        style = written.get("style", "form")
        if style == "deepObject":
            return str(style)
        if style not in SEPARATORS:
            self._document.problem(where, f"style {style} is not supported: use form or deepObject")
            return ""
        exploded = written.get("explode", style == "form")
        return "" if exploded else SEPARATORS[style]

    def _check_alternatives(self, operation: "Operation", where: str) -> None:
        """Only by its class can be told which of several bodies is meant."""
        if len(operation.bodies) < 2:
            return
        for body in operation.bodies:
            classes = self._schemas.class_names(body.schema)
            body.class_name = "File" if body.schema == BYTES else ", ".join(classes)
        if any(body.class_name.isidentifier() for body in operation.bodies[:-1]):
            return
        types = ", ".join(body.media_type for body in operation.bodies)
        self._document.problem(
            where, f"what is sent does not tell which of {types} is meant: keep one"
        )


def _preference(body: Body, schemas: Schemas) -> int:
    """Order bodies: JSON, forms, all others; one that can upload files before one that cannot."""
    if body.writer.startswith("multipart") and _has_files(body.schema, schemas):
        return 0
    order = ("", "form", "multipart", "raw")
    return 1 + order.index(body.writer.partition("(")[0])


def _has_files(schema: Plain, schemas: Schemas) -> bool:
    for name in schemas.class_names(schema):
        for part in schemas.classes[name].get("properties", {}).values():
            if BYTES in (part, part.get("items")):
                return True
    return False
