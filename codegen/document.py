"""The document as it is written: it is read, references are followed, what is wrong is kept."""

import json
import re
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from ruamel.yaml import YAML
from ruamel.yaml.composer import ComposerError
from ruamel.yaml.constructor import ConstructorError, DuplicateKeyError, SafeConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError

HALF_CHARACTER = re.compile("[\ud800-\udfff]")  # a surrogate, which JSON can hold alone
NEARLY = 0.85  # of the letters
MAJOR_VERSIONS = r"3\.[01](\.\d+)?(-.*)?"
CONVERT = "convert it to OpenAPI 3.0 or 3.1, for example with swagger2openapi"


class UnreadableError(Exception):
    """The file holds no OpenAPI document that can be read; the argument is a line that says why."""


class Document:
    """A document as it is written, and what in it the client could not hold.

    Attributes:
        root: The document; all keys are texts.
        problems: A line each: the place, what is wrong there, and what to do.
    """

    def __init__(self, root: dict[str, Any]) -> None:
        self.root = root
        self.problems: list[str] = []

    def problem(self, where: str, text: str) -> None:
        """Add a problem, once. Without a place nothing is added: somebody knows it and says it."""
        line = f"{where}: {text}"
        if where and line not in self.problems:
            self.problems.append(line)

    def follow(self, node: object, where: str) -> dict[str, Any]:
        """Give the object that stands here, or that its `$ref` leads to. `{}` if there is none."""
        seen: list[object] = []
        while isinstance(node, dict) and "$ref" in node:
            reference = node["$ref"]
            if reference in seen:
                self.problem(where, f"$ref {reference} leads back to itself: point it elsewhere")
                return {}
            seen.append(reference)
            node = self._target(reference, where)
        if isinstance(node, dict):
            return node
        if node is not None:
            self.problem(where, f"is {kind_of(node)}, but must be an object")
        return {}

    def mapping(self, parent: dict[str, Any], key: str, where: str) -> dict[str, Any]:
        """Give a member that must be an object if it is there, without extensions (`x-...`)."""
        value = self._member(parent, key, where, dict)
        return {name: item for name, item in value.items() if not name.startswith("x-")}

    def listing(self, parent: dict[str, Any], key: str, where: str) -> list[Any]:
        """Give a member that must be a list if it is there."""
        value: list[Any] = self._member(parent, key, where, list)
        return value

    def check_fields(
        self, written: dict[str, Any], fields: tuple[str, ...], where: str, what: str
    ) -> None:
        """Add a problem for each name that is nearly one of these and must have been meant for it.

        Any other name says nothing that could be lost.
        """
        meant = {name.lower(): name for name in fields}
        for key in written:
            near = get_close_matches(key.lower(), meant, n=1, cutoff=NEARLY)
            if near and key not in fields:
                self.problem(where, f"{what} has no field {key}: write {meant[near[0]]}")

    def _member(self, parent: dict[str, Any], key: str, where: str, kind: type) -> Any:
        value = parent.get(key)
        if isinstance(value, kind):
            return value
        if value is not None:
            wanted = "a list" if kind is list else "an object"
            self.problem(where, f"{key} is {kind_of(value)}, but must be {wanted}")
        return kind()

    def _target(self, reference: object, where: str) -> object:
        if not isinstance(reference, str):
            self.problem(where, f"$ref is {kind_of(reference)}, but must be a text")
            return None
        if not reference.startswith("#"):
            self.problem(
                where, f"$ref {reference} leads out of the document: bundle it into one file"
            )
            return None
        if not reference.startswith("#/"):
            self.problem(
                where, f"$ref {reference} is no path: write it like #/components/schemas/Name"
            )
            return None
        node: Any = self.root
        for step in pointer_steps(reference):
            if isinstance(node, dict) and step in node:
                node = node[step]
            elif isinstance(node, list) and step.isdecimal() and int(step) < len(node):
                node = node[int(step)]
            else:
                self.problem(where, f"$ref {reference} leads nowhere, there is no {step}: add it")
                return None
        return node


def read(path: Path) -> Document:
    """Read a document from a YAML or JSON file. Raises UnreadableError."""
    root = _parsed(path)
    _make_keys_texts(root, set())
    if root is None:
        raise UnreadableError("is empty: write an OpenAPI document into it")
    if not isinstance(root, dict):
        raise UnreadableError(f"is {kind_of(root)}, but an OpenAPI document is an object")
    if "swagger" in root:
        raise UnreadableError(f"is Swagger {root['swagger']}, which is not supported: {CONVERT}")
    if "openapi" not in root:
        raise UnreadableError("has no `openapi: 3.1.0`, so it is no OpenAPI document")
    if not re.fullmatch(MAJOR_VERSIONS, str(root["openapi"])):
        raise UnreadableError(
            f"is OpenAPI {root['openapi']}, which is not supported: write it as 3.0 or 3.1"
        )
    return Document(root)


def pointer_steps(reference: str) -> list[str]:
    """Split the JSON pointer of a `$ref` within the document: `#/a/b~1c` has `a` and `b/c`."""
    steps = unquote(reference.removeprefix("#")).split("/")[1:]
    return [step.replace("~1", "/").replace("~0", "~") for step in steps]


def kind_of(value: object) -> str:
    """Say what a JSON value is: `a list`."""
    for kind, words in _KINDS.items():
        if isinstance(value, kind):
            return words
    return "empty" if value is None else "no JSON value"


_KINDS: dict[type, str] = {
    bool: "true or false",  # which is a number in Python
    int: "a number",
    float: "a number",
    str: "a text",
    list: "a list",
    dict: "an object",
}


class _PlainConstructor(SafeConstructor):
    """Reads what JSON has only: a date stays a text."""


_PlainConstructor.add_constructor("tag:yaml.org,2002:timestamp", SafeConstructor.construct_yaml_str)


def _parsed(path: Path) -> Any:
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableError("is no UTF-8 text: save it as UTF-8") from None
    if text.lstrip().startswith("<"):
        raise UnreadableError("is a web page or XML, but must be YAML or JSON: download it again")
    if text.lstrip().startswith("{"):
        try:
            return json.loads(text)  # JSON may be indented with tabs, YAML may not
        except ValueError:
            pass
    yaml = YAML(typ="safe", pure=True)
    yaml.Constructor = _PlainConstructor
    try:
        return yaml.load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise UnreadableError(f"{line}{_reason(error)}") from None
    except (YAMLError, ValueError):
        raise UnreadableError("is no YAML: check it with an editor that knows YAML") from None


def _reason(error: MarkedYAMLError) -> str:
    match error:
        case DuplicateKeyError():
            return "a key is there twice: remove one"
        case ConstructorError():
            return "has a tag or a key that JSON cannot have: write a plain value"
        case ComposerError() if "another document" in str(error):
            return "a second document starts here: write it into a file of its own"
    return "is no YAML: mend what stands there or before"


def _make_keys_texts(node: Any, seen: set[int]) -> None:
    """Make keys texts as in JSON, in place: YAML reads the status 200 as a number.

    Raises UnreadableError for a text that no file can hold.
    """
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, dict):
        members = list(node.items())
        node.clear()
        for key, value in members:
            text = key if isinstance(key, str) else _key_text(key)
            node[text] = value
            _make_keys_texts(text, seen)
            _make_keys_texts(value, seen)
    elif isinstance(node, list):
        for item in node:
            _make_keys_texts(item, seen)
    elif isinstance(node, str) and HALF_CHARACTER.search(node):
        raise UnreadableError(f"has half a character in {ascii(node)[:60]}: write the whole of it")


def _key_text(key: object) -> str:
    return json.dumps(key, default=str)
