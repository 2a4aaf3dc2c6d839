"""The field of a map that is kept unit by unit, because its units repeat too late or never."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush
from typing import NamedTuple

from .effort import Effort
from .extent import Extent, union
from .field import Extents, Field, Global, UnitRow, behind, unions_in
from .window import Run, Window

MOST_UNITS = 100_000

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
        columns = [
            behind(_units(source, span), runs, widest)
            for (source, _), runs, span in zip(self.sources, plan.runs, plan.spans)
        ]
        extents = columns[0]
        for column in columns[1:]:
            extents = [union(one, two, widest) for one, two in zip(extents, column)]
        effort.keep(extents)
        if plan.first < self._first or not self._known:
            self._known[:0] = extents
            self._first = plan.first
        else:
            self._known += extents


class _Plan(NamedTuple):
    """Units of a field to be found, from unit `first` on: per source its runs and their span."""

    field: UnitField
    first: int
    runs: list[list[Run]]
    spans: list[Span]


def _units(source: Field | UnitField, span: Span) -> Field | UnitRow:
    return source if isinstance(source, Field) else source.between(*span)


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
            if not effort.take(end - first):
                return None
            runs = [[w.read(unit) for unit in range(first, end)] for _, w in field.sources]
            spans = list(map(_span, runs))
            plans.append(_Plan(field, first, runs, spans))
            for (source, _), each, span in zip(field.sources, runs, spans):
                units = source.period if isinstance(source, Field) else span[1] - span[0]
                if not effort.take(unions_in(units, each)):
                    return None
                if isinstance(source, UnitField):
                    if source not in wanted:
                        heappush(waiting, (-source.depth, len(wanted), source))
                    wanted[source] = _hull(span, wanted.get(source, span))
    return plans


def _span(runs: Sequence[Run]) -> Span:
    """From the first to past the last unit that any run has."""
    reading = [run for run in runs if run[2]]
    firsts = [first for first, _, _ in reading]
    ends = [first + step * (count - 1) + 1 for first, step, count in reading]
    return min(firsts, default=0), max(ends, default=0)


def _hull(one: Span, other: Span) -> Span:
    return min(one[0], other[0]), max(one[1], other[1])
