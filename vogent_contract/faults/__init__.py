"""Servers that break the contract in one way each: derived from the contract, and a short table of behaviour."""

from __future__ import annotations

from collections.abc import Mapping

from vogent_contract.faults import access, around, behaviour, requests, responses
from vogent_contract.faults.fault import Fault
from vogent_contract.faults.variations import is_at
from vogent_contract.openapi import Contract

__all__ = ["Fault", "catalogue", "every_fault", "is_at"]


def catalogue(contract: Contract) -> Mapping[str, Fault]:
    """The faults of a contract by id, without those that a server may have."""
    return {
        identity: fault
        for identity, fault in every_fault(contract).items()
        if fault.equivalent is None
    }


def every_fault(contract: Contract) -> Mapping[str, Fault]:
    """All that could be broken, by id; where the contract allows it, `equivalent` says why."""
    found: dict[str, Fault] = {}
    for module in (responses, around, requests, access, behaviour):
        for fault in module.derive(contract):
            found.setdefault(fault.id, fault)
    return found
