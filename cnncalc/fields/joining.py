"""The field of maps, or of units in a row, that stand one after the other along an axis."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from ..arithmetic import LIMIT, Shape
from .composition import AxisField, is_placed, over_all_units, unit_by_unit
from .composition import merge as merged_field
from .effort import Effort
from .extent import Extent
from .field import UNKNOWN, Field, Figures, Global, OffAxis, UnknownField
from .figures import NO_FIGURES, figures
from .row import RowStep, units_between
from .unit_field import MOST_UNITS, UnitField
from .window import of_part

REASON = "it joins maps along an axis"
OTHERWISE = UnknownField("it joins maps along another axis whose fields differ")


class Joined(OffAxis):
    """The field on one axis of units in parts, each of so many units of a field of its own.

    Parts of units that read whole maps have figures only where there are no others.
    """

    __slots__ = ("fields", "sizes")

    def __init__(self, fields: Sequence[AxisField], sizes: Shape) -> None:
        self.fields = fields
        self.sizes = sizes

    @property
    def is_placed(self) -> bool:
        return None not in self.sizes and all(
            field.is_placed if isinstance(field, OffAxis) else is_placed(field)
            for field in self.fields
        )

    def at(self, unit: int) -> Extent | None:
        field = self.part(unit, unit + 1)
        if isinstance(field, Global):
            return field.extent
        assert isinstance(field, (Field, UnitField, OffAxis))
        return field.at(0)

    def over_all_units(self) -> Global:
        reading = [each for each in zip(self.fields, self.sizes) if each[0] is not None]
        wholes = [over_all_units(*each) for each in reading]
        return merged_field(wholes, [None] * len(wholes))  # type: ignore[return-value]

    def merge(self, fields: Sequence[AxisField]) -> AxisField:
        joined = [each for each in fields if isinstance(each, Joined) and each.sizes == self.sizes]
        if len(joined) < len(fields):
            return UNKNOWN
        columns = zip(*(each.fields for each in joined))
        parts = [merged_field(c, [n] * len(c)) for c, n in zip(columns, self.sizes)]
        return in_parts(parts, self.sizes)

    def figures(self) -> Figures:
        each = [
            figures(field) if field is not None else Figures(0, 0)
            for field in self.fields
            if not isinstance(field, Global)
        ]
        widths = [(one.rf, one.rf_min) for one in each]
        if any(None in width for width in widths):
            return NO_FIGURES
        widest = each[widths.index(max(widths, key=lambda width: width[0] or 0))]
        least = min(one.rf_min or 0 for one in each)
        return Figures(widest.rf, least, coverage=widest.coverage)

    def part(self, first: int, end: int) -> AxisField:
        fields, sizes, start = [], [], 0
        for field, size in zip(self.fields, self.sizes):
            if size is None:
                return UNKNOWN
            begin, stop = max(first - start, 0), min(end - start, size)
            if begin < stop:
                whole = stop - begin == size
                fields.append(field if whole else units_between(field, begin, stop))
                sizes.append(stop - begin)
            start += size
        return in_parts(fields, tuple(sizes))

    def with_learned(self, count: int) -> OffAxis:
        return Joined((None, *self.fields), (count, *self.sizes))

    def with_paths_beside(self, left_out: Sequence[AxisField]) -> AxisField:
        fields = []
        for field in self.fields:
            if isinstance(field, OffAxis):
                field = field.with_paths_beside(left_out)
            elif field is None or isinstance(field, Global):
                whole = [each for each in (field, *left_out) if isinstance(each, Global)]
                field = merged_field(whole, [None] * len(whole))
            fields.append(field)
        return Joined(fields, self.sizes)


def in_parts(fields: Sequence[AxisField], sizes: Shape) -> AxisField:
    """The field of units in parts; of one part, or where none is local, that of all of them."""
    if len(fields) == 1:
        return fields[0]
    if any(isinstance(field, UnknownField) for field in fields):
        return UNKNOWN
    if all(field is None or isinstance(field, Global) for field in fields):
        return merged_field(fields, [None] * len(fields))
    return Joined(fields, sizes)


class Joining(RowStep):
    """Maps of so many units each, one after the other along one of their `axes`."""

    sizes: Shape
    axis: int
    axes: int

    def field_after(self, field: AxisField, axis: int) -> AxisField:
        return field

    def fields(
        self, read: Sequence[Sequence[AxisField]], axes: int, with_global: bool, effort: Effort
    ) -> tuple[AxisField, ...]:
        """The fields per axis of the input, from those of every map, or of units in a row."""
        columns = [*zip(*read)]
        if with_global and any(isinstance(field, Global) for each in read for field in each):
            return tuple([merged_field(column, self.sizes) for column in columns])
        if self.axes < axes:
            return tuple([in_parts(column, self.sizes) for column in columns])
        joined = [self._off_axis(column) for column in columns]
        joined[self.axis] = self._on_axis(columns[self.axis], effort)
        return tuple(joined)

    def _off_axis(self, fields: Sequence[AxisField]) -> AxisField:
        return fields[0] if all(_is_alike(fields[0], each) for each in fields) else OTHERWISE

    def _on_axis(self, fields: Sequence[AxisField], effort: Effort) -> AxisField:
        sizes = [size for size in self.sizes if size is not None]
        if len(sizes) < len(fields) or not all(_is_kept(field) for field in fields):
            return in_parts(fields, self.sizes)
        starts = [*accumulate(sizes, initial=0)]
        if all(_is_alike(fields[0], field, start) for field, start in zip(fields, starts)):
            return fields[0]
        if starts[-1] > MOST_UNITS:
            return in_parts(fields, self.sizes)
        ends = [-LIMIT, *starts[1:-1], LIMIT]  # beyond the border a map goes on
        sources = [
            (field, of_part(ends[place], ends[place + 1], starts[place]))
            for place, field in enumerate(fields)
            if isinstance(field, (Field, UnitField))
        ]
        return unit_by_unit(sources, starts[-1], effort, REASON)


def _is_kept(field: AxisField) -> bool:
    return isinstance(field, (Field, UnitField, type(None))) and is_placed(field)


def _is_alike(one: AxisField, other: AxisField, ahead: int = 0) -> bool:
    """Whether the units of a map read what those of another do that are so many ahead."""
    if one is other and not ahead:
        return True
    if not (isinstance(one, Field) and isinstance(other, Field) and one.extents and other.extents):
        return False
    if (one.period, one.shift, one.anchor) != (other.period, other.shift, other.anchor):
        return False
    return all(other.at(unit) == one.at(unit + ahead) for unit in range(one.period))
