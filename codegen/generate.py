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
import traceback
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pagination
import plan
import python_source
from document import Document, UnreadableError, read
from folder import differences, remove_left_over, replace
from names import escaped, identifier
from openapi_python_client import Project
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError
from ruamel.yaml import YAML
from trial import faults

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
CONTRACT = ROOT / "openapi.yaml"
TARGET = ROOT / "generated_client"


FAULT = "which is a fault of codegen/ and not of the document: please report it"


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
        except Exception as error:  # of this program or of the generator: no fault of the document
            return refuse(f"{CONTRACT.name}: {_fault(error)}")

        changes = differences(TARGET, built)
        if changes and "--check" in arguments:
            print(*changes, sep="\n")
            print(f"{TARGET.name}/ is not what openapi.yaml generates. Run: ./generate.sh")
            return 1
        if changes:
            replace(TARGET, built)
        elif not arguments:
            remove_left_over(TARGET)  # of a run that was killed just after the exchange
    print(f"{TARGET.name}/ {'rewritten' if changes else 'is up to date'}")
    return 0


def refuse(*reasons: str) -> int:
    """Print why the client cannot be generated, a line for each reason, and give the exit code."""
    for reason in reasons:
        line = " ".join(reason.split())
        print(f"generate.sh: {line[:500]}", file=sys.stderr)
    return 2


def generate(folder: Path) -> None:
    """Build the client in `folder`. Raises CannotGenerateError with all that stands in the way."""
    require_pinned_tools()
    document, planned = read_and_plan()
    settings = YAML(typ="safe").load(HERE / "config.yaml")
    config = Config.from_sources(
        ConfigFile(**settings), MetaType.UV, CONTRACT, "utf-8", overwrite=False, output_path=folder
    )
    data = GeneratorData.from_dict(plan.plain_document(planned), config=config)
    if isinstance(data, GeneratorError):
        raise CannotGenerateError(f"{CONTRACT.name}: {FAULT}: {data.detail}")
    lost = list(plan.left_out(planned, data))
    if lost:
        raise CannotGenerateError(
            *[f"{CONTRACT.name}: {one} was left out, {FAULT}" for one in lost]
        )
    plan.put_back(planned, data)
    written = {one.name: one.for_templates() for one in planned.operations}
    unusable = list(pagination.problems(written, data))
    if unusable:
        raise CannotGenerateError(*[f"{CONTRACT.name}: {problem}" for problem in unusable])

    project = Project(openapi=data, config=config, custom_template_path=HERE / "templates")
    equip(project, planned, document.root, settings)
    with contextlib.redirect_stdout(io.StringIO()):  # it prints the name of the temporary folder
        project.build()
    for template in own_modules(planned):
        code = project.env.get_template(template.name).render()
        (project.package_dir / template.stem).write_text(code)
    shutil.copy(ROOT / "LICENSE", folder)
    tidy(folder)
    broken = [
        f"{CONTRACT.name}: {fault}, {FAULT}" for fault in faults(folder, project.package_name)
    ]
    if broken:
        raise CannotGenerateError(*broken)


def read_and_plan() -> tuple[Document, plan.Plan]:
    """Read the contract and plan its client. Raises CannotGenerateError with all problems."""
    try:
        document = read(CONTRACT)
        planned = plan.make(document)
    except UnreadableError as error:
        raise CannotGenerateError(f"{CONTRACT.name} {error}") from None
    except RecursionError:
        raise CannotGenerateError(
            f"{CONTRACT.name} nests too deeply, or in itself by a YAML anchor: use $ref for parts"
        ) from None
    if document.problems:
        raise CannotGenerateError(*[f"{CONTRACT.name}: {problem}" for problem in document.problems])
    return document, planned


def equip(
    project: Project, planned: plan.Plan, root: dict[str, Any], settings: dict[str, Any]
) -> None:
    """Give the templates what they need beyond what the generator gives them."""
    decoders = python_source.Decoders(planned.schemas.compositions.discriminators.by_classes)
    project.env.filters |= {"result": decoders.result, "in_double_quote_literal": escaped}
    project.env.globals |= vars(python_source)  # the templates call its functions
    project.env.globals |= {
        "decoder": decoders.decoder,
        "result": decoders.result,
        "document": root,
        "operations": {one.name: one.for_templates() for one in planned.operations},
        "paging": pagination.paging,
        "plan": planned,
        "python_identifier": identifier,
        "settings": settings,
        "discriminators": planned.schemas.compositions.discriminators.by_classes,
        "files": planned.files,
        "writers": planned.writers,
    }


def own_modules(planned: plan.Plan) -> list[Path]:
    """Give the templates of the modules that openapi-python-client does not know."""
    templates = sorted((HERE / "templates").glob("_*.py.jinja"))
    return [one for one in templates if planned.encodes or one.name != "_encoding.py.jinja"]


def require_pinned_tools() -> None:
    """Raise CannotGenerateError for another generator or formatter: it makes another client."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    for pin in project["dependency-groups"]["codegen"]:
        name, wanted = pin.split("==")
        if version(name) != wanted:
            raise CannotGenerateError(
                f"{name} {wanted} is needed, {version(name)} is installed. Run: make setup"
            )


def _fault(error: Exception) -> str:
    place = traceback.extract_tb(error.__traceback__)[-1]
    file = Path(place.filename).name
    return f"the client could not be made, {FAULT} ({file}, line {place.lineno}: {error})"


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
