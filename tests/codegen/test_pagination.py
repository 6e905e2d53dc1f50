"""x-pagination: an iterator where it fits the operation, a clear refusal where it does not."""

from typing import Any

import pytest

from tests.codegen.tree import Tree, contents

LIST = "vogent_phone_numbers/api/phone_numbers/list_phone_numbers.py"


def listing(document: dict[str, Any]) -> dict[str, Any]:
    """The operation that lists."""
    operation: dict[str, Any] = document["paths"]["/phone_numbers"]["get"]
    return operation


def generated(tree: Tree, document: dict[str, Any]) -> str:
    """Generate the client, and give the module of the list."""
    tree.write(document)
    assert (0, "generated_client/ rewritten\n", "") == tree.generate()
    return contents(tree.client)[LIST].decode()


def test_without_the_extension_there_is_no_iterator(tree: Tree) -> None:
    """An operation that does not say how it pages has the four functions only."""
    document = tree.document()
    del listing(document)["x-pagination"]
    assert "iterate" not in generated(tree, document)


def test_the_cursor_may_have_other_names(tree: Tree) -> None:
    """`parameter` names the query parameter, and members may be missing."""
    document = tree.document()
    operation = listing(document)
    operation["parameters"][1]["name"] = "after"
    operation["x-pagination"] = {"items": "data", "cursor": "nextCursor", "parameter": "after"}
    page = document["components"]["schemas"]["PhoneNumberPage"]
    page["properties"]["nextCursor"] = page["properties"].pop("cursor")
    page["required"] = []
    module = generated(tree, document)
    assert "yield from response.parsed.data or []" in module
    assert "after = _cursors.after(response, response.parsed.next_cursor)" in module


REFUSED = {
    "a text": ("data", "must have `items` and `cursor`"),
    "one name": ({"items": "data"}, "must have `items` and `cursor`"),
    "no name": ({"items": "data", "cursor": 5}, "must have `items` and `cursor`"),
    "an unknown key": ({"items": "data", "cursor": "cursor", "x": "y"}, "must have `items`"),
    "no such items": ({"items": "x", "cursor": "cursor"}, "names x, which is no member"),
    "no such cursor": ({"items": "data", "cursor": "x"}, "names x, which is no member"),
    "no array": ({"items": "cursor", "cursor": "cursor"}, "names cursor, which is no array"),
    "no such parameter": (
        {"items": "data", "cursor": "cursor", "parameter": "x"},
        "needs a query parameter x",
    ),
    "another type": (
        {"items": "data", "cursor": "cursor", "parameter": "limit"},
        "needs an optional query parameter limit of the type of the cursor",
    ),
}


@pytest.mark.parametrize(("extension", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_fit_is_refused(tree: Tree, extension: object, reason: str) -> None:
    """The line names the operation and says what is wrong."""
    document = tree.document()
    listing(document)["x-pagination"] = extension
    tree.write(document)
    code, _, said = tree.generate()
    assert (2, 1) == (code, said.count("\n"))
    start = "generate.sh: openapi.yaml: GET /phone_numbers: x-pagination "
    assert said.startswith(f"{start}{reason}")


def test_a_success_that_is_no_object_is_refused(tree: Tree) -> None:
    """An array has no place for a cursor."""
    document = tree.document()
    search = document["paths"]["/phone_numbers/search"]["post"]
    search["x-pagination"] = {"items": "data", "cursor": "cursor"}
    tree.write(document)
    assert (
        "x-pagination needs an operation with one success, which is an object"
        in (tree.generate()[2])
    )
