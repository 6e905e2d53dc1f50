"""The contract's own examples work on a mock that was just started."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.mock.processes import http, spawned
from vogent_contract.mock import State, start
from vogent_contract.mock.examples import add_examples
from vogent_contract.openapi import Operation, load

CONTRACT = load()


@dataclass(frozen=True)
class Example:
    """A request as the contract shows it."""

    operation: Operation
    name: str
    body: Any

    def __str__(self) -> str:
        return f"{self.operation.id} {self.name}".strip()

    def send(self, client: httpx.Client) -> httpx.Response:
        """Send it; a parameter without an example is left out."""
        shown = [one for one in self.operation.parameters if one.example is not None]
        path = {one.name: one.example for one in shown if one.location == "path"}
        query = {one.name: one.example for one in shown if one.location == "query"}
        url = self.operation.path.format(**path)
        return client.request(self.operation.method, url, params=query, json=self.body)


def _examples() -> Iterator[Example]:
    for operation in CONTRACT.operations.values():
        bodies = operation.body.examples if operation.body else {"": None}
        for name, body in bodies.items():
            yield Example(operation, name, body)


EXAMPLES = list(_examples())


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_each_example_works_on_a_new_mock(example: Example) -> None:
    """Whoever copies one example, and nothing before it, gets the documented success."""
    with contextlib.closing(State()) as state:
        add_examples(CONTRACT, state)
        with start(state=state) as server, http(server.base_url) as client:
            answer = example.send(client)
    assert int(example.operation.success.status) == answer.status_code, answer.text


def test_all_examples_work_in_the_order_of_the_page() -> None:
    """The command's mock has what the examples name: nobody has to make it first."""
    with spawned() as (_, url), http(url) as client:
        statuses = {str(example): example.send(client).status_code for example in EXAMPLES}
    assert dict.fromkeys(statuses, 200) == statuses


@pytest.mark.parametrize("operation", ["listPhoneNumbers", "getPhoneNumber", "deletePhoneNumber"])
def test_what_the_examples_show_is_what_comes(operation: str) -> None:
    """Reading and releasing the example's phone number give the answers that the contract shows."""
    (example,) = [one for one in EXAMPLES if one.operation.id == operation]
    with spawned() as (_, url), http(url) as client:
        assert example.operation.success.example() == example.send(client).json()


def test_a_state_file_holds_only_what_was_put_there(tmp_path: Path) -> None:
    """With `--state` the account is empty at first, and nothing comes back that was released."""
    with spawned("--state", str(tmp_path / "state")) as (_, url), http(url) as client:
        assert {"data": [], "cursor": None} == client.get("/phone_numbers").json()
