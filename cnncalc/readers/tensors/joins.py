"""Operators that join channels."""

from __future__ import annotations

from .call import Call
from .graph import Graph
from .layout import CHANNELS, REPEATED, axes_in, joined_parts, whole
from .maps import as_map, as_read, flat_vector, keeps_layout, lies_flat
from .values import Unreadable, Value


def concatenation(graph: Graph, call: Call) -> Value:
    """Channels joined."""
    values = call.values()
    if len(values) != len(call["tensors"]):
        raise Unreadable("it joins constants with what depends on the input")
    if any(value.is_vector for value in values):
        values = [flat_vector(graph, value) if lies_flat(value) else value for value in values]
    else:
        values = [as_read(graph, _as_resized(graph, value)) for value in values]
    dim = call["dim"] % len(values[0].dims)
    if not keeps_layout(values, dim):
        raise Unreadable("it joins along an axis, not the channels")
    layer = graph.emit("concat", graph.names.of(call, "concat"), values)
    first, channels = values[0], sum(value.shape[dim] for value in values)
    dims = (*first.dims[:dim], whole(CHANNELS, channels), *first.dims[dim + 1 :])
    return first.but(layer=layer, channels=channels, dims=dims)


def _as_resized(graph: Graph, value: Value) -> Value:
    """The value itself, or the resizing that an expanded one is."""
    repeated = any(REPEATED in axes_in(dim) for dim in value.dims)
    return as_map(graph, value) if repeated else value


def stack(graph: Graph, call: Call) -> Value:
    """Maps side by side in a new dimension before the channels: channels joined, as a view."""
    values = call.values()
    dim = call["dim"] % (len(values[0].dims) + 1)
    if len(values) != len(call["tensors"]) or not keeps_layout(values, dim):
        raise Unreadable("it stacks along an axis, not before the channels")
    channels, count = values[0].channels, len(values)
    if any(value.channels != channels for value in values):
        raise Unreadable("it stacks maps of different channels")
    layer = graph.emit("concat", graph.names.of(call, "concat"), values)
    parts = (joined_parts([(CHANNELS, channels, count)]), whole(CHANNELS, channels))
    first = values[0]
    dims = (*first.dims[:dim], *parts, *first.dims[dim + 1 :])
    return first.but(layer=layer, channels=count * channels, dims=dims, scope=call.scope)
