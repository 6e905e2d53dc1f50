"""A stateful server that keeps the contract, or breaks it in one way on request."""

from mock_server.app import Fault, create_app
from mock_server.outcomes import OUTCOMES, Answer
from mock_server.recording import Exchange
from mock_server.running import TEST_KEY, FaultError, MockServer, start
from mock_server.state import State, StateError

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
