"""The one place where bytes go to the server under test."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import httpx

from vogent_contract.suite.credential import Key
from vogent_contract.suite.exchange import Answer, Call
from vogent_contract.suite.pace import Pace
from vogent_contract.suite.server import is_account


class Wire:
    """Sends requests to one server, each on a connection of its own.

    A connection is never used twice, so that a server which closes an idle one is not taken for one
    that drops requests. Redirects are not followed.

    Args:
        base_url: Such as `http://127.0.0.1:8080/api`.
        timeout: Seconds until a request counts as hanging.
        pace: How many requests a second a live account gets, None for as many as there are.

    Attributes:
        sent: How many requests left.
    """

    def __init__(
        self, base_url: str, key: Key, *, timeout: float, pace: Pace | None = None
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.key = key
        self.timeout = timeout
        self.pace = pace
        self.sent = 0
        self._counting = threading.Lock()
        limits = httpx.Limits(max_keepalive_connections=0)
        proxies = is_account(base_url)  # the environment's; a loopback server is asked directly
        self._client = httpx.Client(limits=limits, trust_env=proxies, follow_redirects=False)

    def __repr__(self) -> str:
        return f"<Wire {self.base_url}>"

    def request(self, call: Call) -> httpx.Request:
        """The request as HTTP carries it."""
        headers = {"Accept": "application/json", **call.headers}
        authorization = self.key.header(call.credential)
        if authorization is not None:
            headers["Authorization"] = authorization
        if call.content_type is not None:
            headers["Content-Type"] = call.content_type
        raw = [
            (name.encode("latin-1", "replace"), value.encode()) for name, value in headers.items()
        ]
        url = self.base_url + call.target
        return httpx.Request(call.method, url, headers=raw, content=call.content)

    def send(self, request: httpx.Request, *, again: bool = False) -> Answer:
        """Send a request and wait for the whole answer.

        Args:
            again: The request may be sent again after 429: it can create nothing.
        """
        if self.pace is None:
            return self._send(request)
        return self.pace.keep(lambda: self._send(request), again=again)

    def close(self) -> None:
        self._client.close()

    def _send(self, request: httpx.Request) -> Answer:
        with self._counting:
            self.sent += 1
        request.extensions["timeout"] = httpx.Timeout(self.timeout).as_dict()
        started, clock = time.time(), time.monotonic()
        try:
            response = self._read(request, clock + 2 * self.timeout)
        except httpx.TimeoutException as problem:
            error = f"timed out after {self.timeout:g} s"
            left = not isinstance(problem, httpx.ConnectTimeout)
            answer = Answer(None, error=error, left=left, timed_out=True)
        except httpx.DecodingError as problem:
            answer = Answer(None, error=f"the answer cannot be decoded: {problem}")
        except (httpx.LocalProtocolError, httpx.UnsupportedProtocol) as problem:
            answer = Answer(None, error=f"HTTP cannot carry this request: {problem}", left=False)
        except httpx.TransportError as problem:
            reason = self.key.scrub(str(problem)) or type(problem).__name__
            left = not isinstance(problem, httpx.ConnectError)
            answer = Answer(None, error=f"the connection failed: {reason}", left=left)
        else:
            answer = Answer(response.status_code, response.headers, response.content)
        return replace(answer, started=started, elapsed=time.monotonic() - clock)

    def _read(self, request: httpx.Request, deadline: float) -> httpx.Response:
        """The answer with its whole body, decoded; one that trickles for too long timed out."""
        answer = self._client.send(request, stream=True)
        raw = bytearray()
        try:
            for chunk in answer.iter_raw():
                raw += chunk
                if time.monotonic() > deadline:
                    raise httpx.ReadTimeout("the answer does not end")
        finally:
            answer.close()
        return httpx.Response(
            answer.status_code, headers=answer.headers, content=bytes(raw), request=request
        )
