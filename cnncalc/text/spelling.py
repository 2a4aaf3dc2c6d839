"""Signs as an encoding without them spells them: `-` for `─`, `x` for `×`, `->` for `→`."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable
from typing import Any

from ..record import Record
from .answer import Answer

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


codecs.register_error(HANDLER, _replacement)


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
