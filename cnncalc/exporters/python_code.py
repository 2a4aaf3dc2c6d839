"""Values and statements as Python source."""

from __future__ import annotations

import keyword
from collections.abc import Sequence
from typing import Any

from ..record import Record

WIDTH = 100
QUOTES = '"""'


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
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, (bool, int)) or value is None:
        return str(value)
    if isinstance(value, tuple):
        return f"({', '.join(map(literal, value))}{',' if len(value) == 1 else ''})"
    return repr(float(value))


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


def _longest_brackets(text: str) -> tuple[int, int]:
    """Where what the longest outermost brackets hold starts and ends."""
    longest, opened, depth = (0, 0), 0, 0
    for place, sign in enumerate(text):
        if sign in "([":
            depth += 1
            opened = place + 1 if depth == 1 else opened
        elif sign in ")]":
            depth -= 1
            if depth == 0 and place - opened > longest[1] - longest[0]:
                longest = opened, place
    return longest


def _items(text: str) -> list[str]:
    """What commas part outside of brackets."""
    items, depth = [""], 0
    for sign in text:
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and not depth:
            items.append("")
        else:
            items[-1] += sign
    return [item.strip() for item in items]


def docstring_text(text: str) -> str:
    """A text as a docstring may hold it."""
    return text.replace("\\", "\\\\").replace(QUOTES, "'''")


def once(values: Sequence[Any]) -> Any:
    """Values per axis as one where they are equal."""
    return values[0] if len(set(values)) == 1 else tuple(values)


def identifier(text: str, kind: str) -> str:
    """A text as a name that Python takes; `kind` goes before a digit.

    >>> identifier("3x3/s2", "conv"), identifier("pool-1", "pool"), identifier("class", "conv")
    ('conv_3x3_s2', 'pool_1', 'class_')
    """
    name = "".join(sign if sign.isascii() and sign.isalnum() else "_" for sign in text) or kind
    if name[0].isdigit():
        name = f"{kind}_{name}"
    return f"{name}_" if keyword.iskeyword(name) else name
