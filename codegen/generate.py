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
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import python_source
from folder import differences, replace
from openapi_python_client import Project
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError
from openapi_python_client.parser.properties import EnumProperty
from openapi_python_client.strings import PythonIdentifier
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "generated_client"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
RUFF = (sys.executable, "-m", "ruff")
ALONE = (
    "--quiet",
    "--isolated",
    "--no-cache",
    "--target-version=py311",
    "--line-length=120",
    "--config",
)


class CannotGenerateError(Exception):
    """The client cannot be generated; the message says why."""


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
        except (
            Exception
        ) as error:  # the generator raises anything on a document that it does not expect
            kind = "" if isinstance(error, CannotGenerateError) else f"{type(error).__name__}: "
            print(f"generate.sh: {kind}{' '.join(str(error).split())[:500]}", file=sys.stderr)
            return 2
        report = differences(TARGET, built)
        if arguments and report:
            print(
                "\n".join(
                    [
                        *report,
                        f"{TARGET.name}/ is not what openapi.yaml generates. Run: ./generate.sh",
                    ]
                )
            )
            return 1
        if report:
            replace(TARGET, built)
    print(f"{TARGET.name}/ {'rewritten' if report else 'is up to date'}")
    return 0


def generate(folder: Path) -> None:
    """Builds the client in `folder`. Raises CannotGenerateError, or whatever the generator raises."""
    for pin in tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]["codegen"]:
        name, _, wanted = pin.partition("==")  # another version would generate another client
        if version(name) != wanted:
            raise CannotGenerateError(
                f"{name} {wanted} is needed, {version(name)} is installed. Run: make setup"
            )
    document, settings = (
        YAML(typ="safe").load(ROOT / name) for name in ("openapi.yaml", "codegen/config.yaml")
    )
    config = Config.from_sources(
        ConfigFile(**settings), MetaType.UV, ROOT / "openapi.yaml", "utf-8", False, folder
    )
    data = GeneratorData.from_dict(document, config=config)
    if isinstance(data, GeneratorError):
        raise CannotGenerateError(f"openapi.yaml: {data.header}: {data.detail}")
    project = Project(
        openapi=data, config=config, custom_template_path=ROOT / "codegen" / "templates"
    )
    operations = dict(operations_by_module(document))
    for schema in enums(document):
        values = [value for value in schema["enum"] if value is not None]
        nowhere: Any = None  # the generator would name the class in an error, which it would have raised by now
        if len(
            EnumProperty.values_from_list(values, nowhere, schema.get("x-enum-varnames", []))
        ) < len(values):
            raise CannotGenerateError(
                f"openapi.yaml: the enum values {', '.join(map(str, values))} would share names"
            )
    project.env.filters["result"] = python_source.result
    project.env.globals.update(
        vars(python_source), document=document, operations=operations, settings=settings
    )
    with contextlib.redirect_stdout(io.StringIO()):
        problems = project.build()
    for problem in problems:
        raise CannotGenerateError(f"openapi.yaml: {problem.header} {problem.detail or ''}")
    require_all(data, operations)
    (project.package_dir / "_json.py").write_text(
        project.env.get_template("_json.py.jinja").render()
    )
    shutil.copy(ROOT / "LICENSE", folder)
    tidy(folder)


def operations_by_module(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The document's operations, each with the name of the module that it becomes."""
    modules: set[str] = set()
    for path, item in document["paths"].items():
        if "$ref" in item:
            raise CannotGenerateError(
                f"openapi.yaml: {path} is a $ref; the generator would leave it out"
            )
        for method in (method for method in METHODS if method in item):
            module = PythonIdentifier(item[method].get("operationId", ""), "field_")
            if module in modules | {"field_"}:
                raise CannotGenerateError(
                    f"openapi.yaml: {method} {path} needs an operationId of its own"
                )
            modules.add(module)
            parameters = item[method].get("parameters", []) + item.get("parameters", [])
            for parameter in [
                *parameters,
                *document.get("components", {}).get("parameters", {}).values(),
            ]:
                if (
                    parameter.get("style") in {"spaceDelimited", "pipeDelimited", "deepObject"}
                    or parameter.get("explode") is False
                ):
                    raise CannotGenerateError(
                        f"openapi.yaml: {parameter['name']} has a style that the client cannot send"
                    )
            yield (
                module,
                {**item[method], "path": path, "method": method.upper(), "parameters": parameters},
            )


def enums(node: Any) -> Iterator[dict[str, Any]]:
    """The document's schemas of enums."""
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for child in children:
        yield from enums(child)
    if isinstance(node, dict) and isinstance(node.get("enum"), list):
        yield node


def require_all(data: GeneratorData, operations: dict[str, dict[str, Any]]) -> None:
    """Raises CannotGenerateError if the generator left an operation out or a template does not know a body."""
    endpoints = [
        endpoint for tag in data.endpoint_collections_by_tag.values() for endpoint in tag.endpoints
    ]
    if missing := operations.keys() - {endpoint.name for endpoint in endpoints}:
        raise CannotGenerateError(
            f"openapi.yaml: the generator left out {', '.join(sorted(missing))}"
        )
    for endpoint in endpoints:
        if [body.body_type for body in endpoint.bodies] not in ([], ["json"]):
            raise CannotGenerateError(
                f"openapi.yaml: {endpoint.name}: the client can send bodies of JSON only"
            )


def tidy(folder: Path) -> None:
    """Formats the client with the pinned formatter alone, and refuses what is no Python or no text."""
    for command in (
        [
            *RUFF,
            "check",
            *ALONE,
            "lint.isort.split-on-trailing-comma=false",
            "--fix-only",
            "--select=F401,I",
        ],
        [*RUFF, "format", *ALONE, "format.skip-magic-trailing-comma=true"],
    ):
        done = subprocess.run(
            [*command, "."], cwd=folder, capture_output=True, text=True, check=False
        )  # noqa: S603 - ours
        if done.returncode:
            raise CannotGenerateError(f"a template made code that is no Python: {done.stderr}")
    for file in folder.rglob("*.*"):
        if file.is_file() and " object at 0x" in file.read_text(encoding="utf-8"):
            raise CannotGenerateError(
                f"a template printed an object instead of text into {file.relative_to(folder)}"
            )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
