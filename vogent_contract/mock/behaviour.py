"""What an accepted request does: one handler an operation; one without answers its example."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from vogent_contract.mock.outcomes import OUTCOMES, Answer
from vogent_contract.mock.state import Refusal, State
from vogent_contract.openapi import Request

Handler = Callable[[State, Request], Answer]

LONGEST_PAGE = 1000  # the contract sets no upper bound, so a page may hold fewer than asked for


def purchase(state: State, request: Request) -> Answer:
    """Sell a number that a search has offered, or do what the table of outcomes says."""
    return _buy(state, request.body["number"])


def create(state: State, request: Request) -> Answer:
    """Add a number in one of three ways."""
    body = request.body
    if body["type"] == "sip_import":
        return Answer(body=state.register(body["sipImport"]["phoneNumber"], "PSTN"))
    if body["type"] == "vogent_sip":
        return Answer(body=state.register(body["vogentSip"]["sipPrefix"], "SIP_USERNAME"))
    return _buy(state, body["purchase"]["number"])


def search(state: State, request: Request) -> Answer:
    """Offer numbers for sale."""
    limit = _limit(request.body["limit"], "/body/limit")
    found = state.search(request.body["country"], request.body["prefix"], limit)
    return Answer(body=[{"number": number} for number in found])


def list_numbers(state: State, request: Request) -> Answer:
    """Give one page of the account's numbers."""
    limit = _limit(request.query["limit"], "/query/limit")
    data, cursor = state.page(request.query.get("cursor"), limit)
    return Answer(body={"data": data, "cursor": cursor})


def get(state: State, request: Request) -> Answer:
    """Read one number."""
    return Answer(body=state.get(request.path["id"]))


def update(state: State, request: Request) -> Answer:
    """Link the number, unlink it with the empty string, leave it as it is without `agentId`."""
    if "agentId" not in request.body:
        return get(state, request)
    return Answer(body=state.link(request.path["id"], request.body["agentId"] or None))


def delete(state: State, request: Request) -> Answer:
    """Release one number."""
    return Answer(body=state.release(request.path["id"]))


HANDLERS: Mapping[str, Handler] = {
    "purchasePhoneNumber": purchase,
    "createPhoneNumber": create,
    "searchPhoneNumbers": search,
    "listPhoneNumbers": list_numbers,
    "getPhoneNumber": get,
    "updatePhoneNumber": update,
    "deletePhoneNumber": delete,
}


def _buy(state: State, number: str) -> Answer:
    outcome = OUTCOMES.get(number)
    if outcome is None:
        return Answer(body=state.sell(number))
    if outcome.refusal:
        return outcome.refusal
    sold = state.add(number, outcome.type, outcome.agent)
    return Answer(body=sold, delay=outcome.delay, drop=outcome.drop)


def _limit(value: float, pointer: str) -> int:
    if value < 1:
        raise Refusal(f"{pointer}: expected 1 or more")
    return int(min(value, LONGEST_PAGE))
