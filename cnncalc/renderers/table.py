"""Tables for the terminal, drawn by rich."""

from __future__ import annotations

from io import StringIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from .grid import Grid

FULL_WIDTH = 100_000


def table(grid: Grid, width: int | None = None) -> str:
    """The grid as a table, in colour for a terminal of a width; without one plain, in full."""
    terminal = width is not None
    console = Console(
        file=StringIO(),
        force_terminal=terminal,
        no_color=None if terminal else True,
        width=width or FULL_WIDTH,
        markup=False,
        highlight=False,
        emoji=False,
        legacy_windows=False,
    )
    console.print(drawn(grid), crop=False)
    for note in grid.notes:
        console.print(Text(note, style="dim"))
    return console.file.getvalue()  # type: ignore[attr-defined,no-any-return]


def drawn(grid: Grid) -> Table:
    """The grid as a table of rich."""
    made = Table(
        title=Text(grid.title, style="bold"),
        title_justify="left",
        box=SIMPLE_HEAD,
        show_footer=bool(grid.footer),
        pad_edge=False,
        footer_style="bold",
        header_style="bold",
    )
    footer = grid.footer or [""] * len(grid.headings)
    for heading, left, total in zip(grid.headings, grid.left, footer):
        made.add_column(
            heading,
            footer=total,
            justify="left" if left else "right",
            no_wrap=not left,
            overflow="fold",
        )
    for row in grid.rows:
        made.add_row(*row)
    return made
