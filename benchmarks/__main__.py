"""`python -m benchmarks [client|mock|suite [OPTIONS]]`: ratios against peers, side by side."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

NAMES = ("client", "mock", "suite")


def main(argv: Sequence[str]) -> int:
    """Run all benchmarks, or the one that is named with its options; 2 for a name that is none."""
    if argv and argv[0] not in NAMES:
        print(f"benchmarks: {argv[0]} is none of {', '.join(NAMES)}", file=sys.stderr)
        return 2
    chosen = argv[:1] or NAMES
    return max(
        int(importlib.import_module(f"benchmarks.{name}").main(list(argv[1:])) or 0)
        for name in chosen
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
