"""Parts of every head, where queries, keys and values of one stand before those of the next."""

from __future__ import annotations

from .call import Call
from .graph import Graph
from .layout import CHANNELS, Dim
from .unknown import unknown_layer
from .values import Value


def is_within_heads(value: Value, dim: int) -> bool:
    """Whether a dimension counts channels within larger groups of them."""
    if len(value.dims[dim]) != 1 or value.padding:
        return False
    ((axis, step, length),) = value.dims[dim]
    steps = [one for part in value.dims for place, one, _ in part if place == CHANNELS]
    within = axis == CHANNELS and step * length < value.channels
    return within and all(one <= step or one % (step * length) == 0 for one in steps)


def part_of_heads(graph: Graph, call: Call, value: Value, dim: int, ends: range) -> Value:
    """A range of such a dimension."""
    ((_, step, length),), size = value.dims[dim], len(ends)

    def narrow(part: Dim) -> Dim:
        return tuple(
            (axis, one // length * size if axis == CHANNELS and one > step else one, count)
            for axis, one, count in part
        )

    dims = list(map(narrow, value.dims))
    dims[dim] = ((CHANNELS, step, size),) if size > 1 else ()
    channels = value.channels // length * size
    draft = unknown_layer(graph, call, [value], (channels, *value.sizes), reads="unit")
    graph.parts[draft] = ends, length, step
    return value.but(layer=draft, channels=channels, dims=tuple(dims), scope=call.scope)
