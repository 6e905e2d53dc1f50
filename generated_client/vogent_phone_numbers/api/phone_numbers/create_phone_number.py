from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...types import Response, UNSET
from ... import errors

from ...models.create_by_purchase_input import CreateByPurchaseInput
from ...models.create_by_sip_import_input import CreateBySipImportInput
from ...models.create_by_vogent_sip_input import CreateByVogentSipInput
from ...models.phone_number import PhoneNumber
from typing import cast



def _get_kwargs(
    *,
    body: CreateByPurchaseInput | CreateBySipImportInput | CreateByVogentSipInput,

) -> dict[str, Any]:
    headers: dict[str, Any] = {}


    

    

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/phone_numbers",
    }

    
    if isinstance(body, CreateByPurchaseInput):
        _kwargs["json"] = body.to_dict()
    elif isinstance(body, CreateBySipImportInput):
        _kwargs["json"] = body.to_dict()
    else:
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
    *,
    client: AuthenticatedClient | Client,
    body: CreateByPurchaseInput | CreateBySipImportInput | CreateByVogentSipInput,

) -> Response[Any | PhoneNumber]:
    """ Add a phone number to the account

     Buys a number that a search has returned (this spends money), imports a number from a SIP trunk, or
    makes a SIP user, as `type` says.

    Args:
        body (CreateByPurchaseInput | CreateBySipImportInput | CreateByVogentSipInput): One of
            three ways to add a phone number, told apart by `type`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | PhoneNumber]
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
    body: CreateByPurchaseInput | CreateBySipImportInput | CreateByVogentSipInput,

) -> Any | PhoneNumber | None:
    """ Add a phone number to the account

     Buys a number that a search has returned (this spends money), imports a number from a SIP trunk, or
    makes a SIP user, as `type` says.

    Args:
        body (CreateByPurchaseInput | CreateBySipImportInput | CreateByVogentSipInput): One of
            three ways to add a phone number, told apart by `type`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | PhoneNumber
     """


    return sync_detailed(
        client=client,
body=body,

    ).parsed

async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: CreateByPurchaseInput | CreateBySipImportInput | CreateByVogentSipInput,

) -> Response[Any | PhoneNumber]:
    """ Add a phone number to the account

     Buys a number that a search has returned (this spends money), imports a number from a SIP trunk, or
    makes a SIP user, as `type` says.

    Args:
        body (CreateByPurchaseInput | CreateBySipImportInput | CreateByVogentSipInput): One of
            three ways to add a phone number, told apart by `type`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | PhoneNumber]
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
    body: CreateByPurchaseInput | CreateBySipImportInput | CreateByVogentSipInput,

) -> Any | PhoneNumber | None:
    """ Add a phone number to the account

     Buys a number that a search has returned (this spends money), imports a number from a SIP trunk, or
    makes a SIP user, as `type` says.

    Args:
        body (CreateByPurchaseInput | CreateBySipImportInput | CreateByVogentSipInput): One of
            three ways to add a phone number, told apart by `type`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | PhoneNumber
     """


    return (await asyncio_detailed(
        client=client,
body=body,

    )).parsed
