"""Where the units of several maps are centred, to be compared with each other and with boxes."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import lcm

from ...fields.field import Field
from ...fields.figures import mean_center
from ...record import Record
from ...report.layer import exact


class Centres(Record):
    """The mean centre of each map's first `units` units, which are a period common to all maps.

    `places` are in pixels of the origin, None where a unit reads nothing.
    """

    units: int
    places: tuple[int | Fraction | None, ...]

    @property
    def which(self) -> str:
        """The units meant: `first units`, or all of a period."""
        last = self.units - 1
        return f"units 0 {'and' if last == 1 else 'to'} {last:,}" if last else "first units"

    @property
    def lie(self) -> str:
        """`are centred`, on average where there are several."""
        return "are centred" if self.units == 1 else "are centred on average"


def mean_centres(fields: Sequence[Field]) -> Centres:
    """The centres of maps; those of all phases count, as phases of one map are centred apart."""
    units = lcm(*(field.period for field in fields))
    return Centres(units, tuple(_mean_centre(field, units) for field in fields))


def _mean_centre(field: Field, units: int) -> int | Fraction | None:
    place = exact(mean_center(field))
    return None if place is None else place + Fraction(field.shift * (units - 1), 2 * field.period)
