"""What a run leaves behind: the summary on the terminal and in the job, and the files of `--report-dir`."""

from __future__ import annotations

import argparse
import datetime
import html
import json
import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import harfile

from vogent_contract.live.guard import Guard
from vogent_contract.suite.run import Suite
from vogent_contract.suite.wire import Exchange, Wire


def summary(suite: Suite) -> list[str]:
    """Lines for a person: what each operation answered, what was seen, what was held back."""
    lines = [*suite.evidence.table(), ""]
    lines.append(
        f"{suite.wire.sent} requests to {suite.wire.base_url}; findings: {len(suite.findings.all)}"
    )
    if suite.options.seed is not None:
        lines.append(
            f"to repeat this run: --profile {suite.options.profile} --seed {suite.options.seed}"
        )
    for need in suite.evidence.missing():
        lines.append(f"not seen: {need.place}: {need.what} ({need.why})")
    for reason, count in suite.held_back.items():
        lines.append(f"not sent: {count} requests: {reason}")
        lines.append(
            "  in " + ", ".join(f"{test} {times}" for test, times in suite.held_in[reason].items())
        )
    if isinstance(suite.wire.guard, Guard):
        lines += ["", *suite.wire.guard.report()]
    return [suite.wire.scrub(line) for line in lines]


def warning(options: argparse.Namespace) -> list[str]:
    """What a live run may do, said before it does anything."""
    host, most = (
        urlsplit(options.base_url or "").hostname or "the project's mock",
        options.max_numbers,
    )
    if most:
        may = f"may bring {most} phone numbers into being, which can cost money, and changes and releases only those"
    else:
        may = "buys, makes, changes and releases nothing (--max-numbers 0)"
    agent = (
        f"It may link them to the agent {options.agent_id}."
        if options.agent_id
        else "It links to no agent."
    )
    return [
        f"live run (profile {options.profile}) against an account on {host}: it {may}.",
        f"{agent} At most {options.rate:g} requests a second. What it does to the account is in {options.ledger}.",
    ]


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
    (directory / "evidence.json").write_text(
        suite.wire.scrub(json.dumps(content, indent=2)) + "\n", "utf-8"
    )
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
            headers=[
                harfile.Record(name, value) for name, value in exchange.request_headers.items()
            ],
            postData=harfile.PostData(exchange.request_headers.get("content-type", ""), text=sent)
            if sent
            else None,
            bodySize=len(exchange.content),
        )
        response = harfile.Response(
            status=exchange.status or 0,
            statusText=exchange.error or "",
            httpVersion="HTTP/1.1",
            headers=[
                harfile.Record(name, self._wire.scrub(value))
                for name, value in exchange.headers.multi_items()
            ],
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
    """A page that needs nothing else: verdict, findings, evidence."""
    findings = list(suite.findings.all.values())
    parts = [
        f"<h1 class={'bad' if findings else 'good'}>{'Breaks' if findings else 'Keeps'} the contract</h1>",
        f"<p>{html.escape(suite.wire.base_url)}, profile {suite.options.profile}"
        f"{'' if suite.options.seed is None else f', seed {suite.options.seed}'}:"
        f" {suite.wire.sent} requests; findings: {len(findings)}</p>",
    ]
    for finding in findings:
        title, _, rest = str(finding).partition("\n")
        parts.append(
            f"<details open><summary>{html.escape(title)}</summary><pre>{html.escape(rest)}</pre></details>"
        )
    evidence = suite.evidence
    statuses = sorted({status for counts in evidence.statuses.values() for status in counts})
    rows: list[list[object]] = [
        [key, *(counts[status] or "" for status in statuses)]
        for key, counts in evidence.statuses.items()
    ]
    parts += ["<h2>What each operation answered</h2>", _table(["operation", *statuses], rows)]
    rows = [
        [place, what, count or "not seen"]
        for place, kinds in evidence.values.items()
        for what, count in kinds.items()
    ]
    parts += [
        "<h2>Which values were seen</h2>",
        _table(["schema position", "value", "times"], rows),
    ]
    if missing := evidence.missing():
        rows = [[need.place, need.what, need.why] for need in missing]
        parts += ["<h2>What was not seen</h2>", _table(["place", "what", "why it matters"], rows)]
    if suite.held_back:
        rows = [[reason, count] for reason, count in suite.held_back.items()]
        parts += ["<h2>What was not sent</h2>", _table(["reason", "requests"], rows)]
    return _HEAD + "\n".join(parts)


def _table(head: list[str], rows: Sequence[Sequence[object]]) -> str:
    def cells(tag: str, values: Sequence[object]) -> str:
        return (
            "<tr>"
            + "".join(f"<{tag}>{html.escape(str(value))}</{tag}>" for value in values)
            + "</tr>"
        )

    return f"<table>{cells('th', head)}{''.join(cells('td', row) for row in rows)}</table>"


_HEAD = """<!doctype html>
<html lang=en><meta charset=utf-8><meta name=viewport content="width=device-width, initial-scale=1">
<title>Conformance report</title>
<style>
:root { color-scheme: light dark }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 64rem; margin: 2rem auto; padding: 0 1rem }
.good { color: #1a7f37 } .bad { color: #cf222e }
summary { cursor: pointer; font-weight: 600; margin-top: 1rem }
pre { overflow-x: auto; padding: .75rem; border: 1px solid #8886; border-radius: 6px }
table { border-collapse: collapse; display: block; overflow-x: auto }
td, th { border-bottom: 1px solid #8884; padding: .25rem .75rem; text-align: left }
</style>
"""
