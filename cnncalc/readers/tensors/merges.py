"""Tensors that are merged, made alike first."""

from __future__ import annotations

from .call import Call
from .graph import Graph
from .layout import Dims, without_repeats
from .maps import as_map, as_read, flattened, lies_flat
from .values import Unreadable, Value


def merged(graph: Graph, call: Call, type_name: str, values: list[Value]) -> Value:
    """The layer that merges two layers number by number."""
    plain = (value.but(dims=without_repeats(value.dims)) for value in values)
    one, other = _alike(graph, *plain)
    dims = _common(one, other)
    sizes = tuple(map(max, one.sizes, other.sizes))
    channels = max(one.channels, other.channels)
    if channels > min(one.channels, other.channels) > 1:
        raise Unreadable(f"it merges {one.channels} and {other.channels} channels")
    one, other = (_spread(graph, value, sizes) for value in (one, other))
    layer = graph.emit(type_name, graph.names.of(call.node, type_name), [one, other])
    return one.but(layer=layer, channels=channels, sizes=sizes, dims=dims, scope=call.scope)


def _alike(graph: Graph, one: Value, other: Value) -> tuple[Value, Value]:
    """Both as maps, or both as vectors."""
    one, other = as_read(graph, one), as_read(graph, other)
    if one.is_vector == other.is_vector:
        return one, other
    vector, mapped = (one, other) if one.is_vector else (other, one)
    if lies_flat(mapped):
        mapped = flattened(graph, mapped)
    else:
        vector = as_map(graph, vector)
    return (vector, mapped) if one.is_vector else (mapped, vector)


def _common(one: Value, other: Value) -> Dims:
    """The dimensions of what two tensors make; they agree where both are longer than 1."""
    rank = max(len(one.dims), len(other.dims))
    made = []
    for first, second in zip(_ranked(one.dims, rank), _ranked(other.dims, rank)):
        if first and second and first != second:
            raise Unreadable(f"it lays {one.shape} and {other.shape} over each other unevenly")
        made.append(first or second)
    return tuple(made)


def _ranked(dims: Dims, rank: int) -> Dims:
    """Dimensions filled up in front."""
    return ((),) * (rank - len(dims)) + dims


def _spread(graph: Graph, value: Value, sizes: tuple[int, ...]) -> Value:
    """The value, resized where it is spread along some of the axes only."""
    if value.sizes == sizes or value.single or value.is_vector:
        return value
    name = graph.names.within(value.scope, "upsample")
    return value.but(layer=graph.emit("upsample", name, [value], size=list(sizes)))
