"""Styles by name, and what turns them on and off in a terminal."""

from __future__ import annotations

from rich.color import ColorSystem
from rich.style import Style

# Colours of middling lightness: they can be read on dark and on light ground alike.
STYLES = {
    "title": "bold",
    "heading": "bold",
    "total": "bold",
    "note": "dim",
    "line": "dim",
    "rule": "color(30)",
    "block": "bold",
    "zero": "dim",
    "cost": "color(33)",
    "field": "color(30)",
    "beyond": "color(166)",
    "good": "color(64)",
    "bad": "bold color(160)",
    "doubtful": "color(136)",
    # families of layers
    "weighted": "color(33)",
    "attention": "color(135)",
    "tokens": "color(135)",
    "pooling": "color(130)",
    "normalization": "color(244)",
    "activation": "color(64)",
    "merge": "color(162)",
    "rearrange": "color(135)",
    "resize": "color(30)",
    "unknown": "color(160)",
}
SYSTEMS = {16: ColorSystem.STANDARD, 256: ColorSystem.EIGHT_BIT, 1 << 24: ColorSystem.TRUECOLOR}
MARK = "\0"

Codes = tuple[str, str]


def codes(colours: int) -> dict[str, Codes]:
    """Per style, what turns it on and off in a terminal of so many colours, 0 for none."""
    result = {}
    for name, definition in STYLES.items():
        style = Style.parse(definition)
        if not colours:
            style = style.without_color
        text = style.render(MARK, color_system=SYSTEMS.get(colours, ColorSystem.STANDARD))
        before, _, after = text.partition(MARK)
        result[name] = before, after
    return result
