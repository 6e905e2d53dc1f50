"""The script beside a finding shows the wrong answer again where it is wrong, and only there."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.live.shops import Shop
from tests.running import KEY, run
from tests.suite.scripted import listing, phone_number, played, purchase, releasing
from vogent_contract import mock as mock_server
from vogent_contract.faults import catalogue
from vogent_contract.mock import MockServer
from vogent_contract.openapi import load
from vogent_contract.suite.repeat import scripts

FAULTS = catalogue(load())
AGAIN, NOT_AGAIN = 0, 1  # exit codes of a script
# At least one of every class, and of every operation.
SAMPLE = (
    "updatePhoneNumber.response.agentId.missing",
    "getPhoneNumber.response.agentId.null-as-text",
    "deletePhoneNumber.response.success-404",
    "createPhoneNumber.response.refusal-200",
    "searchPhoneNumbers.credential.accepts-empty-header",
    "listPhoneNumbers.response.content-type-text-html",
    "purchasePhoneNumber.response.body-truncated",
    "getPhoneNumber.sometimes.500",
    "phone_numbers.purchase.other-method-without-allow",
    "createPhoneNumber.request.body.purchase.number.wrong-type.accepted",
    "searchPhoneNumbers.request.body.limit.wrong-type.500",
    "updatePhoneNumber.request.any.refused",
    "listPhoneNumbers.request.query.cursor.absent.500",
    "behaviour.refuses-but-sells",
)
MISSING = [tool for tool in ("bash", "curl", "jq") if not shutil.which(tool)]
needs_tools = pytest.mark.skipif(bool(MISSING), reason=f"scripts need {', '.join(MISSING)}")


def outcome_of(script: Path, server: MockServer) -> tuple[int, str]:
    """Exit code and output of a script that is run against a server."""
    variables = {"VOGENT_API_KEY": KEY, "VOGENT_BASE_URL": server.base_url}
    done = subprocess.run(
        [script], env={**os.environ, **variables}, capture_output=True, text=True, check=False
    )
    return done.returncode, f"{done.stdout}{done.stderr}\n{script.read_text('utf-8')}"


def live_scripts(shop: Shop, folder: Path, budget: int) -> list[Path]:
    """The scripts of a run on somebody's account that may bring so many numbers into being."""
    with shop.open() as server:
        files = ("--ledger", str(folder / "ledger.jsonl"))
        account = ("--base-url", server.base_url, "--live", *files, "--max-numbers", str(budget))
        quick = ("--rate", "2000", "-k", "account or behaviour", "-x")
        result = run(folder, *account, *quick)
    return sorted((result.report / "repeat").iterdir())


def test_the_sample_has_every_class() -> None:
    """No class of faults is left out of the sample."""
    assert {one.category for one in FAULTS.values()} == {FAULTS[name].category for name in SAMPLE}


@needs_tools
@pytest.mark.parametrize("name", SAMPLE)
def test_a_script_tells_the_faulty_server_from_a_correct_one(name: str, tmp_path: Path) -> None:
    """On a fresh faulty server the wrong answer comes again, on a correct one not; it cleans up."""
    fault = FAULTS[name]
    with mock_server.start(api_key=KEY, fault=fault) as server:
        options = ("--base-url", server.base_url, "--fail-on", "lenient", "--maxfail", "1")
        result = run(tmp_path, *options)
    script = result.report / result.findings[0]["script"]

    with mock_server.start(api_key=KEY, fault=fault) as server:
        code, output = outcome_of(script, server)
        assert AGAIN == code, output
    with mock_server.start(api_key=KEY) as server:
        before = server.state.numbers()
        code, output = outcome_of(script, server)
        assert NOT_AGAIN == code, output
        assert before == server.state.numbers()


@needs_tools
def test_without_a_budget_no_script_creates(tmp_path: Path) -> None:
    """On somebody's account a script only reads, and nothing there changes."""
    shop = Shop(install=FAULTS["listPhoneNumbers.response.data.item.agentId.missing"].install)
    written = live_scripts(shop, tmp_path, budget=0)
    assert written
    for script in written:
        assert "make " not in script.read_text("utf-8")
        with shop.open() as server:
            code, output = outcome_of(script, server)
            assert AGAIN == code, output
            assert {"GET"} == {one.method for one in server.requests}


@needs_tools
def test_with_a_budget_a_script_leaves_the_account_as_it_was(tmp_path: Path) -> None:
    """What it creates it releases, and it touches nothing that was there before."""
    shop = Shop(install=FAULTS["getPhoneNumber.response.agentId.null-as-text"].install)
    [script, *_] = live_scripts(shop, tmp_path, budget=4)
    with shop.open() as server:
        code, output = outcome_of(script, server)
        assert AGAIN == code, output
        assert 0 < len(shop.sold)
        assert shop.theirs == server.state.numbers()
        assert [] == shop.touched(server)


def test_no_script_acts_on_what_a_list_showed(tmp_path: Path) -> None:
    """The phone number at that place of the list may be somebody else's the next time."""
    bought = phone_number("id-00000009", "+14155550199")
    lost = purchase("+14155550199", None, status=500)
    failed = releasing("id-00000009", None, status=500)
    scripted = played(lost, listing(bought), failed)
    scripts.write(scripted, tmp_path)
    written = {path.name for path in tmp_path.rglob("*.sh")}
    assert {"01-purchasePhoneNumber-no-server-error.sh"} == written
