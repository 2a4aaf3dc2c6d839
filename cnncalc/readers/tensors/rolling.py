"""Maps rolled along axes: units that leave them at one end come in at the other."""

from __future__ import annotations

from .call import Call
from .graph import Graph
from .layout import CHANNELS
from .maps import axis_at, with_sizes
from .unknown import unknown_layer
from .values import Unreadable, Value


def rolled_pieces(graph: Graph, call: Call, values: list[Value], dim: int) -> Value | None:
    """The roll that a map's end joined before its start is; None for other pieces.

    Several, one after the other, are one along several axes.
    """
    if len(values) != 2 or {value.layer.type for value in values} != {"crop"}:
        return None
    end, start = values
    larger = max(values, key=lambda value: value.shape[dim])
    axis, laid = larger.axis(dim), [one.dims[:dim] + one.dims[dim + 1 :] for one in values]
    if axis is None or axis < 0 or laid[0] != laid[1] or end.layer.sources != start.layer.sources:
        return None
    size = end.sizes[axis] + start.sizes[axis]
    amounts = [[[0, 0] for _ in end.sizes] for _ in values]
    amounts[0][axis], amounts[1][axis] = [start.sizes[axis], 0], [0, end.sizes[axis]]
    if [one.layer.attributes["amount"] for one in values] != amounts:
        return None
    (source,), shifts = end.layer.sources, [0] * len(end.sizes)
    if source in graph.rolls:
        shifts, (source,) = list(graph.rolls[source]), source.sources
    shifts[axis] += end.sizes[axis]
    before = with_sizes(larger, larger.but(layer=source), {axis: size})
    shape = (before.channels, *before.sizes)
    made = before.but(layer=unknown_layer(graph, call, [before], shape))
    graph.rolls[made.layer] = tuple(shifts)
    return made


def roll(graph: Graph, call: Call) -> Value:
    """Units moved along axes, those that leave it coming in at the other end."""
    value: Value = call["input"]
    shifts = [0] * len(value.sizes)
    for shift, dim in zip(call["shifts"], call["dims"]):
        axis = axis_at(value, dim)
        if axis == CHANNELS:
            raise Unreadable("it moves the channels")
        shifts[axis] += shift
    shape = (value.channels, *value.sizes)
    made = value.but(layer=unknown_layer(graph, call, [value], shape))
    if len(call["shifts"]) != len(call["dims"]):
        raise Unreadable("it moves numbers out of their rows")
    graph.rolls[made.layer] = tuple(shifts)
    return made
