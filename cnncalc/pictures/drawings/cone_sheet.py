"""Where the rows of a cone stand on its drawing: which of many, over which pixels, how high."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor

from ...record import Record
from .cone_rows import Cone, ConeRow
from .svg import MARGIN, label_width

MOST_ROWS, ROWS_OF_MORE = 34, 24
WIDTH, WIDEST_UNIT = 620, 28
TOP, BREAK = 74, 12
LONGEST_NAME = 26
MOST_UNITS, PERIODS = 10_000, 3


class ConeSheet(Record):
    """The rows that are drawn and where: pixels in view, from where on, at which scale; heights.

    `breaks` are the rows before which others are left out. `units` are those of the first row's map
    in view, with all the paths that each has, where they differ.
    """

    rows: tuple[ConeRow, ...]
    first: Fraction
    last: Fraction
    left: float
    scale: float
    tops: tuple[float, ...]
    height: float
    breaks: tuple[bool, ...]
    units: ConeRow | None = None

    @property
    def right(self) -> float:
        """Where the view ends."""
        return self.x(self.last)

    @property
    def bottom(self) -> float:
        """Where the last row ends."""
        return self.tops[-1] + self.height

    def x(self, pixel: Fraction) -> float:
        """Where a pixel's left edge is."""
        return self.left + float(pixel - self.first) * self.scale

    def span(self, row: ConeRow) -> tuple[float, float]:
        """From where to where a row's units are."""
        return self.x(edge(row, row.first)), self.x(edge(row, row.last + 1))


def edge(row: ConeRow, unit: int) -> Fraction:
    """The left edge of a unit, over the origin's pixels: pixel p is from p to p + 1."""
    return row.centre + row.step * unit + (1 - row.step) / 2


def row_name(row: ConeRow) -> str:
    """A row's name, its end where it is long."""
    return row.layer if len(row.layer) <= LONGEST_NAME else f"…{row.layer[1 - LONGEST_NAME :]}"


def sheet_of(cone: Cone) -> ConeSheet:
    """Where a cone's rows stand."""
    rows = cone.rows
    places = _places_to_draw(rows)
    shown = tuple(rows[at] for at in places)
    breaks = (False, *(after - before > 1 for before, after in pairwise(places)))
    first, last = _view(shown, len(cone.phases))
    least = min(row.step for row in shown)
    scale = min(WIDTH / float(last - first), WIDEST_UNIT / float(least))
    left = MARGIN + max(label_width(row_name(row)) for row in shown) + 14
    height = 20 if len(shown) <= 14 else 16 if len(shown) <= 22 else 12
    gap = max(min(470 / len(shown) - height, 38), 5)
    units = _units_in_view(cone, first, last) if cone.phases else None
    tops = [TOP + (height + gap if units else 0.0)]
    for is_break in breaks[1:]:
        tops.append(tops[-1] + height + gap + (BREAK if is_break else 0))
    return ConeSheet(shown, first, last, left, scale, tuple(tops), height, breaks, units)


def _units_in_view(cone: Cone, first: Fraction, last: Fraction) -> ConeRow | None:
    row = cone.rows[0]
    start, end = units_between(row, first, last)
    if end - start > MOST_UNITS or end <= start:
        return None
    paths = tuple(cone.phases[unit % len(cone.phases)] for unit in range(start, end))
    return row.but(first=start, paths=paths)


def units_between(row: ConeRow, first: Fraction, last: Fraction) -> tuple[int, int]:
    """The first of the map's units that lie between two pixels, and the one behind the last."""
    offset = edge(row, 0)
    start = max(ceil((first - offset) / row.step), 0)
    end = floor((last - offset) / row.step)
    return start, max(end if row.size is None else min(end, row.size), start)


def _places_to_draw(rows: Sequence[ConeRow]) -> list[int]:
    """All rows; of many the first, the last, those where the stride changes, and some between."""
    if len(rows) <= MOST_ROWS:
        return [*range(len(rows))]
    pairs = enumerate(pairwise(rows), 1)
    changes = [at for at, (one, after) in pairs if one.step != after.step]
    chosen = {0, len(rows) - 1, *changes[: ROWS_OF_MORE - 2]}
    while len(chosen) < ROWS_OF_MORE:
        gap, before = max((after - before, -before) for before, after in pairwise(sorted(chosen)))
        chosen.add(gap // 2 - before)
    return sorted(chosen)


def _view(rows: Sequence[ConeRow], phases: int) -> tuple[Fraction, Fraction]:
    """The pixels in view: all of the image unless the cone is but a part of it.

    Some phases of the first row's units are in view, as far as its map goes.
    """
    first = min(edge(row, row.first) for row in rows)
    last = max(edge(row, row.last + 1) for row in rows)
    if phases:
        top = rows[0]
        around = top.first - PERIODS * phases, top.first + PERIODS * phases
        end = around[1] if top.size is None else min(around[1], top.size)
        first, last = min(first, edge(top, max(around[0], 0))), max(last, edge(top, end))
    size = rows[-1].size
    if size is not None and size <= 2 * (last - first):
        return min(first, Fraction(0)), max(last, Fraction(size))
    margin = (last - first) / 16
    return first - margin, last + margin
