"""Operators with windows and without weights: pooling, shuffles, regions."""

from __future__ import annotations

from typing import Any

from .call import Call
from .graph import Graph
from .maps import as_map
from .values import Constant, Indices, Unreadable, Value, exact


def window(graph: Graph, call: Call, type_name: str, **attributes: Any) -> Value:
    """A layer that reads a map."""
    return graph.layer(call, type_name, as_map(graph, call["input"]), **attributes)


def pool(graph: Graph, call: Call) -> Value | list[Any]:
    """A sliding max or average pool; one that gives indices can be undone."""
    attributes = {
        "kernel_size": call["kernel_size"],
        "stride": call["stride"] or call["kernel_size"],
        "padding": call["padding"],
        "ceil_mode": call["ceil_mode"],
    }
    if not call.operator.startswith("max_pool"):
        if "count_include_pad" in call.arguments:
            attributes["count_include_pad"] = call["count_include_pad"]
        return window(graph, call, "avg_pool", **attributes)
    value = as_map(graph, call["input"])
    made = graph.layer(call, "max_pool", value, dilation=call["dilation"], **attributes)
    if not call.operator.endswith("with_indices"):
        return made
    return [made, Indices(made.layer, value.sizes)]


def indices_of(argument: Any) -> Indices:
    """Where a pool found its maxima, as an unpool is given it."""
    if not isinstance(argument, Indices):
        raise Unreadable("its indices are not those of a max pool")
    return argument


def max_unpool(graph: Graph, call: Call) -> Value:
    """A max unpool, by the indices of a pool."""
    indices, sizes = indices_of(call["indices"]), tuple(call["output_size"])
    # On one axis PyTorch unpools a map of a second axis of size 1.
    added = sizes[graph.axes :]
    if sizes[: graph.axes] != indices.sizes or set(added) - {1}:
        raise Unreadable(f"it does not give the size {indices.sizes} that its pool read")
    value: Value = call["input"]
    value = as_map(graph, value.but(dims=value.dims[: len(value.dims) - len(added)]))
    shape = (value.regions, value.channels, *indices.sizes) if call.shapes else ()
    made = graph.layer(call, "max_unpool", value, shape=shape, pool=indices.pool)
    return made.but(dims=made.dims + ((),) * len(added))


def adaptive_pool(graph: Graph, call: Call) -> Value | list[Any]:
    """An adaptive pool; to one unit it is a global one."""
    word = "max" if "max" in call.operator else "avg"
    sizes = list(call["output_size"])
    if set(sizes) == {1}:
        made = window(graph, call, f"global_{word}_pool")
    else:
        made = window(graph, call, f"adaptive_{word}_pool", output_size=sizes)
    return made if len(call.shapes) < 2 else [made, None]


def pixel_shuffle(graph: Graph, call: Call) -> Value:
    """Channels moved into space."""
    return window(graph, call, "pixel_shuffle", factor=call["upscale_factor"])


def pixel_unshuffle(graph: Graph, call: Call) -> Value:
    """Space moved into channels."""
    return window(graph, call, "space_to_depth", factor=call["downscale_factor"])


def channel_shuffle(graph: Graph, call: Call) -> Value:
    """Groups of channels interleaved."""
    return window(graph, call, "channel_shuffle", groups=call["groups"])


def regions(graph: Graph, call: Call) -> Value:
    """Regions of interest pooled; what follows is per region."""
    value, boxes = as_map(graph, call["input"]), call["rois"]
    if not isinstance(boxes, Constant) or not boxes.shape:
        raise Unreadable("its regions depend on the input")
    sizes = call.arguments.get("output_size")
    if sizes is None:
        sizes = [call["pooled_height"], call["pooled_width"]]
    attributes: dict[str, Any] = {
        "output_size": sizes,
        "regions": boxes.shape[0],
    }
    if call["spatial_scale"] is not None:
        attributes["spatial_scale"] = exact(call["spatial_scale"])
    for name, default in (("sampling_ratio", -1), ("aligned", False)):
        if call.arguments.get(name) not in (None, 0, default):
            attributes[name] = call[name]
    return graph.layer(call, call.operator, value.but(regions=boxes.shape[0]), **attributes)
