"""Tables in HTML, and pages of them that need no other file."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from .grid import Grid


def page(parts: Sequence[Grid | str]) -> str:
    """Grids and texts as an HTML page."""
    first = parts[0]
    title = first.title if isinstance(first, Grid) else first.partition("\n")[0]
    body = "".join(
        grid_html(part) if isinstance(part, Grid) else f"<pre>{escape(part)}</pre>"
        for part in parts
    )
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}'
        f"</title></head><body>{body}</body></html>\n"
    )


def grid_html(drawn: Grid) -> str:
    """A grid as an HTML table, its notes below."""
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
