"""The mock keeps the contract: stock schemathesis, with its default checks, finds nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.mock.processes import ROOT
from vogent_contract.mock import MockServer

# It counts a documented 422 for a number or an id that is not there as a valid request refused.
NOT_APPLICABLE = "positive_data_acceptance"


def test_schemathesis__finds_nothing(server: MockServer, tmp_path: Path) -> None:
    """All phases of `schemathesis run` pass, but for one check that no stateful server can pass."""
    program = Path(sys.executable).parent / "schemathesis"
    command = [str(program), "run", str(ROOT / "openapi.yaml"), "--url", server.base_url]
    command += ["-H", f"Authorization: Bearer {server.api_key}", "--seed", "1"]
    command += ["--max-examples", "5", "--exclude-checks", NOT_APPLICABLE]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    succeeded = {one.operation for one in server.requests if one.status == 200}

    assert 0 == ended.returncode, ended.stdout
    assert {"purchasePhoneNumber", "createPhoneNumber", "searchPhoneNumbers"} <= succeeded
