"""What must be right in a definition's layers and blocks that its network does not use."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from ..arithmetic import AXES
from ..definition.definition import Block, Definition, Entry, File
from ..errors import NetworkError
from ..layers import KINDS, kind
from ..layers.attributes import Attribute, Wrong
from ..wording import quote
from .kinds import unknown_attribute, unknown_type
from .scope import repeat_refusal


def check_unused(definition: Definition, used: Container[int]) -> None:
    """Refuse what is wrong in layers that were not made, of which `used` lacks the identity.

    They are in blocks that no layer uses, repeated 0 times or left out by `when`. Blocks that use
    themselves are refused too.
    """
    blocks = definition.blocks
    for entry in definition.layers:
        if id(entry) not in used:
            _check_entry(entry, definition.file, None, blocks)
    for block in blocks.values():
        for entry in block.layers:
            if id(entry) not in used:
                _check_entry(entry, block.file, block, blocks)
    done: set[str] = set()
    for name in blocks:
        _check_circles(name, blocks, done)


def _check_entry(entry: Entry, file: File, block: Block | None, blocks: dict[str, Block]) -> None:
    def refuse(message: str, line: int | None) -> NetworkError:
        if block is not None:
            message = f"{message} (in block {quote(block.name)})"
        return NetworkError(message, path=file.path, line=line)

    type_name = str(entry.type.value)
    if type_name.startswith("$") or type_name in blocks:
        return
    if type_name not in KINDS:
        raise refuse(unknown_type(type_name, blocks), entry.type.line)
    known = kind(type_name).attributes
    for key, (value, line) in entry.attributes.items():
        if key not in known:
            raise refuse(unknown_attribute(type_name, key, list(known)), line)
        if wrong := _wrong_value(known[key], value):
            raise refuse(str(wrong), line)
    count, line = entry.repeat or (1, None)
    if not _is_open(count) and (message := repeat_refusal(count)):
        raise refuse(message, line)


def _is_open(value: Any) -> bool:
    """Whether an expression decides a value."""
    if isinstance(value, list):
        return any(map(_is_open, value))
    return isinstance(value, str) and value.startswith("$")


def _wrong_value(declared: Attribute[Any], value: Any) -> Wrong | None:
    """Why an attribute cannot have a value, on whatever axes; None where it can."""
    wrong = None
    if (value is None and declared.default is None) or _is_open(value):
        return None
    for axes in AXES:
        try:
            declared.value(value, axes)
        except Wrong as refusal:
            wrong = refusal
        else:
            return None
    return wrong


def _check_circles(start: str, blocks: dict[str, Block], done: set[str]) -> None:
    """Walk depth first from a block through those that it uses, without recursion."""
    path: list[str] = []
    onward = [iter([start])]
    while onward:
        name = next(onward[-1], None)
        if name is None:
            onward.pop()
            done.update(path[-1:])
            del path[-1:]
        elif name in path:
            circle = " → ".join([*path[path.index(name) :], name])
            block, message = blocks[name], f"block {quote(name)} uses itself: {circle}"
            raise NetworkError(message, path=block.file.path, line=block.line)
        elif name not in done:
            path.append(name)
            used = dict.fromkeys(str(entry.type.value) for entry in blocks[name].layers)
            onward.append(iter([one for one in used if one in blocks]))
