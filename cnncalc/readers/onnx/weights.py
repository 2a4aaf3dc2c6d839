"""Operators with weights: convolutions, linear layers, normalizations, learned slopes."""

from __future__ import annotations

from typing import Any

from ..tensors import norms, weights
from ..tensors.layout import CHANNELS, axes_in, is_whole
from ..tensors.maps import as_read
from ..tensors.values import Unreadable, Value
from .constants import FLOATS, Array
from .graph import Handler, OnnxGraph, Take, translation
from .node import Contradiction, OnnxNode
from .products import MULTIPLYING, multiplication
from .sliding import explicit_padding, per_axis, sliding


def _weight(graph: OnnxGraph, node: OnnxNode, place: int = 1) -> Array:
    """A node's weight; one of integers is called as the input is that has it."""
    weight = node.array(place)
    if weight is None:
        raise Contradiction("it has no weight")
    if weight.dtype in FLOATS or weight.names:
        return weight
    return graph.learn(weight.but(names=frozenset([node.proto.input[place]])))


def _check(node: OnnxNode, value: Value, weight: Array, channels: int) -> None:
    axes = len(value.dims) - 2
    if len(weight.shape) != axes + 2 or axes < 1 or 0 in weight.shape:
        raise Contradiction(f"its weight of {weight.shape} is not one of {axes} axes")
    if value.shape[1] != channels:
        raise Contradiction(f"its weight is for {channels} channels, not {value.shape[1]}")
    kernel = node.integers("kernel_shape")
    if kernel is not None and tuple(kernel) != weight.shape[2:]:
        raise Contradiction(f"its kernel_shape {kernel} is not that of its weight {weight.shape}")


def convolution(graph: OnnxGraph, node: OnnxNode) -> Value:
    """A convolution; one group per channel makes it depthwise."""
    value, weight, groups = node.value(), _weight(graph, node), node.integer("group", 1)
    _check(node, value, weight, weight.shape[1] * groups if len(weight.shape) > 1 else 0)
    tensors = {"input": value, "weight": weight, "bias": node.array(2)}
    window = sliding(node, len(weight.shape) - 2)
    return weights.convolution(graph, node.call(**tensors, groups=groups, **window))


def transposed_convolution(graph: OnnxGraph, node: OnnxNode) -> Value:
    """A transposed convolution."""
    value, weight = node.value(), _weight(graph, node)
    _check(node, value, weight, weight.shape[0] if weight.shape else 0)
    axes = len(weight.shape) - 2
    window = sliding(node, axes) | {"kernel_size": list(weight.shape[2:])}
    window["output_padding"] = per_axis(node, "output_padding", axes, 0)
    window |= explicit_padding(node, value.shape[2:], window)
    tensors = {"input": value, "weight": weight, "bias": node.array(2)}
    call = node.call(**tensors, groups=node.integer("group", 1), **window)
    return weights.transposed_convolution(graph, call)


def gemm(graph: OnnxGraph, node: OnnxNode) -> Value:
    """A linear layer of a matrix and a bias."""
    weight = _weight(graph, node)
    if node.integer("transA") or len(weight.shape) != 2:
        raise Unreadable("it multiplies from the left, or by no matrix")
    return _linear(graph, node, weight, bool(node.integer("transB")), node.array(2))


def product(graph: OnnxGraph, node: OnnxNode) -> Value:
    """A product with a matrix: a linear layer without bias; or one of activations."""
    if isinstance(node.input(0), Value) and isinstance(node.input(1), Value):
        return multiplication(graph, node)
    weight = _weight(graph, node)
    shape = weight.shape
    while len(shape) > 2 and shape[0] == 1:
        shape = shape[1:]
    if len(shape) != 2:
        raise Unreadable(f"it multiplies by a tensor of {weight.shape}, which is no matrix")
    return _linear(graph, node, weight.but(shape=shape), False, None)


def _linear(
    graph: OnnxGraph, node: OnnxNode, weight: Array, across: bool, bias: Array | None
) -> Value:
    value = node.value()
    matrix = weight if across else weight.but(shape=weight.shape[::-1])
    if not value.dims or value.shape[-1] != matrix.shape[1]:
        raise Unreadable(f"its matrix of {weight.shape} does not fit what it reads: {value.shape}")
    return weights.linear(graph, node.call(input=value, weight=matrix, bias=bias))


# What all normalizations are given.
NORM: dict[str, Take] = {
    "weight": lambda node: node.array(1),
    "bias": lambda node: node.array(2),
    "eps": lambda node: node.number("epsilon"),
}


def _norm_arguments(node: OnnxNode) -> dict[str, Any]:
    return {"input": node.value()} | {name: take(node) for name, take in NORM.items()}


def batch_norm(graph: OnnxGraph, node: OnnxNode) -> Value:
    """Batch normalization; running statistics are buffers."""
    statistics = [node.array(3), node.array(4)]
    if not any(array is not None and array.names for array in statistics):
        statistics = [None, None]
    moments = dict(zip(("running_mean", "running_var"), statistics))
    call = node.call("batch_norm", **_norm_arguments(node), **moments)
    return norms.batch_norm(graph, call)


def instance_norm(graph: OnnxGraph, node: OnnxNode) -> Value:
    """Instance normalization; of groups of channels it is a group normalization."""
    value = as_read(graph, node.value())
    arguments = _norm_arguments(node)
    groups = value.shape[1] if len(value.dims) > 1 else 0
    if is_whole(value.dims[1], CHANNELS, value.channels):
        call = node.call("instance_norm", **arguments)
        return norms.batch_norm(graph, call)
    outermost = ((CHANNELS, value.channels // groups, groups),) if groups > 1 else ()
    arrays = (arguments["weight"], arguments["bias"])
    learned = any(array is not None and array.names and not array.uniform for array in arrays)
    if value.dims[1] != outermost or learned:
        raise Unreadable("it normalizes other than channels or groups of them")
    call = node.call(**arguments)
    return norms.norm_layer(graph, call, "group_norm", value, num_groups=groups, affine=False)


def layer_norm(graph: OnnxGraph, node: OnnxNode) -> Value:
    """Layer normalization over the channels, or over whole maps without weights."""
    value = as_read(graph, node.value())
    first = node.integer("axis", -1) % len(value.dims)
    arguments = _norm_arguments(node)
    learned = graph.parameters(arguments["weight"], arguments["bias"])
    if learned and set().union(*map(axes_in, value.dims[first:])) - {CHANNELS}:
        raise Unreadable("its weight is one per unit, not one per channel")
    return norms.layer_norm(graph, node.call(**arguments, normalized_shape=(value.channels,)))


WEIGHTS: dict[str, Handler] = {
    **MULTIPLYING,
    "Conv": convolution,
    "ConvTranspose": transposed_convolution,
    "Gemm": gemm,
    "MatMul": product,
    "BatchNormalization": batch_norm,
    "InstanceNormalization": instance_norm,
    "GroupNormalization": translation(
        norms.group_norm, num_groups=lambda node: node.integer("num_groups", 1), **NORM
    ),
    "LayerNormalization": layer_norm,
    "RMSNormalization": layer_norm,
    "MeanVarianceNormalization": lambda graph, node: graph.alike(
        node.call(), "instance_norm", as_read(graph, node.value())
    ),
    "PRelu": translation(weights.prelu, weight=lambda node: node.array(1)),
}
