"""Requests that differ from the contract's examples in one place of the body."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from vogent_contract.openapi import Operation, Position
from vogent_contract.suite.exchange import Call, Expectation
from vogent_contract.suite.supplies import Supplies


class Leaf(NamedTuple):
    """A place of an example that holds text or a number."""

    position: Position
    example: Any
    value: Any

    @property
    def is_choice(self) -> bool:
        """Only some values are allowed."""
        return "const" in self.position.schema.node or "enum" in self.position.schema.node


def leaves_of(operation: Operation) -> Iterator[Leaf]:
    """Places of the request's examples that hold text or a number, each schema position once."""
    if operation.body is None:
        return
    seen = set()
    for example in operation.body.examples.values():
        for position in operation.body.schema.positions(example):
            value, pointer = position.value, position.schema.pointer
            if isinstance(value, str | int) and pointer not in seen:
                seen.add(pointer)
                yield Leaf(position, example, value)


def with_body(
    supplies: Supplies,
    operation: Operation,
    body: Any,
    expects: Expectation = Expectation.UNKNOWN,
) -> Call:
    return supplies.call(operation, content=json.dumps(body).encode(), expects=expects)


def put(value: Any, path: tuple[str, ...], new: Any) -> Any:
    """The value, with another thing at a path of object properties."""
    if not path:
        return new
    owner = value
    for name in path[:-1]:
        owner = owner[name]
    owner[path[-1]] = new
    return value
