"""Numbers for sale, in E.164 format."""

SCATTERED = (
    "+12015550123",
    "+13035550123",
    "+14055550123",
    "+15075550123",
    "+16095550123",
    "+17135550123",
)


def numbers(beginning: str, count: int) -> tuple[str, ...]:
    """Give numbers that differ in the last two digits only."""
    return tuple(f"{beginning}{index:02}" for index in range(count))


def everywhere(each: int) -> tuple[str, ...]:
    """Give so many numbers under each of 144 area codes of the US, and ten of the UK."""
    area_codes = [code for code in range(201, 920) if 1 <= code % 100 <= 19 and code % 100 != 11]
    in_the_us = [number for code in area_codes for number in numbers(f"+1{code}55501", each)]
    return (*in_the_us, *numbers("+4420794601", 10))
