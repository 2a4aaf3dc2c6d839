"""Channels, and lengths of vectors, as formulas."""

from __future__ import annotations

from collections.abc import Sequence

from ...arithmetic import Number, Shape
from .step import Step, constant
from .weights import Factor, per_axis, times

CHANNELS = "channels"
LENGTH = "length"


def of_input(shape: Shape) -> Step:
    """Channels of an output, or a vector's length, that are the input's."""
    return constant(CHANNELS if shape[1:] else LENGTH, "", shape[0], "those of its input", "C")


def own(shape: Shape) -> Step:
    """Channels of an output, or a vector's length, that the layer's attributes give."""
    return constant(CHANNELS if shape[1:] else LENGTH, "", shape[0], "", "O")


def total(counts: Sequence[Number], result: Number) -> Step:
    """Channels of maps, one after the other."""
    values = {f"C_{number}": count for number, count in enumerate(counts, start=1)}
    return Step(CHANNELS, "", " + ".join(values), values, result)


def product(symbols: dict[str, Number], result: Number, quantity: str = CHANNELS) -> Step:
    """A product of numbers that have symbols."""
    return Step(quantity, "", "·".join(symbols), symbols, result)


def shuffling(channels: Number, factor: int, axes: int, result: Number, grows: bool) -> Step:
    """Channels of which a factor per axis went into space, or that took one from there."""
    factors = "·".join(["f"] * axes)
    text = f"C/({factors})" if grows else f"C·{factors}"
    return Step(CHANNELS, "", text, {"C": channels, "f": factor}, result)


def flat_length(shape: Shape, result: Number, flat_input: bool = False) -> Step:
    """Length of the vector of all numbers of a map: the output, or the layer's flat input."""
    factors = (Factor("C", shape[0]), *per_axis("n", shape[1:]))
    values = {factor.text: factor.number for factor in factors}
    quantity, symbol = ("flattened input", "F") if flat_input else (LENGTH, "")
    return Step(quantity, symbol, times(factors), values, result)


def cut(first: int, end: int) -> Step:
    """Channels [first, end) of the input's."""
    return Step(CHANNELS, "", "end − start", {"end": end, "start": first}, end - first)
