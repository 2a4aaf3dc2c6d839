"""What each command shows of a report: its columns in files and in tables, and its rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

from ..record import Record
from ..report.columns import Cell, cells, in_order
from ..report.folding import Row, fold
from ..report.report import Report

Keeps = Callable[[Row], bool]


class View(Record):
    """`flat` are the columns of CSV, `table` those that people are shown.

    `keeps` says which rows, None all; `totals` whether a table has a footer with them.
    """

    name: str
    flat: tuple[str, ...]
    table: tuple[str, ...]
    keeps: Keeps | None = None
    totals: bool = True


def _view(name: str, flat: str, table: str, keeps: Keeps | None = None) -> View:
    start = ("index", "layer", "type")
    return View(name, (*start, *flat.split()), (*start, *table.split()), keeps)


WINDOW = "kernel stride padding dilation"
COSTS = "params macs flops activations"
FIELD = "rf eff_stride"
WEIGHTS, PRODUCTS = "weight_shape params params_share", "out_shape macs flops macs_share"

VIEWS = {
    view.name: view
    for view in (
        _view(
            "shape",
            f"{WINDOW} out_channels out params macs {FIELD}",
            f"{WINDOW} out_shape params macs {FIELD}",
        ),
        _view(
            "rf",
            f"out {FIELD} eff_pad center",
            "out rf rf_min eff_stride eff_pad center",
            lambda layer: layer.moves_field,
        ),
        _view("params", "out_channels params", WEIGHTS, lambda layer: layer.params != 0),
        _view("flops", "out_channels out macs flops", PRODUCTS, lambda layer: layer.macs != 0),
        _view("summary", f"out_channels out {COSTS} {FIELD}", f"out_shape {COSTS} {FIELD}"),
    )
}


class Selection(Record):
    """The rows to show of a report, and the columns that were asked for (None: the view's).

    `folded` says whether blocks are rows, `in_order` whether they stand as in the network.
    """

    report: Report
    view: View
    layers: tuple[Row, ...]
    columns: tuple[str, ...] | None = None
    folded: bool = False
    in_order: bool = True


def select(
    report: Report,
    view: View,
    all_layers: bool = False,
    pattern: str | None = None,
    columns: tuple[str, ...] | None = None,
    depth: int | None = None,
    sort: str | None = None,
    top: int | None = None,
) -> Selection:
    """The view's layers, or every one; only those whose name fits the glob pattern.

    With a depth, blocks below it are rows of their sums. `sort` is a column by which rows are
    ordered, numbers from the largest; `top` is how many rows are shown at the most.
    """
    keeps = view.keeps
    rows: Sequence[Row] = report.layers if depth is None else fold(report, depth)
    rows = [row for row in rows if all_layers or not keeps or keeps(row)]
    if pattern is not None:
        from fnmatch import fnmatchcase

        rows = [row for row in rows if fnmatchcase(row.layer, pattern)]
    if sort is not None:
        rows = _by_column(rows, sort, report.axes)
    return Selection(report, view, tuple(rows[:top]), columns, depth is not None, sort is None)


def _by_column(rows: Sequence[Row], column: str, axes: tuple[str, ...]) -> list[Row]:
    """The rows by a column, of several axes by the largest; raises UsageError for no column."""
    chosen = cells([column], axes)

    def amount(row: Row) -> Any:
        amounts = [_amount(cell, row) for cell in chosen]
        return max((each for each in amounts if each is not None), default=None)

    return in_order(rows, amount)


def _amount(cell: Cell, row: Row) -> Any:
    """What orders a row by a cell: its number, a shape's elements, its text; None for unknown."""
    value = cell.value(row)
    if cell.column.is_shape and value is not None:
        return None if None in value else prod(value)
    if isinstance(value, tuple):
        from fractions import Fraction

        return Fraction(*value)
    if isinstance(value, list):
        return ";".join(value)
    if isinstance(value, str) and not cell.column.is_text:
        return max(map(int, value.split(":")))  # an uneven padding
    return value
