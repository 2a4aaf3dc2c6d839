"""Numbers and words as people write them."""

from __future__ import annotations

from typing import Any

LONGEST_NUMBER = 100
BOOLEANS = {
    **dict.fromkeys(("true", "yes", "on"), True),
    **dict.fromkeys(("false", "no", "off"), False),
}
NULLS = ("", "~", "null", "Null", "NULL")


class Scalar:
    """A single value; `text` is what was written."""

    __slots__ = ("line", "plain", "text")

    def __init__(self, text: str, plain: bool, line: int) -> None:
        self.text = text
        self.plain = plain
        self.line = line

    @property
    def value(self) -> Any:
        """The value: a whole number, an exact fraction, a boolean, None or text."""
        text = self.text
        if not self.plain:
            return text
        if _is_number(text):
            return number(text)
        if text.lower() in BOOLEANS:
            return BOOLEANS[text.lower()]
        if text in NULLS:
            return None
        return text


def _is_number(text: str) -> bool:
    """Whether it is a decimal integer or a decimal: no leading zero, exponent or underscore."""
    digits = text[1:] if text[:1] in ("-", "+") else text
    whole, _, rest = digits.partition(".")
    padded = len(whole) > 1 and whole[0] == "0"
    only_digits = (whole + rest).isdecimal() and text.isascii()
    return only_digits and not padded and len(text) <= LONGEST_NUMBER


def number(text: str) -> Any:
    """A whole number as int, a decimal as an exact fraction."""
    if "." not in text:
        return int(text)
    from fractions import Fraction

    return Fraction(text)


def scalar(text: str) -> Any:
    """A number, a boolean, null or a word, as the definition file's format reads it."""
    if text.isascii() and text.isdecimal() and (text[0] != "0" or text == "0") and len(text) < 20:
        # The usual case needs no YAML.
        return int(text)

    return Scalar(text, True, 0).value


def exact_numbers(text: str) -> list[Any] | None:
    """Positive whole numbers or decimals, joined by `x` or a comma; None where it is not that."""
    values = [scalar(part) for part in number_parts(text)]
    fits = all(
        hasattr(value, "numerator") and not isinstance(value, bool) and value > 0
        for value in values
    )
    return values if fits else None


def number_parts(text: str) -> list[str]:
    """What stands between `x`, `×` and commas."""
    return text.strip().lower().replace("×", "x").replace("x", ",").split(",")
