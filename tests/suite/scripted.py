"""A run whose answers come from the test, to see what rules and account make of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import httpx

from vogent_contract.openapi import load
from vogent_contract.suite.credential import RIGHT_KEY, Credential, Key
from vogent_contract.suite.exchange import Answer, Call, Expectation
from vogent_contract.suite.run import Options, Run
from vogent_contract.suite.wire import Wire

CONTRACT = load()
JSON = "application/json"


@dataclass(frozen=True)
class Step:
    """A request, and the answer that it gets: with no status none comes in time."""

    method: str
    target: str
    body: Any = None
    status: int | None = 200
    value: Any = None
    expects: Expectation = Expectation.UNKNOWN
    credential: Credential = RIGHT_KEY


class Script(Wire):
    """Gives one answer after another, the last one as often as it is asked, without a server."""

    answers: list[Answer] = []  # noqa: RUF012 - set before each request

    def send(self, request: httpx.Request, *, again: bool = False) -> Answer:  # noqa: ARG002 - as the wire has it
        self.sent += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def played(*steps: Step | list[Step], live: bool = False, stop_first: bool = False) -> Run:
    """The run after some steps; those of a list are under way together."""
    wire = Script("http://127.0.0.1:9/api", Key("secret-key"), timeout=1)
    run = Run(CONTRACT, wire, Options(live=live, stop_first=stop_first))
    for step in steps:
        if isinstance(step, Step):
            wire.answers = [_answer(step)]
            run.send(_call(step))
        else:
            wire.answers = [_answer(one) for one in step]
            run.judge(run.queue([_call(one) for one in step]), len(step))
    return run


def _answer(step: Step) -> Answer:
    if step.status is None:
        return Answer(None, error="timed out", timed_out=True)
    headers = httpx.Headers({"content-type": JSON})
    return Answer(step.status, headers, json.dumps(step.value).encode())


def _call(step: Step) -> Call:
    content = b"" if step.body is None else json.dumps(step.body).encode()
    media_type = JSON if content else None
    return Call(step.method, step.target, content, media_type, step.credential, step.expects)


def rules(run: Run) -> set[str]:
    """The rules that were found broken."""
    return {finding.rule for finding in run.findings.all()}


def phone_number(key: str, number: str = "+14155550123", **fields: Any) -> dict[str, Any]:
    """A phone number as an answer shows it."""
    return {"id": key, "number": number, "type": "PSTN", "agentId": None, **fields}


def listing(*numbers: dict[str, Any], cursor: str | None = None, query: str = "") -> Step:
    """The list of the account."""
    return Step("GET", f"/phone_numbers{query}", value={"data": list(numbers), "cursor": cursor})


def reading(key: str, value: Any, status: int = 200) -> Step:
    """Reading one phone number."""
    return Step("GET", f"/phone_numbers/{key}", status=status, value=value)


def searching(*numbers: str, prefix: str = "415") -> Step:
    """A search."""
    found = [{"number": number} for number in numbers]
    return Step("POST", "/phone_numbers/search", {"prefix": prefix, "limit": 10}, value=found)


def purchase(number: str, value: Any, status: int = 200) -> Step:
    """Buying a number the old way."""
    return Step("POST", "/phone_numbers/purchase", {"number": number}, status, value)


def releasing(key: str, value: Any, status: int = 200) -> Step:
    """Releasing a phone number."""
    return Step("DELETE", f"/phone_numbers/{key}", status=status, value=value)
