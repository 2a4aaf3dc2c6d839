"""Signs as an encoding without them spells them: `-` for `─`, `x` for `×`, `->` for `→`."""

from __future__ import annotations

import codecs
from typing import TextIO

from .grid import Grid

HANDLER = "cnncalc"
PLAIN_ASCII = "plain_ascii"
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


def _plain_ascii(name: str) -> codecs.CodecInfo | None:
    """ASCII under another name: click writes UTF-8 into a stream that goes by its own."""
    if name != PLAIN_ASCII:
        return None
    ascii = codecs.lookup("ascii")
    return codecs.CodecInfo(
        ascii.encode,
        ascii.decode,
        incrementalencoder=ascii.incrementalencoder,
        incrementaldecoder=ascii.incrementaldecoder,
        name=PLAIN_ASCII,
    )


codecs.register_error(HANDLER, _replacement)
codecs.register(_plain_ascii)


def reconfigure(stream: TextIO) -> None:
    """Let a stream of a narrow encoding spell the signs that it does not have."""
    is_ascii = codecs.lookup(stream.encoding).name == "ascii"
    stream.reconfigure(encoding=PLAIN_ASCII if is_ascii else None, errors=HANDLER)  # type: ignore[attr-defined]


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
