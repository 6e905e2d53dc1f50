"""The Python source of a schema: its type, the decoder that reads it from JSON, and names, for the templates."""

import textwrap
from functools import reduce
from http import HTTPStatus
from typing import Any

from openapi_python_client.parser import properties
from openapi_python_client.schema.untrusted_string import UntrustedString
from openapi_python_client.strings import safe_for_docstring

kinds: Any = properties  # it does not say which of its classes it exports
PLAIN = ("Any", "Boolean", "Date", "DateTime", "Float", "Int", "None", "String", "Uuid")
DECODERS: dict[type, str] = {
    getattr(kinds, f"{kind}Property"): f"as_{kind.lower()}" for kind in PLAIN
}
# What is read from a response without JSON: its type and its reader.
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
SHARED = {"429": "RateLimitError", "4XX": "ClientError", "5XX": "ServerError"}


def python_type(schema: Any) -> str:
    """The type of a value that is there, null last in a union."""
    match schema:
        case kinds.ListProperty():
            return f"list[{python_type(schema.inner_property)}]"
        case kinds.UnionProperty():
            members = dict.fromkeys(python_type(member) for member in schema.inner_properties)
            return " | ".join(sorted(members, key="None".__eq__))
    return str(schema.get_type_string(no_optional=True).as_unembedded_code())


def decoder(schema: Any) -> str:
    """The expression that reads a value of the type from JSON. Raises KeyError for what is not JSON."""
    match schema:
        case kinds.ListProperty():
            return f"list_of({decoder(schema.inner_property)})"
        case kinds.UnionProperty():
            members = [
                decoder(m) for m in schema.inner_properties if not isinstance(m, kinds.NoneProperty)
            ]
            union = reduce("either({}, {})".format, members)
            return union if len(members) == len(schema.inner_properties) else f"nullable({union})"
        case kinds.ModelProperty():
            return f"{schema.class_info.name}.from_dict"
        case kinds.EnumProperty():
            return f"{schema.class_info.name}.from_response"
        case kinds.ConstProperty():
            return f"constant({schema.value.python_code.as_unembedded_code()})"
    return DECODERS[type(schema)]


def result(response: Any) -> tuple[str, str]:
    """The type of what a response holds, and the expression that reads it."""
    source = response.source["attribute"]
    return NO_JSON.get(source) or (
        python_type(response.prop),
        f"json_body({decoder(response.prop)})",
    )


def error_class(status: str) -> str:
    """The name of the exception for a documented status, `UnprocessableEntityError` for `422`."""
    if status in SHARED or not status.isdigit():
        return SHARED.get(status, "UnexpectedStatusError")
    phrases = {known.value: known.phrase for known in HTTPStatus} | PHRASES
    phrase = phrases.get(int(status), f"Status {status}").title()
    return phrase.translate(dict.fromkeys(map(ord, " -'"))).removesuffix("Error") + "Error"


def prose(*texts: Any, indent: int = 4) -> str:
    """Text of the document as it can stand in a docstring: escaped, wrapped, never closing the docstring."""
    raw = " ".join(
        str(t.get_untrusted_value() if isinstance(t, UntrustedString) else t) for t in texts if t
    )
    wrap = textwrap.TextWrapper(
        116 - indent, subsequent_indent=" " * indent, break_long_words=False
    )
    paragraphs = (
        wrap.fill(safe_for_docstring(" ".join(part.split()))) for part in raw.strip().split("\n\n")
    )
    text = f"\n\n{' ' * indent}".join(paragraphs)
    return f"{text} " if text.endswith('"') else text


def imports_itself(model: Any, line: str, models: list[Any]) -> bool:
    """Whether the import `line` at the top of a model's module would lead back to that module."""
    by_line = {f"from ..{other.self_import}": other for other in models}
    seen: set[str] = set()
    ahead = {line}
    while ahead := ahead - seen:
        seen |= ahead
        ahead = {
            further for step in ahead if step in by_line for further in by_line[step].lazy_imports
        }
    return f"from ..{model.self_import}" in seen
