"""Operators that join channels."""

from __future__ import annotations

from .call import Call
from .graph import Graph, Handler
from .layout import CHANNELS, REPEATED, axes_in, joined, whole
from .maps import as_map, as_read, flattened, keeps_layout, lies_flat
from .values import Draft, Unreadable, Value


def concatenation(graph: Graph, call: Call) -> Value:
    """Channels joined."""
    values = call.values()
    if len(values) != len(call["tensors"]):
        raise Unreadable("it joins constants with what depends on the input")
    if any(value.is_vector for value in values):
        values = [_as_vector(graph, value) for value in values]
    else:
        values = [as_read(graph, _unrepeated(graph, value)) for value in values]
    dim = call["dim"] % len(values[0].dims)
    if not keeps_layout(values, dim):
        raise Unreadable("it joins along an axis, not the channels")
    layer = graph.emit("concat", graph.names.of(call.node, "concat"), values)
    return _joined(values, layer, dim, call.shape[dim])


def _joined(values: list[Value], layer: Draft, dim: int, channels: int) -> Value:
    first = values[0]
    dims = (*first.dims[:dim], whole(CHANNELS, channels), *first.dims[dim + 1 :])
    return first.but(layer=layer, channels=channels, dims=dims)


def _unrepeated(graph: Graph, value: Value) -> Value:
    """The value itself, or the resizing that an expanded one is."""
    repeated = any(REPEATED in axes_in(dim) for dim in value.dims)
    return as_map(graph, value) if repeated else value


def _as_vector(graph: Graph, value: Value) -> Value:
    if not value.is_vector and lies_flat(value):
        return flattened(graph, value)
    return value


def stack(graph: Graph, call: Call) -> Value:
    """Maps side by side in a new dimension before the channels: channels joined, as a view."""
    values = call.values()
    dim = call["dim"] % len(call.shape)
    if len(values) != len(call["tensors"]) or not keeps_layout(values, dim):
        raise Unreadable("it stacks along an axis, not before the channels")
    channels, count = values[0].channels, len(values)
    if any(value.channels != channels for value in values):
        raise Unreadable("it stacks maps of different channels")
    layer = graph.emit("concat", graph.names.of(call.node, "concat"), values)
    value = _joined(values, layer, dim, count * channels)
    parts = (joined([(CHANNELS, channels, count)]), whole(CHANNELS, channels))
    return value.but(dims=(*value.dims[:dim], *parts, *value.dims[dim + 1 :]), scope=call.scope)


JOINS: dict[str, Handler] = {
    **dict.fromkeys(("cat", "concat", "concatenate"), concatenation),
    "stack": stack,
}
