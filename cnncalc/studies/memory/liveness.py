"""Which blocks of memory are live while each layer runs, and how many bytes they are."""

from __future__ import annotations

from collections.abc import Sequence

from ...arithmetic import Number, total
from ...record import Record
from .storages import Storages


class Lifetime(Record):
    """A block that is live from one step to another; step 0 is before the first layer."""

    key: int
    size: Number
    first: int
    last: int


class Run(Record):
    """Layers in an order: `live` bytes while each runs, and the blocks in the order they come.

    `homes` are by layers' indices the blocks that their outputs lie in. The first `inputs` blocks
    are the network's inputs'.
    """

    order: Sequence[int]
    live: list[Number]
    lifetimes: list[Lifetime]
    homes: list[int]
    inputs: int

    @property
    def input(self) -> Number:
        """Bytes of the network's inputs; None where a size is not known."""
        return total(each.size for each in self.lifetimes[: self.inputs])

    @property
    def peak(self) -> Number:
        """The most bytes that are live at once; None where a block's size is not known."""
        return _most([*self.live, self.input])

    @property
    def peak_input_held(self) -> Number:
        """The peak of one who keeps the inputs throughout."""
        inputs = self.lifetimes[: self.inputs]
        held = (
            total([live, *(each.size for each in inputs if each.last < step)])
            for step, live in enumerate(self.live, start=1)
        )
        return _most([*held, self.input])


def _most(amounts: list[Number]) -> Number:
    return None if None in amounts else max(amounts)  # type: ignore[type-var]


def run(storages: Storages, order: Sequence[int]) -> Run:
    """What is live when the layers run in an order.

    A block comes with the layer that makes it and goes after the last that reads it; a layer that
    may be in place takes over the block of its first input where it is its last reader.
    """
    return _Pass(storages, order).run()


class _Pass:
    """One pass; `total` are the bytes of the live blocks whose size is known."""

    def __init__(self, storages: Storages, order: Sequence[int]) -> None:
        self.storages, self.order = storages, order
        self.left = {key: len(readers) for key, readers in storages.readers.items()}
        self.blocks: dict[int, int] = {}  # of a live storage, the key of the block it lies in
        self.firsts, self.lasts = dict[int, int](), dict[int, int]()
        self.total, self.unknown = 0, 0
        for key in storages.inputs:
            self._make(key, 0)
        for key in storages.inputs:
            if not self.left[key]:
                self._free(key, 0)

    def run(self) -> Run:
        live: list[Number] = []
        homes = [*self.storages.homes]
        for step, index in enumerate(self.order, start=1):
            for key in self.storages.makes[index]:
                self._make(key, step)
            live.append(None if self.unknown else self.total)
            for key in self.storages.reads[index]:
                self.left[key] -= 1
                if not self.left[key]:
                    self._free(key, step)
            for key in self.storages.makes[index]:
                if not self.left[key]:
                    self._free(key, step)
            homes[index] = self.blocks.get(homes[index], homes[index])
        ends = {**dict.fromkeys(self.firsts, len(self.order)), **self.lasts}
        sizes = self.storages.sizes
        lifetimes = [
            Lifetime(key, sizes[key], first, ends[key]) for key, first in self.firsts.items()
        ]
        return Run(self.order, live, lifetimes, homes, len(self.storages.inputs))

    def _make(self, key: int, step: int) -> None:
        source = self._overwritten(key)
        if source is not None:
            self.blocks[key] = self.blocks.pop(source)
            return
        self.blocks[key] = key
        self.firsts[key] = step
        self._count(key, 1)

    def _overwritten(self, key: int) -> int | None:
        """The storage whose block a layer's output takes over."""
        source = self.storages.movable.get(key)
        if source is None:
            return None
        size, own = self.storages.sizes[source], self.storages.sizes[key]
        last = self.left[source] == 1 and source not in self.storages.outputs
        return source if last and size is not None and size == own else None

    def _free(self, key: int, step: int) -> None:
        """The end of a storage that nobody reads any more, unless its block was taken over."""
        if key in self.storages.outputs or key not in self.blocks:
            return
        block = self.blocks.pop(key)
        self.lasts[block] = step
        self._count(block, -1)

    def _count(self, key: int, sign: int) -> None:
        size = self.storages.sizes[key]
        if size is None:
            self.unknown += sign
        else:
            self.total += sign * size
