"""Tests of the client of wide_contract.yaml: test_wide_contract.py runs and type-checks them."""

import asyncio
import json
import warnings
from datetime import UTC, datetime
from typing import assert_type
from uuid import UUID

import httpx
import pytest
from vogent_phone_numbers import AuthenticatedClient, errors, models
from vogent_phone_numbers.api.agents import delete_agent, rename_agent
from vogent_phone_numbers.api.calls import list_calls, start_call
from vogent_phone_numbers.types import UNSET, Unset

ID = "5f0c7c1e-8f43-4f0e-9c55-0d6c2a3b1e10"
MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC)
PARENT = {
    "id": ID,
    "kind": "inbound",
    "startedAt": "2026-11-24T00:00:00Z",
    "cost": 1,
    "parent": None,
    "outcome": 7,
}
CALL = {
    "id": ID,
    "kind": "sms",
    "startedAt": "2026-11-24T01:00:00+01:00",
    "day": "2026-11-24",
    "cost": 1.5,
    "priority": 2,
    "parent": PARENT,
    "outcome": {"type": "missed", "rings": 3},
    "state": None,
    "labels": ["a", None],
    "anything": {"x": [1]},
    "new": True,
}


class Server(httpx.MockTransport):
    """Gives `answer` and keeps the requests."""

    def __init__(self) -> None:
        super().__init__(self.reply)
        self.answer = httpx.Response(500)
        self.requests: list[httpx.Request] = []

    def reply(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self.answer


server = Server()
client = AuthenticatedClient(token="key", httpx_args={"transport": server})  # noqa: S106 - no key


def test_every_kind_of_parameter_is_sent() -> None:
    """Parameters of the path, the query, headers and cookies stand where the contract has them."""
    server.answer = httpx.Response(200, json=[])
    list_calls.sync(
        "a/b",
        client=client,
        since=MIDNIGHT,
        kinds=[models.CallKind.INBOUND, models.CallKind.WEB_CALL],
        live=True,
        session="s",
        x_trace="t",
    )
    request = server.requests[-1]
    path, _, query = request.url.raw_path.decode().partition("?")
    assert path == "/api/agents/a%2Fb/calls"
    assert query == "since=2026-11-24T00%3A00%3A00%2B00%3A00&kinds=inbound&kinds=web-call&live=true"
    assert (request.headers["X-Trace"], request.headers["Cookie"]) == ("t", "session=s")


def test_a_value_that_no_header_can_carry_is_refused() -> None:
    """A line break in a header or cookie is a SerializationError, and nothing is sent."""
    sent = len(server.requests)
    with pytest.raises(errors.SerializationError, match="the value of X-Trace is no text"):
        list_calls.sync("a", client=client, x_trace="t\r\nX-Other: 1")
    with pytest.raises(errors.SerializationError, match="the value of session is no text"):
        list_calls.sync("a", client=client, session="s\n")
    assert sent == len(server.requests)


def test_every_shape_is_read() -> None:
    """Arrays, recursion, unions, formats and open enums come back as they were."""
    server.answer = httpx.Response(200, json=[CALL])
    (call,) = assert_type(list_calls.sync("a", client=client), list[models.Call])
    assert_type(call.parent, models.Call | None)
    assert_type(call.outcome, models.Answered | models.Missed | str | int)
    assert_type(call.priority, models.Priority | Unset)
    assert (call.kind.is_known, call.priority, call.cost) == (False, models.Priority.VALUE_2, 1.5)
    assert isinstance(call.outcome, models.Missed)
    assert call.outcome.rings == 3
    assert call.parent is not None
    assert (call.parent.outcome, call.parent.day, call.parent.cost) == (7, UNSET, 1)
    assert (call.started_at, call.parent.started_at) == (MIDNIGHT, MIDNIGHT)
    assert call.additional_properties == {"new": True}
    assert call.to_dict() == CALL | {"parent": PARENT | {"startedAt": MIDNIGHT.isoformat()}}


@pytest.mark.parametrize(
    ("change", "path", "expected"),
    [
        ({"parent": PARENT | {"cost": "1"}}, "$[0].parent.cost", "a number"),
        ({"labels": ["a", 1]}, "$[0].labels[1]", "a string"),
        ({"priority": True}, "$[0].priority", "an integer"),
        ({"outcome": True}, "$[0].outcome", "an object or an object or a string or an integer"),
        ({"outcome": {"type": "other"}}, "$[0].outcome.type", '"answered" or "missed"'),
        ({"startedAt": "today"}, "$[0].startedAt", "a date and time"),
        ({"id": "1"}, "$[0].id", "a UUID"),
    ],
)
def test_the_place_of_a_wrong_value_is_said(
    change: dict[str, object], path: str, expected: str
) -> None:
    """The path leads through arrays and objects, and a union names what it takes."""
    server.answer = httpx.Response(200, json=[CALL | change])
    with pytest.raises(errors.ContractError) as caught:
        list_calls.sync("a", client=client)
    assert (path, expected) == (caught.value.path, caught.value.expected)


def test_only_what_is_set_is_sent() -> None:
    """Optional members with a default are left out, and so is an optional body."""
    server.answer = httpx.Response(202, json={"position": 4})
    outbound = models.CallKind.OUTBOUND
    body = models.StartCall(kind=outbound, secret="geheim", tags=["x"])  # noqa: S106 - no real one
    started = start_call.sync("a", client=client, body=body)
    assert_type(started, models.Call | models.Queued)
    assert started == models.Queued(position=4)
    sent = json.loads(server.requests[-1].content)
    assert sent == {"kind": "outbound", "secret": "geheim", "tags": ["x"]}
    assert "geheim" not in repr(body)

    server.answer = httpx.Response(201, json=CALL)
    assert isinstance(asyncio.run(start_call.asyncio("a", client=client)), models.Call)
    assert server.requests[-1].content == b""


def test_an_unknown_enum_value_is_not_sent() -> None:
    """A value that came in a response and is not of the contract is refused before sending."""
    sent = len(server.requests)
    body = models.StartCall(kind=models.CallKind.from_response("sms"))
    with pytest.raises(errors.SerializationError, match=r"body\.kind: 'sms' is not a CallKind"):
        start_call.sync("a", client=client, body=body)
    assert sent == len(server.requests)


def test_a_response_without_json_is_read() -> None:
    """No body gives None, text gives text; a deprecated operation without successor warns."""
    server.answer = httpx.Response(204)
    assert_type(delete_agent.sync(UUID(ID), client=client), None)
    assert server.requests[-1].url.path == f"/api/agents/{ID}"

    server.answer = httpx.Response(200, text="hello")
    body = models.RenameAgentBody(additional_properties={"name": "n"})
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        renamed = rename_agent.sync(5, client=client, body=body)  # type: ignore[deprecated]
    assert_type(renamed, str)
    assert ["deprecated by the API"] == [str(warning.message) for warning in heard]
    assert json.loads(server.requests[-1].content) == {"name": "n"}


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (409, errors.ConflictError),
        (418, errors.ClientError),
        (503, errors.ServiceUnavailableError),
        (302, errors.UnexpectedStatusError),
    ],
)
def test_ranges_and_the_default_document_a_status(status: int, kind: type[errors.ApiError]) -> None:
    """A status has the class of its own, of its hundred, or of none, and counts as documented."""
    server.answer = httpx.Response(status)
    with pytest.raises(kind) as caught:
        list_calls.sync("a", client=client)
    assert (kind, True) == (type(caught.value), caught.value.documented)
