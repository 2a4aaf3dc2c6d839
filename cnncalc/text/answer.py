"""The answer to a question, as rows and keys of its own, in every format."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ..record import Record
from ..report.report import SCHEMA

if TYPE_CHECKING:
    from .grid import Grid


class Answer(Record):
    """What a command answers: `columns` and `rows` for CSV, `plain` for JSON, grids for people.

    A row's values are whole numbers, exact (numerator, denominator) pairs, text, booleans, lists
    of text, or None where unknown. Grids are made only when they are drawn.
    """

    columns: tuple[str, ...]
    rows: Sequence[Sequence[Any]]
    plain: dict[str, Any]
    grids: Callable[[], list[Grid]]


def rendered(answer: Answer, form: str, width: int | None) -> str:
    """The answer in a format; `width` is the terminal's for a table, None for a file."""
    if form == "json":
        from .json import json_text

        return json_text({"schema": SCHEMA, **answer.plain})
    if form in ("csv", "tsv"):
        from .delimited import delimited_rows

        rows = ([_text(value) for value in row] for row in answer.rows)
        return delimited_rows(list(answer.columns), rows, form)
    if form == "markdown":
        from .markdown import markdown

        return "\n".join(markdown(grid) for grid in answer.grids())
    from .table import table

    return "\n".join(table(grid, width) for grid in answer.grids())


def _text(value: Any) -> str:
    """A raw value; unknown is empty, a fraction the shortest decimal of its double."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return repr(value[0] / value[1])
    if isinstance(value, list):
        return ";".join(value)
    return "" if value is None else str(value)
