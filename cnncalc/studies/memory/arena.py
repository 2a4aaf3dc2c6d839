"""Offsets for all blocks of memory in one, as runtimes without an allocator plan them."""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence

from ...arithmetic import Number
from ...record import Record
from .liveness import Lifetime

MOST_STORAGES = 5_000


class Placed(Record):
    """A block in the arena: its `tensor`, its place in bytes and the steps that it is live in."""

    tensor: str
    offset: int
    size: int
    first: int
    last: int


def offsets(lifetimes: Sequence[Lifetime]) -> list[int] | None:
    """An offset for each block, so that none overlap that are live at once; None if unknown.

    Greedily by size, each in the smallest gap that it fits into: Pisarchyk & Lee 2020,
    arXiv:2001.03288, algorithm 3. More blocks than 5,000 are not planned.

    >>> offsets([Lifetime(0, 4, 0, 1), Lifetime(1, 8, 1, 2), Lifetime(2, 4, 2, 3)])
    [8, 0, 8]
    """
    if len(lifetimes) > MOST_STORAGES or any(each.size is None for each in lifetimes):
        return None
    sizes: list[int] = [each.size or 0 for each in lifetimes]
    placed: list[tuple[int, int, int, int]] = []  # offset, end, first, last; in this order
    found: dict[int, int] = {}
    for place in sorted(range(len(lifetimes)), key=lambda place: -sizes[place]):
        first, last = lifetimes[place].first, lifetimes[place].last
        found[place] = offset = _gap(placed, sizes[place], first, last)
        insort(placed, (offset, offset + sizes[place], first, last))
    return [found[place] for place in range(len(lifetimes))]


def _gap(placed: list[tuple[int, int, int, int]], size: int, first: int, last: int) -> int:
    """The start of the smallest gap of at least a size between the blocks that are live at some
    of the steps, behind them if none is.
    """
    top, best, smallest = 0, None, None
    for offset, end, begins, ends in placed:
        if begins > last or ends < first:
            continue
        if offset > top:
            gap = offset - top
            if gap >= size and (smallest is None or gap < smallest):
                best, smallest = top, gap
        if end > top:
            top = end
    return top if best is None else best


def arena_size(plan: Sequence[Placed]) -> Number:
    """Bytes of the arena that holds a plan's blocks."""
    return max((each.offset + each.size for each in plan), default=0)
