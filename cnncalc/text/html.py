"""The report as an HTML table, for notebooks."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ..report.report import Report
from .report import report_grid
from .selection import VIEWS, select


def report_html(report: Report) -> str:
    """The summary as an HTML table."""
    drawn = report_grid(select(report, VIEWS["summary"]))
    sides = ["left" if left else "right" for left in drawn.left_aligned]

    def row(texts: Sequence[str], tag: str) -> str:
        cells = (
            f'<{tag} style="text-align:{side}">{escape(text)}</{tag}>'
            for text, side in zip(texts, sides)
        )
        return f"<tr>{''.join(cells)}</tr>"

    body = "".join(row(texts, "td") for texts in drawn.rows)
    footer = f"<tfoot>{row(drawn.footer, 'th')}</tfoot>" if drawn.footer else ""
    notes = "".join(f"<div>{escape(note)}</div>" for note in drawn.notes)
    return (
        f"<table><caption>{escape(drawn.title)}</caption><thead>{row(drawn.headings, 'th')}</thead>"
        f"<tbody>{body}</tbody>{footer}</table>{notes}"
    )
