"""Tables for the terminal, drawn by rich."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from io import StringIO

from rich.box import SIMPLE, SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from .grid import BEYOND, GATED, Grid

FULL_WIDTH = 100_000
GAP, DIVIDER, MARGIN = 2, 1, 2
WEB_FONT = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)
FOLDED = 24  # a column of words is not folded to fewer characters than this


def table(grid: Grid, width: int | None = None) -> str:
    """The grid as a table, in colour for a terminal of a width; without one plain, in full.

    Where the columns do not fit side by side they come in parts, one below the other, each with
    the leading columns. Numbers are never cut or folded, however narrow the terminal is.
    """
    console = console_of(width)
    show(grid, console)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    if width is not None:
        return text
    return "\n".join(line.rstrip() for line in text.split("\n"))


def picture(parts: Sequence[Grid | str]) -> str:
    """Grids and texts as SVG, as wide as they are; nothing is fetched, fonts are the reader's."""
    from rich.terminal_theme import SVG_EXPORT_THEME

    drawn = [table(part) if isinstance(part, Grid) else part for part in parts]
    console = console_of(_longest(line for text in drawn for line in text.split("\n")) + MARGIN)
    console.record = True
    for number, part in enumerate(parts):
        if number:
            console.print()
        if isinstance(part, Grid):
            show(part, console)
        else:
            console.print(Text(part))
    console.print()  # room below the last line's descenders
    exported = console.export_svg(title="cnncalc", theme=SVG_EXPORT_THEME, font_aspect_ratio=0.6)
    return WEB_FONT.sub("", exported).replace("Fira Code", "DejaVu Sans Mono, Menlo, Consolas")


def console_of(width: int | None) -> Console:
    """A console that keeps what it is shown: of a terminal's width, or plain and unbounded."""
    return Console(
        file=StringIO(),
        force_terminal=width is not None,
        no_color=None if width is not None else True,
        width=width or FULL_WIDTH,
        markup=False,
        highlight=False,
        emoji=False,
        legacy_windows=False,
    )


def show(grid: Grid, console: Console) -> None:
    """Print the grid on a console of rich."""
    columns = _aligned_columns(grid)
    room = console.width
    console.print(Text(grid.title, style="bold"))
    for widths in _parts(grid, columns, room):
        console.print()
        # What does not fit even so is for the terminal to wrap: rich would cut it.
        console.width = max(room, _total([*widths.values()]))
        console.print(_rich_table(grid, columns, widths))
    console.width = room
    if grid.notes:
        console.print()
    for note in grid.notes:
        console.print(Text(note, style="dim"))


def _aligned_columns(grid: Grid) -> list[list[str]]:
    """The cells by column, totals last, numbers with their decimal points below each other."""
    rows = [*grid.rows, grid.footer] if grid.footer else grid.rows
    columns = [[row[i] for row in rows] for i in range(len(grid.headings))]
    return [
        column if left else _points_aligned(column)
        for column, left in zip(columns, grid.left_aligned)
    ]


def _points_aligned(texts: list[str]) -> list[str]:
    tails = [_behind_the_whole(text) for text in texts]
    longest = max(tails, default=0)
    return [text + " " * (longest - tail) for text, tail in zip(texts, tails)] if longest else texts


def _behind_the_whole(text: str) -> int:
    """How many characters come after the whole number: a decimal part, a mark."""
    marks = len(text) - len(text.rstrip(BEYOND + GATED))
    if marks:
        return marks
    point = text.rfind(".")
    return 0 if point < 0 else len(text) - point


def _longest(texts: Iterable[str]) -> int:
    return max(map(cell_len, texts), default=0)


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + GAP * (len(widths) - 1)


def _parts(grid: Grid, columns: list[list[str]], room: int) -> list[dict[int, int]]:
    """The columns that go side by side, with their widths: as many as there is room for."""
    full = [max(_longest(c), cell_len(h)) for c, h in zip(columns, grid.headings)]
    if _total(full) <= room:
        return [dict(enumerate(full))]
    least = [
        max(min(_longest(cells), FOLDED) if left else _longest(cells), _longest(heading.split()))
        for cells, heading, left in zip(columns, grid.headings, grid.left_aligned)
    ]
    lead = _leading(grid.left_aligned)
    parts: list[list[int]] = []
    for column in range(len(lead), len(least)):
        if not parts or _total([least[i] for i in (*parts[-1], column)]) > room:
            parts.append([*lead])
        parts[-1].append(column)
    return [_widen({i: least[i] for i in part}, full, room) for part in parts]


def _leading(left: list[bool]) -> list[int]:
    """The columns that every part repeats, since they say which row it is: a number, a name."""
    first = left.index(True) if True in left else -1
    return [*range(first + 1)] if first in (0, 1) and len(left) > first + 1 else []


def _widen(widths: dict[int, int], full: list[int], room: int) -> dict[int, int]:
    """The widths, with the room that is left given to columns that fall short of their full one."""
    spare = room - _total([*widths.values()])
    for column in sorted(widths, key=lambda column: full[column] - widths[column]):
        more = max(min(spare, full[column] - widths[column]), 0)
        widths[column] += more
        spare -= more
    return widths


def _rich_table(grid: Grid, columns: list[list[str]], widths: dict[int, int]) -> Table:
    """Some columns of the grid as a table of rich, without padding: its releases differ there."""
    totals = bool(grid.footer) and any(
        grid.footer[column] for column in widths if column not in _leading(grid.left_aligned)
    )
    made = Table(
        box=SIMPLE if totals else SIMPLE_HEAD,
        show_edge=False,
        show_footer=totals,
        padding=0,
        footer_style="bold",
        header_style="bold",
    )
    last = [*widths][-1]
    shown = []
    for column, width in widths.items():
        left, heading = grid.left_aligned[column], grid.headings[column]
        lines = [heading] if cell_len(heading) <= width else heading.split()
        cells = columns[column]
        if not left:
            lines, cells = [[_right(text, width) for text in texts] for texts in (lines, cells)]
        made.add_column(
            Text("\n".join(lines)),
            cells[-1] if grid.footer else "",
            width=width if column == last else width + GAP - DIVIDER,
            no_wrap=not left,
            overflow="fold",
        )
        shown.append(cells[: len(grid.rows)])
    for row in zip(*shown):
        made.add_row(*row)
    return made


def _right(text: str, width: int) -> str:
    """The text after blanks; rich's own alignment would drop the blanks that align points."""
    return " " * (width - cell_len(text)) + text
