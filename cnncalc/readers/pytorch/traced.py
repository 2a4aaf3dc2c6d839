"""Operators without a layer kind, as layers of the shape that PyTorch traced."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..tensors.graph import Graph
from ..tensors.layout import (
    CHANNELS,
    REGIONS,
    Dims,
    canonical,
    reshaped_dims,
    whole,
)
from ..tensors.values import Draft, Unreadable, Value

Form = tuple[int, tuple[int, ...], Dims]
REARRANGED = "rearrange"
NOTHING: dict[str, Any] = {"num_params": 0, "num_macs": 0}


def form(shape: tuple[int, ...], axes: int, regions: int = 1) -> Form:
    """Channels, sizes and dimensions of a layer that gives a tensor of a shape in its own order.

    A tensor of batch, channels and so many axes is a map; one of a batch and one dimension more a
    vector; of any other the last dimension holds the channels, and the others count tokens.
    """
    if regions > 1 and shape[:1] != (regions,):
        raise Unreadable("it mixes regions")
    batch, rest = shape[:1], shape[1:]
    if batch == (regions,) and len(rest) == axes + 1:
        return rest[0], rest[1:], canonical(rest[0], rest[1:], regions)
    if len(shape) < 2 or (batch == (regions,) and len(rest) == 1):
        channels = shape[-1] if shape else 1
        dims = (*(whole(REGIONS, size) for size in batch[: len(rest)]), whole(CHANNELS, channels))
        return channels, (), dims[: len(shape)]
    own = rest if regions > 1 else shape
    *others, channels = own
    units = 1
    for size in others:
        units *= size
    parts = reshaped_dims((whole(0, units),), others) or ()
    dims = (*parts, whole(CHANNELS, channels))
    return channels, (units,), ((whole(REGIONS, regions),) if regions > 1 else ()) + dims


def is_in_own_order(value: Value, axes: int) -> bool:
    """Whether a value is laid out as its layer gives it."""
    return (value.channels, value.sizes, value.dims) == form(value.shape, axes, value.regions)


def in_own_order(graph: Graph, value: Value) -> Value:
    """The value in its own order, behind a layer that puts it so where it is in another."""
    if value.padding:
        value = padding_layer(graph, value)
    return value if is_in_own_order(value, graph.axes) else rearrangement(graph, value, graph.axes)


def rearrangement(graph: Graph, value: Value, axes: int) -> Value:
    """The value behind a layer that puts its numbers in their order, as a map of so many axes."""
    key = (value.layer, value.dims, axes)
    if key not in graph.views:
        name = graph.names.within(value.scope, REARRANGED)
        graph.views[key] = layer(
            graph, REARRANGED, name, [value], value.shape, axes=axes, **NOTHING
        )
    return graph.views[key]


def padding_layer(graph: Graph, value: Value) -> Value:
    """The value behind the layer of the padding that no convolution takes."""
    pairs = [list(pair) for pair in value.padding]
    draft = graph.emit("pad", graph.names.within(value.scope, "pad"), [value], padding=pairs)
    draft.shape = (value.channels, *value.sizes)
    return value.but(layer=draft, padding=())


def layer(
    graph: Graph,
    operator: str,
    name: str,
    sources: list[Value],
    shape: tuple[int, ...],
    names: frozenset[str] = frozenset(),
    axes: int = 0,
    **figures: Any,
) -> Value:
    """The output of a layer of unknown type that gives a tensor of a shape."""
    regions = max(source.regions for source in sources)
    channels, sizes, dims = form(shape, axes or graph.axes, regions)
    sources = [padding_layer(graph, source) if source.padding else source for source in sources]
    read = [[source.channels, *source.sizes] for source in sources]
    draft = graph.emit(
        "unknown",
        name,
        sources,
        names,
        operator=operator,
        in_shape=read,
        out_shape=[channels, *sizes],
        **{key: figure for key, figure in figures.items() if figure is not None},
    )
    draft.shape = (channels, *sizes)
    return Value(draft, channels, sizes, dims, regions)


class Outputs:
    """Several tensors that an operator gives; those behind the first are layers when asked for."""

    def __init__(
        self, graph: Graph, operator: str, first: Value, shapes: list[tuple[int, ...]]
    ) -> None:
        self.graph = graph
        self.operator = operator
        self.values = {0: first}
        self.shapes = shapes

    def __getitem__(self, index: int) -> Value:
        if index not in self.values:
            first = self.values[0]
            name = f"{first.layer.name}.{index}"
            self.values[index] = layer(
                self.graph, self.operator, name, [first], self.shapes[index], **NOTHING
            )
        return self.values[index]

    def __iter__(self) -> Iterator[Value]:
        return (self[index] for index in range(len(self.shapes)))


def drop(graph: Graph, drafts: list[Draft]) -> None:
    """Leave out the last layers, of an attempt that came to nothing."""
    gone = set(drafts)
    if not gone:
        return
    del graph.drafts[-len(drafts) :]
    graph.owners = {name: one for name, one in graph.owners.items() if one not in gone}
    graph.views = {
        key: one for key, one in graph.views.items() if key[0] not in gone and one.layer not in gone
    }
    graph.read = {source for draft in graph.drafts for source in draft.sources}
