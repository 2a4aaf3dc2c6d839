"""Operators that cut and join: slices, pieces, concatenation."""

from __future__ import annotations

from math import prod
from typing import Any

from ..tensors.heads import is_within_heads
from ..tensors.joins import concatenation, stack
from ..tensors.layout import CHANNELS, axes_in, joined_parts, reshaped_dims, whole
from ..tensors.maps import as_map, as_read, axis_at, changed_map
from ..tensors.reshaping import view
from ..tensors.rolling import rolled_pieces
from ..tensors.slicing import cut, is_outer_part, select
from ..tensors.values import Unreadable, Value
from .constants import Array
from .folding import cuts
from .graph import Handler, OnnxGraph
from .node import OnnxNode, axis_of

MOST_PIECES = 256


def slices(graph: OnnxGraph, node: OnnxNode) -> Value | Array:
    """Ranges of dimensions; a step along an axis is a pooling of single units."""
    value = node.value()
    ranges: dict[int, range] = {}
    asked = cuts(node, len(value.dims))
    for dim, start, end, step in asked:
        places = range(*slice(int(start), int(end), step).indices(value.shape[dim]))
        if not places and len(asked) == 1:
            # As of a roll by 0 units, which joins nothing with all.
            return Array((*value.shape[:dim], 0, *value.shape[dim + 1 :]))
        if step < 0 or not places:
            raise Unreadable("it turns an axis round" if step < 0 else "it takes nothing")
        if len(places) == value.shape[dim]:
            continue
        within = is_outer_part(value, dim) or is_within_heads(value, dim)
        if step == 1 and (within or len(value.sizes) not in (0, graph.axes)):
            value = cut(graph, node.call(), value, dim, places.start, len(places))
        else:
            ranges[dim] = places
    if any(value.axis(dim) is None for dim in ranges):
        value = as_map(graph, as_read(graph, value))
    axes = {axis_at(value, dim): places for dim, places in ranges.items()}
    channels = axes.pop(CHANNELS, None)
    if channels is not None:
        if channels.step != 1:
            raise Unreadable("it takes channels by steps")
        ends = [channels.start, channels.stop]
        value = changed_map(graph, node.call(), "slice", value, channels=ends)
    return _thin_out(graph, node, value, axes)


def _thin_out(graph: OnnxGraph, node: OnnxNode, value: Value, axes: dict[int, range]) -> Value:
    """The map cut to ranges of its axes, and of these every so many units."""
    steps = [axes[axis].step if axis in axes else 1 for axis in range(len(value.sizes))]
    amounts = [
        [axes[axis].start, size - axes[axis][-1] - axes[axis].step] if axis in axes else [0, 0]
        for axis, size in enumerate(value.sizes)
    ]
    # A step takes what is left behind its last unit, and may reach past the map's end.
    amounts = [[before, max(after, 0)] for before, after in amounts]
    stepping = any(step > 1 for step in steps)
    if any(map(any, amounts)):
        name = f"{node.name}.crop" if stepping else node.name
        value = changed_map(graph, node.call(), "crop", value, name, amount=amounts)
    if stepping:
        call = node.call()
        value = changed_map(graph, call, "max_pool", value, kernel_size=1, stride=steps)
    return value


def split(graph: OnnxGraph, node: OnnxNode) -> list[Value]:
    """A dimension in pieces."""
    value = node.value()
    dim = axis_of(node.integer("axis"), len(value.dims))
    length = value.shape[dim]
    lengths = node.integers("split", 1)
    if lengths is None:
        count = node.integer("num_outputs", len(node.outputs))
        _check_pieces(count)
        even = -(-length // max(count, 1))
        lengths = [min(even, length - even * place) for place in range(count)]
    return _pieces(graph, node, value, dim, lengths)


def _pieces(
    graph: OnnxGraph, node: OnnxNode, value: Value, dim: int, lengths: list[int]
) -> list[Value]:
    if sum(lengths) != value.shape[dim] or min(lengths, default=0) < 1:
        raise Unreadable(f"its pieces {lengths} do not make up dimension {dim} of {value.shape}")
    _check_pieces(len(lengths))
    starts = [sum(lengths[:place]) for place in range(len(lengths))]
    return [cut(graph, node.call(), value, dim, start, n) for start, n in zip(starts, lengths)]


def _check_pieces(count: int) -> None:
    if count > MOST_PIECES:
        raise Unreadable(f"it cuts {count} pieces")


def sequence(graph: OnnxGraph, node: OnnxNode) -> list[Any]:
    """A dimension of a layer's output or of a constant in pieces, as a sequence of them."""
    value = node.input(0)
    if not isinstance(value, (Value, Array)):
        raise Unreadable("it cuts what is no tensor")
    dim = axis_of(node.integer("axis"), len(value.shape))
    array = node.array(1)
    if array is None or not array.shape:
        size = 1 if array is None else max(array.integers[0], 1)
        _check_pieces(-(-value.shape[dim] // size))
        lengths = [min(size, value.shape[dim] - at) for at in range(0, value.shape[dim], size)]
    else:
        lengths = array.integers
    if isinstance(value, Array):
        keeps = array is not None or node.integer("keepdims", 1)
        before, after = value.shape[:dim], value.shape[dim + 1 :]
        shapes = [(*before, *([length] if keeps else []), *after) for length in lengths]
        return [tuple(Array(shape, value.names, dtype=value.dtype) for shape in shapes)]
    pieces = _pieces(graph, node, value, dim, lengths)
    if array is None and not node.integer("keepdims", 1):
        pieces = [piece.but(dims=piece.dims[:dim] + piece.dims[dim + 1 :]) for piece in pieces]
    return [tuple(pieces)]


def piece(graph: OnnxGraph, node: OnnxNode) -> Any:
    """One piece of a sequence."""
    pieces, place = node.input(0), node.array(1)
    if not isinstance(pieces, tuple) or place is None:
        raise Unreadable("it takes a piece of no sequence")
    return pieces[axis_of(place.integers[0], len(pieces))]


def gather(graph: OnnxGraph, node: OnnxNode) -> Any:
    """Places of a dimension: one, which goes, or ranges side by side."""
    value, places = node.value(), node.array(1)
    dim = axis_of(node.integer("axis"), len(value.dims))
    if places is None or not places.count:
        raise Unreadable("it gathers nothing")
    if len(value.dims) == 1 and places.integers == list(range(value.shape[0])):
        return view(graph, node.call("reshape", places.shape, input=value))
    if len(places.shape) > 1:
        raise Unreadable("it gathers by other than a list of places")
    indices = [axis_of(place, value.shape[dim]) for place in places.integers]
    if not places.shape:
        return select(graph, node.call(input=value, dim=dim, index=indices[0]))
    runs = [[indices[0], 1]]
    for index in indices[1:]:
        if index == sum(runs[-1]):
            runs[-1][1] += 1
        else:
            runs.append([index, 1])
    if len(runs) > MOST_PIECES:
        raise Unreadable(f"it gathers {len(runs)} pieces")
    pieces = [cut(graph, node.call(), value, dim, start, size) for start, size in runs]
    return pieces[0] if len(pieces) == 1 else _concatenate(graph, node, pieces, dim)


def concat(graph: OnnxGraph, node: OnnxNode) -> Value:
    """Channels joined, or learned tokens before others."""
    values = node.values()
    dim = axis_of(node.integer("axis", 1), len(values[0].dims))
    if len(values) != len(node.inputs):
        first = values[0].shape
        length = sum(one.shape[dim] for one in node.inputs)
        shape = (*first[:dim], length, *first[dim + 1 :])
        return concatenation(graph, node.call("cat", shape, tensors=node.inputs, dim=dim))
    return values[0] if len(values) == 1 else _concatenate(graph, node, values, dim)


def _concatenate(graph: OnnxGraph, node: OnnxNode, values: list[Value], dim: int) -> Value:
    shapes = [value.shape[:dim] + value.shape[dim + 1 :] for value in values]
    if any(len(value.dims) != len(values[0].dims) for value in values) or len(set(shapes)) > 1:
        raise Unreadable(f"it joins {' and '.join(str(value.shape) for value in values[:4])}")
    rolled = rolled_pieces(graph, node.call("roll"), values, dim)
    if rolled is not None:
        return rolled
    first = values[0]
    shape = (*first.shape[:dim], sum(value.shape[dim] for value in values), *first.shape[dim + 1 :])
    others = [one for value in values for at, one in enumerate(value.dims) if at != dim]
    beside = any(CHANNELS in axes_in(one) for one in others)
    if beside and not any(value.dims[dim] for value in values):
        flat = [value.but(dims=value.dims[:dim] + value.dims[dim + 1 :]) for value in values]
        return stack(graph, node.call(tensors=flat, dim=dim))
    if len(shape) > 2 and beside and not any(map(any, (value.dims[:dim] for value in values))):
        return _end_to_end(graph, node, values, shape)
    return concatenation(graph, node.call(tensors=values, dim=dim))


def _end_to_end(
    graph: OnnxGraph, node: OnnxNode, values: list[Value], shape: tuple[int, ...]
) -> Value:
    """Lists of groups of numbers, as of boxes, joined: vectors end to end, seen as groups."""
    vectors = []
    for value in values:
        parts = joined_parts(part for one in value.dims for part in one)
        vectors.append(value.but(dims=((), parts)))
    total = prod(shape)
    made = concatenation(graph, node.call(tensors=vectors, dim=1))
    dims = reshaped_dims(((), whole(CHANNELS, total)), shape)
    assert dims is not None
    return made.but(dims=dims, scope=node.name)


SLICING: dict[str, Handler] = {
    "Slice": slices,
    "Split": split,
    "SplitToSequence": sequence,
    "SequenceAt": piece,
    "Gather": gather,
    "Concat": concat,
}
