"""Operators with windows and without weights: pooling, means over maps, shuffles, regions."""

from __future__ import annotations

from typing import Any

from ..tensors.layout import CHANNELS, axes_in
from ..tensors.maps import as_map
from ..tensors.reductions import reduced, summed
from ..tensors.values import Indices, Unreadable, Value, map_value
from .constants import Array
from .graph import CHANNEL_MEAN, Graph, Handler
from .node import Node, Request, axes_of
from .sliding import sliding

MEANS = {"ReduceMean": "mean", "ReduceSum": "mean", "ReduceMax": "amax"}
OVER_CHANNELS = (*MEANS, "ReduceMin", "ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSumExp")


def _kernel(node: Node, graph: Graph) -> list[int]:
    kernel = node.integers("kernel_shape")
    if kernel is None or len(kernel) != graph.axes:
        raise Unreadable(f"its kernel_shape {kernel} is not one size per axis")
    return kernel


def pool(graph: Graph, node: Node) -> Any:
    """A sliding max or average pool; its second output says where the maxima were found.

    Windows that would start past the map are left out under ceil_mode, in every opset: so PyTorch
    and onnxruntime have it, whose models these are; older texts of the operator do not say so.
    """
    value = as_map(graph, node.value())
    window = {"kernel_size": _kernel(node, graph), **sliding(node, graph)}
    if not isinstance(window["padding"], str) and node.integer("ceil_mode"):
        window["ceil_mode"] = True
    value = _padded(graph, node, value, window)
    if node.operator == "AveragePool":
        if any(dilation != 1 for dilation in window.pop("dilation")):
            raise Unreadable("an average pool with dilation is no layer kind")
        if window["padding"]:
            window["count_include_pad"] = bool(node.integer("count_include_pad"))
        return graph.layer(node, "avg_pool", [value], **window)
    made = graph.layer(node, "max_pool", [value], **window)
    return [made, Indices(made.layer, value.sizes)]


def _padded(graph: Graph, node: Node, value: Value, window: dict[str, Any]) -> Value:
    """The map with padding that is over half the kernel as a layer of its own."""
    padding = window["padding"]
    if isinstance(padding, str) or padding == 0:
        return value
    pairs = [[each, each] if isinstance(each, int) else each for each in padding]
    if all(2 * max(pair) <= kernel for pair, kernel in zip(pairs, window["kernel_size"])):
        return value
    if "ceil_mode" in window:
        raise Unreadable(f"its pads are over half its kernel {window['kernel_size']}")
    window["padding"] = 0
    return graph.layer(node, "pad", [value], name=f"{node.name}.pad", padding=pairs)


def max_unpool(graph: Graph, node: Node) -> Value:
    """A max unpool, by the indices of a pool."""
    value, indices = as_map(graph, node.value()), node.given(1)
    if not isinstance(indices, Indices):
        raise Unreadable("its indices are not those of a max pool")
    shape = node.array(2)
    if shape is not None:
        sizes = tuple(shape.integers[2:])
    else:
        window = sliding(node, graph)
        pads = node.integers("pads") or [0] * (2 * graph.axes)
        totals = map(sum, zip(pads[: graph.axes], pads[graph.axes :]))
        columns = zip(value.sizes, window["stride"], _kernel(node, graph), totals)
        sizes = tuple((n - 1) * stride + kernel - total for n, stride, kernel, total in columns)
    if sizes != indices.sizes:
        raise Unreadable(f"it gives the size {sizes}, but its pool read {indices.sizes}")
    return graph.layer(node, "max_unpool", [value], pool=indices.pool)


def global_pool(graph: Graph, node: Node) -> Value:
    """The mean or maximum of a whole map."""
    value = node.value()
    word = "amax" if node.operator == "GlobalMaxPool" else "mean"
    dims = list(range(2, len(value.dims)))
    return reduced(graph, Request(node, word, {"self": value, "dim": dims, "keepdim": True}))


def reduction(graph: Graph, node: Node) -> Value:
    """A mean, a sum or a maximum over the map, or over groups of channels."""
    value, word = node.value(), MEANS.get(node.operator)
    rank = len(value.dims)
    given = axes_of(node, rank, place=1)
    if not given and node.integer("noop_with_empty_axes"):
        return value
    dims = sorted(set(given)) if given else list(range(rank))
    keep = bool(node.integer("keepdims", 1))
    gone = set().union(*(axes_in(value.dims[dim]) for dim in dims))
    request = Request(node, word or "", {"self": value, "dim": dims, "keepdim": keep})
    if not gone:
        return _without(value, dims, keep, node.name)
    if gone == {CHANNELS}:
        if sum(value.axis(dim) == CHANNELS for dim in dims) == 1:
            return _over_channels(graph, node, value, dims, keep)
        if node.operator in ("ReduceMean", "ReduceSum"):
            return summed(graph, request)
    if word is None:
        raise Unreadable("no layer kind reduces a map like it")
    return reduced(graph, request)


def _without(value: Value, dims: list[int], keep: bool, scope: str) -> Value:
    """The value without dimensions, or with them of size 1."""
    kept = [() if dim in dims else one for dim, one in enumerate(value.dims)]
    if not keep:
        kept = [one for dim, one in enumerate(kept) if dim not in dims]
    return value.but(dims=tuple(kept), scope=scope)


def _over_channels(graph: Graph, node: Node, value: Value, dims: list[int], keep: bool) -> Value:
    """What a norm that is written out takes of the channels; a pattern has to take it up."""
    draft = graph.emit(CHANNEL_MEAN, node.name, [value])
    graph.origins[draft] = (node.operator, None)
    return _without(value.but(layer=draft, channels=1), dims, keep, node.name)


def pixel_shuffle(graph: Graph, node: Node) -> Value:
    """Channels moved into space."""
    value = as_map(graph, node.value())
    return graph.layer(node, "pixel_shuffle", [value], factor=node.integer("blocksize"))


def space_to_depth(graph: Graph, node: Node) -> Value:
    """Space moved into channels."""
    value = as_map(graph, node.value())
    return graph.layer(node, "space_to_depth", [value], factor=node.integer("blocksize"))


def roi_pool(graph: Graph, node: Node) -> Value:
    """Regions of interest pooled; what follows is per region."""
    pooled = node.integers("pooled_shape") or []
    return _regions(graph, node, "roi_pool", list(pooled))


def roi_align(graph: Graph, node: Node) -> Value:
    """Samples of regions of interest; what follows is per region."""
    sizes = [node.integer(name, 1) for name in ("output_height", "output_width")]
    return _regions(graph, node, "roi_align", sizes)


def _regions(graph: Graph, node: Node, type_name: str, sizes: list[int]) -> Value:
    value, boxes = as_map(graph, node.value()), node.given(1)
    if not isinstance(boxes, Array) or not boxes.shape:
        raise Unreadable("its regions depend on the input")
    attributes: dict[str, Any] = {"output_size": sizes, "regions": boxes.shape[0]}
    scale = node.number("spatial_scale", 1)
    if scale != 1:
        attributes["spatial_scale"] = scale
    made = graph.layer(node, type_name, [value], **attributes)
    return map_value(made.layer, (boxes.shape[0], made.channels, *made.sizes))


WINDOWS: dict[str, Handler] = {
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
