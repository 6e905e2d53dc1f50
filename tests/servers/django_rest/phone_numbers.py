"""Serializers, authentication, viewset and routes of the phone numbers."""
# ruff: noqa: ARG002, N815 - the router passes the request; fields are named as in the JSON

import itertools
import os
import uuid
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.urls import include, path
from rest_framework import serializers
from rest_framework.authentication import TokenAuthentication
from rest_framework.decorators import action
from rest_framework.exceptions import AuthenticationFailed, ValidationError
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import ViewSet

CALLING_CODES = {"US": "+1", "GB": "+44"}
FIELD_OF_TYPE = {"purchase": "purchase", "sip_import": "sipImport", "vogent_sip": "vogentSip"}


@dataclass
class PhoneNumber:
    number: str
    type: str = "PSTN"
    bought_in: str | None = None
    agent_id: str | None = None
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    position: int = field(default_factory=itertools.count(1).__next__)


US_NUMBERS = [f"+1{a}555{n:04}" for a in (415, 212, 646, 702, 604) for n in range(100, 200)]
GB_NUMBERS = [f"+44{a}{n:03}" for a in (2079460, 1134960) for n in range(100)]
for_sale = dict.fromkeys(US_NUMBERS, "US") | dict.fromkeys(GB_NUMBERS, "GB")
account: dict[str, PhoneNumber] = {}


class BearerAuthentication(TokenAuthentication):
    keyword = "Bearer"

    def authenticate_credentials(self, key: str) -> tuple[User, str]:
        if key != os.environ["VOGENT_API_KEY"]:
            raise AuthenticationFailed("Invalid API key.")
        return User(username="account"), key


class PhoneNumberSerializer(serializers.Serializer):
    id = serializers.CharField()
    number = serializers.CharField()
    type = serializers.ChoiceField(["PSTN", "SIP_USERNAME"])
    agentId = serializers.CharField(source="agent_id", allow_null=True)


class SearchSerializer(serializers.Serializer):
    prefix = serializers.CharField()
    country = serializers.CharField(default="US", min_length=2, max_length=2)
    limit = serializers.IntegerField(default=5, min_value=1, max_value=10)


class PageSerializer(serializers.Serializer):
    limit = serializers.IntegerField(default=100, min_value=1)
    cursor = serializers.IntegerField(default=0)


class PurchaseSerializer(serializers.Serializer):
    number = serializers.CharField()


class SipTrunkSerializer(serializers.Serializer):
    phoneNumber = serializers.RegexField(r"^\+[1-9][0-9]{1,14}$")
    terminationUri = serializers.CharField()
    username = serializers.CharField()
    password = serializers.CharField(trim_whitespace=False)


class SipUserSerializer(serializers.Serializer):
    sipPrefix = serializers.CharField()
    username = serializers.CharField(min_length=5)
    password = serializers.CharField(min_length=5, trim_whitespace=False)


class CreateSerializer(serializers.Serializer):
    type = serializers.ChoiceField(list(FIELD_OF_TYPE))
    purchase = PurchaseSerializer(required=False, allow_null=True)
    sipImport = SipTrunkSerializer(required=False, allow_null=True)
    vogentSip = SipUserSerializer(required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        name = FIELD_OF_TYPE[attrs["type"]]
        if attrs.get(name) is None:
            raise ValidationError({name: f"Required for the type {attrs['type']}."})
        return attrs


class UpdateSerializer(serializers.Serializer):
    agentId = serializers.CharField(required=False, allow_blank=True)


class PhoneNumberViewSet(ViewSet):
    authentication_classes = (BearerAuthentication,)
    permission_classes = (IsAuthenticated,)
    lookup_value_converter = "str"

    def respond(self, phone_number: PhoneNumber) -> Response:
        return Response(PhoneNumberSerializer(phone_number).data)

    def validated(self, serializer_class: type[serializers.Serializer], data: Any) -> Any:
        serializer = serializer_class(data=data)
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    def find(self, pk: str) -> PhoneNumber:
        if pk not in account:
            raise ValidationError({"id": "No such phone number."})  # no 404 is documented
        return account[pk]

    def add(self, phone_number: PhoneNumber) -> Response:
        account[phone_number.id] = phone_number
        return self.respond(phone_number)

    def buy(self, number: str) -> Response:
        country = for_sale.pop(number, None)
        if country is None:
            raise ValidationError({"number": "Not for sale."})
        return self.add(PhoneNumber(number, bought_in=country))

    @action(detail=False, methods=["post"])
    def purchase(self, request: Request) -> Response:
        return self.buy(self.validated(PurchaseSerializer, request.data)["number"])

    @action(detail=False, methods=["post"])
    def search(self, request: Request) -> Response:
        data = self.validated(SearchSerializer, request.data)
        start = CALLING_CODES.get(data["country"], "") + data["prefix"]
        found = [
            {"number": number}
            for number, country in for_sale.copy().items()
            if country == data["country"] and number.startswith(start)
        ]
        return Response(found[: data["limit"]])

    def list(self, request: Request) -> Response:
        query = self.validated(PageSerializer, request.query_params)
        rest = [n for n in account.copy().values() if n.position > query["cursor"]]
        page = rest[: query["limit"]]
        cursor = str(page[-1].position) if len(rest) > len(page) else None
        return Response({"data": PhoneNumberSerializer(page, many=True).data, "cursor": cursor})

    def create(self, request: Request) -> Response:
        data = self.validated(CreateSerializer, request.data)
        if data["type"] == "purchase":
            return self.buy(data["purchase"]["number"])
        if data["type"] == "sip_import":
            return self.add(PhoneNumber(data["sipImport"]["phoneNumber"]))
        return self.add(PhoneNumber(data["vogentSip"]["sipPrefix"], "SIP_USERNAME"))

    def retrieve(self, request: Request, pk: str) -> Response:
        return self.respond(self.find(pk))

    def update(self, request: Request, pk: str) -> Response:
        phone_number = self.find(pk)
        data = self.validated(UpdateSerializer, request.data)
        if "agentId" in data:
            phone_number.agent_id = data["agentId"] or None
        return self.respond(phone_number)

    def destroy(self, request: Request, pk: str) -> Response:
        phone_number = self.find(pk)
        if account.pop(pk, None) and phone_number.bought_in:
            for_sale[phone_number.number] = phone_number.bought_in
        return self.respond(phone_number)


router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("phone_numbers", PhoneNumberViewSet, basename="phone_number")
urlpatterns = [path("api/", include(router.urls))]
