"""Operators with windows and without weights: pooling, means over maps, shuffles, regions."""

from __future__ import annotations

from typing import Any

from ..tensors import pooling
from ..tensors.layout import CHANNELS, axes_in
from ..tensors.maps import as_map
from ..tensors.reductions import reduced_map, summed_groups, without
from ..tensors.values import Unreadable, Value
from .graph import CHANNEL_MEAN, Handler, OnnxGraph
from .node import OnnxNode, axes_of
from .sliding import sliding

MEANS = {"ReduceMean": "mean", "ReduceSum": "mean", "ReduceMax": "amax"}
OVER_CHANNELS = (*MEANS, "ReduceMin", "ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSumExp")


def _kernel(node: OnnxNode, graph: OnnxGraph) -> list[int]:
    kernel = node.integers("kernel_shape")
    if kernel is None or len(kernel) != graph.axes:
        raise Unreadable(f"its kernel_shape {kernel} is not one size per axis")
    return kernel


def pool(graph: OnnxGraph, node: OnnxNode) -> Any:
    """A sliding max or average pool; its second output says where the maxima were found.

    Windows that would start past the map are left out under ceil_mode, in every opset: so PyTorch
    and onnxruntime have it, whose models these are; older texts of the operator do not say so.
    """
    value = as_map(graph, node.value())
    window = {"kernel_size": _kernel(node, graph), **sliding(node, graph)}
    same = isinstance(window["padding"], str)
    window["ceil_mode"] = bool(node.integer("ceil_mode")) and not same
    value = _padded(graph, node, value, window)
    if node.operator == "MaxPool":
        return pooling.pool(graph, node.call("max_pool_with_indices", input=value, **window))
    if any(dilation != 1 for dilation in window["dilation"]):
        raise Unreadable("an average pool with dilation is no layer kind")
    if window["padding"]:
        window["count_include_pad"] = bool(node.integer("count_include_pad"))
    return pooling.pool(graph, node.call("avg_pool", input=value, **window))


def _padded(graph: OnnxGraph, node: OnnxNode, value: Value, window: dict[str, Any]) -> Value:
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
    value, shape = as_map(graph, node.value()), node.array(2)
    if shape is not None:
        sizes = shape.integers[2:]
    else:
        window = sliding(node, graph)
        pads = node.integers("pads") or [0] * (2 * graph.axes)
        totals = map(sum, zip(pads[: graph.axes], pads[graph.axes :]))
        columns = zip(value.sizes, window["stride"], _kernel(node, graph), totals)
        sizes = [(n - 1) * stride + kernel - total for n, stride, kernel, total in columns]
    call = node.call(input=value, indices=node.input(1), output_size=sizes)
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
            # What a norm that is written out takes of the channels: a pattern has to take it up.
            draft = graph.emit(CHANNEL_MEAN, node.name, [value])
            graph.origins[draft] = (node.operator, None)
            return without(call, value.but(layer=draft, channels=1), dims, keep)
        if node.operator in ("ReduceMean", "ReduceSum"):
            return summed_groups(graph, call)
    if word is None:
        raise Unreadable("no layer kind reduces a map like it")
    return reduced_map(graph, call)


def pixel_shuffle(graph: OnnxGraph, node: OnnxNode) -> Value:
    """Channels moved into space."""
    call = node.call(input=node.value(), upscale_factor=node.integer("blocksize"))
    return pooling.pixel_shuffle(graph, call)


def space_to_depth(graph: OnnxGraph, node: OnnxNode) -> Value:
    """Space moved into channels."""
    call = node.call(input=node.value(), downscale_factor=node.integer("blocksize"))
    return pooling.pixel_unshuffle(graph, call)


def roi_pool(graph: OnnxGraph, node: OnnxNode) -> Value:
    """Regions of interest pooled; what follows is per region."""
    return _regions(graph, node, "roi_pool", node.integers("pooled_shape") or [])


def roi_align(graph: OnnxGraph, node: OnnxNode) -> Value:
    """Samples of regions of interest; what follows is per region."""
    sizes = [node.integer(name, 1) for name in ("output_height", "output_width")]
    return _regions(graph, node, "roi_align", sizes)


def _regions(graph: OnnxGraph, node: OnnxNode, operator: str, sizes: list[int]) -> Value:
    scale = node.number("spatial_scale", 1)
    tensors = {"input": node.value(), "rois": node.input(1)}
    call = node.call(operator, **tensors, output_size=sizes, spatial_scale=scale)
    return pooling.regions(graph, call)


POOLING: dict[str, Handler] = {
    "MaxPool": pool,
    "AveragePool": pool,
    "MaxUnpool": max_unpool,
    "GlobalAveragePool": global_pool,
    "GlobalMaxPool": global_pool,
    **dict.fromkeys(OVER_CHANNELS, reduction),
    "DepthToSpace": pixel_shuffle,
    "SpaceToDepth": space_to_depth,
    "MaxRoiPool": roi_pool,
    "RoiAlign": roi_align,
}
