"""Operators that work number by number: activations, sums and products."""

from __future__ import annotations

from typing import Any

from ..tensors.layout import CHANNELS, axes_in
from ..tensors.maps import as_read
from ..tensors.merges import merged
from ..tensors.values import Unreadable, Value
from .constants import Array
from .graph import Graph, Handler
from .names import snake
from .node import Node, Request
from .patterns import fused

ACTIVATIONS = {
    "Relu": "relu",
    "LeakyRelu": "leaky_relu",
    "Elu": "elu",
    "Gelu": "gelu",
    "Sigmoid": "sigmoid",
    "HardSigmoid": "hard_sigmoid",
    "HardSwish": "hard_swish",
    "Mish": "mish",
    "Tanh": "tanh",
    "Softmax": "softmax",
    "LogSoftmax": "log_softmax",
    "Dropout": "dropout",
    "Identity": "identity",
}
SLOPES = {"LeakyRelu": ("negative_slope", 0.01), "Elu": ("alpha", 1)}
FUNCTIONS = (
    *("Abs", "Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", "Ceil", "Celu", "Cos", "Cosh"),
    *("Erf", "Exp", "Floor", "Hardmax", "IsInf", "IsNaN", "Log", "LpNormalization", "Neg", "Not"),
    *("QuantizeLinear", "DequantizeLinear", "Reciprocal", "Round", "Selu", "Shrink", "Sign", "Sin"),
    *("Sinh", "Softplus", "Softsign", "Sqrt", "Tan", "ThresholdedRelu"),
)
MERGES = {
    "Add": "add",
    "Sub": "add",
    "Sum": "add",
    "Mean": "add",
    "Mul": "mul",
    "Div": "mul",
    "Max": "maximum",
    "Min": "maximum",
}
BY_NUMBER = ("Pow", "Mod", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "BitShift")
LEARNED = {"Mul": "mul", "Add": "add", "Sum": "add"}


def activation(graph: Graph, node: Node) -> Any:
    """A function of each number by itself that is a layer kind of its own."""
    attributes: dict[str, Any] = {}
    if node.operator in SLOPES:
        key, default = SLOPES[node.operator]
        given = node.number("alpha")
        if given is not None and abs(float(given) - default) > 1e-9:
            attributes[key] = given
    if node.operator == "Gelu" and node.text("approximate", "none") != "none":
        attributes["approximate"] = node.text("approximate")
    value = as_read(graph, node.value())
    made = fused(graph, graph.alike(node, ACTIVATIONS[node.operator], value, **attributes))
    return [made] * len(node.outputs)


def local_response_norm(graph: Graph, node: Node) -> Value:
    """Local response normalization over neighbouring channels."""
    attributes: dict[str, Any] = {"size": node.integer("size", 5)}
    for key, name in (("alpha", "alpha"), ("beta", "beta"), ("k", "bias")):
        given = node.number(name)
        if given is not None:
            attributes[key] = given
    return graph.alike(node, "lrn", as_read(graph, node.value()), **attributes)


def function(graph: Graph, node: Node, number: Any = None, place: int = 0) -> Value:
    """Any other function of each number by itself."""
    value = as_read(graph, node.value(place))
    made = graph.alike(node, "function", value, operator=snake(node.operator))
    reverse = "reverse " if place and node.operator in ("Sub", "Div", "Pow") else ""
    graph.origins[made.layer] = (reverse + node.operator, number)
    return fused(graph, made)


def dynamic_quantization(graph: Graph, node: Node) -> list[Any]:
    """Quantized numbers, with their scale and zero point."""
    return [function(graph, node), Array(()), Array(())]


def clip(graph: Graph, node: Node) -> Value:
    """Numbers held between two bounds; between 0 and 6 it is a relu6."""
    bounds: list[Any] = [node.number(name) for name in ("min", "max")]
    for place in (1, 2):
        bound = node.array(place)
        if bound is not None:
            bounds[place - 1] = bound.single
    type_name = {(0, 6): "relu6", (0, None): "relu"}.get(tuple(bounds))
    if type_name is None or (bounds[1] is None and node.given(2) is not None):
        return function(graph, node)
    return fused(graph, graph.alike(node, type_name, as_read(graph, node.value())))


def swish(graph: Graph, node: Node) -> Value:
    """x·sigmoid(alpha·x)."""
    if node.number("alpha", 1) != 1:
        return function(graph, node)
    return graph.alike(node, "silu", as_read(graph, node.value()))


def arithmetic(graph: Graph, node: Node) -> Value:
    """A sum, product or maximum of layers; with constants, a scale or a plain function."""
    values = node.values()
    if node.operator in MERGES and len(values) == len(node.inputs) > 1:
        return _merged(graph, node, values)
    if len(node.inputs) == 1:
        return values[0]
    if len(node.inputs) != 2 or len(values) != 1:
        raise Unreadable("it works on other than two inputs, or on constants among several")
    place = 0 if isinstance(node.given(0), Value) else 1
    array = node.array(1 - place)
    if array is None:
        raise Unreadable("it works on one input alone")
    return _with_constant(graph, node, values[0], place, array)


def _merged(graph: Graph, node: Node, values: list[Value]) -> Value:
    """The layer that merges layers number by number; several at once where they lie alike."""
    type_name = MERGES[node.operator]
    if len(values) > 2 and _lie_alike(values):
        channels = max(value.channels for value in values)
        sizes = max(value.sizes for value in values)
        dims = tuple(max(column) for column in zip(*(value.dims for value in values)))
        layer = graph.emit(type_name, node.name, values)
        return values[0].but(layer=layer, channels=channels, sizes=sizes, dims=dims)
    made = values[0]
    for value in values[1:]:
        made = merged(graph, Request(node, type_name, {}), type_name, [made, value])
        graph.note(made.layer, node.operator, (made.channels, *made.sizes))
    return fused(graph, made)


def _lie_alike(values: list[Value]) -> bool:
    """Whether maps differ only in that some are of one unit or of one channel."""
    channels = {value.channels for value in values} - {1}
    sizes = {value.sizes for value in values if not value.single}
    columns = zip(*(value.dims for value in values))
    return (
        not any(value.is_vector for value in values)
        and len({len(value.dims) for value in values}) == 1
        and len(channels) < 2
        and len(sizes) < 2
        and all(len({dim for dim in column if dim}) < 2 for column in columns)
    )


def _with_constant(graph: Graph, node: Node, value: Value, place: int, array: Array) -> Value:
    # A number alone is taken for one that the model's author wrote, not for a learned one; only
    # where a map has one channel, and it has a dimension for it, it may be that channel's.
    of_channel = value.channels == 1 and 1 < len(array.shape) >= len(value.dims) - 1
    if array.count == 1 and len(array.shape) <= len(value.dims) and not of_channel:
        return function(graph, node, array.single, place)
    if array.names and node.operator in LEARNED:
        return _learned(graph, node, as_read(graph, value), array)
    shape = (1,) * (len(value.dims) - len(array.shape)) + array.shape
    if len(shape) > len(value.dims) or any(
        size not in (1, other) for size, other in zip(shape, value.shape)
    ):
        raise Unreadable(f"it spreads {value.shape} over constants of {array.shape}")
    return function(graph, node, None, place)


def _learned(graph: Graph, node: Node, value: Value, array: Array) -> Value:
    """A learned factor or bias per channel; other weights have no layer kind to count them.

    What is subtracted or divided by is not learned: it is the mean and deviation of a data set.
    """
    if not _along_channels(value, array):
        raise Unreadable(
            f"it uses weights of {array.shape}, which are not one per channel of {value.shape}"
        )
    if LEARNED[node.operator] == "add" and _takes_bias(graph, value, array):
        return value
    # A bias alone has the figures of a factor alone.
    return graph.alike(node, "scale", value, array.names, bias=False)


def _along_channels(value: Value, array: Array) -> bool:
    """Whether a constant has one number per channel, and lies along them."""
    shape = (1,) * (len(value.dims) - len(array.shape)) + array.shape
    if array.count != value.channels or len(shape) != len(value.dims):
        return False
    return all(
        size == 1 or (size == other and axes_in(dim) == {CHANNELS})
        for size, other, dim in zip(shape, value.shape, value.dims)
    )


def _takes_bias(graph: Graph, value: Value, array: Array) -> bool:
    """Let the layer before count a bias, where it has none and gives only to this node."""
    layer = value.layer
    names = array.names - graph.repeated
    if layer.attributes.get("bias") is not False or layer.shares or not graph.is_alone(layer):
        return False
    if any(name in graph.owners for name in names):
        return False
    layer.attributes["bias"] = True
    layer.names |= names
    graph.owners.update(dict.fromkeys(names, layer))
    return True


ARITHMETIC: dict[str, Handler] = {
    **dict.fromkeys(ACTIVATIONS, activation),
    **dict.fromkeys(FUNCTIONS, function),
    **dict.fromkeys((*MERGES, *BY_NUMBER), arithmetic),
    "LRN": local_response_norm,
    "Clip": clip,
    "Swish": swish,
    "DynamicQuantizeLinear": dynamic_quantization,
}
