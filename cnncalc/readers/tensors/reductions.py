"""Means and sums over axes."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from .call import Call
from .graph import Graph
from .layout import CHANNELS, axes_in
from .values import Unreadable, Value


def reduced_map(graph: Graph, call: Call) -> Value:
    """Mean or maximum over axes: a global pool, or an adaptive one to one unit on these axes."""
    value: Value = call["input"]
    rank = len(value.dims)
    dims = {dim % rank for dim in call.arguments.get("dim") or range(rank)}
    axes = {axis for dim in dims for axis in axes_in(value.dims[dim])}
    others = {axis for dim in set(range(rank)) - dims for axis in axes_in(value.dims[dim])}
    if value.is_vector or axes & others or any(axis < 0 for axis in axes):
        raise Unreadable("it takes more than whole axes of a map together")
    word = "max" if call.operator == "amax" else "avg"
    sizes = tuple(1 if axis in axes else size for axis, size in enumerate(value.sizes))
    type_name, attributes = f"global_{word}_pool", dict[str, Any]()
    if set(sizes) != {1}:
        type_name = f"adaptive_{word}_pool"
        attributes["output_size"] = [1 if axis in axes else None for axis in range(len(sizes))]
    if type_name != "global_avg_pool" and graph.EXACT:
        attributes["reduction"] = True
    layer = graph.emit(type_name, graph.names.of(call, type_name), [value], **attributes)
    return without(call, value.but(layer=layer, sizes=sizes), dims, call["keepdim"])


def without(call: Call, value: Value, dims: Collection[int], keep: bool) -> Value:
    """The value without dimensions, or with them of size 1."""
    rest = [() if dim in dims else one for dim, one in enumerate(value.dims)]
    if not keep:
        rest = [one for dim, one in enumerate(rest) if dim not in dims]
    return value.but(dims=tuple(rest), scope=call.scope)


def summed_groups(graph: Graph, call: Call) -> Value:
    """A sum over groups of channels: slices, added."""
    value: Value = call["input"]
    dims = [dim % len(value.dims) for dim in call.arguments.get("dim") or ()]
    part = value.dims[dims[0]] if len(dims) == 1 else ()
    if len(part) != 1 or part[0][0] != CHANNELS or part[0][1] * part[0][2] != value.channels:
        raise Unreadable("it adds up other than groups of channels")
    _, channels, count = part[0]
    slices = []
    for group in range(count):
        name = graph.names.within(call.scope, "slice")
        ends = [group * channels, (group + 1) * channels]
        slices.append(value.but(layer=graph.emit("slice", name, [value], channels=ends)))
    layer = graph.emit("add", graph.names.of(call, "add"), slices)
    return without(call, value.but(layer=layer, channels=channels), dims, call["keepdim"])
