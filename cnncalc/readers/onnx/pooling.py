"""Operators with windows and without weights: pooling, means over maps, shuffles, regions."""

from __future__ import annotations

from typing import Any

from ..tensors import pooling
from ..tensors.layout import CHANNELS, axes_in
from ..tensors.maps import as_map
from ..tensors.reductions import reduced_map, summed_groups, without
from ..tensors.traced import NOTHING, UNIT, layer
from ..tensors.values import Unreadable, Value
from .graph import Handler, OnnxGraph, Take, translation
from .node import Contradiction, OnnxNode, axes_of
from .sliding import sliding

MEANS = {"ReduceMean": "mean", "ReduceSum": "mean", "ReduceMax": "amax"}
OF_A_UNIT: dict[str, Any] = {**NOTHING, "reads": UNIT}
OVER_CHANNELS = (*MEANS, "ReduceMin", "ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSumExp")


def _kernel(node: OnnxNode, axes: int) -> list[int]:
    kernel = node.integers("kernel_shape")
    if kernel is None or len(kernel) != axes:
        raise Contradiction(f"its kernel_shape {kernel} is not one size per axis")
    return kernel


def pool(graph: OnnxGraph, node: OnnxNode) -> Any:
    """A sliding max or average pool; its second output says where the maxima were found.

    Windows that would start past the map are left out under ceil_mode, in every opset: so PyTorch
    and onnxruntime have it, whose models these are; older texts of the operator do not say so.
    """
    value, axes = node.value(), len(node.value().dims) - 2
    window = {"kernel_size": _kernel(node, axes), **sliding(node, axes)}
    same = isinstance(window["padding"], str)
    window["ceil_mode"] = bool(node.integer("ceil_mode")) and not same
    if any(dilation != 1 for dilation in window["dilation"]) and node.operator != "MaxPool":
        raise Unreadable("an average pool with dilation is no layer kind")
    added = _added_axis(graph, value, window)
    if added is not None:
        value = value.but(dims=value.dims[: added + 2] + value.dims[added + 3 :])
        window |= {key: _without(given, added) for key, given in window.items()}
    value = _pad_apart(graph, node, as_map(graph, value), window)
    if node.operator != "MaxPool" and window["padding"]:
        window["count_include_pad"] = bool(node.integer("count_include_pad"))
    word = "max_pool_with_indices" if node.operator == "MaxPool" else "avg_pool"
    made = pooling.pool(graph, node.call(word, input=value, **window))
    if added is None:
        return made
    made = made[0] if isinstance(made, list) else made
    return made.but(dims=(*made.dims[: added + 2], (), *made.dims[added + 2 :]))


def _added_axis(graph: OnnxGraph, value: Value, window: dict[str, Any]) -> int | None:
    """An axis of size 1 that was added to the map's own, and over which the window does not move.

    Pools of one axis are written so, as pools of two.
    """
    if len(value.dims) != graph.axes + 3 or isinstance(window["padding"], str):
        return None
    columns = zip(window["kernel_size"], window["stride"], window["padding"] or [0] * 9)
    still = [axis for axis, column in enumerate(columns) if column in ((1, 1, 0), (1, 1, [0, 0]))]
    return next((axis for axis in still if not value.dims[axis + 2]), None)


def _without(given: Any, axis: int) -> Any:
    """What is given per axis, without one axis."""
    return given[:axis] + given[axis + 1 :] if isinstance(given, list) else given


def _pad_apart(graph: OnnxGraph, node: OnnxNode, value: Value, window: dict[str, Any]) -> Value:
    """The map with padding that is over half the kernel as a layer of its own."""
    padding = window["padding"]
    if isinstance(padding, str) or padding == 0:
        return value
    pairs = [[each, each] if isinstance(each, int) else each for each in padding]
    if all(2 * max(pair) <= kernel for pair, kernel in zip(pairs, window["kernel_size"])):
        return value
    if window["ceil_mode"]:
        raise Unreadable(f"its pads are over half its kernel {window['kernel_size']}")
    window["padding"] = 0
    return graph.layer(node.call(), "pad", value, name=f"{node.name}.pad", padding=pairs)


def max_unpool(graph: OnnxGraph, node: OnnxNode) -> Value:
    """A max unpool, by the indices of a pool."""
    value, indices = as_map(graph, node.value()), pooling.indices_of(node.input(1))
    shape = node.array(2)
    if shape is not None:
        sizes = tuple(shape.integers[2:])
    else:
        axes = graph.axes
        window = sliding(node, axes)
        pads = node.integers("pads") or [0] * (2 * axes)
        totals = map(sum, zip(pads[:axes], pads[axes:]))
        columns = zip(value.sizes, window["stride"], _kernel(node, axes), totals)
        sizes = tuple((n - 1) * stride + kernel - total for n, stride, kernel, total in columns)
    if sizes != indices.sizes:
        raise Unreadable(f"it gives the size {sizes}, but its pool read {indices.sizes}")
    call = node.call(input=value, indices=indices, output_size=sizes)
    return pooling.max_unpool(graph, call)


def global_pool(graph: OnnxGraph, node: OnnxNode) -> Value:
    """The mean or maximum of a whole map."""
    value = node.value()
    word = "amax" if node.operator == "GlobalMaxPool" else "mean"
    dims = list(range(2, len(value.dims)))
    return reduced_map(graph, node.call(word, input=value, dim=dims, keepdim=True))


def reduction(graph: OnnxGraph, node: OnnxNode) -> Value:
    """A mean, a sum or a maximum over the map, or over groups of channels."""
    value, word = node.value(), MEANS.get(node.operator)
    rank = len(value.dims)
    named = axes_of(node, rank, place=1)
    if not named and node.integer("noop_with_empty_axes"):
        return value
    dims = sorted(set(named)) if named else list(range(rank))
    keep = bool(node.integer("keepdims", 1))
    call = node.call(word or "", input=value, dim=dims, keepdim=keep)
    axes = set().union(*(axes_in(value.dims[dim]) for dim in dims))
    if not axes:
        return without(call, value, dims, keep)
    if axes == {CHANNELS}:
        if sum(value.axis(dim) == CHANNELS for dim in dims) == 1:
            # What a norm that is written out takes of the channels; a pattern may take it up.
            made = 1, value.sizes, value.dims
            draft = layer(graph, node.operator, node.name, [value], made, **OF_A_UNIT).layer
            graph.origins[draft] = (node.operator, None)
            return without(call, value.but(layer=draft, channels=1), dims, keep)
        if node.operator in ("ReduceMean", "ReduceSum"):
            return summed_groups(graph, call)
    if word is None:
        raise Unreadable("no layer kind reduces a map like it")
    return reduced_map(graph, call)


REGIONS: dict[str, Take] = {
    "rois": lambda node: node.input(1),
    "spatial_scale": lambda node: node.number("spatial_scale", 1),
}
POOLING: dict[str, Handler] = {
    "MaxPool": pool,
    "AveragePool": pool,
    "MaxUnpool": max_unpool,
    "GlobalAveragePool": global_pool,
    "GlobalMaxPool": global_pool,
    **dict.fromkeys(OVER_CHANNELS, reduction),
    "DepthToSpace": translation(
        pooling.pixel_shuffle, upscale_factor=lambda node: node.integer("blocksize")
    ),
    "SpaceToDepth": translation(
        pooling.pixel_unshuffle, downscale_factor=lambda node: node.integer("blocksize")
    ),
    "MaxRoiPool": translation(
        pooling.regions,
        "roi_pool",
        **REGIONS,
        output_size=lambda node: node.integers("pooled_shape") or [],
    ),
    "RoiAlign": translation(
        pooling.regions,
        "roi_align",
        **REGIONS,
        pooled_height=lambda node: node.integer("output_height", 1),
        pooled_width=lambda node: node.integer("output_width", 1),
        sampling_ratio=lambda node: node.integer("sampling_ratio"),
        aligned=lambda node: node.text("coordinate_transformation_mode") == "half_pixel",
    ),
}
