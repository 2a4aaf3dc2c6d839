"""Channels, and lengths of vectors, as formulas."""

from __future__ import annotations

from collections.abc import Sequence

from .step import Number, Step, fixed
from .weights import Factor, per_axis, times

CHANNELS = "channels"
LENGTH = "length"
FLAT = "flattened input"


def kept(channels: Number, vector: bool = False) -> Step:
    """Channels of a layer that keeps its input's."""
    return fixed(LENGTH if vector else CHANNELS, "", channels, "those of its input", "C")


def given(channels: Number, vector: bool = False) -> Step:
    """Channels that the layer's attributes give."""
    return fixed(LENGTH if vector else CHANNELS, "", channels, "", "O")


def joined(counts: Sequence[Number], result: Number) -> Step:
    """Channels of maps, one after the other."""
    values = {f"C_{number}": count for number, count in enumerate(counts, start=1)}
    return Step(CHANNELS, "", " + ".join(values), values, result)


def product(symbols: dict[str, Number], result: Number, quantity: str = CHANNELS) -> Step:
    """A product of numbers that have symbols."""
    return Step(quantity, "", "·".join(symbols), symbols, result)


def divided(channels: Number, factor: int, axes: int, result: Number) -> Step:
    """Channels of which a factor per axis went into space."""
    text = f"C/({'·'.join(['f'] * axes)})"
    return Step(CHANNELS, "", text, {"C": channels, "f": factor}, result)


def multiplied(channels: Number, factor: int, axes: int, result: Number) -> Step:
    """Channels that took a factor per axis from space."""
    text = "·".join(["C", *["f"] * axes])
    return Step(CHANNELS, "", text, {"C": channels, "f": factor}, result)


def flattened(
    channels: Number, sizes: Sequence[Number], result: Number, quantity: str = LENGTH
) -> Step:
    """Length of the vector of all numbers of a map."""
    factors = (Factor("C", channels), *per_axis("n", sizes))
    values = {factor.text: factor.number for factor in factors}
    symbol = "F" if quantity == FLAT else ""
    return Step(quantity, symbol, times(factors), values, result)


def cut(first: int, end: int) -> Step:
    """Channels [first, end) of the input's."""
    return Step(CHANNELS, "", "end − start", {"end": end, "start": first}, end - first)
