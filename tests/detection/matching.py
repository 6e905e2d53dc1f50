"""Tells whether a finding is about the fault that was planted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from vogent_contract.faults import Fault, is_at

Finding = Mapping[str, Any]  # as in `evidence.json`


def matches(fault: Fault, finding: Finding) -> bool:
    """The finding comes from one of the fault's rules and names its operation and position."""
    by_its_rule = not fault.rules or finding["rule"] in fault.rules
    return by_its_rule and MATCHES[fault.category](fault, finding)


def names(fault: Fault, finding: Finding) -> bool:
    """The finding names the fault's operation and position, or property.

    Of two operations that it cannot tell apart it names either.
    """
    against = finding["against"]
    operations = {finding["operation"]}
    if finding["undecided"] and against is not None:
        operations.add(against["operation"])
    if fault.operation and fault.operation not in operations:
        return False
    name = fault.pointer.rpartition("/")[2]
    at_property = name != "" and name == finding["pointer"].rpartition("/")[2]
    unseen = finding["pointer"] == f"/{fault.place}"
    return is_at(fault.pointer, finding["pointer"]) or at_property or unseen


def same_operation(fault: Fault, finding: Finding) -> bool:
    """The finding is about the fault's operation."""
    return fault.operation in ("", finding["operation"])


def same_keyword(fault: Fault, finding: Finding) -> bool:
    """Operation, position and keyword are the fault's."""
    same_position = same_operation(fault, finding) and is_at(fault.pointer, finding["pointer"])
    return same_position and fault.keyword in ("", finding["keyword"])


def same_property(fault: Fault, finding: Finding) -> bool:
    """The operation, or another that shows the property, or what was never seen of it."""
    name = fault.pointer.rpartition("/")[2]
    shown = name == finding["pointer"].rpartition("/")[2]
    unseen = finding["pointer"] == f"/{fault.place}"
    return shown or unseen or bool(fault.operation and same_operation(fault, finding))


def any_place(_: Fault, __: Finding) -> bool:
    """The promise alone: several calls led here, or a method that no operation has."""
    return True


# What a finding has to share with the fault beside its rule, by the fault's category.
MATCHES: Mapping[str, Callable[[Fault, Finding], bool]] = {
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
