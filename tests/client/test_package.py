"""The distribution: what is built from generated_client/ installs alone and buys a number."""

import os
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

from conftest import TOKEN
from scripted_server import ScriptedServer

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


def test_wheel_and_sdist_install_alone_and_work(server: ScriptedServer, tmp_path: Path) -> None:
    """Both build, hold the types marker and the license, need httpx only, and buy a number in an empty environment."""
    uv = shutil.which("uv") or str(ROOT / ".uv" / "bin" / "uv")
    client, out = tmp_path / "client", tmp_path / "dist"
    shutil.copytree(ROOT / "generated_client", client, ignore=shutil.ignore_patterns("__pycache__"))
    run(uv, "build", "--quiet", "--out-dir", out, client)  # the sdist, and the wheel from it
    (wheel,) = out.glob("vogent_phone_numbers-*-py3-none-any.whl")
    (sdist,) = out.glob("vogent_phone_numbers-*.tar.gz")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        metadata = archive.read(next(name for name in names if name.endswith("METADATA"))).decode()
    assert {"vogent_phone_numbers/py.typed", "vogent_phone_numbers/models/phone_number.py"} <= set(
        names
    )
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert [line for line in metadata.splitlines() if "Requires-Dist" in line] == [
        "Requires-Dist: httpx>=0.27,<0.29"
    ]
    with tarfile.open(sdist) as archive:
        assert any(name.endswith("/vogent_phone_numbers/py.typed") for name in archive.getnames())
    environment = tmp_path / "environment"
    venv.create(environment, symlinks=True)
    python = environment / "bin" / "python"
    run(uv, "pip", "install", "--quiet", "--python", python, wheel)
    assert run(python, "-W", "error", "-c", BUY, server.url) == "n-1\n"
    run(
        uv,
        "pip",
        "install",
        "--quiet",
        "--python",
        python,
        "--reinstall-package=vogent-phone-numbers",
        sdist,
    )
    assert run(python, "-W", "error", "-c", BUY, server.url) == "n-1\n"


def test_importing_the_package_loads_nothing_heavy() -> None:
    """`import vogent_phone_numbers` waits with httpx until it is used, and has its names all the same."""
    code = "import sys, vogent_phone_numbers as v\nprint('httpx' in sys.modules, v.errors.__name__, v.AuthenticatedClient)"
    client = "<class 'vogent_phone_numbers.client.AuthenticatedClient'>"
    assert f"False vogent_phone_numbers.errors {client}\n" == run(sys.executable, "-c", code)


def run(*command: object) -> str:
    """Runs a program and gives its output; fails with what it said."""
    env = {**os.environ, "VOGENT_API_KEY": TOKEN}
    env.pop("PYTHONPATH", None)
    done = subprocess.run(
        [*map(str, command)], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
