"""The answer to a question, as rows and keys of its own, in every format."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ..record import Record
from ..report.folding import Row
from ..report.report import SCHEMA
from .grid import Grid
from .sheet import Line, Sheet, sheet_of
from .terminal import Terminal

WHOLE = Terminal(exact=True, wide=True)  # what a picture shows
Texts = Mapping[str, Callable[[], str]]


class Answer(Record):
    """What a command answers: `columns` and `rows` for CSV, `plain` for JSON, grids for people.

    A row's values are whole numbers, exact (numerator, denominator) pairs, text, booleans, lists
    of text, or None where unknown. `texts` has formats that are drawn otherwise; a terminal shows
    `sheets`, or `lines` of styled text, where there are any. Whatever a format does not need is not
    computed. JSON's list of `layers` is written row by row.
    """

    columns: Sequence[str]
    rows: Iterable[Sequence[Any]]
    plain: Callable[[], dict[str, Any]]
    grids: Callable[[], list[Grid]] = list
    texts: Texts = {}
    sheets: Callable[[Terminal], list[Sheet]] | None = None
    lines: Callable[[Terminal], Iterable[Line]] | None = None
    layers: Sequence[Row] = ()
    folded: bool = False


def render(answer: Answer, form: str, terminal: Terminal | None = None) -> str:
    """The answer in a format; a table is drawn for a terminal, where there is one."""
    return "".join(pieces(answer, form, terminal))


def pieces(answer: Answer, form: str, terminal: Terminal | None = None) -> Iterable[str]:
    """The answer in a format, as it is computed.

    Formats are imported only when they draw: CSV needs neither json nor rich.
    """
    if form in ("csv", "tsv"):
        from .delimited import delimited_lines

        return delimited_lines(answer.columns, answer.rows, form)
    if form == "json":
        from .json import object_pieces

        return object_pieces({"schema": SCHEMA, **answer.plain()}, answer.layers, answer.folded)
    return [_text_for_people(answer, form, terminal)]


def _text_for_people(answer: Answer, form: str, terminal: Terminal | None) -> str:
    if form == "table" and terminal is not None and answer.lines is not None:
        from .table import terminal_text

        return terminal_text(answer.lines(terminal), terminal)
    if form in answer.texts:
        return answer.texts[form]()
    if form == "markdown":
        from .markdown import markdown

        return "\n".join(map(markdown, answer.grids()))
    if form == "svg":
        from .table_picture import picture

        return picture(_picture_parts(answer, WHOLE), WHOLE)
    if form == "html":
        from .page import page

        return page(answer.grids() or _text(answer))
    from .table import table

    if terminal is None:
        return "\n".join(table(sheet_of(grid)) for grid in answer.grids())
    return "\n".join(table(sheet, terminal) for sheet in _sheets(answer, terminal))


def _sheets(answer: Answer, terminal: Terminal) -> list[Sheet]:
    """What a terminal is shown."""
    if answer.sheets is not None:
        return answer.sheets(terminal)
    return list(map(sheet_of, answer.grids()))


def _picture_parts(answer: Answer, terminal: Terminal) -> Sequence[Sheet | str]:
    """What a picture of the answer shows: its sheets, text where it has none."""
    return _sheets(answer, terminal) or _text(answer)


def _text(answer: Answer) -> list[str]:
    return [answer.texts["text"]()]
