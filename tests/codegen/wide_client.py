"""Tests of the client of wide_contract.yaml; test_wide_contract.py runs and type-checks them with that client."""

import asyncio
import datetime
import json
import uuid
import warnings
from typing import assert_type

import httpx
import pytest
from vogent_phone_numbers import AuthenticatedClient, errors
from vogent_phone_numbers.api.agents import delete_agent, rename_agent
from vogent_phone_numbers.api.calls import list_calls, start_call
from vogent_phone_numbers.models import (
    Answered,
    Call,
    CallKind,
    Missed,
    Priority,
    Queued,
    RenameAgentBody,
    StartCall,
)
from vogent_phone_numbers.types import UNSET, Unset

SECRET = "geheim"  # noqa: S105 - no real one
ID = "5f0c7c1e-8f43-4f0e-9c55-0d6c2a3b1e10"
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
    "startedAt": "2026-11-24T00:00:00Z",
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


class Server(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Answers with `answer` and keeps the last request."""

    answer = httpx.Response(500)
    asked = httpx.Request("GET", "http://nobody.asked")

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.asked = request
        return self.answer

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self.handle_request(request)


server = Server()
client = AuthenticatedClient(token="key", httpx_args={"transport": server})  # noqa: S106 - no real key


def test_reads_every_shape() -> None:
    """Arrays, recursion, unions, formats and open enums come back as they were."""
    server.answer = httpx.Response(200, json=[CALL])
    (call,) = assert_type(
        list_calls.sync(
            "a/b",
            client=client,
            since=datetime.datetime(2026, 11, 24, tzinfo=datetime.UTC),
            kinds=[CallKind.INBOUND, CallKind.WEB_CALL],
            live=True,
            session="s",
            x_trace="t",
        ),
        list[Call],
    )
    request = server.asked
    assert request.url.raw_path == (
        b"/api/agents/a%2Fb/calls?since=2026-11-24T00%3A00%3A00%2B00%3A00&kinds=inbound&kinds=web-call&live=true"
    ), request.url.raw_path
    assert (request.headers["X-Trace"], request.headers["Cookie"]) == ("t", "session=s")
    assert_type(call.parent, Call | None)
    assert_type(call.outcome, Answered | Missed | str | int)
    assert_type(call.priority, Priority | Unset)
    assert (call.kind.is_known, call.priority, call.cost) == (False, Priority.VALUE_2, 1.5)
    assert isinstance(call.outcome, Missed)
    assert call.outcome.rings == 3
    assert call.parent is not None
    assert (call.parent.outcome, call.parent.day, call.parent.cost) == (7, UNSET, 1)
    assert call.started_at.utcoffset() == datetime.timedelta(0)
    assert call.additional_properties == {"new": True}
    expected = json.loads(json.dumps(CALL).replace('Z"', '+00:00"'))
    assert call.to_dict() == expected, call.to_dict()


def test_says_where_a_nested_value_is_wrong() -> None:
    """The path leads through arrays and objects, and a union names what it takes."""
    for change, path, expected in (
        ({"parent": PARENT | {"cost": "1"}}, "$[0].parent.cost", "a number"),
        ({"labels": ["a", 1]}, "$[0].labels[1]", "a string"),
        ({"priority": True}, "$[0].priority", "an integer"),
        ({"outcome": True}, "$[0].outcome", "an object or an object or a string or an integer"),
        ({"outcome": {"type": "other"}}, "$[0].outcome.type", '"answered" or "missed"'),
        ({"startedAt": "today"}, "$[0].startedAt", "a date and time"),
        ({"id": "1"}, "$[0].id", "a UUID"),
    ):
        server.answer = httpx.Response(200, json=[CALL | change])
        with pytest.raises(errors.ContractError) as caught:
            list_calls.sync("a", client=client)
        assert (caught.value.path, caught.value.expected) == (path, expected), str(caught.value)


def test_sends_only_what_is_set() -> None:
    """Optional members with a default are left out; an unknown value of an enum is refused before sending."""
    server.answer = httpx.Response(202, json={"position": 4})
    started = start_call.sync(
        "a", client=client, body=StartCall(kind=CallKind.OUTBOUND, secret=SECRET, tags=["x"])
    )
    assert_type(started, Call | Queued)
    assert started == Queued(position=4)
    assert json.loads(server.asked.content) == {"kind": "outbound", "secret": SECRET, "tags": ["x"]}
    assert SECRET not in repr(StartCall(kind=CallKind.OUTBOUND, secret=SECRET))
    server.answer = httpx.Response(201, json=CALL)
    assert isinstance(asyncio.run(start_call.asyncio("a", client=client)), Call)
    assert server.asked.content == b""
    before = server.asked
    with pytest.raises(errors.SerializationError) as caught:
        start_call.sync("a", client=client, body=StartCall(kind=CallKind.from_response("sms")))
    assert "body.kind: 'sms' is not a CallKind of the contract" in str(caught.value), caught.value
    assert server.asked is before


def test_handles_other_bodies_and_statuses() -> None:
    """No body, text, ranges and the default response of the contract."""
    server.answer = httpx.Response(204)
    assert_type(delete_agent.sync(uuid.UUID(ID), client=client), None)
    assert server.asked.url.path == f"/api/agents/{ID}"
    server.answer = httpx.Response(200, text="hello")
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        body = RenameAgentBody(additional_properties={"name": "n"})
        assert_type(rename_agent.sync(5, client=client, body=body), str)
    assert [str(warning.message) for warning in heard] == ["deprecated by the API"]
    assert json.loads(server.asked.content) == {"name": "n"}
    for status, kind in (
        (409, errors.ConflictError),
        (418, errors.ClientError),
        (503, errors.ServiceUnavailableError),
        (302, errors.UnexpectedStatusError),
    ):
        server.answer = httpx.Response(status)
        with pytest.raises(kind) as caught:
            list_calls.sync("a", client=client)
        assert caught.value.documented
