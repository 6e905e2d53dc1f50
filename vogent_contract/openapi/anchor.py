"""Links into the reference page: to an operation, to a place in its request or in an answer."""

from __future__ import annotations

import re
from urllib.parse import quote


def anchor(method: str, path: str, part: str = "", pointer: str = "") -> str:
    """The fragment of a link into the page that `docs` writes, such as `#get-/phone_numbers`.

    The page marks the place; of a place that the contract does not have, the nearest around it.

    Args:
        method: The operation's, in any case.
        path: Its template, such as `/phone_numbers/{id}`.
        part: `request`, or the status of a response as the contract has it, such as `200`.
        pointer: JSON pointer (RFC 6901) into the part, as a `Violation` has it: `/data/0/id` of a
            response, `/body/number` or `/query/limit` of a request.
    """
    operation = re.sub(r"[\s#:?&={}]", "-", path)  # as RapiDoc makes the ids of its elements
    place = f":{part}{quote(pointer)}" if part else ""
    return f"#{method.lower()}-{operation}{place}"
