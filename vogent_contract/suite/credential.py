"""The API key, and what a request carries instead of it where a refusal is tested.

The key is in no record: an exchange knows which credential it had, the wire makes the header.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

SHOWN = "$VOGENT_API_KEY"
SHORT = 8  # characters; a shorter key is no secret that anybody could keep


@dataclass(frozen=True)
class Credential:
    """One way to fill the Authorization header.

    Attributes:
        header: Makes the header's value of the key; None sends no header.
        shown: The value as a shell would make it, for people to repeat the request.
        verdict: `good` or `bad`.
    """

    name: str
    header: Callable[[str], str | None]
    shown: str | None
    verdict: str = "bad"


def _other_key(key: str) -> str:
    """A key of the same length that is another one."""
    letter = "v" if set(key) == {"w"} else "w"
    return letter * len(key)


def _other_case(key: str) -> str:
    return key.swapcase() if key.swapcase() != key else f"{key}X"


RIGHT_KEY = Credential("right key", lambda key: f"Bearer {key}", f"Bearer {SHOWN}", "good")
NO_HEADER = Credential("no header", lambda _: None, None)
WRONG_ALWAYS = (
    NO_HEADER,
    Credential("empty header", lambda _: "", ""),
    Credential(
        "wrong key", lambda key: f"Bearer {_other_key(key)}", "Bearer ${VOGENT_API_KEY//?/w}"
    ),
    Credential("right key under another scheme", lambda key: f"Basic {key}", f"Basic {SHOWN}"),
    Credential("key with trailing junk", lambda key: f"Bearer {key}x", "Bearer ${VOGENT_API_KEY}x"),
)
WRONG_IN_TURN = (
    Credential("key cut short", lambda key: f"Bearer {key[:-1]}", "Bearer ${VOGENT_API_KEY%?}"),
    Credential("right key without a scheme", lambda key: key, SHOWN),
    Credential("right key under an unknown scheme", lambda key: f"Token {key}", f"Token {SHOWN}"),
    Credential("scheme without a key", lambda _: "Bearer", "Bearer"),
    Credential(
        "key in another case",
        lambda key: f"Bearer {_other_case(key)}",
        "Bearer ${VOGENT_API_KEY~~}",
    ),
)


class Key:
    """The API key of the server under test."""

    def __init__(self, value: str) -> None:
        self._value = value
        forms = (value, value[:-1], _other_case(value))
        in_json = [json.dumps(form)[1:-1] for form in forms]  # a quote is written otherwise there
        self._hidden = dict.fromkeys([*forms, *in_json])

    def __repr__(self) -> str:
        return "<Key>"

    def header(self, credential: Credential) -> str | None:
        """The Authorization header of a credential, None for no header."""
        return credential.header(self._value)

    def scrub(self, text: str) -> str:
        """The text without the key and what wrong credentials make of it.

        A short key is hidden only where it is no part of a word.
        """
        if len(self._value) < SHORT:
            return re.sub(rf"(?<!\w){re.escape(self._value)}(?!\w)", SHOWN, text)
        for secret in self._hidden:
            text = text.replace(secret, SHOWN)
        return text

    def scrub_json(self, value: Any) -> Any:
        """A JSON value with every text in it scrubbed, so that it stays JSON."""
        if isinstance(value, str):
            return self.scrub(value)
        if isinstance(value, dict):
            return {name: self.scrub_json(item) for name, item in value.items()}
        if isinstance(value, list):
            return [self.scrub_json(item) for item in value]
        return value
