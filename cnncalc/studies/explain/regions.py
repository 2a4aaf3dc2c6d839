"""How the region that a unit sees follows, as a section of an explanation."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from ...arithmetic import AXES
from ...errors import UsageError
from ...layers.formulas.regions import Stretch
from ...layers.formulas.step import on_axes
from ...network.network import Network
from .records import Section


def region_section(network: Network, region: Sequence[Any], eff_stride: Sequence[Any]) -> Section:
    """How the network's one layer divides a region of input pixels into bins.

    The region is given by its size, one number for all axes or one per axis, or by its corners, the
    first and then the last, the last axis first: x0, y0, x1, y1. All numbers are exact.
    """
    axes, kind = network.axes, network.nodes[-1].kind
    placed = len(region) == 2 * axes
    if not placed and any(size <= 0 for size in region):
        raise UsageError("region must be a size over 0, or two corners: x0,y0,x1,y1")
    corners = [region[:axes], region[axes:]] if placed else [[0], region]
    firsts, lasts = (_per_axis("region", corner, axes) for corner in corners)
    if placed:
        firsts, lasts = firsts[::-1], lasts[::-1]
    strides = _per_axis("eff_stride", eff_stride, axes)
    edges = zip(firsts, lasts, strides, kind.output_size)  # type: ignore[attr-defined]
    columns = [
        kind.explain_region(Stretch(first, last, placed, stride, bins))  # type: ignore[attr-defined]
        for first, last, stride, bins in edges
    ]
    return Section("region", tuple(on_axes(columns, AXES[axes])))


def _per_axis(name: str, values: Sequence[Any], axes: int) -> list[Fraction]:
    if len(values) not in (1, axes):
        raise UsageError(f"{name} gives {len(values)} numbers for {axes} axes")
    return [Fraction(value) for value in values] * (axes // len(values))
