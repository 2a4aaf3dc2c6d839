"""Blocks as they stand in a definition, checked whether or not a layer uses them."""

from __future__ import annotations

from .definition import Block, Definition, Entry
from .errors import NetworkError, nearest, quote
from .layers import KINDS, kind
from .making import unknown_attribute


def check_blocks(definition: Definition) -> None:
    """Refuse types and keys that do not exist, and blocks that use themselves."""
    blocks = definition.blocks
    for block in blocks.values():
        for entry in block.layers:
            _check_entry(entry, block, blocks)
    done: set[str] = set()
    for name in blocks:
        _check_circles(name, blocks, done)


def _check_entry(entry: Entry, block: Block, blocks: dict[str, Block]) -> None:
    type_name = str(entry.type.value)
    if type_name.startswith("$") or type_name in blocks:
        return
    if type_name not in KINDS:
        close = nearest(type_name, [*KINDS, *blocks])
        hint = f"did you mean {quote(close[0])}?" if close else "see the layer types in the README"
        raise _refused(f"unknown type {quote(type_name)}; {hint}", block, entry.type.line)
    known = list(kind(type_name).attributes)
    for key, located in entry.attributes.items():
        if key not in known:
            raise _refused(unknown_attribute(type_name, key, known), block, located.line)


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
            raise _refused(f"block {quote(name)} uses itself: {circle}", blocks[name])
        elif name not in done:
            path.append(name)
            used = dict.fromkeys(str(entry.type.value) for entry in blocks[name].layers)
            onward.append(iter([one for one in used if one in blocks]))


def _refused(message: str, block: Block, line: int | None = None) -> NetworkError:
    told = f"{message} (in block {quote(block.name)})" if line is not None else message
    return NetworkError(told, path=block.file.path, line=line or block.line)
