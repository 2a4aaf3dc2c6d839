"""What every drawing is written with: SVG's elements as text, two themes, cells and labels."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from ...definition.arguments import checked_text
from ...errors import UsageError
from ...record import Record
from ...wording import did_you_mean, quote

MOST_BYTES = 30_000
PITCH, GAP, CORNER = 24, 2, 2  # from one cell to the next, between their edges, what is round
MARGIN = 24
MONO = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace"
SANS = "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue','DejaVu Sans',sans-serif"
SMALL, LARGE = 11, 13  # of letters
MONO_WIDTH = 0.61  # a letter's, by its size: wide enough for every font of the list
# What XML 1.0 has no way to write.
NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Theme(Record):
    """The colours of a drawing, one of which is the accent: `tint` is it on the ground.

    `cell` fills the cells of maps, `line` what is only outlined.
    """

    ground: str
    ink: str
    muted: str
    line: str
    cell: str
    accent: str
    tint: str


THEMES = {
    "light": Theme("#ffffff", "#1d2026", "#6a6e76", "#b9b5a9", "#e6e3da", "#c2410c", "#f3b894"),
    "dark": Theme("#131519", "#e8e6e1", "#9aa0aa", "#565e6b", "#2c313a", "#fb923c", "#8a5227"),
}


def theme_of(name: object) -> Theme:
    """The theme of a name; raises UsageError where there is none."""
    if checked_text(name, "theme") not in THEMES:
        raise UsageError(f"no theme is called {quote(name)}; {did_you_mean(str(name), THEMES)}")
    return THEMES[str(name)]


class Picture(Record):
    """A drawing as `svg`, the text of a file.

    A notebook shows it as an image: drawings within one page would share their styles.
    """

    svg: str

    def _repr_html_(self) -> str:
        from base64 import b64encode

        return f'<img src="data:image/svg+xml;base64,{b64encode(self.svg.encode()).decode()}">'


def plain_xml(words: str) -> str:
    """A text for XML, whatever is in it: signs that it has no way to write become �."""
    return escape(NO_XML.sub("\ufffd", words))


def element(name: str, content: str = "", /, **attributes: object) -> str:
    """An element; `class_`, `data_cell` stand for `class`, `data-cell`, None for no attribute."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{plain_xml(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


def label(words: str, x: float, y: float, class_: str = "small", anchor: str = "start") -> str:
    """A text at a place: `small` and muted, `large` in ink, `number` in letters of one width."""
    at = None if anchor == "start" else anchor
    return element("text", plain_xml(words), x=short(x), y=short(y), class_=class_, text_anchor=at)


def label_width(words: str, size: float = SMALL) -> float:
    """How wide a text in letters of one width is at most."""
    return len(words) * size * MONO_WIDTH


def short(number: float) -> str:
    """A coordinate in at most two decimals, as few signs as it needs."""
    return f"{number:.2f}".rstrip("0").rstrip(".") if number % 1 else str(int(number))


def box_path(x: float, y: float, width: float, height: float) -> str:
    """The path of a rectangle."""
    across, down = short(width), short(height)
    return f"M{short(x)} {short(y)}h{across}v{down}h-{across}z"


def run(column: int, row: int, columns: int = 1, rows: int = 1, pitch: float = PITCH) -> str:
    """The path of cells in a run, as one: from a column and row on, so many across and down.

    Its edges stand back by the stroke that makes its corners round: see `cell` in `document`.
    """
    inset = (GAP + CORNER) / 2 * pitch / PITCH
    sides = (count * pitch - 2 * inset for count in (columns, rows))
    return box_path(column * pitch + inset, row * pitch + inset, *sides)


def document(
    title: str,
    size: tuple[float, float],
    theme: Theme,
    content: Iterable[str],
    style: str = "",
    description: str = "",
) -> str:
    """A drawing as a file of its own, so wide and high, on the theme's ground.

    Its cells are of the classes `cell` (of a map), `tap`, `unit` (the one shown) and `empty`
    (outlined alone); `style` has what else the content needs.
    """
    width, height = map(short, size)
    head = element("title", plain_xml(title))
    if description:
        head += element("desc", plain_xml(description))
    rules = f"{_style(theme)}{style}".replace("&", "&amp;").replace("<", "&lt;")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img">{head}\n<style>{rules}</style>\n'
        f'<path fill="{theme.ground}" d="M0 0h{width}v{height}H0z"/>\n'
        + "\n".join(content)
        + "\n</svg>\n"
    )


def _style(theme: Theme) -> str:
    colours = {"cell": theme.cell, "tap": theme.tint, "unit": theme.accent}
    filled = "".join(f".{name}{{fill:{hue};stroke:{hue}}}" for name, hue in colours.items())
    return (
        f"text{{font:{SMALL}px {MONO};fill:{theme.muted}}}"
        f".large{{font:600 {LARGE}px {SANS};fill:{theme.ink}}}.number{{fill:{theme.ink}}}"
        f"{','.join(f'.{name}' for name in colours)}"
        f"{{stroke-width:{CORNER};stroke-linejoin:round}}{filled}"
        f".empty{{fill:none;stroke:{theme.line};stroke-dasharray:2 2.5}}"
    )
