"""Operators that move, cut and join: views, slices, concatenation."""

from __future__ import annotations

from math import prod
from typing import Any

from ..tensors.cuts import cut, select
from ..tensors.joins import concatenation, stack
from ..tensors.layout import CHANNELS, axes_in, joined, reshaped, whole
from ..tensors.maps import as_map, as_read, axis_at, flattened, lies_flat, resized
from ..tensors.values import Unreadable, Value
from ..tensors.views import expand
from .folding import cuts
from .graph import Graph, Handler
from .node import Node, Request, axes_of, counted

MOST_PIECES = 256


def same(graph: Graph, node: Node) -> Any:
    """The same numbers at the same places."""
    return node.inputs[0]


def _viewed(node: Node, value: Value, shape: list[int]) -> Value:
    dims = reshaped(value.dims, shape)
    if dims is None:
        raise Unreadable(f"it cuts {value.shape} unevenly into {tuple(shape)}")
    return value.but(dims=dims, scope=node.name)


def reshape(graph: Graph, node: Node) -> Value:
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
    return _viewed(node, value, shape)


def flatten(graph: Graph, node: Node) -> Value:
    """A matrix; with all of a map in its second dimension it is a flatten layer."""
    value = node.value()
    axis = node.integer("axis", 1)
    axis = axis if axis == len(value.dims) else counted(axis, len(value.dims))
    shape = [prod(value.shape[:axis]), prod(value.shape[axis:])]
    made = _viewed(node, value, shape)
    if not made.is_vector and lies_flat(made):
        return flattened(graph, made, node.name)
    return made


def squeeze(graph: Graph, node: Node) -> Value:
    """Without dimensions of size 1, all or the given ones."""
    value = node.value()
    asked = axes_of(node, len(value.dims), place=1)
    if any(value.dims[dim] for dim in asked or []):
        raise Unreadable(f"it takes away dimensions of {value.shape} that are not of size 1")
    dims = tuple(
        dim for at, dim in enumerate(value.dims) if dim or (asked is not None and at not in asked)
    )
    return value.but(dims=dims, scope=node.name)


def unsqueeze(graph: Graph, node: Node) -> Value:
    """With dimensions of size 1 more."""
    value = node.value()
    rank = len(value.dims) + len(node.integers("axes", 1) or [])
    dims = list(value.dims)
    for axis in sorted(axes_of(node, rank, place=1) or []):
        dims.insert(axis, ())
    return value.but(dims=tuple(dims), scope=node.name)


def transpose(graph: Graph, node: Node) -> Value:
    """The dimensions in another order."""
    value = node.value()
    rank = len(value.dims)
    order = node.integers("perm") or list(reversed(range(rank)))
    if sorted(order) != list(range(rank)):
        raise Unreadable(f"its perm {order} is no order of {rank} dimensions")
    return value.but(dims=tuple(value.dims[dim] for dim in order), scope=node.name)


def slices(graph: Graph, node: Node) -> Value:
    """Ranges of dimensions; a step along an axis is a pooling of single units."""
    value = node.value()
    taken: dict[int, range] = {}
    for dim, start, end, step in cuts(node, len(value.dims)):
        places = range(*slice(int(start), int(end), step).indices(value.shape[dim]))
        if step < 0 or not places:
            raise Unreadable("it turns an axis round" if step < 0 else "it takes nothing")
        if len(places) < value.shape[dim]:
            taken[dim] = places
    if any(value.axis(dim) is None for dim in taken):
        value = as_map(graph, as_read(graph, value))
    axes = {axis_at(value, dim): places for dim, places in taken.items()}
    channels = axes.pop(CHANNELS, None)
    if channels is not None:
        if channels.step != 1:
            raise Unreadable("it takes channels by steps")
        value = _cut(graph, node, value, "slice", channels=[channels.start, channels.stop])
    return _thinned(graph, node, value, axes)


def _cut(
    graph: Graph, node: Node, value: Value, type_name: str, name: str = "", **attributes: Any
) -> Value:
    draft = graph.emit(type_name, name or node.name, [value], **attributes)
    channels, *sizes = graph.shape_of(draft, [value])
    return resized(value, value.but(layer=draft), {CHANNELS: channels, **dict(enumerate(sizes))})


def _thinned(graph: Graph, node: Node, value: Value, axes: dict[int, range]) -> Value:
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
        value = _cut(graph, node, value, "crop", name, amount=amounts)
    if stepping:
        value = _cut(graph, node, value, "max_pool", kernel_size=1, stride=steps)
    return value


def split(graph: Graph, node: Node) -> list[Value]:
    """A dimension in pieces."""
    value = node.value()
    dim = counted(node.integer("axis"), len(value.dims))
    length = value.shape[dim]
    lengths = node.integers("split", 1)
    if lengths is None:
        count = node.integer("num_outputs", len(node.outputs))
        even = -(-length // max(count, 1))
        lengths = [min(even, length - even * place) for place in range(count)]
    return _pieces(graph, node, value, dim, lengths)


def _pieces(graph: Graph, node: Node, value: Value, dim: int, lengths: list[int]) -> list[Value]:
    if sum(lengths) != value.shape[dim] or min(lengths, default=0) < 1:
        raise Unreadable(f"its pieces {lengths} do not make up dimension {dim} of {value.shape}")
    if len(lengths) > MOST_PIECES:
        raise Unreadable(f"it cuts {len(lengths)} pieces")
    starts = [sum(lengths[:place]) for place in range(len(lengths))]
    request = Request(node, "split", {"self": value})
    return [cut(graph, request, value, dim, start, n) for start, n in zip(starts, lengths)]


def sequence(graph: Graph, node: Node) -> list[Any]:
    """A dimension in pieces, as a sequence of them."""
    value = node.value()
    dim = counted(node.integer("axis"), len(value.dims))
    given = node.array(1)
    lengths = [1] * value.shape[dim] if given is None else given.integers
    if given is not None and not given.shape:
        size = max(lengths[0], 1)
        lengths = [min(size, value.shape[dim] - at) for at in range(0, value.shape[dim], size)]
    pieces = _pieces(graph, node, value, dim, lengths)
    if given is None and not node.integer("keepdims", 1):
        pieces = [piece.but(dims=piece.dims[:dim] + piece.dims[dim + 1 :]) for piece in pieces]
    return [tuple(pieces)]


def of_sequence(graph: Graph, node: Node) -> Any:
    """One piece of a sequence."""
    pieces, place = node.given(0), node.array(1)
    if not isinstance(pieces, tuple) or place is None:
        raise Unreadable("it takes a piece of no sequence")
    return pieces[counted(place.integers[0], len(pieces))]


def gather(graph: Graph, node: Node) -> Value:
    """Places of a dimension: one, which goes, or ranges side by side."""
    value, places = node.value(), node.array(1)
    dim = counted(node.integer("axis"), len(value.dims))
    if places is None or not places.count:
        raise Unreadable("it gathers nothing")
    if len(value.dims) == 1 and places.integers == list(range(value.shape[0])):
        return _viewed(node, value, list(places.shape))
    if len(places.shape) > 1:
        raise Unreadable("it gathers by other than a list of places")
    indices = [counted(place, value.shape[dim]) for place in places.integers]
    if not places.shape:
        asked = {"self": value, "dim": dim, "index": indices[0]}
        return select(graph, Request(node, "select", asked))
    runs = [[indices[0], 1]]
    for index in indices[1:]:
        if index == sum(runs[-1]):
            runs[-1][1] += 1
        else:
            runs.append([index, 1])
    if len(runs) > MOST_PIECES:
        raise Unreadable(f"it gathers {len(runs)} pieces")
    request = Request(node, "slice", {"self": value})
    pieces = [cut(graph, request, value, dim, start, size) for start, size in runs]
    return pieces[0] if len(pieces) == 1 else _concatenated(graph, node, pieces, dim)


def concat(graph: Graph, node: Node) -> Value:
    """Channels joined."""
    values = node.values()
    if len(values) != len(node.inputs):
        raise Unreadable("it joins constants with what depends on the input")
    dim = counted(node.integer("axis", 1), len(values[0].dims))
    return values[0] if len(values) == 1 else _concatenated(graph, node, values, dim)


def _concatenated(graph: Graph, node: Node, values: list[Value], dim: int) -> Value:
    shapes = [value.shape[:dim] + value.shape[dim + 1 :] for value in values]
    if any(len(value.dims) != len(values[0].dims) for value in values) or len(set(shapes)) > 1:
        raise Unreadable(f"it joins {' and '.join(str(value.shape) for value in values[:4])}")
    first = values[0]
    shape = (*first.shape[:dim], sum(value.shape[dim] for value in values), *first.shape[dim + 1 :])
    others = [one for value in values for at, one in enumerate(value.dims) if at != dim]
    beside = any(CHANNELS in axes_in(one) for one in others)
    if beside and not any(value.dims[dim] for value in values):
        flat = [value.but(dims=value.dims[:dim] + value.dims[dim + 1 :]) for value in values]
        return stack(graph, Request(node, "stack", {"tensors": flat, "dim": dim}, shape))
    if len(shape) > 2 and beside and not any(map(any, (value.dims[:dim] for value in values))):
        return _end_to_end(graph, node, values, shape)
    asked = {"tensors": values, "dim": dim}
    return concatenation(graph, Request(node, "cat", asked, shape))


def _end_to_end(graph: Graph, node: Node, values: list[Value], shape: tuple[int, ...]) -> Value:
    """Lists of groups of numbers, as of boxes, joined: vectors end to end, seen as groups."""
    vectors = []
    for value in values:
        parts = joined(part for one in value.dims for part in one)
        vectors.append(value.but(dims=((), parts)))
    total = prod(shape)
    asked = {"tensors": vectors, "dim": 1}
    made = concatenation(graph, Request(node, "cat", asked, (1, total)))
    dims = reshaped(((), whole(CHANNELS, total)), shape)
    assert dims is not None
    return made.but(dims=dims, scope=node.name)


def expansion(graph: Graph, node: Node) -> Value:
    """Dimensions of size 1 repeated."""
    value = node.value()
    target = node.integers("shape", 1) or []
    if node.operator == "Tile":
        given = node.array(1)
        repeats = [] if given is None else given.integers
        if len(repeats) != len(value.dims):
            raise Unreadable(f"its repeats {repeats} are not one per dimension")
        target = [size * count for size, count in zip(value.shape, repeats)]
    shape = [1] * (len(target) - len(value.dims)) + list(value.shape)
    asked = [1] * (len(shape) - len(target)) + target
    made = tuple(size if other == 1 else other for size, other in zip(shape, asked))
    if any(size not in (1, other) for size, other in zip(shape, made)) or 0 in made:
        raise Unreadable(f"it repeats {value.shape} to {made}")
    repeated: Value = expand(graph, Request(node, "expand", {"self": value}, made))
    return repeated


VIEWS: dict[str, Handler] = {
    "Cast": same,
    "CastLike": same,
    "Reshape": reshape,
    "Flatten": flatten,
    "Squeeze": squeeze,
    "Unsqueeze": unsqueeze,
    "Transpose": transpose,
    "Slice": slices,
    "Split": split,
    "SplitToSequence": sequence,
    "SequenceAt": of_sequence,
    "Gather": gather,
    "Concat": concat,
    "Expand": expansion,
    "Tile": expansion,
}
