"""The answer to a question, as rows and keys of its own, in every format."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ..record import Record
from ..report.report import SCHEMA
from .grid import Grid

Texts = Mapping[str, Callable[[], str]]


class Answer(Record):
    """What a command answers: `columns` and `rows` for CSV, `plain` for JSON, grids for people.

    A row's values are whole numbers, exact (numerator, denominator) pairs, text, booleans, lists
    of text, or None where unknown. `texts` has formats that are drawn otherwise. Whatever a format
    does not need is not computed.
    """

    columns: Sequence[str]
    rows: Iterable[Sequence[Any]]
    plain: Callable[[], dict[str, Any]]
    grids: Callable[[], list[Grid]] = list
    texts: Texts = {}


def render(answer: Answer, form: str, width: int | None) -> str:
    """The answer in a format; `width` is the terminal's for a table, None for a file.

    Formats are imported only when they draw: CSV needs neither json nor rich.
    """
    if form in answer.texts:
        return answer.texts[form]()
    if form == "json":
        from json import dumps

        return dumps({"schema": SCHEMA, **answer.plain()}, indent=2, ensure_ascii=False) + "\n"
    if form in ("csv", "tsv"):
        from .delimited import delimited_text

        return delimited_text(answer.columns, answer.rows, form)
    if form == "markdown":
        from .markdown import markdown

        return "\n".join(map(markdown, answer.grids()))
    if form == "svg":
        from .table import picture

        return picture(_parts(answer))
    if form == "html":
        from .page import page

        return page(_parts(answer))
    from .table import table

    return "\n".join(table(grid, width) for grid in answer.grids())


def _parts(answer: Answer) -> Sequence[Grid | str]:
    """What a picture or a page of the answer shows: its grids, text where it has none."""
    return answer.grids() or [answer.texts["text"]()]
