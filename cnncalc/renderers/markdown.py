"""Markdown tables, as GitHub reads them."""

from __future__ import annotations

from .grid import Grid


def markdown(grid: Grid) -> str:
    """The grid as a Markdown table under its title; totals are its last row."""
    rules = [":--" if left else "--:" for left in grid.left]
    rows = [grid.headings, rules, *grid.rows]
    if grid.footer:
        rows.append([f"**{text}**" if text else "" for text in grid.footer])
    lines = ["| " + " | ".join(map(_escaped, row)) + " |" for row in rows]
    notes = [f"\n{_escaped(note)}" for note in grid.notes]
    return "\n".join([f"**{_escaped(grid.title)}**", "", *lines, *notes]) + "\n"


def _escaped(text: str) -> str:
    bold = text.startswith("**") and text.endswith("**")
    inner = text[2:-2] if bold else text
    for sign in "\\|`_[]<>":
        inner = inner.replace(sign, "\\" + sign)
    if inner.startswith("*") or inner.endswith("*"):
        inner = inner.replace("*", "\\*")
    return f"**{inner}**" if bold else inner
