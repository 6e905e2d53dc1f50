"""Generates `generated_client/` from `openapi.yaml`: openapi-python-client with the templates beside this file.

Run it as `./generate.sh [--check]`. The client is built in a temporary folder and exchanged with the old one in one
step, so a failing or killed run leaves the old client as it was. Whatever the generator would leave out is an error.
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
from typing import Any

from folder import differences, replace
from openapi_python_client import Project
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError
from openapi_python_client.strings import PythonIdentifier
from python_source import PYTHON_SOURCE
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "generated_client"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
Operations = dict[str, dict[str, Any]]


class CannotGenerateError(Exception):
    """The client cannot be generated; the message is one line that says why."""


def main(arguments: list[str]) -> int:
    """Rewrites the client, or with `--check` only compares it.

    Returns: 0 for up to date or rewritten, 1 if `--check` found a difference, 2 if it cannot be generated.
    """
    if arguments not in ([], ["--check"]):
        print("usage: ./generate.sh [--check]", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="generated-client-") as folder:
        built = Path(folder) / TARGET.name
        try:
            generate(built)
        except Exception as error:  # the generator raises anything on a document that it does not expect
            kind = "" if isinstance(error, CannotGenerateError) else f"{type(error).__name__}: "
            print(f"generate.sh: {kind}{' '.join(str(error).split())[:500]}", file=sys.stderr)
            return 2
        report = differences(TARGET, built)
        if arguments and report:
            print("\n".join([*report, f"{TARGET.name}/ is not what openapi.yaml generates. Run: ./generate.sh"]))
            return 1
        if report:
            replace(TARGET, built)
    print(f"{TARGET.name}/ is up to date" if arguments or not report else f"{TARGET.name}/ rewritten")
    return 0


def generate(folder: Path) -> None:
    """Builds the client in `folder`. Raises CannotGenerateError, or whatever the generator raises."""
    require_pinned_tools()
    document = YAML(typ="safe").load((ROOT / "openapi.yaml").read_bytes())
    settings = YAML(typ="safe").load((ROOT / "codegen" / "config.yaml").read_bytes())
    config = Config.from_sources(ConfigFile(**settings), MetaType.UV, ROOT / "openapi.yaml", "utf-8", False, folder)
    data = GeneratorData.from_dict(document, config=config)
    if isinstance(data, GeneratorError):
        raise CannotGenerateError(f"openapi.yaml: {data.header}: {data.detail}")
    project = Project(openapi=data, config=config, custom_template_path=ROOT / "codegen" / "templates")
    operations = operations_by_module(document)
    project.env.globals.update(PYTHON_SOURCE, settings=settings, operations=operations, document=document)
    project.env.globals.update(base_url=base_url(document))
    with contextlib.redirect_stdout(io.StringIO()):
        problems = project.build()
    require_everything(problems, project, operations)
    (project.package_dir / "_json.py").write_text(project.env.get_template("_json.py.jinja").render())
    shutil.copy(ROOT / "LICENSE", folder)
    tidy(folder)


def operations_by_module(document: dict[str, Any]) -> Operations:
    """The document's operations by the name of the module that each becomes."""
    operations: Operations = {}
    for path, item in document["paths"].items():
        if "$ref" in item:
            raise CannotGenerateError(f"openapi.yaml: {path} is a $ref; the generator would leave it out")
        for method in METHODS:
            if method in item:
                operation = {**item[method], "path": path, "method": method.upper()}
                operation["parameters"] = item[method].get("parameters", []) + item.get("parameters", [])
                name = operation.get("operationId")
                if not name:
                    raise CannotGenerateError(f"openapi.yaml: {method.upper()} {path} has no operationId")
                module = PythonIdentifier(name, "field_")
                if module in operations:
                    raise CannotGenerateError(f"openapi.yaml: two operations would become the module {module}.py")
                operations[module] = operation
    return operations


def base_url(document: dict[str, Any]) -> str:
    """The first server's URL with its variables' defaults."""
    server = next(iter(document.get("servers", [])), {"url": ""})
    url: str = server["url"]
    for name, variable in server.get("variables", {}).items():
        url = url.replace(f"{{{name}}}", str(variable["default"]))
    if not url.startswith(("https://", "http://")):
        raise CannotGenerateError(f"openapi.yaml: the first server's URL is not absolute: {url!r}")
    return url.rstrip("/")


def require_pinned_tools() -> None:
    """Another version of the generator or the formatter would generate another client."""
    for pin in tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]["codegen"]:
        name, _, wanted = pin.partition("==")
        if (found := version(name)) != wanted:
            raise CannotGenerateError(f"{name} {wanted} is needed, {found} is installed. Run: make setup")


def require_everything(problems: Any, project: Project, operations: Operations) -> None:
    """Raises CannotGenerateError if the generator warned of, left out or could not express anything."""
    for problem in problems:
        raise CannotGenerateError(f"openapi.yaml: {problem.header} {problem.detail or ''}")
    endpoints = [e for tag in project.openapi.endpoint_collections_by_tag.values() for e in tag.endpoints]
    if missing := set(operations) - {endpoint.name for endpoint in endpoints}:
        raise CannotGenerateError(f"openapi.yaml: the generator left out {', '.join(sorted(missing))}")
    for endpoint in endpoints:
        for body in endpoint.bodies:
            if len(endpoint.bodies) > 1 or body.body_type != "json":
                raise CannotGenerateError(f"openapi.yaml: {endpoint.name}: only JSON request bodies are supported")


def tidy(folder: Path) -> None:
    """Formats the client with the pinned formatter alone, and refuses what is no Python or no text."""
    for command in (
        ["check", "--fix-only", "--quiet", "--select=F401,I", "--config=lint.isort.split-on-trailing-comma=false"],
        ["format", "--quiet", "--config=format.skip-magic-trailing-comma=true"],
    ):
        ruff = [sys.executable, "-m", "ruff", *command, "--isolated", "--no-cache", "--target-version=py311"]
        done = subprocess.run(
            [*ruff, "--line-length=120", "."], cwd=folder, capture_output=True, text=True, check=False
        )  # noqa: S603 - our own command
        if done.returncode:
            raise CannotGenerateError(f"a template made code that is no Python: {done.stderr}")
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        if " object at 0x" in file.read_text(encoding="utf-8"):
            raise CannotGenerateError(f"a template printed an object instead of text into {file.relative_to(folder)}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
