"""Adding an operation to openapi.yaml and running ./generate.sh is enough."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

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

USE_OF_THE_CLIENT = """
from vogent_phone_numbers.api.phone_numbers import get_phone_number_usage as one
from vogent_phone_numbers.models import PhoneNumberUsage
print(one.sync, one.sync_detailed, one.asyncio, one.asyncio_detailed)
print(PhoneNumberUsage(calls=1).to_dict())
"""
KEY = "a-key-of-this-test"


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository with one operation more, generated anew."""
    copy = tmp_path_factory.mktemp("kit")
    for name in ("codegen", "vogent_contract", "contract_tests", "generated_client"):
        shutil.copytree(ROOT / name, copy / name)
    for name in ("generate.sh", "openapi.yaml", "pyproject.toml", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    contract = copy / "openapi.yaml"
    text = contract.read_text("utf-8").replace("\ncomponents:\n", f"{ADDED}components:\n")
    text = text.replace("\n    PhoneNumberType:\n", f"{SCHEMA}    PhoneNumberType:\n")
    contract.write_text(text, "utf-8")
    (copy / ".venv").symlink_to(sys.prefix)
    command = [str(copy / "generate.sh")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return copy


def environment(copy: Path) -> dict[str, str]:
    """Python finds the copy before the kit and the client that are installed for these tests."""
    path = os.pathsep.join([str(copy / "generated_client"), str(copy)])
    return {**os.environ, "PYTHONPATH": path, "VOGENT_API_KEY": KEY}


def conformance(copy: Path, folder: Path, *options: str) -> tuple[int, dict[str, Any]]:
    """Run the copy's suite in a folder; gives its exit code and its evidence."""
    command = [sys.executable, "-m", "vogent_contract", "test", "--report-dir", "report", *options]
    env = environment(copy)
    done = subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, timeout=120, check=False
    )
    report = folder / "report" / "evidence.json"
    assert report.exists(), done.stdout + done.stderr
    return done.returncode, json.loads(report.read_text("utf-8"))


def test_the_client_has_it(copied: Path) -> None:
    """The generated client has a module, a model and every form of the call."""
    command = [sys.executable, "-c", USE_OF_THE_CLIENT]
    env = environment(copied)
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert "{'calls': 1}" in done.stdout, done.stderr


def test_the_mock_answers_and_the_suite_proves_it(copied: Path, tmp_path: Path) -> None:
    """The mock answers from its schema; the suite sees success, refusals and the enum's values."""
    exit_code, evidence = conformance(
        copied, tmp_path, "-k", "account or authentication or refusals or requests"
    )
    assert (0, []) == (exit_code, evidence["findings"])
    assert {"200", "401", "422"} <= set(evidence["operations"]["getPhoneNumberUsage"])
    assert evidence["values"]["PhoneNumberUsage/busiest"]['"DAY"'] > 0
