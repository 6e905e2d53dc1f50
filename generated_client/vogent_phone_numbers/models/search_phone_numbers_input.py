from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset






T = TypeVar("T", bound="SearchPhoneNumbersInput")



@_attrs_define
class SearchPhoneNumbersInput:
    """ Which numbers to look for.

        Attributes:
            prefix (str): What the number begins with, without the country code.
            country (str | Unset): The country as a two-letter code. Default: 'US'.
            limit (int | Unset): How many numbers to give at most. Default: 5.
     """

    prefix: str
    country: str | Unset = 'US'
    limit: int | Unset = 5
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        prefix = self.prefix

        country = self.country

        limit = self.limit


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "prefix": prefix,
        })
        if country is not UNSET:
            field_dict["country"] = country
        if limit is not UNSET:
            field_dict["limit"] = limit

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        prefix = d.pop("prefix")

        country = d.pop("country", UNSET)

        limit = d.pop("limit", UNSET)

        search_phone_numbers_input = cls(
            prefix=prefix,
            country=country,
            limit=limit,
        )


        search_phone_numbers_input.additional_properties = d
        return search_phone_numbers_input

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
