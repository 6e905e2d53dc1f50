"""schemathesis as the source of generated requests: loaded from the contract, filled with what exists.

A generated request that keeps the example's number or id can only be refused by a server that never
offered it. So wherever an example of the contract stands in a case, a number on offer, an id of the
account, or an unused name takes its place.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import requests
import schemathesis
from schemathesis.generation import GenerationMode
from schemathesis.generation.drivers import CoverageGenerator
from schemathesis.generation.feedback import NO_FEEDBACK
from schemathesis.generation.overrides import Override
from schemathesis.schemas import BaseSchema

from vogent_contract.openapi import Contract, Operation, Request

# What stands for what, by the name of the parameter or property that holds the example.
OFFER = "offer"
KINDS = {
    "number": OFFER,
    "id": "id",
    "agentId": "agent",
    "prefix": "prefix",
    "sipPrefix": "name",
    "phoneNumber": "import",
}

# Statuses tolerated beside schemathesis' own, each with its reason; every check stays on.
TOLERATED = {
    "positive_data_acceptance": {
        "expected-statuses": [
            "2xx",
            "400",
            "401",
            "422",
        ],  # a valid number or id may be sold, gone or unknown
    },
    "negative_data_rejection": {
        "expected-statuses": [
            "400",
            "401",
            "405",
            "422",
        ],  # what the contract documents, and 405 for methods
    },
}


def load(contract: Contract, base_url: str, key: str) -> BaseSchema:
    """The contract as schemathesis reads it, with the key in its configuration."""
    operations = [
        {"include-operation-id": operation.id, "checks": TOLERATED}
        for operation in contract.operations.values()
        if operation.takes_input
    ]
    schemes = contract.document.raw.get("components", {}).get("securitySchemes", {})
    bearers = {
        name: {"bearer": key}
        for name, scheme in schemes.items()
        if scheme.get("scheme") == "bearer"
    }
    config = schemathesis.Config.from_dict(
        {"base-url": base_url, "auth": {"openapi": bearers}, "operations": operations}
    )
    return schemathesis.openapi.from_dict(copy.deepcopy(dict(contract.document.raw)), config=config)


def coverage(operation: Any) -> Iterator[schemathesis.Case[Any]]:
    """The cases of schemathesis' examples and coverage phases for an operation."""
    config = operation.schema.config.generation_for(operation=operation, phase="coverage")
    yield from CoverageGenerator(
        operation=operation,
        generation_modes=list(GenerationMode),
        generation_config=config,
        auth_storage=None,
        override=Override(),
        feedback=NO_FEEDBACK,
        hooks=None,
    )


def placeholders(contract: Contract) -> dict[str, str]:
    """Example values of the contract and the kind of thing that each stands for."""
    found: dict[str, str] = {}

    def walk(name: str, value: Any) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                walk(key, inner)
        elif name in KINDS and isinstance(value, str) and value:
            found[value] = KINDS[name]

    for operation in contract.operations.values():
        for parameter in operation.parameters:
            walk(parameter.name, parameter.example)
        for example in operation.body.examples.values() if operation.body else ():
            walk("", example)
    return found


def fill(
    case: schemathesis.Case[Any], known: Mapping[str, str], real: Callable[[str], str | None]
) -> None:
    """Put what exists in the place of the contract's examples, and leave out what no example is given for."""
    case.path_parameters = replaced(dict(case.path_parameters or {}), known, real)
    case.body = replaced(case.body, known, real)
    case.query = {name: value for name, value in (case.query or {}).items() if value != ""}


def replaced(value: Any, known: Mapping[str, str], real: Callable[[str], str | None]) -> Any:
    """The value with what exists in the place of the contract's examples."""
    if isinstance(value, dict):
        return {key: replaced(inner, known, real) for key, inner in value.items()}
    if isinstance(value, list):
        return [replaced(inner, known, real) for inner in value]
    return (real(known[value]) or value) if isinstance(value, str) and value in known else value


def request_of(case: schemathesis.Case[Any], operation: Operation, prefix: str) -> Request:
    """The case as a server reads it."""
    kwargs = case.as_transport_kwargs()
    prepared = requests.Request(
        **{name: kwargs[name] for name in kwargs if name != "cookies"}
    ).prepare()
    body = prepared.body or b""
    content = body.encode() if isinstance(body, str) else bytes(body)
    return operation.read_request(
        prepared.path_url[len(prefix) :], prepared.headers.get("Content-Type"), content
    )
