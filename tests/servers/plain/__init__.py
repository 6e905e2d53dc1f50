"""A small, correct, stateful server of the seven operations, written from the vendor's reference.

It shares no line with the kit, so what the suite says of it is no echo of the kit's own reading of
that reference. `habits.py` lists the ways in which it can differ and still be correct.
"""

from .habits import HABITS
from .http_server import serving

__all__ = ["HABITS", "serving"]
