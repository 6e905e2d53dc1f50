"""Faults of the credential: each check of each operation missing, another status than 401, the right key refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from vogent_contract.faults.fault import Fault, Install, answering, put
from vogent_contract.mock.app import CREDENTIAL_CHECKS, Mock
from vogent_contract.mock.outcomes import Answer
from vogent_contract.mock.recording import Headers, Receive, Scope
from vogent_contract.openapi import Contract

Accepts = Callable[[str | None, str], bool]

PROBES = ("", "Bearer", "Bearer other", "Basic KEY", "Bearer KEYx", "Bearer KE", "KEY")


def _dropped(name: str) -> Accepts:
    others = [check for other, check in CREDENTIAL_CHECKS.items() if other != name]
    return lambda text, key: text is not None and all(check(text, key) for check in others)


CHECKS: dict[str, Accepts] = {
    "no-header": lambda text, _: text is None,
    "empty-header": lambda text, _: text == "",
    "anything": lambda _, __: True,
    **{f"without-check-{name.replace(' ', '-')}": _dropped(name) for name in CREDENTIAL_CHECKS},
}
ANYWHERE: dict[str, Accepts] = {  # one way in for the whole server
    "key-cut-short": lambda text, key: (
        bool(text) and f"Bearer {key}".startswith(str(text)) and len(str(text)) > 7
    ),
    "key-without-scheme": lambda text, key: text == key,
}


def derive(contract: Contract) -> Iterator[Fault]:
    """The faults of every operation's credential, and those of the server."""
    secured = [one.id for one in contract.operations.values() if one.secured]
    for operation in secured:
        for name, accepts in CHECKS.items():
            yield _lenient(operation, name, accepts)
        for status in (403, 400, 422, 404):
            says, change = f"answers a wrong key with {status}", _instead(401, status)
            yield _fault(operation, f"refuses-with-{status}", says, answering(operation, change))
        everyone = answering(
            operation, lambda given, _: None if given.status == 401 else Answer(401)
        )
        strict = _fault(operation, "refuses-right-key", "answers the right key with 401", everyone)
        yield replace(strict, rules=("accepts-right-key",))
    for name, accepts in ANYWHERE.items() if secured else ():
        yield _lenient("", name, accepts)


def _lenient(operation: str, name: str, accepts: Accepts) -> Fault:
    same = not any(accepts(one and one.replace("KEY", "key"), "key") for one in (None, *PROBES))
    reason = "the other checks refuse the same credentials" if same else None
    fault = _fault(
        operation,
        f"accepts-{name}",
        f"accepts a credential: {name}",
        _accepting(operation, accepts),
    )
    return replace(fault, equivalent=reason)


def _fault(operation: str, name: str, says: str, install: Install) -> Fault:
    identity, where = f"{operation or 'server'}.credential.{name}", "/header/Authorization"
    return Fault(
        identity, "credential", says, operation, where, "security", install, ("refuses-wrong-key",)
    )


def _instead(old: int, new: int) -> Callable[[Answer, object], Answer | None]:
    return lambda given, _: replace(given, status=new) if given.status == old else None


def _accepting(operation: str, accepts: Accepts) -> Install:
    """Let further credentials in; the operation is known when the credential is asked for."""

    def install(mock: Mock) -> None:
        answer, authenticate = mock.answer, mock.authenticate
        asked: list[Scope] = []

        async def remembering(scope: Scope, receive: Receive) -> Answer:
            asked[:] = [scope]
            return await answer(scope, receive)

        def lenient(headers: Headers) -> bool:
            found = [
                value.decode("latin-1").strip()
                for name, value in headers
                if name == b"authorization"
            ]
            here = operation in ("", asked[0]["mock"]["operation"].id)
            return authenticate(headers) or (
                here and accepts(found[0] if found else None, mock.api_key)
            )

        put(mock, answer=remembering, authenticate=lenient)

    return install
