"""Names of classes: after the blocks of a definition, or after what they stand for."""

from __future__ import annotations

import keyword
from collections.abc import Callable

from ...definition.definition import Block, Definition, Entry

LIBRARY = ("Scale", "RegionPool", "RegionAlign", "OrderedDict", "F")


def camel(text: str) -> str:
    """`cn_block` as CnBlock.

    >>> camel("cn_block"), camel("squeezenet1_1"), camel("3x3-net")
    ('CnBlock', 'Squeezenet1_1', 'Net3x3Net')
    """
    clean = "".join(sign if sign.isalnum() and sign.isascii() else " " for sign in text)
    name = ""
    for word in clean.split():
        between = "_" if name[-1:].isdigit() and word[0].isdigit() else ""
        name += between + word[0].upper() + word[1:]
    return f"Net{name}" if not name or name[0].isdigit() else name


def identifier(text: str, kind: str) -> str:
    """A text as a name that Python takes; `kind` goes before a digit.

    >>> identifier("3x3/s2", "conv"), identifier("pool-1", "pool"), identifier("class", "conv")
    ('conv_3x3_s2', 'pool_1', 'class_')
    """
    name = "".join(sign if sign.isascii() and sign.isalnum() else "_" for sign in text) or kind
    if name[0].isdigit():
        name = f"{kind}_{name}"
    return f"{name}_" if keyword.iskeyword(name) else name


def class_names(blocks: dict[str, str]) -> Callable[[str], str]:
    """Gives every prefix a class name of its own, that of its block if it is one."""
    taken = set(LIBRARY)

    def name(prefix: str) -> str:
        words = [word for word in prefix.split(".") if not word.isdecimal()]
        wanted = camel(blocks.get(prefix) or (words[-1] if words else "block"))
        found, number = wanted, 1
        while found in taken:
            number += 1
            found = f"{wanted}_{number}" if wanted[-1].isdigit() else f"{wanted}{number}"
        taken.add(found)
        return found

    return name


def blocks_by_prefix(definition: Definition, prefixes: list[str]) -> dict[str, str]:
    """The block that each prefix of layers' names is a use of, where it is one."""
    found = {}
    for prefix in prefixes:
        block = _block_at(definition.layers, definition.blocks, prefix)
        if block is not None:
            found[prefix] = block
    return found


def _block_at(entries: tuple[Entry, ...], blocks: dict[str, Block], path: str) -> str | None:
    """The block whose use a dotted path leads to."""
    unnamed: dict[str, int] = {}
    for entry in entries:
        type_name = str(entry.type.value)
        if entry.name is None:
            unnamed[type_name] = unnamed.get(type_name, 0) + 1
            name = f"{type_name}{unnamed[type_name]}"
        else:
            name = str(entry.name.value)
        if type_name not in blocks or not f"{path}.".startswith(f"{name}."):
            continue
        rest = path[len(name) + 1 :]
        if entry.repeat is not None:
            if not rest:
                return None
            rest = rest.partition(".")[2]
        return _block_at(blocks[type_name].layers, blocks, rest) if rest else type_name
    return None
