"""What callers have written of the generated client that another version takes away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from vogent_contract.changes.client import PACKAGE, Call, Classes, Client, Model
from vogent_contract.changes.comparison import Change
from vogent_contract.changes.effects import OTHER

_READ_FROM_TEXT = frozenset(["datetime.datetime", "datetime.date", "UUID", "File"])

_Renamed = Mapping[str, str | None]  # the classes that are gone, and which took the place of each


def lost_names(old: Client, new: Client) -> list[Change]:
    """Each import, argument, attribute and enum member that works no more, told once."""
    renamed = {name: _successor(name, old, new) for name in old.models if name not in new.models}
    return [
        *_lost_models(old, new, renamed),
        *_lost_packages(old, new),
        *_lost_calls(old, new, renamed),
    ]


def _lost_models(old: Client, new: Client, renamed: _Renamed) -> Iterator[Change]:
    for name, model in old.models.items():
        if name in new.models:
            yield from _lost_members(name, model, new.models[name])
            yield from _lost_attributes(name, model, new.models[name], renamed)
        else:
            successor = renamed[name]
            now = f"from {PACKAGE}.models import {successor}" if successor else None
            yield _lost(f"from {PACKAGE}.models import {name}", now, model.pointer)


def _lost_members(name: str, old: Model, new: Model) -> Iterator[Change]:
    names = {value: member for member, value in new.members.items()}
    for member, value in old.members.items():
        if new.members.get(member) != value:
            now = f"{name}.{names[value]}" if value in names else None
            yield _lost(f"{name}.{member}", now, new.pointer)


def _lost_attributes(name: str, old: Model, new: Model, renamed: _Renamed) -> Iterator[Change]:
    for attribute, classes in old.attributes.items():
        if attribute not in new.attributes:
            yield _lost(f"{name}({attribute}=...)", None, new.pointer)
            continue
        was, now = _now(classes, renamed), new.attributes[attribute]
        replaced = bool(was - now and now - was)  # fewer or more alone is told of the answer
        if replaced or (now - was) & _READ_FROM_TEXT:
            yield _other_class(f"{name}.{attribute}:", classes, now, new.pointer)


def _lost_packages(old: Client, new: Client) -> Iterator[Change]:
    told = {call.package for call in new.calls.values()}
    for key, call in old.calls.items():
        if key in new.calls and call.package not in told:
            told.add(call.package)
            now = new.calls[key]
            api = f"from {PACKAGE}.api import"
            yield _lost(f"{api} {call.package}", f"{api} {now.package}", now.pointer)


def _lost_calls(old: Client, new: Client, renamed: _Renamed) -> Iterator[Change]:
    packages = {call.package for call in new.calls.values()}
    for key, call in old.calls.items():
        if key in new.calls:
            now = new.calls[key]
            moved = call.package != now.package and call.package in packages
            if moved or call.module != now.module:
                yield _lost(_import(call), _import(now), now.pointer, now.title)
            yield from _lost_arguments(call, now, renamed)
            returned = _now(call.returns, renamed)
            if now.returns - returned and (returned or now.returns & _READ_FROM_TEXT):
                what = f"{call.module}.sync() ->"
                yield _other_class(what, call.returns, now.returns, now.pointer, now.title)


def _lost_arguments(old: Call, new: Call, renamed: _Renamed) -> Iterator[Change]:
    call = f"{old.module}.sync"
    for before, after in zip(old.path_arguments, new.path_arguments, strict=False):
        if before != after:
            now = f"{call}({after}=...)"
            yield _lost(f"{call}({before}=...)", now, new.pointer, new.title)
    for argument, classes in old.arguments.items():
        if argument in new.arguments:
            taken = new.arguments[argument]
            if _now(classes, renamed) - taken:
                what = f"{call}({argument}=...) takes"
                yield _other_class(what, classes, taken, new.pointer, new.title)
        elif argument not in old.path_arguments:
            yield _lost(f"{call}({argument}=...)", None, new.pointer, new.title)


def _successor(name: str, old: Client, new: Client) -> str | None:
    """The one new class with the same attributes and members, None if there is none."""
    model = old.models[name]
    alike = []
    for other_name, other in new.models.items():
        same = model.attributes.keys() == other.attributes.keys() and model.members == other.members
        if same and other_name not in old.models:
            alike.append(other_name)
    return alike[0] if len(alike) == 1 else None


def _now(classes: Classes, renamed: _Renamed) -> Classes:
    """The classes under the names that they have now, without those that are gone."""
    kept = {renamed.get(one, one) for one in classes}
    return frozenset(name for name in kept if name)


def _lost(old: str, new: str | None, pointer: str, title: str = "") -> Change:
    return Change(title, (), "name", old, new, OTHER, pointer)


def _other_class(what: str, old: Classes, new: Classes, pointer: str, title: str = "") -> Change:
    was, now = (" | ".join(sorted(classes)) or "plain JSON" for classes in (old, new))
    return Change(title, (), "class", f"{what} {was}", f"{what} {now}", OTHER, pointer)


def _import(call: Call) -> str:
    return f"from {PACKAGE}.api.{call.package} import {call.module}"
