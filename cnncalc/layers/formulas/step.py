"""One step of an explanation: a formula with symbols, its numbers, the result."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ...arithmetic import Exact, Number
from ...record import Record

Values = Mapping[str, Exact | None]

NAME = re.compile(r"[^\W\d]\w*")
UNKNOWN = "?"

MEANINGS = {
    "n": "input size",
    "N": "output size",
    "k": "kernel size",
    "s": "stride",
    "p": "padding on each side",
    "p_b": "padding before",
    "p_e": "padding after",
    "d": "dilation",
    "o": "output padding",
    "t": "total padding",
    "q": "scale factor",
    "f": "shuffle factor",
    "a_b": "units taken off before",
    "a_e": "units taken off after",
    "r": "receptive field (RF) in input pixels",
    "r_min": "smallest receptive field over the phases",
    "r_in": "receptive field of the layer's input",
    "j": "effective stride in input pixels",
    "j_in": "effective stride of the layer's input",
    "P": "effective padding in input pixels",
    "P_in": "effective padding of the layer's input",
    "c": "centre of the first unit's field; the input's first pixel is 0",
    "c_in": "centre of the field of the input's first unit",
    "first": "first pixel (or unit) that is read",
    "last": "last pixel (or unit) that is read",
    "C": "input channels",
    "O": "output channels, or a linear layer's features",
    "F": "length of the flattened input",
    "g": "groups",
    "m": "channel multiplier",
    "h": "heads",
    "D": "numbers of a key, per head",
    "M": "window of attention",
    "U": "units, those of the padding counted",
    "T": "units that one attends to",
    "u": "learned units",
    "rows": "units of the first matrix",
    "inner": "channels of the first matrix",
    "columns": "columns of the second matrix, or rows where it is transposed",
    "b": "batch size × regions",
    "region": "region's size in input pixels",
    "x_0": "where the region begins on the axis, in input pixels",
    "x_1": "where it ends",
    "start": "where it begins, in units",
}


class Interval(Record):
    """From the first to the last pixel that is read; both None where nothing is."""

    first: Number
    last: Number


class Dims(Record):
    """A shape: of a weight, of a matrix."""

    numbers: tuple[Number, ...]


class Points(Record):
    """Places on an axis, in units."""

    numbers: tuple[Exact, ...]


Result = Exact | Interval | Dims | Points | None


class Step(Record):
    """A quantity, how it comes about and what comes out.

    `formula` is written with the symbols that `values` gives numbers for (None: unknown); `branch`
    says which case of the rule applies. `axes` names the axes that it holds for, none where the
    quantity has no axis. A result of None is unknown.
    """

    quantity: str
    symbol: str
    formula: str
    values: Values
    result: Result
    branch: str = ""
    axes: tuple[str, ...] = ()

    @property
    def with_numbers(self) -> str:
        """The formula with the numbers put in."""
        return with_numbers(self.formula, self.values)

    @property
    def symbols(self) -> tuple[str, ...]:
        """The symbols of the formula that have numbers, known or not."""
        names = dict.fromkeys(NAME.findall(self.formula))
        return tuple(name for name in names if name in self.values)

    def on(self, axes: tuple[str, ...]) -> Step:
        """The same step, told of the axes that it holds for."""
        return self.but(axes=axes)


def with_numbers(formula: str, values: Values) -> str:
    """The formula with numbers for its symbols; negative ones and fractions in parentheses.

    >>> with_numbers("⌊(n + 2·p − k)/s⌋ + 1", {"n": 224, "p": 3, "k": 7, "s": 2})
    '⌊(224 + 2·3 − 7)/2⌋ + 1'
    """

    return NAME.sub(lambda m: operand(values[m[0]]) if m[0] in values else m[0], formula)


def operand(value: Exact | None) -> str:
    """A number as it stands inside a formula."""
    if value is None:
        return UNKNOWN
    text = plain(value)
    return text if isinstance(value, int) and value >= 0 else f"({text})"


def plain(value: Exact) -> str:
    """A number on its own, with a minus sign and fractions as they are."""
    if isinstance(value, int):
        return str(value).replace("-", "−")
    return f"{plain(value[0])}/{value[1]}"


def hundredths(numerator: int, denominator: int) -> str:
    """A quotient to two decimals, rounded half up; fewer where they say it exactly.

    >>> hundredths(665, 32), hundredths(223, 2), hundredths(-1, 3)
    ('20.78', '111.5', '−0.33')
    """
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    size = (200 * abs(numerator) + denominator) // (2 * denominator)
    digits = f"{size // 100}.{size % 100:02d}"
    if 100 * numerator % denominator == 0:
        digits = digits.rstrip("0").rstrip(".")
    return f"−{digits}" if numerator < 0 and size else digits


def constant(
    quantity: str, symbol: str, value: Number, branch: str = "", formula: str | None = None
) -> Step:
    """A step without arithmetic: the value, or one symbol that stands for it."""
    if formula is not None:
        return Step(quantity, symbol, formula, {formula: value}, value, branch)
    return Step(quantity, symbol, UNKNOWN if value is None else plain(value), {}, value, branch)


def unknown(quantity: str, symbol: str, reason: str) -> Step:
    """A step whose result cannot be given, and why."""
    return Step(quantity, symbol, "", {}, None, reason)


def on_axes(columns: Sequence[Sequence[Step]], axes: tuple[str, ...]) -> list[Step]:
    """Steps per axis as one list: once for all axes where they are alike on all of them."""
    if not columns:
        return []
    if all(list(column) == list(columns[0]) for column in columns[1:]):
        return [step.on(axes) for step in columns[0]]
    return [step.on((axis,)) for axis, column in zip(axes, columns) for step in column]
