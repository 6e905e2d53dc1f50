from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast
from typing import Literal, cast

if TYPE_CHECKING:
  from ..models.purchase_phone_number_input import PurchasePhoneNumberInput





T = TypeVar("T", bound="CreateByPurchaseInput")



@_attrs_define
class CreateByPurchaseInput:
    """ Buy a number. The two other kinds' properties may be null.

        Attributes:
            type_ (Literal['purchase']): Says that a number is bought.
            purchase (PurchasePhoneNumberInput): The number to buy.
     """

    type_: Literal['purchase']
    purchase: PurchasePhoneNumberInput
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.purchase_phone_number_input import PurchasePhoneNumberInput # noqa: PLC0415
        type_ = self.type_

        purchase = self.purchase.to_dict()


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "type": type_,
            "purchase": purchase,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.purchase_phone_number_input import PurchasePhoneNumberInput # noqa: PLC0415
        d = dict(src_dict)
        type_ = cast(Literal['purchase'] , d.pop("type"))
        if type_ != 'purchase':
            raise ValueError(f"type must match const 'purchase', got '{type_}'")

        purchase = PurchasePhoneNumberInput.from_dict(d.pop("purchase"))




        create_by_purchase_input = cls(
            type_=type_,
            purchase=purchase,
        )


        create_by_purchase_input.additional_properties = d
        return create_by_purchase_input

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
