"""The field of units that stand in a row: a map's, one after the other, and learned ones.

Units of a map with several axes no longer lie on the input's axes then: how wide each one's field
is stays known, but there is no step from one to the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from ..arithmetic import Number, Shape
from ..record import Record
from .composition import AxisField, is_placed, over_all_units, through
from .composition import merge as merged_field
from .extent import Extent, coverage
from .field import UNKNOWN, UNKNOWN_GLOBAL, Field, Figures, Global, OffAxis
from .figures import NO_FIGURES
from .unit_field import UnitField
from .window import sliding


class TokenRow(Record):
    """Which units stand in a row: `learned` ones, which read nothing, then [first, end) of a map's.

    The map is one of `sizes`, its units counted along the last axis first; an `end` of None is the
    map's own.
    """

    sizes: Shape
    learned: int = 0
    first: int = 0
    end: Number = None

    @property
    def has_all(self) -> bool:
        """Whether all units of the map are among them."""
        return self.first == 0 and self.end is None

    def part(self, first: int, end: int) -> TokenRow:
        """The units [first, end) of the row."""
        learned = min(end, self.learned) - min(first, self.learned)
        start = self.first + max(first - self.learned, 0)
        stop: Number = self.first + max(end - self.learned, 0)
        if None not in self.sizes and stop == prod(self.sizes):  # type: ignore[arg-type]
            stop = None
        return TokenRow(self.sizes, learned, start, stop)

    def places(self, axis: int) -> list[range] | None:
        """Where on an axis of the map its units lie; None where that is not known."""
        if None in self.sizes:
            return None
        sizes: tuple[int, ...] = self.sizes  # type: ignore[assignment]
        size, step = sizes[axis], prod(sizes[axis + 1 :])
        end = prod(sizes) if self.end is None else self.end
        start, last = self.first // step, (end - 1) // step
        if last - start + 1 >= size:
            return [range(size)]
        start, last = start % size, last % size
        if start <= last:
            return [range(start, last + 1)]
        return [range(start, size), range(last + 1)]


class InRow(OffAxis):
    """The field on one axis of a row's units, of which the last ones are a map's of that `field`.

    `beside` is that of paths through whole maps that a merge left out: learned units have no other.
    """

    __slots__ = ("axis", "beside", "field", "row")

    def __init__(
        self, field: Field | UnitField, row: TokenRow, axis: int, beside: AxisField = None
    ) -> None:
        self.field = field
        self.row = row
        self.axis = axis
        self.beside = beside if row.learned else None

    @property
    def is_placed(self) -> bool:
        return None not in self.row.sizes and is_placed(self.field)

    def at(self, unit: int) -> Extent | None:
        if unit < self.row.learned:
            return None
        places = self.row.part(unit, unit + 1).places(self.axis)
        assert places is not None
        return self.field.at(places[0][0])

    def over_all_units(self) -> Global:
        if self.row.has_all:
            return over_all_units(self.field, self.row.sizes[self.axis])
        places = self.row.places(self.axis)
        if places is None:
            return UNKNOWN_GLOBAL
        parts = [
            over_all_units(_from(self.field, place.start, len(place)), len(place))
            for place in places
        ]
        return merged_field(parts, [None] * len(parts))  # type: ignore[return-value]

    def merge(self, fields: Sequence[AxisField]) -> AxisField:
        rows = [field for field in fields if isinstance(field, InRow) and field.row == self.row]
        if len(rows) < len(fields):
            return UNKNOWN
        sizes = [self.row.sizes[self.axis]] * len(rows)
        field = merged_field([each.field for each in rows], sizes)
        if not isinstance(field, (Field, UnitField)):
            return field
        beside = merged_field([each.beside for each in rows], sizes)
        return InRow(field, self.row, self.axis, beside)

    def figures(self) -> Figures:
        extents = self._extents()
        if extents is None:
            return NO_FIGURES
        widths = [extent[1] - extent[0] + 1 if extent else 0 for extent in extents]
        widest = extents[widths.index(max(widths))]
        least = 0 if self.row.learned else min(widths)
        return Figures(max(widths), least, coverage=coverage(widest) if widest else None)

    def _extents(self) -> Sequence[Extent | None] | None:
        """What its units read, each phase once; None where that is not known."""
        field, period = self.field, getattr(self.field, "period", None)
        if self.row.has_all or period == 1 or field.extents is None:
            return field.extents
        places = self.row.places(self.axis)
        if places is None:
            return None
        return [field.at(unit) for place in places for unit in place[:period]]

    def part(self, first: int, end: int) -> AxisField:
        if end <= self.row.learned:
            return self.beside
        row = self.row.part(first, end)
        if not row.learned and len(row.sizes) == 1:
            return _from(self.field, row.first, end - first)
        return InRow(self.field, row, self.axis, self.beside)

    def with_learned(self, count: int) -> OffAxis:
        row = self.row.but(learned=self.row.learned + count)
        return InRow(self.field, row, self.axis, self.beside)

    def with_paths_beside(self, left_out: Sequence[AxisField]) -> AxisField:
        if not self.row.learned:
            return self
        whole = [each for each in (self.beside, *left_out) if isinstance(each, Global)]
        beside = merged_field(whole, [None] * len(whole))
        return InRow(self.field, self.row, self.axis, beside)


def _from(field: AxisField, first: int, count: int) -> AxisField:
    """The field of so many units of a map, from the first on."""
    return through(field, sliding(1, 1, -first), None, count)


def units_between(field: AxisField, first: int, end: int) -> AxisField:
    """The field of the units [first, end) of a row."""
    if isinstance(field, (Field, UnitField)):
        return _from(field, first, end - first)
    return field.part(first, end) if isinstance(field, OffAxis) else field


class RowStep(Record):
    """A step between maps and rows, of units that stay as they are."""

    def field_after(self, field: AxisField, axis: int) -> AxisField:
        """The field of the units after it; one that is not known unit by unit stays as it is."""
        raise NotImplementedError


class Lining(RowStep):
    """A map's units put in a row."""

    sizes: Shape

    def field_after(self, field: AxisField, axis: int) -> AxisField:
        if not isinstance(field, (Field, UnitField)):
            return field
        return InRow(field, TokenRow(self.sizes), axis)


class Prepending(RowStep):
    """So many learned units before those of a row of `size` units."""

    count: int
    size: Number

    def field_after(self, field: AxisField, axis: int) -> AxisField:
        if isinstance(field, (Field, UnitField)):
            field = InRow(field, TokenRow((self.size,)), axis)
        return field.with_learned(self.count) if isinstance(field, OffAxis) else field


class Taking(RowStep):
    """The units [first, end) of a row."""

    first: int
    end: int

    def field_after(self, field: AxisField, axis: int) -> AxisField:
        return units_between(field, self.first, self.end)


class Unlining(RowStep):
    """A row's units as a map of `sizes`: where they are that map's, their field is as it was."""

    sizes: Shape

    def field_after(self, field: AxisField, axis: int) -> AxisField:
        if (
            isinstance(field, InRow)
            and field.row == TokenRow(self.sizes)
            and None not in self.sizes
        ):
            return field.field
        return field


def with_paths_beside(field: AxisField, left_out: Sequence[AxisField]) -> AxisField:
    """The field of a merge, told of those through whole maps that it left out."""
    return field.with_paths_beside(left_out) if isinstance(field, OffAxis) else field
