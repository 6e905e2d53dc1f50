"""Sequences of calls in an order that Hypothesis finds; the full profile only."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import hypothesis
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from vogent_contract.suite.api import REFUSED, Api
from vogent_contract.suite.run import Run
from vogent_contract.suite.supplies import Supplies

MOST_ALIVE = 4  # phone numbers of an example


def test_sequences(run: Run, api: Api, supplies: Supplies) -> None:
    """The rules hold whatever the order of the calls."""
    settings = hypothesis.settings(
        max_examples=40,
        stateful_step_count=30,
        derandomize=run.options.seed is None,
        database=None,
        deadline=None,
        print_blob=False,
        phases=[hypothesis.Phase.generate],  # nothing fails, so nothing is shrunk
        suppress_health_check=list(hypothesis.HealthCheck),  # slow is no fault
        verbosity=hypothesis.Verbosity.quiet,
    )

    def sequences() -> Sequences:
        return Sequences(run, api, supplies)

    if run.options.seed is not None:
        hypothesis.seed(run.options.seed)(sequences)
    with contextlib.suppress(hypothesis.errors.Flaky):  # the account is not as it was before
        run_state_machine_as_test(sequences, settings=settings)  # type: ignore[arg-type] # any factory


class Sequences(RuleBasedStateMachine):
    """One account, any order of calls; every example releases what it made."""

    def __init__(self, run: Run, api: Api, supplies: Supplies) -> None:
        super().__init__()
        self.run, self.api, self.supplies = run, api, supplies
        self.made: list[str] = []

    @initialize()
    def start(self) -> None:
        self.make_sip_user()

    @rule(new=st.booleans())
    def buy(self, new: bool) -> None:
        number = self.supplies.offer()
        if number is not None and len(self.alive()) < MOST_ALIVE:
            self.step(self.api.create_by_purchase if new else self.api.purchase, number)

    @rule()
    def make_sip_user(self) -> None:
        if len(self.alive()) < MOST_ALIVE:
            self.step(self.api.create_by_vogent_sip, self.supplies.sip_user())

    @rule(data=st.data())
    def read(self, data: st.DataObject) -> None:
        self.step_on_one(data, self.api.get)

    @rule(data=st.data(), which=st.sampled_from(["agent", "other agent", "none"]))
    def link(self, data: st.DataObject, which: str) -> None:
        agents = {
            "agent": self.supplies.agent,
            "other agent": self.supplies.other_agent,
            "none": "",
        }
        self.step_on_one(data, self.api.link, agents[which])

    @rule(limit=st.sampled_from([None, 1, 3]))
    def list(self, limit: int | None) -> None:
        if limit is None or len(self.run.account.numbers) <= 10 * limit:
            self.api.walk(limit, optional=True)

    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        self.step_on_one(data, self.api.release)

    @rule(data=st.data())
    def read_released(self, data: st.DataObject) -> None:
        gone = [key for key in self.made if key in self.run.account.released]
        if gone:
            self.api.get(data.draw(st.sampled_from(gone)), REFUSED)

    def teardown(self) -> None:
        for key in self.alive():
            self.api.release(key)

    def alive(self) -> Any:
        """Ids of what this example made and has not released."""
        return [key for key in self.made if key in self.run.account.numbers]

    def step_on_one(self, data: st.DataObject, call: Callable[..., Any], *more: str) -> None:
        alive = self.alive()
        if alive:
            call(data.draw(st.sampled_from(alive)), *more)

    def step(self, call: Callable[[Any], Any], argument: Any) -> None:
        """Make one call, and remember what it made."""
        before = set(self.run.account.origin)
        call(argument)
        self.made += [key for key in self.run.account.origin if key not in before]
