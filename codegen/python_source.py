"""The Python source of a schema: its type, the decoder that reads it from JSON, and names, for the templates."""

import textwrap
from functools import reduce
from http import HTTPStatus
from typing import Any

from openapi_python_client.parser import properties as kinds
from openapi_python_client.schema.untrusted_string import UntrustedString
from openapi_python_client.strings import PythonIdentifier, safe_for_docstring

DECODERS: dict[type, str] = {
    kinds.AnyProperty: "as_any",
    kinds.BooleanProperty: "as_bool",
    kinds.DateProperty: "as_date",
    kinds.DateTimeProperty: "as_datetime",
    kinds.FloatProperty: "as_float",
    kinds.IntProperty: "as_int",
    kinds.NoneProperty: "as_none",
    kinds.StringProperty: "as_str",
    kinds.UuidProperty: "as_uuid",
}
BODIES = {
    "None": ("None", "no_body"),
    "response.text": ("str", "text_body"),
    "response.content": ("bytes", "bytes_body"),
}
# Python versions give these statuses different phrases, and a client must not depend on them.
PHRASES = {413: "Content Too Large", 414: "Uri Too Long", 416: "Range Not Satisfiable", 422: "Unprocessable Entity"}


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
    """The expression that reads a value of the type from JSON. Raises NotImplementedError for what is not JSON."""
    match schema:
        case kinds.ListProperty():
            return f"list_of({decoder(schema.inner_property)})"
        case kinds.UnionProperty():
            members = [decoder(m) for m in schema.inner_properties if not isinstance(m, kinds.NoneProperty)]
            union = reduce("either({}, {})".format, members)
            return union if len(members) == len(schema.inner_properties) else f"nullable({union})"
        case kinds.ModelProperty():
            return f"{schema.class_info.name}.from_dict"
        case kinds.EnumProperty():
            return f"{schema.class_info.name}.from_response"
        case kinds.ConstProperty():
            return f"constant({schema.value.python_code.as_unembedded_code()})"
    if type(schema) not in DECODERS:
        raise NotImplementedError(f"no JSON is a {type(schema).__name__}: {schema.name.get_untrusted_value()}")
    return DECODERS[type(schema)]


def successes(endpoint: Any) -> list[dict[str, str]]:
    """The documented responses of success: status, Python type and the function that reads it."""
    responses = [r for r in endpoint.responses if r.status_code.pattern.startswith("2")]
    found = []
    for response in responses or [r for r in endpoint.responses if r.is_default()]:
        json = (python_type(response.prop), f"json_body({decoder(response.prop)})")
        type_, reader = BODIES.get(response.source["attribute"], json)
        found.append({"status": response.status_code.pattern, "type": type_, "reader": reader, "response": response})
    return found


def error_class(status: str) -> str:
    """The name of the exception for a documented status, `UnprocessableEntityError` for `422`."""
    if not status.isdigit() or status == "429":
        return {"429": "RateLimitError", "4XX": "ClientError", "5XX": "ServerError"}.get(
            status, "UnexpectedStatusError"
        )
    phrase = PHRASES.get(int(status)) or HTTPStatus(int(status)).phrase
    return phrase.title().replace("-", "").replace("'", "").replace(" ", "").removesuffix("Error") + "Error"


def imports_itself(model: Any, line: str, models: list[Any]) -> bool:
    """Whether the import `line` at the top of a model's module would lead back to that module."""
    by_line = {f"from ..{other.self_import}": other for other in models}
    seen, ahead = set(), {line}
    while ahead - seen:
        seen |= ahead
        ahead = set().union(*(by_line[step].lazy_imports for step in ahead if step in by_line))
    return f"from ..{model.self_import}" in seen


def prose(*texts: Any, indent: int = 4) -> str:
    """Text of the document as it can stand in a docstring: escaped, wrapped, its last quote not closing the docstring."""
    text = " ".join(str(t.get_untrusted_value() if isinstance(t, UntrustedString) else t) for t in texts if t)
    paragraphs = [safe_for_docstring(" ".join(part.split())) for part in text.strip().split("\n\n")]
    first, gap, width = " " * indent, "\n\n" + " " * indent, 116 - indent
    filled = [textwrap.fill(p, width, break_long_words=False, break_on_hyphens=False) for p in paragraphs]
    return gap.join(filled).replace("\n", "\n" + first).replace("\n" + first + "\n", "\n\n") + " " * text.endswith('"')


def meaning(response: Any) -> str:
    """What the contract says of a response, and what the project assumes of it."""
    assumed = (response.data.model_extra or {}).get("x-assumed")
    description = response.data.description.get_untrusted_value()
    return f"{description} Assumed, as nobody documents it: {assumed}" if assumed else description


def parameter_description(parameter: Any, operation: dict[str, Any], document: dict[str, Any]) -> Any:
    """What the contract says of a parameter."""
    for found in operation["parameters"]:
        while "$ref" in found:
            found = reduce(lambda node, key: node[key], found["$ref"].removeprefix("#/").split("/"), document)
        if found["name"] == parameter.name and "description" in found:
            return found["description"]
    return parameter.description or "See the contract."


def is_secret(model: Any, member: Any) -> bool:
    """Whether a model's member is a password, which no repr shows."""
    schema = (model.data.properties or {}).get(member.name)
    return bool(schema) and (getattr(schema, "schema_format", None) == "password")


def deprecation(operation: dict[str, Any], operations: dict[str, dict[str, Any]]) -> str:
    """What a caller of a deprecated operation is told."""
    module = PythonIdentifier(str(operation.get("x-replaced-by", "")), "field_")
    return f"deprecated by the API: use {module} instead" if module in operations else "deprecated by the API"


_FOR_TEMPLATES = (python_type, decoder, successes, error_class, imports_itself, prose, meaning, parameter_description)
PYTHON_SOURCE = {f.__name__: f for f in (*_FOR_TEMPLATES, is_secret, deprecation)}
