"""The phone-number API on aiohttp's own server, with pydantic models for the input.

What the contract leaves open: a released number is never sold again, an import may repeat a number.
"""

import itertools
import os
import socket
import uuid
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal

from aiohttp import web
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

HABITS = {  # what is sent: what comes of it
    'a limit "5", 5.0 or true, ?limit=1.0': "read as an integer",
    "a limit below 0; of a page, below 1": "422",
    "agentId null": "unlinks",
    "any content type, or none": "read as JSON",
    "a compressed body": "read",
    "a byte order mark, an unpaired surrogate": "422",
    "a body above 1 MiB": "413",
    "a name twice in the query": "the first one counts",
    "the scheme in another case": "401",
    "a slash at the end": "404",
    "GET, PUT or DELETE of /search, /purchase": "422: taken for an id",
    "another method": "405 with Allow, after the key; HEAD gets 200",
    "any path without a key": "401, before 404 and 405",
    "a line above 8190 bytes": "400",
}

CALLING_CODES = {"US": "+1", "GB": "+44"}


class SearchInput(BaseModel):
    prefix: str
    country: str = Field("US", min_length=2, max_length=2)
    limit: int = Field(5, ge=0, le=10)


class PageQuery(BaseModel):
    limit: int = Field(100, ge=1)
    cursor: int = 0


class PurchaseInput(BaseModel):
    number: str


class SipTrunk(BaseModel):
    phone_number: str = Field(alias="phoneNumber", pattern=r"^\+[1-9][0-9]{1,14}$")
    termination_uri: str = Field(alias="terminationUri")
    username: str
    password: str


class SipUser(BaseModel):
    sip_prefix: str = Field(alias="sipPrefix")
    username: str = Field(min_length=5)
    password: str = Field(min_length=5)


class CreateByPurchase(BaseModel):
    type: Literal["purchase"]
    purchase: PurchaseInput


class CreateBySipImport(BaseModel):
    type: Literal["sip_import"]
    sip_import: SipTrunk = Field(alias="sipImport")


class CreateByVogentSip(BaseModel):
    type: Literal["vogent_sip"]
    vogent_sip: SipUser = Field(alias="vogentSip")


CreateInput: TypeAdapter[CreateByPurchase | CreateBySipImport | CreateByVogentSip] = TypeAdapter(
    Annotated[CreateByPurchase | CreateBySipImport | CreateByVogentSip, Field(discriminator="type")]
)


class UpdateInput(BaseModel):
    agent_id: str | None = Field(None, alias="agentId")


US_NUMBERS = [f"+1{a}555{n:04}" for a in (415, 212, 646, 206, 604) for n in range(100, 200)]
GB_NUMBERS = [f"+44{a}{n:03}" for a in (2079460, 1154960) for n in range(100)]
for_sale = dict.fromkeys(US_NUMBERS, "US") | dict.fromkeys(GB_NUMBERS, "GB")
account: dict[str, dict[str, Any]] = {}
positions: dict[str, int] = {}  # of an id, in the order of arrival
arrivals = itertools.count(1)


@web.middleware
async def require_key(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    if request.headers.get("Authorization") != f"Bearer {os.environ['VOGENT_API_KEY']}":
        raise web.HTTPUnauthorized(headers={"WWW-Authenticate": "Bearer"})
    return await handler(request)


@web.middleware
async def refuse_invalid(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    try:
        return await handler(request)
    except ValidationError as error:
        details = error.json(include_url=False, include_input=False)
        raise web.HTTPUnprocessableEntity(text=details, content_type="application/json") from error


def refusal(message: str) -> web.HTTPException:
    return web.HTTPUnprocessableEntity(text=message)  # the contract documents no 404 and no 409


def find(request: web.Request) -> dict[str, Any]:
    phone_number = account.get(request.match_info["id"])
    if phone_number is None:
        raise refusal("No such phone number")
    return phone_number


def buy(number: str) -> dict[str, Any]:
    if for_sale.pop(number, None) is None:
        raise refusal("This number is not for sale")
    return add(number)


def add(number: str, kind: str = "PSTN") -> dict[str, Any]:
    phone_number_id = str(uuid.uuid4())
    phone_number = {"id": phone_number_id, "number": number, "type": kind, "agentId": None}
    positions[phone_number_id] = next(arrivals)
    account[phone_number_id] = phone_number
    return phone_number


routes = web.RouteTableDef()


@routes.post("/api/phone_numbers/purchase")
async def purchase_phone_number(request: web.Request) -> web.Response:
    body = PurchaseInput.model_validate_json(await request.read())
    return web.json_response(buy(body.number))


@routes.post("/api/phone_numbers/search")
async def search_phone_numbers(request: web.Request) -> web.Response:
    body = SearchInput.model_validate_json(await request.read())
    start = CALLING_CODES.get(body.country, "") + body.prefix
    found = [n for n, where in for_sale.items() if where == body.country and n.startswith(start)]
    return web.json_response([{"number": number} for number in found[: body.limit]])


@routes.get("/api/phone_numbers")
async def list_phone_numbers(request: web.Request) -> web.Response:
    query = PageQuery.model_validate(dict(request.query))
    rest = [n for n in account.values() if positions[n["id"]] > query.cursor]
    page = rest[: query.limit]
    cursor = str(positions[page[-1]["id"]]) if rest[query.limit :] else None
    return web.json_response({"data": page, "cursor": cursor})


@routes.post("/api/phone_numbers")
async def create_phone_number(request: web.Request) -> web.Response:
    match CreateInput.validate_json(await request.read()):
        case CreateByPurchase(purchase=purchase):
            return web.json_response(buy(purchase.number))
        case CreateBySipImport(sip_import=trunk):
            return web.json_response(add(trunk.phone_number))
        case CreateByVogentSip(vogent_sip=user):
            return web.json_response(add(user.sip_prefix, "SIP_USERNAME"))


@routes.get("/api/phone_numbers/{id}")
async def get_phone_number(request: web.Request) -> web.Response:
    return web.json_response(find(request))


@routes.put("/api/phone_numbers/{id}")
async def update_phone_number(request: web.Request) -> web.Response:
    phone_number = find(request)
    body = UpdateInput.model_validate_json(await request.read())
    if "agent_id" in body.model_fields_set:
        phone_number["agentId"] = body.agent_id or None
    return web.json_response(phone_number)


@routes.delete("/api/phone_numbers/{id}")
async def delete_phone_number(request: web.Request) -> web.Response:
    return web.json_response(account.pop(find(request)["id"]))


app = web.Application(middlewares=[require_key, refuse_invalid])
app.add_routes(routes)


if __name__ == "__main__":
    listening = socket.create_server(("127.0.0.1", int(os.environ.get("PORT", "0"))))
    print(f"http://127.0.0.1:{listening.getsockname()[1]}/api", flush=True)
    web.run_app(app, sock=listening, print=None, access_log=None)
