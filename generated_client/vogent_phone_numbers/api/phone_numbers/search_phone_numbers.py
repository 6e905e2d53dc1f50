from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.available_phone_number import AvailablePhoneNumber
from ...models.search_phone_numbers_input import SearchPhoneNumbersInput
from typing import cast



def _get_kwargs(
    *,
    body: SearchPhoneNumbersInput,

) -> dict[str, Any]:
    headers: dict[str, Any] = {}


    

    

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/phone_numbers/search",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs



def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Any | list[AvailablePhoneNumber] | None:
    if response.status_code == 200:
        response_200 = []
        _response_200 = response.json()
        for componentsschemas_available_phone_numbers_item_data in (_response_200):
            componentsschemas_available_phone_numbers_item = AvailablePhoneNumber.from_dict(componentsschemas_available_phone_numbers_item_data)



            response_200.append(componentsschemas_available_phone_numbers_item)

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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[Any | list[AvailablePhoneNumber]]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: SearchPhoneNumbersInput,

) -> Response[Any | list[AvailablePhoneNumber]]:
    """ Search for phone numbers that can be bought

     Gives numbers for sale that begin with a prefix. Numbers of the US and Canada are both found under
    the country `US`. Not every prefix has numbers for sale.

    Args:
        body (SearchPhoneNumbersInput): Which numbers to look for.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | list[AvailablePhoneNumber]]
     """


    kwargs = _get_kwargs(
        body=body,

    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)

def sync(
    *,
    client: AuthenticatedClient | Client,
    body: SearchPhoneNumbersInput,

) -> Any | list[AvailablePhoneNumber] | None:
    """ Search for phone numbers that can be bought

     Gives numbers for sale that begin with a prefix. Numbers of the US and Canada are both found under
    the country `US`. Not every prefix has numbers for sale.

    Args:
        body (SearchPhoneNumbersInput): Which numbers to look for.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | list[AvailablePhoneNumber]
     """


    return sync_detailed(
        client=client,
body=body,

    ).parsed

async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: SearchPhoneNumbersInput,

) -> Response[Any | list[AvailablePhoneNumber]]:
    """ Search for phone numbers that can be bought

     Gives numbers for sale that begin with a prefix. Numbers of the US and Canada are both found under
    the country `US`. Not every prefix has numbers for sale.

    Args:
        body (SearchPhoneNumbersInput): Which numbers to look for.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | list[AvailablePhoneNumber]]
     """


    kwargs = _get_kwargs(
        body=body,

    )

    response = await client.get_async_httpx_client().request(
        **kwargs
    )

    return _build_response(client=client, response=response)

async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    body: SearchPhoneNumbersInput,

) -> Any | list[AvailablePhoneNumber] | None:
    """ Search for phone numbers that can be bought

     Gives numbers for sale that begin with a prefix. Numbers of the US and Canada are both found under
    the country `US`. Not every prefix has numbers for sale.

    Args:
        body (SearchPhoneNumbersInput): Which numbers to look for.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | list[AvailablePhoneNumber]
     """


    return (await asyncio_detailed(
        client=client,
body=body,

    )).parsed
