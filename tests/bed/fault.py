"""What a fault is, and the small vocabulary in which the tables of faults are written."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from .server import Call, Crash, Hook, Record, Refusal, Response, Server

Install = Callable[[Server], None]
When = Callable[[Call], bool]
Right = Callable[[Call], Any]  # what an operation does when nothing is broken
PhoneNumber = dict[str, Any]
ONE = ("purchase", "create", "get", "update", "delete")  # answer with one phone number
NUMBERS = (*ONE, "list")


@dataclass(frozen=True)
class Fault:
    """One way of breaking the contract.

    `assumed`: the vendor does not document it, but every team would expect otherwise. `grey`: reported, not counted.
    """

    id: str
    kind: str
    text: str
    install: Install
    assumed: bool = False
    grey: bool = False
    variant: str = "plain"


def always(call: Call) -> bool:
    """Every time."""
    del call
    return True


def every(count: int) -> When:
    """Every count-th call of the operation."""
    return lambda call: call.nth % count == 0


def shown(call: Call) -> Iterator[PhoneNumber]:
    """The phone numbers in a success."""
    if call.ok and call.op in NUMBERS and call.response.body:
        yield from call.response.body["data"] if call.op == "list" else [call.response.body]


def answer(change: Hook, *ops: str, when: When = always) -> Install:
    """Change the successes of some operations (all if none is named)."""

    def hook(call: Call) -> None:
        if call.ok and (not ops or call.op in ops) and when(call):
            change(call)

    return lambda server: server.after.append(hook)


def each(
    change: Callable[[PhoneNumber], object],
    *ops: str,
    when: When = always,
    only: Callable[[PhoneNumber], bool] = bool,
) -> Install:
    """Change each phone number that some operations show."""

    def hook(call: Call) -> None:
        if call.ok and (not ops or call.op in ops) and when(call):
            for number in shown(call):
                if only(number):
                    change(number)

    return lambda server: server.after.append(hook)


def body(make: Callable[[Any], Any], *ops: str, when: When = always) -> Install:
    """Put another body in place of the right one."""

    def change(call: Call) -> None:
        call.response.body = make(call.response.body)

    return answer(change, *ops, when=when)


def wire(*ops: str, when: When = always, **fields: Any) -> Install:
    """Set fields of the response to a success."""

    def change(call: Call) -> None:
        for name, value in fields.items():
            setattr(call.response, name, value)

    return answer(change, *ops, when=when)


def refuse(when: When, *ops: str) -> Install:
    """Refuse what is valid."""
    return _before(when, ops, Refusal("invalid"))


def crash(when: When, *ops: str) -> Install:
    """Fail inside on some input."""
    return _before(when, ops, Crash())


def _before(when: When, ops: tuple[str, ...], error: Exception) -> Install:
    def hook(call: Call) -> None:
        if (not ops or call.op in ops) and when(call):
            raise error

    return lambda server: server.before.append(hook)


def do(op: str, instead: Callable[[Call, Right], Any]) -> Install:
    """Replace what an operation does; the right way is handed in."""

    def install(server: Server) -> None:
        right = server.do[op]
        server.do[op] = lambda call: instead(call, right)

    return install


def then(effect: Hook, *ops: str, when: When = always) -> Install:
    """Do something more once some operations have succeeded; their answers stay right."""
    return answer(effect, *ops, when=when)


def refused(change: Hook, *ops: str, when: When = always) -> Install:
    """Change a refusal (400 or 422)."""

    def hook(call: Call) -> None:
        if call.response.status in (400, 422) and (not ops or call.op in ops) and when(call):
            change(call)

    return lambda server: server.after.append(hook)


def status(code: int) -> Hook:
    """Answer with another status, as is."""

    def change(call: Call) -> None:
        call.response.status = code

    return change


def both(*installs: Install) -> Install:
    """Several hooks that are one fault."""

    def install(server: Server) -> None:
        for one in installs:
            one(server)

    return install


def records(call: Call) -> list[Record]:
    """The account as it is."""
    return list(call.server.records.values())


def texts(value: Any) -> Iterator[str]:
    """Every string in a JSON value, names of properties too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


def any_text(test: Callable[[str], bool]) -> When:
    """Some string in the request's body, id or query passes the test."""
    return lambda call: any(
        test(text) for text in (*texts(call.body), call.id, *texts(list(call.query.values())))
    )


__all__ = ["Call", "Crash", "Hook", "Record", "Refusal", "Response", "Server"]
