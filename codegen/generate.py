"""Generate `generated_client/` from `openapi.yaml`, with openapi-python-client and `templates/`.

Run it as `./generate.sh [--check]`. The client is built in a temporary folder and exchanged with
the old one in one step, so a failing or killed run leaves the old client as it was. Whatever the
generator would leave out is an error.
"""

import contextlib
import io
import shutil
import subprocess
import sys
import tempfile
import tomllib
from importlib.metadata import version
from pathlib import Path

import pagination
import python_source
from document import operations, problems
from folder import differences, replace
from openapi_python_client import Project
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError
from ruamel.yaml import YAML

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
CONTRACT = ROOT / "openapi.yaml"
TARGET = ROOT / "generated_client"


class CannotGenerateError(Exception):
    """The client cannot be generated; each argument is a line that says why."""


def main(arguments: list[str]) -> int:
    """Rewrite the client, or with `--check` only compare it.

    Returns:
        0: up to date or rewritten. 1: `--check` found a difference. 2: it cannot be generated.
    """
    if arguments not in ([], ["--check"]):
        print("usage: ./generate.sh [--check]", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="generated-client-") as folder:
        built = Path(folder) / TARGET.name
        try:
            generate(built)
        except CannotGenerateError as error:
            return refuse(*error.args)
        except Exception as error:  # the generator raises anything on what it does not expect
            return refuse(f"{type(error).__name__}: {error}")

        changes = differences(TARGET, built)
        if changes and "--check" in arguments:
            print(*changes, sep="\n")
            print(f"{TARGET.name}/ is not what openapi.yaml generates. Run: ./generate.sh")
            return 1
        if changes:
            replace(TARGET, built)
    print(f"{TARGET.name}/ {'rewritten' if changes else 'is up to date'}")
    return 0


def refuse(*reasons: str) -> int:
    """Print why the client cannot be generated, a line for each reason, and give the exit code."""
    for reason in reasons:
        line = " ".join(reason.split())
        print(f"generate.sh: {line[:500]}", file=sys.stderr)
    return 2


def generate(folder: Path) -> None:
    """Build the client in `folder`. Raises CannotGenerateError, or what the generator raises."""
    require_pinned_tools()
    document = YAML(typ="safe").load(CONTRACT)
    settings = YAML(typ="safe").load(HERE / "config.yaml")
    config = Config.from_sources(
        ConfigFile(**settings), MetaType.UV, CONTRACT, "utf-8", overwrite=False, output_path=folder
    )
    data = GeneratorData.from_dict(document, config=config)
    if isinstance(data, GeneratorError):
        raise CannotGenerateError(f"{CONTRACT.name}: {data.header}: {data.detail}")
    written = {operation["module"]: operation for operation in operations(document)}
    reasons = list(problems(document, data)) or list(pagination.problems(written, data))
    found = [f"{CONTRACT.name}: {problem}" for problem in reasons]
    if found:
        raise CannotGenerateError(*found)

    project = Project(openapi=data, config=config, custom_template_path=HERE / "templates")
    project.env.filters["result"] = python_source.result
    project.env.globals |= vars(python_source)  # the templates call its functions
    project.env.globals |= {
        "document": document,
        "operations": written,
        "paging": pagination.paging,
        "settings": settings,
    }
    with contextlib.redirect_stdout(io.StringIO()):  # it prints the name of the temporary folder
        project.build()
    for template in (HERE / "templates").glob("_*.py.jinja"):  # modules that are our own
        code = project.env.get_template(template.name).render()
        (project.package_dir / template.stem).write_text(code)
    shutil.copy(ROOT / "LICENSE", folder)
    tidy(folder)


def require_pinned_tools() -> None:
    """Raise CannotGenerateError for another generator or formatter: it makes another client."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    for pin in project["dependency-groups"]["codegen"]:
        name, wanted = pin.split("==")
        if version(name) != wanted:
            raise CannotGenerateError(
                f"{name} {wanted} is needed, {version(name)} is installed. Run: make setup"
            )


def tidy(folder: Path) -> None:
    """Format the client. Raises CannotGenerateError for what is no Python, or no text."""
    options = ["--quiet", "--no-cache", f"--config={HERE / 'formatter.toml'}", "."]
    for step in (["check", "--fix-only"], ["format"]):
        command = [sys.executable, "-m", "ruff", *step, *options]
        done = subprocess.run(  # noqa: S603 - the pinned formatter
            command, cwd=folder, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise CannotGenerateError(f"a template made code that is no Python: {done.stderr}")

    for file in folder.rglob("*"):
        if file.is_file() and " object at 0x" in file.read_text():
            name = file.relative_to(folder)
            raise CannotGenerateError(f"a template printed an object instead of text into {name}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
