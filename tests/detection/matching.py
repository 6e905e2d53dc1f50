"""Whether a finding is about the fault that was planted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from vogent_contract.faults import Fault, is_at

Finding = Mapping[str, Any]
Test = Callable[[Fault, Finding], bool]


def same_operation(fault: Fault, finding: Finding) -> bool:
    return fault.operation in ("", finding["operation"])


def same_position(fault: Fault, finding: Finding) -> bool:
    return same_operation(fault, finding) and is_at(fault.pointer, finding["pointer"])


def same_keyword(fault: Fault, finding: Finding) -> bool:
    return same_position(fault, finding) and fault.keyword in ("", finding["keyword"])


def same_property(fault: Fault, finding: Finding) -> bool:
    """The operation, or another that shows the same property, or what was never seen of it."""
    last = fault.pointer.rpartition("/")[2]
    shown = last == finding["pointer"].rpartition("/")[2] or finding["pointer"] == f"/{fault.place}"
    return shown or bool(fault.operation and fault.operation == finding["operation"])


def any_place(_: Fault, __: Finding) -> bool:
    """The promise alone: several calls led here, or a method that no operation has."""
    return True


# What a finding has to share with the fault, by the fault's class; its rule is always one of the fault's.
MATCHES: Mapping[str, Test] = {
    "response": same_keyword,
    "meaning": same_property,
    "status": same_keyword,
    "refusal": same_operation,
    "content-type": same_keyword,
    "body": same_keyword,
    "method": any_place,
    "invalid accepted": same_keyword,
    "invalid fails": same_keyword,
    "valid refused": same_operation,
    "valid fails": same_keyword,
    "credential": same_keyword,
    "behaviour": any_place,
    "sometimes": same_operation,
}


def matches(fault: Fault, finding: Finding) -> bool:
    """Whether a finding is about the fault: reported by one of its rules, at its operation and position."""
    return (not fault.rules or finding["rule"] in fault.rules) and MATCHES[fault.kind](
        fault, finding
    )
