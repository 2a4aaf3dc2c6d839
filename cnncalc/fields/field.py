"""The field of view of one axis: which pixels the units of a map read.

Pixels are those of the origin (the network's input, or the layer asked for), borders ignored: every
map goes on past them, so that units beyond, which padding stands for, read pixels too.

Six kinds of value stand for a map's field: None (it does not depend on the origin), a `Field`
(periodic), a `UnitField` (kept unit by unit), a `Global` (its units read whole maps), an `OffAxis`
(they do not lie along the axis), an
`UnknownField`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ..arithmetic import Exact
from ..record import Record
from .extent import Extent, bounded_extent, move, spread, union
from .window import Run

Extents = Sequence[Extent | None]


class Units:
    """Units of a map with an extent each: one period of them, or some in a row."""

    __slots__ = ("extents",)

    extents: Extents | None

    def at(self, unit: int) -> Extent | None:
        """The extent of a unit."""
        raise NotImplementedError

    def join(self, other: Units, ahead: int, widest: int) -> Units:
        """Each unit's extent, joined with that of the unit `ahead` of it in `other`."""
        raise NotImplementedError

    def run(self, step: int, count: int, widest: int) -> Units:
        """What `count` units, `step` apart, read together, by where the first of them stands.

        Doubling: the run of 2j units is that of j units joined with its neighbour j·step further.
        """
        power, size = self, 1
        run, length = None, 0
        while True:
            if count & size:
                run = power if run is None else run.join(power, length * step, widest)
                length += size
            if run is not None and length == count:
                return run
            power = power.join(power, size * step, widest)
            size *= 2


class Field(Units):
    """Which pixels every unit reads: unit u + period what unit u reads, moved by `shift` pixels.

    `extents` has one per phase; it is None where only the stride is known.

    `anchor` is set where the first unit's place is unknown (`same` on a map of unknown size):
    extents then count from an unknown pixel, the same one in all fields of an equal anchor.
    `corners` is set behind a resizing with aligned corners: the stride comes from sizes there.
    `whole` is what a map of so many units reads together, where that was asked for.
    """

    __slots__ = ("anchor", "corners", "period", "shift", "whole")

    def __init__(
        self,
        period: int,
        shift: int,
        extents: Extents | None,
        anchor: tuple[object, ...] | None = None,
        corners: bool = False,
    ) -> None:
        self.period = period
        self.shift = shift
        self.extents = extents
        self.anchor = anchor
        self.corners = corners
        self.whole: tuple[int | None, Global] | None = None

    def at(self, unit: int) -> Extent | None:
        """The extent of any unit, also of one beyond the border."""
        assert self.extents is not None
        periods, phase = divmod(unit, self.period)
        return move(self.extents[phase], periods * self.shift)

    def join(self, other: Units, ahead: int, widest: int) -> Field:
        """Each unit's extent, joined with that of the unit `ahead` of it in `other`."""
        assert self.extents is not None
        extents = [
            union(extent, other.at(unit + ahead), widest)
            for unit, extent in enumerate(self.extents)
        ]
        return Field(self.period, self.shift, extents)

    def run(self, step: int, count: int, widest: int) -> Units:
        """What `count` units, `step` apart, read together, by where the first of them stands."""
        if self.period > 1:
            return super().run(step, count, widest)
        assert self.extents is not None
        extent = spread(self.extents[0], step * self.shift, count, widest)
        return Field(1, self.shift, (extent,))


class UnitRow(Units):
    """Units one after the other, from unit `first` on."""

    __slots__ = ("first",)

    extents: Extents

    def __init__(self, first: int, extents: Extents) -> None:
        self.first = first
        self.extents = extents

    def at(self, unit: int) -> Extent | None:
        """The extent of one of the units."""
        return self.extents[unit - self.first]

    def join(self, other: Units, ahead: int, widest: int) -> UnitRow:
        """Each unit's extent, joined with that of the unit `ahead` of it, where there is one."""
        assert other.extents is not None
        pairs = zip(self.extents, other.extents[ahead:])
        return UnitRow(self.first, [union(one, two, widest) for one, two in pairs])


def behind(units: Units, runs: Iterable[Run], widest: int) -> list[Extent | None]:
    """What units read that read runs of others; pixels are kept up to a width of `widest`."""
    known: dict[tuple[int, int], Callable[[int], Extent | None]] = {}
    extents: list[Extent | None] = []
    for first, step, count in runs:
        if count == 0:
            extents.append(None)
            continue
        at = known.get((step, count))
        if at is None:
            at = known[step, count] = units.run(step, count, widest).at
        extents.append(at(first))
    for extent in extents:
        bounded_extent(extent)
    return extents


def unions_in(units: int, runs: Sequence[Run]) -> int:
    """How many extents `behind` computes at the most of so many units, and of those that read."""
    kinds = {run[1:] for run in runs}
    return len(runs) + units * sum(count.bit_length() for _, count in kinds if count > 1)


class Global:
    """The field of units that read whole maps: one extent over all real units, where known."""

    __slots__ = ("extent", "known")

    def __init__(self, extent: Extent | None, known: bool = True) -> None:
        self.extent = extent
        self.known = known


class UnknownField:
    """No figure can be given; `reason` says why where the network itself is at fault."""

    __slots__ = ("reason",)

    def __init__(self, reason: str = "") -> None:
        self.reason = reason


class Figures(Record):
    """The figures of one axis, in pixels of the origin; None where unknown.

    A fraction is a reduced (numerator, denominator).
    """

    rf: int | None = None
    rf_min: int | None = None
    eff_stride: Exact | None = None
    eff_pad: int | None = None
    center: Exact | None = None
    coverage: Exact | None = None


class OffAxis:
    """The field of units that do not lie along the axis: it answers for itself."""

    __slots__ = ()

    @property
    def is_placed(self) -> bool:
        """Whether it is known of each unit what it reads."""
        return False

    def at(self, unit: int) -> Extent | None:
        """What a unit of the row reads, where that is known of each."""
        raise NotImplementedError

    def over_all_units(self) -> Global:
        """What all units read together."""
        raise NotImplementedError

    def merge(self, fields: Sequence[Any]) -> Any:
        """The union, unit by unit, of fields of which none is global; it is one of them."""
        raise NotImplementedError

    def figures(self) -> Figures:
        """The figures that it gives."""
        raise NotImplementedError

    def part(self, first: int, end: int) -> Any:
        """The field of the units [first, end) of the row."""
        raise NotImplementedError

    def with_learned(self, count: int) -> OffAxis:
        """The field of the row behind so many learned units, which read nothing."""
        raise NotImplementedError

    def with_paths_beside(self, left_out: Sequence[Any]) -> Any:
        """The field, told of those through whole maps that a merge left out."""
        return self


UNKNOWN = UnknownField()
UNKNOWN_GLOBAL = Global(None, known=False)


def origin() -> Field:
    """The field of the origin itself: unit u reads pixel u."""
    return Field(1, 1, ((0, 0, None),))
