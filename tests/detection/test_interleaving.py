"""What a run finds does not depend on how many requests are under way, nor on what comes first."""

import pytest

from tests.detection.interleaving import compared, correct, faulty

FAULTY = faulty()
SAMPLE = (  # what requests that are under way together could show or not
    "behaviour.link-to-another",
    "behaviour.refuses-but-sells",
    "updatePhoneNumber.request.body.agentId.wrong-type-null.accepted",
    "createPhoneNumber.credential.accepts-anything",
)


@pytest.mark.parametrize("name", SAMPLE)
def test_the_number_of_workers_changes_nothing(name: str) -> None:
    """Findings, evidence and request count are the same with one worker and with eight."""
    one, eight = compared(FAULTY[name], (1, 8))
    assert one == eight
    assert one["findings"]


def test_the_number_of_workers_changes_nothing_of_a_correct_server() -> None:
    """A correct server is accused of nothing, with one worker or eight."""
    one, eight = compared(correct()["plain"], (1, 8))
    assert one == eight
    assert not one["findings"]
