"""Which server is tested: its URL and key, checked before anything is sent."""

from __future__ import annotations

import ipaddress
import os
import socket
from urllib.parse import urlsplit

KEY_VARIABLE = "VOGENT_API_KEY"
PORTS = {"http": 80, "https": 443}


class ServerError(Exception):
    """The server cannot be tested; the message is one line that says why, without the key."""


def check_url(base_url: str) -> None:
    """Refuse what is no http or https URL.

    Raises:
        ServerError: It is none.
    """
    parts = urlsplit(base_url)
    if parts.scheme not in PORTS or not parts.hostname:
        example = "such as http://127.0.0.1:8080/api"
        raise ServerError(f"--base-url: {base_url!r} is no http or https URL, {example}")


def key_from_environment() -> str:
    """The API key.

    Raises:
        ServerError: The environment has none that a header can carry.
    """
    key = os.environ.get(KEY_VARIABLE, "")
    if not key or not key.isascii() or key != key.strip():
        message = f"the environment variable {KEY_VARIABLE} must hold the API key of the server"
        raise ServerError(message)
    return key


def check_reachable(base_url: str, timeout: float) -> None:
    """Open a connection and close it again.

    Args:
        timeout: Seconds.

    Raises:
        ServerError: Nobody listens there.
    """
    parts = urlsplit(base_url)
    try:
        port = parts.port or PORTS[parts.scheme]
        socket.create_connection((parts.hostname or "", port), timeout=timeout).close()
    except (OSError, ValueError) as error:
        raise ServerError(f"--base-url: {base_url} cannot be reached: {error}") from None


def is_account(base_url: str) -> bool:
    """Whether the server is somebody's account: any host but localhost or a loopback address."""
    host = urlsplit(base_url).hostname or ""
    try:
        return host != "localhost" and not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return True
