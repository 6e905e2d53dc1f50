from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast
from typing import Literal, cast

if TYPE_CHECKING:
  from ..models.sip_user import SipUser





T = TypeVar("T", bound="CreateByVogentSipInput")



@_attrs_define
class CreateByVogentSipInput:
    """ Make a SIP user. The two other kinds' properties may be null.

        Attributes:
            type_ (Literal['vogent_sip']): Says that a SIP user is made.
            vogent_sip (SipUser): A SIP user to make.
     """

    type_: Literal['vogent_sip']
    vogent_sip: SipUser
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.sip_user import SipUser # noqa: PLC0415
        type_ = self.type_

        vogent_sip = self.vogent_sip.to_dict()


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "type": type_,
            "vogentSip": vogent_sip,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.sip_user import SipUser # noqa: PLC0415
        d = dict(src_dict)
        type_ = cast(Literal['vogent_sip'] , d.pop("type"))
        if type_ != 'vogent_sip':
            raise ValueError(f"type must match const 'vogent_sip', got '{type_}'")

        vogent_sip = SipUser.from_dict(d.pop("vogentSip"))




        create_by_vogent_sip_input = cls(
            type_=type_,
            vogent_sip=vogent_sip,
        )


        create_by_vogent_sip_input.additional_properties = d
        return create_by_vogent_sip_input

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
