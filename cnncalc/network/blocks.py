"""Blocks: what a use gives them, and what must be right whether or not a layer uses them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..definition.definition import INPUT, Block, Definition, Entry, File, Located
from ..errors import DefinitionError
from ..layers import KINDS, kind
from ..wording import did_you_mean, is_whole, name_list, quote
from .kinds import unknown_attribute, unknown_type
from .scope import Use

DEEPEST_BLOCKS = 50


def title(block: Block) -> str:
    """A block as messages call it: its name and place."""
    return f"block {quote(block.name)} ({block.file.path}:{block.line})"


def block_inputs(use: Use, block: Block) -> dict[str, int]:
    """The layers that a use gives, by the names that they have inside the block."""
    names = [located.value for located in block.inputs] or [INPUT]
    if len(use.sources) != len(names):
        rule = f"{title(block)} reads {len(names)} ({name_list(names)})"
        raise use.refuse(f"{rule}, but from names {len(use.sources)}", use.sources_line)
    return {INPUT: use.sources[0], **dict(zip(names, use.sources))}


def block_arguments(use: Use, block: Block) -> dict[str, Any]:
    """The arguments that a use gives, checked against those that the block declares."""
    values: dict[str, Any] = {}
    for key, (value, line) in use.entry.attributes.items():
        if key not in block.args:
            hint = did_you_mean(key, block.args, f"it takes {name_list(block.args) or 'none'}")
            message = f"{title(block)} has no argument {quote(key)}; {hint}"
            raise use.refuse(message, line)
        values[key] = use.resolve(value, line)
    for key, (default, _) in block.args.items():
        if values.get(key, default) is None:
            line = use.entry.attributes[key].line if key in values else use.entry.line
            raise use.refuse(f"{title(block)} needs {quote(key)}", line)
    return values


def check_files(definition: Definition) -> None:
    """Check names of blocks and defaults, also of those that no layer uses."""
    files = {id(definition.file): definition.file}
    for block in definition.blocks.values():
        files[id(block.file)] = block.file
        if block.name in KINDS:
            message = f"block {quote(block.name)} has the name of a layer type; rename it"
            raise DefinitionError(message, path=block.file.path, line=block.line)
    for file in files.values():
        for type_name, values in file.defaults.items():
            _check_defaults(file, type_name, values, definition.blocks)


def _check_defaults(
    file: File, type_name: str, values: dict[str, Located], blocks: dict[str, Block]
) -> None:
    if type_name in blocks:
        message = f"defaults are for layer types; block {quote(type_name)} has its own in args"
        raise DefinitionError(message, path=file.path, line=values[""].line)
    if type_name not in KINDS:
        message = f"defaults for {unknown_type(type_name, blocks)}"
        raise DefinitionError(message, path=file.path, line=values[""].line)
    known = kind(type_name).attributes
    for key, located in values.items():
        if key and key not in known:
            message = f"defaults for {unknown_attribute(type_name, key, list(known))}"
            raise DefinitionError(message, path=file.path, line=located.line)


class Least:
    """Counts what entries surely expand to; what arguments decide counts as nothing."""

    def __init__(self, blocks: Mapping[str, Block]) -> None:
        self.blocks = blocks
        self.known: dict[str, tuple[int, int]] = {}

    def of(self, entries: Iterable[Entry], depth: int = 0) -> tuple[int, int]:
        """Layers and uses of blocks, at the least."""
        layers = uses = 0
        for entry in entries:
            more, using = self._of_one(entry, depth)
            layers, uses = layers + more, uses + using
        return layers, uses

    def _of_one(self, entry: Entry, depth: int) -> tuple[int, int]:
        type_name = str(entry.type.value)
        copies = 1 if entry.repeat is None else entry.repeat.value
        if entry.when is not None or type_name.startswith("$") or not is_whole(copies):
            return 0, 0
        copies = max(copies, 0)
        if type_name not in self.blocks:
            return copies, 0
        layers, uses = self._of_block(type_name, depth)
        return copies * layers, copies * (uses + 1)

    def _of_block(self, name: str, depth: int) -> tuple[int, int]:
        if name not in self.known:
            # A block that uses itself counts as nothing here; its expansion is refused.
            self.known[name] = 0, 0
            if depth < DEEPEST_BLOCKS:
                self.known[name] = self.of(self.blocks[name].layers, depth + 1)
        return self.known[name]
