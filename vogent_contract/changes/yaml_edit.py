"""Edits of a YAML text at JSON pointers that leave its comments and its layout as they are."""

from __future__ import annotations

import re
from typing import Any

import yaml

from vogent_contract.openapi.document import join, tokens

_AFTER_A_BLOCK = re.compile(r"(?:\n[ ]*(?:#[^\n]*)?)*\Z")  # its mark is where the next one begins


def put(text: str, pointer: str, value: Any) -> str:
    """The text with a value at a pointer, which is new or another; `-` is the end of a list.

    Raises:
        KeyError: What should hold the value is not there.
    """
    holder, key = _holder(text, pointer)
    for known, node in _entries(holder):
        if known == key:
            start, end = node.start_mark.index, _end(text, node)
            return text[:start] + _flow(value) + text[end:]
    is_list = isinstance(holder, yaml.SequenceNode)
    entry = _flow(value) if is_list else f"{_flow(key)}: {_flow(value)}"
    end = _end(text, holder)
    if holder.flow_style:
        inside = text[: end - 1].rstrip()
        comma = ", " if holder.value else " " if not is_list else ""
        return f"{inside}{comma}{entry}{'' if is_list else ' '}{text[end - 1 :]}"
    dash = "- " if is_list else ""
    return f"{text[:end]}\n{' ' * holder.start_mark.column}{dash}{entry}{text[end:]}"


def take(text: str, pointer: str) -> str:
    """The text without what is at a pointer; what is empty then goes as well.

    Raises:
        KeyError: It is not there.
    """
    holder, key = _holder(text, pointer)
    starts = [node.start_mark.index for node in _firsts(holder)]
    ends = [_end(text, node) for _, node in _entries(holder)]
    keys = [known for known, _ in _entries(holder)]
    if key not in keys:
        raise KeyError(pointer)
    place = keys.index(key)
    if len(keys) == 1:
        return take(text, join("#", *tokens(pointer)[:-1]))
    line = text.rfind("\n", 0, starts[place]) + 1
    stands_alone = isinstance(holder, yaml.SequenceNode) or not text[line : starts[place]].strip()
    if not holder.flow_style and stands_alone:
        return text[:line] + text[ends[place] :].partition("\n")[2]
    if place + 1 < len(keys):
        return text[: starts[place]] + text[starts[place + 1] :]
    return text[: ends[place - 1]] + text[ends[place] :]


def _holder(text: str, pointer: str) -> tuple[yaml.CollectionNode, str]:
    """The mapping or the list that the last token of a pointer is a key of, and the token."""
    *way, last = tokens(pointer)
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    for token in way:
        node = dict(_entries(node))[token] if node else None
    if not isinstance(node, yaml.CollectionNode):
        raise KeyError(pointer)
    return node, last


def _entries(node: yaml.Node) -> list[tuple[str, yaml.Node]]:
    """Key and value of each entry, the key of a list's being its number."""
    if isinstance(node, yaml.MappingNode):
        return [(key.value, value) for key, value in node.value]
    if isinstance(node, yaml.SequenceNode):
        return [(str(number), value) for number, value in enumerate(node.value)]
    return []


def _firsts(node: yaml.CollectionNode) -> list[yaml.Node]:
    """What each entry begins with."""
    if isinstance(node, yaml.MappingNode):
        return [key for key, _ in node.value]
    return list(node.value)


def _end(text: str, node: yaml.Node) -> int:
    """Where a node's text ends, without the empty lines and comments before the next one."""
    start, end = node.start_mark.index, node.end_mark.index
    if isinstance(node, yaml.CollectionNode) and node.flow_style:
        return end
    return start + len(_AFTER_A_BLOCK.sub("", text[start:end], count=1))


def _flow(value: Any) -> str:
    """A value on one line."""
    line = yaml.safe_dump(
        value, default_flow_style=True, sort_keys=False, width=float("inf"), allow_unicode=True
    )
    line = line.removesuffix("\n").removesuffix("\n...")
    return re.sub(r"^\{(.+)\}$", r"{ \1 }", line)
