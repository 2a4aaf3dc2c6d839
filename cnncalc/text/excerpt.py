"""A line of a file with what is meant in it marked, as compilers show it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .sheet import Line

LARGEST = 1 << 24
LEAST_ROOM, BEFORE = 20, 12
QUOTED = re.compile(r"'([^']+)'")


def excerpt(path: str | None, number: int | None, words: Iterable[str], width: int) -> list[Line]:
    """The line of a file with carets below the first of the words that is in it.

    Nothing where the file cannot be read, is no text, or has no such line. Of a line that is longer
    than the width there is as much as fits.
    """
    text = _line(path, number)
    if text is None:
        return []
    start, end = _place(text, words)
    margin = " " * len(str(number))
    room = max(width - len(f" {number} │ "), LEAST_ROOM)
    if len(text) > room:
        begin = max(min(start - BEFORE, len(text) - room), 0)
        cut = text[begin : begin + room]
        text = (
            ("…" if begin else cut[0]) + cut[1:-1] + ("…" if begin + room < len(text) else cut[-1])
        )
        start, end = start - begin, min(end - begin, room)
    return [
        [(f" {number} │ ", "line"), (text, "")],
        [(f" {margin} │ ", "line"), (" " * start, ""), ("^" * (end - start), "bad")],
    ]


def words_meant(message: str, layer: str | None) -> list[str]:
    """Words of a message that its line may have: what it quotes, then names, then the layer."""
    quoted = QUOTED.findall(message)
    names = re.findall(r"[a-z]+_[a-z_]+", message)
    return [*quoted, *names, *(name_parts(layer) if layer else [])]


def name_parts(layer: str) -> list[str]:
    """What a definition's line may have of a layer's name: all of it, or its end, or its beginning.

    >>> name_parts("layer1.0.conv2")
    ['layer1.0.conv2', '0.conv2', 'conv2', 'layer1']
    """
    parts = layer.split(".")
    ends = [".".join(parts[start:]) for start in range(len(parts))]
    return ends if len(parts) == 1 else [*ends, parts[0]]


def _line(path: str | None, number: int | None) -> str | None:
    if path is None or number is None:
        return None
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read(LARGEST)
    except (OSError, UnicodeError):
        return None
    lines = text.split("\n")
    if not 0 < number <= len(lines):
        return None
    line = lines[number - 1].rstrip().expandtabs(4)
    return line if line.isprintable() else None


def _place(text: str, words: Iterable[str]) -> tuple[int, int]:
    """Where the first of the words stands, before a colon if it does so anywhere; else the line."""
    for word in words:
        whole = rf"(?<![\w.]){re.escape(word)}(?![\w.])"
        found = re.search(rf"{whole}(?=\s*:)", text) or re.search(whole, text)
        if found:
            return found.span()
    stripped = text.lstrip(" -")
    return len(text) - len(stripped), len(text)
