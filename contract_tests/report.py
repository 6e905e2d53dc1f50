"""What a run leaves behind: the summary on the terminal and in the job, and the files of `--report-dir`."""

from __future__ import annotations

import datetime
import html
import json
import os
from pathlib import Path

import harfile

from contract_tests.suite import Suite
from contract_tests.wire import Exchange, Wire


def summary(suite: Suite) -> list[str]:
    """Lines for a person: what each operation answered, what was seen, what was held back."""
    lines = [*suite.evidence.table(), ""]
    lines.append(f"{suite.wire.sent} requests to {suite.wire.base_url}; {len(suite.findings.all)} findings")
    if suite.options.seed is not None:
        lines.append(f"to repeat this run: --profile {suite.options.profile} --seed {suite.options.seed}")
    for need in suite.evidence.missing():
        lines.append(f"not seen: {need.place}: {need.what} ({need.why})")
    for reason, count in suite.held_back.items():
        lines.append(f"not sent: {count} requests: {reason}")
    return [suite.wire.scrub(line) for line in lines]


def write(suite: Suite, directory: Path, exit_code: int) -> None:
    """Write `evidence.json` and `report.html`; in GitHub Actions the job summary too."""
    findings = [finding.as_json() for finding in suite.findings.all.values()]
    content = {
        "server": suite.wire.base_url,
        "profile": suite.options.profile,
        "seed": suite.options.seed,
        "exit": exit_code,
        "requests": suite.wire.sent,
        "findings": findings,
        **suite.evidence.as_json(),
        "not_sent": dict(suite.held_back),
    }
    (directory / "evidence.json").write_text(suite.wire.scrub(json.dumps(content, indent=2)) + "\n", "utf-8")
    (directory / "report.html").write_text(suite.wire.scrub(_page(suite)), "utf-8")
    if path := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(suite.wire.scrub(_markdown(suite)))


class Recording:
    """The run's traffic as a HAR file, written as it goes; the key is in no entry."""

    def __init__(self, directory: Path, wire: Wire) -> None:
        self._file = harfile.HarFile.open(directory / "run.har")
        self._wire = wire
        self.close = self._file.close

    def record(self, exchange: Exchange) -> None:
        """Add one exchange."""
        content_type = exchange.headers.get("content-type", "")
        sent = exchange.content.decode("utf-8", "replace")
        request = harfile.Request(
            method=exchange.method,
            url=exchange.url,
            httpVersion="HTTP/1.1",
            headers=[harfile.Record(name, value) for name, value in exchange.request_headers.items()],
            postData=harfile.PostData(exchange.request_headers.get("content-type", ""), text=sent) if sent else None,
            bodySize=len(exchange.content),
        )
        response = harfile.Response(
            status=exchange.status or 0,
            statusText=exchange.error or "",
            httpVersion="HTTP/1.1",
            headers=[harfile.Record(name, self._wire.scrub(value)) for name, value in exchange.headers.multi_items()],
            content=harfile.Content(
                size=len(exchange.body),
                mimeType=content_type,
                text=self._wire.scrub(exchange.body.decode("utf-8", "replace")),
            ),
            bodySize=len(exchange.body),
        )
        self._file.add_entry(
            startedDateTime=datetime.datetime.now(datetime.UTC),
            time=exchange.elapsed * 1000,
            request=request,
            response=response,
            timings=harfile.Timings(send=0, wait=exchange.elapsed * 1000, receive=0),
        )


def _markdown(suite: Suite) -> str:
    blocks = [f"```\n{finding}\n```" for finding in suite.findings.all.values()]
    verdict = "breaks" if blocks else "keeps"
    table = "\n".join(summary(suite))
    return "\n\n".join([f"## The server {verdict} the contract", *blocks, f"```\n{table}\n```", ""])


def _page(suite: Suite) -> str:
    findings = "".join(f"<pre>{html.escape(str(one))}</pre>" for one in suite.findings.all.values())
    table = html.escape("\n".join(summary(suite)))
    return f"<!doctype html><meta charset=utf-8><title>Conformance</title>{findings}<pre>{table}</pre>"
