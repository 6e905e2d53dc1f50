"""Live runs that end in the middle, at a request chosen by a seed; the release command finishes the job."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.live.shops import (
    KEY,
    Shop,
    drops_after_selling,
    fails_deletes_at_first,
    gives_one_id_twice,
    running,
)
from tests.suite.running import ROOT
from vogent_contract.live import release
from vogent_contract.mock.app import Mock
from vogent_contract.mock.recording import Application, Message, Receive, Scope, Send

BUDGET = 12
PACE = ("--rate", "2000", "--request-timeout", "1")
SIGNALS = (signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
FAULTS: tuple[Callable[[Mock], None] | None, ...] = (
    None,
    None,
    gives_one_id_twice,
    drops_after_selling,
    fails_deletes_at_first,
)
SCENES = "account or credentials or behaviour or sequences or end"


class Killing:
    """Sends a signal to a process at its n-th request, before the server does what is asked or after; then again.

    Attributes:
        pid: The process, None once it has ended.
    """

    def __init__(self, turn: int, sign: signal.Signals, *, before: bool) -> None:
        self.turn, self.sign, self.before = turn, sign, before
        self.pid: int | None = None
        self.requests = 0

    def around(self, application: Application) -> Application:
        async def killing(scope: Scope, receive: Receive, send: Send) -> None:
            self.requests += 1
            now = self.requests in (self.turn, self.turn + 2)  # somebody in a hurry sends it twice
            if now and self.before:
                self.kill()

            async def sending(message: Message) -> None:
                if now and not self.before and message["type"] == "http.response.start":
                    self.kill()
                await send(message)

            await application(scope, receive, sending)

        return killing

    def kill(self) -> None:
        """Send the signal if the process is there."""
        if self.pid is not None:
            os.kill(self.pid, self.sign)


@pytest.mark.parametrize("seed", range(24))
def test_a_run_that_is_killed_leaves_nothing(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """After any signal at any moment the release command leaves the account as it was; again, it does nothing."""
    chance = random.Random(seed)  # noqa: S311 - the same moments each time
    sign, turn, before = SIGNALS[seed % len(SIGNALS)], chance.randint(2, 120), chance.random() < 0.5
    shop, killing = Shop(chance.choice(FAULTS)), Killing(turn, sign, before=before)
    ledger = tmp_path / "ledger.jsonl"
    monkeypatch.setenv("VOGENT_API_KEY", KEY)
    with running(shop) as server:
        shop.around = killing.around
        options = ("--base-url", server.base_url, "--ledger", str(ledger), *PACE)
        command = (
            sys.executable,
            "-m",
            "pytest",
            "contract_tests",
            "-p",
            "no:cacheprovider",
            "-q",
            "-k",
            SCENES,
        )
        live = ("--live", "--max-numbers", str(BUDGET), "--agent-id", "agent-2")
        with subprocess.Popen(
            [*command, *live, *options], cwd=ROOT, stdout=subprocess.PIPE, text=True
        ) as process:
            killing.pid = process.pid
            output, _ = process.communicate(timeout=60)
            killing.pid = None
        assert -sign == process.returncode if sign == signal.SIGKILL else 2 == process.returncode, (
            output
        )
        if sign != signal.SIGKILL:
            assert shop.theirs == server.state.numbers(), output
            assert "left: 0" in output
        assert 0 == release.main(options)
        assert shop.theirs == server.state.numbers(), (output, capsys.readouterr().out)
        asked = len(server.requests)
        capsys.readouterr()
        assert 0 == release.main(options)
        assert "nothing is left to release\n" == capsys.readouterr().out
        assert asked == len(server.requests)
    assert len(shop.sold) <= BUDGET
