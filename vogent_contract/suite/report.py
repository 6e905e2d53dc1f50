"""The files that a run leaves behind in `--report-dir`, beside pytest's `junit.xml`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from vogent_contract.suite import har
from vogent_contract.suite.outcome import missing
from vogent_contract.suite.repeat import scripts
from vogent_contract.suite.report_page.page import render
from vogent_contract.suite.report_page.reference import write_reference
from vogent_contract.suite.run import Run


def write(run: Run, directory: Path, exit_code: int, account: Sequence[str] = ()) -> None:
    """Write `evidence.json`, `report.html`, `repeat/`, and `run.har` with what was found in each.

    Args:
        account: What became of somebody's account.
    """
    scripts.write(run, directory)  # first: evidence and page name the scripts
    write_reference(run, directory)
    content = {
        "server": run.wire.base_url,
        "profile": run.options.profile,
        "seed": run.options.seed,
        "exit": exit_code,
        "requests": run.wire.sent,
        "fail_on": run.options.fail_on,
        "findings": [finding.as_json() for finding in run.findings.all()],
        **run.evidence.as_json(),
        "whole": run.whole,
        "missing": [str(need) for need in missing(run)],
        "not_sent": {reason: tests.total() for reason, tests in run.held.items()},
    }
    evidence = json.dumps(run.wire.key.scrub_json(content), indent=2)
    (directory / "evidence.json").write_text(f"{evidence}\n", "utf-8")
    page = render(run, directory, exit_code, account)  # it takes the key out itself
    (directory / "report.html").write_text(page, "utf-8")
    har.write(directory, run.exchanges, run.findings.all(), run.wire.key)
