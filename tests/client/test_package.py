"""The distribution: what is built from generated_client/ installs alone and buys a number."""

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

from tests.client.conftest import TOKEN
from tests.client.scripted_server import Server

ROOT = Path(__file__).parents[2]
BUY = """
import sys, vogent_phone_numbers
from vogent_phone_numbers import AuthenticatedClient
from vogent_phone_numbers.api.phone_numbers import create_phone_number
from vogent_phone_numbers.models import CreateByPurchaseInput, PurchasePhoneNumberInput
assert vogent_phone_numbers.__file__.startswith(sys.prefix)
with AuthenticatedClient(base_url=sys.argv[1]) as client:
    body = CreateByPurchaseInput(purchase=PurchasePhoneNumberInput(number="+18001234567"))
    print(create_phone_number.sync(client=client, body=body).id)
"""


def test_wheel_and_sdist_install_alone_and_work(server: Server, tmp_path: Path) -> None:
    """Each has types and license, needs httpx only, and buys a number in an empty environment."""
    uv = shutil.which("uv") or str(ROOT / ".uv" / "bin" / "uv")
    source, built = tmp_path / "client", tmp_path / "dist"
    shutil.copytree(ROOT / "generated_client", source, ignore=shutil.ignore_patterns("__pycache__"))
    run(uv, "build", "--quiet", "--out-dir", built, source)  # the sdist, and the wheel from it
    (wheel,) = built.glob("vogent_phone_numbers-*-py3-none-any.whl")
    (sdist,) = built.glob("vogent_phone_numbers-*.tar.gz")
    with tarfile.open(sdist) as archive:
        assert any(name.endswith("/vogent_phone_numbers/py.typed") for name in archive.getnames())
    with zipfile.ZipFile(wheel) as archive:
        (about,) = [name for name in archive.namelist() if name.endswith("/METADATA")]
        metadata = archive.read(about).decode().splitlines()
        assert "vogent_phone_numbers/py.typed" in archive.namelist()
        assert about.replace("METADATA", "licenses/LICENSE") in archive.namelist()
    needed = [line for line in metadata if line.startswith("Requires-Dist")]
    assert ["Requires-Dist: httpx>=0.27,<0.29"] == needed

    for distribution in (wheel, sdist):
        environment = tmp_path / distribution.suffix
        run(uv, "venv", "--quiet", "--python", sys.executable, environment)
        python = environment / "bin" / "python"
        run(uv, "pip", "install", "--quiet", "--python", python, distribution)
        assert "n-1\n" == run(python, "-W", "error", "-c", BUY, server.url)


def test_importing_the_package_loads_nothing_heavy() -> None:
    """`import vogent_phone_numbers` waits with httpx until it is used, and has all its names."""
    code = """
import sys, vogent_phone_numbers as package
print("httpx" in sys.modules, package.errors.__name__, package.AuthenticatedClient.__module__)
"""
    expected = "False vogent_phone_numbers.errors vogent_phone_numbers.client\n"
    assert expected == run(sys.executable, "-c", code)


def run(*command: object) -> str:
    """Run a program and give its output; fail with what it said."""
    environment = {**os.environ, "VOGENT_API_KEY": TOKEN}
    environment.pop("PYTHONPATH", None)
    done = subprocess.run(
        [*map(str, command)], env=environment, capture_output=True, text=True, check=False
    )
    assert 0 == done.returncode, done.stderr
    return done.stdout
