"""Every operation refuses every wrong credential, on requests that are in order otherwise."""

import itertools
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from vogent_contract.openapi import Operation
from vogent_contract.suite.credential import WRONG_ALWAYS, WRONG_IN_TURN
from vogent_contract.suite.exchange import Call, Expectation, Source
from vogent_contract.suite.run import Run
from vogent_contract.suite.supplies import Supplies

from .side_by_side import side_by_side


@side_by_side
def test_wrong_credentials_are_refused(
    run: Run, supplies: Supplies, secured_operation: Operation
) -> Iterator[Call]:
    """A request without the right key is refused, whatever the operation and the request."""
    turn = list(run.contract.operations).index(secured_operation.id)
    in_turn = WRONG_IN_TURN if run.options.full else WRONG_IN_TURN[turn : turn + 1]
    requests = itertools.cycle(_requests(secured_operation, supplies))
    for credential in (*WRONG_ALWAYS, *in_turn):
        yield supplies.call(
            secured_operation,
            credential=credential,
            expects=Expectation.REFUSED,
            source=Source.SCENE,
            **next(requests),
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
