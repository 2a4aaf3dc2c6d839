"""Operators with weights: convolutions, linear layers, normalizations, learned slopes."""

from __future__ import annotations

from typing import Any

from ..tensors.call import Call
from ..tensors.graph import Graph, Handler
from ..tensors.layout import CHANNELS, is_whole, whole
from ..tensors.maps import as_map, as_read, lies_flat
from ..tensors.values import Constant, Draft, Unreadable, Value, exact, map_value

EPS = 1e-05


def convolution(graph: Graph, call: Call) -> Value:
    """A convolution; one group per channel makes it depthwise."""
    weight = call["weight"]
    value = as_map(graph, call["input"])
    channels, groups = call.shape[1], call["groups"]
    attributes: dict[str, Any] = {
        "kernel_size": list(weight.shape[2:]),
        "stride": list(call["stride"]),
        "padding": _padding(call["padding"], value.padding),
        "dilation": list(call["dilation"]),
    }
    if groups == value.channels > 1:
        attributes["multiplier"] = channels // groups
        layer = weighted(graph, call, "depthwise_conv", value, channels, **attributes)
    else:
        attributes = {"out_channels": channels, **attributes, "groups": groups}
        layer = weighted(graph, call, "conv", value, channels, **attributes)
    return map_value(layer, call.shape)


def _padding(own: Any, before: tuple[tuple[int, int], ...]) -> Any:
    """The convolution's own padding with what was padded before it."""
    if not before:
        return own if isinstance(own, str) else list(own)
    return [[one + first, one + last] for one, (first, last) in zip(own, before)]


def transposed_convolution(graph: Graph, call: Call) -> Value:
    """A transposed convolution."""
    value = as_map(graph, call["input"])
    layer = weighted(
        graph,
        call,
        "conv_transpose",
        value,
        call.shape[1],
        out_channels=call.shape[1],
        kernel_size=list(call["weight"].shape[2:]),
        stride=list(call["stride"]),
        padding=list(call["padding"]),
        output_padding=list(call["output_padding"]),
        dilation=list(call["dilation"]),
        groups=call["groups"],
    )
    return map_value(layer, call.shape)


def linear(graph: Graph, call: Call) -> Value:
    """A linear layer over all numbers, or at every place of a map: a 1×1 convolution."""
    value: Value = call["input"]
    features = call["weight"].shape[0]
    *others, last = value.dims
    made = (*others, whole(CHANNELS, features))
    if lies_flat(value) or (value.is_vector and is_whole(last, CHANNELS, value.channels)):
        layer = weighted(graph, call, "linear", value, features, out_features=features)
        return value.but(layer=layer, channels=features, sizes=(), dims=made)
    if not value.is_vector and is_whole(last, CHANNELS, value.channels):
        attributes = {"out_channels": features, "kernel_size": 1}
        layer = weighted(graph, call, "conv", value, features, **attributes)
        return value.but(layer=layer, channels=features, dims=made)
    raise Unreadable("it works along an axis of the map, not over its channels")


def weighted(
    graph: Graph, call: Call, type_name: str, value: Value, channels: int, **attributes: Any
) -> Draft:
    """A layer of one weight with its bias; a learned gain per channel is a scale layer after it."""
    weight, bias = call["weight"], call["bias"]
    names = graph.parameters(weight)
    own = [name for name in names if graph.counts[name] == weight.count]
    gains = [name for name in names if name not in own[:1]]
    if not own:
        raise Unreadable("its weight is no parameter")
    biases = graph.parameters(bias)
    if any(graph.counts[name] != channels for name in (*gains, *biases)) or len(biases) > 1:
        raise Unreadable(f"its weight and bias are made of {', '.join(names + biases)}")
    attributes["bias"] = bool(biases) and not gains
    counted = frozenset(own[:1] if gains else own[:1] + biases)
    name = graph.names.of_weighted(call.node, own[0])
    layer = graph.emit(type_name, name, [value], counted, **attributes)
    for gain in gains:
        last = gain == gains[-1]
        counted = frozenset([gain, *biases] if last else [gain])
        name = graph.names.of_gain(gain)
        layer = graph.emit(
            "scale", name, [value.but(layer=layer)], counted, bias=last and bool(biases)
        )
    return layer


def _affine(graph: Graph, call: Call, channels: int) -> tuple[bool, frozenset[str]]:
    """Whether a normalization has a weight and a bias per channel, and their names."""
    given = [call[key] for key in ("weight", "bias") if call.arguments.get(key) is not None]
    names = graph.parameters(*given)
    if names and (len(names) != 2 or any(graph.counts[name] != channels for name in names)):
        raise Unreadable(f"its weight and bias, {', '.join(names)}, are not one per channel each")
    return bool(names), frozenset(names)


def batch_norm(graph: Graph, call: Call) -> Value:
    """Batch or instance normalization; running statistics are buffers."""
    value = as_read(graph, call["input"])
    _check_channels(value, 1)
    affine, names = _affine(graph, call, value.channels)
    tracked = isinstance(call["running_mean"], Constant)
    if tracked:
        names |= call["running_mean"].names | call["running_var"].names
    attributes = {"affine": affine, "track_running_stats": tracked, **_eps(call)}
    return normalized(graph, call, call.operator, value, names, **attributes)


def group_norm(graph: Graph, call: Call) -> Value:
    """Group normalization."""
    value = as_read(graph, call["input"])
    _check_channels(value, 1)
    affine, names = _affine(graph, call, value.channels)
    attributes = {"num_groups": call["num_groups"], "affine": affine, **_eps(call)}
    return normalized(graph, call, "group_norm", value, names, **attributes)


def layer_norm(graph: Graph, call: Call) -> Value:
    """Layer normalization, over the channels or over whole maps without weights."""
    value = as_read(graph, call["input"])
    names = graph.parameters(*(call[key] for key in ("weight", "bias") if call[key] is not None))
    if names:
        if len(call["normalized_shape"]) > 1:
            raise Unreadable("its weight is one per unit, not one per channel")
        _check_channels(value, len(value.dims) - 1)
    if len(names) == 1 and graph.counts[names[0]] == value.channels:
        plain = normalized(
            graph, call, "layer_norm", value, frozenset(), affine=False, **_eps(call)
        )
        layer = graph.emit("scale", names[0], [plain], frozenset(names), bias=False)
        return plain.but(layer=layer)
    affine, own = _affine(graph, call, value.channels)
    return normalized(graph, call, "layer_norm", value, own, affine=affine, **_eps(call))


def _eps(call: Call) -> dict[str, Any]:
    return {} if call["eps"] == EPS else {"eps": exact(call["eps"])}


def _check_channels(value: Value, dim: int) -> None:
    if not is_whole(value.dims[dim], CHANNELS, value.channels):
        raise Unreadable(f"its dimension {dim} is not the channels")


def normalized(
    graph: Graph, call: Call, type_name: str, value: Value, names: frozenset[str], **attributes: Any
) -> Value:
    """A normalization under the name of its module, or of its weight."""
    weights = sorted(name for name in names if name.endswith(".weight"))
    if weights:
        name = graph.names.of_weighted(call.node, weights[0])
    else:
        name = graph.names.of(call.node, type_name)
    return value.but(layer=graph.emit(type_name, name, [value], names, **attributes))


def prelu(graph: Graph, call: Call) -> Value:
    """A rectifier with a learned slope, one or one per channel."""
    value, names = as_read(graph, call["self"]), graph.parameters(call["weight"])
    count = sum(graph.counts[name] for name in names)
    if len(names) != 1 or count not in (1, value.channels):
        raise Unreadable("its slopes are not a parameter of one number, or of one per channel")
    name = graph.names.of_weighted(call.node, names[0])
    layer = graph.emit("prelu", name, [value], frozenset(names), per_channel=count > 1)
    return value.but(layer=layer)


WEIGHTS: dict[str, Handler] = {
    **dict.fromkeys(("conv1d", "conv2d", "conv3d"), convolution),
    **dict.fromkeys(
        ("conv_transpose1d", "conv_transpose2d", "conv_transpose3d"), transposed_convolution
    ),
    "linear": linear,
    "batch_norm": batch_norm,
    "instance_norm": batch_norm,
    "group_norm": group_norm,
    "layer_norm": layer_norm,
    "prelu": prelu,
}
