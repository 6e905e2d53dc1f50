from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.phone_number import PhoneNumber
from ...models.update_phone_number_input import UpdatePhoneNumberInput
from typing import cast



def _get_kwargs(
    id: str,
    *,
    body: UpdatePhoneNumberInput,

) -> dict[str, Any]:
    headers: dict[str, Any] = {}


    

    

    _kwargs: dict[str, Any] = {
        "method": "put",
        "url": "/phone_numbers/{id}".format(id=quote(str(id), safe=""),),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs



def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Any | PhoneNumber | None:
    if response.status_code == 200:
        response_200 = PhoneNumber.from_dict(response.json())



        return response_200

    if response.status_code == 400:
        response_400 = cast(Any, None)
        return response_400

    if response.status_code == 401:
        response_401 = cast(Any, None)
        return response_401

    if response.status_code == 422:
        response_422 = cast(Any, None)
        return response_422

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[Any | PhoneNumber]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    id: str,
    *,
    client: AuthenticatedClient | Client,
    body: UpdatePhoneNumberInput,

) -> Response[Any | PhoneNumber]:
    """ Link a phone number to an agent, or unlink it

     Links the number to the agent that is named; the empty string unlinks it.

    Args:
        id (str):
        body (UpdatePhoneNumberInput): What to change.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | PhoneNumber]
     """


    kwargs = _get_kwargs(
        id=id,
body=body,

    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)

def sync(
    id: str,
    *,
    client: AuthenticatedClient | Client,
    body: UpdatePhoneNumberInput,

) -> Any | PhoneNumber | None:
    """ Link a phone number to an agent, or unlink it

     Links the number to the agent that is named; the empty string unlinks it.

    Args:
        id (str):
        body (UpdatePhoneNumberInput): What to change.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | PhoneNumber
     """


    return sync_detailed(
        id=id,
client=client,
body=body,

    ).parsed

async def asyncio_detailed(
    id: str,
    *,
    client: AuthenticatedClient | Client,
    body: UpdatePhoneNumberInput,

) -> Response[Any | PhoneNumber]:
    """ Link a phone number to an agent, or unlink it

     Links the number to the agent that is named; the empty string unlinks it.

    Args:
        id (str):
        body (UpdatePhoneNumberInput): What to change.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | PhoneNumber]
     """


    kwargs = _get_kwargs(
        id=id,
body=body,

    )

    response = await client.get_async_httpx_client().request(
        **kwargs
    )

    return _build_response(client=client, response=response)

async def asyncio(
    id: str,
    *,
    client: AuthenticatedClient | Client,
    body: UpdatePhoneNumberInput,

) -> Any | PhoneNumber | None:
    """ Link a phone number to an agent, or unlink it

     Links the number to the agent that is named; the empty string unlinks it.

    Args:
        id (str):
        body (UpdatePhoneNumberInput): What to change.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | PhoneNumber
     """


    return (await asyncio_detailed(
        id=id,
client=client,
body=body,

    )).parsed
