"""Values and statements as Python source."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator, Sequence
from math import isfinite
from string import ascii_letters, digits
from typing import Any

from ..record import Record

WIDTH = 100
QUOTES = '"""'
# A string with its escapes, or one sign.
SIGN_OR_STRING = re.compile(r'"(?:[^"\\]|\\.)*"|[^"]')
# What the name of an object, or a call, ends with.
AFTER_NAME = (*ascii_letters, *digits, "_", ")", "]")


class Name(Record):
    """A variable in the place of a value."""

    text: str


def argument_lines(arguments: list[list[str]], indent: int) -> list[str]:
    """Arguments on one line of their own, or on one each where that is too long."""
    lines = [line for one in arguments for line in one]
    together = " " * indent + " ".join(line.strip() for line in lines)
    if all(len(one) == 1 for one in arguments) and len(together) <= WIDTH + 1:
        return [together.removesuffix(",")]
    return lines


def literal(value: Any) -> str:
    """A value as Python writes it."""
    if isinstance(value, Name):
        return value.text
    if isinstance(value, str):
        return '"' + one_line(value.replace("\\", "\\\\").replace('"', '\\"')) + '"'
    if isinstance(value, (bool, int)) or value is None:
        return str(value)
    if isinstance(value, tuple):
        return f"({', '.join(map(literal, value))}{',' if len(value) == 1 else ''})"
    number = float(value)
    return repr(number) if isfinite(number) else f'float("{number}")'


def one_line(text: str) -> str:
    """A text with what does not print, such as the end of a line, as Python's escapes.

    >>> one_line("größe\\n")
    'größe\\\\n'
    """
    return "".join(s if s.isprintable() else s.encode("unicode_escape").decode() for s in text)


def statement(text: str, indent: int, after: str = "") -> list[str]:
    """A statement, what its longest brackets hold on lines of its own where it is long."""
    margin = " " * indent
    fits = len(margin) + len(text) + len(after) <= WIDTH
    start, end = (0, 0) if fits else _longest_brackets(text)
    if start == end:
        return [f"{margin}{text}{after}"]
    arguments = [statement(item, indent + 4, ",") for item in _items(text[start:end])]
    inside = argument_lines(arguments, indent + 4)
    return [f"{margin}{text[:start]}", *inside, f"{margin}{text[end:]}{after}"]


def _signs(text: str) -> Iterator[tuple[int, str]]:
    """The places and signs of code that stand outside of its strings."""
    for match in SIGN_OR_STRING.finditer(text):
        if len(match[0]) == 1:
            yield match.start(), match[0]


def _longest_brackets(text: str) -> tuple[int, int]:
    """Where what the longest outermost brackets hold starts and ends; a key stays whole."""
    longest, opened, depth, is_key = (0, 0), 0, 0, False
    for place, sign in _signs(text):
        if sign in "([":
            depth += 1
            if depth == 1:
                opened = place + 1
                is_key = text.startswith('["', place) and text[:place].endswith(AFTER_NAME)
        elif sign in ")]":
            depth -= 1
            if depth == 0 and not is_key and place - opened > longest[1] - longest[0]:
                longest = opened, place
    return longest


def _items(text: str) -> list[str]:
    """What commas part outside of brackets and strings."""
    items, start, depth = [], 0, 0
    for place, sign in _signs(text):
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and not depth:
            items.append(text[start:place])
            start = place + 1
    return [item.strip() for item in (*items, text[start:]) if item.strip()]


def docstring_text(text: str) -> str:
    """A text as a docstring may hold it."""
    spaced = text.translate(dict.fromkeys(map(ord, "\t\n\v\f\r"), " "))
    return one_line(spaced.replace("\\", "\\\\")).replace(QUOTES, "'''")


def once(values: Sequence[Any]) -> Any:
    """Values per axis as one where they are equal."""
    return values[0] if len(set(values)) == 1 else tuple(values)


def identifier(text: str, kind: str) -> str:
    """A text as a name that Python takes; `kind` goes before a digit, and for a private name's
    underscores, which a class would change.

    >>> identifier("3x3/s2", "conv"), identifier("pool-1", "pool"), identifier("class", "conv")
    ('conv_3x3_s2', 'pool_1', 'class_')
    """
    name = "".join(sign if sign.isascii() and sign.isalnum() else "_" for sign in text) or kind
    if name.startswith("__"):
        name = f"{kind}_{name.strip('_')}".strip("_") or "_"
    elif name[0].isdigit():
        name = f"{kind}_{name}"
    return f"{name}_" if keyword.iskeyword(name) else name
