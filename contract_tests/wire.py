"""The one place where bytes go to the server under test.

The generated client, schemathesis and the suite's own requests all pass through a `Wire`. It asks the
guard, sends, and hands every exchange to those who listen: evidence, rules, reports.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx
import requests
import urllib3
from requests.adapters import BaseAdapter

from contract import Contract, Operation, Request, parse_json

KEY_SHOWN = "$VOGENT_API_KEY"
RIGHT_KEY = "the right key"


class NotSent(Exception):  # noqa: N818 - nothing went wrong, a request was held back
    """A request was not sent; the message says why."""


@dataclass
class Exchange:
    """One request and what came of it.

    Attributes:
        number: Position in the run, from 1.
        operation: The contract's operation, None for a method or path that the contract does not have.
        target: Percent-encoded path and query below the base URL.
        credential: `good`, `bad`, or `either` where a server may choose.
        status: None if no answer came; `error` then says why.
        value: The parsed JSON of the answer, None if it is none.
        elapsed: Seconds.
    """

    number: int
    method: str
    target: str
    url: str
    request_headers: Mapping[str, str]
    content: bytes
    operation: Operation | None
    request: Request | None
    credential: str
    status: int | None = None
    headers: httpx.Headers = field(default_factory=httpx.Headers)
    body: bytes = b""
    error: str | None = None
    elapsed: float = 0.0

    @property
    def value(self) -> Any:
        try:
            return parse_json(self.body)
        except ValueError:
            return None

    @property
    def succeeded(self) -> bool:
        """Whether a 2xx came."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def refused(self) -> bool:
        """Whether a 4xx came."""
        return self.status is not None and 400 <= self.status < 500

    def curl(self) -> str:
        """A command that repeats the request; the key is taken from the environment."""
        parts = ["curl", "-X", self.method, _quote(self.url)]
        for name, value in self.request_headers.items():
            if name.lower() in ("authorization", "content-type"):
                parts += ["-H", f'"{name}: {value}"' if KEY_SHOWN in value else _quote(f"{name}: {value}")]
        if self.content:
            parts += ["--data-binary", _quote(self.content.decode("utf-8", "backslashreplace"))]
        return " ".join(parts)


class Guard(Protocol):
    """Judges what may leave."""

    def before(self, exchange: Exchange) -> None:
        """Raises `NotSent` if the request must not leave."""

    def after(self, exchange: Exchange) -> None:
        """Learns what came of a request that left."""


class Wire(httpx.BaseTransport):
    """Sends requests to one server, each on a connection of its own.

    A connection is never used twice, so that a server which closes an idle one is not taken for one
    that drops requests. Redirects are not followed and nothing is sent again, except that a guard may
    ask for it.

    Args:
        base_url: Such as `http://127.0.0.1:8080/api`.
        key: The API key; it is in no record that the wire keeps.
        timeout: Seconds until a request counts as hanging.
    """

    def __init__(self, contract: Contract, base_url: str, key: str, *, timeout: float, guard: Guard | None = None):
        self.contract = contract
        self.base_url = base_url.rstrip("/")
        self.guard = guard
        self.listeners: list[Callable[[Exchange], None]] = []
        self.sent = 0
        self._prefix = urlsplit(self.base_url).path
        self._key = key
        self._timeout = timeout
        self._hung: set[str] = set()
        self._numbers = itertools.count(1)
        limits = httpx.Limits(max_keepalive_connections=0)
        self._transport = httpx.HTTPTransport(retries=0, limits=limits, trust_env=True)

    def __repr__(self) -> str:
        return f"<Wire {self.base_url}>"

    def send(
        self,
        method: str,
        target: str,
        *,
        content: bytes = b"",
        content_type: str | None = None,
        authorization: str | None = RIGHT_KEY,
    ) -> Exchange:
        """Send one request.

        Args:
            target: Percent-encoded path and query below the base URL.
            authorization: The header's value, None for no header; by default the right key.
        """
        headers = {"Accept": "application/json"}
        if authorization is not None:
            headers["Authorization"] = f"Bearer {self._key}" if authorization == RIGHT_KEY else authorization
        if content_type is not None:
            headers["Content-Type"] = content_type
        return self._exchange(httpx.Request(method, self.base_url + target, headers=headers, content=content))[0]

    def authorizations(self) -> dict[str, str | None]:
        """Values of the Authorization header that must not be accepted, by name."""
        key = self._key
        return {
            "no header": None,
            "empty header": "",
            "wrong key": f"Bearer {key[::-1] if key[::-1] != key else key + 'x'}",
            "right key under another scheme": f"Basic {key}",
            "right key with trailing junk": f"Bearer {key}x",
            "right key cut short": f"Bearer {key[:-1]}",
            "right key without a scheme": key,
            "right key under an unknown scheme": f"Token {key}",
            "scheme without a key": "Bearer",
            "right key in another case": f"Bearer {key.swapcase() if key.swapcase() != key else key + 'X'}",
        }

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The httpx transport of the generated client."""
        exchange, response = self._exchange(request)
        if response is None:
            kind = httpx.ReadTimeout if exchange.error and "time" in exchange.error else httpx.ReadError
            raise kind(exchange.error or "no answer", request=request)
        return response

    def session(self) -> requests.Session:
        """A session for schemathesis whose requests go through this wire."""
        session = requests.Session()
        session.trust_env = False
        for scheme in ("http://", "https://"):
            session.mount(scheme, _RequestsAdapter(self))
        return session

    def close(self) -> None:
        self._transport.close()

    def scrub(self, text: str) -> str:
        """The text without the key."""
        return text.replace(self._key, KEY_SHOWN)

    def _exchange(self, request: httpx.Request) -> tuple[Exchange, httpx.Response | None]:
        exchange = self._record(request)
        operation = exchange.operation.id if exchange.operation else exchange.method
        if operation in self._hung:
            raise NotSent(f"{operation} did not answer within {self._timeout:g} s before")
        if self.guard:
            self.guard.before(exchange)
        response = self._answer(request, exchange)
        self.sent += 1
        if exchange.error and "timed out" in exchange.error:
            self._hung.add(operation)
        if self.guard:
            self.guard.after(exchange)
        for listener in self.listeners:
            listener(exchange)
        return exchange, response

    def _record(self, request: httpx.Request) -> Exchange:
        target = request.url.raw_path.decode("ascii")[len(self._prefix) :]
        operation = self.contract.match(request.method, target.partition("?")[0])
        content = request.read()
        content_type = request.headers.get("content-type")
        return Exchange(
            number=next(self._numbers),
            method=request.method,
            target=target,
            url=str(request.url),
            request_headers={name: self.scrub(value) for name, value in request.headers.items()},
            content=content,
            operation=operation,
            request=operation.read(target, content_type, content) if operation else None,
            credential=self._credential(request.headers.get("authorization")),
        )

    def _credential(self, authorization: str | None) -> str:
        scheme, _, token = (authorization or "").strip().partition(" ")
        if token.strip() != self._key or scheme.lower() != "bearer":
            return "bad"
        return "good" if scheme == "Bearer" else "either"

    def _answer(self, request: httpx.Request, exchange: Exchange) -> httpx.Response | None:
        request.extensions["timeout"] = httpx.Timeout(self._timeout).as_dict()
        started = time.monotonic()
        try:
            answer = self._transport.handle_request(request)
            deadline = started + 2 * self._timeout
            raw = bytearray()
            assert isinstance(answer.stream, httpx.SyncByteStream)
            for chunk in answer.stream:
                raw += chunk
                if time.monotonic() > deadline:
                    raise httpx.ReadTimeout("the answer does not end")
            answer.close()
            response = httpx.Response(answer.status_code, headers=answer.headers, content=bytes(raw), request=request)
        except httpx.TimeoutException:
            exchange.error = f"timed out after {self._timeout:g} s"
        except httpx.DecodingError as error:
            exchange.error = f"the answer cannot be decoded: {error}"
        except (httpx.LocalProtocolError, httpx.UnsupportedProtocol) as error:
            raise NotSent(f"HTTP cannot carry this request: {error}") from None
        except httpx.TransportError as error:
            exchange.error = f"the connection failed: {self.scrub(str(error)) or type(error).__name__}"
        else:
            exchange.status, exchange.headers, exchange.body = response.status_code, response.headers, response.content
            exchange.elapsed = time.monotonic() - started
            return response
        exchange.elapsed = time.monotonic() - started
        return None


class _RequestsAdapter(BaseAdapter):
    """Carries schemathesis' requests over the wire."""

    def __init__(self, wire: Wire) -> None:
        super().__init__()
        self._wire = wire

    def send(self, request: requests.PreparedRequest, *_: object, **__: object) -> requests.Response:
        body = request.body or b""
        content = body.encode() if isinstance(body, str) else bytes(body)
        headers = [(name, value) for name, value in request.headers.items() if name.lower() != "content-length"]
        raw = [(_latin(name), _latin(value)) for name, value in headers]
        sent = httpx.Request(request.method or "GET", request.url or "", headers=raw, content=content)
        exchange, answer = self._wire._exchange(sent)
        if answer is None:
            raise requests.ConnectionError(exchange.error, request=request)
        response = requests.Response()
        response.status_code, response.url, response.request = answer.status_code, request.url or "", request
        response.headers = requests.structures.CaseInsensitiveDict(answer.headers)
        response._content = answer.content
        response.encoding = answer.charset_encoding or "utf-8"
        response.raw = urllib3.HTTPResponse(
            headers=urllib3.HTTPHeaderDict(answer.headers.multi_items()), version=11, preload_content=False
        )
        return response

    def close(self) -> None:
        pass


def _latin(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("latin-1", "replace")


def _quote(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
