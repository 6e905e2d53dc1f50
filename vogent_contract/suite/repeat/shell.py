"""Writes requests for bash: everything is quoted, and what answers gave comes from variables."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, unquote_plus

from vogent_contract.openapi.document import tokens
from vogent_contract.suite.credential import RIGHT_KEY
from vogent_contract.suite.exchange import Exchange
from vogent_contract.suite.repeat.calls import Past, Source, body_sent, texts

JSON, URL = "json", "url"  # how a variable holds its value: as JSON text, or percent-encoded


@dataclass(frozen=True)
class Variable:
    """A shell variable with what an answer gave.

    Attributes:
        form: `JSON` or `URL`.
        source: Where it comes from.
    """

    name: str
    form: str
    source: Source

    @property
    def is_json(self) -> bool:
        """Whether it holds JSON text."""
        return self.form == JSON

    @property
    def taken(self) -> str:
        """Options for jq that take it from the answer."""
        path = f"{jq_path(tokens(self.source.pointer))} | strings"
        return shlex.quote(path) if self.is_json else f"-r {shlex.quote(f'{path} | @uri')}"

    @property
    def argument(self) -> str:
        """How jq is given it, as `$NAME`."""
        option = "--argjson" if self.is_json else "--arg"
        return f'{option} {self.name} "${self.name}"'


class Variables:
    """The variables of one script, made when they are first needed.

    Args:
        calls: The calls of the script, in order.
    """

    def __init__(self, past: Past, calls: Sequence[Exchange]) -> None:
        self._past = past
        self._numbers = [one.number for one in calls]
        self._made: dict[tuple[int, str, str], Variable] = {}

    def of(self, value: str, reader: Exchange, form: str) -> Variable | None:
        """The variable that holds a value, None if no call before gives it."""
        source = self._past.source(value, reader)
        if source is None or source.exchange.number not in self._numbers:
            return None
        key = source.exchange.number, source.pointer, form
        if key not in self._made:
            kind = re.sub(r"\W", "", tokens(source.pointer)[-1], flags=re.ASCII) or "value"
            kind = f"item{kind}" if kind[0].isdigit() else kind
            self._made[key] = Variable(f"{kind}_{len(self._made) + 1}", form, source)
        return self._made[key]

    def known(self, value: str, reader: Exchange) -> Variable | None:
        """The variable that holds a value in either form, one with JSON text if there is none."""
        source = self._past.source(value, reader)
        for variable in self._made.values():
            if variable.source == source:
                return variable
        return self.of(value, reader, JSON)

    def taken_from(self, exchange: Exchange) -> list[Variable]:
        """The variables that an answer fills."""
        return [one for one in self._made.values() if one.source.exchange is exchange]


Part = str | Variable  # of a text: as it is, or what a variable holds


def target(exchange: Exchange, variables: Variables) -> list[Part]:
    """Path and query of a request."""
    path, mark, query = exchange.outgoing.target.partition("?")
    found: list[Part] = []
    for part in re.split("(/)", path):
        found.append(variables.of(unquote(part), exchange, URL) or part)
    for part in re.split("([&=])", f"{mark}{query}"):
        found.append(variables.of(unquote_plus(part), exchange, URL) or part)
    return found


def body(exchange: Exchange, variables: Variables) -> list[Part]:
    """Body of a request, byte by byte as it was sent but for what variables hold."""
    content = exchange.outgoing.call.content.decode("utf-8", "surrogateescape")
    found: list[Part] = [content]
    for _pointer, text in texts(body_sent(exchange)):
        variable = variables.of(text, exchange, JSON)
        if variable is not None:
            found = list(_put(variable, text, found))
    return found


def _put(variable: Variable, value: str, parts: Sequence[Part]) -> Iterator[Part]:
    """The parts with a variable for each JSON string of a value."""
    written = {json.dumps(value), json.dumps(value, ensure_ascii=False)}
    strings = re.compile(f"({'|'.join(map(re.escape, written))})")
    for part in parts:
        if isinstance(part, Variable):
            yield part
            continue
        for piece in strings.split(part):
            yield variable if piece in written else piece


def quoted(parts: Sequence[Part]) -> str:
    """A word of the shell that is made of these parts."""
    words = []
    text = ""
    for part in [*parts, None]:
        if isinstance(part, str):
            text += part
            continue
        if text:
            words.append(shlex.quote(text))
        text = ""
        if part is not None:
            words.append(f'"${part.name}"')
    return "".join(words) or "''"


def shown(parts: Sequence[Part]) -> str:
    """The parts for people to read, with `$NAME` for a variable."""
    return "".join(part if isinstance(part, str) else f"${part.name}" for part in parts)


def options(exchange: Exchange, parts: Sequence[Part]) -> list[str]:
    """What curl is told of a request beside method and URL: headers, and the body's parts.

    The script has `key` for the right key, and `json` for the usual content type.
    """
    call = exchange.outgoing.call
    words = []
    if call.credential is RIGHT_KEY:
        words.append('"${key[@]}"')
    elif call.credential.shown is not None:
        words += ["-H", header("Authorization", call.credential.shown, _in_double_quotes)]
    if call.content_type == "application/json":
        words.append('"${json[@]}"')
    elif call.content_type is not None:
        words += ["-H", header("Content-Type", call.content_type)]
    elif call.content:
        words += ["-H", "Content-Type:"]  # curl would send one of its own
    words += [word for name, value in call.headers.items() for word in ("-H", header(name, value))]
    if call.content:
        words += _data(call.content, parts)
    return words


def header(name: str, value: str, quote: Callable[[str], str] = shlex.quote) -> str:
    """A header for curl, which sends one without a value only if a semicolon ends it."""
    return quote(f"{name}: {value}" if value else f"{name};")


def _in_double_quotes(text: str) -> str:
    """A constant of the suite in which the shell fills in the key."""
    return f'"{text}"'


def _data(content: bytes, parts: Sequence[Part]) -> list[str]:
    """The body; what no word of the shell can hold comes from printf."""
    if b"\0" in content or not _is_text(content):
        escaped = "".join(f"\\{byte:03o}" for byte in content)
        return ["--data-binary", f"@<(printf {shlex.quote(escaped)})"]
    return ["--data-raw", quoted(parts)]


def _is_text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8")
    except ValueError:
        return False
    return all(letter.isprintable() or letter in "\n\t" for letter in text)


def jq_path(names: Sequence[str | None]) -> str:
    """The jq filter that leads to a place; None is every item of an array."""
    path = ""
    for name in names:
        if name is None:
            path += "[]"
        elif name.isascii() and name.isdecimal():
            path += f"[{name}]"
        elif re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII):
            path += f".{name}"
        else:
            path += f"[{json.dumps(name)}]"
    return path if path.startswith(".") else f".{path}"
