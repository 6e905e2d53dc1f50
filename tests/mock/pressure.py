"""Many buyers at once, and hostile clients on raw sockets, against a running mock."""

from __future__ import annotations

import json
import random
import socket
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from http.client import HTTPResponse
from urllib.parse import urlsplit

from vogent_contract.mock import TEST_KEY, State

BUYERS = 64
LONG = b"a" * 100_000
KEY = f"Authorization: Bearer {TEST_KEY}\r\n".encode()
GET = b"GET /api/phone_numbers HTTP/1.1\r\n" + KEY
POST = b"POST /api/phone_numbers/purchase HTTP/1.1\r\nContent-Type: application/json\r\n" + KEY
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
BODIES = (
    b"[" * 20_000,
    b'{"number":' * 255 + b"1" + b"}" * 255,
    b'{"number":' * 900 + b"1" + b"}" * 900,
    b'{"number":1e999}',
    b'{"number":"\\ud800"}',
    b'{"number":"\\u0000"}',
    b'{"number":"\xff\xfe"}',
    b'{"number":"' + LONG + b'"}',
    b'{"number":"1","number":"2"}',
    b"\xef\xbb\xbf{}",
)
HOSTILE = (
    *(POST + b"Content-Length: %d\r\n\r\n%b" % (len(body), body) for body in BODIES),
    b"GET /api/phone_numbers?limit=" + b"9" * 5000 + b" HTTP/1.1\r\n" + KEY + b"\r\n",
    b"GET /api/phone_numbers/%00%ff HTTP/1.1\r\n" + KEY + b"\r\n",
    b"GET /api/phone_numbers/../x HTTP/1.1\r\n" + KEY + b"\r\n",
    b"GET //x/api/phone_numbers HTTP/1.1\r\n" + KEY + b"\r\n",
    b"GET http://[::1 HTTP/1.1\r\n\r\n",
    b"GET http://x HTTP/1.1\r\n\r\n",
    b"GET * HTTP/1.1\r\n\r\n",
    b"CONNECT x:1 HTTP/1.1\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"PATCH /api/phone_numbers HTTP/1.1\r\n\r\n",
    b"GET /api/phone_numbers HTTP/1.1\r\nAuthorization: Bearer \xff\xfe\r\n\r\n",
    GET + b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    GET + b"X: " + LONG + b"\r\n\r\n",
    GET + b"X: y\r\n" * 20_000 + b"\r\n",
    b"\x16\x03\x01" + b"\x00" * 200,
    POST + b"Content-Length: 1\r\n\r\n{}{}{}",
    POST + b"Content-Length: -1\r\n\r\n{}",
    POST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x",
    POST + b"Content-Length: 99999999999999999999\r\n\r\n{}",
    CHUNKED + b"x\r\n",
    CHUNKED + b"2;" + LONG + b"\r\n{}\r\n0\r\n\r\n",
)
UNFINISHED = (
    b"",
    b"\r\n" * 50_000,
    b"GET /api",
    GET + b"X: " + LONG,
    POST + b"Content-Length: 5\r\n\r\n{",
    CHUNKED + b"ffffffffffffffff\r\n{}",
)


def race(base_urls: Sequence[str], state: State, rounds: int) -> Counter[tuple[int, int]]:
    """Let all buyers ask for one number at the same moment, a new number each round.

    Args:
        base_urls: Servers on one state; the buyers are spread over them.
        state: Where a number is put on sale.

    Returns:
        How many rounds had how many winners and refusals, as `{(winners, refusals): rounds}`.
    """
    results: Counter[tuple[int, int]] = Counter()
    with ExitStack() as connections:
        urls = [base_urls[index % len(base_urls)] for index in range(BUYERS)]
        buyers = [connections.enter_context(connect(url)) for url in urls]
        for index in range(rounds):
            number = f"+1999{index:07}"
            state.offer(number)
            body = json.dumps({"number": number}).encode()
            for buyer in buyers:
                buyer.sendall(POST + b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
            statuses = Counter(_status(buyer) for buyer in buyers)
            results[statuses[200], statuses[422]] += 1
    return results


def attack(base_url: str, damaged: int) -> Counter[int]:
    """Send hostile requests and many damaged ones, while others never finish theirs.

    Returns:
        How often each status was answered to the hostile ones.
    """
    seen: Counter[int] = Counter()
    with ExitStack() as connections:
        for start in UNFINISHED:
            connections.enter_context(connect(base_url)).sendall(start)
        for request in HOSTILE:
            with connect(base_url) as connection:
                connection.sendall(request)
                seen[_status(connection)] += 1
        for request in _damaged(damaged):
            with connect(base_url) as connection:
                connection.sendall(request)
    return seen


def connect(base_url: str) -> socket.socket:
    """A connection to the server."""
    address = urlsplit(base_url)
    return socket.create_connection((address.hostname, address.port), timeout=10)


def _status(connection: socket.socket) -> int:
    """Read one answer and give its status."""
    answer = HTTPResponse(connection)
    answer.begin()
    answer.read()
    return answer.status


def _damaged(count: int) -> Iterator[bytes]:
    """Copies of hostile requests with five of their bytes changed."""
    chance = random.Random(1)  # noqa: S311 - a choice of bytes, not of secrets
    for _ in range(count):
        request = bytearray(chance.choice(HOSTILE)[:2000])
        for _ in range(5):
            request[chance.randrange(len(request))] = chance.randrange(256)
        yield bytes(request)
