"""The phone-number API on FastAPI, pydantic and uvicorn, as FastAPI's own documentation shows it.

What the contract leaves open: a released number is for sale again, an import may repeat a number.
"""

import itertools
import os
import secrets
import socket
import uuid
from typing import Annotated, Literal

import uvicorn
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Query
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

HABITS = {  # what is sent: what comes of it
    'a limit "5", 5.0 or true, ?limit=1.0': "read as an integer",
    "a limit below 1": "422",
    "agentId null": "nothing changes",
    "agent_id for agentId, sip_import for sipImport": "read: models are filled by name, too",
    "another content type, or none": "422; application/*+json is read",
    "UTF-16, a byte order mark": "read",
    "bytes that are not UTF-8": "400",
    "malformed JSON, no key": "422: the body is read before the key is asked for",
    "a name twice in the query": "the last one counts",
    "the scheme in another case": "accepted",
    "a slash at the end": "307 to the path without it",
    "an escaped slash in an id": "404",
    "GET, PUT or DELETE of /search, /purchase": "422: taken for an id",
    "another method, HEAD, OPTIONS": "405, before the key; Allow names the first route only",
}
FLAWS = {  # FastAPI's own, status 500
    "NaN, Infinity or 1e999 where it is refused": "the refusal repeats it and cannot be written",
    "an unpaired surrogate in agentId or sipPrefix": "is kept, and no answer can show the number",
}

API_KEY = os.environ["VOGENT_API_KEY"]
CALLING_CODES = {"US": "+1", "GB": "+44"}


class CamelModel(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class PhoneNumber(CamelModel):
    id: str = Field(default_factory=lambda: str(uuid.uuid4()))
    number: str
    type: Literal["PSTN", "SIP_USERNAME"] = "PSTN"
    agent_id: str | None = None
    bought_in: str | None = Field(default=None, exclude=True)
    position: int = Field(default_factory=itertools.count(1).__next__, exclude=True)


class PhoneNumberPage(CamelModel):
    data: list[PhoneNumber]
    cursor: str | None


class AvailablePhoneNumber(CamelModel):
    number: str


class SearchInput(CamelModel):
    prefix: str
    country: str = Field("US", min_length=2, max_length=2)
    limit: int = Field(5, ge=1, le=10)


class PurchaseInput(CamelModel):
    number: str


class SipTrunk(CamelModel):
    phone_number: str = Field(pattern=r"^\+[1-9][0-9]{1,14}$")
    termination_uri: str
    username: str
    password: str


class SipUser(CamelModel):
    sip_prefix: str
    username: str = Field(min_length=5)
    password: str = Field(min_length=5)


class CreateByPurchase(CamelModel):
    type: Literal["purchase"]
    purchase: PurchaseInput


class CreateBySipImport(CamelModel):
    type: Literal["sip_import"]
    sip_import: SipTrunk


class CreateByVogentSip(CamelModel):
    type: Literal["vogent_sip"]
    vogent_sip: SipUser


CreateInput = Annotated[
    CreateByPurchase | CreateBySipImport | CreateByVogentSip, Field(discriminator="type")
]


class UpdateInput(CamelModel):
    agent_id: str | None = None


US_NUMBERS = [f"+1{a}555{n:04}" for a in (415, 212, 646, 305, 604) for n in range(100, 200)]
GB_NUMBERS = [f"+44{a}{n:03}" for a in (2079460, 1614960) for n in range(100)]
for_sale = dict.fromkeys(US_NUMBERS, "US") | dict.fromkeys(GB_NUMBERS, "GB")
account: dict[str, PhoneNumber] = {}


def check_key(
    credentials: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())],
) -> None:
    if not secrets.compare_digest(credentials.credentials.encode(), API_KEY.encode()):
        raise HTTPException(401, "Invalid API key", headers={"WWW-Authenticate": "Bearer"})


def find(phone_number_id: str) -> PhoneNumber:
    if phone_number_id not in account:
        raise HTTPException(422, "No such phone number")  # the contract documents no 404
    return account[phone_number_id]


def buy(number: str) -> PhoneNumber:
    if number not in for_sale:
        raise HTTPException(422, "This number is not for sale")
    return add(PhoneNumber(number=number, bought_in=for_sale.pop(number)))


def add(phone_number: PhoneNumber) -> PhoneNumber:
    account[phone_number.id] = phone_number
    return phone_number


router = APIRouter(prefix="/api/phone_numbers", dependencies=[Depends(check_key)])


@router.post("/purchase", deprecated=True)
async def purchase_phone_number(body: PurchaseInput) -> PhoneNumber:
    return buy(body.number)


@router.post("/search")
async def search_phone_numbers(body: SearchInput) -> list[AvailablePhoneNumber]:
    start = CALLING_CODES.get(body.country, "") + body.prefix
    found = (
        n for n, country in for_sale.items() if country == body.country and n.startswith(start)
    )
    return [AvailablePhoneNumber(number=n) for n in itertools.islice(found, body.limit)]


@router.get("")
async def list_phone_numbers(
    limit: Annotated[int, Query(ge=1)] = 100, cursor: int = 0
) -> PhoneNumberPage:
    rest = [n for n in account.values() if n.position > cursor]
    page = rest[:limit]
    return PhoneNumberPage(data=page, cursor=str(page[-1].position) if rest[limit:] else None)


@router.post("")
async def create_phone_number(body: CreateInput) -> PhoneNumber:
    match body:
        case CreateByPurchase(purchase=purchase):
            return buy(purchase.number)
        case CreateBySipImport(sip_import=trunk):
            return add(PhoneNumber(number=trunk.phone_number))
        case CreateByVogentSip(vogent_sip=user):
            return add(PhoneNumber(number=user.sip_prefix, type="SIP_USERNAME"))


@router.get("/{phone_number_id}")
async def get_phone_number(phone_number_id: str) -> PhoneNumber:
    return find(phone_number_id)


@router.put("/{phone_number_id}")
async def update_phone_number(phone_number_id: str, body: UpdateInput) -> PhoneNumber:
    phone_number = find(phone_number_id)
    if body.agent_id is not None:
        phone_number.agent_id = body.agent_id or None
    return phone_number


@router.delete("/{phone_number_id}")
async def delete_phone_number(phone_number_id: str) -> PhoneNumber:
    phone_number = account.pop(find(phone_number_id).id)
    if phone_number.bought_in:
        for_sale[phone_number.number] = phone_number.bought_in
    return phone_number


app = FastAPI(title="Vogent phone numbers")
app.include_router(router)


if __name__ == "__main__":
    server = socket.create_server(("127.0.0.1", int(os.environ.get("PORT", "0"))))
    print(f"http://127.0.0.1:{server.getsockname()[1]}/api", flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[server])
