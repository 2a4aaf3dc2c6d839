"""CSV (RFC 4180, with \\n) and TSV: raw numbers, a header row, no totals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

SEPARATORS = {"csv": ",", "tsv": "\t"}


def delimited_lines(
    headings: Sequence[str], rows: Iterable[Sequence[Any]], form: str
) -> Iterator[str]:
    """A header row and rows of raw values."""
    separator = SEPARATORS[form]
    yield separator.join(headings) + "\n"
    for row in rows:
        yield separator.join([_cell(value, separator) for value in row]) + "\n"


def _cell(value: Any, separator: str) -> str:
    """A raw value; unknown is empty, a fraction the shortest decimal of its double."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return repr(value[0] / value[1])
    text = ";".join(value) if isinstance(value, list) else str(value)
    if separator in text or '"' in text or "\n" in text or "\r" in text:
        return '"' + text.replace('"', '""') + '"'
    return text
