"""`python -m benchmarks [client|mock|suite]`: ratios against peers, measured side by side in one run."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

NAMES = ("client", "mock", "suite")


def main(argv: Sequence[str]) -> int:
    """Run the benchmarks that are named, all by default; 2 for a name that is none."""
    chosen = list(argv) or list(NAMES)
    if unknown := set(chosen) - set(NAMES):
        print(f"benchmarks: {', '.join(sorted(unknown))} is none of {', '.join(NAMES)}", file=sys.stderr)
        return 2
    return max(int(importlib.import_module(f"benchmarks.{name}").main([]) or 0) for name in chosen)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
