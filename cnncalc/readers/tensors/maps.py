"""Tensors as layers read them: a map or a vector, with the layers that views of them stand for."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from math import prod
from typing import Any

from .call import Call
from .graph import Graph
from .layout import (
    CHANNELS,
    REGIONS,
    Dim,
    axes_in,
    canonical,
    depth_factor,
    in_order,
    joined_parts,
    reshaped_dims,
    shuffle_factor,
    shuffled_groups,
    whole,
    without_repeats,
)
from .values import Unreadable, Value, map_value


def as_map(graph: Graph, value: Value, axes: int = 0) -> Value:
    """The value as (batch, channels, *axes); views become the layers that they are."""
    axes = axes or graph.axes
    if axes == 1 < graph.axes:
        value = as_tokens(graph, value)
    if len(value.dims) != axes + 2:
        raise Unreadable(
            f"it reads a tensor of {value.shape}, where batch, channels and "
            f"{axes} axes are expected"
        )
    if not value.is_vector and value.dims == canonical(value.channels, value.sizes, value.regions):
        return value
    return _layer_of_view(graph, value, axes) or graph.rearrangement(value, axes)


def _layer_of_view(graph: Graph, value: Value, axes: int) -> Value | None:
    """The value behind the layer that its view stands for; None where no kind is like it."""
    key = (value.layer, value.dims)
    if key not in graph.views:
        made = _new_layer_of_view(graph, value, axes)
        if made is None:
            return None
        graph.views[key] = made
    return graph.views[key]


def channels_last_view(graph: Graph, value: Value) -> Value | None:
    """The value of (batch, *axes, channels) behind the layer of its view; None without any."""
    batch, *axes, channels = value.dims
    if len(axes) != graph.axes:
        return None
    first = value.but(dims=(batch, channels, *axes))
    with suppress(Unreadable):
        made = _layer_of_view(graph, first, graph.axes)
        if made is not None:
            batch, channels, *axes = made.dims
            return made.but(dims=(batch, *axes, channels))
    return None


def _new_layer_of_view(graph: Graph, value: Value, axes: int) -> Value | None:
    if axes_in(value.dims[0]) - {REGIONS}:  # heads say, each read as an image of its own
        return None
    if axes != (len(value.sizes) or graph.axes):
        return _map_of_tokens(graph, value, axes)
    shape = value.shape
    order = canonical(value.channels, value.sizes, value.regions)
    if without_repeats(value.dims) == order and not value.is_vector:
        if shape[1] != value.channels:
            raise Unreadable("its channels are repeated")
        return _view_layer(graph, value, "upsample", size=list(shape[2:]))
    groups = shuffled_groups(value.dims[1], value.channels)
    if groups is not None and value.dims[2:] == order[2:]:
        return _view_layer(graph, value, "channel_shuffle", groups=groups)
    if not value.is_vector:
        factor = shuffle_factor(value.dims, value.channels, value.sizes)
        if factor is not None:
            return _view_layer(graph, value, "pixel_shuffle", factor=factor)
        factor = depth_factor(value.dims, value.channels, value.sizes)
        if factor is not None:
            return _view_layer(graph, value, "space_to_depth", factor=factor)
    if in_order(value.dims, value.channels, value.sizes):
        return _view_layer(graph, value, "reshape", shape=list(shape[1:]))
    return None


def _view_layer(graph: Graph, value: Value, type_name: str, **attributes: Any) -> Value:
    name = graph.names.within(value.scope, type_name)
    return map_value(graph.emit(type_name, name, [value], **attributes), value.shape)


def _map_of_tokens(graph: Graph, value: Value, axes: int) -> Value | None:
    """Tokens whose row is cut into the axes of a map; None where none before it has its sizes."""
    channels, *sizes = value.shape[1:]
    row = reshaped_dims((whole(0, prod(sizes)),), sizes)
    laid = (value.dims[0], whole(CHANNELS, channels), *(row or ()))
    if len(value.sizes) != 1 or axes != graph.axes or value.dims != laid:
        return None
    maps = (one for one in (graph.input, *graph.drafts) if one.shape[1:] == tuple(sizes))
    like = next(maps, None)
    return None if like is None else _view_layer(graph, value, "untokens", like=like)


def as_tokens(graph: Graph, value: Value) -> Value:
    """A map whose units lie in one dimension, channels in another, as the tokens that it gives."""
    units = canonical(value.channels, value.sizes)[2:]
    row = joined_parts(part for dim in units for part in dim)
    axes = (whole(CHANNELS, value.channels), row)
    if len(value.sizes) < 2 or len(value.dims) != 3 or set(value.dims[1:]) != set(axes):
        return value
    key = (value.layer, "tokens")
    if key not in graph.views:
        name = graph.names.within(value.scope, "tokens")
        count = prod(value.sizes)
        draft = graph.emit("tokens", name, [value])
        draft.shape = (value.channels, count)
        graph.views[key] = value.but(layer=draft, sizes=(count,))
    dims = tuple(whole(0, prod(value.sizes)) if dim == row else dim for dim in value.dims)
    return graph.views[key].but(dims=dims, scope=value.scope)


def flat_vector(graph: Graph, value: Value, name: str | None = None) -> Value:
    """A map whose numbers lie in one dimension as the vector that a flatten layer gives."""
    key = (value.layer, value.dims)
    if key not in graph.views:
        name = name or graph.names.within(value.scope, "flatten")
        draft = graph.emit("flatten", name, [value])
        length = value.shape[-1]
        dims = (value.dims[0], whole(CHANNELS, length))
        graph.views[key] = value.but(layer=draft, channels=length, sizes=(), dims=dims)
    return graph.views[key]


def lies_flat(value: Value) -> bool:
    """Whether a map's numbers all lie in one dimension behind the batch."""
    if value.is_vector or len(value.dims) != 2:
        return False
    parts = sorted(value.dims[1], key=lambda part: (part[0], -part[1]))
    order = canonical(value.channels, value.sizes)
    return joined_parts(parts) == joined_parts(sorted(part for dim in order for part in dim))


def as_read(graph: Graph, value: Value) -> Value:
    """The value as a layer reads it that works number by number, whatever its dimensions.

    A map that lies flat is a vector to it; one of a single unit stays a map. Where a view moved
    channels or units about, the layer that it stands for comes first, if there is one.
    """
    if lies_flat(value) and not value.single:
        return flat_vector(graph, value)
    groups = shuffled_groups(value.dims[-1], value.channels) if value.dims else None
    if groups is not None and value.is_vector and len(value.dims) == 2:
        return _shuffle_vector(graph, value, groups)
    cut = len(value.dims) == graph.axes + 2 and any(map(_is_cut, without_repeats(value.dims)))
    # Heads of tokens are views of them: what works number by number reads the tokens.
    own_axes = len(value.sizes) in (0, graph.axes)
    if cut and own_axes and not in_order(value.dims, value.channels, value.sizes):
        with suppress(Unreadable):
            return _layer_of_view(graph, value, graph.axes) or value
    return value


def _shuffle_vector(graph: Graph, value: Value, groups: int) -> Value:
    """A vector whose numbers are interleaved."""
    name = graph.names.within(value.scope, "channel_shuffle")
    layer = graph.emit("channel_shuffle", name, [value], groups=groups)
    return value.but(layer=layer, dims=(value.dims[0], whole(CHANNELS, value.channels)))


def _is_cut(dim: Dim) -> bool:
    """Whether a dimension is made of parts of axes."""
    return len(dim) > 1 or any(step > 1 for _, step, _ in dim)


def with_sizes(value: Value, layer_value: Value, sizes: dict[int, int]) -> Value:
    """The value behind a layer that changed sizes of axes, its dimensions in their order."""
    dims = list(value.dims)
    for dim in range(len(dims)):
        axis = value.axis(dim)
        if axis in sizes:
            dims[dim] = whole(axis, sizes[axis])
    channels = sizes.get(CHANNELS, value.channels)
    new = tuple(sizes.get(axis, size) for axis, size in enumerate(value.sizes))
    return layer_value.but(channels=channels, sizes=new, dims=tuple(dims))


def changed_map(
    graph: Graph, call: Call, type_name: str, value: Value, name: str = "", /, **attributes: Any
) -> Value:
    """The value behind a layer that changes sizes, its dimensions in the order of what it reads."""
    name = name or graph.names.of(call, type_name)
    draft = graph.emit(type_name, name, [value], **attributes)
    channels, *sizes = graph.shape_of(draft, value)
    return with_sizes(value, value.but(layer=draft), {CHANNELS: channels, **dict(enumerate(sizes))})


def axis_at(value: Value, dim: int) -> int:
    """The axis that a dimension is; raises Unreadable where it is none, or not all of one."""
    axis = value.axis(dim % len(value.dims))
    if axis is None:
        raise Unreadable(f"its dimension {dim} is neither the channels nor an axis of the map")
    return axis


def keeps_layout(values: Sequence[Value], dim: int) -> bool:
    """Whether all values agree in every dimension but one, which holds channels alone."""
    first = values[0].dims
    for value in values:
        if len(value.dims) != len(first) or len(value.sizes) != len(values[0].sizes):
            return False
        others = without_repeats(value.dims[:dim] + value.dims[dim + 1 :])
        if others != without_repeats(first[:dim] + first[dim + 1 :]):
            return False
        if axes_in(value.dims[dim]) - {CHANNELS} or any(CHANNELS in axes_in(one) for one in others):
            return False
        if value.shape[dim] != value.channels or value.axis(dim) not in (CHANNELS, None):
            return False
    return True
