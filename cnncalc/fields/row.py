"""The field of units that stand in a row: a map's, one after the other, and learned ones.

Units of a map with several axes no longer lie on the input's axes then: how wide each one's field
is stays known, but there is no step from one to the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from ..arithmetic import Number, Shape
from ..record import Record
from .composition import AxisField, over_all_units, through
from .composition import merge as merged_field
from .extent import Extent, coverage
from .field import UNKNOWN, UNKNOWN_GLOBAL, Field, Figures, Global, OffAxis
from .figures import NO_FIGURES
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

    def __init__(self, field: Field, row: TokenRow, axis: int, beside: AxisField = None) -> None:
        self.field = field
        self.row = row
        self.axis = axis
        self.beside = beside if row.learned else None

    def at(self, unit: int) -> Extent | None:
        """What a unit of the row reads, of a map whose sizes are known."""
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
        parts = [over_all_units(_from(self.field, place.start), len(place)) for place in places]
        return merged_field(parts, [None] * len(parts))  # type: ignore[return-value]

    def merge(self, fields: Sequence[AxisField]) -> AxisField:
        rows = [field for field in fields if isinstance(field, InRow) and field.row == self.row]
        if len(rows) < len(fields):
            return UNKNOWN
        sizes = [self.row.sizes[self.axis]] * len(rows)
        field = merged_field([each.field for each in rows], sizes)
        if not isinstance(field, Field):
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
        if self.row.has_all or self.field.period == 1 or self.field.extents is None:
            return self.field.extents
        places = self.row.places(self.axis)
        if places is None:
            return None
        return [self.field.at(unit) for place in places for unit in place[: self.field.period]]


def _from(field: Field, first: int) -> AxisField:
    """The field of a map without its units before the first."""
    return through(field, sliding(1, 1, -first), None)


class RowStep(Record):
    """A step between maps and rows, of units that stay as they are."""

    def field_after(self, field: AxisField, axis: int) -> AxisField:
        """The field of the units after it; one that is not known unit by unit stays as it is."""
        raise NotImplementedError


class Lining(RowStep):
    """A map's units put in a row."""

    sizes: Shape

    def field_after(self, field: AxisField, axis: int) -> AxisField:
        return InRow(field, TokenRow(self.sizes), axis) if isinstance(field, Field) else field


class Prepending(RowStep):
    """So many learned units before those of a row of `size` units."""

    count: int
    size: Number

    def field_after(self, field: AxisField, axis: int) -> AxisField:
        if isinstance(field, Field):
            field = InRow(field, TokenRow((self.size,)), axis)
        if not isinstance(field, InRow):
            return field
        row = field.row.but(learned=field.row.learned + self.count)
        return InRow(field.field, row, field.axis, field.beside)


class Taking(RowStep):
    """The units [first, end) of a row."""

    first: int
    end: int

    def field_after(self, field: AxisField, axis: int) -> AxisField:
        if isinstance(field, Field):
            return _from(field, self.first)
        if not isinstance(field, InRow):
            return field
        if self.end <= field.row.learned:
            return field.beside
        row = field.row.part(self.first, self.end)
        if not row.learned and len(row.sizes) == 1:
            return _from(field.field, row.first)
        return InRow(field.field, row, field.axis, field.beside)


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
    if not isinstance(field, InRow) or not field.row.learned:
        return field
    whole = [each for each in (field.beside, *left_out) if isinstance(each, Global)]
    beside = merged_field(whole, [None] * len(whole))
    return InRow(field.field, field.row, field.axis, beside)
