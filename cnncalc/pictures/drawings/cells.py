"""A map's cells as a still shows them: what a unit reaches is marked on the cells themselves."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from .scene import TAP, Panel, Sizes
from .svg import PITCH, element, label, run

CELL, EMPTY, MISSED, BEYOND = "cell", "empty", "missed", "beyond"
LONGEST_WEIGHT = 5

Looks = dict[str, list[str]]


def cells_by_look(panel: Panel, unit: Sizes | None) -> Looks:
    """All cells by how they look, those that the unit reaches marked; None marks none."""
    rows, columns = panel.axes
    places = zip(panel.axes, unit or ())
    row_taps, column_taps = [set(axis.taps(at)) for axis, at in places] or [set(), set()]
    missed_rows, missed_columns = rows.gaps, columns.gaps
    looks: Looks = {}
    for row, column in product(rows.cells, columns.cells):
        inside = row in rows.inside and column in columns.inside
        is_tap = row in row_taps and column in column_taps
        if is_tap:
            look = panel.mark if inside else BEYOND
        elif inside:
            look = MISSED if row in missed_rows or column in missed_columns else CELL
        else:
            look = EMPTY
        tap = "" if is_tap and panel.mark == TAP else None
        path = run(column - columns.cells.start, row - rows.cells.start)
        role = panel.role if inside else panel.beyond
        looks.setdefault(look, []).append(element("path", data_cell=role, data_tap=tap, d=path))
    return looks


def cells(looks: Looks) -> Iterator[str]:
    """The cells, those that look alike in a group."""
    for look, members in looks.items():
        yield element("g", "".join(members), class_=look)


def outline(panel: Panel, unit: Sizes) -> tuple[int, int, int, int] | None:
    """The rectangle of what a unit reaches, x, y, width and height; None where it is nothing."""
    rows, columns = (axis.outline(at) for axis, at in zip(panel.axes, unit))
    if rows is None or columns is None:
        return None
    top, left = (axis.cells.start for axis in panel.axes)
    x, y = (columns.start - left) * PITCH, (rows.start - top) * PITCH
    return x, y, len(columns) * PITCH, len(rows) * PITCH


def weights(panel: Panel, unit: Sizes) -> Iterator[str]:
    """The weights of what a unit reads, where they differ and are short enough for a cell."""
    rows, columns = panel.axes
    for row, column in product(*(axis.taps(at) for axis, at in zip(panel.axes, unit))):
        factors = rows.weight(unit[0], row), columns.weight(unit[1], column)
        known = [factor for factor in factors if factor is not None]
        if known and 0 not in known:
            share = known[0] * known[-1] if len(known) > 1 else known[0]
            words = f"{share.numerator}/{share.denominator}" if share.denominator > 1 else "1"
            if len(words) <= LONGEST_WEIGHT:
                x = (column - columns.cells.start + 0.5) * PITCH
                y = (row - rows.cells.start + 0.5) * PITCH + 3
                yield label(words, x, y, "weight", "middle")
