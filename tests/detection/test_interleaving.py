"""What a run finds does not depend on how many requests are under way, nor on what comes first.

`python -m tests.detection.interleaving` says it of many more servers.
"""

from tests.detection.interleaving import compared, correct, faulty


def test_the_number_of_workers_changes_nothing() -> None:
    """Findings, evidence and request count are the same with one worker and with eight."""
    one, eight = compared(faulty()["behaviour.refuses-but-sells"], (1, 8))
    assert one == eight
    assert one["findings"]


def test_the_number_of_workers_changes_nothing_of_a_correct_server() -> None:
    """A correct server is accused of nothing, with one worker or eight."""
    one, eight = compared(correct()["plain"], (1, 8))
    assert one == eight
    assert not one["findings"]
