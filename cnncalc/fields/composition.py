"""What a window makes of a field, and what a merge makes of several."""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd, lcm

from ..arithmetic import Exact, ratio, within_limit
from .effort import EXTENTS_PER_LAYER, MOST_EXTENTS, Effort
from .extent import Extent, bounded_extent, move, spread, union, widest_mask
from .field import (
    UNKNOWN,
    UNKNOWN_GLOBAL,
    Field,
    Global,
    OffAxis,
    UnknownField,
    behind,
    unions_in,
)
from .unit_field import MOST_UNITS, UnitField
from .window import IDENTITY, MAX_PHASES, WHOLE, Window

AxisField = Field | UnitField | Global | OffAxis | UnknownField | None

SPENT = UnknownField(
    f"the network's fields take over {MOST_EXTENTS:,} units (and {EXTENTS_PER_LAYER} a layer) "
    "to compute"
)


def by_units(field: AxisField, window: Window | None) -> bool:
    """Whether a window makes of a field one that is kept unit by unit."""
    if isinstance(field, Field):
        return window is not None and field.period * window.period > MAX_PHASES
    return isinstance(field, UnitField)


def through(
    field: AxisField,
    window: Window | None,
    size: int | None = None,
    units: int | None = None,
    effort: Effort | None = None,
) -> AxisField:
    """The field of a layer's units, from the field of the map that it reads.

    `window` is None where it depends on a size that is not given. The map's `size` counts where
    all of it is read, the number of the layer's `units` where its field is kept unit by unit.
    """
    if field is None or isinstance(field, Global) or window is IDENTITY:
        return field
    if window is WHOLE:
        return over_all_units(field, size)
    if isinstance(field, (UnknownField, OffAxis)) or window is None:
        return UNKNOWN
    effort = effort or Effort()
    if isinstance(field, UnitField):
        return unit_by_unit([(field, window)], units, effort, "it reads fields kept unit by unit")
    common = gcd(field.period, window.shift)
    period = window.period * field.period // common
    if period > MAX_PHASES:
        return unit_by_unit([(field, window)], units, effort, _many(period))
    shift = field.shift * window.shift // common
    within_limit(-(-shift // period), "effective stride")
    anchor = field.anchor
    if window.floating is not None:
        anchor = (window.floating, field)
    corners = field.corners or window.corners
    if field.extents is None or (window.floating is not None and field.period > 1):
        return Field(period, shift, None, anchor, corners)
    widest = effort.widest(period)
    if period == 1 and field.period == 1:
        first, step, count = window.read(0)
        extent = spread(field.extents[0], step * field.shift, count, widest)
        extents: Sequence[Extent | None] = (move(extent, first * field.shift),)
    else:
        if not effort.take(period):
            return SPENT
        runs = [window.read(unit) for unit in range(period)]
        if not effort.take(unions_in(field.period, runs)):
            return SPENT
        extents = behind(field, runs, widest)
    effort.keep(extents)
    return Field(period, shift, extents, anchor, corners)


def _many(period: int) -> str:
    return f"its units see the input in {period:,} phases, over {MAX_PHASES:,}"


def unit_by_unit(
    sources: Sequence[tuple[Field | UnitField, Window]],
    units: int | None,
    effort: Effort,
    reason: str,
) -> UnitField | UnknownField:
    """The field of a layer with so many units, of more phases than are kept, for that `reason`."""
    if units is None or not all(is_placed(source) for source, _ in sources):
        return UnknownField(reason)
    if units > MOST_UNITS:
        return UnknownField(f"{reason}, and {units:,} units are over {MOST_UNITS:,}")
    field = UnitField(sources, units)
    return field if field.compute(effort) else SPENT


def is_placed(field: AxisField) -> bool:
    """Whether it is known where the units' fields lie; not those of units off the axis."""
    if isinstance(field, Global):
        return field.known
    if isinstance(field, Field):
        return field.extents is not None and field.anchor is None
    return field is None or isinstance(field, UnitField)


def over_all_units(field: AxisField, size: int | None) -> Global:
    """What all real units of a map of `size` units read together, found once for a field."""
    if isinstance(field, Global):
        return field
    if isinstance(field, OffAxis):
        return field.over_all_units()
    if not isinstance(field, (Field, UnitField)):
        return UNKNOWN_GLOBAL
    if field.whole is None or field.whole[0] != size:
        field.whole = size, _whole(field, size)
    return field.whole[1]


def _whole(field: Field | UnitField, size: int | None) -> Global:
    copies: list[tuple[Extent | None, int, int]]
    if isinstance(field, UnitField):
        copies = [(extent, 0, 1) for extent in field.extents]
    elif is_placed(field) and size is not None:
        phases = zip(field.extents or (), range(size - 1, -1, -1))
        copies = [(e, field.shift, after // field.period + 1) for e, after in phases]
    else:
        return UNKNOWN_GLOBAL
    widest = widest_mask(len(copies))
    whole: Extent | None = None
    for extent, distance, count in copies:
        whole = bounded_extent(union(whole, spread(extent, distance, count, widest), widest))
    return Global(whole)


def merge(
    fields: Sequence[AxisField], sizes: Sequence[int | None], effort: Effort | None = None
) -> AxisField:
    """The field of units that read the same place of several maps: the union of their fields.

    Maps that do not depend on the origin add nothing. With a global map among them the union is
    taken over all real units, `sizes` being the maps' numbers of units.
    """
    reading = [(field, size) for field, size in zip(fields, sizes) if field is not None]
    if not reading:
        return None
    first, units = reading[0]
    if all(field is first for field, _ in reading):
        return first
    if any(isinstance(field, Global) for field, _ in reading):
        return _global_merge(reading)
    if off_axis := next((field for field, _ in reading if isinstance(field, OffAxis)), None):
        joined: AxisField = off_axis.merge([field for field, _ in reading])
        return joined
    local = dict.fromkeys(field for field, _ in reading)
    if any(isinstance(field, UnknownField) for field in local):
        return UNKNOWN
    parts = [field for field in local if isinstance(field, Field)]
    if error := stride_mismatch([part for part in parts if not part.corners]):
        return UnknownField(error)
    effort = effort or Effort()
    period = lcm(*{part.period for part in parts})
    mismatch = stride_mismatch(parts)
    if len(parts) < len(local) or mismatch or period > MAX_PHASES:
        sources = [(f, IDENTITY) for f in local if isinstance(f, (Field, UnitField))]
        return unit_by_unit(sources, units, effort, mismatch or _many(period))
    shift = parts[0].shift * period // parts[0].period
    corners = any(part.corners for part in parts)
    if any(part.extents is None or part.anchor != parts[0].anchor for part in parts):
        return Field(period, shift, None, ("unknown",), corners)
    if period > 1 and not effort.take(period * len(parts)):
        return SPENT
    extents = _phase_unions(parts, period, effort.widest(period))
    effort.keep(extents)
    return Field(period, shift, extents, parts[0].anchor, corners)


def _phase_unions(parts: Sequence[Field], period: int, widest: int) -> list[Extent | None]:
    """Per phase of the common period, the union of the parts' extents."""
    extents = [parts[0].at(unit) for unit in range(period)]
    for part in parts[1:]:
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


def stride_mismatch(parts: Sequence[Field]) -> str:
    """In what effective strides merged fields differ; empty where they agree."""
    for part in parts[1:]:
        if part.shift * parts[0].period != parts[0].shift * part.period:
            strides = [_text(ratio(each.shift, each.period)) for each in (parts[0], part)]
            return f"it merges branches of effective stride {' and '.join(strides)}"
    return ""


def _text(value: Exact) -> str:
    return str(value) if isinstance(value, int) else f"{value[0]}/{value[1]}"
