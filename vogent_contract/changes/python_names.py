"""Names of Python code, made from a document's words as openapi-python-client makes them.

A kit that is installed has no generator, so its rules are written down here; the tests hold them
to the client that the generator makes.
"""

from __future__ import annotations

import builtins
import keyword
import re

_DELIMITERS = ". _-"
_RESERVED = {*dir(builtins), "self", "true", "false", "datetime"} - {"id"}
_PREFIX = "field_"  # of what would be no identifier


def identifier(words: str, prefix: str = _PREFIX) -> str:
    """The name of a module, an argument or an attribute: `agent_id` for `agentId`."""
    name = _not_reserved("_".join(_words(words)).lower())
    if not name.isidentifier() or _sanitized(words).startswith("_"):
        return f"{prefix}{name}"
    return name


def raw_identifier(words: str) -> str:
    """A name that keeps its letters, as names do that would be the same otherwise."""
    name = _not_reserved(re.sub(r"\W+", "", _sanitized(words)))
    return name if name.isidentifier() and not name.startswith("_") else f"{_PREFIX}{name}"


def class_name(words: str) -> str:
    """The name of a class: `PhoneNumberType` for `phone_number_type`."""
    name = _not_reserved(pascal_case(words))
    return name if name.isidentifier() else _not_reserved(pascal_case(f"{_PREFIX}{name}"))


def pascal_case(words: str) -> str:
    """The words without what is between them, each with a capital letter."""
    parts = [word if word.isupper() else word.capitalize() for word in _words(words)]
    return "".join(parts)


def member_names(values: list[str | int], names: list[str]) -> dict[str, str | int]:
    """The members of an enum by name, named by `x-enum-varnames` if it has a name for each."""
    members: dict[str, str | int] = {}
    for number, value in enumerate(values):
        if len(names) == len(values):
            name = names[number]
        elif isinstance(value, int):
            name = f"VALUE_NEGATIVE_{-value}" if value < 0 else f"VALUE_{value}"
        else:
            name = value.upper() if value[:1].isalpha() else f"VALUE_{number}"
        members["_".join(_words(name)).upper()] = value
    return members


def _words(value: str) -> list[str]:
    value = _sanitized(value)
    if any(letter.isupper() for letter in value):
        value = " ".join(re.split("([A-Z]?[a-z]+)", value))
    return re.findall(rf"[^{re.escape(_DELIMITERS)}]+", value)


def _sanitized(value: str) -> str:
    """The value without what can be in no identifier."""
    letters = (one for one in value if one.isidentifier() or one.isdecimal() or one in _DELIMITERS)
    return "".join(letters)


def _not_reserved(name: str) -> str:
    return f"{name}_" if name in _RESERVED or keyword.iskeyword(name) else name
