"""An explanation as Markdown: a table for every layer."""

from __future__ import annotations

from ..studies.explain.records import Explanation, LayerExplanation
from .explain_rows import Row, layer_title, legend, notes, rows
from .grid import Grid, report_title
from .markdown import escaped, markdown

HEADINGS = ["quantity", "formula", "with the numbers put in", "result", "note"]


def explanation_markdown(explanation: Explanation, detailed: bool) -> str:
    """The explanation as Markdown; `detailed` lists the ways down step by step."""
    parts = [f"# {escaped(report_title(explanation.report))}\n"]
    parts += [_table(explained, detailed) for explained in explanation]
    symbols = [f"{symbol}: {meaning}" for symbol, meaning in legend(explanation)]
    closing = [f"{escaped(text)}" for text in (*symbols, *notes(explanation))]
    return "\n".join([*parts, *(f"- {line}" for line in closing)]) + "\n"


def _table(explained: LayerExplanation, detailed: bool) -> str:
    drawn = [_cells(row) for row in rows(explained, detailed)]
    grid = Grid(layer_title(explained), HEADINGS, [True] * len(HEADINGS), drawn, [], [])
    return markdown(grid)


def _cells(row: Row) -> list[str]:
    label = f"↳ {row.quantity}" if row.inner else row.quantity
    start = f"{row.symbol} = " if row.symbol and row.formula else ""
    return [label, f"{start}{row.formula}", row.numbers, row.result, row.note]
