"""A report's layers in every format."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..report.columns import COLUMNS, Cell, cells
from ..report.folding import Row
from ..wording import flat_shape
from .answer import Answer
from .grid import Grid, heading
from .report_cells import cell_text, footer, report_notes, totals_title
from .selection import Selection
from .sheet import Sheet
from .terminal import Terminal

WORDS = [column.heading for column in COLUMNS.values() if column.is_text]


def report_answer(
    selection: Selection, channels_last: bool = False, error: str | None = None
) -> Answer:
    """The selected layers, a row each; with an error, those before it.

    `channels_last` writes the shapes that people are shown as Keras does.
    """
    names = selection.columns or _with_repeat(selection.view.flat, selection)
    columns = cells(names, selection.report.axes)

    return Answer(
        [cell.heading for cell in columns],
        ([_raw(cell, layer) for cell in columns] for layer in selection.layers),
        lambda: selection.report.head(error),
        lambda: [report_grid(selection, channels_last)],
        sheets=lambda terminal: _sheets(selection, terminal, channels_last),
        layers=selection.layers,
        folded=selection.folded,
    )


def _sheets(selection: Selection, terminal: Terminal, channels_last: bool) -> list[Sheet]:
    from .report_sheet import report_sheet  # files need none

    return [report_sheet(selection, terminal, channels_last)]


def _with_repeat(names: Sequence[str], selection: Selection) -> list[str]:
    """The columns, with that of how many copies a row holds where blocks are folded."""
    place = names.index("type") + 1 if selection.folded and "type" in names else len(names)
    repeat = ["repeat"] if selection.folded else []
    return [*names[:place], *repeat, *names[place:]]


def _raw(cell: Cell, layer: Row) -> Any:
    value = cell.value(layer)
    if cell.column.is_shape and value is not None:
        return flat_shape(value)
    return value


def report_grid(selection: Selection, channels_last: bool = False) -> Grid:
    """The selected layers as people read them."""
    names = list(selection.columns or _with_repeat(_table_columns(selection), selection))
    columns = [cell_text(name, selection, channels_last) for name in names]
    return Grid(
        totals_title(selection, channels_last),
        [heading(name) for name in names],
        [[text(layer) for text in columns] for layer in selection.layers],
        WORDS,
        report_notes(names, selection),
        footer(names, selection),
    )


def _table_columns(selection: Selection) -> Sequence[str]:
    """The view's columns, without a smallest field that is the largest everywhere."""
    columns = selection.view.table
    if "rf_min" in columns and all(layer.rf == layer.rf_min for layer in selection.layers):
        return [name for name in columns if name != "rf_min"]
    return columns
