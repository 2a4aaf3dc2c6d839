"""Operators that work number by number: activations, sums and products."""

from __future__ import annotations

from typing import Any

from ..tensors import elementwise
from ..tensors.attention import biased_weights
from ..tensors.maps import as_read
from ..tensors.norms import response_norm
from ..tensors.values import Unreadable, Value
from .constants import Array
from .graph import Handler, OnnxGraph, translation
from .node import OnnxNode, bounds
from .patterns import fuse

ACTIVATIONS = (
    *("Relu", "LeakyRelu", "Elu", "Gelu", "Sigmoid", "HardSigmoid", "HardSwish", "Mish", "Tanh"),
    *("Softmax", "LogSoftmax", "Dropout", "Identity"),
)
SLOPES = {"LeakyRelu": "negative_slope", "Elu": "alpha"}
FUNCTIONS = (
    *("Abs", "Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", "Ceil", "Celu", "Cos", "Cosh"),
    *("Erf", "Exp", "Floor", "Hardmax", "IsInf", "IsNaN", "Log", "LpNormalization", "Neg", "Not"),
    *("QuantizeLinear", "DequantizeLinear", "Reciprocal", "Round", "Selu", "Shrink", "Sign", "Sin"),
    *("Sinh", "Softplus", "Softsign", "Sqrt", "Tan", "ThresholdedRelu"),
)
MERGES = ("Add", "Sub", "Sum", "Mean", "Mul", "Div", "Max", "Min")
BY_NUMBER = ("Pow", "Mod", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "BitShift")
# What is subtracted or divided by is not learned: it is the mean and deviation of a data set.
LEARNED = ("Mul", "Add", "Sum")


def activation(graph: OnnxGraph, node: OnnxNode) -> list[Value]:
    """A function of each number by itself that is a layer kind of its own."""
    arguments: dict[str, Any] = {"input": node.value()}
    if node.operator in SLOPES:
        arguments[SLOPES[node.operator]] = node.number("alpha")
    if node.operator == "Gelu":
        arguments["approximate"] = node.text("approximate", "none")
    made = fuse(graph, node, elementwise.activation(graph, node.call(**arguments)))
    return [made] * len(node.outputs)


def function(graph: OnnxGraph, node: OnnxNode, number: Any = None, place: int = 0) -> Value:
    """Any other function of each number by itself."""
    made = elementwise.function(graph, node.call(input=node.value(place)))
    reverse = "reverse " if place and node.operator in ("Sub", "Div", "Pow") else ""
    return fuse(graph, node, made, reverse + node.operator, number)


def dynamic_quantization(graph: OnnxGraph, node: OnnxNode) -> list[Any]:
    """Quantized numbers, with their scale and zero point."""
    return [function(graph, node), Array((), computed=True), Array(())]


def clip(graph: OnnxGraph, node: OnnxNode) -> Value:
    """Numbers held between two bounds; between 0 and 6 it is a relu6, above 0 a relu."""
    low, high = bounds(node)
    if (low, high) == (0, None) and node.input(2) is None:
        relu = node.call("relu", input=node.value())
        return fuse(graph, node, elementwise.activation(graph, relu))
    call = node.call(input=node.value(), min=low, max=high)
    return fuse(graph, node, elementwise.clip(graph, call))


def swish(graph: OnnxGraph, node: OnnxNode) -> Value:
    """x·sigmoid(alpha·x)."""
    if node.number("alpha", 1) != 1:
        return function(graph, node)
    return elementwise.activation(graph, node.call("silu", input=node.value()))


def arithmetic(graph: OnnxGraph, node: OnnxNode) -> Value:
    """A sum, product or maximum of layers; with constants, a scale or a plain function."""
    values = node.values()
    if node.operator in MERGES and len(values) == len(node.inputs) > 1:
        return fuse(graph, node, elementwise.merge(graph, node.call(inputs=values)))
    if len(node.inputs) == 1:
        return values[0]
    if len(node.inputs) != 2 or len(values) != 1:
        raise Unreadable("it works on other than two inputs, or on constants among several")
    place = 0 if isinstance(node.input(0), Value) else 1
    array = node.array(1 - place)
    if array is None:
        raise Unreadable("it works on one input alone")
    return _with_constant(graph, node, values[0], place, array)


def _with_constant(
    graph: OnnxGraph, node: OnnxNode, value: Value, place: int, array: Array
) -> Value:
    # A number alone is taken for one that the model's author wrote, not for a learned one, unless
    # it is stored as modules' are; where a map has one channel, and it has a dimension for it, it
    # may be that channel's.
    of_channel = value.channels == 1 and 1 < len(array.shape) >= len(value.dims) - 1
    learned = of_channel or (array.is_learned_number and node.operator in LEARNED)
    if array.count == 1 and len(array.shape) <= len(value.dims) and not learned:
        return function(graph, node, array.single, place)
    shape = (1,) * (len(value.dims) - len(array.shape)) + array.shape
    spreads = len(shape) > len(value.dims) or any(
        size not in (1, other) for size, other in zip(shape, value.shape)
    )
    weights = None if spreads else biased_weights(graph, node.call("", value.shape), value, [array])
    if weights is not None:
        return weights
    if array.names and node.operator in LEARNED:
        value = as_read(graph, value)
        made = elementwise.learned_scale(graph, node.call(), value, array)
        return made if made.layer is value.layer else fuse(graph, node, made)
    if spreads:
        raise Unreadable(f"it spreads {value.shape} over constants of {array.shape}")
    return function(graph, node, None, place)


ELEMENTWISE: dict[str, Handler] = {
    **dict.fromkeys(ACTIVATIONS, activation),
    **dict.fromkeys(FUNCTIONS, function),
    **dict.fromkeys((*MERGES, *BY_NUMBER), arithmetic),
    "LRN": translation(
        response_norm,
        size=lambda node: node.integer("size", 5),
        alpha=lambda node: node.number("alpha"),
        beta=lambda node: node.number("beta"),
        k=lambda node: node.number("bias"),
    ),
    "Clip": clip,
    "Swish": swish,
    "DynamicQuantizeLinear": dynamic_quantization,
}
