"""From a request to its answer: route, token, operation, and the status of a refusal."""

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Any
from urllib.parse import unquote

from .account import Refused
from .habits import Habit
from .operations import Operations, Request

NUMBERS = "/api/phone_numbers"
ROUTES = {
    NUMBERS: {"GET": "list", "POST": "create"},
    f"{NUMBERS}/purchase": {"POST": "purchase"},
    f"{NUMBERS}/search": {"POST": "search"},
}
ONE_NUMBER = {"GET": "get", "PUT": "update", "DELETE": "delete"}


@dataclass(frozen=True)
class Answer:
    """What is sent: a value as JSON, an error in the habit's form, or nothing but a head."""

    status: int
    value: Any = None
    is_error: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


class App:
    """One account behind one API key; answers one request at a time."""

    def __init__(self, habit: Habit, api_key: str) -> None:
        self.habit = habit
        self.api_key = api_key
        self.operations = Operations(habit)
        self.lock = threading.Lock()

    def answer(self, method: str, target: str, headers: Message, content: bytes) -> Answer:
        """Do what a request asks for, or refuse it."""
        path, _, query = target.partition("?")
        operations, identity = self._route(method, path)
        is_authorised = self._is_authorised(headers.get("Authorization", ""))
        if method == "HEAD" and self.habit.head:
            method = "GET"

        if self.habit.token_first and not is_authorised:
            return _unauthorised()
        if not operations:
            return Answer(404)
        if method == "OPTIONS" and self.habit.options:
            return Answer(204, headers={"Access-Control-Allow-Methods": ", ".join(operations)})
        if method not in operations:
            return Answer(self.habit.wrong_method, headers={"Allow": ", ".join(operations)})
        if not is_authorised:
            return _unauthorised()

        media_type = headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return self._do(operations[method], Request(identity, query, media_type, content))

    def _do(self, operation: str, request: Request) -> Answer:
        with self.lock:
            try:
                return Answer(200, getattr(self.operations, operation)(request))
            except Refused as refused:
                return Answer(getattr(self.habit, refused.why), is_error=True)

    def _route(self, method: str, path: str) -> tuple[Mapping[str, str], str]:
        """Find the operations of a path, by method, and the id in it."""
        if self.habit.trailing_slash:
            path = path.rstrip("/")
        operations = ROUTES.get(path, {})
        one = re.fullmatch(f"{NUMBERS}/([^/]+)", path)
        is_literal = method in operations or not self.habit.literals_are_ids
        if one is None or (operations and is_literal):
            return operations, ""
        return ONE_NUMBER, unquote(one[1])

    def _is_authorised(self, header: str) -> bool:
        scheme, _, token = header.partition(" ")
        if self.habit.bearer_in_any_case:
            scheme = scheme.capitalize()
        return scheme == "Bearer" and token.strip() == self.api_key


def _unauthorised() -> Answer:
    challenge = {"WWW-Authenticate": 'Bearer realm="phone numbers"'}
    return Answer(401, is_error=True, headers=challenge)
