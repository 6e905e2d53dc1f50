"""A contract grows: new operations of any shape are in the client after ./generate.sh alone."""

import ast
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml
from generated_tree import ROOT, Tree

HERE = Path(__file__).parent
HOSTILE = 'A "quote", \\ and \\u0041 \\N{DASH}, """\nimport os\n"""{{ 7 * 7 }} {% raw %} {# #} ${x} \x7f `|` ends with "'


def merge(into: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """Adds nested members."""
    for key, value in more.items():
        into[key] = merge(into[key], value) if isinstance(into.get(key), dict) else value
    return into


def test_new_operations_of_any_shape_are_in_the_client(tree: Tree) -> None:
    """Methods, statuses, parameters and schemas that the contract lacks today work, and are typed strictly."""
    tree.write(merge(tree.document(), yaml.safe_load((HERE / "wide_contract.yaml").read_text())))
    assert ((done := tree.generate()).returncode, done.stderr) == (0, "")
    use = HERE / "wide_client.py"
    path = {**os.environ, "PYTHONPATH": str(tree.client), "MYPYPATH": str(tree.client)}
    pytest = ["pytest", "-W", "error", "-p", "no:cacheprovider", "--rootdir", str(tree.folder), use]
    mypy = ["mypy", "--strict", "--config-file=", f"--cache-dir={tree.temporary}", use, tree.client]
    for command in (pytest, mypy):
        done = subprocess.run(
            [sys.executable, "-m", *command],
            env=path,
            cwd=tree.temporary,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_document_cannot_inject_code(tree: Tree) -> None:
    """Quotes, backslashes and template syntax in any text of the contract change docstrings only."""
    document = tree.document()
    poison(document)
    document["paths"]["/phone_numbers"]["post"].update(
        deprecated=True, **{"x-replaced-by": HOSTILE}
    )
    tree.write(document)
    assert ((done := tree.generate()).returncode, done.stderr) == (0, "")
    ours, theirs = ROOT / "generated_client", tree.client
    for file in sorted(theirs.rglob("*.py")):
        name = file.relative_to(theirs)
        if name.name != "create_phone_number.py":
            assert code(ours / name) == code(file), name
    purchase = theirs / "vogent_phone_numbers/api/phone_numbers/purchase_phone_number.py"
    documentation = ast.get_docstring(
        next(n for n in ast.parse(purchase.read_text()).body if "sync" in ast.dump(n)[:40])
    )
    assert '"""' in str(documentation)
    assert "{{ 7 * 7 }} {% raw %}" in str(documentation)


def poison(node: Any) -> None:
    """Puts hostile text wherever the contract has prose."""
    for child in (
        node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    ):
        poison(child)
    if isinstance(node, dict):
        for key in ("summary", "description", "x-assumed"):
            if isinstance(node.get(key), str):
                node[key] = HOSTILE


def code(file: Path) -> str:
    """A module's syntax tree without docstrings."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        body = getattr(node, "body", [])
        if (
            isinstance(body, list)
            and body
            and isinstance(body[0], ast.Expr)
            and isinstance(body[0].value, ast.Constant)
        ):
            body[0].value.value = ""
    return ast.dump(tree)
