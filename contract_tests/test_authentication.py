"""Every operation refuses every wrong credential, on requests that are in order otherwise."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from vogent_contract.openapi import Operation
from vogent_contract.suite.credential import WRONG_ALWAYS, WRONG_IN_TURN, Credential
from vogent_contract.suite.exchange import Call, Expectation, Source
from vogent_contract.suite.run import Run
from vogent_contract.suite.supplies import Supplies

from .side_by_side import side_by_side


@side_by_side
@pytest.mark.parametrize("credential", WRONG_ALWAYS + WRONG_IN_TURN, ids=lambda one: one.name)
def test_wrong_credentials_are_refused(
    run: Run, supplies: Supplies, credential: Credential
) -> Iterator[Call]:
    """A request without the right key is refused, whatever the operation and the request."""
    turn = (WRONG_ALWAYS + WRONG_IN_TURN).index(credential)
    operations = [one for one in run.contract.operations.values() if one.secured]
    if credential in WRONG_IN_TURN and not run.options.full:
        turn = WRONG_IN_TURN.index(credential)
        operations = operations[turn : turn + 1]
    for operation in operations:
        requests = list(_requests(operation, supplies))
        yield supplies.call(
            operation,
            credential=credential,
            expects=Expectation.REFUSED,
            source=Source.SCENE,
            **requests[turn % len(requests)],
        )


def _requests(operation: Operation, supplies: Supplies) -> Iterator[dict[str, Any]]:
    """All requests to send: no query or one optional parameter, times each example of the body."""
    queries = [""]
    for one in operation.parameters:
        if one.location == "query" and not one.required:
            queries.append(f"?{one.name}={quote(str(one.sample()))}")
    examples = list(operation.body.examples.values()) if operation.body else []
    for query in queries:
        if not examples:
            yield {"query": query}
        for example in examples:
            content = json.dumps(supplies.filled(example)).encode()
            yield {"query": query, "content": content}
