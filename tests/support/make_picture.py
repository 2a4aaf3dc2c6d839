"""Draws the README's picture: the table of `cnncalc rf vgg16`, as rich exports it to SVG.

Run by hand after the table has changed:

    python tests/support/make_picture.py

It writes tests/data/vgg16.svg.
"""

import re
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import SVG_EXPORT_THEME

import cnncalc
from cnncalc.text.report import report_grid
from cnncalc.text.selection import VIEWS, select
from cnncalc.text.table import show

NETWORK = "vgg16"
PICTURE = Path(__file__).parent.parent / "data" / "vgg16.svg"
PROMPT = f"$ cnncalc rf {NETWORK}"
MARGIN = 2
WEB_FONT = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)


def picture() -> str:
    """The table as SVG, as wide as it is; fonts are the reader's own, nothing is fetched."""
    drawn = report_grid(select(cnncalc.analyze(cnncalc.load(NETWORK)), VIEWS["rf"]))
    plain = Console(file=StringIO(), width=1000)
    show(drawn, plain)
    width = max(map(len, plain.file.getvalue().splitlines())) + MARGIN
    console = Console(
        record=True, file=StringIO(), width=width, force_terminal=True, color_system="truecolor"
    )
    console.print(PROMPT, style="bold", highlight=False)
    show(drawn, console)
    console.print()  # room below the last line's descenders
    exported = console.export_svg(title="cnncalc", theme=SVG_EXPORT_THEME, font_aspect_ratio=0.6)
    return WEB_FONT.sub("", exported).replace("Fira Code", "DejaVu Sans Mono, Menlo, Consolas")


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
    print(PICTURE)
