"""Says of a request what it did wrong that only the answer to another one shows."""

from __future__ import annotations

from dataclasses import replace

from vogent_contract.openapi import Violation
from vogent_contract.suite.account import item_of
from vogent_contract.suite.exchange import Exchange
from vogent_contract.suite.inquiry import STRANGER, THERE
from vogent_contract.suite.rules.table import Breach


def blamed_for(rule: str, blamed: Exchange, witness: Exchange, breach: Breach) -> Violation:
    """What the rule found in the answer of the witness, as something that a request did."""
    pointer = f"/{breach.name}" if breach.name else ""
    violation = replace(breach.violation, pointer=pointer)
    call = witness.outgoing.call
    shown = f"as {call.method} {witness.outgoing.template} shows (request {witness.number})"
    if breach.name:
        return replace(violation, got=f"{violation.got}, {shown}")
    expected, got = _presence(rule, _named(witness, breach.about))
    if blamed.refused:
        expected = f"nothing is done, as it was refused with {blamed.status}"
    return replace(violation, expected=expected, got=f"{got}, {shown}")


def _presence(rule: str, it: str) -> tuple[str, str]:
    """What was expected of a phone number, and what came."""
    if rule == STRANGER:
        return "only the phone number that was asked for is added", f"{it} is in the account too"
    if rule in THERE:
        return f"{it} is gone", "it is still there"
    return f"{it} is in the account", "it is not there"


def _named(witness: Exchange, about: str) -> str:
    """A phone number by its id, and its number if an answer shows it."""
    shown = item_of(witness.value, about) or {}
    number = f" with the number {shown['number']}" if "number" in shown else ""
    return f"the phone number {about}{number}"
