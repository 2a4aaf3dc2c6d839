"""Darknet's configuration text: sections of `key=value` lines, each knowing its line."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ...errors import DefinitionError
from ...record import Record
from ...wording import quote
from ..builder import exact_number
from ..source import Source

if TYPE_CHECKING:
    from fractions import Fraction

LONGEST_NUMBER = 18
LONGEST_NAME = 50
LONGEST_LIST = 10_000
MOST_LINES = 1_000_000
MOST_SECTIONS = 100_000
BLANKS = str.maketrans("", "", " \t\r\n")


class Option(NamedTuple):
    """A value as written, without blanks, and its line."""

    text: str
    line: int


class DarknetSection(Record):
    """A section's name, its number (−1 for the network's own) and its options.

    Of a key that is given twice the first counts, as in Darknet.
    """

    name: str
    line: int
    source: Source
    index: int
    options: dict[str, Option]

    def refuse(self, message: str, key: str = "") -> DefinitionError:
        """An error of the section, at a key's line where one is named."""
        line = self.options[key].line if key in self.options else self.line
        place = f"[{self.name}]" if self.index < 0 else f"[{self.name}], section {self.index}"
        return self.source.refuse(f"{place}: {message}", line)

    def text(self, key: str, default: str = "") -> str:
        """An option's text."""
        return self.options[key].text if key in self.options else default

    def whole(self, key: str, default: int, least: int = 0) -> int:
        """An option's whole number."""
        if key not in self.options:
            return default
        number = _number(self.options[key].text)
        if number is None or number < least:
            raise self._not_whole(key, f"a whole number of at least {least}")
        return number

    def wholes(self, key: str) -> list[int]:
        """An option's whole numbers, joined by commas; refused where there are none."""
        if len(self.text(key)) > LONGEST_LIST:
            raise self.refuse(f"{key} is longer than {LONGEST_LIST:,} characters", key)
        parts = self.text(key).rstrip(",").split(",")
        numbers = [number for part in parts if (number := _number(part)) is not None]
        if len(numbers) < len(parts):
            raise self._not_whole(key, "whole numbers joined by commas")
        return numbers

    def _not_whole(self, key: str, expected: str) -> DefinitionError:
        return self.refuse(f"{key} must be {expected}, not {quote(self.text(key))}", key)

    def number(self, key: str, default: str) -> int | Fraction:
        """An option's exact number; the default's where it is none, as it changes no figure."""
        text = self.text(key, default)
        plain = text.replace(".", "", 1).isdecimal() and text.isascii() and len(text) < 30
        return exact_number(text if plain else default)


def _number(text: str) -> int | None:
    digits = text.removeprefix("-")
    plain = digits.isdecimal() and digits.isascii() and len(digits) <= LONGEST_NUMBER
    return int(text) if plain else None


def sections(text: str, source: Source) -> list[DarknetSection]:
    """The sections of a text, the network's own first; raises DefinitionError with the line."""
    found: list[DarknetSection] = []
    lines = text.split("\n", MOST_LINES)
    if len(lines) > MOST_LINES:
        raise source.refuse(f"it has more than {MOST_LINES:,} lines")
    for number, line in enumerate(lines, start=1):
        line = line.translate(BLANKS)
        if not line or line[0] in "#;":
            continue
        if line[0] == "[":
            name, closing, _ = line[1:].partition("]")
            if not closing or not name.isprintable() or len(name) > LONGEST_NAME:
                raise source.refuse(f"{quote(line)} does not name a section: write [name]", number)
            found.append(DarknetSection(name, number, source, len(found) - 1, {}))
            if len(found) > MOST_SECTIONS:
                raise source.refuse(f"it has more than {MOST_SECTIONS:,} sections", number)
            continue
        key, sign, value = line.partition("=")
        if not sign or not key:
            raise source.refuse(f"{quote(line)} is neither [section] nor key=value", number)
        if not found:
            message = f"{quote(line)} stands before the first section, which must be [net]"
            raise source.refuse(message, number)
        found[-1].options.setdefault(key, Option(value.partition("#")[0], number))
    if not found:
        raise source.refuse("it has no sections: it must begin with [net]")
    return found
