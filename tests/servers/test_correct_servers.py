"""No correct server is accused: a sample of them in each test run, all with `--all-servers`."""

from pathlib import Path

import pytest

from tests.running import KEY, run

from .frameworks import FRAMEWORKS, reason_missing, running
from .plain import HABITS, serving

SECONDS = {"quick": 120, "full": 900}  # until a run is given up
SAMPLE = {  # the habits that are least like each other, and what each stands for
    "all-strict": "refuses all that it may, without a body",
    "all-lenient": "accepts all that it may, sends more than is documented",
    "held-250-pages": "an account that was in use before, pages cut short",
    "endless": "no search finds an offer of the one before",
    "uk": "hardly anything for sale in the default country",
    "known-agents": "the suite has to be told something",
    "ids-escaped": "ids that a path cannot hold as they are",
    "gzip": "bodies in another encoding",
    "one-at-a-time": "a server that workers are of no use with",
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Choose the habits."""
    if "habit_name" in metafunc.fixturenames:
        everyone = metafunc.config.option.all_servers
        metafunc.parametrize("habit_name", HABITS if everyone else SAMPLE)


def test_a_correct_server_is_not_accused(
    habit_name: str, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    """The suite finds nothing in a server that keeps what the vendor documents."""
    habit = HABITS[habit_name]
    profile = pytestconfig.option.suite_profile
    with serving(habit, KEY) as base_url:
        options = ("--base-url", base_url, "--profile", profile, *habit.suite_options)
        result = run(tmp_path, *options, seconds=SECONDS[profile])
    assert [] == result.findings, f"{habit.text}\n{result.output}"
    assert 0 == result.exit, result.output


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_a_server_on_a_real_framework_is_not_accused(
    name: str, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    """What a framework does by default lets no caller down who keeps to the contract."""
    reason = reason_missing(name)
    if reason is not None:
        pytest.skip(reason)
    profile = pytestconfig.option.suite_profile
    with running(name, KEY) as base_url:
        options = ("--base-url", base_url, "--profile", profile)
        result = run(tmp_path, *options, seconds=SECONDS[profile])
    assert [] == [one for one in result.findings if one["level"] == "broken"], result.output
    assert 0 == result.exit, result.output
