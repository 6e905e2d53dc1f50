"""One request of a run and its answer: made once, then only read."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import httpx

from vogent_contract.openapi import Operation, Reading, Request, Violation
from vogent_contract.suite.credential import RIGHT_KEY, Credential

SAFE_METHODS = ("GET", "HEAD", "OPTIONS", "TRACE")  # RFC 9110 section 9.2.1


class Expectation(Enum):
    """What the sender of a request knows of its answer."""

    ALLOWED = "the contract allows it, and the sender chose what the account has"
    REFUSED = "it breaks the contract, or asks for what the account does not have"
    UNKNOWN = "a server may do it or refuse it"


class Source(Enum):
    """Who made a request: on somebody's account only scenes may create."""

    SCENE = "a scene, written by hand"
    GENERATED = "derived from the contract, or malformed on purpose"


@dataclass(frozen=True)
class Call:
    """A request as its sender wants it.

    Attributes:
        target: Percent-encoded path and query below the server's base URL.
        headers: Beside Authorization and Content-Type.
    """

    method: str
    target: str
    content: bytes = b""
    content_type: str | None = None
    credential: Credential = RIGHT_KEY
    expects: Expectation = Expectation.UNKNOWN
    source: Source = Source.GENERATED
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outgoing:
    """A request as it would leave, read against the contract.

    Attributes:
        target: As HTTP carries it, below the base URL.
        template: The path, with `{id}` for an id.
        operation: The contract's operation, None if it has no such method or path.
        request: What the operation reads in it, None without an operation.
    """

    call: Call
    url: str
    target: str
    template: str
    operation: Operation | None
    request: Request | None

    @property
    def name(self) -> str:
        """The operationId, or method and path."""
        return self.operation.id if self.operation else f"{self.call.method} {self.template}"

    @property
    def effect(self) -> str:
        """What an accepted request does, see `Operation.effect`; `unknown` if nobody says."""
        if self.operation is not None:
            return self.operation.effect
        return "none" if self.call.method in SAFE_METHODS else "unknown"

    @property
    def body(self) -> Any:
        """The JSON body, None if there is none that the operation reads."""
        return self.request.body if self.request else None

    @property
    def path_id(self) -> str:
        """The id in the path, empty if there is none."""
        return str(self.request.path.get("id", "")) if self.request else ""

    @property
    def violations(self) -> list[Violation]:
        """What the contract documents against the request; what it only assumes is left out."""
        found = self.request.violations if self.request else ()
        return [violation for violation in found if violation.assumed is None]

    @property
    def only_assumed(self) -> bool:
        """What is wrong with the request is only assumed: nothing is documented of what it gets."""
        return bool(self.request and self.request.violations) and not self.violations

    def curl(self) -> str:
        """A command that repeats the request; the shell takes the key from the environment."""
        parts = ["curl", "-X", self.call.method, shlex.quote(self.url)]
        if self.call.credential.shown is not None:
            shown = self.call.credential.shown
            parts += ["-H", f'"Authorization: {shown}"' if shown else "'Authorization;'"]
        if self.call.content_type is not None:
            parts += ["-H", shlex.quote(f"Content-Type: {self.call.content_type}")]
        if self.call.content:
            body = self.call.content.decode("utf-8", "backslashreplace")
            parts += ["--data-raw", shlex.quote(body)]
        return " ".join(parts)


@dataclass(frozen=True)
class Answer:
    """What came back.

    Attributes:
        status: None if no answer came; `error` then says why.
        body: The decoded bytes.
        started: Seconds since the epoch.
        elapsed: Seconds.
        left: The request left; one that did not cannot have done anything.
        timed_out: No whole answer came in time.
    """

    status: int | None
    headers: httpx.Headers = field(default_factory=httpx.Headers)
    body: bytes = b""
    error: str | None = None
    started: float = 0.0
    elapsed: float = 0.0
    left: bool = True
    timed_out: bool = False

    @property
    def succeeded(self) -> bool:
        """Whether a 2xx came."""
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True)
class Exchange:
    """One request, what its sender expected, its answer, and what the contract has against either.

    Attributes:
        number: Position in the run, from 1.
        test: The test that sent it.
        reading: The answer's JSON value, and every violation of the contract in it.
    """

    number: int
    test: str
    outgoing: Outgoing
    answer: Answer
    reading: Reading

    @property
    def operation(self) -> Operation | None:
        return self.outgoing.operation

    @property
    def operation_id(self) -> str:
        """The operationId, empty without an operation."""
        return self.operation.id if self.operation else ""

    @property
    def request(self) -> Request | None:
        return self.outgoing.request

    @property
    def body(self) -> Any:
        """The JSON body that was sent, None if there is none that the operation reads."""
        return self.outgoing.body

    @property
    def credential(self) -> str:
        """`good` or `bad`."""
        return self.outgoing.call.credential.verdict

    @property
    def expects(self) -> Expectation:
        return self.outgoing.call.expects

    @property
    def status(self) -> int | None:
        return self.answer.status

    @property
    def value(self) -> Any:
        """The answer's JSON value, None if it is none."""
        return self.reading.value

    @property
    def succeeded(self) -> bool:
        """Whether a 2xx came."""
        return self.answer.succeeded

    @property
    def refused(self) -> bool:
        """Whether a 4xx came."""
        return self.answer.status is not None and 400 <= self.answer.status < 500

    @property
    def path_id(self) -> str:
        """The id in the path, empty if there is none."""
        return self.outgoing.path_id
