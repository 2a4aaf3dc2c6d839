"""Signs as an encoding without them spells them: `-` for `─`, `x` for `×`, `->` for `→`."""

from __future__ import annotations

import codecs

from .grid import Grid

HANDLER = "cnncalc"
SIGNS = {
    "─": "-",
    "━": "-",
    "−": "-",
    "–": "-",
    "│": "|",
    "×": "x",
    "→": "->",
    "←": "<-",
    "…": "...",
    "≤": "<=",
    "≥": ">=",
    "≈": "~",
    "≡": "==",
    "²": "^2",
    "√": "sqrt ",
    "Φ": "Phi",
    "⌊": "floor(",
    "⌋": ")",
    "⌈": "ceil(",
    "⌉": ")",
    "↳": ">",
}


def _replacement(error: UnicodeError) -> tuple[str, int]:
    """What stands for signs that cannot be encoded; what has no spelling is escaped."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text, start, end = error.object, error.start, error.end
    return "".join(_sign(text, place) for place in range(start, end)), end


def _sign(text: str, place: int) -> str:
    sign = text[place]
    if sign == "·":
        # Between words it parts them, between factors it multiplies.
        return "-" if text[max(place - 1, 0) : place + 2] == " · " else "*"
    return SIGNS.get(sign) or sign.encode("ascii", "backslashreplace").decode("ascii")


codecs.register_error(HANDLER, _replacement)


def plain_text(text: str, encoding: str) -> str:
    """The text with nothing in it that the encoding does not have."""
    return text.encode(encoding, HANDLER).decode(encoding)


def plain_grid(grid: Grid, encoding: str) -> Grid:
    """The grid so spelled before it is laid out, for columns to be as wide as what is in them."""

    def row(texts: object) -> list[str]:
        return [plain_text(text, encoding) for text in texts]  # type: ignore[attr-defined]

    return Grid(
        plain_text(grid.title, encoding),
        row(grid.headings),
        [row(texts) for texts in grid.rows],
        row(grid.words),
        row(grid.notes),
        row(grid.footer),
    )
