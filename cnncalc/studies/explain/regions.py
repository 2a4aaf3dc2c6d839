"""How the region that a unit sees follows, as a section of an explanation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ...arithmetic import AXES
from ...errors import UsageError
from ...network.network import Network

if TYPE_CHECKING:
    from .records import Section


def region_section(network: Network, region: Sequence[Any], eff_stride: Sequence[Any]) -> Section:
    """How the network's one layer divides a region of input pixels into bins.

    `region` and `eff_stride` are exact numbers, one for all axes or one per axis.
    """
    from fractions import Fraction

    from ...layers.formulas.step import on_axes
    from .records import Section

    sides = []
    for name, given in (("region", region), ("eff_stride", eff_stride)):
        if len(given) not in (1, network.axes):
            raise UsageError(f"{name} gives {len(given)} numbers for {network.axes} axes")
        sides.append([Fraction(each) for each in given] * (network.axes // len(given)))
    columns = network.nodes[-1].kind.explain_region(*sides)  # type: ignore[attr-defined]
    return Section("region", tuple(on_axes(columns, AXES[network.axes])))
