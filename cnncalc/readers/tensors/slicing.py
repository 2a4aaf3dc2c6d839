"""Operators that cut channels and axes, or pad axes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from .call import Call
from .graph import Graph
from .heads import is_within_heads, part_of_heads
from .layout import CHANNELS
from .maps import as_map, as_read, axis_at, changed_map, with_sizes
from .values import Unreadable, Value


def cut(graph: Graph, call: Call, value: Value, dim: int, start: int, size: int) -> Value:
    """A range of the channels or of an axis: a slice or crop layer."""
    length = value.shape[dim]
    if (start, size) == (0, length):
        return value
    if is_outer_part(value, dim):
        return _outer_part(graph, call, value, dim, start, size)
    if is_within_heads(value, dim):
        return part_of_heads(graph, call, value, dim, range(start, start + size))
    value = as_read(graph, value)
    if value.axis(dim) is None:
        value = as_map(graph, value)
    axis = axis_at(value, dim)
    if axis != CHANNELS and len(value.sizes) != graph.axes:
        return _outer_part(graph, call, value, dim, start, size)
    attributes: dict[str, Any] = {"channels": [start, start + size]}
    if axis != CHANNELS:
        amount = [[0, 0] for _ in value.sizes]
        amount[axis] = [start, length - start - size]
        attributes = {"amount": amount}
    type_name = "slice" if axis == CHANNELS else "crop"
    layer = graph.emit(type_name, graph.names.of(call, type_name), [value], **attributes)
    return with_sizes(value, value.but(layer=layer), {axis: size})


def is_outer_part(value: Value, dim: int) -> bool:
    """Whether a dimension counts channels, or units of an axis, by the largest steps."""
    if len(value.dims[dim]) != 1:
        return False
    ((axis, step, size),) = value.dims[dim]
    if axis < CHANNELS or step == 1:
        return False
    return step * size == (value.channels if axis == CHANNELS else value.sizes[axis])


def _outer_part(graph: Graph, call: Call, value: Value, dim: int, start: int, size: int) -> Value:
    """A range of a dimension that counts channels, or tokens, by the largest steps."""
    ((axis, step, _),) = value.dims[dim]
    part = (axis, step, size)
    units = [start * step, (start + size) * step]
    dims = (*value.dims[:dim], (part,) if size > 1 else (), *value.dims[dim + 1 :])
    if axis == CHANNELS:
        layer = graph.emit("slice", graph.names.of(call, "slice"), [value], channels=units)
        return value.but(layer=layer, channels=size * step, dims=dims)
    if len(value.sizes) > 1 or graph.axes == 1:
        raise Unreadable("it cuts rows of units out of the map")
    layer = graph.emit("take", graph.names.of(call, "take"), [value], index=units)
    return value.but(layer=layer, sizes=(size * step,), dims=dims)


def select(graph: Graph, call: Call) -> Value:
    """`x[:, i]`: one place of a dimension, which goes."""
    value: Value = call["input"]
    dim = call["dim"] % len(value.dims)
    return _place(graph, call, value, dim, call["index"] % value.shape[dim])


def _place(graph: Graph, call: Call, value: Value, dim: int, index: int) -> Value:
    if value.shape[dim] > 1:
        value = cut(graph, call, value, dim, index, 1)
    return value.but(dims=value.dims[:dim] + value.dims[dim + 1 :], scope=call.scope)


class Pieces:
    """What a chunk or split gives: each piece becomes a layer when it is asked for."""

    def __init__(self, graph: Graph, call: Call) -> None:
        self.graph = graph
        self.call = call
        self.value: Value = call["input"]
        self.dim = call["dim"] % len(self.value.dims)
        self.pieces: dict[int, Value] = {}

    def __getitem__(self, index: int) -> Value:
        if index not in self.pieces:
            self.pieces[index] = self._piece(index)
        return self.pieces[index]

    def _piece(self, index: int) -> Value:
        if self.call.operator == "unbind":
            return _place(self.graph, self.call, self.value, self.dim, index)
        lengths = [shape[self.dim] for shape in self.call.shapes]
        start = sum(lengths[:index])
        return cut(self.graph, self.call, self.value, self.dim, start, lengths[index])

    def __iter__(self) -> Iterator[Value]:
        return (self[index] for index in range(len(self.call.shapes)))


def split(graph: Graph, call: Call) -> Pieces:
    """Channels or an axis in pieces; refused here where no piece could be read."""
    pieces = Pieces(graph, call)
    value = pieces.value
    if is_outer_part(value, pieces.dim) or is_within_heads(value, pieces.dim):
        return pieces
    if value.axis(pieces.dim) is None and value.shape[pieces.dim] > 1:
        value = pieces.value = as_read(graph, value)
        if value.axis(pieces.dim) is None:
            pieces.value = as_map(graph, value)
        axis_at(pieces.value, pieces.dim)
    return pieces


def pad_amounts(
    graph: Graph, value: Value, columns: Iterable[tuple[int, int, int]]
) -> tuple[Value, list[list[int]]]:
    """The units before and after each axis of a map, from those of dimensions, and the map."""
    columns = [column for column in columns if any(column[1:])]
    if any(value.axis(dim) is None for dim, _, _ in columns):
        value = as_map(graph, value)
    pairs = [[0, 0] for _ in value.sizes]
    for dim, before, after in columns:
        axis = axis_at(value, dim)
        if axis == CHANNELS:
            raise Unreadable("it pads the channels")
        pairs[axis] = [before, after]
    return value, pairs


def pad_map(
    graph: Graph, call: Call, value: Value, pairs: list[list[int]], /, **filling: Any
) -> Value:
    """Units taken off a map where amounts are negative, and then added where they are not."""
    for type_name, key, sign in (("crop", "amount", -1), ("pad", "padding", 1)):
        wanted = [[max(sign * amount, 0) for amount in pair] for pair in pairs]
        if any(map(any, wanted)):
            attributes = {key: wanted} | (filling if type_name == "pad" else {})
            value = changed_map(graph, call, type_name, value, **attributes)
    return value
