"""From every layer's unit back to the pixels of one axis, layer by layer."""

from __future__ import annotations

from collections.abc import Iterator

from ...analysis.trace import Trace
from .distribution import EMPTY, POINT, Distribution, Portion, Sum
from .points import Point, PointReads, Read

MOST_READS = 1_000_000
MOST_BYTES = 1 << 27
Known = dict[Point, Distribution | None]


class Propagation:
    """The distributions of units on one axis: of shares, or of counts with the axes beside it.

    `reasons` says by layers' indices why there is none; it grows by layers that take too much.
    """

    def __init__(self, trace: Trace, axis: int, reasons: list[str], shares: bool) -> None:
        self.trace = trace
        self.reasons = reasons
        self.shares = shares
        self.points = PointReads(trace, axis, shares)
        self.reads: list[dict[Point, list[Read]]] = [{} for _ in trace.fields]
        self.reads_left = MOST_READS
        self.bytes_left = MOST_BYTES

    def distributions(self, asked: list[int]) -> Iterator[tuple[int, Distribution]]:
        """The layers asked for that have one, by their indices, in order."""
        own = {index: self.points.own(index) for index in asked if not self.reasons[index]}
        own = {index: point for index, point in own.items() if self._require(index, point)}
        last_use = self._last_uses()
        known: list[Known] = [{} for _ in self.reads]
        network = self.trace.network
        for index in range(1 - len(network.inputs), len(network.nodes) + 1):
            for point, reads in self.reads[index].items():
                known[index][point] = self._distribution(index, reads, known)
            if index in own:
                found = known[index][own[index]]
                if found is None:
                    self.reasons[index] = f"it takes over {MOST_BYTES >> 20} MiB to compute"
                else:
                    yield index, found
            for source in self.trace.node(index).sources if index > 0 else ():
                if last_use[source] == index:
                    known[source].clear()

    def _last_uses(self) -> list[int]:
        """Per layer, the last one that reads it."""
        last = [0] * len(self.reads)
        for node in self.trace.network.nodes:
            for source in node.sources:
                last[source] = node.index
        return last

    def _require(self, index: int, own: Point) -> bool:
        """Find what a layer's point reads of all layers before; False where that is too much."""
        waiting, added = [(index, own)], []
        while waiting:
            layer, point = waiting.pop()
            if point in self.reads[layer]:
                continue
            reads = [] if layer == self.trace.origin else self.points.reads(layer, point)
            self.reads[layer][point] = reads
            added.append((layer, point))
            self.reads_left -= 1 + len(reads)
            if self.reads_left < 0:
                self.reasons[index] = f"it takes over {MOST_READS:,} sums of units to compute"
                for place, unneeded in added:
                    self.reads_left += 1 + len(self.reads[place].pop(unneeded))
                return False
            waiting += [(read.source, read.point) for read in reads]
        return True

    def _distribution(
        self, index: int, reads: list[Read], known: list[Known]
    ) -> Distribution | None:
        """What a point's reads add up to, empty ones left out; None where that takes too much."""
        if index == self.trace.origin:
            return POINT
        parts = []
        for read in reads:
            before = known[read.source][read.point]
            if before is None:
                return None
            if before.pixels:
                parts.append(Portion(before, *read.copies))
        if not parts:
            return EMPTY
        if len(parts) == 1 and parts[0].is_whole(self.shares):
            return parts[0].distribution
        found = Sum(parts, self.shares)
        if found.size > self.bytes_left:
            return None
        self.bytes_left -= found.size
        return found.distribution()
