"""Before the first test: whether a run can be made at all, found out with three requests at most.

A refused key, a wrong base URL, a sign-in page or a proxy that fails says nothing about the
contract. If one operation alone answers so, that is a finding of the run.
"""

from __future__ import annotations

import json
import os

from vogent_contract.openapi import Operation, media_type
from vogent_contract.suite.credential import NO_HEADER, RIGHT_KEY, Credential
from vogent_contract.suite.exchange import Answer, Call
from vogent_contract.suite.run import Run
from vogent_contract.suite.server import KEY_VARIABLE

PROXY_VARIABLES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")
SYMPTOMS = {
    **dict.fromkeys((401, 403, 407), "key"),
    **dict.fromkeys((404, 405), "no API"),
    **dict.fromkeys((502, 503, 504), "gateway"),
    429: "limit",
}


def why_not(run: Run) -> str | None:
    """One line that says why the run cannot be made and what to do, None if it can."""
    harmless = [one for one in run.contract.operations.values() if _is_harmless(one)]
    if not harmless:
        return None
    first, last = harmless[0], harmless[-1]
    answer = _send(run, first, RIGHT_KEY)
    symptom = _symptom(answer)
    if symptom is None:
        return None
    if _symptom(_send(run, last, RIGHT_KEY)) != symptom:
        return None  # a fault of the one operation
    if answer.status is None:
        return _no_answer(run, answer)
    asked = f"{first.method} {run.wire.base_url}{first.path}"
    if symptom == "key":
        return _refused(run, first, answer, asked)
    return f"--base-url: {asked} {NEXT_STEPS[symptom].format(status=answer.status)}"


NEXT_STEPS = {
    "no API": "gets {status}: there is no such API; the base URL may lack a part such as /api",
    "redirect": "is redirected ({status}): give the URL of the API itself, with https if it is so",
    "page": "gets a page of HTML: this is a web site or a sign-in page; give the API's own URL",
    "limit": "gets {status}: the server takes no more requests now; try later, or a lower --rate",
    "gateway": "gets {status} from a gateway: the server behind it does not answer; is it running?",
}


def _is_harmless(operation: Operation) -> bool:
    return operation.effect == "none" and "{" not in operation.path


def _send(run: Run, operation: Operation, credential: Credential) -> Answer:
    call = Call(operation.method, operation.path, credential=credential)
    if operation.body is not None:
        content = json.dumps(operation.body.example()).encode()
        media = operation.body.media_type
        call = Call(operation.method, operation.path, content, media, credential)
    return run.exchange(run.plan(call)).answer


def _symptom(answer: Answer) -> str | None:
    """What may be wrong with the way to the server, in a word; None for an answer of the API."""
    if answer.status is None:
        return "no answer"
    if answer.status in SYMPTOMS:
        return SYMPTOMS[answer.status]
    if 300 <= answer.status < 400:
        return "redirect"
    page = media_type(answer.headers.get("content-type")) == "text/html"
    return "page" if page and answer.status < 500 else None


def _no_answer(run: Run, answer: Answer) -> str:
    reason = answer.error or "no answer"
    proxies = [
        name for name in PROXY_VARIABLES if os.environ.get(name) or os.environ.get(name.lower())
    ]
    if "WRONG_VERSION_NUMBER" in reason or "record layer" in reason:
        step = "the server speaks plain HTTP there: give an http:// URL, or the port of its https"
    elif proxies:
        step = f"is the proxy of {' or '.join(proxies)} right? NO_PROXY leaves a host out"
    else:
        step = "is the server running, and are host and port right?"
    return f"--base-url: {run.wire.base_url} cannot be reached: {reason}; {step}"


def _refused(run: Run, operation: Operation, answer: Answer, asked: str) -> str | None:
    if answer.status == 407:
        return f"--base-url: {asked} gets 407: the proxy wants a user and a password"
    without = _send(run, operation, NO_HEADER)
    if without.status is not None and 200 <= without.status < 300:
        return None  # it lets nobody in but those without a key: a fault for the run to tell
    step = f"is the key in {KEY_VARIABLE} one of this server's?"
    return f"the server refuses the key: {asked} gets {answer.status}; {step}"
