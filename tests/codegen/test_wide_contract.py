"""A contract grows: new operations of any shape are in the client after ./generate.sh alone."""

import ast
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from tests.codegen.tree import Tree

HERE = Path(__file__).parent
TYPED_USE = HERE.parent / "client" / "typed_use.py"  # of the operations that are there today
HOSTILE = (
    'A "quote", \\ and \\u0041 \\N{DASH}, """\nimport os\n"""'
    '{{ 7 * 7 }} {% raw %} {# #} ${x} \x7f `|` ends with "'
)


def test_new_operations_of_any_shape_are_in_the_client(tree: Tree) -> None:
    """Methods, parameters, statuses and schemas that are new here work and are typed strictly."""
    document = tree.document()
    merge(document, yaml.safe_load((HERE / "wide_contract.yaml").read_text()))
    tree.write(document)
    assert (0, "generated_client/ rewritten\n", "") == tree.generate()

    uses = [str(HERE / "wide_client.py"), str(TYPED_USE)]
    strict = ["--strict", "--config-file=", "--cache-dir=.", "--enable-error-code=deprecated"]
    path = {"PYTHONPATH": str(tree.client), "MYPYPATH": str(tree.client)}
    for command in (
        ["pytest", "-W", "error", "-p", "no:cacheprovider", "--rootdir", ".", uses[0]],
        ["mypy", *strict, str(tree.client), *uses],
    ):
        done = subprocess.run(
            [sys.executable, "-m", *command],
            env=os.environ | path,
            cwd=tree.temporary,
            capture_output=True,
            text=True,
            check=False,
        )
        assert 0 == done.returncode, done.stdout + done.stderr


def test_a_document_cannot_inject_code(tree: Tree) -> None:
    """Quotes, backslashes and template syntax in the contract's prose change docstrings only."""
    before = {file: code(file) for file in tree.client.rglob("*.py")}
    document = tree.document()
    poison(document)
    creation = document["paths"]["/phone_numbers"]["post"]
    creation.update({"deprecated": True, "x-replaced-by": HOSTILE})
    tree.write(document)
    assert (0, "generated_client/ rewritten\n", "") == tree.generate()

    changed = [file.name for file in before if code(file) != before[file]]
    assert ["create_phone_number.py"] == changed  # which is deprecated now
    purchase = tree.client / "vogent_phone_numbers/api/phone_numbers/purchase_phone_number.py"
    assert "{{ 7 * 7 }} {% raw %}" in purchase.read_text()


def merge(into: dict[str, Any], more: dict[str, Any]) -> None:
    """Add members, nested ones too."""
    for key, value in more.items():
        if isinstance(into.get(key), dict):
            merge(into[key], value)
        else:
            into[key] = value


def poison(node: Any) -> None:
    """Put hostile text wherever the contract has prose."""
    if isinstance(node, dict):
        for key in ("summary", "description", "x-assumed"):
            if isinstance(node.get(key), str):
                node[key] = HOSTILE
        node = list(node.values())
    if isinstance(node, list):
        for child in node:
            poison(child)


def code(file: Path) -> str:
    """Give a module's syntax without docstrings."""
    tree = ast.parse(file.read_text())
    for node in ast.walk(tree):
        match node:
            case ast.Module() | ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                if ast.get_docstring(node) is not None:
                    del node.body[0]
    return ast.dump(tree)
