"""All faulty servers, by id: each breaks the contract, or what every team takes for granted, in one way."""

from .fault import Fault
from .fault_answers import ANSWERS
from .fault_requests import AUTH, REQUESTS
from .fault_sequences import SEQUENCES, SOMETIMES
from .fault_unlisted import UNLISTED

FAULTS: dict[str, Fault] = {
    fault.id: fault for fault in (*ANSWERS, *REQUESTS, *AUTH, *SEQUENCES, *SOMETIMES, *UNLISTED)
}
KINDS = ("answers", "requests", "auth", "sequences", "sometimes", "unlisted")
