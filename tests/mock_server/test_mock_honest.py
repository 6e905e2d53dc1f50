"""The mock keeps the contract: stock schemathesis, with its default checks, finds nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.mock_server.processes import ROOT
from vogent_contract import mock as mock_server

# It counts a documented 422 for a number or an id that is not there as the refusal of a valid request.
NOT_APPLICABLE = "positive_data_acceptance"


def test_schemathesis__finds_nothing(tmp_path: Path) -> None:
    """All phases of `schemathesis run` pass with all default checks but the one that no stateful server can pass."""
    with mock_server.start() as server:
        command = [
            str(Path(sys.executable).parent / "schemathesis"),
            "run",
            str(ROOT / "openapi.yaml"),
        ]
        command += [
            "--url",
            server.base_url,
            "-H",
            f"Authorization: Bearer {server.api_key}",
            "--seed",
            "1",
        ]
        command += ["--max-examples", "15", "--exclude-checks", NOT_APPLICABLE]
        ended = subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
        )
        asked = {one.operation for one in server.requests if one.status == 200}
    assert ended.returncode == 0, ended.stdout
    assert asked >= {
        "purchasePhoneNumber",
        "createPhoneNumber",
        "searchPhoneNumbers",
        "listPhoneNumbers",
    }
