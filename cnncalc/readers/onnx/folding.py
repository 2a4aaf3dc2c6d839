"""Nodes that compute with constants: mostly the sizes that reshaping and resizing are given."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, prod
from typing import Any

from ..tensors.values import Unreadable
from .constants import FLOAT, INT64, MOST_NUMBERS, WHOLE, Array, array_of, origin
from .node import OnnxNode, axes_of, axis_of
from .numbers import FLOAT_BITS, INTEGER_BITS, NUMBERS, Fold, check_count, within_bits


def compute(node: OnnxNode) -> list[Array] | None:
    """What a node makes of constants; None where its numbers are not known or not computed here."""
    inputs = [array for array in node.inputs if array is not None]
    fold = FOLDS.get(node.operator)
    if fold is None or any(array.numbers is None for array in inputs):
        return None
    if sum(array.count for array in inputs) > 2 * MOST_NUMBERS:
        return None
    try:
        outputs = fold(node, [array.numbers for array in inputs])
    except (Unreadable, IndexError, ValueError, TypeError, OverflowError):
        # Each operator has its ways of not fitting what it is given.
        return None
    made_of = origin(node.operator, inputs)
    dtype = _dtype(node, inputs)
    return [
        Array(tuple(one.shape), numbers=_kept_numbers(one, dtype), dtype=dtype, **made_of)
        for one in (outputs if isinstance(outputs, list) else [outputs])
    ]


def _kept_numbers(numbers: Any, dtype: int) -> Any:
    """Numbers as far as they are few, and integers as far as their type holds them."""
    if numbers.size > MOST_NUMBERS:
        return None
    bits = INTEGER_BITS if dtype in WHOLE else FLOAT_BITS
    return array_of([within_bits(one, bits) for one in numbers.flat], numbers.shape).numbers


def _dtype(node: OnnxNode, inputs: list[Array]) -> int:
    if node.operator == "Cast":
        return node.integer("to", FLOAT)
    place = -1 if node.operator in ("Where", "CastLike") else 0
    return inputs[place].dtype if inputs else INT64


def _gather(node: OnnxNode, arrays: list[Any]) -> Any:
    import numpy

    values, places = arrays
    axis = axis_of(node.integer("axis"), max(values.ndim, 1))
    check_count(values.size // max(values.shape[axis], 1) * places.size)
    return numpy.asarray(numpy.take(values, places.astype(int), axis=axis), dtype=object)


def _concatenate(node: OnnxNode, arrays: list[Any]) -> Any:
    import numpy

    return numpy.concatenate(arrays, axis_of(node.integer("axis", 1), max(arrays[0].ndim, 1)))


def _unsqueeze(node: OnnxNode, arrays: list[Any]) -> Any:
    import numpy

    axes = node.integers("axes", 1) or []
    rank = arrays[0].ndim + len(axes)
    return numpy.expand_dims(arrays[0], tuple(axis_of(axis, rank) for axis in axes))


def _squeeze(node: OnnxNode, arrays: list[Any]) -> Any:
    sizes = arrays[0].shape
    axes = axes_of(node, len(sizes), place=1)
    dropped = range(len(sizes)) if axes is None else axes
    return arrays[0].reshape([n for axis, n in enumerate(sizes) if n != 1 or axis not in dropped])


def _reshape(node: OnnxNode, arrays: list[Any]) -> Any:
    sizes = arrays[0].shape
    target = enumerate(node.integers("shape", 1) or [])
    return arrays[0].reshape([sizes[at] if n == 0 and at < len(sizes) else n for at, n in target])


def cuts(node: OnnxNode, rank: int) -> list[tuple[int, Any, Any, int]]:
    """What a Slice takes: axis, start, end and step each, as they are given."""
    starts, ends = (_places(node, name, at) for name, at in (("starts", 1), ("ends", 2)))
    axes = axes_of(node, rank, place=3)
    steps = node.integers("steps", 4)
    axes = list(range(len(starts))) if axes is None else axes
    steps = [1] * len(starts) if steps is None else steps
    if not len(starts) == len(ends) == len(axes) == len(steps) or 0 in steps:
        raise Unreadable("its starts, ends, axes and steps do not go together")
    return list(zip(axes, starts, ends, steps))


def _places(node: OnnxNode, name: str, place: int) -> list[Any]:
    if name in node.attributes:
        return node.integers(name) or []
    array = node.array(place)
    return [] if array is None else array.flat


def _slice(node: OnnxNode, arrays: list[Any]) -> Any:
    ranges: list[slice] = [slice(None)] * arrays[0].ndim
    for axis, start, end, step in cuts(node, arrays[0].ndim):
        # An end before the first place means that one is taken too, where the step is negative.
        passed = step < 0 and int(end) < -arrays[0].shape[axis]
        ranges[axis] = slice(int(start), None if passed else int(end), step)
    return arrays[0][tuple(ranges)]


def _expand(node: OnnxNode, arrays: list[Any]) -> Any:
    import numpy

    shape = numpy.broadcast_shapes(arrays[0].shape, tuple(int(size) for size in arrays[1].flat))
    check_count(prod(shape))
    return numpy.broadcast_to(arrays[0], shape).copy()


def _range(node: OnnxNode, arrays: list[Any]) -> Any:
    start, end, step = (array.flat[0] for array in arrays)
    count = max(ceil(Fraction(end - start) / step), 0) if step else 0
    check_count(count)
    return array_of([start + step * place for place in range(count)], (count,)).numbers


def _split(node: OnnxNode, arrays: list[Any]) -> Any:
    import numpy

    axis = axis_of(node.integer("axis"), arrays[0].ndim)
    lengths = node.integers("split", 1)
    ends = numpy.cumsum(lengths)[:-1] if lengths else len(node.outputs)
    return numpy.array_split(arrays[0], ends, axis=axis)


FOLDS: dict[str, Fold] = {
    "Identity": lambda node, arrays: arrays[0],
    "CastLike": lambda node, arrays: arrays[0],
    "Gather": _gather,
    "Concat": _concatenate,
    "Unsqueeze": _unsqueeze,
    "Squeeze": _squeeze,
    "Reshape": _reshape,
    "Transpose": lambda node, arrays: arrays[0].transpose(node.integers("perm")),
    "Slice": _slice,
    "Split": _split,
    "Expand": _expand,
    "Range": _range,
    **NUMBERS,
}
