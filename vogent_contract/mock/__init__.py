"""A stateful server that keeps the contract."""

from vogent_contract.mock.app import TEST_KEY, Fault, create_app
from vogent_contract.mock.outcomes import OUTCOMES, Answer
from vogent_contract.mock.recording import RecordedRequest
from vogent_contract.mock.running import MockServer, start
from vogent_contract.mock.state import State, StateError

__all__ = [
    "OUTCOMES",
    "TEST_KEY",
    "Answer",
    "Fault",
    "MockServer",
    "RecordedRequest",
    "State",
    "StateError",
    "create_app",
    "start",
]
