from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset







T = TypeVar("T", bound="SipUser")



@_attrs_define
class SipUser:
    """ A SIP user to make.

        Attributes:
            sip_prefix (str): The SIP prefix; it becomes the phone number's `number`.
            username (str): The user name, five characters or more.
            password (str): The password, five characters or more.
     """

    sip_prefix: str
    username: str
    password: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        sip_prefix = self.sip_prefix

        username = self.username

        password = self.password


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "sipPrefix": sip_prefix,
            "username": username,
            "password": password,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        sip_prefix = d.pop("sipPrefix")

        username = d.pop("username")

        password = d.pop("password")

        sip_user = cls(
            sip_prefix=sip_prefix,
            username=username,
            password=password,
        )


        sip_user.additional_properties = d
        return sip_user

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
