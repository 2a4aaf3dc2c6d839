"""What can be wrong with a definition, a network or a request, each with its place."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .report.report import Report

LONGEST_QUOTE = 60
MOST_LISTED = 20
MOST_COMPARED = 1000


def quote(text: object) -> str:
    """The text in quotes, on one line, shortened where it is long: for messages."""
    words = str(text)
    if len(words) > LONGEST_QUOTE:
        words = words[: LONGEST_QUOTE - 1] + "…"
    return repr(words)


def listed(names: Iterable[str]) -> str:
    """The names with commas between them, the first ones where there are many: for messages."""
    first = list(islice(names, MOST_LISTED + 1))
    return ", ".join([*first[:MOST_LISTED], "…"] if len(first) > MOST_LISTED else first)


def nearest(word: str, choices: list[str], most: int = 1) -> list[str]:
    """The choices that look most like the word, best first.

    Of very many choices only some are compared, those that begin as the word does.
    """
    import difflib

    if len(choices) > MOST_COMPARED:
        choices = [choice for choice in choices if choice[:2] == word[:2]][:MOST_COMPARED]
    return difflib.get_close_matches(word[:100], choices, n=most, cutoff=0.5)


class CnncalcError(Exception):
    """Anything that a user can cause. `path`, `line` and `layer` say where, as far as known."""

    def __init__(
        self,
        message: str,
        *,
        path: str | None = None,
        line: int | None = None,
        layer: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.line = line
        self.layer = layer
        self.use = ""

    def tell_use(self, use: str) -> None:
        """Tell of the use of the innermost block that the error is in; outer ones add nothing."""
        if not self.use:
            self.use = use
            self.message = f"{self.message} ({use})"

    def __str__(self) -> str:
        place = "".join(f"{part}:" for part in (self.path, self.line) if part is not None)
        layer = f"layer {quote(self.layer)}:" if self.layer is not None else ""
        return " ".join(part for part in (place, layer, self.message) if part)


class DefinitionError(CnncalcError):
    """The definition file does not say what a definition may say."""


class NetworkError(CnncalcError):
    """The definition reads well, but its layers do not make a network."""


class ShapeError(CnncalcError):
    """A layer cannot read what it is given.

    `report` holds the layers before it, or None where the error came up outside an analysis.
    """

    report: Report | None = None


class UsageError(CnncalcError):
    """What was asked for does not exist or does not fit: a name, a size, an argument."""
