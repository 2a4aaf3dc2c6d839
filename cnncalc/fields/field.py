"""The field of view of one axis: what a window does to it, what a merge does to it.

A field says which pixels of the origin (the network's input, or the layer asked for) each unit of
a map reads, borders ignored. It is periodic: unit u + period reads what unit u reads, moved by
`shift` pixels. Per phase it keeps one extent.

Five kinds of value stand for a map's field: None (it does not depend on the origin), a `Field`, a
`Global` (its units read whole maps), an `OffAxis` (they do not lie along the axis), an
`UnknownField`.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd, lcm

from ..arithmetic import Exact, ratio, within_limit
from ..record import Record
from .extent import Extent, bounded_extent, coverage, move, spread, union, widest_mask
from .window import IDENTITY, MAX_PHASES, WHOLE, Window


class Field:
    """Which pixels every unit reads. `extents` is None where only the stride is known.

    `anchor` is set where the first unit's place is unknown (`same` on a map of unknown size):
    extents then count from an unknown pixel, the same one in all fields of an equal anchor.
    """

    __slots__ = ("anchor", "extents", "period", "shift")

    def __init__(
        self,
        period: int,
        shift: int,
        extents: Sequence[Extent | None] | None,
        anchor: tuple[object, ...] | None = None,
    ) -> None:
        self.period = period
        self.shift = shift
        self.extents = extents
        self.anchor = anchor

    def at(self, unit: int) -> Extent | None:
        """The extent of any unit, also of one beyond the border."""
        assert self.extents is not None
        periods, phase = divmod(unit, self.period)
        return move(self.extents[phase], periods * self.shift)


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


class OffAxis:
    """The field of units that do not lie along the axis: it answers for itself."""

    __slots__ = ()

    def over_all_units(self) -> Global:
        """What all units read together."""
        raise NotImplementedError

    def merge(self, fields: Sequence[AxisField]) -> AxisField:
        """The union, unit by unit, of fields of which none is global; it is one of them."""
        raise NotImplementedError

    def figures(self) -> Figures:
        """The figures that it gives."""
        raise NotImplementedError


AxisField = Field | Global | UnknownField | OffAxis | None

UNKNOWN = UnknownField()
UNKNOWN_GLOBAL = Global(None, known=False)


def origin() -> Field:
    """The field of the origin itself: unit u reads pixel u."""
    return Field(1, 1, ((0, 0, None),))


def through(field: AxisField, window: Window | None, size: int | None) -> AxisField:
    """The field of a layer's units, from the field of the map of `size` units that it reads.

    `window` is None where it depends on a size that is not given.
    """
    if field is None or isinstance(field, Global) or window is IDENTITY:
        return field
    if window is WHOLE:
        return over_all_units(field, size)
    if not isinstance(field, Field) or window is None:
        return UNKNOWN
    common = gcd(field.period, window.shift)
    period = window.period * field.period // common
    if period > MAX_PHASES or window.reads is None:
        return UnknownField(f"its units see the input in {period:,} phases, over {MAX_PHASES:,}")
    shift = field.shift * window.shift // common
    within_limit(-(-shift // period), "effective stride")
    anchor = field.anchor
    if window.floating is not None:
        anchor = (window.floating, field)
    if field.extents is None or (window.floating is not None and field.period > 1):
        return Field(period, shift, None, anchor)
    if period == 1 and field.period == 1:
        first, step, count = window.reads[0]
        extent = spread(field.extents[0], step * field.shift, count)
        return Field(1, shift, (move(extent, first * field.shift),), anchor)
    return Field(period, shift, _phases(field, window, period), anchor)


def _phases(field: Field, window: Window, period: int) -> list[Extent | None]:
    """The extents of one period of units behind a window."""
    assert window.reads is not None
    runs: dict[tuple[int, int], Field] = {}
    extents: list[Extent | None] = []
    for unit in range(period):
        periods, phase = divmod(unit, window.period)
        first, step, count = window.reads[phase]
        if count == 0:
            extents.append(None)
            continue
        run = runs.get((step, count))
        if run is None:
            run = runs[step, count] = _run(field, step, count)
        extents.append(run.at(first + periods * window.shift))
    return extents


def _run(field: Field, step: int, count: int) -> Field:
    """What `count` units, `step` apart, read together, by where the first of them stands.

    Doubling: the run of 2j units is that of j units joined with its neighbour j·step further on.
    """
    assert field.extents is not None
    if field.period == 1:
        return Field(1, field.shift, (spread(field.extents[0], step * field.shift, count),))
    power, size = field, 1
    run, length = None, 0
    while True:
        if count & size:
            run = power if run is None else _run_union(run, power, length * step)
            length += size
        if length == count:
            return run  # type: ignore[return-value]
        power = _run_union(power, power, size * step)
        size *= 2


def _run_union(run: Field, other: Field, ahead: int) -> Field:
    """Each unit's extent in `run`, joined with that of the unit `ahead` of it in `other`."""
    assert run.extents is not None
    widest = widest_mask(run.period)
    extents = [
        bounded_extent(union(extent, other.at(unit + ahead), widest))
        for unit, extent in enumerate(run.extents)
    ]
    return Field(run.period, run.shift, extents)


def over_all_units(field: AxisField, size: int | None) -> Global:
    """What all real units of a map of `size` units read together."""
    if isinstance(field, Global):
        return field
    if isinstance(field, OffAxis):
        return field.over_all_units()
    if not isinstance(field, Field) or field.extents is None or field.anchor or size is None:
        return UNKNOWN_GLOBAL
    whole: Extent | None = None
    for phase, extent in enumerate(field.extents[:size]):
        copies = (size - 1 - phase) // field.period + 1
        whole = bounded_extent(union(whole, spread(extent, field.shift, copies)))
    return Global(whole)


def merge(fields: Sequence[AxisField], sizes: Sequence[int | None]) -> AxisField:
    """The field of units that read the same place of several maps: the union of their fields.

    Maps that do not depend on the origin add nothing. With a global map among them the union is
    taken over all real units, `sizes` being the maps' numbers of units.
    """
    reading = [(field, size) for field, size in zip(fields, sizes) if field is not None]
    if not reading:
        return None
    first = reading[0][0]
    if all(field is first for field, _ in reading):
        return first
    if any(isinstance(field, Global) for field, _ in reading):
        return _global_merge(reading)
    if off_axis := [field for field, _ in reading if isinstance(field, OffAxis)]:
        return off_axis[0].merge([field for field, _ in reading])
    parts = [field for field, _ in reading if isinstance(field, Field)]
    if len(parts) < len(reading):
        return UNKNOWN
    if mismatch := _stride_mismatch(parts):
        return mismatch
    period = lcm(*{part.period for part in parts})
    if period > MAX_PHASES:
        return UnknownField(f"its units see the input in {period:,} phases, over {MAX_PHASES:,}")
    shift = parts[0].shift * period // parts[0].period
    if any(part.extents is None or part.anchor != parts[0].anchor for part in parts):
        return Field(period, shift, None, ("unknown",))
    return Field(period, shift, _phase_unions(parts, period), parts[0].anchor)


def _phase_unions(parts: list[Field], period: int) -> list[Extent | None]:
    """Per phase of the common period, the union of the parts' extents."""
    extents = list(parts[0].extents or ())
    if period > parts[0].period:
        extents = [parts[0].at(unit) for unit in range(period)]
    for part in parts[1:]:
        if part.period == 1 == period:
            extents[0] = union(extents[0], part.extents[0])  # type: ignore[index]
        else:
            widest = widest_mask(period)
            extents = [union(extent, part.at(unit), widest) for unit, extent in enumerate(extents)]
    return [bounded_extent(extent) for extent in extents]


def _global_merge(reading: Sequence[tuple[AxisField, int | None]]) -> Global:
    whole: Extent | None = None
    for field, size in reading:
        part = over_all_units(field, size)
        if not part.known:
            return UNKNOWN_GLOBAL
        whole = union(whole, part.extent)
    return Global(bounded_extent(whole))


def _stride_mismatch(parts: list[Field]) -> UnknownField | None:
    head = parts[0]
    for part in parts[1:]:
        if part.shift * head.period != head.shift * part.period:
            strides = " and ".join(_text(ratio(p.shift, p.period)) for p in (head, part))
            return UnknownField(f"it merges branches of effective stride {strides}")
    return None


def _text(value: Exact) -> str:
    return str(value) if isinstance(value, int) else f"{value[0]}/{value[1]}"


def mean_center(field: AxisField) -> Exact | None:
    """The centre of the units' fields less their effective stride, averaged over a period.

    Two maps are aligned where this is equal. None where it is unknown or some unit reads nothing.
    """
    if not isinstance(field, Field) or field.extents is None or None in field.extents:
        return None
    doubled = sum(extent[0] + extent[1] for extent in field.extents if extent)
    return ratio(doubled - field.shift * (field.period - 1), 2 * field.period)


def alignment(fields: Sequence[AxisField]) -> bool | None:
    """Whether the maps that a merge reads are centred alike.

    None where fewer than two have units of a field each, or where any field is unknown.
    """
    if any(isinstance(field, UnknownField) for field in fields):
        return None
    parts = [field for field in fields if isinstance(field, Field)]
    centers = [mean_center(part) for part in parts]
    if len(parts) < 2 or None in centers or _stride_mismatch(parts):
        return None
    if any(part.anchor != parts[0].anchor for part in parts):
        return None
    return all(center == centers[0] for center in centers)


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


NO_FIGURES = Figures()


def figures(field: AxisField) -> Figures:
    """The figures that a field gives."""
    if isinstance(field, Global):
        if field.extent:
            return _extent_figures(field.extent, None)
        return Figures(rf=0, rf_min=0) if field.known else NO_FIGURES
    if isinstance(field, OffAxis):
        return field.figures()
    if not isinstance(field, Field):
        return NO_FIGURES
    stride = ratio(field.shift, field.period)
    if field.extents is None:
        return Figures(eff_stride=stride)
    if field.period == 1 and field.anchor is None and field.extents[0]:
        return _extent_figures(field.extents[0], stride)
    widths = [extent[1] - extent[0] + 1 if extent else 0 for extent in field.extents]
    widest = field.extents[widths.index(max(widths))]
    start = field.extents[0] if field.anchor is None else None
    return Figures(
        max(widths),
        min(widths),
        stride,
        -start[0] if start else None,
        ratio(start[0] + start[1], 2) if start else None,
        coverage(widest) if widest else None,
    )


def _extent_figures(extent: Extent, stride: Exact | None) -> Figures:
    width = extent[1] - extent[0] + 1
    center = ratio(extent[0] + extent[1], 2)
    return Figures(width, width, stride, -extent[0], center, coverage(extent))
