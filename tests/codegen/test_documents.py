"""Documents of every kind become a client, or a line for each problem: see `documents/`."""

import importlib
import inspect
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
import yaml

from tests.codegen.tree import Tree, contents

DOCUMENTS = Path(__file__).parent / "documents"
SOUND = sorted(path.stem for path in (DOCUMENTS / "sound").iterdir())
REFUSED = sorted(path.stem for path in (DOCUMENTS / "refused").iterdir())
KEY = "user:password"
METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
OF_EACH_CALL = {"client", "timeout", "headers", "max_retries"}


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the client of each sound document, a package of the document's name."""
    folder = tmp_path_factory.mktemp("clients")
    with pytest.MonkeyPatch.context() as patch:
        tree = Tree(tmp_path_factory.mktemp("tree"))
        patch.syspath_prepend(tree.folder / "codegen")
        for name in SOUND:
            shutil.copy(DOCUMENTS / "sound" / f"{name}.yaml", tree.folder / "openapi.yaml")
            assert (0, "") == tree.generate()[::2], name
            shutil.copytree(tree.client / "vogent_phone_numbers", folder / package(name))
        patch.syspath_prepend(folder)
        yield folder


def package(name: str) -> str:
    """Name the package with the client of a document."""
    return f"client_of_{name}"


@pytest.mark.parametrize("name", SOUND)
def test_every_operation_and_parameter_is_in_the_client(clients: Path, name: str) -> None:
    """Each operation of the document has a module, and each of its parameters an argument."""
    expected = {}
    document = yaml.safe_load((DOCUMENTS / "sound" / f"{name}.yaml").read_text())
    for path, item in document["paths"].items():
        for method in METHODS & item.keys():
            parameters = [*item.get("parameters", []), *item[method].get("parameters", [])]
            body = ["body"] if "requestBody" in item[method] else []
            expected[method.upper(), path] = len({str(one) for one in parameters}) + len(body)

    found = {}
    for module in operations(clients, name):
        arguments = inspect.signature(module.sync).parameters.keys() - OF_EACH_CALL
        found[module._OPERATION.method, module._OPERATION.path] = len(arguments)
    assert expected == found


def test_names_that_the_code_needs_are_renamed(clients: Path) -> None:
    """Properties of any name are read and written, under a name of their own in Python."""
    models = importlib.import_module(f"{package('reserved_names')}.models")
    written = {
        "field": "a",
        "from_dict": "b",
        "to_dict": "c",
        "additional_properties": "d",
        "self": "e",
        "__init__": "f",
        "": "g",
        "more": "h",
    }
    model = models.Model_.from_dict(written)
    assert written == model.to_dict()
    assert ("a", "b", "c", "d") == (
        model.field,
        model.from_dict_,
        model.to_dict_,
        model.additional_properties_,
    )
    assert {"more": "h"} == model.additional_properties
    assert clients in Path(str(models.__file__)).parents


def test_a_type_checker_is_content(clients: Path) -> None:
    """mypy has nothing to say of any of the clients at its strictest."""
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--cache-dir=.mypy", "."]
    done = subprocess.run(command, cwd=clients, capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("name", REFUSED)
def test_every_problem_is_a_line(tree: Tree, name: str) -> None:
    """The document's first lines say what is refused, all at once, and the old client stays."""
    text = (DOCUMENTS / "refused" / f"{name}.yaml").read_text()
    (tree.folder / "openapi.yaml").write_text(text)
    before = contents(tree.client)
    code, output, errors = tree.generate()
    lines = [line.removeprefix("# ") for line in text.splitlines() if line.startswith("#")]
    said = [line.removeprefix("generate.sh: openapi.yaml") for line in errors.splitlines()]
    assert sorted(lines) == sorted(line.lstrip(": ") for line in said)
    assert (2, "") == (code, output)
    assert before == contents(tree.client)


# What is sent


def sent(clients: Path, name: str, operation: str, *arguments: Any, **named: Any) -> httpx.Request:
    """Call an operation, and give the request that left."""
    requests = []

    def answer(request: httpx.Request) -> httpx.Response:
        request.read()
        requests.append(request)
        return httpx.Response(204)

    (module,) = [one for one in operations(clients, name) if one._OPERATION.name == operation]
    client = importlib.import_module(package(name)).AuthenticatedClient(
        token=KEY,
        base_url="http://127.0.0.1",
        httpx_args={"transport": httpx.MockTransport(answer)},
    )
    with client:
        module.sync(*arguments, client=client, **named)
    (request,) = requests
    return request


def operations(clients: Path, name: str) -> list[ModuleType]:
    """Import the modules of the operations of a client."""
    modules = []
    for file in sorted((clients / package(name) / "api").rglob("*.py")):
        if file.name != "__init__.py":
            path = file.relative_to(clients).with_suffix("")
            modules.append(importlib.import_module(".".join(path.parts)))
    return modules


BASIC = "Basic dXNlcjpwYXNzd29yZA=="
KEYS: dict[str, tuple[str, str, dict[str, str]]] = {
    "header": ("key_in_header", "get_things", {"X-Key": "user:password"}),
    "cookie": ("key_in_cookie", "get_things", {"Cookie": "X-Key=user:password"}),
    "password": ("key_as_password", "get_things", {"Authorization": BASIC}),
    "one of several, bearer": (
        "several_keys",
        "by_token",
        {"Authorization": "Bearer user:password"},
    ),
    "one of several, header": ("several_keys", "by_header", {"X-Key": "user:password"}),
    "one of several, cookie": ("several_keys", "by_cookie", {"Cookie": "sid=user:password"}),
    "one of several, password": ("several_keys", "by_password", {"Authorization": BASIC}),
    "none of several": ("several_keys", "public", {}),
}


@pytest.mark.parametrize(("name", "operation", "expected"), KEYS.values(), ids=KEYS)
def test_the_key_goes_where_the_document_says(
    clients: Path, name: str, operation: str, expected: dict[str, str]
) -> None:
    """apiKey and basic schemes are not sent as Bearer, and the key is in one place only."""
    headers = sent(clients, name, operation).headers
    with_key = ("X-Key", "Cookie", "Authorization")
    assert expected == {key: headers[key] for key in with_key if key in headers}


@pytest.mark.parametrize(
    ("name", "operation", "query"),
    [
        ("key_in_query", "get_things", {"page": "2", "X-Key": "user:password"}),
        ("several_keys", "by_query", {"page": "2", "key": "user:password"}),
    ],
)
def test_the_key_in_the_query_leaves_the_rest_of_it(
    clients: Path, name: str, operation: str, query: dict[str, str]
) -> None:
    """A key in the query stands beside the parameters of the call."""
    request = sent(clients, name, operation, page=2)
    assert query == dict(request.url.params)
    assert "Authorization" not in request.headers


def test_a_form_is_sent_as_its_encoding_says(clients: Path) -> None:
    """Lists are repeated or joined, objects become members in brackets, booleans are words."""
    models = importlib.import_module(f"{package('form')}.models")
    form = models.MakeTokenBody.from_dict(
        {
            "grant_type": "a&b",
            "active": True,
            "scope": ["x", "y"],
            "ids": [1, 2],
            "filter": {"kind": "z"},
        }
    )
    request = sent(clients, "form", "make_token", body=form)
    assert "application/x-www-form-urlencoded" == request.headers["Content-Type"]
    fields = httpx.QueryParams(request.content.decode()).multi_items()
    assert [
        ("grant_type", "a&b"),
        ("active", "true"),
        ("scope", "x y"),
        ("ids", "1"),
        ("ids", "2"),
        ("filter[kind]", "z"),
    ] == fields


def test_the_class_of_a_body_chooses_its_media_type(clients: Path) -> None:
    """An operation that takes JSON or a form sends each class as the document says."""
    models = importlib.import_module(f"{package('form')}.models")
    form = sent(clients, "form", "send_either", body=models.Form(b="x"))
    assert b"b=x" == form.content
    body = sent(clients, "form", "send_either", body=models.Json(a="x"))
    assert {"a": "x"} == json.loads(body.content)
    assert "application/json" == body.headers["Content-Type"]
    assert b"" == sent(clients, "form", "send_either").content


def test_files_are_uploaded_as_parts(clients: Path) -> None:
    """A part has its name, its file name, its media type and its content."""
    models = importlib.import_module(f"{package('files')}.models")
    file = importlib.import_module(f"{package('files')}.types").File
    body = models.UploadBody(
        file=file(b"\x00\xff", "a.bin", "image/png"),
        more=[file(b"1"), file(b"2")],
        note="hello",
        size=5,
        about=models.UploadBodyAbout(by="me"),
    )
    request = sent(clients, "files", "upload", body=body)
    assert request.headers["Content-Type"].startswith("multipart/form-data; boundary=")
    content = request.content
    assert b'name="file"; filename="a.bin"\r\nContent-Type: image/png\r\n\r\n\x00\xff' in content
    assert 2 == content.count(b'name="more"; filename="more"')
    assert b'name="note"\r\nContent-Type: text/markdown\r\n\r\nhello' in content
    assert b'name="size"\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n5' in content
    assert b'name="about"\r\nContent-Type: application/json\r\n\r\n{"by": "me"}' in content


def test_parameters_are_sent_in_their_style(clients: Path) -> None:
    """Lists are repeated or joined, objects become members, and JSON stays JSON."""
    models = importlib.import_module(f"{package('parameters')}.models")
    request = sent(
        clients,
        "parameters",
        "get_things",
        [1, 2],
        many=["a", "b"],
        commas=["a", "b"],
        pipes=["a", "b"],
        deep=models.GetThingsDeep(a=1),
        flat=models.GetThingsFlat(additional_properties={"c": "d"}),
        json=models.GetThingsJson(b="x"),
        session="s",
    )
    assert "/things/1%2C2" == request.url.raw_path.decode().partition("?")[0]
    assert [
        ("many", "a"),
        ("many", "b"),
        ("commas", "a,b"),
        ("pipes", "a|b"),
        ("deep[a]", "1"),
        ("c", "d"),
        ("json", '{"b": "x"}'),
    ] == request.url.params.multi_items()
    assert "session=s" == request.headers["Cookie"]
