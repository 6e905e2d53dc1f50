"""Names in Python for what a document names: valid, not reserved, no two alike in one place."""

import unicodedata
from collections.abc import Container, Iterable, Sequence
from typing import Any

from openapi_python_client import strings
from openapi_python_client.schema import UntrustedString

LONGEST = 150  # bytes of a name; files have at most 255, and tools write longer ones beside them
# The generator names its own names again. A few change once more; `Größe` would change for ever.
MOST_NAMINGS = 3
PREFIX = "field_"  # what the generator puts before names that are no Python, the empty one included

# What the modules of the client import or define beside models, so no model can have the name.
CLASSES = frozenset(
    {
        "Any",
        "AsyncGenerator",
        "AsyncIterator",
        "AuthenticatedClient",
        "Callable",
        "ClassVar",
        "File",
        "Final",
        "Generator",
        "Generic",
        "Iterator",
        "Literal",
        "Mapping",
        "Members",
        "Model",
        "OpenEnum",
        "Operation",
        "Request",
        "Response",
        "Self",
        "Sequence",
        "TYPE_CHECKING",
        "Timeout",
        "TypeVar",
        "UNSET",
        "UUID",
        "Unset",
    }
)
# What stands in the body of a model's class, so no property can have the name.
PROPERTIES = frozenset(
    {
        "additional_properties",
        "from_dict",
        "to_dict",
    }
)
# What the functions of an operation take or use, so no parameter can have the name.
ARGUMENTS = frozenset(
    {
        "body",
        "client",
        "deep_object",
        "delimited",
        "form",
        "headers",
        "json_text",
        "max_retries",
        "media_type",
        "multipart",
        "raw",
        "response",
        "timeout",
    }
)
strings.RESERVED_WORDS.update(CLASSES)  # the generator puts `_` behind these as behind `list`


def identifiers(texts: Iterable[str], reserved: Container[str]) -> dict[str, str]:
    """Give each text a name of its own in snake case; `_` follows one that is reserved or taken."""
    names: dict[str, str] = {}
    for text in texts:
        name = identifier(text)
        while name in reserved or name in names.values():
            name += "_"
        names[text] = name
    return names


def identifier(text: str) -> str:
    """Give the generator's name for a text: `agent_id` for `agentId`, `class_` for `class`."""
    return str(strings.PythonIdentifier(_normal(text), PREFIX))


def shortened(name: str) -> str:
    """Cut a name so that a file can have it."""
    if len(name.encode()) <= LONGEST:
        return name
    return name.encode()[:LONGEST].decode(errors="ignore").rstrip("_")


def class_name(*parts: str) -> str:
    """Give the generator's name for a class: `PhoneNumberType` for `PhoneNumber` and `type`."""
    if len(parts) == 1:
        joined = _normal(parts[0]).replace("/", " ")
    else:
        joined = "".join(strings.pascal_case(_normal(part)) for part in parts)
    name = strings.ClassName(joined, PREFIX)
    for _ in range(MOST_NAMINGS):
        again = strings.ClassName(name, PREFIX)
        if again == name:
            return str(name)
        name = again
    return str(strings.ClassName(name.upper(), PREFIX))


def numbered(wanted: str, taken: Container[str]) -> str:
    """Give the name, or the first of `Name2`, `Name3` and so on whose module is not taken."""
    name, count = wanted, 1
    while module(name) in taken:
        count += 1
        name = class_name(f"{wanted.rstrip('_')} {count}")
    return name


def module(name: str) -> str:
    """Give the module that the generator writes a class into."""
    return identifier(name)


def members(values: Sequence[str | int], wanted: list[str]) -> dict[str, str | int]:
    """Give each value of an enum a name of its own in capitals, and the values by these names.

    Args:
        values: The values.
        wanted: Names for them that the document gives (`x-enum-varnames`), or nothing.
    """
    named: dict[str, str | int] = {}
    for index, value in enumerate(values):
        text = wanted[index] if wanted else _member_text(index, value)
        name = strings.snake_case(_normal(text)).upper()
        if not name.isidentifier():
            name = f"VALUE_{index}"
        while name in named:
            name += "_"
        named[name] = value
    return named


def _member_text(index: int, value: str | int) -> str:
    if isinstance(value, int):
        return f"VALUE_{value}" if value >= 0 else f"VALUE_NEGATIVE_{-value}"
    return value.upper() if value[:1].isalpha() else f"VALUE_{index}"


def literal(value: Any) -> str:
    """Give the literal of a text, in Python and TOML alike."""
    return f'"{escaped(value)}"'


def escaped(value: Any) -> str:
    """Give the inside of the literal of a text. Unlike the generator's filter, it loses nothing."""
    if isinstance(value, UntrustedString):
        value = value.get_untrusted_value()
    if isinstance(value, strings.PythonCode):
        value = value.as_unembedded_code()
    written = ""
    for character in str(value):
        if character in '"\\':
            written += f"\\{character}"
        elif character.isprintable():
            written += character
        else:
            code = ord(character)
            written += f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
    return written


def _normal(text: str) -> str:
    return unicodedata.normalize("NFKC", text)  # as Python reads identifiers
