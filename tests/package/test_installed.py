"""The built wheels in new environments, away from the checkout: what other teams have."""

from __future__ import annotations

import json
import os
import subprocess
import tarfile
import urllib.request
import zipfile
from pathlib import Path

import pytest

from tests.package.environment import ROOT, UV, Environment
from vogent_contract import mock as mock_server

KEY = "a-key-of-this-test"

APP_TEST = """
import sys
import urllib.request

HEAVY = {"httptools", "jsonschema_rs", "uvicorn", "uvloop", "vogent_contract.mock", "yaml"}


def test_the_plugin_is_light():
    assert not HEAVY & set(sys.modules)


def test_the_app_sells(vogent_mock):
    headers = {"Authorization": f"Bearer {vogent_mock.api_key}"}
    request = urllib.request.Request(f"{vogent_mock.base_url}/phone_numbers", headers=headers)
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 200
    assert [exchange.status for exchange in vogent_mock.requests] == [200]
"""

BUY = """
import sys
from vogent_phone_numbers import AuthenticatedClient
from vogent_phone_numbers.api.phone_numbers import create_phone_number
from vogent_phone_numbers.models import CreateByPurchaseInput, PurchasePhoneNumberInput
with AuthenticatedClient(base_url=sys.argv[1]) as client:
    body = CreateByPurchaseInput(purchase=PurchasePhoneNumberInput(number="+15005550200"))
    print(client, create_phone_number.sync(client=client, body=body).number)
"""


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Wheels and sdists of kit and client, as a release builds them: the wheels from the sdists."""
    folder = tmp_path_factory.mktemp("wheels")
    command = [UV, "build", "--quiet", "--all-packages", "--out-dir", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True)
    return folder


@pytest.fixture(scope="module")
def app(wheels: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An app that uses the mock in its tests."""
    kit = f"vogent-contract-kit @ {the('vogent_contract_kit-*.whl', wheels).as_uri()}"
    return Environment(tmp_path_factory.mktemp("app"), kit, "pytest")


@pytest.fixture(scope="module")
def judge(wheels: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """A place that tests servers."""
    kit = f"vogent-contract-kit[suite] @ {the('vogent_contract_kit-*.whl', wheels).as_uri()}"
    client = f"vogent-phone-numbers @ {the('vogent_phone_numbers-*.whl', wheels).as_uri()}"
    return Environment(tmp_path_factory.mktemp("judge"), kit, client)


def the(pattern: str, folder: Path) -> Path:
    """The one file that fits."""
    (found,) = folder.glob(pattern)
    return found


def test_the_wheel_is_whole(wheels: Path, tmp_path: Path) -> None:
    """It holds contract, scenes and page, and no more; checkout and sdist build the same."""
    wheel = the("vogent_contract_kit-*.whl", wheels)
    names = zipfile.ZipFile(wheel).namelist()
    inside = {"openapi.yaml", "contract_tests/conftest.py", "docs/assets/rapidoc-min.js"}
    assert {f"vogent_contract/{name}" for name in inside} <= set(names)
    metadata = f"{'-'.join(wheel.name.split('-')[:2])}.dist-info"
    assert {"vogent_contract", metadata} == {name.split("/")[0] for name in names}
    assert [name for name in names if name.endswith((".pyc", ".jsonl"))] == []

    command = [UV, "build", "--quiet", "--wheel", "--out-dir", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True)
    assert wheel.read_bytes() == (tmp_path / wheel.name).read_bytes()


def test_the_mock_needs_nothing_of_the_suite(app: Environment) -> None:
    """The plain install pulls no judge, no client, and asks for nothing in one exact version."""
    code = (
        "from importlib.metadata import distributions, requires\n"
        "print(*(one.name for one in distributions()))\n"
        "print(*(one for one in requires('vogent-contract-kit') if 'extra' not in one), sep='|')\n"
    )
    exit_code, printed = app.run("python", "-c", code)
    assert exit_code == 0, printed
    installed, required = printed.splitlines()
    assert {"schemathesis", "httpx", "vogent-phone-numbers"} & set(installed.split()) == set()
    assert "==" not in required


def test_the_mock_answers(app: Environment) -> None:
    """`vogent-contract mock` tells programs where it is, and searches, sells and shows its page."""
    with app.mock() as url:
        headers = {"Authorization": "Bearer test-key", "Content-Type": "application/json"}
        search = urllib.request.Request(  # noqa: S310 - loopback
            f"{url}/phone_numbers/search", b'{"prefix": "415", "limit": 1}', headers
        )
        with urllib.request.urlopen(search, timeout=10) as answer:  # noqa: S310 - loopback
            assert [{"number": "+14155550191"}] == json.load(answer)
        page = url.removesuffix("/api")
        with urllib.request.urlopen(page, timeout=10) as answer:  # noqa: S310 - loopback
            assert b"rapi-doc" in answer.read()


def test_an_app_asks_for_the_fixture(app: Environment) -> None:
    """An app's tests ask for `vogent_mock`, and pay for it only if they do."""
    (app.project / "test_app.py").write_text(APP_TEST, "utf-8")
    exit_code, printed = app.run("python", "-W", "error", "-m", "pytest", "test_app.py")
    assert exit_code == 0, printed
    assert "2 passed" in printed


@pytest.mark.parametrize("command", ["test", "release"])
def test_a_missing_extra_is_named(app: Environment, command: str) -> None:
    """Without the suite's libraries one line says how to install them."""
    exit_code, printed = app.run("vogent-contract", command, "--base-url", "http://127.0.0.1:9/api")
    assert exit_code == 2
    assert printed.endswith(" is missing: pip install 'vogent-contract-kit[suite]'\n")
    assert printed.count("\n") == 1


def test_the_suite_runs_in_any_folder(app: Environment, judge: Environment) -> None:
    """No setting or conftest of the project around it matters; the report is left there."""
    hostile = "-n 3 --cov=app -p no:schemathesis"
    settings = f"[pytest]\naddopts = {hostile}\nfilterwarnings = error\npython_files = none.py\n"
    (judge.project / "pytest.ini").write_text(settings, "utf-8")
    (judge.project / "conftest.py").write_text("raise RuntimeError\n", "utf-8")
    (judge.project / "schemathesis.toml").write_text("not TOML\n", "utf-8")
    (judge.project / "reports").mkdir()
    (judge.project / "reports" / "conftest.py").write_text("raise RuntimeError\n", "utf-8")
    before = judge.installed()

    env = {"VOGENT_API_KEY": KEY, "PYTEST_ADDOPTS": hostile, "PYTEST_PLUGINS": "nothing"}
    with app.mock(VOGENT_API_KEY=KEY) as url:
        options = ("--base-url", url, "--report-dir", "reports")
        exit_code, printed = judge.run("vogent-contract", "test", *options, **env)

    assert exit_code == 0, printed
    evidence = json.loads((judge.project / "reports" / "evidence.json").read_text("utf-8"))
    assert ([], 0) == (evidence["findings"], evidence["exit"])
    assert "\ncontract_tests/test_end.py " in printed
    assert not (judge.project / ".pytest_cache").exists()
    assert before == judge.installed()


def test_a_live_run_keeps_its_ledger_there(judge: Environment) -> None:
    """What a live run buys is in the current folder's ledger, where `release` finds it."""
    options = ("--live", "--max-numbers", "1", "--rate", "1000", "-k", "test_account")
    exit_code, printed = judge.run("vogent-contract", "test", *options)
    assert exit_code == 0, printed
    assert list(judge.project.glob("*.ledger.jsonl")) != []


def test_the_client_is_whole(wheels: Path) -> None:
    """Wheel and sdist have types, the wheel a licence too, and it needs attrs and httpx only."""
    with tarfile.open(the("vogent_phone_numbers-*.tar.gz", wheels)) as archive:
        assert any(name.endswith("/vogent_phone_numbers/py.typed") for name in archive.getnames())
    with zipfile.ZipFile(the("vogent_phone_numbers-*.whl", wheels)) as archive:
        names = archive.namelist()
        (about,) = [name for name in names if name.endswith("/METADATA")]
        lines = archive.read(about).decode().splitlines()
    assert "vogent_phone_numbers/py.typed" in names
    assert about.replace("METADATA", "licenses/LICENSE") in names
    needed = [line for line in lines if line.startswith("Requires-Dist")]
    assert ["Requires-Dist: attrs>=22.2", "Requires-Dist: httpx<0.29,>=0.27"] == needed


@pytest.mark.parametrize("kind", ["*.whl", "*.tar.gz"])
def test_the_client_works_by_itself(wheels: Path, tmp_path: Path, kind: str) -> None:
    """In an empty environment it buys a number without a warning, and does not show its key."""
    client = the(f"vogent_phone_numbers-{kind}", wheels)
    alone = Environment(tmp_path, f"vogent-phone-numbers @ {client.as_uri()}")
    with mock_server.start(api_key=KEY) as server:
        command = ("python", "-W", "error", "-c", BUY, server.base_url)
        exit_code, printed = alone.run(*command, VOGENT_API_KEY=KEY)
    assert exit_code == 0, printed
    assert "+15005550200" in printed
    assert KEY not in printed


def test_uvx_runs_the_checkout(tmp_path: Path) -> None:
    """`uvx --from 'CHECKOUT[suite]' vogent-contract ...` works without an install."""
    command = [UV, "tool", "run", "--from", f"{ROOT}[suite]", "vogent-contract", "release"]
    options = ["--base-url", "http://127.0.0.1:9/api"]
    env = {**os.environ, "VOGENT_API_KEY": KEY}
    result = subprocess.run(
        [*command, *options], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("there is no ledger")
