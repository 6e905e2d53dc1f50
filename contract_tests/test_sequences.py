"""Sequences of calls that Hypothesis finds; a failing one is shrunk to the shortest."""

from __future__ import annotations

import contextlib
from typing import Any

import hypothesis
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from vogent_contract.suite.run import Suite


def test_sequences(suite: Suite) -> None:
    """The rules hold whatever the order of the calls."""
    steps, examples = (30, 40) if suite.options.full else (10, 2)
    settings = hypothesis.settings(
        max_examples=examples,
        stateful_step_count=steps,
        derandomize=suite.options.seed is None,
        database=None,
        deadline=None,
        print_blob=False,
        suppress_health_check=list(
            hypothesis.HealthCheck
        ),  # requests are slow, and that is no fault
        verbosity=hypothesis.Verbosity.quiet,
    )
    known = set(suite.findings.all)

    class Machine(Sequences):
        run = suite
        before = known
        last = suite.wire.sent + (4000 if suite.options.full else 100)

    if suite.options.seed is not None:
        hypothesis.seed(suite.options.seed)(Machine)
    # What was broken is in the findings, with the steps that led to it.
    with contextlib.suppress(Broken, hypothesis.errors.Flaky):
        run_state_machine_as_test(Machine, settings=settings)


class Broken(Exception):  # noqa: N818 - says that a rule was broken
    """A step broke a rule that nothing broke before."""


class Sequences(RuleBasedStateMachine):
    """One account, any order of calls; every example releases what it made."""

    run: Suite
    before: set[tuple[str, ...]]
    last: int  # request after which nothing is tried any more: shrinking has no other end

    @initialize()
    def start(self) -> None:
        self.steps: list[str] = []
        self.made: list[str] = []
        self._step("create_by_vogent_sip", self.run.calls.create_by_vogent_sip, self.run.sip_user())

    @rule(new=st.booleans())
    def buy(self, new: bool) -> None:
        number = self.run.offer()
        if number is not None and len(self.made) < 4:
            calls = self.run.calls
            self._step(
                "create_by_purchase" if new else "purchase",
                calls.create_by_purchase if new else calls.purchase,
                number,
            )

    @rule()
    def make_sip_user(self) -> None:
        if len(self.made) < 4:
            self._step(
                "create_by_vogent_sip", self.run.calls.create_by_vogent_sip, self.run.sip_user()
            )

    @rule(data=st.data())
    def get(self, data: st.DataObject) -> None:
        self._step("get", self.run.calls.get, self._one(data))

    @rule(data=st.data(), agent=st.sampled_from(["agent", "other", ""]))
    def link(self, data: st.DataObject, agent: str) -> None:
        real = self.run.real("agent")
        value = {"agent": str(real), "other": self.run.options.agent_id or f"{real}-2", "": ""}[
            agent
        ]
        self._step("link", self.run.calls.link, self._one(data), value)

    @rule(limit=st.sampled_from([None, 1, 3]))
    def list(self, limit: int | None) -> None:
        if limit is None or len(self.run.world.numbers) <= 10 * limit:
            self._step("list", self._list, limit)

    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        self._step("delete", self.run.calls.delete, self._one(data))

    @rule(data=st.data())
    def read_released(self, data: st.DataObject) -> None:
        gone = [key for key in self.made if key in self.run.world.released]
        if gone:
            self._step("get", self.run.calls.get, data.draw(st.sampled_from(gone)))

    def teardown(self) -> None:
        for key in getattr(self, "made", []):
            if key in self.run.world.numbers:
                self.run.calls.delete(key)

    def _list(self, limit: int | None) -> None:
        self.run.listing(limit, optional=True)

    def _one(self, data: st.DataObject) -> str | None:
        mine = [key for key in self.made if key in self.run.world.numbers]
        return data.draw(st.sampled_from(mine)) if mine else None

    def _step(self, name: str, call: Any, *arguments: Any) -> None:
        if (
            arguments and arguments[0] is None and name != "list"
        ) or self.run.wire.sent > self.last:
            return
        shown = ", ".join(
            str(one) for one in arguments if not hasattr(one, "to_dict") and one is not None
        )
        self.steps.append(f"{name}({shown})")
        mark = len(self.run.broken_so_far)
        made = call(*arguments)
        if name.startswith(("purchase", "create")) and made is not None:
            self.made.append(made.id)
        for key in self.run.broken_so_far[mark:]:
            if key not in self.before:
                self.run.findings.all[key].steps = list(self.steps)
                raise Broken(key)
