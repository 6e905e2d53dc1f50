"""`python -m tests.detection`: what it counts as found, what makes it fail, that each rule is needed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.detection.matching import MATCHES, matches
from vogent_contract.faults import catalogue
from vogent_contract.openapi import load
from vogent_contract.suite.rules import RULES

ROOT = Path(__file__).parents[2]
FAULTS = catalogue(load())
OPERATION = """
  /phone_numbers/{id}/usage:
    get:
      operationId: getPhoneNumberUsage
      tags: [phone_numbers]
      x-effect: none
      parameters:
        - { name: id, in: path, required: true, schema: { type: string }, example: 5f0c7c1e }
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
components:
"""
SCHEMA = """
    PhoneNumberUsage: { type: object, required: [calls], properties: { calls: { type: integer, minimum: 0 } } }
    PhoneNumberType:
"""
ADDITIONS = {
    "\ncomponents:\n": OPERATION,
    "\n    PhoneNumberType:\n": SCHEMA,
    "enum: [PSTN, SIP_USERNAME]": "enum: [PSTN, SIP_USERNAME, TOLL_FREE]",
    "\n        agentId:\n          type: [string, 'null']": (
        "\n        label: { type: [string, 'null'] }\n        agentId:\n          type: [string, 'null']"
    ),
}
Copy = Callable[..., Path]


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """Makes a copy of the kit in which something is put in the place of something else."""

    def make(changed: str, replacements: dict[str, str]) -> Path:
        for name in (
            "codegen",
            "vogent_contract",
            "contract_tests",
            "generated_client",
            "tests/detection",
        ):
            shutil.copytree(
                ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__")
            )
        for name in (
            "generate.sh",
            "openapi.yaml",
            "pyproject.toml",
            "LICENSE",
            "tests/__init__.py",
        ):
            shutil.copy(ROOT / name, tmp_path / name)
        (tmp_path / ".venv").symlink_to(sys.prefix)
        text = (tmp_path / changed).read_text("utf-8")
        for old, new in replacements.items():
            assert old in text
            text = text.replace(old, new, 1)
        (tmp_path / changed).write_text(text, "utf-8")
        return tmp_path

    return make


def detect(root: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a copy of the kit, or in the kit itself."""
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(root / "generated_client"), str(root)])
    }
    command = [sys.executable, "-m", "tests.detection", *options]
    return subprocess.run(
        command, cwd=root, env=environment, capture_output=True, text=True, check=False, timeout=180
    )


def test_every_class_has_its_match() -> None:
    """What a finding has to share with a fault is said for each class."""
    assert {fault.kind for fault in FAULTS.values()} == set(MATCHES)


@pytest.mark.parametrize(
    ("found", "changes"),
    [
        (True, {}),
        (False, {"operation": "listPhoneNumbers"}),
        (False, {"pointer": "/number"}),
        (False, {"keyword": "type"}),
        (False, {"rule": "answers"}),
    ],
)
def test_a_finding_must_be_about_the_fault(found: bool, changes: dict[str, str]) -> None:
    """A finding of another operation, position, keyword or rule does not count."""
    right = {
        "rule": "documented-response",
        "operation": "getPhoneNumber",
        "pointer": "/agentId",
        "keyword": "required",
    }

    assert found == matches(FAULTS["getPhoneNumber.response.agentId.missing"], right | changes)


def test_positions_in_a_list_count_as_one() -> None:
    """The item of a list in which a fault shows does not matter."""
    fault = FAULTS["listPhoneNumbers.response.data.item.id.missing"]
    finding = {
        "rule": "documented-response",
        "operation": "listPhoneNumbers",
        "keyword": "required",
    }

    assert matches(fault, finding | {"pointer": "/data/12/id"})
    assert not matches(fault, finding | {"pointer": "/data/x/id"})


def test_each_rule_is_needed() -> None:
    """Whatever rule is removed from the suite, a fault is missed."""
    done = detect(ROOT, "--rules")

    assert 0 == done.returncode, done.stdout + done.stderr
    assert list(RULES) == [line.partition(":")[0] for line in done.stdout.splitlines()]


def test_a_suite_that_always_fails_scores_zero(copy: Copy) -> None:
    """Where the unbroken mock is accused, nothing found counts."""
    root = copy(
        "vogent_contract/suite/rules/exchange.py", {"    if exchange.error:\n": "    if True:\n"}
    )
    done = detect(root, "--class", "sometimes")

    assert 1 == done.returncode, done.stdout + done.stderr
    assert "nothing found counts: 0 of 42" in done.stdout


def test_a_missed_fault_fails(copy: Copy) -> None:
    """A suite that does not look makes the measurement fail, with the fault that it missed."""
    root = copy(
        "vogent_contract/suite/rules/exchange.py", {"exchange.status != 401 and": "False and"}
    )
    done = detect(root, "--fault", "getPhoneNumber.credential.accepts-no-header")

    assert 1 == done.returncode, done.stdout + done.stderr
    assert "missed: getPhoneNumber.credential.accepts-no-header" in done.stdout
    assert "0 of 1 faults found (0 %)" in done.stdout


def test_an_unknown_fault_is_said() -> None:
    """Nothing to measure is an error of its own."""
    done = detect(ROOT, "--fault", "nothing")

    assert (2, "") == (done.returncode, done.stdout)
    assert "there is no such fault" in done.stderr


def test_what_is_new_in_the_contract_is_found(copy: Copy) -> None:
    """An operation, an enum value and a nullable property are served, broken and found without a line of code."""
    root = copy("openapi.yaml", ADDITIONS)
    subprocess.run([root / "generate.sh"], check=True, capture_output=True, timeout=120)
    chosen = (
        "PhoneNumberType.never-TOLL_FREE",
        "getPhoneNumber.response.type.TOLL_FREE-in-other-case",
        "PhoneNumber.label.never-null",
        "PhoneNumber.label.never-not-null",
        "updatePhoneNumber.response.label.integer",
        "getPhoneNumberUsage.response.calls.missing",
        "getPhoneNumberUsage.response.calls.minimum",
        "getPhoneNumberUsage.response.content-type-missing",
        "getPhoneNumberUsage.request.query.days.wrong-maximum.accepted",
        "getPhoneNumberUsage.request.any.refused",
        "getPhoneNumberUsage.credential.accepts-anything",
        "getPhoneNumberUsage.sometimes.dropped",
    )
    done = detect(root, *(part for fault in chosen for part in ("--fault", fault)))

    assert 0 == done.returncode, done.stdout + done.stderr
    assert f"{len(chosen)} of {len(chosen)} faults found (100 %)" in done.stdout
