"""The end: everything is released, the account is as it was, what was claimed was seen."""

import pytest

from vogent_contract.suite.api import Api
from vogent_contract.suite.levels import LENIENT
from vogent_contract.suite.outcome import stale
from vogent_contract.suite.run import Run
from vogent_contract.suite.terminal import PART


def test_everything_is_released(run: Run, api: Api) -> None:
    """What the run brought into being is released, and the account is as it was before."""
    run.ending = True
    for key in run.account.mine():
        api.later.release(key)
    run.send_waiting()
    if not run.options.live:  # there the watch reads the list, after the last test
        api.walk()


def test_known_deviations_are_still_there(run: Run) -> None:
    """With --fail-on lenient a known deviation that was not seen has to leave the list."""
    run.look()
    unseen = [str(row) for row in stale(run)]
    assert not unseen or run.options.fail_on != LENIENT, f"not seen any more: {'; '.join(unseen)}"


def test_the_evidence_is_whole(run: Run) -> None:
    """Green means proven: every operation, enum value and side of a nullable was seen."""
    if not run.whole:
        pytest.skip(PART)
    if run.options.require_evidence or not run.options.live:
        run.require_evidence()
