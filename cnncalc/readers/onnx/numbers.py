"""Arithmetic on the numbers of constants, exact, number by number."""

from __future__ import annotations

import operator
from collections.abc import Callable
from fractions import Fraction
from functools import reduce
from math import ceil, floor, isqrt, prod
from typing import Any

from ..tensors.values import Unreadable
from .constants import FLOAT, FLOATS, MOST_NUMBERS, WHOLE, Array, Extent, array_of
from .node import OnnxNode, bounds

Fold = Callable[[OnnxNode, list[Any]], Any]
# Numbers of more bits than their types have are not known: repeated products would grow for ever.
# A double has at most 1024 before its point and 1074 behind it.
INTEGER_BITS, FLOAT_BITS = 64, 1100


def check_count(count: int, most: int = MOST_NUMBERS) -> None:
    """Refuse to compute more numbers than any shape has."""
    if count > most:
        raise Unreadable(f"it computes {count} numbers")


def within_bits(number: Any, bits: int) -> Any:
    """A number, None where it takes more bits than numbers of its type have."""
    if number is None or max(number.numerator.bit_length(), number.denominator.bit_length()) > bits:
        return None
    return number


def _each(function: Callable[..., Any]) -> Fold:
    """A function of numbers, applied number by number; of an unknown number it is unknown."""

    def if_known(*numbers: Any) -> Any:
        return None if None in numbers else within_bits(function(*numbers), FLOAT_BITS)

    def fold(node: OnnxNode, arrays: list[Any]) -> Any:
        import numpy

        check_count(prod(numpy.broadcast_shapes(*(array.shape for array in arrays))))
        return numpy.asarray(numpy.frompyfunc(if_known, len(arrays), 1)(*arrays), dtype=object)

    return fold


def _pairwise(function: Callable[[Any, Any], Any]) -> Fold:
    """A function of two numbers, folded over any number of arrays."""
    each = _each(function)
    return lambda node, arrays: reduce(lambda one, other: each(node, [one, other]), arrays)


def _times(one: Any, other: Any) -> Any:
    """A product; of a size of the graph it is one still."""
    if isinstance(other, Extent):
        one, other = other, one
    product = one * other
    if isinstance(one, Extent) and not isinstance(other, Extent):
        return Extent(product, one.draft, one.axis, one.factor * other)
    return product


def _quotient(node: OnnxNode, arrays: list[Any]) -> Any:
    whole = all(array.dtype in WHOLE for array in node.inputs if isinstance(array, Array))

    def quotient(one: Any, other: Any) -> Any:
        if other == 0:
            return None
        exact = _times(one, Fraction(1) / other) if not isinstance(other, Extent) else one / other
        return _towards_zero(exact) if whole else exact

    return _each(quotient)(node, arrays)


def _rounding(function: Callable[[Any], int]) -> Callable[[Any], Any]:
    """A rounding; a size of the graph stays one where it is rounded down."""

    def whole(number: Any) -> Any:
        down = function(number) == floor(number)
        if isinstance(number, Extent) and (function is not ceil or down):
            return Extent(function(number), number.draft, number.axis, number.factor)
        return function(number)

    return whole


_towards_zero = _rounding(int)


def _cast(node: OnnxNode, arrays: list[Any]) -> Any:
    if node.integer("to", FLOAT) in FLOATS:
        return arrays[0]
    return _each(_towards_zero)(node, arrays)


def _clip(node: OnnxNode, arrays: list[Any]) -> Any:
    low, high = bounds(node)

    def clip(number: Any) -> Any:
        number = number if low is None else max(number, low)
        return number if high is None else min(number, high)

    return _each(clip)(node, arrays[:1])


def _reduction(function: Callable[[Any, Any], Any], *start: int) -> Fold:
    """A function of two numbers, folded over those of one axis."""

    def if_known(one: Any, other: Any) -> Any:
        return None if None in (one, other) else within_bits(function(one, other), FLOAT_BITS)

    def fold(node: OnnxNode, arrays: list[Any]) -> Any:
        if arrays[0].ndim > 1:
            raise Unreadable("it reduces a constant of several axes")
        shape = (1,) * arrays[0].ndim if node.integer("keepdims", 1) else ()
        return array_of([reduce(if_known, [*start, *arrays[0].flat])], shape).numbers

    return fold


def _root(number: Any) -> Any:
    """A square root; one that is no fraction is not known."""
    if number < 0:
        return None
    root = Fraction(isqrt(number.numerator), isqrt(number.denominator))
    return root if root * root == number else None


NUMBERS: dict[str, Fold] = {
    "Add": _pairwise(operator.add),
    "Sub": _pairwise(operator.sub),
    "Mul": _pairwise(_times),
    "Div": _quotient,
    "Mod": _pairwise(lambda one, other: one % other if other else None),
    "Max": _pairwise(max),
    "Min": _pairwise(min),
    "Sqrt": _each(_root),
    "Neg": _each(operator.neg),
    "Abs": _each(abs),
    "Floor": _each(_rounding(floor)),
    "Ceil": _each(_rounding(ceil)),
    "Round": _each(_rounding(round)),
    "Clip": _clip,
    "Equal": _pairwise(operator.eq),
    "Greater": _pairwise(operator.gt),
    "GreaterOrEqual": _pairwise(operator.ge),
    "Less": _pairwise(operator.lt),
    "LessOrEqual": _pairwise(operator.le),
    "And": _pairwise(lambda one, other: one and other),
    "Or": _pairwise(lambda one, other: one or other),
    "Not": _each(operator.not_),
    "Where": _each(lambda condition, one, other: one if condition else other),
    "ReduceProd": _reduction(_times, 1),
    "ReduceSum": _reduction(operator.add, 0),
    "ReduceMax": _reduction(max),
    "ReduceMin": _reduction(min),
    "Cast": _cast,
}
