"""`python -m tests.detection.interleaving`: whether any number of workers finds the same.

Each server, faulty or correct, is run against with several numbers of workers, through a relay that
lets requests and answers overtake each other at random.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from tests.detection.relay import relay
from tests.running import KEY, run
from tests.servers import plain
from vogent_contract import mock
from vogent_contract.faults import every_fault
from vogent_contract.openapi import load
from vogent_contract.suite.findings import folded

CONTRACT = load()
WORKERS = (1, 2, 8, 32)
Serve = Callable[[], AbstractContextManager[str]]  # gives the base URL

# Of a finding; texts are left out, for they tell ids, and ids depend on who came first.
COMPARED = ("rule", "operation", "pointer", "keyword", "level", "undecided", "request", "times")


def main(argv: Sequence[str] | None = None) -> int:
    """Compare. Returns 0 if every server gets the same findings each time, 1 if not."""
    parser = argparse.ArgumentParser("python -m tests.detection.interleaving")
    parser.add_argument("--faults", type=int, default=50, metavar="N", help="of all, spread evenly")
    parser.add_argument("--servers", type=int, default=10, metavar="N", help="correct ones")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), metavar="N")
    options = parser.parse_args(argv)
    servers = {**_spread(faulty(), options.faults), **_spread(correct(), options.servers)}
    different = 0
    with ThreadPoolExecutor(options.jobs) as pool:
        for name, results in zip(servers, pool.map(compared, servers.values()), strict=True):
            told = dict.fromkeys(f"{part}: {result[part]}" for result in results for part in result)
            if len(told) > len(results[0]):
                different += 1
                print("\n    ".join([f"{name} gets different results:", *told]), flush=True)
    print(f"{len(servers) - different} of {len(servers)} servers get the same results", end=" ")
    print(f"with {', '.join(map(str, WORKERS))} workers")
    return 1 if different else 0


def faulty() -> dict[str, Serve]:
    """Every faulty server, by the id of its fault; not one that fails at each third request.

    Which request that is depends on which comes first.
    """
    faults = every_fault(CONTRACT).values()
    those = [one for one in faults if one.equivalent is None and one.category != "sometimes"]
    return {one.id: _mock_with(one.id) for one in those}


def correct() -> dict[str, Serve]:
    """The plain correct servers, by habit; not those that the suite has to be told something of."""
    habits = plain.HABITS
    return {name: _plain_with(name) for name in habits if not habits[name].suite_options}


def compared(serve: Serve, numbers: Sequence[int] = WORKERS) -> list[dict[str, Any]]:
    """What runs with each number of workers saw of a server, as far as it has to be the same.

    How often a value was seen is left out: what is made side by side is listed in any order, and of
    a long list a quick run reads the first pages.
    """
    results = []
    for seed, workers in enumerate(numbers):
        with (
            serve() as base_url,
            relay(base_url, seed) as relayed,
            tempfile.TemporaryDirectory() as folder,
        ):
            options = ("--base-url", relayed, "--workers", str(workers), "--request-timeout", "3")
            result = run(Path(folder), *options, "--fail-on", "lenient")
            evidence = result.evidence
        findings = [[folded(str(one[name])) for name in COMPARED] for one in evidence["findings"]]
        seen = [
            (place, kind)
            for place, counts in evidence["values"].items()
            for kind, count in counts.items()
            if count
        ]
        results.append(
            {
                "requests": evidence["requests"],
                "statuses": evidence["operations"],
                "seen": seen,
                "findings": sorted(findings, key=repr),
            }
        )
    return results


def _mock_with(fault: str) -> Serve:
    @contextmanager
    def serve() -> Iterator[str]:
        broken = every_fault(CONTRACT)[fault]
        with mock.start(api_key=KEY, contract=CONTRACT, fault=broken) as server:
            yield server.base_url

    return serve


def _plain_with(habit: str) -> Serve:
    return lambda: plain.serving(plain.HABITS[habit], KEY)


def _spread(servers: dict[str, Serve], count: int) -> dict[str, Serve]:
    """At most so many of the servers, spread evenly."""
    names = list(servers)
    chosen = names[:: max(1, len(names) // max(1, count))][:count]
    return {name: servers[name] for name in chosen}


if __name__ == "__main__":
    sys.exit(main())
