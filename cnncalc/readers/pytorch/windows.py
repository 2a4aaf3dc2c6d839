"""Operators with windows and without weights: pooling, resizing, shuffles, regions."""

from __future__ import annotations

from typing import Any

from ..tensors.call import Call
from ..tensors.graph import Graph, Handler
from ..tensors.maps import as_map
from ..tensors.reductions import reduced, summed
from ..tensors.values import Constant, Indices, Unreadable, Value, exact, map_value

MODES = {
    "nearest": "nearest",
    "_nearest_exact": "nearest",
    "linear": "bilinear",
    "bilinear": "bilinear",
    "trilinear": "bilinear",
    "bicubic": "bicubic",
}


def _window(graph: Graph, call: Call, type_name: str, **attributes: Any) -> Value:
    value = as_map(graph, call["self"])
    name = graph.names.of(call.node, type_name)
    return map_value(graph.emit(type_name, name, [value], **attributes), call.shape)


def pool(graph: Graph, call: Call) -> Any:
    """A sliding max or average pool; one that gives indices can be undone."""
    kernel = list(call["kernel_size"])
    attributes = {
        "kernel_size": kernel,
        "stride": list(call["stride"] or kernel),
        "padding": list(call["padding"]),
        "ceil_mode": bool(call["ceil_mode"]),
    }
    if not call.operator.startswith("max_pool"):
        attributes["count_include_pad"] = bool(call["count_include_pad"])
        return _window(graph, call, "avg_pool", **attributes)
    made = _window(graph, call, "max_pool", dilation=list(call["dilation"]), **attributes)
    if not call.operator.endswith("with_indices"):
        return made
    return [made, Indices(made.layer, as_map(graph, call["self"]).sizes)]


def max_unpool(graph: Graph, call: Call) -> Value:
    """A max unpool, by the indices of a pool."""
    indices = call["indices"]
    if not isinstance(indices, Indices):
        raise Unreadable("its indices are not those of a max pool")
    rank = graph.axes + 2
    # On one axis PyTorch unpools a map of a second axis of size 1.
    if tuple(call.shape[2:rank]) != indices.sizes or set(call.shape[rank:]) - {1}:
        raise Unreadable(f"it does not give the size {indices.sizes} that its pool read")
    value: Value = call["self"]
    value = as_map(graph, value.but(dims=value.dims[:rank]))
    name = graph.names.of(call.node, "max_unpool")
    made = map_value(graph.emit("max_unpool", name, [value], pool=indices.pool), call.shape[:rank])
    return made.but(dims=made.dims + ((),) * (len(call.shape) - rank))


def adaptive_pool(graph: Graph, call: Call) -> Any:
    """An adaptive pool; to one unit it is a global one."""
    word = "max" if "max" in call.operator else "avg"
    sizes = list(call["output_size"])
    if set(sizes) == {1}:
        made = _window(graph, call, f"global_{word}_pool")
    else:
        made = _window(graph, call, f"adaptive_{word}_pool", output_size=sizes)
    return made if len(call.shapes) == 1 else [made, None]


def upsample(graph: Graph, call: Call) -> Value:
    """Resizing, by a factor or to a size."""
    mode = MODES.get(call.operator.removeprefix("upsample_").rstrip("d").rstrip("123"))
    value = as_map(graph, call["input"])
    if mode is None:
        raise Unreadable("no mode of resizing is like it")
    sizes = list(call.shape[2:])
    if "exact" in call.operator and any(new % old for new, old in zip(sizes, value.sizes)):
        raise Unreadable("it takes units from other places than nearest does")
    attributes: dict[str, Any] = {"mode": mode}
    if call.arguments.get("align_corners"):
        attributes["align_corners"] = True
    factors = call["scale_factors"]
    scales = [exact(factor) for factor in factors] if factors else []
    if scales and [int(size * scale) for size, scale in zip(value.sizes, scales)] == sizes:
        attributes["scale_factor"] = scales
    else:
        attributes["size"] = sizes
    name = graph.names.of(call.node, "upsample")
    return map_value(graph.emit("upsample", name, [value], **attributes), call.shape)


def pixel_shuffle(graph: Graph, call: Call) -> Value:
    """Channels moved into space."""
    return _window(graph, call, "pixel_shuffle", factor=call["upscale_factor"])


def pixel_unshuffle(graph: Graph, call: Call) -> Value:
    """Space moved into channels."""
    return _window(graph, call, "space_to_depth", factor=call["downscale_factor"])


def channel_shuffle(graph: Graph, call: Call) -> Value:
    """Groups of channels interleaved."""
    return _window(graph, call, "channel_shuffle", groups=call["groups"])


def regions(graph: Graph, call: Call) -> Value:
    """Regions of interest pooled; what follows is per region."""
    value, boxes = as_map(graph, call["input"]), call["rois"]
    if not isinstance(boxes, Constant):
        raise Unreadable("its regions depend on the input")
    draft = graph.emit(
        call.operator,
        graph.names.of(call.node, call.operator),
        [value],
        output_size=[call["pooled_height"], call["pooled_width"]],
        regions=boxes.shape[0],
        spatial_scale=exact(call["spatial_scale"]),
    )
    return map_value(draft, call.shape)


WINDOWS: dict[str, Handler] = {
    **{f"max_pool{axes}d": pool for axes in (1, 2, 3)},
    **{f"max_pool{axes}d_with_indices": pool for axes in (1, 2, 3)},
    **{f"avg_pool{axes}d": pool for axes in (1, 2, 3)},
    **{f"max_unpool{axes}d": max_unpool for axes in (2, 3)},
    **{f"adaptive_avg_pool{axes}d": adaptive_pool for axes in (1, 2, 3)},
    **{f"adaptive_max_pool{axes}d": adaptive_pool for axes in (1, 2, 3)},
    **dict.fromkeys(("mean", "amax"), reduced),
    "sum": summed,
    **{f"upsample_nearest{axes}d": upsample for axes in (1, 2, 3)},
    **{f"_upsample_nearest_exact{axes}d": upsample for axes in (1, 2, 3)},
    **dict.fromkeys(
        (
            *("upsample_linear1d", "upsample_bilinear2d", "upsample_trilinear3d"),
            "upsample_bicubic2d",
        ),
        upsample,
    ),
    "pixel_shuffle": pixel_shuffle,
    "pixel_unshuffle": pixel_unshuffle,
    "channel_shuffle": channel_shuffle,
    **dict.fromkeys(("roi_pool", "roi_align"), regions),
}
