"""schemathesis' fuzzing and stateful phases: random requests, and walks along the contract's links."""

from __future__ import annotations

from typing import Any

import hypothesis
import schemathesis
from hypothesis import Phase
from hypothesis import strategies as st
from schemathesis import GenerationMode

from contract import Operation
from contract_tests.suite import Suite
from contract_tests.test_requests import check


def test_random_requests(suite: Suite, operation: Operation) -> None:
    """Random requests, valid and invalid, get a documented answer."""
    source = suite.schema[operation.path][operation.method]
    modes = [source.as_strategy(generation_mode=mode) for mode in GenerationMode]

    @settings(suite, examples=(2, 60))
    @hypothesis.given(case=st.one_of(modes), real=st.booleans())
    def run(case: schemathesis.Case, real: bool) -> None:
        if real:
            suite.make_real(operation, case)
        answer = suite.call(case)
        if answer is not None and not suite.broken:
            check(suite, case, answer)

    run()


def test_links(suite: Suite) -> None:
    """Walks along the contract's links: search, buy, read, link, release."""

    class Machine(suite.schema.as_state_machine()):  # type: ignore[misc] # schemathesis makes the class at run time
        def get_call_kwargs(self, case: schemathesis.Case) -> dict[str, Any]:
            return {"session": suite.session, "allow_redirects": False}

        def call(self, case: schemathesis.Case, **kwargs: Any) -> Any:
            return suite.call(case) or hypothesis.reject()

        def validate_response(self, response: Any, case: schemathesis.Case, **kwargs: Any) -> None:
            if not suite.broken:
                check(suite, case, response)

    limits = settings(suite, examples=(2, 30), steps=(6, 20))
    Machine.run(settings=limits)  # type: ignore[attr-defined] # of schemathesis' class


def settings(suite: Suite, *, examples: tuple[int, int], steps: tuple[int, int] = (1, 1)) -> hypothesis.settings:
    """Hypothesis settings: quick and full numbers of examples and steps. Findings are collected, so nothing shrinks."""
    full = suite.options.full
    return hypothesis.settings(
        max_examples=examples[full],
        stateful_step_count=max(steps[full], 1),
        derandomize=suite.options.seed is None,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),  # requests are slow, and that is no fault
        verbosity=hypothesis.Verbosity.quiet,
    )
