"""`python -m tests.detection`: what it counts as found and what fails it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.detection import __main__ as detection
from tests.detection.matching import MATCHES, matches
from vogent_contract.faults import catalogue
from vogent_contract.openapi import load

ROOT = Path(__file__).parents[2]
FAULTS = catalogue(load())
MISSING_AGENT = FAULTS["getPhoneNumber.response.agentId.missing"]
MISSING_ITEM = "listPhoneNumbers.response.data.item.id.missing"
FINDING = {
    "rule": "documented-response",
    "operation": "getPhoneNumber",
    "pointer": "/agentId",
    "keyword": "required",
    "request": 3,
    "against": None,
    "undecided": False,
}

NEW_OPERATION = """
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
NEW_SCHEMA = """
    PhoneNumberUsage:
      type: object
      required: [calls]
      properties: { calls: { type: integer, minimum: 0 } }
    PhoneNumberType:
"""
NULLABLE = "\n        agentId:\n          type: [string, 'null']"
ADDITIONS = {
    "\ncomponents:\n": NEW_OPERATION,
    "\n    PhoneNumberType:\n": NEW_SCHEMA,
    "enum: [PSTN, SIP_USERNAME]": "enum: [PSTN, SIP_USERNAME, TOLL_FREE]",
    NULLABLE: f"\n        label: {{ type: [string, 'null'] }}{NULLABLE}",
}
NEW_FAULTS = (
    "PhoneNumberType.never-TOLL_FREE",
    "updatePhoneNumber.response.label.integer",
    "getPhoneNumberUsage.response.calls.minimum",
    "getPhoneNumberUsage.request.query.days.wrong-maximum.accepted",
)


def test_every_class_has_its_match() -> None:
    """What a finding has to share with a fault is said for each class."""
    assert {fault.category for fault in FAULTS.values()} == set(MATCHES)


@pytest.mark.parametrize(
    ("found", "fault", "changes"),
    [
        (True, MISSING_AGENT.id, {}),
        (False, MISSING_AGENT.id, {"operation": "listPhoneNumbers"}),
        (False, MISSING_AGENT.id, {"pointer": "/number"}),
        (False, MISSING_AGENT.id, {"keyword": "type"}),
        (False, MISSING_AGENT.id, {"rule": "answers"}),
        (True, MISSING_ITEM, {"operation": "listPhoneNumbers", "pointer": "/data/12/id"}),
        (False, MISSING_ITEM, {"operation": "listPhoneNumbers", "pointer": "/data/x/id"}),
    ],
)
def test_a_finding_must_be_about_the_fault(
    found: bool, fault: str, changes: dict[str, str]
) -> None:
    """Operation, position, keyword and rule must be the fault's; of a list any item will do."""
    assert found == matches(FAULTS[fault], FINDING | changes)


@pytest.mark.parametrize(
    ("accused", "findings", "expected"),
    [
        ([], [FINDING], (0, "1 of 1 faults found (100 %), the unbroken mock passes with\n3 req")),
        ([], [], (1, "missed: getPhoneNumber.response.agentId.missing")),
        ([], [FINDING | {"pointer": "/id"}], (1, "0 of 1 faults found (0 %)")),
        ([], None, (1, "the run broke down: ['boom']")),
        ([FINDING], [FINDING], (1, "nothing found counts: 0 of 1")),
        (None, [FINDING], (1, "nothing found counts: 0 of 1")),
    ],
    ids=["found", "missed", "found elsewhere", "broke down", "mock accused", "mock broke down"],
)
def test_what_is_missed_fails(
    accused: list[dict[str, str]] | None,
    findings: list[dict[str, str]] | None,
    expected: tuple[int, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A missed fault fails and is named; where the unbroken mock is accused nothing counts."""
    unbroken = detection.Run(detection.UNBROKEN, accused, 3, "")
    broken = detection.Run(MISSING_AGENT, findings, 2, "pytest\nboom\n")
    monkeypatch.setattr(detection, "warm_up", lambda: unbroken)
    monkeypatch.setattr(detection, "measure", lambda *_: iter([broken]))

    assert expected[0] == detection.main(["--fault", MISSING_AGENT.id])
    assert expected[1] in capsys.readouterr().out


def test_an_unknown_fault_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing to measure is an error of its own."""
    assert 2 == detection.main(["--fault", "nothing"])
    assert "there is no such fault" in capsys.readouterr().err


def test_a_sample_is_spread_over_the_classes() -> None:
    """A sample has as many faults of each class, not only its first ones."""
    chosen = detection.choose(FAULTS.values(), detection.parse(["--sample", "3"]))
    operations = {fault.operation for fault in chosen if fault.category == "response"}

    assert dict.fromkeys(MATCHES, 3) == Counter(fault.category for fault in chosen)
    assert 3 == len(operations)


def test_what_is_new_in_the_contract_is_found(tmp_path: Path) -> None:
    """What is added to the contract is served, broken and found without a line of code."""
    for folder in ("codegen", "vogent_contract", "contract_tests", "generated_client"):
        without = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=without)
    shutil.copytree(ROOT / "tests/detection", tmp_path / "tests/detection")
    for file in ("generate.sh", "pyproject.toml", "LICENSE", "tests/__init__.py"):
        shutil.copy(ROOT / file, tmp_path / file)
    (tmp_path / ".venv").symlink_to(sys.prefix)
    text = (ROOT / "openapi.yaml").read_text("utf-8")
    for old, new in ADDITIONS.items():
        assert old in text
        text = text.replace(old, new, 1)
    (tmp_path / "openapi.yaml").write_text(text, "utf-8")
    subprocess.run([tmp_path / "generate.sh"], check=True, capture_output=True, timeout=120)
    asked_for = [option for fault in NEW_FAULTS for option in ("--fault", fault)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.detection", *asked_for],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": f"{tmp_path / 'generated_client'}{os.pathsep}{tmp_path}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )

    assert 0 == done.returncode, done.stdout + done.stderr
    assert f"{len(NEW_FAULTS)} of {len(NEW_FAULTS)} faults found (100 %)" in done.stdout
