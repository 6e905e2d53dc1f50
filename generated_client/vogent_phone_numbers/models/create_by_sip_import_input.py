from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast
from typing import Literal, cast

if TYPE_CHECKING:
  from ..models.sip_trunk import SipTrunk





T = TypeVar("T", bound="CreateBySipImportInput")



@_attrs_define
class CreateBySipImportInput:
    """ Import a number from a SIP trunk. The two other kinds' properties may be null.

        Attributes:
            type_ (Literal['sip_import']): Says that a number is imported.
            sip_import (SipTrunk): A number on somebody's SIP trunk.
     """

    type_: Literal['sip_import']
    sip_import: SipTrunk
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.sip_trunk import SipTrunk # noqa: PLC0415
        type_ = self.type_

        sip_import = self.sip_import.to_dict()


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "type": type_,
            "sipImport": sip_import,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.sip_trunk import SipTrunk # noqa: PLC0415
        d = dict(src_dict)
        type_ = cast(Literal['sip_import'] , d.pop("type"))
        if type_ != 'sip_import':
            raise ValueError(f"type must match const 'sip_import', got '{type_}'")

        sip_import = SipTrunk.from_dict(d.pop("sipImport"))




        create_by_sip_import_input = cls(
            type_=type_,
            sip_import=sip_import,
        )


        create_by_sip_import_input.additional_properties = d
        return create_by_sip_import_input

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
