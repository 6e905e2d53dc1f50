"""What the contract's examples name, so that they work when they are copied."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from vogent_contract.mock.state import State
from vogent_contract.openapi import Contract

PHONE_NUMBER = {"id", "number", "type", "agentId"}


def add_examples(contract: Contract, state: State) -> None:
    """Put the numbers that examples buy on sale, and the one that they read into the account.

    Args:
        state: One that nobody has used.
    """
    for operation in contract.operations.values():
        if operation.body and operation.effect == "creates":
            for number in _numbers(list(operation.body.examples.values())):
                state.offer(number)

    reading = contract.operations.get("getPhoneNumber")
    examples = reading.success.examples.values() if reading else ()
    whole = [one for one in examples if isinstance(one, dict) and set(one) >= PHONE_NUMBER]
    for one in {one["id"]: one for one in whole}.values():
        state.add(one["number"], one["type"], one["agentId"], one["id"])


def _numbers(value: Any) -> Iterator[str]:
    """The text of every `number` in a JSON value."""
    if isinstance(value, list):
        for item in value:
            yield from _numbers(item)
    elif isinstance(value, dict):
        if isinstance(value.get("number"), str):
            yield value["number"]
        yield from _numbers(list(value.values()))
