"""Activations as ONNX nodes."""

from __future__ import annotations

from typing import Any

from ..layer_context import by_type
from .graph_builder import OnnxContext, Writer

FUNCTIONS = {
    **{
        word.lower(): word
        for word in (
            *("Abs", "Acos", "Asin", "Atan", "Ceil", "Celu", "Cos", "Cosh", "Erf", "Exp", "Floor"),
            *("Log", "Neg", "Reciprocal", "Round", "Selu", "Sign", "Sin", "Sinh", "Softplus"),
            *("Softsign", "Sqrt", "Tan"),
        )
    },
    "thresholded_relu": "ThresholdedRelu",
}


def operator(name: str, **attributes: Any) -> Writer:
    """A layer that is an operator of its own, the same for all of its kind."""
    return lambda context: context.write(name, **attributes)


def function(context: OnnxContext) -> None:
    """Another function of each number by itself."""
    name = FUNCTIONS.get(str(context.kind.operator))
    if name is None:
        raise context.refuse(
            f"ONNX has no operator for the function {context.kind.operator!r} alone; "
            "replace it by an activation"
        )
    context.write(name)


def dropout(context: OnnxContext) -> None:
    """Dropout, which does nothing in inference."""
    context.write("Dropout", context.graph.number(float(context.kind.p)))


def relu6(context: OnnxContext) -> None:
    """Numbers held between 0 and 6."""
    context.write("Clip", *map(context.graph.number, (0.0, 6.0)))


def leaky_relu(context: OnnxContext) -> None:
    """A slope below 0."""
    context.write("LeakyRelu", alpha=float(context.kind.negative_slope))


def elu(context: OnnxContext) -> None:
    """An exponential below 0."""
    context.write("Elu", alpha=float(context.kind.alpha))


def gelu(context: OnnxContext) -> None:
    """x·Φ(x)."""
    context.write("Gelu", approximate=str(context.kind.approximate))


def silu(context: OnnxContext) -> None:
    """x·sigmoid(x), which is two nodes."""
    gate = context.step("sigmoid", "Sigmoid", context.inputs)
    context.write("Mul", gate)


def softmax(context: OnnxContext) -> None:
    """Softmax, or its logarithm."""
    axis = context.kind.axis if context.kind.dim is None else context.kind.dim
    word = "Softmax" if context.report.type == "softmax" else "LogSoftmax"
    context.write(word, axis=1 if axis is None else int(axis))


def prelu(context: OnnxContext) -> None:
    """A rectifier with a learned slope."""
    count = context.channels if context.kind.per_channel else 1
    context.write("PRelu", context.weight("weight", [count, *context.ones], 0.25))


ACTIVATIONS: dict[str, Writer] = {
    "identity": operator("Identity"),
    "relu": operator("Relu"),
    "sigmoid": operator("Sigmoid"),
    "tanh": operator("Tanh"),
    "hard_sigmoid": operator("HardSigmoid", alpha=1 / 6, beta=0.5),  # relu6(x + 3)/6
    "hard_swish": operator("HardSwish"),
    "mish": operator("Mish"),
    **by_type(function, dropout, relu6, leaky_relu, elu, gelu, silu, softmax, prelu),
    "log_softmax": softmax,
}
