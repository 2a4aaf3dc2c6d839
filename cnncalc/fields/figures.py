"""The figures that a field gives, and whether fields are centred alike."""

from __future__ import annotations

from collections.abc import Sequence

from ..arithmetic import Exact, ratio
from .composition import AxisField, stride_mismatch
from .effort import Effort
from .extent import Extent, coverage
from .field import Extents, Field, Figures, Global, OffAxis, UnknownField
from .unit_field import UnitField


def mean_center(field: AxisField) -> Exact | None:
    """The centre of the units' fields less their effective stride, averaged over a period.

    Two maps are aligned where this is equal. None where it is unknown or some unit reads nothing.
    """
    if not isinstance(field, Field) or field.extents is None or None in field.extents:
        return None
    doubled = sum(extent[0] + extent[1] for extent in field.extents if extent)
    return ratio(doubled - field.shift * (field.period - 1), 2 * field.period)


def alignment(fields: Sequence[AxisField], effort: Effort | None = None) -> bool | None:
    """Whether the maps that a merge reads are centred alike, averaged over a common period.

    None where fewer than two have units of a field each, where any field is unknown, or where
    there is no period: between different strides, and of a field that is kept unit by unit.
    """
    if any(isinstance(field, (UnknownField, UnitField)) for field in fields):
        return None
    parts = [field for field in fields if isinstance(field, Field)]
    if len(parts) < 2 or stride_mismatch(parts):
        return None
    distinct = dict.fromkeys(parts)
    phases = sum(part.period for part in distinct if part.period > 1)
    if effort is not None and not effort.take(phases):
        return None
    centers = {mean_center(part) for part in distinct}
    if None in centers or any(part.anchor != parts[0].anchor for part in parts):
        return None
    return len(centers) == 1


NO_FIGURES = Figures()


def figures(field: AxisField) -> Figures:
    """The figures that a field gives."""
    if isinstance(field, Global):
        if field.extent:
            return _extent_figures(field.extent, None)
        return Figures(rf=0, rf_min=0) if field.known else NO_FIGURES
    if isinstance(field, OffAxis):
        return field.figures()
    if isinstance(field, UnitField):
        return _largest_and_least(field.extents, None, True)
    if not isinstance(field, Field):
        return NO_FIGURES
    stride = ratio(field.shift, field.period)
    if field.extents is None:
        return Figures(eff_stride=stride)
    if field.period == 1 and field.anchor is None and field.extents[0]:
        return _extent_figures(field.extents[0], stride)
    return _largest_and_least(field.extents, stride, field.anchor is None)


def _largest_and_least(extents: Extents, stride: Exact | None, placed: bool) -> Figures:
    widths = [extent[1] - extent[0] + 1 if extent else 0 for extent in extents]
    widest = extents[widths.index(max(widths))]
    start = extents[0] if placed else None
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
