"""Normalizations."""

from __future__ import annotations

from typing import Any

from .call import Call
from .graph import Graph
from .layout import CHANNELS, is_whole
from .maps import as_read
from .values import NO_NAMES, Constant, Unreadable, Value, exact

EPS = 1e-05


def batch_norm(graph: Graph, call: Call) -> Value:
    """Batch or instance normalization; running statistics are buffers."""
    value = as_read(graph, call["input"])
    check_channels(value, 1)
    affine, names = _affine(graph, call, value.channels)
    statistics = [call.arguments.get(key) for key in ("running_mean", "running_var")]
    buffers = [constant for constant in statistics if isinstance(constant, Constant)]
    _check_counts(graph, buffers, value.channels)
    names = names.union(*(constant.names for constant in buffers))
    attributes = {"affine": affine, "track_running_stats": bool(buffers)}
    return norm_layer(graph, call, call.operator, value, names, **attributes)


def group_norm(graph: Graph, call: Call) -> Value:
    """Group normalization."""
    value = as_read(graph, call["input"])
    check_channels(value, 1)
    affine, names = _affine(graph, call, value.channels)
    attributes = {"num_groups": call["num_groups"], "affine": affine}
    return norm_layer(graph, call, "group_norm", value, names, **attributes)


def layer_norm(graph: Graph, call: Call) -> Value:
    """Layer normalization, over the channels or over whole maps without weights."""
    value = as_read(graph, call["input"])
    names = graph.parameters(call["weight"], call["bias"])
    if names:
        if len(call["normalized_shape"]) > 1:
            raise Unreadable("its weight is one per unit, not one per channel")
        check_channels(value, len(value.dims) - 1)
    gains = [name for name in names if graph.counts[name] == value.channels]
    if gains == names and len(names) == 1 and call["bias"] is None:
        plain = norm_layer(graph, call, "layer_norm", value, affine=False)
        name = graph.names.of_gain(call, names[0])
        return graph.alike(call, "scale", plain, frozenset(names), name=name, bias=False)
    affine, counted = _affine(graph, call, value.channels)
    return norm_layer(graph, call, "layer_norm", value, counted, affine=affine)


def response_norm(graph: Graph, call: Call) -> Value:
    """Local response normalization over neighbouring channels."""
    keys = [key for key in ("size", "alpha", "beta", "k") if call.arguments.get(key) is not None]
    attributes = {key: call[key] for key in keys}
    return graph.alike(call, "lrn", as_read(graph, call["input"]), **attributes)


def _affine(graph: Graph, call: Call, channels: int) -> tuple[bool, frozenset[str]]:
    """Whether a normalization has a weight and a bias per channel, and their names."""
    constants = [call.arguments.get(key) for key in ("weight", "bias")]
    names = graph.parameters(*constants)
    odd = len(names) != 2 or any(graph.counts[name] != channels for name in names)
    if graph.EXACT and names and odd:
        raise Unreadable(f"its weight and bias, {', '.join(names)}, are not one per channel each")
    _check_counts(graph, constants, channels)
    return bool(names), frozenset(names)


def _check_counts(graph: Graph, constants: list[Any], channels: int) -> None:
    """Refuse parameters other than one per channel."""
    counts = {constant.count for constant in constants if constant is not None}
    if graph.parameters(*constants) and counts != {channels}:
        raise Unreadable(f"its weights are not one per channel for {channels} channels")


def check_channels(value: Value, dim: int) -> None:
    """Refuse a tensor of which a dimension is not the channels."""
    if dim >= len(value.dims) or not is_whole(value.dims[dim], CHANNELS, value.channels):
        raise Unreadable(f"its dimension {dim} is not the channels")


def norm_layer(
    graph: Graph,
    call: Call,
    type_name: str,
    value: Value,
    names: frozenset[str] = NO_NAMES,
    **attributes: Any,
) -> Value:
    """A normalization under the name of its module, or of its weight."""
    eps = call.arguments.get("eps")
    if eps is not None and float(eps) != EPS:
        attributes["eps"] = exact(eps)
    weights = sorted(name for name in names if name.endswith(".weight"))
    name = graph.names.of_weighted(call, weights[0]) if weights else ""
    return graph.alike(call, type_name, value, names, name=name, **attributes)
