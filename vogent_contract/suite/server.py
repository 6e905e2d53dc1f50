"""Which server is tested: its URL and key, checked before anything is sent."""

from __future__ import annotations

import ipaddress
import os
from urllib.parse import urlsplit

import httpx

KEY_VARIABLE = "VOGENT_API_KEY"
SCHEMES = ("http", "https")


class ServerError(Exception):
    """The server cannot be tested; the message is one line that says why, without the key."""


def check_url(base_url: str) -> None:
    """Refuse what is no URL that paths can be put behind.

    Raises:
        ServerError: It is none; the message does not quote it, as it may hold a password.
    """
    if not _is_plain(base_url):
        what = "--base-url: it is no http or https URL, or has a user, a query or a fragment"
        raise ServerError(f"{what}; give one such as http://127.0.0.1:8080/api")


def key_from_environment() -> str:
    """The API key.

    Raises:
        ServerError: The environment has none that a header can carry.
    """
    key = os.environ.get(KEY_VARIABLE, "")
    if not key or not key.isascii() or not key.isprintable() or key != key.strip():
        message = f"the environment variable {KEY_VARIABLE} must hold the API key of the server"
        raise ServerError(message)
    return key


def is_account(base_url: str) -> bool:
    """Whether the server is somebody's account: any host but localhost or a loopback address."""
    host = urlsplit(base_url).hostname or ""
    try:
        return host != "localhost" and not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return True


def _is_plain(base_url: str) -> bool:
    """Whether it is an http or https URL of scheme, host, port and path alone."""
    try:
        httpx.URL(base_url)
        parts = urlsplit(base_url)
        port = parts.port
    except (ValueError, httpx.InvalidURL):
        return False
    more = "@" in parts.netloc or "?" in base_url or "#" in base_url
    return parts.scheme in SCHEMES and bool(parts.hostname) and port != 0 and not more
