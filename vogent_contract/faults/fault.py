"""A fault: one way to break the contract, and what it takes to tell that a finding is about it."""

from __future__ import annotations

from dataclasses import dataclass

from vogent_contract.faults.breaking import Install
from vogent_contract.mock.app import Mock
from vogent_contract.mock.recording import Application
from vogent_contract.openapi import Contract

DOCUMENTED = ("documented-response",)  # the promise of the suite that answers are held to


@dataclass(frozen=True)
class Fault:
    """One way to break the contract.

    Attributes:
        id: Stable name, such as `getPhoneNumber.response.agentId.missing`.
        install: Breaks a correct mock.
        category: The class of faults that it is counted in, such as `invalid accepted`.
        summary: One line for people.
        operation: operationId, empty if it is about several.
        pointer: JSON pointer of what is broken, in the answer or, with `/body` and the like in
            front, in the request; `*` is any item.
        keyword: The keyword of the contract that is broken, empty if it is none.
        rules: Promises of the suite that may be reported broken; any about the place if empty.
        place: Position in the contract's schemas, such as `PhoneNumber/agentId`, if the fault is
            about every operation that shows it.
        equivalent: Why a server may do this, None if it may not.
    """

    id: str
    install: Install
    category: str = ""
    summary: str = ""
    operation: str = ""
    pointer: str = ""
    keyword: str = ""
    rules: tuple[str, ...] = ()
    place: str = ""
    equivalent: str | None = None

    def wrap(self, mock: Mock, contract: Contract) -> Application:  # noqa: ARG002 - the mock's seam
        """The mock, broken."""
        self.install(mock)
        return mock
