"""Nodes that compute with constants: mostly the sizes that reshaping and resizing are given."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, prod
from typing import Any

from ..tensors.values import Unreadable
from .constants import FLOAT, INT64, MOST_NUMBERS, Array, array_of
from .node import OnnxNode, axes_of, axis_of
from .numbers import NUMBERS, Fold


def folded(node: OnnxNode) -> list[Array] | None:
    """What a node makes of constants; None where its numbers are not known or not computed here."""
    arrays = [given for given in node.inputs if given is not None]
    fold = FOLDS.get(node.operator)
    if fold is None or any(array.numbers is None for array in arrays):
        return None
    if sum(array.count for array in arrays) > 2 * MOST_NUMBERS:
        return None
    try:
        made = fold(node, [array.numbers for array in arrays])
    except (IndexError, ValueError, TypeError, OverflowError):
        # Each operator has its ways of not fitting what it is given.
        raise Unreadable("it cannot be computed from the constants that it reads") from None
    names = frozenset().union(*(array.names for array in arrays))
    dtype = _dtype(node, [array.dtype for array in arrays])
    several = made if isinstance(made, list) else [made]
    return [
        Array(tuple(one.shape), names, one if one.size <= MOST_NUMBERS else None, dtype)
        for one in several
    ]


def _dtype(node: OnnxNode, given: list[int]) -> int:
    if node.operator == "Cast":
        return node.integer("to", FLOAT)
    return given[-1] if node.operator == "Where" else given[0] if given else INT64


def _gather(node: OnnxNode, arrays: list[Any]) -> Any:
    import numpy

    values, places = arrays
    axis = axis_of(node.integer("axis"), max(values.ndim, 1))
    if values.size * places.size > MOST_NUMBERS**2 // 16:
        raise Unreadable("it gathers more numbers than any shape has")
    try:
        return numpy.asarray(numpy.take(values, places.astype(int), axis=axis), dtype=object)
    except (IndexError, TypeError, ValueError):
        raise Unreadable("it gathers from places that are not there") from None


def _concatenated(node: OnnxNode, arrays: list[Any]) -> Any:
    import numpy

    axis = axis_of(node.integer("axis", 1), max(arrays[0].ndim, 1))
    try:
        return numpy.concatenate(arrays, axis=axis)
    except ValueError:
        raise Unreadable("it joins constants of different shapes") from None


def _unsqueezed(node: OnnxNode, arrays: list[Any]) -> Any:
    given = node.integers("axes", 1) or []
    rank = arrays[0].ndim + len(given)
    made = arrays[0]
    for axis in sorted(axis_of(axis, rank) for axis in given):
        made = made.reshape((*made.shape[:axis], 1, *made.shape[axis:]))
    return made


def _squeezed(node: OnnxNode, arrays: list[Any]) -> Any:
    made = arrays[0]
    axes = axes_of(node, made.ndim, place=1)
    gone = [axis for axis in range(made.ndim) if made.shape[axis] == 1 and axis in (axes or [axis])]
    return made.reshape([size for axis, size in enumerate(made.shape) if axis not in gone])


def _reshaped(node: OnnxNode, arrays: list[Any]) -> Any:
    target = node.integers("shape", 1) or []
    shape = [
        arrays[0].shape[place] if size == 0 and place < arrays[0].ndim else size
        for place, size in enumerate(target)
    ]
    try:
        return arrays[0].reshape(shape)
    except (ValueError, TypeError):
        raise Unreadable(f"it gives {arrays[0].size} numbers the shape {target}") from None


def _transposed(node: OnnxNode, arrays: list[Any]) -> Any:
    order = node.integers("perm")
    try:
        return arrays[0].transpose(order)
    except ValueError:
        raise Unreadable(f"its perm {order} is no order of {arrays[0].ndim} axes") from None


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


def _sliced(node: OnnxNode, arrays: list[Any]) -> Any:
    ranges: list[slice] = [slice(None)] * arrays[0].ndim
    for axis, start, end, step in cuts(node, arrays[0].ndim):
        # An end before the first place means that one is taken too, where the step is negative.
        last = int(end)
        passed = step < 0 and last < -arrays[0].shape[axis]
        ranges[axis] = slice(int(start), None if passed else last, step)
    return arrays[0][tuple(ranges)]


def _expanded(node: OnnxNode, arrays: list[Any]) -> Any:
    import numpy

    shape = numpy.broadcast_shapes(arrays[0].shape, tuple(int(size) for size in arrays[1].flat))
    if prod(shape) > MOST_NUMBERS:
        raise Unreadable(f"it repeats a tensor to {prod(shape)} numbers")
    return numpy.broadcast_to(arrays[0], shape).copy()


def _counting(node: OnnxNode, arrays: list[Any]) -> Any:
    start, end, step = (array.flat[0] for array in arrays)
    count = max(ceil(Fraction(end - start) / step), 0) if step else 0
    if count > MOST_NUMBERS:
        raise Unreadable(f"it counts {count} numbers")
    return array_of([start + step * place for place in range(count)], (count,)).numbers


def _split(node: OnnxNode, arrays: list[Any]) -> Any:
    import numpy

    axis = axis_of(node.integer("axis"), arrays[0].ndim)
    lengths = node.integers("split", 1)
    count = len(node.outputs)
    ends = numpy.cumsum(lengths)[:-1] if lengths else count
    return numpy.array_split(arrays[0], ends, axis=axis)


FOLDS: dict[str, Fold] = {
    "Identity": lambda node, arrays: arrays[0],
    "Gather": _gather,
    "Concat": _concatenated,
    "Unsqueeze": _unsqueezed,
    "Squeeze": _squeezed,
    "Reshape": _reshaped,
    "Transpose": _transposed,
    "Slice": _sliced,
    "Split": _split,
    "Expand": _expanded,
    "Range": _counting,
    **NUMBERS,
}
