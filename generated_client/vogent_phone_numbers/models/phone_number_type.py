from enum import StrEnum

class PhoneNumberType(StrEnum):
    PSTN = "PSTN"
    SIP_USERNAME = "SIP_USERNAME"

    def __str__(self) -> str:
        return str(self.value)
