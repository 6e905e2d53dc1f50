from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.phone_number_type import PhoneNumberType
from typing import cast






T = TypeVar("T", bound="PhoneNumber")



@_attrs_define
class PhoneNumber:
    """ A phone number of the account.

        Attributes:
            id (str): The phone number's id.
            number (str): The number in E.164 format, or the SIP username if the type is `SIP_USERNAME`.
            type_ (PhoneNumberType): Whether the number is in the public telephone network or is the name of a SIP user.
            agent_id (None | str): The id of the linked agent, null if no agent is linked.
     """

    id: str
    number: str
    type_: PhoneNumberType
    agent_id: None | str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        id = self.id

        number = self.number

        type_ = self.type_.value

        agent_id: None | str
        agent_id = self.agent_id


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "id": id,
            "number": number,
            "type": type_,
            "agentId": agent_id,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = d.pop("id")

        number = d.pop("number")

        type_ = PhoneNumberType(d.pop("type"))




        def _parse_agent_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        agent_id = _parse_agent_id(d.pop("agentId"))


        phone_number = cls(
            id=id,
            number=number,
            type_=type_,
            agent_id=agent_id,
        )


        phone_number.additional_properties = d
        return phone_number

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
