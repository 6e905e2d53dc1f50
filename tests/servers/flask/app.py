"""The phone-number API on Flask and its development server, input checked by hand.

What the contract leaves open: a released number is never sold again, and no number is held twice.
"""

import itertools
import os
import re
import uuid
from typing import Any

from flask import Blueprint, Flask, abort, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized
from werkzeug.serving import make_server

HABITS = {  # what is sent: what comes of it
    "a limit true": "read as 1: a bool is an int",
    "a limit 5.0": "422: a float is no int",
    "a limit below 1": "no numbers; of a page, one",
    "?limit=abc, ?cursor=abc": "as if it were left out: args.get(type=int)",
    "a country in lower case": "found",
    "another content type, or none": "415; application/*+json is read",
    "UTF-16, a byte order mark": "read",
    "a name twice in the query": "the first one counts",
    "the scheme in another case": "accepted",
    "a slash at the end, an escaped one in an id": "404",
    "two slashes in a row": "308 to the path with one",
    "GET, PUT or DELETE of /search, /purchase": "422: taken for an id",
    "another method": "405 with Allow, before the key; HEAD and OPTIONS get 200",
    "anything refused": "a page of HTML",
}
FLAWS = {  # Flask's own, status 500
    "JSON nested thousands of levels deep": "the parser's RecursionError is not caught",
}

API_KEY = os.environ["VOGENT_API_KEY"]
E164 = re.compile(r"\+[1-9][0-9]{1,14}")
CALLING_CODES = {"US": "+1", "GB": "+44"}

for_sale = {
    **{f"+1{a}555{n:04}": "US" for a in (415, 212, 646, 312, 416) for n in range(100, 200)},
    **{f"+44{a}{n:03}": "GB" for a in (2079460, 1314960) for n in range(100)},
}
account: dict[str, dict[str, Any]] = {}
positions: dict[str, int] = {}  # of an id, in the order of arrival
arrivals = itertools.count(1)

api = Blueprint("phone_numbers", __name__, url_prefix="/api/phone_numbers")


@api.before_request
def check_key() -> None:
    auth = request.authorization
    if auth is None or auth.type != "bearer" or auth.token != API_KEY:
        raise Unauthorized(www_authenticate=WWWAuthenticate("bearer"))


def json_object() -> dict[str, Any]:
    data = request.get_json()
    if not isinstance(data, dict):
        abort(400, "The body must be a JSON object")
    return data


def nested(data: dict[str, Any], name: str) -> dict[str, Any]:
    value = data.get(name)
    if not isinstance(value, dict):
        abort(422, f"{name} must be an object")
    return value


def text(data: dict[str, Any], name: str, *, default: str | None = None, minimum: int = 0) -> str:
    value = data.get(name, default)
    if not isinstance(value, str) or len(value) < minimum:
        abort(422, f"{name} must be a string of {minimum} characters or more")
    return value


def owned(phone_number_id: str) -> dict[str, Any]:
    if phone_number_id not in account:
        abort(422, "No such phone number")  # the contract documents no 404
    return account[phone_number_id]


def add(number: str, kind: str = "PSTN") -> dict[str, Any]:
    if any(held["number"] == number for held in list(account.values())):
        abort(422, "The account has this number already")
    phone_number_id = str(uuid.uuid4())
    phone_number = {"id": phone_number_id, "number": number, "type": kind, "agentId": None}
    positions[phone_number_id] = next(arrivals)
    account[phone_number_id] = phone_number
    return phone_number


def buy(number: str) -> dict[str, Any]:
    if for_sale.pop(number, None) is None:
        abort(422, "The number is not for sale")
    return add(number)


@api.post("/purchase")
def purchase_phone_number() -> dict[str, Any]:
    return buy(text(json_object(), "number"))


@api.post("/search")
def search_phone_numbers() -> list[dict[str, str]]:
    data = json_object()
    country = text(data, "country", default="US").upper()
    limit = data.get("limit", 5)
    if len(country) != 2:
        abort(422, "country must be a two-letter code")
    if not isinstance(limit, int) or limit > 10:
        abort(422, "limit must be an integer of 10 or less")
    start = CALLING_CODES.get(country, "") + text(data, "prefix")
    found = [n for n, where in for_sale.copy().items() if where == country and n.startswith(start)]
    return [{"number": number} for number in found[: max(limit, 0)]]


@api.get("")
def list_phone_numbers() -> dict[str, Any]:
    limit = max(request.args.get("limit", 100, type=int), 1)
    after = request.args.get("cursor", 0, type=int)
    rest = [n for n in list(account.values()) if positions[n["id"]] > after]
    page = rest[:limit]
    return {"data": page, "cursor": str(positions[page[-1]["id"]]) if rest[limit:] else None}


@api.post("")
def create_phone_number() -> dict[str, Any]:
    data = json_object()
    kind = data.get("type")
    if kind == "purchase":
        return buy(text(nested(data, "purchase"), "number"))
    if kind == "sip_import":
        trunk = nested(data, "sipImport")
        for name in ("terminationUri", "username", "password"):
            text(trunk, name)
        number = text(trunk, "phoneNumber")
        if not E164.fullmatch(number):
            abort(422, "phoneNumber must be in E.164 format")
        return add(number)
    if kind != "vogent_sip":
        abort(422, "type must be purchase, sip_import or vogent_sip")
    user = nested(data, "vogentSip")
    text(user, "username", minimum=5)
    text(user, "password", minimum=5)
    return add(text(user, "sipPrefix"), "SIP_USERNAME")


@api.get("/<phone_number_id>")
def get_phone_number(phone_number_id: str) -> dict[str, Any]:
    return owned(phone_number_id)


@api.put("/<phone_number_id>")
def update_phone_number(phone_number_id: str) -> dict[str, Any]:
    phone_number = owned(phone_number_id)
    data = json_object()
    if "agentId" in data:
        phone_number["agentId"] = text(data, "agentId") or None
    return phone_number


@api.delete("/<phone_number_id>")
def delete_phone_number(phone_number_id: str) -> dict[str, Any]:
    phone_number = owned(phone_number_id)
    account.pop(phone_number_id, None)
    return phone_number


app = Flask(__name__)
app.register_blueprint(api)


if __name__ == "__main__":
    port = int(os.environ.get("PORT", "0"))
    server = make_server("127.0.0.1", port, app, threaded=True)  # what `flask run` starts
    print(f"http://127.0.0.1:{server.server_port}/api", flush=True)
    server.serve_forever()
