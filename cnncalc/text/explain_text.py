"""An explanation as plain text."""

from __future__ import annotations

from collections.abc import Iterator

from ..studies.explain.records import Explanation, LayerExplanation
from .explain_rows import Row, layer_title, legend, notes, rows
from .grid import Grid, report_title
from .markdown import escape, markdown

WIDEST_LABEL = 28


def explanation_text(explanation: Explanation, detailed: bool, last: bool = False) -> str:
    """The explanation as text; `detailed` lists the ways down step by step."""
    lines = [report_title(explanation.report, last)]
    for explained in explanation:
        lines += ["", layer_title(explained, last), *_layer(explained, detailed)]
    symbols = [f"{symbol}: {meaning}" for symbol, meaning in legend(explanation)]
    lines += ["", *_wrap("; ".join(symbols)), *notes(explanation)]
    return "\n".join(lines).rstrip("\n") + "\n"


def _layer(explained: LayerExplanation, detailed: bool) -> Iterator[str]:
    drawn = list(rows(explained, detailed))
    width = min(max(len(row.quantity) + 2 * row.inner for row in drawn), WIDEST_LABEL)
    for row in drawn:
        label = "  " * row.inner + row.quantity
        first, *others = _formula_lines(row)
        if len(label) > width:
            yield f"  {label}"
            label = ""
        yield f"  {label.ljust(width)}  {first}".rstrip()
        yield from (f"  {' ' * width}  {line}" for line in others)


def _formula_lines(row: Row) -> list[str]:
    """The formula and, on a line of its own, the numbers put in."""
    start = f"{row.symbol} = " if row.symbol else ""
    note = f"   ({row.note})" if row.note else ""
    if row.inner:
        parts = [row.numbers or row.formula, row.result]
        return [" = ".join(part for part in parts if part) + note]
    lines = [f"{start}{row.formula}"] if row.formula and row.numbers else []
    parts = [row.numbers or row.formula, row.result]
    filled = " = ".join(part for part in parts if part)
    return [*lines, f"{start}{filled}{note}"]


def _wrap(words: str, width: int = 96) -> list[str]:
    from textwrap import wrap

    return wrap(words, width, break_long_words=False)


HEADINGS = ["quantity", "formula", "with the numbers put in", "result", "note"]


def explanation_markdown(explanation: Explanation, detailed: bool, last: bool = False) -> str:
    """The explanation as Markdown; `detailed` lists the ways down step by step."""
    parts = [f"# {escape(report_title(explanation.report, last))}\n"]
    parts += map(markdown, explanation_grids(explanation, detailed, last))
    symbols = [f"{symbol}: {meaning}" for symbol, meaning in legend(explanation)]
    closing = [f"{escape(text)}" for text in (*symbols, *notes(explanation))]
    return "\n".join([*parts, *(f"- {line}" for line in closing)]) + "\n"


def explanation_grids(explanation: Explanation, detailed: bool, last: bool = False) -> list[Grid]:
    """A table a layer."""
    return [
        Grid(
            layer_title(explained, last),
            HEADINGS,
            [_cells(row) for row in rows(explained, detailed)],
            HEADINGS,
        )
        for explained in explanation
    ]


def _cells(row: Row) -> list[str]:
    label = f"↳ {row.quantity}" if row.inner else row.quantity
    start = f"{row.symbol} = " if row.symbol and row.formula else ""
    return [label, f"{start}{row.formula}", row.numbers, row.result, row.note]
