"""The run's traffic as a HAR file (version 1.2), whole at any moment; the key is in no entry.

Beside the fields of HAR an entry has `_number` and `_test`, and `_findings` when the run has ended.
"""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import harfile

from vogent_contract.suite.credential import Key
from vogent_contract.suite.exchange import Answer, Exchange
from vogent_contract.suite.findings import Finding

NAME = "run.har"
END = "\n]}}\n"  # of the list of entries, and of the document


class Recording:
    """Writes the file as the run goes: a run that is killed leaves a whole document too."""

    def __init__(self, directory: Path, key: Key) -> None:
        self._path = directory / NAME
        self._key = key
        self._path.write_text(f"{_head()}{END}", "utf-8")
        self._end = len(_head().encode())
        self._separator = "\n"

    def record(self, exchange: Exchange) -> None:
        """Add one exchange, whose findings nobody knows yet."""
        text = f"{self._separator}{_as_text(_entry(exchange), self._key)}"
        with self._path.open("r+b", buffering=0) as file:
            file.seek(self._end)
            file.write(f"{text}{END}".encode())  # one write: there is no moment without an end
        self._end += len(text.encode())
        self._separator = ",\n"


def write(
    directory: Path, exchanges: Iterable[Exchange], findings: Sequence[Finding], key: Key
) -> None:
    """Write the file of a run that has ended, each entry with its findings."""
    found = _by_request(findings)
    entries = [_entry(one) | _found(found.get(one.number, [])) for one in exchanges]
    text = ",\n".join(_as_text(entry, key) for entry in entries)
    path = directory / NAME
    aside = path.with_name(f"{NAME}.{os.getpid()}")
    aside.write_text(f"{_head()}\n{text}{END}", "utf-8")
    aside.replace(path)


def _head() -> str:
    creator = json.dumps({"name": "vogent-contract-kit", "version": version("vogent-contract-kit")})
    return f'{{"log": {{"version": "{harfile.HAR_VERSION}", "creator": {creator}, "entries": ['


def _by_request(findings: Sequence[Finding]) -> dict[int, list[dict[str, Any]]]:
    """By request the findings that name it, numbered as `report.html` numbers them."""
    found: dict[int, list[dict[str, Any]]] = {}
    for number, finding in enumerate(findings, start=1):
        told = {
            "number": number,
            "level": finding.level,
            "known": finding.known,
            "rule": finding.rule,
            "operation": finding.operation,
            "told": finding.line(),
        }
        for request in dict.fromkeys([finding.request, *finding.requests]):
            found.setdefault(request, []).append(told)
    return found


def _found(findings: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    fields: dict[str, Any] = {"_findings": findings}
    if findings:  # viewers show a comment
        fields["comment"] = "; ".join(f"{one['level']}: {one['told']}" for one in findings)
    return fields


def _entry(exchange: Exchange) -> dict[str, Any]:
    answer = exchange.answer
    started = datetime.datetime.fromtimestamp(answer.started, datetime.UTC)
    elapsed = answer.elapsed * 1000
    return {
        "startedDateTime": started.isoformat(),
        "time": elapsed,
        "request": _request(exchange).asdict(),
        "response": _response(answer),
        "cache": {},
        "timings": harfile.Timings(send=0, wait=elapsed, receive=0).asdict(),
        "_number": exchange.number,
        "_test": exchange.test,
    }


def _request(exchange: Exchange) -> harfile.Request:
    call, url = exchange.outgoing.call, exchange.outgoing.url
    headers = dict(call.headers)
    if call.credential.shown is not None:
        headers["Authorization"] = call.credential.shown
    if call.content_type is not None:
        headers["Content-Type"] = call.content_type
    posted = None
    if call.content:
        text = call.content.decode("utf-8", "replace")
        posted = harfile.PostData(call.content_type or "", text=text)
    query = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    return harfile.Request(
        method=call.method,
        url=url,
        httpVersion="HTTP/1.1",
        headers=_records(headers.items()),
        queryString=_records(query),
        postData=posted,
        bodySize=len(call.content),
    )


def _response(answer: Answer) -> dict[str, Any]:
    """The response; of a request that got no answer the status is 0, and browsers show `_error`."""
    content = harfile.Content(
        size=len(answer.body),
        mimeType=answer.headers.get("content-type", ""),
        text=answer.body.decode("utf-8", "replace"),
    )
    response = harfile.Response(
        status=answer.status or 0,
        statusText=answer.error or "",
        httpVersion="HTTP/1.1",
        headers=_records(answer.headers.multi_items()),
        content=content,
        redirectURL=answer.headers.get("location", ""),
        bodySize=len(answer.body),
    ).asdict()
    return response if answer.error is None else response | {"_error": answer.error}


def _records(pairs: Iterable[tuple[str, str]]) -> list[harfile.Record]:
    return [harfile.Record(name, value) for name, value in pairs]


def _as_text(entry: Mapping[str, Any], key: Key) -> str:
    return json.dumps(key.scrub_json(entry))
