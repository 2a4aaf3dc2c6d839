"""Signs as an encoding without them spells them: `-` for `─`, `x` for `×`, `->` for `→`."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable
from typing import Any, TextIO

from ..record import Record
from .answer import Answer

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
    "∏": "prod ",
    "≤": "<=",
    "≥": ">=",
    "≈": "~",
    "≡": "==",
    "²": "^2",
    "⁰": "0",
    "√": "sqrt ",
    "Φ": "Phi",
    "⌊": "floor(",
    "⌋": ")",
    "⌈": "ceil(",
    "⌉": ")",
    "↳": ">",
    **dict.fromkeys("▌▋▊▉█", "#"),
    **dict.fromkeys("▏▎▍", " "),
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
        around = text[max(place - 1, 0) : place + 2]
        return "-" if around == " · " else "." if around.strip() == sign else "*"
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


def plain_answer(answer: Answer, encoding: str) -> Answer:
    """The answer with its tables so spelled before they are laid out, so that columns fit."""

    def plainly(made: Callable[..., Any] | None) -> Callable[..., Any] | None:
        return made and (lambda *terminal: _plain(made(*terminal), encoding))

    return answer.but(
        grids=plainly(answer.grids),
        sheets=plainly(answer.sheets),
        lines=plainly(answer.lines),
    )


def _plain(value: Any, encoding: str) -> Any:
    """A text, or whatever is made of texts, so spelled."""
    if isinstance(value, str):
        return plain_text(value, encoding)
    if isinstance(value, Record):
        return value.but(**{name: _plain(each, encoding) for name, each in value.as_dict().items()})
    if isinstance(value, dict):
        return {key: _plain(each, encoding) for key, each in value.items()}
    if isinstance(value, Iterable):
        return [_plain(each, encoding) for each in value]
    return value
