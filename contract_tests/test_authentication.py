"""Every operation refuses every wrong credential, on a request that would succeed with the right one."""

from contract import Operation
from contract_tests.suite import Suite

ALWAYS = (
    "no header",
    "empty header",
    "wrong key",
    "right key under another scheme",
    "right key with trailing junk",
)
IN_TURN = ("right key cut short", "right key without a scheme")


def test_wrong_credentials_are_refused(suite: Suite, secured_operation: Operation) -> None:
    """A request without the right key is refused, whatever the operation."""
    operation = secured_operation
    wrong = suite.wire.authorizations()
    turn = list(suite.contract.operations).index(operation.id) % len(IN_TURN)
    for name in (*ALWAYS, *(IN_TURN if suite.options.full else IN_TURN[turn : turn + 1])):
        suite.send(operation, authorization=wrong[name])


def test_lower_case_bearer_is_the_servers_choice(suite: Suite) -> None:
    """A scheme's case does not matter (RFC 9110 section 11.1), but a server that insists on it is not accused."""
    if not suite.options.full:
        return
    operation = suite.contract.operations["listPhoneNumbers"]
    key = suite.wire.authorizations()["right key without a scheme"]
    suite.send(operation, authorization=f"bearer {key}")
