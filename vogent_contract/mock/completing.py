"""What the contract knows and no handler gives, made from its schema.

So a property or a type of number that is new in the contract is served before anyone wrote a line for it.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from typing import Any

from vogent_contract.mock.state import State
from vogent_contract.openapi import Contract, Operation, Schema

HANDLED = {"id", "number", "type", "agentId", "data", "cursor", "*"}  # what the handlers give
KINDS = {"PSTN", "SIP_USERNAME"}  # what can be bought or made


def completion(operation: Operation) -> Callable[[Any], Any] | None:
    """What adds the properties that no handler knows to an answer, None if there are none."""
    schema = operation.success.schema
    if schema is None or all(set(position.path) <= HANDLED for position in schema.positions()):
        return None
    return lambda body: _completed(schema, body)


def add_other_kinds(contract: Contract, state: State) -> None:
    """Put a number of each type that no call makes into the account."""
    operation = contract.operations.get("getPhoneNumber")
    schema = operation.success.schema if operation else None
    kinds = [one.schema for one in schema.positions() if one.path == ("type",)] if schema else []
    new = (kind for schema in kinds for kind in schema.node.get("enum", ()) if kind not in KINDS)
    for index, kind in enumerate(dict.fromkeys(new)):
        if not state.is_taken(number := f"+1800555{9900 + index}"):
            state.add(number, kind)


def _completed(schema: Schema, value: Any) -> Any:
    """The value with what is missing; which side of a nullable and which enum value is shown goes by the id."""
    if isinstance(value, list) and (items := schema.items()):
        return [_completed(items, item) for item in value]
    if not isinstance(value, dict):
        return value
    turn = zlib.crc32(str(value.get("id") or value.get("number") or json.dumps(value)).encode())
    listed = {name: schema.property(name) for name in schema.node.get("properties", ())}
    return value | {
        name: _completed(one, value[name]) if name in value else _made(one, turn)
        for name, one in listed.items()
    }


def _made(schema: Schema, turn: int) -> Any:
    options = schema.node.get("enum") or (
        [schema.sample(), None] if schema.nullable else [schema.sample()]
    )
    return options[turn % len(options)]
