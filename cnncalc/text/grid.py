"""What people are shown, as a grid of text: the table, Markdown and HTML renderers draw it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from ..record import Record
from ..report.columns import COLUMNS
from ..report.report import Report
from ..wording import UNKNOWN, input_text, number

BEYOND, GATED = "*", "+"


class Grid(Record):
    """A titled table of text; `words` are the headings of columns that are aligned left."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: Collection[str] = ()
    notes: Sequence[str] = ()
    footer: Sequence[str] = ()

    @property
    def left_aligned(self) -> list[bool]:
        """Whether a column is aligned left, for every column."""
        return [heading in self.words for heading in self.headings]


def heading(name: str) -> str:
    """A column's heading by its name, which may be one that no layer has."""
    if name.endswith("_share"):
        return "share"
    return COLUMNS[name].heading if name in COLUMNS else name


def scalar(value: Any, unknown: str = UNKNOWN) -> str:
    """One value; an unknown number is `?` unless said otherwise."""
    if value is None:
        return unknown
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(value)
    return number(value)


def report_title(report: Report, last: bool = False) -> str:
    """The network, its input, and what the figures are scaled and relative to."""
    parts = [report.network, f"input {input_text(report.input, last)}"]
    if report.batch > 1:
        parts.append(f"batch {report.batch:,}")
    if report.origin is not None:
        parts.append(f"fields relative to {report.origin}")
    return " · ".join(parts)
