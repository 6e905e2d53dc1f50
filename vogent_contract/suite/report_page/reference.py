"""The contract's reference page in the report's folder, and links from findings to their places.

A copy beside the report is the one page that is there whenever somebody reads the report, and of
the contract that the run was held to.
"""

from __future__ import annotations

from pathlib import Path

from vogent_contract.docs.page import render
from vogent_contract.openapi import anchor
from vogent_contract.suite.findings import Finding
from vogent_contract.suite.report_page.messages import FIRST_LINE, place_of
from vogent_contract.suite.run import Run

FILE = "reference.html"


def write_reference(run: Run, directory: Path) -> None:
    """Write the page if a finding has a place in it."""
    if any(link_to(finding) for finding in run.findings.all()):
        (directory / FILE).write_bytes(render(run.contract.document))


def link_to(finding: Finding) -> str:
    """The address of a finding's place, below the report's folder; empty if it has none."""
    exchange = finding.exchange
    if exchange is None or exchange.operation is None:
        return ""
    operation, place = exchange.operation, place_of(finding)
    response = operation.response(exchange.status or 0)
    part, pointer = "", ""
    if place.part == "request":
        part, pointer = "request", finding.pointer
    elif response is not None:
        part = response.status
        pointer = place.at if place.at != FIRST_LINE else ""
    return f"{FILE}{anchor(operation.method, operation.path, part, pointer)}"
