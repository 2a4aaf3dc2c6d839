"""Means and sums over axes."""

from __future__ import annotations

from typing import Any

from .call import Call
from .graph import Graph
from .layout import CHANNELS, axes_in
from .values import Unreadable, Value


def reduced(graph: Graph, call: Call) -> Value:
    """Mean or maximum over axes: a global pool, or an adaptive one to one unit on these axes."""
    value: Value = call["self"]
    rank = len(value.dims)
    asked = {dim % rank for dim in call.arguments.get("dim") or range(rank)}
    gone = {axis for dim in asked for axis in axes_in(value.dims[dim])}
    kept = {axis for dim in range(rank) if dim not in asked for axis in axes_in(value.dims[dim])}
    if value.is_vector or gone & kept or any(axis < 0 for axis in gone):
        raise Unreadable("it takes more than whole axes of a map together")
    word = "max" if call.operator == "amax" else "avg"
    sizes = tuple(1 if axis in gone else size for axis, size in enumerate(value.sizes))
    type_name, attributes = f"global_{word}_pool", dict[str, Any]()
    if set(sizes) != {1}:
        type_name = f"adaptive_{word}_pool"
        attributes["output_size"] = [1 if axis in gone else None for axis in range(len(sizes))]
    name = graph.names.of(call.node, type_name)
    layer = graph.emit(type_name, name, [value], **attributes)
    shortened = [() if dim in asked else one for dim, one in enumerate(value.dims)]
    if not call["keepdim"]:
        shortened = [one for dim, one in enumerate(shortened) if dim not in asked]
    return value.but(layer=layer, sizes=sizes, dims=tuple(shortened), scope=call.scope)


def summed(graph: Graph, call: Call) -> Value:
    """A sum over groups of channels: slices, added."""
    value: Value = call["self"]
    dims = [dim % len(value.dims) for dim in call.arguments.get("dim") or ()]
    part = value.dims[dims[0]] if len(dims) == 1 else ()
    if len(part) != 1 or part[0][0] != CHANNELS or part[0][1] * part[0][2] != value.channels:
        raise Unreadable("it adds up other than groups of channels")
    _, channels, count = part[0]
    slices = []
    for group in range(count):
        name = graph.names.within(call.scope, "slice")
        cut = [group * channels, (group + 1) * channels]
        slices.append(value.but(layer=graph.emit("slice", name, [value], channels=cut)))
    layer = graph.emit("add", graph.names.of(call.node, "add"), slices)
    at = dims[0]
    rest = ((),) if call["keepdim"] else ()
    kept = (*value.dims[:at], *rest, *value.dims[at + 1 :])
    return value.but(layer=layer, channels=channels, dims=kept, scope=call.scope)
