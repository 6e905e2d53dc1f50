"""How the client sends its key: what `security` of the document and of each operation asks for."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from document import Document
from operations import Operation
from parameters import HEADER_NAME


@dataclass(frozen=True)
class Scheme:
    """A way to send the key.

    Attributes:
        kind: `bearer`, `basic`, `header`, `query` or `cookie`.
        name: Of the header, the parameter or the cookie.
    """

    kind: str
    name: str


@dataclass(frozen=True)
class Security:
    """How the operations take the key.

    Attributes:
        scheme: The one way that all operations take, or none if they differ.
        by_operation: The way of each operation by its label, where they differ.
        required: Whether there is an operation that needs the key.
    """

    scheme: Scheme | None
    by_operation: dict[str, Scheme]
    required: bool

    @property
    def header(self) -> str:
        """The header of the key, which callers cannot set."""
        in_header = self.scheme and self.scheme.kind == "header"
        return self.scheme.name if self.scheme and in_header else BEARER.name

    def kinds(self) -> set[str]:
        """Name all ways that there are."""
        if self.scheme:
            return {self.scheme.kind}
        return {scheme.kind for scheme in self.by_operation.values()}


BEARER = Scheme("bearer", "Authorization")


def read(document: Document, operations: list[Operation]) -> Security:
    """Choose a way that all operations take; where there is none, the most common one of each."""
    components = document.mapping(document.root, "components", "components")
    known = {
        name: _scheme(document.follow(written, f"securitySchemes {name}"))
        for name, written in document.mapping(components, "securitySchemes", "components").items()
    }
    taken: dict[str, list[Scheme]] = {}
    required = False
    for operation in operations:
        own = "security" in operation.written
        where = operation.label if own else "the document"
        alternatives = document.listing(
            operation.written if own else document.root, "security", where
        )
        required = required or (bool(alternatives) and {} not in alternatives)
        schemes = _sendable(document, known, alternatives, where)
        if schemes:
            taken[operation.label] = schemes
    if not taken:
        declared = [one for one in known.values() if one]
        return Security(declared[0] if declared else BEARER, {}, required)

    uses = Counter(scheme for schemes in taken.values() for scheme in set(schemes))
    by_operation = {
        label: max(schemes, key=lambda one: uses[one]) for label, schemes in taken.items()
    }
    chosen = set(by_operation.values())
    if len(chosen) == 1:
        return Security(chosen.pop(), {}, required)
    return Security(None, by_operation, required)


def _sendable(
    document: Document, known: dict[str, Scheme | None], alternatives: list[Any], where: str
) -> list[Scheme]:
    """Give the alternatives that the client can send. That it can send none is a problem."""
    found: list[Scheme] = []
    reasons: list[str] = []
    for alternative in alternatives:
        used = list(alternative) if isinstance(alternative, dict) else []
        one = known.get(used[0]) if len(used) == 1 else None
        if one:
            found.append(one)
        elif len(used) > 1:
            reasons.append(
                f"security asks for {' and '.join(used)} at once, but the client holds one key: "
                "keep one there, and describe the others as parameters"
            )
        elif used and used[0] not in known:
            reasons.append(f"security {used[0]} is not in components.securitySchemes: add it there")
        elif used:
            supported = "http bearer, http basic, apiKey, oauth2 or openIdConnect"
            reasons.append(
                f"security {used[0]} is of a type that is not supported: use {supported}"
            )
    if reasons and not found and {} not in alternatives:
        for reason in reasons:
            document.problem(where, reason)
    return found


def _scheme(written: dict[str, Any]) -> Scheme | None:
    match written.get("type"):
        case "oauth2" | "openIdConnect":
            return BEARER
        case "http" if str(written.get("scheme")).lower() in ("bearer", "basic"):
            return Scheme(str(written["scheme"]).lower(), "Authorization")
        case "apiKey" if written.get("in") in ("header", "query", "cookie"):
            name = str(written.get("name", ""))
            if HEADER_NAME.fullmatch(name):
                return Scheme(str(written["in"]), name)
    return None
