"""Adding an operation to openapi.yaml and running ./generate.sh is enough."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.running import run_program

ROOT = Path(__file__).parents[2]
ADDED = """
  /phone_numbers/{id}/usage:
    get:
      operationId: getPhoneNumberUsage
      tags: [phone_numbers]
      summary: Read how much a phone number is used
      x-effect: none
      parameters:
        - name: id
          in: path
          required: true
          schema: { type: string }
          example: 5f0c7c1e-8f43-4f0e-9c55-0d6c2a3b1e10
        - { name: days, in: query, schema: { type: integer, minimum: 1, maximum: 90 } }
      responses:
        '200':
          description: The usage.
          content:
            application/json:
              schema: { $ref: '#/components/schemas/PhoneNumberUsage' }
        '400': { $ref: '#/components/responses/InvalidInput' }
        '401': { $ref: '#/components/responses/Unauthorized' }
        '422': { $ref: '#/components/responses/ValidationFailure' }
"""
SCHEMA = """
    PhoneNumberUsage:
      type: object
      required: [calls]
      properties:
        calls: { type: integer, minimum: 0 }
        busiest: { type: string, enum: [DAY] }
"""


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository with one operation more, generated anew."""
    copy = tmp_path_factory.mktemp("kit")
    kept = ("codegen", "vogent_contract", "contract_tests", "generated_client")
    for name in kept:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("generate.sh", "openapi.yaml", "pyproject.toml", "LICENSE"):
        shutil.copy(ROOT / name, copy / name)
    contract = copy / "openapi.yaml"
    text = contract.read_text().replace("\ncomponents:\n", f"{ADDED}components:\n")
    contract.write_text(text.replace("\n    PhoneNumberType:\n", f"{SCHEMA}    PhoneNumberType:\n"))
    (copy / ".venv").symlink_to(sys.prefix)
    done = subprocess.run(
        [copy / "generate.sh"], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return copy


def environment(copy: Path) -> dict[str, str]:
    return {"PYTHONPATH": os.pathsep.join([str(copy / "generated_client"), str(copy)])}


def test_the_client_has_it(copied: Path) -> None:
    """The generated client has a module, a model and every form of the call."""
    code = (
        "from vogent_phone_numbers.api.phone_numbers import get_phone_number_usage as one\n"
        "from vogent_phone_numbers.models import PhoneNumberUsage\n"
        "print(one.sync, one.sync_detailed, one.asyncio, one.asyncio_detailed, PhoneNumberUsage(calls=1).to_dict())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | environment(copied),
        capture_output=True,
        text=True,
        check=False,
    )

    assert "{'calls': 1}" in done.stdout, done.stderr


def test_the_mock_answers_and_the_suite_proves_it(copied: Path, tmp_path: Path) -> None:
    """The mock answers it from its schema, and the suite tests it: success, refusal, wrong keys, enum values."""
    result = run_program(tmp_path, root=copied, **environment(copied))

    assert result.exit == 0, result.output
    assert {"200", "401", "422"} <= set(result.evidence["operations"]["getPhoneNumberUsage"])
    assert result.evidence["values"]["PhoneNumberUsage/busiest"]['"DAY"'] > 0


def test_the_suite_accuses_a_server_that_breaks_it(copied: Path, tmp_path: Path) -> None:
    """A server that answers the new operation against its schema is accused for that."""
    contract = copied / "openapi.yaml"
    text = contract.read_text()
    started = (
        "import mock_server, time\nwith mock_server.start(contract='old.yaml', api_key='k') as s:\n"
    )
    (copied / "old.yaml").write_text(
        text.replace("calls: { type: integer", "calls: { type: string")
    )
    code = started + "    print(s.base_url, flush=True)\n    time.sleep(60)"
    command, env = [sys.executable, "-c", code], os.environ | environment(copied)
    with subprocess.Popen(
        command, cwd=copied, env=env, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout
        url = server.stdout.readline().strip()
        result = run_program(
            tmp_path, "--base-url", url, key="k", root=copied, **environment(copied)
        )
        server.kill()

    assert result.exit == 1
    accused = {(one["operation"], one["pointer"]) for one in result.evidence["findings"]}
    assert {("getPhoneNumberUsage", "/calls")} <= accused
