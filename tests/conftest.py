"""What every test starts from: none of the caller's keys, reports or proxies."""

import pytest


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test sees no key, agent or job of the person or CI that runs it."""
    for name in (
        "VOGENT_API_KEY",
        "VOGENT_AGENT_ID",
        "GITHUB_STEP_SUMMARY",
        "GITHUB_OUTPUT",
        "GITHUB_ACTIONS",
    ):
        monkeypatch.delenv(name, raising=False)
