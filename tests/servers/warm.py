"""Imported once, by the process that all runs of the suite are forked from.

What a first run loads and compiles stays in its memory: a quick run that is forked from it takes
one second, in a new process it takes four.
"""

import gc
import os
from pathlib import Path

import pytest

from .judging import ARGUMENTS, print_to

os.environ.pop("PYTEST_ADDOPTS", None)  # meant for the run that asks, not for the suite's
print_to(Path(os.devnull))
pytest.main(ARGUMENTS)  # against the mock
gc.collect()
gc.freeze()  # forks need not look for garbage in what is there
