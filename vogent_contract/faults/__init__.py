"""Servers that break the contract in one way each: derived from it, and a table of behaviour."""

from __future__ import annotations

from collections.abc import Mapping

from vogent_contract.faults import behaviour, protocol, requests, responses
from vogent_contract.faults.fault import Fault
from vogent_contract.faults.variations import is_at
from vogent_contract.openapi import Contract

__all__ = ["Fault", "catalogue", "every_fault", "is_at"]


def catalogue(contract: Contract) -> Mapping[str, Fault]:
    """The faults of a contract by id, without those that a server may have."""
    found = every_fault(contract)
    return {one.id: one for one in found.values() if one.equivalent is None}


def every_fault(contract: Contract) -> Mapping[str, Fault]:
    """All that could be broken, by id; where the contract allows it, `equivalent` says why."""
    found: dict[str, Fault] = {}
    for part in (responses, protocol, requests, behaviour):
        for fault in part.derive(contract):
            found.setdefault(fault.id, fault)
    return found
