"""A table as terminals show it: columns that may be left out, styles, and rules between rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..record import Record
from .grid import BEYOND, GATED, Grid

Span = tuple[str, str]  # a text and the name of its style
Line = list[Span]
UNIT = 2  # a blank and a letter


class SheetColumn(Record):
    """A column of text; a cell's lines are parted by newlines.

    The higher its rank, the sooner it is left out; 0 stays. `label` is what it is then called,
    None where nobody misses it. `styles` are the cells', by name.
    """

    heading: str
    cells: Sequence[str]
    left: bool = False
    footer: str = ""
    styles: Sequence[str] = ()
    rank: int = 0
    label: str | None = None


class Sheet(Record):
    """A titled table. `rules` are labels of lines before rows, by the row's place.

    `names` is the place of the column whose names may lose their block's, at the rank
    `names_rank`; `blocks` are then lines of blocks' names before rows.
    """

    title: str
    columns: Sequence[SheetColumn]
    rules: Mapping[int, str] = {}
    notes: Sequence[str] = ()
    names: int | None = None
    names_rank: int = 0
    blocks: Mapping[int, str] = {}


def sheet_of(grid: Grid) -> Sheet:
    """A grid as it is, with all its columns."""
    rows = [*grid.rows, grid.footer] if grid.footer else grid.rows
    columns = []
    for place, (heading, left) in enumerate(zip(grid.headings, grid.left_aligned)):
        cells = [row[place] for row in rows]
        cells = cells if left else aligned_numbers(cells)
        footer = cells.pop() if grid.footer else ""
        columns.append(SheetColumn(heading, cells, left, footer))
    return Sheet(grid.title, columns, notes=grid.notes)


def aligned_numbers(texts: Sequence[str]) -> list[str]:
    """Numbers with their decimal points, or their units, below each other."""
    if any(map(_has_unit, texts)):
        return [text if _has_unit(text) or not text else text + " " * UNIT for text in texts]
    tails = [_behind_the_whole(text) for text in texts]
    most = max(tails, default=0)
    return [text + " " * (most - tail) for text, tail in zip(texts, tails)] if most else [*texts]


def _has_unit(text: str) -> bool:
    return text[-2:-1] == " " and text[-1:].isalpha()


def _behind_the_whole(text: str) -> int:
    """How many characters come after the whole number: a decimal part, a mark."""
    marks = len(text) - len(text.rstrip(BEYOND + GATED))
    if marks:
        return marks
    point = text.rfind(".")
    return 0 if point < 0 else len(text) - point


def block_and_leaf(name: str) -> tuple[str, str]:
    """A name's block and the rest of it, which is no number alone.

    >>> block_and_leaf("layer1.0.downsample.1"), block_and_leaf("fc")
    (('layer1.0', 'downsample.1'), ('', 'fc'))
    """
    parts = name.split(".")
    leaf = 2 if parts[-1].split(" ")[0].isdigit() and len(parts) > 2 else 1
    return ".".join(parts[:-leaf]), ".".join(parts[-leaf:])
