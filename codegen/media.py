"""Media types, and the schemas of what has one."""

import re

from document import Document
from plain import Place, Plain
from schemas import Schemas

JSON_TYPE = re.compile(r"application/json|.+/.+\+json")
TEXT: Plain = {"type": "string"}
BYTES: Plain = {"type": "string", "format": "binary"}
MEDIA_FIELDS = ("schema", "encoding")


def bare_type(media_type: str) -> str:
    """Give a media type without its parameters."""
    return media_type.partition(";")[0].strip().lower()


def media_schema(document: Document, schemas: Schemas, media: object, place: Place) -> Plain:
    """Give the schema of a media type in the plain form; without one it is anything."""
    written = document.follow(media, place.where)
    document.check_fields(written, MEDIA_FIELDS, place.where, "a media type")
    return schemas.plain(written.get("schema", True), place)
