""" Contains all the data models used in inputs/outputs """

from .available_phone_number import AvailablePhoneNumber
from .create_by_purchase_input import CreateByPurchaseInput
from .create_by_sip_import_input import CreateBySipImportInput
from .create_by_vogent_sip_input import CreateByVogentSipInput
from .phone_number import PhoneNumber
from .phone_number_page import PhoneNumberPage
from .phone_number_type import PhoneNumberType
from .purchase_phone_number_input import PurchasePhoneNumberInput
from .search_phone_numbers_input import SearchPhoneNumbersInput
from .sip_trunk import SipTrunk
from .sip_user import SipUser
from .update_phone_number_input import UpdatePhoneNumberInput

__all__ = (
    "AvailablePhoneNumber",
    "CreateByPurchaseInput",
    "CreateBySipImportInput",
    "CreateByVogentSipInput",
    "PhoneNumber",
    "PhoneNumberPage",
    "PhoneNumberType",
    "PurchasePhoneNumberInput",
    "SearchPhoneNumbersInput",
    "SipTrunk",
    "SipUser",
    "UpdatePhoneNumberInput",
)
