"""The OpenAPI document as a tree of plain values, addressed by JSON pointers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

PACKAGE = Path(__file__).parent.parent
INSTALLED, CHECKOUT = PACKAGE / "openapi.yaml", PACKAGE.parent / "openapi.yaml"
DEFAULT_PATH = INSTALLED if INSTALLED.is_file() else CHECKOUT  # a wheel has the contract inside


class ContractError(Exception):
    """The contract cannot be read; the message is one line that says what to mend."""


@dataclass(frozen=True)
class Document:
    """A parsed OpenAPI 3.1 document."""

    raw: Mapping[str, Any]

    @classmethod
    def read(cls, path: Path | str | None = None) -> Document:
        """Read a document.

        Args:
            path: A YAML or JSON file; the project's `openapi.yaml` by default.

        Raises:
            ContractError: The file is missing, is not YAML, or is no OpenAPI 3.1 document.
        """
        path = Path(path or DEFAULT_PATH)
        try:
            raw = yaml.load(path.read_text("utf-8"), Loader=_Loader)  # noqa: S506 - a SafeLoader, see below
        except OSError as error:
            raise ContractError(f"{path}: cannot be read: {error.strerror}") from error
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise ContractError(f"{path}: is not YAML: {' '.join(str(error).split())}") from error
        if not isinstance(raw, dict) or not str(raw.get("openapi", "")).startswith("3.1"):
            raise ContractError(f"{path}: is not an OpenAPI 3.1 document")
        if not isinstance(raw.get("paths"), dict):
            raise ContractError(f"{path}: has no paths")
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
                raise ContractError(
                    f"the contract refers to {pointer}, which is not there"
                ) from None
        return value

    def follow(self, pointer: str) -> str:
        """The pointer at the end of the chain of `$ref` that starts at `pointer`."""
        seen = []
        while isinstance(value := self.at(pointer), dict) and isinstance(value.get("$ref"), str):
            if pointer in seen or not value["$ref"].startswith("#/"):
                raise ContractError(
                    f"the contract's $ref at {pointer} leads nowhere: {value['$ref']}"
                )
            seen.append(pointer)
            pointer = value["$ref"]
        return pointer


class _Loader(yaml.SafeLoader):
    """YAML 1.2 where it matters: JSON has no dates, so `2026-01-01` stays a string."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def join(pointer: str, *parts: str | int) -> str:
    """`pointer` with further tokens, escaped as RFC 6901 says."""
    return "/".join([pointer, *(str(part).replace("~", "~0").replace("/", "~1") for part in parts)])


def tokens(pointer: str) -> list[str]:
    """The unescaped tokens of a pointer, with or without the leading `#`."""
    return [
        token.replace("~1", "/").replace("~0", "~") for token in pointer.lstrip("#").split("/")[1:]
    ]
