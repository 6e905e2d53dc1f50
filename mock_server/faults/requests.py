"""Faults of requests: what the contract forbids is accepted, what it allows is refused, either makes the server fail."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from contract import Contract, Operation, Parameter, Request, Violation
from mock_server.app import Mock, Scope, Receive, example, Headers
from mock_server.faults.fault import MISSING, Change, Fault, Install, answering, put, refused, responding, values
from mock_server.faults.variations import ALLOWED, OTHER_TYPES, allowed_values, variations, witness
from mock_server.outcomes import Answer

Test = Callable[[Request], bool]


@dataclass(frozen=True)
class Invalid:
    """One way in which a request breaks the contract; `detail` tells null and other spellings from the rest."""

    pointer: str
    keyword: str
    detail: str = ""
    assumed: str | None = None

    @property
    def name(self) -> str:
        return ".".join([*self.pointer.strip("/").split("/"), self.keyword, *([self.detail] if self.detail else [])])


def derive(contract: Contract) -> Iterator[Fault]:
    """The faults of every operation's requests."""
    for operation in contract.operations.values():
        for wrong in dict.fromkeys(_invalid(operation)):
            yield from _on_invalid(contract, operation, wrong)
        for name, says, pointer, test in _valid(operation):
            yield from _on_valid(operation, name, says, pointer, test)
        yield from _access(operation)


def _on_invalid(contract: Contract, operation: Operation, wrong: Invalid) -> Iterator[Fault]:
    says = f"a request that breaks {wrong.keyword} at {wrong.pointer} {wrong.detail and f'({wrong.detail}) '}"

    def is_wrong(one: Violation) -> bool:
        return _kind_of(contract, one) == wrong

    def accept(given: Answer, request: Request | None) -> Answer | None:
        done = refused(given) and request and request.violations and all(map(is_wrong, request.violations))
        return example(operation) if done else None

    def fail(given: Answer, request: Request | None) -> Answer | None:
        return Answer(500) if refused(given) and request and any(map(is_wrong, request.violations)) else None

    for kind, change, rule in (("accepted", accept, "refuses-invalid"), ("500", fail, "no-server-error")):
        yield Fault(
            f"{operation.id}.request.{wrong.name}.{kind}",
            "invalid accepted" if kind == "accepted" else "invalid fails",
            f"{says}is {'accepted' if kind == 'accepted' else 'answered with 500'}",
            operation.id,
            wrong.pointer if kind == "accepted" else "",
            wrong.keyword if kind == "accepted" else "status",
            answering(operation.id, change),
            (rule,),
            equivalent=wrong.assumed if wrong.assumed != ALLOWED or kind == "accepted" else ALLOWED,
        )


def _on_valid(operation: Operation, name: str, says: str, pointer: str, test: Test) -> Iterator[Fault]:
    for kind, status, rule in (("refused", 422, "accepts-valid"), ("500", 500, "no-server-error")):
        yield Fault(
            f"{operation.id}.request.{name}.{kind}",
            "valid refused" if kind == "refused" else "valid fails",
            f"{says} is {'refused' if kind == 'refused' else 'answered with 500'}",
            operation.id,
            pointer,
            "status",
            responding(operation.id, lambda request, status=status: Answer(status) if test(request) else None),
            (rule,) if name != "any" else (rule, "evidence"),
        )


def _invalid(operation: Operation) -> Iterator[Invalid]:
    """What can be wrong with a request of an operation."""
    body = operation.body
    if body:
        yield Invalid("/body", "json")
        yield from [Invalid("/body", "body")] * body.required
        yield Invalid("/body", "content-type")
        for one in variations(body.schema):
            found = witness(body.schema, [*body.examples.values(), body.schema.sample()], one)
            ...
