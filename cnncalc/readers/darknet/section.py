"""Darknet's configuration text: sections of `key=value` lines, each knowing its line."""

from __future__ import annotations

from typing import Any

from ...errors import DefinitionError
from ...record import Record
from ...wording import quote

LONGEST_NUMBER = 18
LONGEST_NAME = 50
LONGEST_LIST = 10_000
MOST_LINES = 1_000_000
MOST_SECTIONS = 100_000
BLANKS = str.maketrans("", "", " \t\r\n")


class Option(Record):
    """A value as written, without blanks, and its line."""

    text: str
    line: int


class Section:
    """A section's name, its number (−1 for the network's own) and its options.

    Of a key that is given twice the first counts, as in Darknet.
    """

    __slots__ = ("index", "line", "name", "options", "path")

    def __init__(self, name: str, line: int, path: str, index: int) -> None:
        self.name = name
        self.line = line
        self.path = path
        self.index = index
        self.options: dict[str, Option] = {}

    def refuse(self, message: str, key: str = "") -> DefinitionError:
        """An error of the section, at a key's line where one is named."""
        line = self.options[key].line if key in self.options else self.line
        place = f"[{self.name}]" if self.index < 0 else f"[{self.name}], section {self.index}"
        return DefinitionError(f"{place}: {message}", path=self.path, line=line)

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
        numbers = [_number(part) for part in self.text(key).rstrip(",").split(",")]
        found = [number for number in numbers if number is not None]
        if len(found) < len(numbers):
            raise self._not_whole(key, "whole numbers joined by commas")
        return found

    def _not_whole(self, key: str, expected: str) -> DefinitionError:
        return self.refuse(f"{key} must be {expected}, not {quote(self.text(key))}", key)

    def number(self, key: str, default: str) -> Any:
        """An option's exact number; the default's where it is none, as it changes no figure."""
        from fractions import Fraction

        text = self.text(key, default)
        plain = text.replace(".", "", 1).isdecimal() and text.isascii() and len(text) < 30
        value = Fraction(text if plain else default)
        return value.numerator if value.denominator == 1 else value


def _number(text: str) -> int | None:
    digits = text.removeprefix("-")
    plain = digits.isdecimal() and digits.isascii() and len(digits) <= LONGEST_NUMBER
    return int(text) if plain else None


def sections(text: str, path: str) -> list[Section]:
    """The sections of a text, the network's own first; raises DefinitionError with the line."""
    found: list[Section] = []
    lines = text.split("\n", MOST_LINES)
    if len(lines) > MOST_LINES:
        raise DefinitionError(f"it has more than {MOST_LINES:,} lines", path=path)
    for number, line in enumerate(lines, start=1):
        line = line.translate(BLANKS)
        if not line or line[0] in "#;":
            continue
        if line[0] == "[":
            name, closed, _ = line[1:].partition("]")
            if not closed or not name.isprintable() or len(name) > LONGEST_NAME:
                told = f"{quote(line)} does not name a section: write [name]"
                raise DefinitionError(told, path=path, line=number)
            found.append(Section(name, number, path, len(found) - 1))
        else:
            _add_option(found, line, number, path)
        if len(found) > MOST_SECTIONS:
            told = f"it has more than {MOST_SECTIONS:,} sections"
            raise DefinitionError(told, path=path, line=number)
    if not found:
        raise DefinitionError("it has no sections: it must begin with [net]", path=path)
    return found


def _add_option(found: list[Section], line: str, number: int, path: str) -> None:
    key, sign, value = line.partition("=")
    if not sign or not key:
        told = f"{quote(line)} is neither [section] nor key=value"
        raise DefinitionError(told, path=path, line=number)
    if not found:
        told = f"{quote(line)} stands before the first section, which must be [net]"
        raise DefinitionError(told, path=path, line=number)
    found[-1].options.setdefault(key, Option(value.partition("#")[0], number))
