"""Attributes' values as a command line writes them: `3`, `3x5`, `0:1`, `same`, `true`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..definition.scalars import _parts, scalar
from .attributes import Attribute

NUMBERS = set("0123456789.:x,-+ ")


def written(declared: Attribute, text: str, axes: int) -> Any:
    """The value that a text gives an attribute, as a definition would give it.

    Values per axis join with `x` or a comma, a pair of before and after with a colon.

    >>> from cnncalc.layers import kind
    >>> padding = kind("conv").attributes["padding"]
    >>> [written(padding, text, 2) for text in ("1", "1x2", "0:1", "0:1,2:2", "same")]
    [1, [1, 2], [[0, 1], [0, 1]], [[0, 1], [2, 2]], 'same']
    """
    return FORMS[declared.form](text.strip().lower().replace("×", "x"), text, axes)


def _pair(text: str) -> Any:
    if ":" not in text:
        return scalar(text)
    return [scalar(side) for side in text.split(":")]


def _one(plain: str, text: str, axes: int) -> Any:
    return scalar(text)


def _per_axis(plain: str, text: str, axes: int) -> Any:
    if not set(plain) <= NUMBERS:
        return scalar(text)
    values = [scalar(part) for part in _parts(plain)]
    return values[0] if len(values) == 1 else values


def _pairs(plain: str, text: str, axes: int) -> Any:
    if not set(plain) <= NUMBERS:
        return scalar(text)
    values = [_pair(part) for part in _parts(plain)]
    if len(values) > 1:
        return values
    return values * axes if isinstance(values[0], list) else values[0]


def _list(plain: str, text: str, axes: int) -> Any:
    return [scalar(part) for part in _parts(plain.replace(":", ","))]


FORMS: dict[str, Callable[[str, str, int], Any]] = {
    "one": _one,
    "switch": _one,
    "per axis": _per_axis,
    "pairs": _pairs,
    "range": _list,
    "list": _list,
}
