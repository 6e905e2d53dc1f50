"""Faults of HTTP: status, content type, bytes, credential, other methods, every third answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from vogent_contract.faults import breaking
from vogent_contract.faults.breaking import Accepts, Change, altered, instead, with_bytes
from vogent_contract.faults.fault import DOCUMENTED, Fault
from vogent_contract.mock.app import CREDENTIAL_CHECKS, server_path
from vogent_contract.mock.outcomes import Answer
from vogent_contract.mock.recording import Scope
from vogent_contract.openapi import Contract, Operation

HTML = "text/html"
PAGE = "<!doctype html><title>Down for maintenance</title>"
SLOW, HANGING = 30.0, 3600.0  # seconds
Which = Callable[[Answer], bool]
KEY_RULE = ("refuses-wrong-key",)

# By category: the keyword of the contract that is broken.
KEYWORDS = {
    "status": "status",
    "content-type": "content-type",
    "body": "json",
    "credential": "security",
}


class ResponseFault(NamedTuple):
    """A fault of answers that each operation can have: `which` of them it changes, and how."""

    name: str
    category: str
    says: str
    change: Change
    which: Which | None = breaking.succeeded
    rules: tuple[str, ...] = DOCUMENTED
    status: int = 200


def derive(contract: Contract) -> Iterator[Fault]:
    """The faults of every operation, of the server's credential, of every path's other methods."""
    operations = contract.operations.values()
    for operation in operations:
        for row in RESPONSES:
            yield _response(operation, row)
        for name, accepts in ACCEPTED.items() if operation.secured else ():
            yield _accepting(name, accepts, operation.id)
    for name, accepts in ACCEPTED_EVERYWHERE.items():
        if any(operation.secured for operation in operations):
            yield _accepting(name, accepts)
    for path in dict.fromkeys(operation.path for operation in operations):
        for name, pointer, says, change in OTHER_METHODS:
            dotted = path.strip("/").replace("/", ".").replace("{", "").replace("}", "")
            yield Fault(
                f"{dotted}.{name}",
                breaking.rewrite_answers(_at_other_methods(contract, path, change)),
                category="method",
                summary=f"{path}: {says}",
                pointer=pointer,
                keyword="method",
                rules=("refuses-other-methods",),
            )


def _response(operation: Operation, row: ResponseFault) -> Fault:
    reason = None
    if row.category == "status" and operation.response(row.status):
        reason = "the contract documents the status"
    elif row.category in ("content-type", "body") and operation.success.schema is None:
        reason = "the contract documents no body"
    elif row.which is breaking.refused and not operation.takes_input:
        reason = "a request without input cannot be refused"
    elif row.category == "credential" and not operation.secured:
        reason = "the contract wants no credential"
    every = 3 if row.category == "sometimes" else 1
    return Fault(
        f"{operation.id}.{row.name}",
        breaking.change_answers(row.change, operation.id, which=row.which, every=every),
        category=row.category,
        summary=row.says,
        operation=operation.id,
        pointer="/header/Authorization" if row.category == "credential" else "",
        keyword=KEYWORDS.get(row.category, ""),
        rules=row.rules,
        equivalent=reason,
    )


def _accepting(name: str, accepts: Accepts, *operations: str) -> Fault:
    same = name == "without-check-present"
    return Fault(
        f"{''.join(operations) or 'server'}.credential.accepts-{name}",
        breaking.accept_credentials(accepts, *operations),
        category="credential",
        summary=f"accepts a credential: {name}",
        operation="".join(operations),
        pointer="/header/Authorization",
        keyword="security",
        rules=KEY_RULE,
        equivalent="the other checks refuse the same credentials" if same else None,
    )


def _at_other_methods(
    contract: Contract, path: str, change: Change
) -> Callable[[Scope, Answer], Answer | None]:
    """Change the answers to methods that a path does not have."""
    method = next(one.method for one in contract.operations.values() if one.path == path)
    prefix = server_path(contract)

    def changed(scope: Scope, given: Answer) -> Answer | None:
        target = scope["raw_path"].decode("ascii").removeprefix(prefix)
        known = contract.match(method, target)
        here = given.status == 405 and known and known.path == path
        return change(given) if here else None

    return changed


def refuses_key(answer: Answer) -> bool:
    """The credential is refused."""
    return answer.status == 401


def accepts_key(answer: Answer) -> bool:
    """The credential is accepted."""
    return answer.status != 401


def same(content: bytes) -> bytes:
    """The right bytes."""
    return content


def page(_: bytes) -> bytes:
    """A page of HTML."""
    return PAGE.encode()


def other_statuses() -> Iterator[ResponseFault]:
    """The right answers with other statuses."""
    for name, says, category, which, rules, codes in STATUSES:
        for code in codes:
            told, change = f"{says} is answered with {code}", altered(status=code)
            yield ResponseFault(f"{name}-{code}", category, told, change, which, rules, code)


def other_media(name: str) -> ResponseFault:
    """A success with another content type."""
    fault, change = f"response.content-type-{name.replace('/', '-')}", with_bytes(name, same)
    return ResponseFault(fault, "content-type", f"a success comes as {name}", change)


def other_bytes(name: str, says: str, change: Callable[[bytes], bytes]) -> ResponseFault:
    """A success that says it is JSON and has other bytes."""
    changed = with_bytes("application/json", change)
    return ResponseFault(f"response.body-{name}", "body", f"a success {says}", changed)


def every_third(name: str, says: str, rule: str, change: Change) -> ResponseFault:
    """An answer that is wrong now and then."""
    says = f"every third answer {says}"
    return ResponseFault(f"sometimes.{name}", "sometimes", says, change, None, (rule,))


def without_check(left_out: str) -> Accepts:
    """What the mock's other checks of a credential let in."""
    others = [check for name, check in CREDENTIAL_CHECKS.items() if name != left_out]
    return lambda text, key: text is not None and all(check(text, key) for check in others)


def is_cut_short(text: str | None, key: str) -> bool:
    """The right credential without its end."""
    return text is not None and len(text) > len("Bearer ") and f"Bearer {key}".startswith(text)


# fmt: off
# Name, which answers, category, how to tell them, the promises that are broken, other statuses.
STATUSES: tuple[tuple[str, str, str, Which, tuple[str, ...], tuple[int, ...]], ...] = (
    ("response.success", "a success", "status", breaking.succeeded, DOCUMENTED,
        (201, 202, 206, 302, 404)),
    ("response.refusal", "a refusal", "status", breaking.refused, DOCUMENTED,
        (403, 404, 409, 418, 429)),
    ("response.refusal", "a refusal", "refusal", breaking.refused,
        (*DOCUMENTED, "refuses-invalid", "refuses-unknown-id"), (200,)),
    ("credential.refuses-with", "a wrong key", "credential", refuses_key, KEY_RULE,
        (403, 400, 422, 404)),
)
RESPONSES = (
    *other_statuses(),
    ResponseFault("response.success-204", "status", "a success is 204, without a body",
        instead(Answer(204, media_type=None)), status=204),
    ResponseFault("credential.refuses-right-key", "credential", "the right key is refused",
        instead(Answer(401)), accepts_key, ("accepts-right-key",)),
    ResponseFault("response.content-type-missing", "content-type", "a success has no content type",
        with_bytes(None, same)),
    ResponseFault("response.html", "content-type", "a success is a page of HTML",
        with_bytes(HTML, page)),
    *[other_media(name)
        for name in ("text/plain", HTML, "application/xml", "application/problem+json")],
    other_bytes("empty", "has an empty body", lambda _: b""),
    other_bytes("truncated", "ends before its body does", lambda right: right[:-1]),
    other_bytes("twice", "has its body twice", lambda right: right * 2),
    other_bytes("html", "is a page of HTML that says it is JSON", page),
    other_bytes("python", "is written as Python does",
        lambda right: repr(json.loads(right)).encode()),
    other_bytes("not-utf-8", "is not in UTF-8", lambda right: right + b"\xff"),
    every_third("500", "is a 500", "no-server-error", instead(Answer(500))),
    every_third("503-page", "is a page of HTML with 503", "no-server-error",
        instead(Answer(503, PAGE, media_type=HTML))),
    every_third("429", "is a 429", "documented-response", instead(Answer(429))),
    every_third("dropped", "is not sent, the connection is closed", "answers", altered(drop=True)),
    every_third("slow", f"comes after {SLOW:g} seconds", "answers", altered(delay=SLOW)),
    every_third("hanging", "does not come", "answers", altered(delay=HANGING)),
)
# fmt: on
ACCEPTED: Mapping[str, Accepts] = {
    "no-header": lambda text, _: text is None,
    "empty-header": lambda text, _: text == "",
    "anything": lambda *_: True,
    **{
        f"without-check-{name.replace(' ', '-')}": without_check(name) for name in CREDENTIAL_CHECKS
    },
}
ACCEPTED_EVERYWHERE: Mapping[str, Accepts] = {
    "key-cut-short": is_cut_short,
    "key-without-scheme": lambda text, key: text == key,
}
# Name, where it is broken, what is done, how.
OTHER_METHODS: tuple[tuple[str, str, str, Change], ...] = (
    ("other-method-200", "", "another method is answered with 200", instead(Answer(200, {}))),
    (
        "other-method-without-allow",
        "/header/Allow",
        "405 does not say what is allowed",
        altered(headers={}),
    ),
)
