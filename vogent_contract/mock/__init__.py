"""A stateful server that keeps the contract, or breaks it in one way on request."""

from vogent_contract.mock.app import Fault, create_app
from vogent_contract.mock.outcomes import OUTCOMES, Answer
from vogent_contract.mock.recording import Exchange
from vogent_contract.mock.running import TEST_KEY, FaultError, MockServer, start
from vogent_contract.mock.state import State, StateError

__all__ = [
    "OUTCOMES",
    "TEST_KEY",
    "Answer",
    "Exchange",
    "Fault",
    "FaultError",
    "MockServer",
    "State",
    "StateError",
    "create_app",
    "start",
]
