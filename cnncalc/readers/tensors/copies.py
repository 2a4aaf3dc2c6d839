"""Operators that give units of a map several times, or with those around them."""

from __future__ import annotations

from typing import Any

from ...arithmetic import output_size
from .call import Call
from .graph import Graph
from .joins import join
from .layout import CHANNELS, canonical, joined_parts
from .maps import as_map, axis_at, changed_map
from .unknown import unknown_layer
from .values import Unreadable, Value

MOST_COPIES = 64


def repeated_units(graph: Graph, call: Call) -> Value:
    """Every unit so many times along an axis: nearest resizing."""
    value, factor = as_map(graph, call["input"]), call.arguments.get("repeats")
    if not isinstance(factor, int) or call["dim"] is None:
        raise Unreadable("each unit is repeated as often as a tensor says")
    axis = axis_at(value, call["dim"])
    if axis == CHANNELS:
        raise Unreadable("it repeats channels")
    factors = [factor if one == axis else 1 for one in range(len(value.sizes))]
    return changed_map(graph, call, "upsample", value, scale_factor=factors)


def copies(graph: Graph, call: Call) -> Value:
    """All of a map so many times along dimensions: joined with itself, or one unit spread."""
    value: Value = call["input"]
    counts = list(enumerate(call.arguments.get("repeats") or call["dims"]))
    if len(counts) != len(value.dims):
        raise Unreadable("it repeats it along dimensions that it has not")
    for dim, count in counts:
        if count > MOST_COPIES and value.shape[dim] > 1:
            raise Unreadable(f"it has {count} copies")
        if count > 1 and value.shape[dim] == 1 and value.single:
            value = as_map(graph, value)
            factors = [count if one == axis_at(value, dim) else 1 for one in range(graph.axes)]
            value = changed_map(graph, call, "upsample", value, scale_factor=factors)
        elif count > 1:
            value = join(graph, call, [value] * count, dim)
    return value


def neighbourhoods(graph: Graph, call: Call) -> Value:
    """The units of every window side by side as channels, the windows in a row (im2col)."""
    value = as_map(graph, call["input"])
    window: dict[str, Any] = {
        key: list(call[key]) for key in ("kernel_size", "stride", "padding", "dilation")
    }
    columns = (window[key] for key in ("kernel_size", "stride", "padding", "padding", "dilation"))
    sizes = tuple(map(output_size, value.sizes, *columns))
    channels = call.shape[1]
    layer = unknown_layer(graph, call, [value], (channels, *sizes), **window)
    batch, whole, *axes = canonical(channels, sizes)
    dims = (batch, whole, joined_parts(part for dim in axes for part in dim))
    return Value(layer, channels, sizes, dims)
