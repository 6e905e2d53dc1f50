"""Imported once, by the process that all forked runs of the suite come from."""

import gc
import os
from pathlib import Path

import pytest

from tests.running import ARGUMENTS, NOT_HANDED_ON, SUITE, print_to

for name in [name for name in os.environ if name.startswith(NOT_HANDED_ON)]:
    del os.environ[name]
print_to(Path(os.devnull))
pytest.main([SUITE, *ARGUMENTS])  # against the mock
gc.collect()
gc.freeze()  # forks need not look for garbage in what is there
