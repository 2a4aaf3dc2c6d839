"""Operators with weights: convolutions, linear layers, normalizations, learned slopes."""

from __future__ import annotations

from typing import Any

from ..tensors.layout import CHANNELS, axes_in, is_whole, whole
from ..tensors.maps import as_map, as_read, lies_flat
from ..tensors.values import Unreadable, Value
from .constants import FLOATS, Array
from .graph import NO_NAMES, Graph, Handler
from .node import Node
from .sliding import explicit_padding, per_axis, sliding

EPS = 1e-05


def _weight(node: Node, place: int) -> Array:
    weight = node.array(place)
    if weight is None:
        raise Unreadable("it has no weight")
    return weight


def _check(graph: Graph, node: Node, value: Value, weight: Array, channels: int) -> None:
    if len(weight.shape) != graph.axes + 2 or 0 in weight.shape:
        raise Unreadable(f"its weight of {weight.shape} is not one of {graph.axes} axes")
    if value.channels != channels:
        raise Unreadable(f"its weight is for {channels} channels, not {value.channels}")
    kernel = node.integers("kernel_shape")
    if kernel is not None and tuple(kernel) != weight.shape[2:]:
        raise Unreadable(f"its kernel_shape {kernel} is not that of its weight {weight.shape}")


def convolution(graph: Graph, node: Node, place: int = 1, bias_place: int = 2) -> Value:
    """A convolution; one group per channel makes it depthwise."""
    value, weight = as_map(graph, node.value()), _weight(node, place)
    groups = node.integer("group", 1)
    _check(graph, node, value, weight, weight.shape[1] * groups if len(weight.shape) > 1 else 0)
    channels, *_ = weight.shape
    attributes: dict[str, Any] = {"kernel_size": list(weight.shape[2:]), **sliding(node, graph)}
    type_name = "conv"
    if groups == value.channels > 1 and channels % groups == 0:
        type_name, attributes["multiplier"] = "depthwise_conv", channels // groups
    else:
        attributes = {"out_channels": channels, **attributes, "groups": groups}
    return weighted(graph, node, type_name, value, weight, node.array(bias_place), **attributes)


def integer_convolution(graph: Graph, node: Node) -> Value:
    """A convolution of integers; their zero points are no bias."""
    return convolution(graph, node, bias_place=len(node.inputs))


def quantized_convolution(graph: Graph, node: Node) -> Value:
    """A convolution of quantized numbers, each with its scale and zero point."""
    return convolution(graph, node, 3, 8)


def transposed_convolution(graph: Graph, node: Node) -> Value:
    """A transposed convolution."""
    value, weight = as_map(graph, node.value()), _weight(node, 1)
    _check(graph, node, value, weight, weight.shape[0] if weight.shape else 0)
    groups = node.integer("group", 1)
    kernel = list(weight.shape[2:])
    attributes = {
        "out_channels": weight.shape[1] * groups,
        "kernel_size": kernel,
        **sliding(node, graph),
        "output_padding": per_axis(node, "output_padding", graph, 0),
        "groups": groups,
    }
    attributes.update(explicit_padding(node, value.sizes, attributes))
    return weighted(graph, node, "conv_transpose", value, weight, node.array(2), **attributes)


def weighted(
    graph: Graph,
    node: Node,
    type_name: str,
    value: Value,
    weight: Array,
    bias: Array | None,
    **attributes: Any,
) -> Value:
    """A layer of one weight with its bias; a learned gain per channel is a scale layer after it."""
    given = NO_NAMES if bias is None else bias.names
    # A bias that is written out as one number, zero, is none; one of integers has no names.
    has_bias = bias is not None and bool(given or bias.dtype not in FLOATS)
    own = sorted(name for name in weight.names if graph.counts[name] == weight.count)[:1]
    gains = sorted(weight.names - set(own)) if own else []
    attributes["bias"] = has_bias and not gains
    names = frozenset(own) | (NO_NAMES if gains else given)
    made = graph.layer(node, type_name, [value], names, **attributes)
    for gain in gains:
        if graph.counts[gain] != made.channels:
            raise Unreadable(f"its weight is made of {gain!r}, which is not one number per channel")
        last = has_bias and gain == gains[-1]
        names = frozenset([gain]) | (given if last else NO_NAMES)
        made = graph.alike(node, "scale", made, names, bias=last)
    return made


def gemm(graph: Graph, node: Node) -> Value:
    """A linear layer of a matrix and a bias."""
    weight = _weight(node, 1)
    if node.integer("transA") or len(weight.shape) != 2:
        raise Unreadable("it multiplies from the left, or by no matrix")
    across = bool(node.integer("transB"))
    return linear(graph, node, node.value(), weight, across, node.array(2))


def product(graph: Graph, node: Node, place: int = 1) -> Value:
    """A product with a matrix: a linear layer without bias."""
    if isinstance(node.given(0), Value) and isinstance(node.given(place), Value):
        raise Unreadable("it multiplies two maps with each other")
    weight = _weight(node, place)
    shape = weight.shape
    while len(shape) > 2 and shape[0] == 1:
        shape = shape[1:]
    if len(shape) != 2:
        raise Unreadable(f"it multiplies by a tensor of {weight.shape}, which is no matrix")
    matrix = Array(**{**weight.as_dict(), "shape": shape})
    return linear(graph, node, node.value(), matrix, False, None)


def quantized_product(graph: Graph, node: Node) -> Value:
    """A product of quantized numbers, each with its scale and zero point."""
    return product(graph, node, 3)


def linear(
    graph: Graph, node: Node, value: Value, weight: Array, across: bool, bias: Array | None
) -> Value:
    """A linear layer over all numbers, or at every place of a map: a 1×1 convolution."""
    features, read = weight.shape if across else weight.shape[::-1]
    if not value.dims or value.shape[-1] != read:
        raise Unreadable(f"its matrix of {weight.shape} does not fit what it reads: {value.shape}")
    *others, last = value.dims
    made = (*others, whole(CHANNELS, features))
    in_channels = is_whole(last, CHANNELS, value.channels)
    if lies_flat(value) or (value.is_vector and in_channels):
        layer = weighted(graph, node, "linear", value, weight, bias, out_features=features)
        return layer.but(dims=made, regions=value.regions)
    if not value.is_vector and in_channels:
        attributes = {"out_channels": features, "kernel_size": 1}
        layer = weighted(graph, node, "conv", value, weight, bias, **attributes)
        return layer.but(dims=made, regions=value.regions)
    raise Unreadable("it works along an axis of the map, not over its channels")


def _affine(value: Value, *given: Array | None) -> tuple[bool, frozenset[str]]:
    """Whether a normalization has a weight and a bias per channel, and their names."""
    arrays = [array for array in given if array is not None]
    names = frozenset().union(*(array.names for array in arrays))
    if names and any(array.count != value.channels for array in arrays):
        raise Unreadable(f"its weights are not one per channel for {value.channels} channels")
    return bool(names), names


def _eps(node: Node) -> dict[str, Any]:
    given = node.number("epsilon")
    return {} if given is None or float(given) == EPS else {"eps": given}


def _check_channels(value: Value, dim: int) -> None:
    if dim >= len(value.dims) or not is_whole(value.dims[dim], CHANNELS, value.channels):
        raise Unreadable(f"its dimension {dim} is not the channels")


def batch_norm(graph: Graph, node: Node) -> Value:
    """Batch normalization; running statistics are buffers."""
    value = as_read(graph, node.value())
    _check_channels(value, 1)
    affine, names = _affine(value, node.array(1), node.array(2))
    tracked, statistics = _affine(value, node.array(3), node.array(4))
    attributes = {"affine": affine, "track_running_stats": tracked, **_eps(node)}
    return graph.alike(node, "batch_norm", value, names | statistics, **attributes)


def instance_norm(graph: Graph, node: Node) -> Value:
    """Instance normalization; of groups of channels it is a group normalization."""
    value = as_read(graph, node.value())
    scale, bias = node.array(1), node.array(2)
    groups = value.shape[1] if len(value.dims) > 1 else 0
    if is_whole(value.dims[1], CHANNELS, value.channels):
        affine, names = _affine(value, scale, bias)
        return graph.alike(node, "instance_norm", value, names, affine=affine, **_eps(node))
    outermost = ((CHANNELS, value.channels // groups, groups),) if groups > 1 else ()
    learned = any(
        array is not None and array.names and not array.uniform for array in (scale, bias)
    )
    if value.dims[1] != outermost or learned:
        raise Unreadable("it normalizes other than channels or groups of them")
    attributes = {"num_groups": groups, "affine": False, **_eps(node)}
    return graph.alike(node, "group_norm", value, **attributes)


def group_norm(graph: Graph, node: Node) -> Value:
    """Group normalization."""
    value = as_read(graph, node.value())
    _check_channels(value, 1)
    affine, names = _affine(value, node.array(1), node.array(2))
    attributes = {"num_groups": node.integer("num_groups", 1), "affine": affine, **_eps(node)}
    return graph.alike(node, "group_norm", value, names, **attributes)


def layer_norm(graph: Graph, node: Node) -> Value:
    """Layer normalization over the channels, or over whole maps without weights."""
    value = as_read(graph, node.value())
    first = node.integer("axis", -1) % len(value.dims)
    normalized = set().union(*(axes_in(dim) for dim in value.dims[first:]))
    scale, bias = node.array(1), node.array(2)
    if (scale is not None and scale.names) or (bias is not None and bias.names):
        if normalized - {CHANNELS}:
            raise Unreadable("its weight is one per unit, not one per channel")
        _check_channels(value, len(value.dims) - 1)
    affine, names = _affine(value, scale, bias)
    if affine and bias is None:
        plain = graph.alike(node, "layer_norm", value, affine=False, **_eps(node))
        return graph.alike(node, "scale", plain, names, bias=False)
    return graph.alike(node, "layer_norm", value, names, affine=affine, **_eps(node))


def mean_variance_norm(graph: Graph, node: Node) -> Value:
    """Normalization of every channel over its map, without weights."""
    return graph.alike(node, "instance_norm", as_read(graph, node.value()))


def prelu(graph: Graph, node: Node) -> Value:
    """A rectifier with a learned slope, one or one per channel."""
    value, slope = as_read(graph, node.value()), _weight(node, 1)
    if slope.count not in (1, value.channels):
        raise Unreadable("its slopes are neither one number nor one per channel")
    return graph.alike(node, "prelu", value, slope.names, per_channel=slope.count > 1)


WEIGHTS: dict[str, Handler] = {
    "Conv": convolution,
    "ConvInteger": integer_convolution,
    "QLinearConv": quantized_convolution,
    "ConvTranspose": transposed_convolution,
    "Gemm": gemm,
    "MatMul": product,
    "MatMulInteger": product,
    "QLinearMatMul": quantized_product,
    "BatchNormalization": batch_norm,
    "InstanceNormalization": instance_norm,
    "GroupNormalization": group_norm,
    "LayerNormalization": layer_norm,
    "RMSNormalization": layer_norm,
    "MeanVarianceNormalization": mean_variance_norm,
    "PRelu": prelu,
}
