"""Operators with weights: convolutions, linear layers, learned slopes."""

from __future__ import annotations

from typing import Any

from .call import Call
from .graph import Graph
from .layout import CHANNELS, REPEATED, has_all, whole
from .maps import as_map, as_read, lies_flat
from .unknown import unknown_layer
from .values import NO_NAMES, Unreadable, Value, map_value

TRANSPOSED = ("stride", "padding", "output_padding", "dilation", "groups")


def convolution(graph: Graph, call: Call) -> Value:
    """A convolution; one group per channel makes it depthwise, weights all constant no kind."""
    weight, groups = call["weight"], call["groups"]
    value = as_map(graph, call["input"], len(weight.shape) - 2)
    channels = weight.shape[0]
    window: dict[str, Any] = {
        "kernel_size": list(weight.shape[2:]),
        "stride": call["stride"],
        "padding": _padding(call["padding"], value.padding),
        "dilation": call["dilation"],
    }
    if graph.EXACT and not graph.parameters(weight, call["bias"]):
        shape = (channels, *call.shape[2:])
        return map_value(
            unknown_layer(graph, call, [_without_padding(value)], shape, **window), call.shape
        )
    if groups == value.channels > 1 and channels % groups == 0:
        window["multiplier"] = channels // groups
        return weighted_layer(graph, call, "depthwise_conv", value, channels, **window)
    window = {"out_channels": channels, **window, "groups": groups}
    return weighted_layer(graph, call, "conv", value, channels, **window)


def _padding(own: Any, before: tuple[tuple[int, int], ...]) -> Any:
    """The convolution's own padding with what was padded before it."""
    if not before:
        return own
    return [[one + first, one + last] for one, (first, last) in zip(own, before)]


def _without_padding(value: Value) -> Value:
    """The map as its layer gives it, without what the convolution is still to add."""
    pairs = value.padding or ((0, 0),) * len(value.sizes)
    sizes = tuple(size - sum(pair) for size, pair in zip(value.sizes, pairs))
    return value.but(sizes=sizes, padding=())


def transposed_convolution(graph: Graph, call: Call) -> Value:
    """A transposed convolution."""
    weight = call["weight"]
    value = as_map(graph, call["input"], len(weight.shape) - 2)
    channels = weight.shape[1] * call["groups"]
    attributes = {"out_channels": channels, "kernel_size": list(weight.shape[2:])}
    attributes |= {key: call[key] for key in TRANSPOSED}
    return weighted_layer(graph, call, "conv_transpose", value, channels, **attributes)


def linear(graph: Graph, call: Call) -> Value:
    """A linear layer over all numbers, or at every place of a map: a 1×1 convolution.

    The weight's shape is (features, numbers that are read). In which order it reads the channels
    does not matter: it learns what it takes of each.
    """
    value: Value = call["input"]
    features = call["weight"].shape[0]
    *others, last = value.dims
    if any(axis == REPEATED for dim in others for axis, _, _ in dim):
        raise Unreadable("it works on repeated units")
    in_channels = has_all(last, CHANNELS, value.channels)
    sizes: tuple[int, ...] = ()
    if lies_flat(value) or (value.is_vector and in_channels):
        type_name, attributes = "linear", {"out_features": features}
    elif in_channels:
        type_name, attributes = "conv", {"out_channels": features, "kernel_size": 1}
        sizes = value.sizes
    else:
        raise Unreadable("it works along an axis of the map, not over its channels")
    shape = (value.regions, features, *sizes) if call.shapes else ()
    made = weighted_layer(graph, call, type_name, value, features, shape=shape, **attributes)
    dims = (*others, whole(CHANNELS, features))
    return value.but(layer=made.layer, channels=features, sizes=sizes, dims=dims)


def weighted_layer(
    graph: Graph, call: Call, type_name: str, value: Value, channels: int, **attributes: Any
) -> Value:
    """A layer of one weight with its bias; a learned gain per channel is a scale layer after it."""
    weight, bias = call["weight"], call["bias"]
    names = graph.parameters(weight)
    own = [name for name in names if graph.counts[name] == weight.count][:1]
    if graph.EXACT and not own:
        raise Unreadable("its weight is no parameter")
    gains = [name for name in names if name not in own] if own else []
    biases, has_bias = graph.parameters(bias), graph.has_bias(bias)
    odd = [name for name in gains + biases if graph.counts[name] != channels]
    if graph.EXACT and (odd or len(biases) > 1):
        raise Unreadable(f"its weight and bias are made of {', '.join(names + biases)}")
    for gain in gains:
        if gain in odd:
            raise Unreadable(f"its weight is made of {gain!r}, which is not one number per channel")
    owner, shape = graph.owners.get("".join(own)), attributes.get("shape") or call.shape
    if owner and owner.shape and shape and len(owner.shape) != len(shape) - 1:
        raise Unreadable(f"it shares {own[0]} with a layer on other axes")
    name = graph.names.of_weighted(call, own[0] if own else "")
    counted = frozenset(own if gains else own + biases)
    attributes["bias"] = has_bias and not gains
    made = graph.layer(call, type_name, value, counted, name=name, **attributes)
    for gain in gains:
        last = has_bias and gain == gains[-1]
        counted = frozenset([gain, *(biases if last else NO_NAMES)])
        name = graph.names.of_gain(call, gain)
        made = graph.alike(call, "scale", made, counted, name=name, bias=last, of_weight=True)
    return made


def prelu(graph: Graph, call: Call) -> Value:
    """A rectifier with a learned slope, one or one per channel."""
    value, slope = as_read(graph, call["input"]), call["weight"]
    names = graph.parameters(slope)
    count = sum(graph.counts[name] for name in names) if graph.EXACT else slope.count
    fits = count in (1, value.channels)
    if graph.EXACT and not (fits and len(names) == 1):
        raise Unreadable("its slopes are not a parameter of one number, or of one per channel")
    if not fits:
        raise Unreadable("its slopes are neither one number nor one per channel")
    name = graph.names.of_weighted(call, "".join(names))
    per_channel = count > 1
    return graph.alike(call, "prelu", value, frozenset(names), name=name, per_channel=per_channel)
