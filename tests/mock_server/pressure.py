"""Many buyers at once, and hostile clients on raw sockets, against a running mock.

`python -m benchmarks.mock --pressure` runs both at full size; the tests run a part.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from vogent_contract.mock import TEST_KEY, State

AUTH = f"Host: x\r\nAuthorization: Bearer {TEST_KEY}\r\n".encode()
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def race(
    base_urls: Sequence[str], state: State, rounds: int, buyers: int = 64
) -> Counter[tuple[int, int]]:
    """Let all buyers ask for one number at the same moment, a new number each round.

    Args:
        base_urls: Servers on one state; the buyers are spread over them.
        state: Where a number is put on sale.

    Returns:
        How many rounds had how many winners and refusals, as `{(winners, refusals): rounds}`.
    """

    async def run() -> Counter[tuple[int, int]]:
        results: Counter[tuple[int, int]] = Counter()
        streams = [await connect(base_urls[index % len(base_urls)]) for index in range(buyers)]
        for index in range(rounds):
            number = f"+1999{index:07}"
            state.offer(number)
            request = post("/api/phone_numbers/purchase", json.dumps({"number": number}).encode())
            for _, writer in streams:
                writer.write(request)
            statuses = Counter(await asyncio.gather(*[status(reader) for reader, _ in streams]))
            results[statuses[200], statuses[422]] += 1
        await close(streams)
        return results

    return asyncio.run(run())


def attack(base_url: str, requests: int, seed: int = 0, at_once: int = 32) -> Counter[int]:
    """Send hostile requests, each on a connection of its own, while 64 others send nothing more after a start.

    Returns:
        How often each status was answered; 0 stands for a connection that was closed without an answer.
    """

    async def run() -> Counter[int]:
        chance = random.Random(seed)  # noqa: S311 - a choice of requests, not of secrets
        stalled = [await connect(base_url) for _ in range(64)]
        for index, (_, writer) in enumerate(stalled):
            whole = post("/api/phone_numbers/purchase", b'{"number":"1"}')
            writer.write(whole[: index * len(whole) // 64])
        seen: Counter[int] = Counter()
        waiting = [_hostile(chance) for _ in range(requests)]

        async def client() -> None:
            while waiting:
                seen[await _send(base_url, waiting.pop())] += 1

        await asyncio.gather(*[client() for _ in range(at_once)])
        await close(stalled)
        return seen

    return asyncio.run(run())


def post(path: str, body: bytes, headers: bytes = b"Content-Type: application/json\r\n") -> bytes:
    """The bytes of a POST."""
    return b"POST %b HTTP/1.1\r\n%b%bContent-Length: %d\r\n\r\n%b" % (
        path.encode(),
        AUTH,
        headers,
        len(body),
        body,
    )


def _hostile(chance: random.Random) -> Callable[[], bytes]:
    """Makes one hostile request, when it is needed: some are large."""
    make = chance.choice(HOSTILE)
    seed = chance.random()
    return lambda: make(random.Random(seed))  # noqa: S311 - as above


def _any_path(chance: random.Random) -> str:
    return chance.choice(
        [
            "",
            "/purchase",
            "/search",
            "/x",
            "/%00",
            "/" + "%ff" * 50,
            "/.." * 9,
            "?limit=" + "9" * 400,
        ]
    )


def _noise(chance: random.Random) -> bytes:
    return chance.randbytes(chance.randrange(1, 3000))


def _broken(chance: random.Random) -> bytes:
    """A good request with some of its bytes changed."""
    request = bytearray(
        post("/api/phone_numbers" + _any_path(chance), b'{"number":"+12025550100"}')
    )
    for _ in range(chance.randrange(1, 6)):
        request[chance.randrange(len(request))] = chance.randrange(256)
    return bytes(request)


def _cut(chance: random.Random) -> bytes:
    request = post("/api/phone_numbers/search", b'{"prefix":"415"}')
    return request[: chance.randrange(len(request))]


def _body(chance: random.Random) -> bytes:
    """A body that no operation wants."""
    deep = chance.choice([100, 254, 255, 256, 900, 20_000])
    bodies = [
        b"[" * deep,
        b"[" * deep + b"]" * deep,
        b'{"number":' * deep + b"1" + b"}" * deep,
        b'{"prefix":"4","x":' + b"[" * deep + b"]" * deep + b"}",
        b'{"prefix":"4","limit":%s}'
        % chance.choice([b"1e999", b"-1e999", b"9" * 5000, b"NaN", b"1e-999", b"0.1"]),
        b'{"number":"\\ud800"}',
        b'{"number":"\\u0000"}',
        b'{"number":"\xff\xfe"}',
        b"\xef\xbb\xbf{}",
        b'{"number":"' + b"1" * 200_000 + b'"}',
        b'{"' + b'a":1,"' * 20_000 + b'b":1}',
        json.dumps(
            {"type": chance.choice([None, 1, "purchase", []]), "purchase": [[]], "vogentSip": {}}
        ).encode(),
        chance.randbytes(500),
        b" " * 1_100_000,
    ]
    return post("/api/phone_numbers" + _any_path(chance), chance.choice(bodies))


def _head(chance: random.Random) -> bytes:
    """A head that is too long, or not one."""
    size = chance.choice([1000, 60_000, 70_000, 300_000])
    return chance.choice(
        [
            b"GET /" + b"a" * size + b" HTTP/1.1\r\n\r\n",
            b"GET /api/phone_numbers HTTP/1.1\r\nX: " + b"a" * size,
            b"GET /api/phone_numbers HTTP/1.1\r\n" + AUTH + b"X: " + b"a" * size + b"\r\n\r\n",
            b"GET /api/phone_numbers HTTP/1.1\r\n" + AUTH + b"X: y\r\n" * (size // 6) + b"\r\n",
            b"GET * HTTP/1.1\r\n\r\n",
            b"CONNECT x:1 HTTP/1.1\r\n\r\n",
            b"GET http://[::1 HTTP/1.1\r\n\r\n",
            b"GET //x/api/phone_numbers HTTP/1.1\r\n" + AUTH + b"\r\n",
            b"GET /api/phone_numbers HTTP/9.9\r\n\r\n",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            b"GET /api/phone_numbers HTTP/1.1\r\n"
            + AUTH
            + b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
            b"GET /api/phone_numbers HTTP/1.1\r\nAuthorization: Bearer \xff\xfe\r\n\r\n",
            b"\r\n" * size,
            b"\x16\x03\x01" + b"\x00" * 200,
        ]
    )


def _framing(chance: random.Random) -> bytes:
    """A body whose length is wrong, missing or there twice."""
    start = (
        b"POST /api/phone_numbers/purchase HTTP/1.1\r\nContent-Type: application/json\r\n" + AUTH
    )
    chunked = start + b"Transfer-Encoding: chunked\r\n"
    return start + chance.choice(
        [
            b"Content-Length: 5\r\n\r\n{",
            b"Content-Length: 1\r\n\r\n{}{}{}",
            b"Content-Length: -1\r\n\r\n{}",
            b"Content-Length: 99999999999999999999\r\n\r\n{}",
            b"Content-Length: 999999999\r\n\r\n{}",
            b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x",
            b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
            b"\r\n{}",
        ]
        + [
            chunked[len(start) :] + rest
            for rest in (
                b"\r\nx\r\n",
                b"\r\nffffffffffffffff\r\n{}",
                b"\r\n2;" + b"e" * 100_000 + b"\r\n{}\r\n0\r\n\r\n",
                b"\r\n2\r\n{}\r\n0\r\nT: " + b"t" * 100_000 + b"\r\n\r\n",
                b"\r\n" + b"1\r\n \r\n" * 2000 + b"0\r\n\r\n",
                b"\r\n2\r\n{}\r\n0\r\n\r\n",
            )
        ]
    )


def _many(chance: random.Random) -> bytes:
    """Several requests in one go."""
    return b"".join(
        chance.choice([_broken, _cut, _body])(chance) for _ in range(chance.randrange(2, 20))
    )


HOSTILE = (_noise, _broken, _cut, _body, _head, _framing, _many)


async def connect(base_url: str) -> Streams:
    """A connection to the server."""
    parts = urlsplit(base_url)
    return await asyncio.open_connection(parts.hostname, parts.port)


async def close(streams: Sequence[Streams]) -> None:
    """Close connections."""
    for _, writer in streams:
        writer.close()
    await asyncio.gather(*[writer.wait_closed() for _, writer in streams], return_exceptions=True)


async def status(reader: asyncio.StreamReader) -> int:
    """Read one answer and give its status."""
    head = await reader.readuntil(b"\r\n\r\n")
    await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]))
    return int(head[9:12])


async def _send(base_url: str, make: Callable[[], bytes]) -> int:
    reader, writer = await connect(base_url)
    answer = b""
    try:
        writer.write(make())
        writer.write_eof()
        answer = await asyncio.wait_for(reader.read(64), 10)
    except (ConnectionError, OSError):
        pass
    await close([(reader, writer)])
    return int(answer[9:12]) if answer.startswith(b"HTTP/1.1 ") else 0
