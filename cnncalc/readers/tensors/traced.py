"""Operators without a layer kind, as layers of the shape that the format tells of them."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any

from .graph import Graph
from .layout import (
    CHANNELS,
    REGIONS,
    REPEATED,
    Dim,
    Dims,
    axes_in,
    canonical,
    reshaped_dims,
    whole,
)
from .maps import channels_last_view
from .values import Unreadable, Value

Form = tuple[int, tuple[int, ...], Dims]
REARRANGED, REPEATS = "rearrange", "repeat"
PER_HEAD = ("scaled_dot_product_attention", "matmul")
UNIT, ALL = "unit", "all"
NOTHING: dict[str, Any] = {"num_params": 0, "num_macs": 0}


def form(shape: tuple[int, ...], axes: int, regions: int = 1, last: bool = False) -> Form:
    """Channels, sizes and dimensions of a layer that gives a tensor of a shape in its own order.

    A tensor of batch, channels and so many axes is a map, with channels `last` if it is said; one
    of a batch and one dimension more a vector; of any other the last dimension holds the channels,
    and the others count tokens.
    """
    if regions > 1 and shape[:1] != (regions,):
        raise Unreadable("it mixes regions")
    batch, rest = shape[:1], shape[1:]
    if batch == (regions,) and len(rest) == axes + 1:
        channels, sizes = (rest[-1], rest[:-1]) if last else (rest[0], rest[1:])
        first, second, *units = canonical(channels, sizes, regions)
        return channels, sizes, (first, *units, second) if last else (first, second, *units)
    if len(shape) < 2 or (batch == (regions,) and len(rest) == 1):
        channels = shape[-1] if shape else 1
        dims = (*(whole(REGIONS, size) for size in batch[: len(rest)]), whole(CHANNELS, channels))
        return channels, (), dims[: len(shape)]
    *others, channels = rest if regions > 1 else shape
    count = prod(others)
    parts = reshaped_dims((whole(0, count),), others) or ()
    outer = (whole(REGIONS, regions),) if regions > 1 else ()
    return channels, (count,), (*outer, *parts, whole(CHANNELS, channels))


def heads_form(shape: tuple[int, ...]) -> Form:
    """The form of matrices of units × channels of several heads: their channels side by side."""
    batch, heads, units, width = shape
    rows, columns = (whole(0, batch * units),), (whole(CHANNELS, heads * width),)
    outer, inner = reshaped_dims(rows, (batch, units)) or ((), ())
    head, own = reshaped_dims(columns, (heads, width)) or ((), ())
    return heads * width, (batch * units,), (outer, head, inner, own)


def has_channels_last(value: Value) -> bool:
    """Whether the last of several dimensions holds channels, and the second does not."""
    return len(value.dims) > 2 and (
        CHANNELS in axes_in(value.dims[-1]) and CHANNELS not in axes_in(value.dims[1])
    )


def is_in_own_order(value: Value, axes: int) -> bool:
    """Whether a value is laid out as its layer gives it, channels second or last."""
    own = (value.channels, value.sizes, value.dims)
    return any(own == form(value.shape, axes, value.regions, last) for last in (False, True))


def in_own_order(graph: Graph, value: Value) -> Value:
    """The value in its own order, behind a layer that puts it so where it is in another."""
    if value.padding:
        value = padding_layer(graph, value)
    if is_in_own_order(value, graph.axes):
        return value
    last = has_channels_last(value)
    made = channels_last_view(graph, value) if last else None
    return made or rearrangement(graph, value, form(value.shape, graph.axes, value.regions, last))


def rearrangement(graph: Graph, value: Value, made: Form) -> Value:
    """The value behind a layer that puts its numbers in the order of another form."""
    key = (value.layer, value.dims, made)
    if key not in graph.views:
        operator = REPEATS if has_copies(value) else REARRANGED
        name = graph.names.within(value.scope, operator)
        graph.views[key] = layer(graph, operator, name, [value], made, **NOTHING)
    return graph.views[key]


def has_copies(value: Value) -> bool:
    """Whether numbers stand side by side that were one number expanded: no view is so."""
    return any(REPEATED in axes_in(dim) and len(axes_in(dim)) > 1 for dim in value.dims)


def rearranged_map(graph: Graph, value: Value, axes: int) -> Value:
    """The value as a map of so many axes, behind a layer that puts its numbers in that order."""
    made = form(value.shape, axes, value.regions)
    if len(made[1]) != axes or value.shape[0] != value.regions:
        raise Unreadable("its first dimension is more than a batch of one")
    return rearrangement(graph, value, made)


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
    made: Form,
    names: frozenset[str] = frozenset(),
    **figures: Any,
) -> Value:
    """The output of a layer of unknown type, in a form."""
    channels, sizes, dims = made
    sources = [padding_layer(graph, one) if one.padding else one for one in sources]
    draft = graph.emit(
        "unknown",
        name,
        sources,
        names,
        operator=operator,
        in_shape=[[source.channels, *source.sizes] for source in sources],
        out_shape=[channels, *sizes],
        **{key: figure for key, figure in figures.items() if figure is not None},
    )
    draft.shape = (channels, *sizes)
    return Value(draft, channels, sizes, dims, regions_of(sources))


def regions_of(sources: list[Value]) -> int:
    """For how many regions values are."""
    return max(source.regions for source in sources)


def form_behind(graph: Graph, operator: str, sources: list[Value], shape: tuple[int, ...]) -> Form:
    """The form of what an operator gives: channels where they are in what it reads."""
    regions = regions_of(sources)
    if operator in PER_HEAD and len(shape) == 4 and regions == 1:
        return heads_form(shape)
    return form(shape, graph.axes, regions, any(map(has_channels_last, sources)))


def what_units_read(
    sources: list[Value], output: Form, axes: int, pointwise: bool, reduces: bool
) -> str | None:
    """Whether a unit of a layer that works number by number, or reduces, reads its own or all."""
    _, sizes, dims = output
    if not all(is_in_own_order(value, axes) and value.sizes for value in sources):
        return None
    alike = all(value.sizes == sizes and _axes(value.dims) == _axes(dims) for value in sources)
    if alike and (pointwise or reduces):
        return UNIT
    return ALL if reduces and len(sizes) == axes and set(sizes) == {1} else None


def _axes(dims: Dims) -> list[Dim]:
    """The dimensions, channels left out."""
    return [tuple(part for part in dim if part[0] >= 0) for dim in dims]


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
            made = form_behind(self.graph, "", [first], self.shapes[index])
            self.values[index] = layer(self.graph, self.operator, name, [first], made, **NOTHING)
        return self.values[index]

    def __iter__(self) -> Iterator[Value]:
        return (self[index] for index in range(len(self.shapes)))
