"""The package: what an import of it costs."""

import subprocess
import sys


def test_importing_the_package_loads_nothing_heavy() -> None:
    """`import vogent_phone_numbers` waits with httpx until it is used, and has all its names."""
    code = """
import sys, vogent_phone_numbers as package
print("httpx" in sys.modules, package.errors.__name__, package.AuthenticatedClient.__module__)
"""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    expected = "False vogent_phone_numbers.errors vogent_phone_numbers.client\n"
    assert expected == done.stdout
