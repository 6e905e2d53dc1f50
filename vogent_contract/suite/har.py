"""The run's traffic as a HAR file, written as it goes; the key is in no entry."""

from __future__ import annotations

import datetime
from pathlib import Path

import harfile

from vogent_contract.suite.credential import Key
from vogent_contract.suite.exchange import Exchange


class Recording:
    """Writes `run.har` into the report directory."""

    def __init__(self, directory: Path, key: Key) -> None:
        self._file = harfile.HarFile.open(directory / "run.har")
        self._key = key

    def close(self) -> None:
        self._file.close()

    def record(self, exchange: Exchange) -> None:
        """Add one exchange."""
        answer = exchange.answer
        elapsed = answer.elapsed * 1000
        self._file.add_entry(
            startedDateTime=datetime.datetime.fromtimestamp(answer.started, datetime.UTC),
            time=elapsed,
            request=self._request(exchange),
            response=self._response(exchange),
            timings=harfile.Timings(send=0, wait=elapsed, receive=0),
        )

    def _request(self, exchange: Exchange) -> harfile.Request:
        call, scrub = exchange.outgoing.call, self._key.scrub
        headers = [harfile.Record(name, scrub(value)) for name, value in call.headers.items()]
        if call.credential.shown is not None:
            headers.append(harfile.Record("Authorization", call.credential.shown))
        if call.content_type is not None:
            headers.append(harfile.Record("Content-Type", call.content_type))
        posted = None
        if call.content:
            text = call.content.decode("utf-8", "replace")
            posted = harfile.PostData(call.content_type or "", text=scrub(text))
        return harfile.Request(
            method=call.method,
            url=scrub(exchange.outgoing.url),
            httpVersion="HTTP/1.1",
            headers=headers,
            postData=posted,
            bodySize=len(call.content),
        )

    def _response(self, exchange: Exchange) -> harfile.Response:
        answer, scrub = exchange.answer, self._key.scrub
        text = answer.body.decode("utf-8", "replace")
        return harfile.Response(
            status=answer.status or 0,
            statusText=answer.error or "",
            httpVersion="HTTP/1.1",
            headers=[
                harfile.Record(name, scrub(value)) for name, value in answer.headers.multi_items()
            ],
            content=harfile.Content(
                size=len(answer.body),
                mimeType=answer.headers.get("content-type", ""),
                text=scrub(text),
            ),
            bodySize=len(answer.body),
        )
