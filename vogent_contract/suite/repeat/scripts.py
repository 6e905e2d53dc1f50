"""Writes `repeat/NN-operation-rule.sh` into the report's folder, one script for each finding."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2

from vogent_contract.suite.exchange import Exchange
from vogent_contract.suite.findings import Finding
from vogent_contract.suite.inquiry import STRANGER
from vogent_contract.suite.repeat.calls import Past
from vogent_contract.suite.repeat.shell import Variables, body, options, quoted, shown, target
from vogent_contract.suite.repeat.sign import Sign, Signs
from vogent_contract.suite.run import Run

FOLDER = "repeat"
RELEASE, LIST = "deletePhoneNumber", "listPhoneNumbers"
MAKING = ("creates", "unknown")  # effects of calls after which there may be a new phone number
TRIES = 12  # of a call that fails now and then
LONG = 100  # characters of a step, and of each part of a comment 4 times as many


@dataclass(frozen=True)
class Step:
    """One call of a script.

    Attributes:
        told: In one line, for people.
        words: What the script's function `call` is told: method, path, options of curl.
        makes: There may be a new phone number after it.
        takes: Names of the variables that its answer fills, and the options of jq.
    """

    exchange: Exchange
    told: str
    words: str
    makes: bool
    takes: list[tuple[str, str]]


@dataclass(frozen=True)
class Script:
    """The calls that lead to a finding, and how its sign is told."""

    steps: list[Step]
    sign: Sign


def tell_steps(run: Run, findings: Sequence[Finding]) -> None:
    """Tell with findings the calls that lead to them, from an empty account."""
    past = Past(run.exchanges)
    for finding in findings:
        calls = past.leading_to(finding)
        finding.steps = [step.told for step in _steps(calls, Variables(past, calls))]


def write(run: Run, directory: Path) -> None:
    """Write the scripts of a run's findings below a folder; each finding then names its own.

    A script sends only what the run itself sent: on a live account nothing is created by it unless
    the run was given a budget for that.
    """
    folder = directory / FOLDER
    for old in folder.glob("[0-9][0-9]*-*.sh"):
        old.unlink()
    past = Past(run.exchanges)
    for position, finding in enumerate(run.findings.all(), start=1):
        calls = past.leading_to(finding)
        if not calls:  # it is about the run as a whole
            continue
        script = _script(finding, calls, past)
        finding.steps = [step.told for step in script.steps]
        if any(_acts_on_listed(call, past) for call in calls):
            continue
        name = re.sub(r"\W+", "-", f"{finding.operation}-{finding.rule}", flags=re.ASCII)
        finding.script = f"{FOLDER}/{position:02}-{name.strip('-')}.sh"
        folder.mkdir(exist_ok=True)
        path = directory / finding.script
        path.write_text(_text(run, finding, script), "utf-8")
        path.chmod(0o755)


def _acts_on_listed(exchange: Exchange, past: Past) -> bool:
    """Whether a request changes or releases what only the list tells the id of.

    The next time the phone number at that place of the list may be somebody else's.
    """
    if exchange.outgoing.effect not in ("changes", "releases"):
        return False
    source = past.source(exchange.path_id, exchange)
    return source is not None and source.exchange.operation_id == LIST


def _script(finding: Finding, calls: Sequence[Exchange], past: Past) -> Script:
    variables = Variables(past, calls)
    _steps(calls, variables)  # what the requests need comes before what the sign needs
    sign = Signs(finding, calls, past, variables).sign()
    return Script(_steps(calls, variables), sign)


def _steps(calls: Sequence[Exchange], variables: Variables) -> list[Step]:
    sent = [(one, target(one, variables), body(one, variables)) for one in calls]
    steps = []
    for exchange, url, content in sent:
        call = exchange.outgoing.call
        words = [shlex.quote(call.method), quoted(url), *options(exchange, content)]
        told = _in_one_line(f"{call.method} {shown(url)} {shown(content)}".strip(), LONG)
        if call.credential.verdict == "bad":
            told = f"{told} ({call.credential.name})"
        takes = [(one.name, one.taken) for one in variables.taken_from(exchange)]
        if takes:
            told = f"{told} -> {', '.join(f'${name}' for name, _ in takes)}"
        makes = exchange.outgoing.effect in MAKING
        steps.append(Step(exchange, told, " ".join(words), makes, takes))
    return steps


def _text(run: Run, finding: Finding, script: Script) -> str:
    """The text of a script, without the key."""
    environment = jinja2.Environment(  # noqa: S701 - it is no HTML; `shlex` quotes what must be
        loader=jinja2.PackageLoader(__package__, "."),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
        finalize=lambda value: run.wire.key.scrub(str(value)),
    )
    environment.filters |= {"line": _in_one_line, "quoted": shlex.quote}
    last = script.steps[-1]
    creations = [step.exchange for step in script.steps if step.makes]
    hidden = finding.rule == STRANGER or any(map(_is_hidden, creations))
    failed = last.exchange.status is None or last.exchange.status >= 429
    return environment.get_template("script.sh.jinja").render(
        finding=finding,
        steps=script.steps[:-1],
        last=last,
        sign=script.sign,
        tries=TRIES if failed and not (run.options.live and last.makes) else 1,
        creations=len(creations),
        sweeps=hidden and not run.options.live,
        base_url=run.wire.base_url,
        timeout=run.wire.timeout,
        release=run.contract.operations[RELEASE].path.replace("{id}", "$1"),
        listing=run.contract.operations[LIST].path,
    )


def _is_hidden(creation: Exchange) -> bool:
    """Whether a request may have made what its answer does not tell the id of."""
    value = creation.value
    return not (isinstance(value, dict) and isinstance(value.get("id"), str))


def _in_one_line(text: str, length: int = 4 * LONG) -> str:
    """A text for a comment: what could end the line is an escape, what is too long is cut."""
    letters = []
    for letter in text[:length]:
        escaped = letter.encode("unicode_escape", "surrogatepass").decode("ascii")
        letters.append(letter if letter.isprintable() else escaped)
    more = "…" if len(text) > length else ""
    return "".join(letters) + more
