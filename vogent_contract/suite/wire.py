"""The one place where bytes go to the server under test.

The generated client, schemathesis and the suite's own requests all pass through a `Wire`. It asks the
guard, sends, and hands every exchange to those who listen: evidence, rules, reports.
"""

from __future__ import annotations

import itertools
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx
import requests
import urllib3
from requests.adapters import BaseAdapter

from vogent_contract.openapi import Contract, Operation, Request, parse_json

KEY_SHOWN = "$VOGENT_API_KEY"
RIGHT_KEY = "the right key"
SHORT = 8  # characters; a shorter key is no secret that anybody could keep
SAFE_METHODS = ("GET", "HEAD", "OPTIONS", "TRACE")  # RFC 9110 section 9.2.1
NEVER_LEFT = "the request never left"
RESENDS = 3  # after as many answers of 429
LONGEST_PAUSE = 60.0  # seconds, whatever Retry-After says


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

    @property
    def effect(self) -> str:
        """What it does if it is accepted, see `Operation.effect`; `unknown` if the contract does not say."""
        return (
            self.operation.effect
            if self.operation
            else "none"
            if self.method in SAFE_METHODS
            else "unknown"
        )

    def curl(self) -> str:
        """A command that repeats the request; the key is taken from the environment."""
        parts = ["curl", "-X", self.method, _quote(self.url)]
        for name, value in self.request_headers.items():
            if name.lower() in ("authorization", "content-type"):
                parts += [
                    "-H",
                    f'"{name}: {value}"'
                    if "VOGENT_API_KEY" in value
                    else _quote(f"{name}: {value}"),
                ]
        if self.content:
            parts += ["--data-binary", _quote(self.content.decode("utf-8", "backslashreplace"))]
        return " ".join(parts)


class Guard(Protocol):
    """Judges what may leave."""

    def before(self, exchange: Exchange) -> None:
        """Raises `NotSent` if the request must not leave."""

    def after(self, exchange: Exchange) -> None:
        """Learns what came of a request, at once."""

    def settle(self, exchange: Exchange) -> None:
        """Does what has to be done about it, once everybody has seen the exchange."""


class Wire(httpx.BaseTransport):
    """Sends requests to one server, each on a connection of its own.

    A connection is never used twice, so that a server which closes an idle one is not taken for one
    that drops requests. Redirects are not followed. Nothing is sent again, except after 429 what can
    create nothing, and only with a rate.

    Args:
        base_url: Such as `http://127.0.0.1:8080/api`.
        key: The API key; it is in no record that the wire keeps.
        timeout: Seconds until a request counts as hanging.
        rate: Requests a second at most, None for as many as there are.

    Attributes:
        prefix: Path of the base URL, such as `/api`.
        guard: Judges what may leave; None if everything may.
        listeners: Are told of every exchange, the guard's own too.
    """

    def __init__(
        self,
        contract: Contract,
        base_url: str,
        key: str,
        *,
        timeout: float,
        rate: float | None = None,
    ) -> None:
        self.contract = contract
        self.base_url = base_url.rstrip("/")
        self.guard: Guard | None = None
        self.timeout = timeout
        self.listeners: list[Callable[[Exchange], None]] = []
        self.sent = 0
        self._base = httpx.URL(self.base_url)
        self.prefix = urlsplit(self.base_url).path
        self._key = key
        self._rate = rate
        self._not_before = 0.0
        self._turn = threading.RLock()  # what is guarded goes one after the other
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

        Raises:
            NotSent: It was held back.
        """
        headers = {"Accept": "application/json"}
        if authorization is not None:
            headers["Authorization"] = (
                f"Bearer {self._key}" if authorization == RIGHT_KEY else authorization
            )
        if content_type is not None:
            headers["Content-Type"] = content_type
        return self._exchange(
            httpx.Request(method, self.base_url + target, headers=headers, content=content)
        )[0]

    def probe(self, method: str, target: str) -> Exchange:
        """Send one request of the guard's own, which nobody judges and which may have hung before."""
        headers = {"Accept": "application/json", "Authorization": f"Bearer {self._key}"}
        return self._exchange(
            httpx.Request(method, self.base_url + target, headers=headers), judged=False
        )[0]

    def authorizations(self) -> dict[str, str | None]:
        """Values of the Authorization header that must not be accepted, by name."""
        key = self._key
        return {
            "no header": None,
            "empty header": "",
            "wrong key": f"Bearer {('v' if set(key) == {'w'} else 'w') * len(key)}",
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
            kind = (
                httpx.ReadTimeout
                if exchange.error and "time" in exchange.error
                else httpx.ReadError
            )
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
        """The text without the key; a short key only where it stands alone, for it could be a part of any word."""
        key = re.escape(self._key)
        return re.sub(key if len(self._key) >= SHORT else rf"(?<!\w){key}(?!\w)", KEY_SHOWN, text)

    def _shown(self, header: str) -> str:
        """A header's value as records give it: what is made of the key is written as a shell makes it."""
        shown = {
            f"Bearer {self._key}": f"Bearer {KEY_SHOWN}",
            f"bearer {self._key}": f"bearer {KEY_SHOWN}",
            self._key: KEY_SHOWN,
            self.authorizations()["right key under another scheme"]: f"Basic {KEY_SHOWN}",
            self.authorizations()["right key under an unknown scheme"]: f"Token {KEY_SHOWN}",
            self.authorizations()["right key with trailing junk"]: "Bearer ${VOGENT_API_KEY}x",
            self.authorizations()["right key cut short"]: "Bearer ${VOGENT_API_KEY%?}",
            self.authorizations()["wrong key"]: "Bearer wrong-key",
            self.authorizations()["right key in another case"]: "Bearer ${VOGENT_API_KEY~~}",
        }
        return shown.get(header) or self.scrub(header)

    def _exchange(
        self, request: httpx.Request, *, judged: bool = True
    ) -> tuple[Exchange, httpx.Response | None]:
        if self.guard is None:
            return self._through(request, None, judged)
        with self._turn:
            return self._through(request, self.guard if judged else None, judged)

    def _through(
        self, request: httpx.Request, guard: Guard | None, judged: bool
    ) -> tuple[Exchange, httpx.Response | None]:
        exchange = self._record(request)
        operation = exchange.operation.id if exchange.operation else exchange.method
        if judged and operation in self._hung:
            raise NotSent(f"{operation} did not answer within {self.timeout:g} s before")
        if guard:
            guard.before(exchange)
        try:
            response = self._paced(request, exchange)
        finally:
            if guard:
                guard.after(exchange)
        if exchange.error and "timed out" in exchange.error:
            self._hung.add(operation)
        limited = self._rate is not None and exchange.status == 429 and exchange.effect == "creates"
        for listener in () if limited else self.listeners:
            listener(exchange)
        if guard:
            guard.settle(exchange)
        if limited:
            raise NotSent("the server answered 429, and what could create is never sent again")
        return exchange, response

    def _paced(self, request: httpx.Request, exchange: Exchange) -> httpx.Response | None:
        """The answer, asked for no faster than the rate; what cannot create is sent again after 429."""
        for attempt in range(RESENDS + 1):
            if self._rate is not None:
                time.sleep(max(0.0, self._not_before - time.monotonic()))
                self._not_before = time.monotonic() + 1 / self._rate
            response = self._answer(request, exchange)
            self.sent += 1
            if self._rate is None or exchange.status != 429:
                break
            self._not_before = time.monotonic() + _pause(exchange.headers.get("retry-after"))
            if exchange.effect not in ("none", "changes", "releases") or attempt == RESENDS:
                break
        return response

    def _record(self, request: httpx.Request) -> Exchange:
        raw, url = request.url.raw_path.decode("ascii"), request.url
        if (url.scheme, url.host, url.port) != (
            self._base.scheme,
            self._base.host,
            self._base.port,
        ):
            raise NotSent("it would go to another server")
        if not f"{raw}/".startswith(f"{self.prefix}/"):
            raise NotSent(f"it would go beside {self.base_url}")
        target = raw[len(self.prefix) :]
        operation = self.contract.match(request.method, target.partition("?")[0])
        content = request.read()
        content_type = request.headers.get("content-type")
        return Exchange(
            number=next(self._numbers),
            method=request.method,
            target=target,
            url=str(request.url),
            request_headers={name: self._shown(value) for name, value in request.headers.items()},
            content=content,
            operation=operation,
            request=operation.read_request(target, content_type, content) if operation else None,
            credential=self._credential(request.headers.get("authorization")),
        )

    def _credential(self, authorization: str | None) -> str:
        scheme, _, token = (authorization or "").strip().partition(" ")
        if token.strip() != self._key or scheme.lower() != "bearer":
            return "bad"
        return "good" if scheme == "Bearer" else "either"

    def _answer(self, request: httpx.Request, exchange: Exchange) -> httpx.Response | None:
        request.extensions["timeout"] = httpx.Timeout(self.timeout).as_dict()
        started = time.monotonic()
        exchange.status = None
        try:
            answer = self._transport.handle_request(request)
            deadline = started + 2 * self.timeout
            raw = bytearray()
            assert isinstance(answer.stream, httpx.SyncByteStream)
            for chunk in answer.stream:
                raw += chunk
                if time.monotonic() > deadline:
                    raise httpx.ReadTimeout("the answer does not end")
            answer.close()
            response = httpx.Response(
                answer.status_code, headers=answer.headers, content=bytes(raw), request=request
            )
        except httpx.TimeoutException:
            exchange.error = f"timed out after {self.timeout:g} s"
        except httpx.DecodingError as error:
            exchange.error = f"the answer cannot be decoded: {error}"
        except (httpx.LocalProtocolError, httpx.UnsupportedProtocol) as error:
            exchange.error = NEVER_LEFT
            raise NotSent(f"HTTP cannot carry this request: {error}") from None
        except httpx.TransportError as error:
            exchange.error = (
                f"the connection failed: {self.scrub(str(error)) or type(error).__name__}"
            )
        else:
            exchange.status, exchange.headers, exchange.body = (
                response.status_code,
                response.headers,
                response.content,
            )
            exchange.elapsed = time.monotonic() - started
            return response
        exchange.elapsed = time.monotonic() - started
        return None


class _RequestsAdapter(BaseAdapter):
    """Carries schemathesis' requests over the wire."""

    def __init__(self, wire: Wire) -> None:
        super().__init__()
        self._wire = wire

    def send(
        self, request: requests.PreparedRequest, *_: object, **__: object
    ) -> requests.Response:
        body = request.body or b""
        content = body.encode() if isinstance(body, str) else bytes(body)
        headers = [
            (name, value)
            for name, value in request.headers.items()
            if name.lower() != "content-length"
        ]
        raw = [(_latin(name), _latin(value)) for name, value in headers]
        sent = httpx.Request(
            request.method or "GET", request.url or "", headers=raw, content=content
        )
        exchange, answer = self._wire._exchange(sent)
        if answer is None:
            raise requests.ConnectionError(exchange.error, request=request)
        response = requests.Response()
        response.status_code, response.url, response.request = (
            answer.status_code,
            request.url or "",
            request,
        )
        response.headers = requests.structures.CaseInsensitiveDict(answer.headers)
        response._content = answer.content
        response.encoding = answer.charset_encoding or "utf-8"
        response.raw = urllib3.HTTPResponse(
            headers=urllib3.HTTPHeaderDict(answer.headers.multi_items()),
            version=11,
            preload_content=False,
        )
        return response

    def close(self) -> None:
        pass


def _pause(retry_after: str | None) -> float:
    """Seconds to wait as Retry-After says it, in seconds or as a date (RFC 9110 section 10.2.3); else 1."""
    try:
        seconds = float(retry_after or "")
    except ValueError:
        try:
            seconds = (
                parsedate_to_datetime(retry_after or "").astimezone(UTC) - datetime.now(UTC)
            ).total_seconds()
        except ValueError:
            seconds = 1.0
    return min(max(seconds, 0.0), LONGEST_PAUSE) if seconds == seconds else 1.0  # noqa: PLR0124 - not a number


def _latin(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("latin-1", "replace")


def _quote(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
