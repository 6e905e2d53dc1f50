"""The models, as users of attrs expect them."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import attrs
import httpx
import pytest
from vogent_phone_numbers import models
from vogent_phone_numbers.types import UNSET, Response

from tests.client.scripted_server import BOUGHT

SECRET = "geheim-5"  # noqa: S105 - no real one
PHONE = models.PhoneNumber.from_dict(BOUGHT | {"later": [1]})
UNKNOWN_TYPE = models.PhoneNumber.from_dict(BOUGHT | {"type": "TOLL_FREE"})
PAGE = models.PhoneNumberPage(data=[PHONE, UNKNOWN_TYPE], cursor=None)
SEARCH = models.SearchPhoneNumbersInput(prefix="415")
DETAILED = Response(status_code=200, headers=httpx.Headers({"A": "b"}), content=b"{}", parsed=PHONE)


def by_pickle(value: Any) -> Any:
    """Copy a value by way of its pickle."""
    return pickle.loads(pickle.dumps(value))  # noqa: S301 - our own object


def test_every_model_is_an_attrs_class() -> None:
    """Each object of the contract is an attrs class with slots, made by keywords only."""
    for name in models.__all__:
        model = getattr(models, name)
        if name != "PhoneNumberType":
            assert all(field.kw_only for field in attrs.fields(model))
            assert not hasattr(model.__new__(model), "__dict__")


def test_evolve_gives_a_changed_copy() -> None:
    """`attrs.evolve` changes what is named, keeps the rest and leaves the original alone."""
    linked = attrs.evolve(PHONE, agent_id="agent-1")
    assert BOUGHT | {"later": [1], "agentId": "agent-1"} == linked.to_dict()
    assert PHONE.agent_id is None


def test_asdict_gives_the_attributes() -> None:
    """`attrs.asdict` names members as Python does, through nested objects; unset ones stay so."""
    number = {"number": "+1", "additional_properties": {}}
    body = models.CreateByPurchaseInput(purchase=models.PurchasePhoneNumberInput(number="+1"))
    expected = {"type_": "purchase", "purchase": number, "additional_properties": {}}
    assert expected == attrs.asdict(body)
    assert attrs.asdict(SEARCH)["country"] is UNSET


@pytest.mark.parametrize("take", [copy.copy, copy.deepcopy, by_pickle])
@pytest.mark.parametrize("value", [PHONE, UNKNOWN_TYPE, PAGE, SEARCH, DETAILED])
def test_a_copy_equals_the_original(take: Callable[[Any], Any], value: Any) -> None:
    """Copies and pickles, also of a response, are equal and say the same."""
    taken = take(value)
    assert value == taken
    assert repr(value) == repr(taken)
    assert value is not taken


def test_objects_are_equal_by_value() -> None:
    """Two objects are equal if their members are, those beyond the contract included."""
    assert models.PhoneNumber.from_dict(BOUGHT | {"later": [1]}) == PHONE
    assert models.PhoneNumber.from_dict(BOUGHT) != PHONE
    assert models.PurchasePhoneNumberInput(number="+1") != models.AvailablePhoneNumber(number="+1")


@pytest.mark.parametrize(
    "body",
    [
        models.SipUser(sip_prefix="desk", username="clerk", password=SECRET),
        models.SipTrunk(phone_number="+1", termination_uri="x", username="a", password=SECRET),
    ],
)
def test_a_password_is_sent_and_not_shown(body: models.SipUser | models.SipTrunk) -> None:
    """What is `format: password` in the contract is in no repr, neither its own nor a body's."""
    assert SECRET == body.to_dict()["password"]
    if isinstance(body, models.SipUser):
        whole: object = models.CreateByVogentSipInput(vogent_sip=body)
    else:
        whole = models.CreateBySipImportInput(sip_import=body)
    assert SECRET not in repr(body) + str(body) + repr(whole) + repr([whole])
    assert body != attrs.evolve(body, password="other")  # noqa: S106 - no real one
