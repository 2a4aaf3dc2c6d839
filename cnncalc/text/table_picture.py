"""Tables as pictures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from io import StringIO

from rich.console import Console
from rich.terminal_theme import DEFAULT_TERMINAL_THEME, SVG_EXPORT_THEME
from rich.text import Text

from .sheet import Line, Sheet
from .table import table_lines
from .table_fit import text_width
from .table_style import rich_style
from .terminal import Terminal

WEB_FONT = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)
MARGIN = 2


def picture(pieces: Sequence[Sheet | str], terminal: Terminal, light: bool = False) -> str:
    """Sheets and texts as SVG, as wide as they are; nothing is fetched, fonts are the reader's."""
    lines: list[Line] = []
    for piece in pieces:
        lines += [[]] if lines else []
        if isinstance(piece, str):
            lines += [[(text, "")] for text in piece.split("\n")]
        else:
            lines += table_lines(piece, terminal)
    width = max((text_width("".join(text for text, _ in line)) for line in lines), default=0)
    console = Console(
        record=True,
        file=StringIO(),
        width=width + MARGIN,
        force_terminal=True,
        color_system="truecolor",
        legacy_windows=False,
    )
    for line in [*lines, []]:  # room below the last line's descenders
        text = Text(no_wrap=True)
        for span, style in line:
            text.append(span, rich_style(style))
        console.print(text, highlight=False)
    theme = DEFAULT_TERMINAL_THEME if light else SVG_EXPORT_THEME
    exported = console.export_svg(title="cnncalc", theme=theme, font_aspect_ratio=0.6)
    return WEB_FONT.sub("", exported).replace("Fira Code", "DejaVu Sans Mono, Menlo, Consolas")
