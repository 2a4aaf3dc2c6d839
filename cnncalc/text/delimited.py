"""CSV (RFC 4180, with \\n) and TSV: raw numbers, a header row, no totals."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..report.columns import SHAPES, cell_value, cells
from .views import Selection

SEPARATORS = {"csv": ",", "tsv": "\t"}


def delimited(selection: Selection, form: str) -> str:
    """The selected layers as CSV or TSV."""
    chosen = cells(list(selection.columns or selection.view.flat), selection.report.axes)
    rows = (
        [_text(cell_value(layer, cell), cell.column.name in SHAPES) for cell in chosen]
        for layer in selection.layers
    )
    return delimited_rows([cell.heading for cell in chosen], rows, form)


def delimited_rows(headings: list[str], rows: Iterable[list[str]], form: str) -> str:
    """A header row and rows of text."""
    separator = SEPARATORS[form]
    lines = [separator.join(headings)]
    lines += [separator.join([_quoted(text, separator) for text in row]) for row in rows]
    return "\n".join(lines) + "\n"


def _quoted(text: str, separator: str) -> str:
    if separator in text or '"' in text or "\n" in text or "\r" in text:
        return '"' + text.replace('"', '""') + '"'
    return text


def _text(value: Any, is_shape: bool = False) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if is_shape:
        return "x".join("" if number is None else str(number) for number in value)
    if isinstance(value, tuple):
        return repr(value[0] / value[1])
    if isinstance(value, list):
        return ";".join(value)
    return str(value)
