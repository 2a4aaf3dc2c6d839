"""The field of a map that is kept unit by unit, because its units repeat too late or never."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush

from ..record import Record
from .effort import Effort
from .extent import Extent, union
from .field import Extents, Field, Global, UnitRow, behind, unions_in
from .window import IDENTITY, Run, Window

MOST_UNITS = 100_000
VISIT = 10  # what going to a field takes, in extents

Span = tuple[int, int]


class UnitField:
    """Which pixels each unit reads, of a map of `size` real units.

    Units beyond the border are there as well, as far as others read them: what they would read is
    found through `sources`, the fields and windows of what the map is made of.
    """

    __slots__ = ("_first", "_known", "depth", "size", "sources", "whole")

    def __init__(self, sources: Sequence[tuple[Field | UnitField, Window]], size: int) -> None:
        self.sources = sources
        self.size = size
        self.depth: int = 1 + max([s.depth for s, _ in sources if isinstance(s, UnitField)] or [0])
        self.whole: tuple[int | None, Global] | None = None
        self._first = 0
        self._known: list[Extent | None] = []

    @property
    def extents(self) -> Extents:
        """The extents of the real units."""
        return self._known[-self._first :][: self.size]

    def at(self, unit: int) -> Extent | None:
        """The extent of a real unit, or of one beyond the border that some unit reads."""
        assert unit >= self._first
        return self._known[unit - self._first]

    def between(self, first: int, end: int) -> UnitRow:
        """The units [first, end)."""
        return UnitRow(first, self._known[first - self._first : end - self._first])

    def compute(self, effort: Effort) -> bool:
        """Find what the real units read; False, and nothing found, where the effort is spent."""
        plans = _plans(self, effort)
        for plan in reversed(plans or []):
            plan.field._add(plan, effort)
        return plans is not None

    def missing(self, first: int, end: int) -> list[Span]:
        """Which of the units [first, end) are not known, with those that would leave a gap."""
        if not self._known:
            return [(first, end)]
        known = self._first + len(self._known)
        return [span for span in ((first, self._first), (known, end)) if span[0] < span[1]]

    def _add(self, plan: _Plan, effort: Effort) -> None:
        widest = effort.widest(self.size)
        extents: list[Extent | None] = [None] * (plan.end - plan.first)
        for read in plan.reads:
            extents = [union(one, two, widest) for one, two in zip(extents, read.extents(widest))]
        effort.keep(extents)
        if plan.first < self._first or not self._known:
            self._known[:0] = extents
            self._first = plan.first
        else:
            self._known += extents


class _Read(Record):
    """What some units read of one source: a run each, all of them from unit `first` to `end`.

    `runs` is None where each reads its own place.
    """

    source: Field | UnitField
    runs: list[Run] | None
    first: int
    end: int

    @property
    def effort(self) -> int:
        """How many extents it takes."""
        if self.runs is None:
            return self.end - self.first
        source = self.source
        units = source.period if isinstance(source, Field) else self.end - self.first
        return unions_in(units, self.runs)

    def extents(self, widest: int) -> Sequence[Extent | None]:
        """What the units read of the source, which knows its part."""
        source, first, end = self.source, self.first, self.end
        units = source if isinstance(source, Field) else source.between(first, end)
        if self.runs is None:
            return [units.at(unit) for unit in range(first, end)]
        return behind(units, self.runs, widest)


class _Plan(Record):
    """Units of a field to be found, from `first` to `end`, and how they read each source."""

    field: UnitField
    first: int
    end: int
    reads: list[_Read]


def _plans(top: UnitField, effort: Effort) -> list[_Plan] | None:
    """What has to be found for the real units of a field, from it down; None if that is too much.

    What a field reads is less deep: each is met when all that read it have said what they need.
    """
    wanted = {top: (0, top.size)}
    waiting = [(-top.depth, 0, top)]
    plans = []
    while waiting:
        field = heappop(waiting)[2]
        for first, end in field.missing(*wanted[field]):
            if not effort.take(VISIT + end - first):
                return None
            reads = [_read(source, window, first, end) for source, window in field.sources]
            plans.append(_Plan(field, first, end, reads))
            for read in reads:
                source = read.source
                if not effort.take(read.effort):
                    return None
                if isinstance(source, UnitField):
                    if source not in wanted:
                        heappush(waiting, (-source.depth, len(wanted), source))
                    least, most = wanted.get(source, (read.first, read.end))
                    wanted[source] = min(least, read.first), max(most, read.end)
    return plans


def _read(source: Field | UnitField, window: Window, first: int, end: int) -> _Read:
    """How the units from `first` to `end` read a source through a window."""
    if window is IDENTITY:
        return _Read(source, None, first, end)
    runs = [window.read(unit) for unit in range(first, end)]
    reading = [run for run in runs if run[2]]
    least = min((start for start, _, _ in reading), default=0)
    most = max((start + step * (count - 1) + 1 for start, step, count in reading), default=0)
    return _Read(source, runs, least, most)
