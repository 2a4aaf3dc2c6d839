"""Which columns a terminal has room for, and how wide they are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from .sheet import Sheet, SheetColumn, block_and_leaf

GAP = 2
FOLDED = 24  # a column of words is not folded to fewer characters than this
NARROW = re.compile(r"[ -~×·─│▏▎▍▌▋▊▉█…−–≤≥→?]*")


def text_width(text: str) -> int:
    """Characters of the longest line."""
    if "\n" in text:
        return max(map(text_width, text.split("\n")))
    if NARROW.fullmatch(text):
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def column_width(column: SheetColumn) -> int:
    """Characters of a column's longest text."""
    return max(map(text_width, (column.heading, column.footer, *column.cells)))


def total_width(widths: Iterable[int]) -> int:
    """Characters of columns side by side."""
    listed = list(widths)
    return sum(listed) + GAP * (len(listed) - 1)


def fit(sheet: Sheet, width: int) -> tuple[Sheet, list[str]]:
    """The sheet without the columns that there is no room for, and what those are called.

    They are in the order in which the sheet has them.
    """
    widths = list(map(column_width, sheet.columns))
    kept = set(range(len(widths)))
    ranks = {column.rank for column in sheet.columns} | {sheet.names_rank}
    for rank in sorted(ranks - {0}, reverse=True):
        if total_width(widths[place] for place in kept) <= width:
            break
        if rank == sheet.names_rank and sheet.names is not None:
            names = sheet.names
            sheet = _by_block(sheet, names)
            widths[names] = column_width(sheet.columns[names])
        kept -= {place for place, column in enumerate(sheet.columns) if column.rank == rank}
    # What is wanted more may have been too wide where what is wanted less fits.
    for place in sorted(set(range(len(widths))) - kept, key=lambda p: sheet.columns[p].rank):
        if total_width(widths[other] for other in (*kept, place)) <= width:
            kept.add(place)
    gone = [c.label for i, c in enumerate(sheet.columns) if i not in kept and c.label is not None]
    return sheet.but(columns=[sheet.columns[place] for place in sorted(kept)]), gone


def _by_block(sheet: Sheet, names: int) -> Sheet:
    """Names without their block's, which stands in a line of its own before the block's rows."""
    column = sheet.columns[names]
    split = [block_and_leaf(name) for name in column.cells]
    blocks = {}
    before = ""
    for row, (block, _) in enumerate(split):
        if block and block != before:
            blocks[row] = block
        before = block
    cells = [f"  {leaf}" if block else leaf for block, leaf in split]
    columns = [*sheet.columns]
    columns[names] = column.but(cells=cells)
    return sheet.but(columns=columns, blocks=blocks)


def parts(columns: Sequence[SheetColumn], width: int) -> list[list[SheetColumn]]:
    """The columns in as many tables as they need, each with the leading ones, words folded."""
    widths = list(map(column_width, columns))
    if not columns or total_width(widths) <= width:
        return [list(columns)]
    least = [min(each, FOLDED) if c.left else each for each, c in zip(widths, columns)]
    lead = _leading([column.left for column in columns])
    tables: list[list[int]] = []
    for place in range(len(lead), len(least)):
        if not tables or total_width(least[i] for i in (*tables[-1], place)) > width:
            tables.append([*lead])
        tables[-1].append(place)
    return [_fold([columns[i] for i in table], width) for table in tables]


def _leading(left: list[bool]) -> list[int]:
    """The columns that every part repeats, since they say which row it is: a number, a name."""
    first = left.index(True) if True in left else -1
    return [*range(first + 1)] if first in (0, 1) and len(left) > first + 1 else []


def _fold(columns: list[SheetColumn], width: int) -> list[SheetColumn]:
    """The columns, their words folded until they fit, the widest first."""
    widths = list(map(column_width, columns))
    for place in sorted(range(len(columns)), key=lambda place: -widths[place]):
        excess = total_width(widths) - width
        column = columns[place]
        if excess > 0 and column.left and widths[place] > FOLDED:
            widths[place] = max(widths[place] - excess, FOLDED)
            columns[place] = column.but(
                heading=word_wrap(column.heading, widths[place]),
                cells=[word_wrap(text, widths[place]) for text in column.cells],
            )
    return columns


def word_wrap(text: str, width: int, joint: str = " ") -> str:
    """The text with line breaks between words, or other pieces, where it is longer than the width.

    What is longer by itself stays whole.
    """
    if text_width(text) <= width:
        return text
    lines: list[str] = []
    for piece in text.split(joint):
        longer = f"{lines[-1]}{joint}{piece}" if lines else piece
        if lines and text_width(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(piece)
    return "\n".join(lines)
