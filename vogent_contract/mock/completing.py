"""What the contract knows and no handler gives, made from its schemas.

So a property or a type of number that is new in the contract is served before anyone wrote a line
for it, and a suite sees every enum value and both sides of a nullable.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator, Sequence
from typing import Any

from vogent_contract.mock.state import State
from vogent_contract.openapi import Contract, Operation, Position, Schema

GIVEN = {"id", "number", "type", "agentId", "data", "cursor", "*"}  # by the handlers
SOLD_OR_MADE = {"PSTN", "SIP_USERNAME"}  # the types of number that a call can add


def new_positions(operation: Operation) -> list[Position]:
    """The places of an operation's success that no handler fills."""
    schema = operation.success.schema
    if schema is None:
        return []
    inner = [one for one in schema.positions() if one.path and not one.branches]
    return [one for one in inner if one.path[-1] not in GIVEN]


def complete(body: Any, positions: Sequence[Position]) -> None:
    """Fill the positions of a success where they are empty.

    The id above a place decides which value it shows, so that it reads the same again.
    """
    for position in positions:
        *above, name = position.path
        options = _options(position.schema)
        for owner, identity in _objects(body, above):
            chance = random.Random(f"{name} {identity}")  # noqa: S311 - a value to show, no secret
            owner.setdefault(name, copy.deepcopy(chance.choice(options)))


def add_new_types(contract: Contract, state: State) -> None:
    """Put a number of each type that no call can add into the account."""
    operation = contract.operations.get("getPhoneNumber")
    schema = operation.success.schema if operation else None
    for position in schema.positions() if schema else ():
        if position.path == ("type",):
            for index, kind in enumerate(position.schema.allowed_values):
                number = f"+1800555{9900 + index}"
                if kind not in SOLD_OR_MADE and not state.is_taken(number):
                    state.add(number, kind)


def _options(schema: Schema) -> list[Any]:
    options = schema.allowed_values
    if not options:  # the positions inside an object come next, and fill it
        options = [{} if schema.properties() else schema.sample()]
    return [*options, None] if schema.nullable else options


def _objects(
    value: Any, path: Sequence[str], identity: str = ""
) -> Iterator[tuple[dict[str, Any], str]]:
    """The objects at a path of a value, each with the id or number that is nearest above."""
    if isinstance(value, list) and path:
        for item in value:
            yield from _objects(item, path[1:], identity)
    elif isinstance(value, dict):
        identity = value.get("id") or value.get("number") or identity or str(value)
        if not path:
            yield value, identity
        elif path[0] in value:
            yield from _objects(value[path[0]], path[1:], identity)
