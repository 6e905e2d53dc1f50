"""schemathesis' fuzzing and stateful phases: random requests, and walks along the contract's links."""

from __future__ import annotations

import contextlib
from typing import Any

import hypothesis
import schemathesis
from hypothesis import Phase
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.generation.stateful.state_machine import StepInput, StepOutput

from vogent_contract.openapi import Operation
from vogent_contract.suite.run import Suite

from .test_requests import check


def test_random_requests(suite: Suite, operation: Operation) -> None:
    """Random requests, valid and invalid, get a documented answer."""
    source = suite.schema[operation.path][operation.method]
    modes = [source.as_strategy(generation_mode=mode) for mode in GenerationMode]

    @settings(suite, examples=(1, 60))
    @hypothesis.given(case=st.one_of(modes), real=st.booleans())
    def run(case: schemathesis.Case[Any], real: bool) -> None:
        if real:
            suite.make_real(case)
        answer = suite.call(case)
        if answer is not None and not suite.broken:
            check(suite, case, answer)

    seeded(suite, run)()


def test_links(suite: Suite) -> None:
    """Walks along the contract's links: search, buy, read, link, release."""

    class Machine(suite.schema.as_state_machine()):  # type: ignore[misc] # schemathesis makes the class at run time
        def step(self, step: StepInput) -> StepOutput:
            if not step.is_applied:
                suite.make_real(step.case)
            answer = suite.call(step.case)
            if answer is None:
                hypothesis.reject()
            self.after_call(answer, step.case)
            if not suite.broken:
                check(suite, step.case, answer, self.recorder)
            return StepOutput(answer, step.case)

    limits = settings(suite, examples=(1, 3), steps=(4, 20))
    for turn in range(10 if suite.options.full else 1):
        # Flaky: the account is not as it was when a walk began alike. Unsatisfiable: nothing was answered.
        with contextlib.suppress(hypothesis.errors.Flaky, hypothesis.errors.Unsatisfiable):
            seeded(suite, type("Walk", (Machine,), {}), turn).run(settings=limits)


def seeded(suite: Suite, test: Any, turn: int = 0) -> Any:
    """The test with the run's seed, if it has one."""
    return test if suite.options.seed is None else hypothesis.seed(suite.options.seed + turn)(test)


def settings(
    suite: Suite, *, examples: tuple[int, int], steps: tuple[int, int] = (1, 1)
) -> hypothesis.settings:
    """Hypothesis settings: quick and full numbers of examples and steps. Findings are collected, so nothing shrinks."""
    full = suite.options.full
    return hypothesis.settings(
        max_examples=examples[full],
        stateful_step_count=max(steps[full], 1),
        derandomize=suite.options.seed is None,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(
            hypothesis.HealthCheck
        ),  # requests are slow, and that is no fault
        verbosity=hypothesis.Verbosity.quiet,
    )
