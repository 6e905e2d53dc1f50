"""Every operation refuses every wrong credential, on requests that would succeed with the right one."""

import itertools

from vogent_contract.openapi import Operation
from vogent_contract.suite.run import Suite

ALWAYS = (
    "no header",
    "empty header",
    "wrong key",
    "right key under another scheme",
    "right key with trailing junk",
)
IN_TURN = (
    "right key cut short",
    "right key without a scheme",
    "right key under an unknown scheme",
    "scheme without a key",
    "right key in another case",
)


def test_wrong_credentials_are_refused(suite: Suite, secured_operation: Operation) -> None:
    """A request without the right key is refused, whatever the operation and whichever of its kinds."""
    wrong = suite.wire.authorizations()
    turn = list(suite.contract.operations).index(secured_operation.id) % len(IN_TURN)
    names = (*ALWAYS, *(IN_TURN if suite.options.full else IN_TURN[turn : turn + 1]))
    kinds = itertools.cycle(suite.kinds(secured_operation))
    for name in names:
        query, content = next(kinds)
        suite.send(secured_operation, query=query, content=content, authorization=wrong[name])


def test_lower_case_bearer_is_the_servers_choice(suite: Suite) -> None:
    """A scheme's case does not matter (RFC 9110 section 11.1), but a server that insists on it is not accused."""
    if suite.options.full:
        key = suite.wire.authorizations()["right key without a scheme"]
        suite.send(suite.contract.operations["listPhoneNumbers"], authorization=f"bearer {key}")
