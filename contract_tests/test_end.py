"""The end of the run: everything is released, the account is as it was, and what was claimed was seen."""

from vogent_contract.openapi import Violation
from vogent_contract.suite.run import Suite


def test_everything_is_released(suite: Suite) -> None:
    """What the run brought into being is released, and the account is as it was before."""
    suite.release_all()
    suite.listing()


def test_the_evidence_is_whole(suite: Suite) -> None:
    """Green means proven: every operation, enum value and side of a nullable was seen."""
    if suite.options.live and not suite.options.require_evidence:
        return  # the summary says what was not seen; --require-evidence makes it fail
    for need in suite.evidence.missing():
        violation = Violation(
            f"/{need.place}",
            need.what,
            "",
            f"{need.place}: {need.what}",
            f"never seen, so {need.why}",
        )
        promise = (
            "The run saw every operation succeed and refuse, every enum value, null and not null."
        )
        suite.findings.add("evidence", promise, violation, None, None)
