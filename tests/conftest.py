"""What every test starts from: none of the caller's keys, reports or proxies."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of the folders; pytest reads them only from here if it is called without a path."""
    servers = parser.getgroup("servers", "correct servers")
    servers.addoption(
        "--all-servers", action="store_true", help="run the suite against each, not a sample"
    )
    servers.addoption("--suite-profile", choices=("quick", "full"), default="quick")
    live = parser.getgroup("live", "live runs")
    live.addoption("--all-seeds", action="store_true", help="kill a run at each, not at a sample")


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
