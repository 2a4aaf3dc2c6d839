"""Markdown tables, as GitHub reads them."""

from __future__ import annotations

from .grid import Grid

MARKUP = "\\|`*_~[]<>&"


def markdown(grid: Grid) -> str:
    """The grid as a Markdown table under its title; totals are its last row."""
    rules = [":--" if left else "--:" for left in grid.left_aligned]
    rows = [list(map(escape, row)) for row in (grid.headings, *grid.rows)]
    rows.insert(1, rules)
    if grid.footer:
        rows.append([f"**{escape(text)}**" if text else "" for text in grid.footer])
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    notes = [f"\n{escape(note)}" for note in grid.notes]
    return "\n".join([f"**{escape(grid.title)}**", "", *lines, *notes]) + "\n"


def escape(text: str) -> str:
    """The text as it is, with nothing in it read as markup."""
    return "".join("\\" + sign if sign in MARKUP else sign for sign in text)
