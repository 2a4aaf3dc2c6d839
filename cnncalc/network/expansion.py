"""How large a definition gets: counted before anything is expanded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..definition.definition import Block, Entry
from ..layers.attributes import is_whole

DEEPEST_BLOCKS = 50


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
