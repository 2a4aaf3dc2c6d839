"""Where the parts of a network stand in its graph: ranks from the input down, columns, lanes.

Ranks are longest paths. Chains of parts share a column; what is read further down than the next
rank runs in the column below the last part of its chain, or in a lane beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import count

from ...record import Record

Edge = tuple[int, int]


class Layout(Record):
    """Per node its rank and column, and the lane beside its column that its far readers share.

    A lane is None where none is needed. Columns are counted from the first node's, to the left in
    negative numbers.
    """

    ranks: list[int]
    columns: list[int]
    lanes: list[int | None]


class _Column:
    """The ranks that are taken in a column, or in a lane."""

    def __init__(self) -> None:
        self.taken: list[tuple[int, int]] = []

    def take(self, first: int, last: int) -> bool:
        """Take the ranks from first to last, if all of them are free."""
        if any(first <= end and start <= last for start, end in self.taken):
            return False
        self.taken.append((first, last))
        return True


def layout(nodes: int, edges: Iterable[Edge]) -> Layout:
    """The layout of nodes in an order in which edges lead on; those that lead back do not count.

    >>> layout(4, [(0, 1), (1, 2), (0, 3), (2, 3)])  # a block with a shortcut
    Layout(ranks=[0, 1, 2, 3], columns=[0, 0, 0, 0], lanes=[0, None, None, None])
    """
    readers: list[list[int]] = [[] for _ in range(nodes)]
    sources: list[list[int]] = [[] for _ in range(nodes)]
    for source, reader in edges:
        if source < reader:
            readers[source].append(reader)
            sources[reader].append(source)
    ranks = [0] * nodes
    for node in range(nodes):
        ranks[node] = max([ranks[source] + 1 for source in sources[node]], default=0)
    nexts = _next_in_chain(ranks, sources, readers)
    columns = _columns(ranks, sources, readers, nexts)
    return Layout(ranks, columns, _lanes(ranks, readers, nexts, columns))


def _next_in_chain(
    ranks: Sequence[int], sources: Sequence[list[int]], readers: Sequence[list[int]]
) -> list[int | None]:
    """Per node the reader that goes on its chain: the one with the longest way to the end."""
    heights = [0] * len(ranks)
    for node in reversed(range(len(ranks))):
        heights[node] = max([heights[reader] + 1 for reader in readers[node]], default=0)
    nexts: list[int | None] = []
    for node, read_by in enumerate(readers):
        furthest = max(read_by, key=heights.__getitem__, default=None)
        if furthest is not None and max(sources[furthest], key=ranks.__getitem__) != node:
            furthest = None
        nexts.append(furthest)
    return nexts


def _columns(
    ranks: Sequence[int],
    sources: Sequence[list[int]],
    readers: Sequence[list[int]],
    nexts: Sequence[int | None],
) -> list[int]:
    columns: dict[int, int] = {}
    grid: dict[int, _Column] = {}
    for node in range(len(ranks)):
        if node in columns:
            continue
        chain = [node]
        while (following := nexts[chain[-1]]) is not None:
            chain.append(following)
        last = chain[-1]
        end = max([ranks[last], *(ranks[reader] - 1 for reader in readers[last])])
        near = columns[sources[node][-1]] if sources[node] else 0
        for column in _outwards(near):
            if grid.setdefault(column, _Column()).take(ranks[node], end):
                break
        columns.update(dict.fromkeys(chain, column))
    return [columns[node] for node in range(len(ranks))]


def _outwards(middle: int) -> Iterator[int]:
    """The middle, then one to the right, one to the left, and so on."""
    yield middle
    for distance in count(1):
        yield middle + distance
        yield middle - distance


def _lanes(
    ranks: Sequence[int],
    readers: Sequence[list[int]],
    nexts: Sequence[int | None],
    columns: Sequence[int],
) -> list[int | None]:
    """A lane for every node that is read further down than its chain goes on next."""
    beside: dict[tuple[int, int], _Column] = {}
    lanes: list[int | None] = []
    for node, read_by in enumerate(readers):
        end = max([ranks[reader] - 1 for reader in read_by], default=0)
        lanes.append(None)
        if nexts[node] is None or end <= ranks[node]:
            continue
        for lane in count():
            if beside.setdefault((columns[node], lane), _Column()).take(ranks[node] + 1, end):
                lanes[node] = lane
                break
    return lanes
