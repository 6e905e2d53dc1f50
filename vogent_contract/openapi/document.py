"""An OpenAPI document as a tree of plain values, addressed by JSON pointers (RFC 6901)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_PACKAGE = Path(__file__).parent.parent
_IN_WHEEL = _PACKAGE / "openapi.yaml"
_IN_CHECKOUT = _PACKAGE.parent / "openapi.yaml"
DEFAULT_PATH = _IN_WHEEL if _IN_WHEEL.is_file() else _IN_CHECKOUT


class ContractError(Exception):
    """The contract cannot be read; the message is one line that says what to mend."""


@dataclass(frozen=True)
class Document:
    """A parsed OpenAPI document."""

    raw: Mapping[str, Any]

    @classmethod
    def read(cls, path: Path | str | None = None) -> Document:
        """Read an OpenAPI 3.1 document from a file.

        Args:
            path: A YAML or JSON file; the kit's own `openapi.yaml` by default.

        Raises:
            ContractError: The file is missing, is not YAML, or is no OpenAPI 3.1 document.
        """
        path = Path(path or DEFAULT_PATH)
        try:
            text = path.read_text("utf-8")
        except OSError as error:
            raise ContractError(f"{path}: cannot be read: {error.strerror}") from error
        except UnicodeDecodeError:
            raise ContractError(f"{path}: is not YAML: it is not in UTF-8") from None
        return cls.parse(text, str(path), version="3.1")

    @classmethod
    def parse(cls, text: str, name: str, version: str = "3.") -> Document:
        """Parse the text of an OpenAPI document.

        Args:
            name: What errors call the document.
            version: How its `openapi` has to begin; any 3.x by default.

        Raises:
            ContractError: The text is not YAML, or no OpenAPI document of that version.
        """
        try:
            raw = yaml.load(text, Loader=_JsonLoader)  # noqa: S506 - a SafeLoader, see below
            json.dumps(raw, default=str)  # an alias can make a value contain itself
        except (yaml.YAMLError, RecursionError, TypeError, ValueError) as error:
            raise ContractError(f"{name}: is not YAML: {' '.join(str(error).split())}") from None
        if not isinstance(raw, dict) or not str(raw.get("openapi", "")).startswith(version):
            shown = version.rstrip(".")
            raise ContractError(f"{name}: is not an OpenAPI {shown} document")
        if not isinstance(raw.get("paths"), dict):
            raise ContractError(f"{name}: has no paths")
        return cls(raw)

    def at(self, pointer: str) -> Any:
        """The value at a pointer such as `#/components/schemas/PhoneNumber`.

        Raises:
            ContractError: Nothing is there.
        """
        value: Any = self.raw
        for token in tokens(pointer):
            try:
                value = value[int(token)] if isinstance(value, list) else value[token]
            except (KeyError, IndexError, ValueError, TypeError):
                message = f"the contract refers to {pointer}, which is not there"
                raise ContractError(message) from None
        return value

    def follow(self, pointer: str) -> str:
        """The pointer at the end of the chain of `$ref` that starts at `pointer`.

        Raises:
            ContractError: The chain is a circle, or leads out of the document or to nothing.
        """
        seen: list[str] = []
        while True:
            value = self.at(pointer)
            reference = value.get("$ref") if isinstance(value, dict) else None
            if not isinstance(reference, str):
                return pointer
            if pointer in seen or not reference.startswith("#/"):
                other_file = not reference.startswith("#")
                where = "is in another file, which is not read" if other_file else "leads nowhere"
                raise ContractError(f"the contract's $ref at {pointer} {where}: {reference}")
            seen.append(pointer)
            pointer = reference


class _JsonLoader(yaml.SafeLoader):
    """YAML 1.2 as JSON has it: no dates; `on` and `no` are text, and so is the key `200:`."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        mapping = super().construct_mapping(node, deep=deep)
        return {_key(key): value for key, value in mapping.items()}


_BOOL = "tag:yaml.org,2002:bool"
_BOOL_TEXT = re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$")
_OTHER_THAN_JSON = (_BOOL, "tag:yaml.org,2002:timestamp")
_JsonLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in _OTHER_THAN_JSON]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_JsonLoader.add_implicit_resolver(_BOOL, _BOOL_TEXT, list("tTfF"))


def _key(key: Any) -> str:
    return key if isinstance(key, str) else json.dumps(key)


def join(pointer: str, *parts: str | int) -> str:
    """`pointer` with further tokens, escaped as RFC 6901 says."""
    escaped = [str(part).replace("~", "~0").replace("/", "~1") for part in parts]
    return "/".join([pointer, *escaped])


def tokens(pointer: str) -> list[str]:
    """The unescaped tokens of a pointer, with or without the leading `#`."""
    parts = pointer.removeprefix("#").split("/")[1:]
    return [part.replace("~1", "/").replace("~0", "~") for part in parts]
