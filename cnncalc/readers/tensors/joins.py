"""Operators that join channels, maps or tokens."""

from __future__ import annotations

from typing import Any

from ...arithmetic import AXES
from .call import Call
from .graph import Graph
from .layout import CHANNELS, REPEATED, axes_in, joined_parts, whole
from .maps import (
    as_map,
    as_read,
    as_tokens,
    flat_vector,
    keeps_layout,
    lies_flat,
    with_sizes,
)
from .unknown import unknown_layer
from .values import Constant, Unreadable, Value


def concatenation(graph: Graph, call: Call) -> Value:
    """Channels joined."""
    values = call.values()
    if all(one.count == 0 for one in call.constants()) and len(values) == 1:
        return values[0]
    if len(values) == 1 and isinstance(call["tensors"][0], Constant):
        return _prepended_tokens(graph, call, *call["tensors"])
    if any(one.count for one in call.constants()):
        return _with_constants(graph, call, values)
    if any(value.is_vector for value in values):
        values = [flat_vector(graph, value) if lies_flat(value) else value for value in values]
    else:
        values = [as_read(graph, _as_resized(graph, value)) for value in values]
    dim = call["dim"] % len(values[0].dims)
    return join(graph, call, values, dim)


def join(graph: Graph, call: Call, values: list[Value], dim: int) -> Value:
    """Values joined along a dimension: channels, or an axis."""
    if not keeps_layout(values, dim):
        return _along_an_axis(graph, call, [as_tokens(graph, value) for value in values], dim)
    layer = graph.emit("concat", graph.names.of(call, "concat"), values)
    first, channels = values[0], sum(value.shape[dim] for value in values)
    dims = (*first.dims[:dim], whole(CHANNELS, channels), *first.dims[dim + 1 :])
    return first.but(layer=layer, channels=channels, dims=dims)


def _along_an_axis(graph: Graph, call: Call, values: list[Value], dim: int) -> Value:
    """Maps or tokens joined along one of their axes."""
    first = values[0]
    axes = {axis for value in values if (axis := value.axis(dim)) is not None}
    alike = {
        (value.channels, value.regions, _without(value.sizes, axes), _without(value.dims, {dim}))
        for value in values
    }
    if len(axes) != 1 or axes == {CHANNELS} or len(alike) > 1 or any(v.padding for v in values):
        raise Unreadable("it joins along what is no axis of all that it joins")
    (axis,) = axes
    attributes = {"axis": AXES[len(first.sizes)][axis]}
    size = sum(value.shape[dim] for value in values)
    layer = graph.emit("concat", graph.names.of(call, "concat"), values, **attributes)
    largest = max(values, key=lambda value: value.shape[dim])
    return with_sizes(largest, largest.but(layer=layer), {axis: size})


def _without(things: tuple[Any, ...], places: set[int]) -> tuple[Any, ...]:
    return tuple(thing for place, thing in enumerate(things) if place not in places)


def _prepended_tokens(graph: Graph, call: Call, constant: Constant, value: Value) -> Value:
    """Learned tokens joined before a map's."""
    names, dim = graph.parameters(constant), call["dim"] % len(value.dims)
    value = as_tokens(graph, value)
    count = call.shape[dim] - value.shape[dim]
    learned = sum(graph.counts[name] for name in names)
    if value.axis(dim) != 0 or len(value.sizes) > 1 or learned != count * value.channels:
        raise Unreadable("it joins constants with what depends on the input")
    name = graph.names.of_weighted(call, names[0])
    draft = graph.emit("prepend", name, [value], frozenset(names), count=count)
    return with_sizes(value, value.but(layer=draft), {0: call.shape[dim]})


def _with_constants(graph: Graph, call: Call, values: list[Value]) -> Value:
    """Channels joined with constants, as a coordinate convolution has them beside the map's."""
    dim = call["dim"] % len(values[0].dims)
    if graph.parameters(*call.constants()) or not keeps_layout(values, dim):
        raise Unreadable("it joins constants with what depends on the input")
    first, channels = values[0], call.shape[dim]
    layer = unknown_layer(graph, call, values, (channels, *first.sizes), reads="unit")
    dims = (*first.dims[:dim], whole(CHANNELS, channels), *first.dims[dim + 1 :])
    return first.but(layer=layer, channels=channels, dims=dims)


def _as_resized(graph: Graph, value: Value) -> Value:
    """The value itself, or the resizing that an expanded one is."""
    repeated = any(REPEATED in axes_in(dim) for dim in value.dims)
    return as_map(graph, value) if repeated else value


def stack(graph: Graph, call: Call) -> Value:
    """Maps side by side in a new dimension: channels joined, as a view."""
    values = call.values()
    first, count = values[0], len(values)
    dim = call["dim"] % (len(first.dims) + 1)
    laid = {(value.dims, value.channels, value.sizes, value.padding) for value in values}
    if count != len(call["tensors"]) or len(laid) > 1:
        raise Unreadable("it stacks what is not laid out alike")
    layer = graph.emit("concat", graph.names.of(call, "concat"), values)
    part = joined_parts([(CHANNELS, first.channels, count)])
    dims = (*first.dims[:dim], part, *first.dims[dim:])
    return first.but(layer=layer, channels=count * first.channels, dims=dims, scope=call.scope)
