from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset







T = TypeVar("T", bound="SipTrunk")



@_attrs_define
class SipTrunk:
    """ A number on somebody's SIP trunk.

        Attributes:
            phone_number (str): The number in E.164 format.
            termination_uri (str): The URI where the trunk ends.
            username (str): The trunk's user name.
            password (str): The trunk's password.
     """

    phone_number: str
    termination_uri: str
    username: str
    password: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        phone_number = self.phone_number

        termination_uri = self.termination_uri

        username = self.username

        password = self.password


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "phoneNumber": phone_number,
            "terminationUri": termination_uri,
            "username": username,
            "password": password,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        phone_number = d.pop("phoneNumber")

        termination_uri = d.pop("terminationUri")

        username = d.pop("username")

        password = d.pop("password")

        sip_trunk = cls(
            phone_number=phone_number,
            termination_uri=termination_uri,
            username=username,
            password=password,
        )


        sip_trunk.additional_properties = d
        return sip_trunk

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
