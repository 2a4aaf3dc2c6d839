"""Styles by name, and what turns them on and off in a terminal."""

from __future__ import annotations

BOLD, DIM = "bold", "dim"
ATTRIBUTES = {BOLD: "1", DIM: "2"}
# Colours of middling lightness, which can be read on dark and on light ground alike: their places
# among 256, and the nearest of 16.
BLUE, TEAL, GREEN, RED = (33, 34), (30, 36), (64, 32), (160, 31)
ORANGE, BROWN, YELLOW, PINK, VIOLET, GREY = (
    *((166, 33), (130, 33), (136, 33)),
    *((162, 35), (135, 35), (244, 90)),
)

Colour = tuple[int, int]
Codes = tuple[str, str]
STYLES: dict[str, tuple[str, Colour | None]] = {
    "title": (BOLD, None),
    "heading": (BOLD, None),
    "total": (BOLD, None),
    "block": (BOLD, None),
    "note": (DIM, None),
    "line": (DIM, None),
    "zero": (DIM, None),
    "rule": ("", TEAL),
    "cost": ("", BLUE),
    "field": ("", TEAL),
    "beyond": ("", ORANGE),
    "good": ("", GREEN),
    "bad": (BOLD, RED),
    "doubtful": ("", YELLOW),
    # families of layers
    "weighted": ("", BLUE),
    "attention": ("", VIOLET),
    "tokens": ("", VIOLET),
    "pooling": ("", BROWN),
    "normalization": ("", GREY),
    "activation": ("", GREEN),
    "merge": ("", PINK),
    "rearrange": ("", VIOLET),
    "resize": ("", TEAL),
    "unknown": ("", RED),
}


def codes(colours: int) -> dict[str, Codes]:
    """Per style, what turns it on and off in a terminal of so many colours, 0 for none."""
    result = {}
    for name, (attribute, colour) in STYLES.items():
        parts = [ATTRIBUTES[attribute]] if attribute else []
        if colour is not None and colours:
            parts.append(f"38;5;{colour[0]}" if colours >= 256 else str(colour[1]))
        result[name] = (f"\x1b[{';'.join(parts)}m", "\x1b[0m") if parts else ("", "")
    return result


def rich_style(name: str) -> str:
    """A style in rich's words."""
    attribute, colour = STYLES.get(name, ("", None))
    return " ".join(filter(None, [attribute, colour and f"color({colour[0]})"]))
