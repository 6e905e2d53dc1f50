"""Where the rules must not accuse; that they accuse where they must, tests/detection shows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.suite.scripted import (
    Step,
    listing,
    phone_number,
    played,
    purchase,
    reading,
    releasing,
    rules,
    searching,
)
from vogent_contract.suite.credential import WRONG_ALWAYS
from vogent_contract.suite.exchange import Expectation

ONE = phone_number("id-1")
NUMBER = ONE["number"]
LINKED = phone_number("id-1", agentId="agent-1")
OTHER = phone_number("id-2", "+14155550124")
BOUGHT = (searching(NUMBER), purchase(NUMBER, ONE))

ON_ANY_SERVER = {
    "a walk during which a number was bought": (
        listing(ONE, cursor="a"),
        purchase("+14155550124", OTHER),
        listing(query="?cursor=a"),
    ),
    "the same number bought again under its id": (
        *BOUGHT,
        releasing("id-1", ONE),
        searching(NUMBER),
        purchase(NUMBER, ONE),
    ),
    "a number that a search did not write in E.164, and a purchase did": (
        searching("(415) 555-0123"),
        purchase("(415) 555-0123", ONE),
    ),
    "no key, and an id of the path in the refusal": (
        listing(phone_number("id-of-one")),
        replace(reading("id-of-one", "id-of-one", status=401), credential=WRONG_ALWAYS[0]),
    ),
    "a refusal of what nobody said is allowed": (
        searching(NUMBER),
        purchase(NUMBER, {}, status=422),
    ),
}
ON_A_LIVE_ACCOUNT = {
    "a link that somebody else made": ((listing(ONE), reading("id-1", LINKED)), set()),
    "a number that somebody else released": ((listing(ONE), listing()), set()),
    "a number that somebody else bought": ((listing(), listing(ONE)), set()),
    "an offer that somebody else bought": ((searching(NUMBER), searching()), set()),
    "a link of the run's own number": ((*BOUGHT, reading("id-1", LINKED)), {"reads-the-same"}),
    "the run's own number not listed": ((*BOUGHT, listing()), {"list-is-complete"}),
    "429 for a purchase": ((searching(NUMBER), purchase(NUMBER, {}, status=429)), set()),
    "429 for a list": ((Step("GET", "/phone_numbers", status=429),), {"documented-response"}),
}


@pytest.mark.parametrize("steps", ON_ANY_SERVER.values(), ids=ON_ANY_SERVER)
def test_a_server_that_may_do_so_is_not_accused(steps: tuple[Step, ...]) -> None:
    """The rules accuse what lets a caller down, beside it nothing that is only unusual."""
    assert set() == rules(played(*steps))


@pytest.mark.parametrize(("steps", "expected"), ON_A_LIVE_ACCOUNT.values(), ids=ON_A_LIVE_ACCOUNT)
def test_others_may_be_at_work_in_a_live_account(
    steps: tuple[Step, ...], expected: set[str]
) -> None:
    """On somebody's account only what the run itself made has to stay as it was."""
    assert expected == rules(played(*steps, live=True))


@pytest.mark.parametrize("expects", Expectation)
def test_only_what_is_allowed_must_be_done(expects: Expectation) -> None:
    """A refusal is accused if the sender knew that the request is allowed, else not."""
    asked = Step("GET", "/phone_numbers", status=422, value={}, expects=expects)
    expected = {"accepts-valid"} if expects is Expectation.ALLOWED else set()
    assert expected == rules(played(asked))
