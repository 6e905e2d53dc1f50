"""Python source for the templates: a schema's type, the decoder that reads it from JSON, names."""

import re
import textwrap
from http.client import responses
from typing import Any

from bodies import Body
from names import literal
from openapi_python_client.schema import UntrustedString
from openapi_python_client.strings import safe_for_docstring
from operations import Operation

# Of the generator's classes for a schema, those that `_json` reads: `IntProperty` with `as_int`.
PLAIN = ("Any", "Boolean", "Date", "DateTime", "File", "Float", "Int", "None", "String", "Uuid")
DECODERS = {f"{name}Property": f"as_{name.lower()}" for name in PLAIN}
# How the generator reads a response that is no JSON, its type, and the reader in `_json`.
NO_JSON = {
    "None": ("None", "no_body"),
    "response.text": ("str", "text_body"),
    "response.content": ("bytes", "bytes_body"),
}
# Python versions give these statuses different phrases, and a client must not depend on them.
PHRASES = {
    413: "Content Too Large",
    414: "Uri Too Long",
    416: "Range Not Satisfiable",
    422: "Unprocessable Entity",
}
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}  # RFC 9110
SHARED_ERRORS = {"429": "RateLimitError", "4XX": "ClientError", "5XX": "ServerError"}
DOCSTRING_WIDTH = 116  # of 120, which leaves room for quotes


def python_type(schema: Any) -> str:
    """Give the type of a value that is there; in a union, `None` is the last."""
    match type(schema).__name__:
        case "ListProperty":
            return f"list[{python_type(schema.inner_property)}]"
        case "UnionProperty":
            members: list[str] = []
            for member in map(python_type, schema.inner_properties):
                if member not in members:
                    members.append(member)
            if "None" in members:
                members.remove("None")
                members.append("None")
            return " | ".join(members)
        case "ConstProperty":
            return f"Literal[{_constant(schema)}]"
        case _:
            return str(schema.get_type_string(no_optional=True).as_unembedded_code())


class Decoders:
    """The expressions that read values from JSON.

    Args:
        discriminators: As `Schemas` has them.
    """

    def __init__(self, discriminators: dict[frozenset[str], tuple[str, dict[str, str]]]) -> None:
        self._discriminators = discriminators

    def result(self, response: Any) -> tuple[str, str]:
        """Give the type of what a response holds, and the expression that reads it."""
        source = response.source["attribute"]
        if source in NO_JSON:
            return NO_JSON[source]
        return python_type(response.prop), f"json_body({self.decoder(response.prop)})"

    def decoder(self, schema: Any) -> str:
        """Give the expression that reads a value from JSON."""
        match type(schema).__name__:
            case "ListProperty":
                return f"list_of({self.decoder(schema.inner_property)})"
            case "UnionProperty":
                return self._union(schema.inner_properties)
            case "ModelProperty":
                return f"{schema.class_info.name}.from_dict"
            case "EnumProperty":
                return f"{schema.class_info.name}.from_response"
            case "ConstProperty":
                return f"constant({_constant(schema)})"
            case name:
                return DECODERS[name]

    def _union(self, schemas: list[Any]) -> str:
        members = [one for one in schemas if type(one).__name__ != "NoneProperty"]
        union = self.decoder(members[0])
        for member in members[1:]:
            union = f"either({union}, {self.decoder(member)})"
        union = self._discriminated(members, union)
        return union if len(members) == len(schemas) else f"nullable({union})"

    def _discriminated(self, members: list[Any], union: str) -> str:
        """Let a member of the object tell the class; one that tells none is read as any of them."""
        classes = [one.class_info.name for one in members if type(one).__name__ == "ModelProperty"]
        if len(classes) < len(members) or frozenset(classes) not in self._discriminators:
            return union
        name, values = self._discriminators[frozenset(classes)]
        for class_name in reversed(classes):
            own = "".join(f"{literal(value)}, " for value in values if values[value] == class_name)
            union = f"told_by({literal(name)}, ({own}), {class_name}.from_dict, {union})"
        return union


def error_class(status: str) -> str:
    """Name the exception for a documented status: `UnprocessableEntityError` for `422`."""
    if status in SHARED_ERRORS:
        return SHARED_ERRORS[status]
    if not status.isdigit():
        return "UnexpectedStatusError"
    phrase = PHRASES.get(int(status)) or responses.get(int(status)) or f"Status {status}"
    name = re.sub("[ '-]", "", phrase.title())
    return name.removesuffix("Error") + "Error"


def is_safe(operation: dict[str, Any]) -> bool:
    """Say whether an operation changes nothing, by its `x-effect`, or else by its method."""
    if "x-effect" in operation:
        return bool(operation["x-effect"] == "none")
    return operation["method"] in SAFE_METHODS


def prose(*texts: Any, indent: int = 4) -> str:
    """Make texts of the document one docstring text: escaped, wrapped, never closing it."""
    words: list[str] = []
    for text in texts:
        if text:
            trusted = text.get_untrusted_value() if isinstance(text, UntrustedString) else text
            words.append(str(trusted))

    margin = " " * indent
    wrapper = textwrap.TextWrapper(
        DOCSTRING_WIDTH - indent, subsequent_indent=margin, break_long_words=False
    )
    paragraphs: list[str] = []
    for paragraph in " ".join(words).strip().split("\n\n"):
        line = " ".join(paragraph.split())
        paragraphs.append(wrapper.fill(safe_for_docstring(line)))

    docstring = f"\n\n{margin}".join(paragraphs)
    return f"{docstring} " if docstring.endswith('"') else docstring


def imports_itself(model: Any, line: str, models: list[Any]) -> bool:
    """Say whether the import `line` in a model's module leads back there, through other models."""
    imports = {f"from ..{other.self_import}": other.lazy_imports for other in models}
    seen: set[str] = set()
    ahead = [line]
    while ahead:
        step = ahead.pop()
        if step not in seen:
            seen.add(step)
            ahead += imports.get(step, ())
    return f"from ..{model.self_import}" in seen


def writer(operation: Operation) -> str:
    """Give the expression for the function that writes the body; nothing if all bodies are JSON."""
    if not any(body.writer for body in operation.bodies):
        return ""
    return _by_body(operation, [body.writer or "None" for body in operation.bodies])


def own_headers(operation: Operation) -> dict[str, str]:
    """Give the headers that the media types of an operation ask for: name and expression."""
    documented = {one.name.lower() for one in operation.parameters if one.location == "header"}
    headers: dict[str, str] = {}
    if operation.accept and "accept" not in documented:
        headers["Accept"] = literal(operation.accept)
    types = [_content_type(body) for body in operation.bodies]
    if any(types) and "content-type" not in documented:
        sent = _by_body(operation, [one or "UNSET" for one in types])
        headers["Content-Type"] = (
            sent if operation.body_required else f"UNSET if body is UNSET else {sent}"
        )
    return headers


def _content_type(body: Body) -> str:
    """Give the expression for the header; nothing where httpx sets it."""
    if body.media_type == "application/json" or body.writer.startswith(("form(", "multipart(")):
        return ""
    if "*" in body.media_type:
        return "media_type(body)"
    return literal(body.media_type)


def _by_body(operation: Operation, expressions: list[str]) -> str:
    """Choose an expression by the class of the body."""
    chosen = ""
    for body, expression in zip(operation.bodies[:-1], expressions, strict=False):
        chosen += f"{expression} if isinstance(body, {body.class_name}) else "
    return chosen + expressions[-1]


def _constant(schema: Any) -> str:
    value = schema.value.raw_value
    return literal(value) if isinstance(value, str) else repr(value)
