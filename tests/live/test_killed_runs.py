"""Live runs that are ended at a request chosen by a seed; the release command finishes the job.

A sample of the seeds in each test run, all with `--all-seeds`.
"""

from __future__ import annotations

import itertools
import os
import random
import signal
from pathlib import Path

import pytest

from tests.live.shops import Shop
from tests.running import KEY, ForkedRun
from vogent_contract.faults.breaking import replace_parts
from vogent_contract.live import release
from vogent_contract.mock.app import Mock
from vogent_contract.mock.outcomes import Answer
from vogent_contract.mock.recording import Receive, Scope

BUDGET = 12
PACE = ("--rate", "2000", "--request-timeout", "1")
SIGNALS = (signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
FAULTS = ("none", "none", "gives one id twice", "drops after selling", "drops deletes")
SCENES = "account or authentication or behaviour or sequences or end"
SEEDS = range(24)
SAMPLE = (4, 9, 15, 19, 22)  # every signal and fault, before and after a request, early and late


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Choose the seeds."""
    metafunc.parametrize("seed", SEEDS if metafunc.config.option.all_seeds else SAMPLE)


class Killing:
    """Sends a signal to a run at its n-th request, before the server does what is asked or after.

    It is sent again two requests later, as somebody in a hurry does.

    Attributes:
        run: None until it begins, and once it has ended.
    """

    def __init__(self, seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311 - the same moments each time
        self.signal = SIGNALS[seed % len(SIGNALS)]
        self.turn = chance.randint(2, 100)
        self.before = chance.random() < 0.5
        self.fault = chance.choice(FAULTS)
        self.run: ForkedRun | None = None

    def install(self, mock: Mock) -> None:
        """Let the mock send it."""
        right, turns = mock.answer, itertools.count(1)

        async def answer(scope: Scope, receive: Receive) -> Answer:
            now = next(turns) in (self.turn, self.turn + 2)
            if now and self.before:
                self._kill()
            given = await right(scope, receive)
            if now and not self.before:
                self._kill()
            return given

        replace_parts(mock, answer=answer)

    def _kill(self) -> None:
        if self.run is not None:
            os.kill(self.run.process, self.signal)


def test_a_run_that_is_killed_leaves_nothing(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """After any signal at any moment the release command leaves the account as it was before.

    Where the run could still do it itself, it has; a second release finds nothing to do.
    """
    killing = Killing(seed)
    shop = Shop(killing.fault, killing.install)
    monkeypatch.setenv("VOGENT_API_KEY", KEY)
    with shop.open() as server:
        account = ("--base-url", server.base_url, "--ledger", str(tmp_path / "ledger"), *PACE)
        budget = ("--live", "--max-numbers", str(BUDGET), "--agent-id", "agent-2")
        killing.run = ForkedRun(tmp_path, *account, *budget, "-k", SCENES)
        result = killing.run.wait()
        killing.run = None
        if killing.signal == signal.SIGKILL:
            assert -signal.SIGKILL == result.exit, result.output
        else:
            assert 2 == result.exit, result.output
            assert shop.theirs == server.state.numbers(), result.output
            assert "left: 0" in result.output

        assert 0 == release.main(account)
        assert shop.theirs == server.state.numbers(), (result.output, capsys.readouterr().out)
        asked = len(server.requests)
        capsys.readouterr()
        assert 0 == release.main(account)
        assert "nothing is left to release\n" == capsys.readouterr().out
        assert asked == len(server.requests)
    assert len(shop.sold) <= BUDGET
