"""Operators that give the same numbers under another shape, or in another order."""

from __future__ import annotations

from math import prod
from typing import Any

from ..tensors import reshaping
from ..tensors.values import Unreadable, Value
from .constants import FLOAT, Array
from .graph import Handler, OnnxGraph
from .node import OnnxNode, axes_of, axis_of


def same(graph: OnnxGraph, node: OnnxNode) -> Any:
    """The same numbers at the same places."""
    return node.inputs[0]


def cast_like(graph: OnnxGraph, node: OnnxNode) -> Any:
    """The same numbers, of the type of another tensor; layers give numbers of floating point."""
    source, other = node.inputs[:2]
    if not isinstance(source, Array):
        return source
    return source.but(dtype=other.dtype if isinstance(other, Array) else FLOAT)


def reshape(graph: OnnxGraph, node: OnnxNode) -> Any:
    """Another shape; what it makes of a map shows from what reads it."""
    value = node.value()
    shape = node.integers("shape", 1)
    if shape is None:
        raise Unreadable("it is given no shape")
    if not node.integer("allowzero"):
        if any(size == 0 and place >= len(value.dims) for place, size in enumerate(shape)):
            raise Unreadable(f"its shape {shape} keeps a size that {value.shape} does not have")
        shape = [value.shape[place] if size == 0 else size for place, size in enumerate(shape)]
    if shape.count(-1) == 1:
        others = prod(size for size in shape if size != -1)
        shape[shape.index(-1)] = prod(value.shape) // others if others else 0
    return reshaping.view(graph, node.call("reshape", tuple(shape), input=value))


def flatten(graph: OnnxGraph, node: OnnxNode) -> Any:
    """A matrix; with all of a map in its second dimension it is a flatten layer."""
    value = node.value()
    axis = node.integer("axis", 1)
    axis = axis if axis == len(value.dims) else axis_of(axis, len(value.dims))
    shape = prod(value.shape[:axis]), prod(value.shape[axis:])
    return reshaping.flatten(graph, node.call("flatten", shape, input=value))


def squeeze(graph: OnnxGraph, node: OnnxNode) -> Value:
    """Without dimensions of size 1, all or the given ones."""
    value = node.value()
    dims = axes_of(node, len(value.dims), place=1)
    if any(value.dims[dim] for dim in dims or []):
        raise Unreadable(f"it takes away dimensions of {value.shape} that are not of size 1")
    call = node.call(input=value) if dims is None else node.call(input=value, dim=dims)
    return reshaping.squeeze(graph, call)


def unsqueeze(graph: OnnxGraph, node: OnnxNode) -> Value:
    """With dimensions of size 1 more."""
    value = node.value()
    rank = len(value.dims) + len(node.integers("axes", 1) or [])
    dims = axes_of(node, rank, place=1) or []
    return reshaping.unsqueeze(graph, node.call(input=value, dim=dims))


def transpose(graph: OnnxGraph, node: OnnxNode) -> Value:
    """The dimensions in another order."""
    value = node.value()
    rank = len(value.dims)
    order = node.integers("perm") or list(reversed(range(rank)))
    if sorted(order) != list(range(rank)):
        raise Unreadable(f"its perm {order} is no order of {rank} dimensions")
    return reshaping.permute(graph, node.call(input=value, dims=order))


def expansion(graph: OnnxGraph, node: OnnxNode) -> Any:
    """Dimensions of size 1 repeated."""
    value = node.value()
    target = node.integers("shape", 1) or []
    if node.operator == "Tile":
        counts = node.array(1)
        repeats = [] if counts is None else counts.integers
        if len(repeats) != len(value.dims):
            raise Unreadable(f"its repeats {repeats} are not one per dimension")
        target = [size * count for size, count in zip(value.shape, repeats)]
    shape = [1] * (len(target) - len(value.dims)) + list(value.shape)
    target = [1] * (len(shape) - len(target)) + target
    repeated = tuple(size if other == 1 else other for size, other in zip(shape, target))
    if any(size not in (1, other) for size, other in zip(shape, repeated)) or 0 in repeated:
        raise Unreadable(f"it repeats {value.shape} to {repeated}")
    return reshaping.expand(graph, node.call("expand", repeated, input=value))


RESHAPING: dict[str, Handler] = {
    "Cast": same,
    "CastLike": cast_like,
    "Reshape": reshape,
    "Flatten": flatten,
    "Squeeze": squeeze,
    "Unsqueeze": unsqueeze,
    "Transpose": transpose,
    "Expand": expansion,
    "Tile": expansion,
}
