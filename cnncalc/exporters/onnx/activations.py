"""Activations as ONNX nodes."""

from __future__ import annotations

from .sheet import Context, Writer

PLAIN = {
    "identity": "Identity",
    "relu": "Relu",
    "sigmoid": "Sigmoid",
    "tanh": "Tanh",
    "hard_swish": "HardSwish",
    "mish": "Mish",
}
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


def plain(context: Context) -> None:
    """An activation that is an operator of its own."""
    context.write(PLAIN[context.layer.type])


def function(context: Context) -> None:
    """Another function of each number by itself."""
    operator = FUNCTIONS.get(str(context.kind.operator))
    if operator is None:
        raise context.refuse(
            f"ONNX has no operator for the function {context.kind.operator!r} alone; "
            "replace it by an activation"
        )
    context.write(operator)


def dropout(context: Context) -> None:
    """Dropout, which does nothing in inference."""
    context.write("Dropout", context.sheet.numbers([float(context.kind.p)], single=True))


def relu6(context: Context) -> None:
    """Numbers held between 0 and 6."""
    bounds = [context.sheet.numbers([bound], single=True) for bound in (0.0, 6.0)]
    context.write("Clip", *bounds)


def sloped(context: Context) -> None:
    """An activation with a slope that is given."""
    leaky = context.layer.type == "leaky_relu"
    slope = context.kind.negative_slope if leaky else context.kind.alpha
    context.write("LeakyRelu" if leaky else "Elu", alpha=float(slope))


def gelu(context: Context) -> None:
    """x·Φ(x)."""
    context.write("Gelu", approximate=str(context.kind.approximate))


def silu(context: Context) -> None:
    """x·sigmoid(x), which is two nodes."""
    gate = context.step("sigmoid", "Sigmoid", context.inputs)
    context.write("Mul", gate)


def hard_sigmoid(context: Context) -> None:
    """relu6(x + 3)/6."""
    context.write("HardSigmoid", alpha=1 / 6, beta=0.5)


def softmax(context: Context) -> None:
    """Softmax, or its logarithm."""
    axis = context.kind.axis if context.kind.dim is None else context.kind.dim
    word = "Softmax" if context.layer.type == "softmax" else "LogSoftmax"
    context.write(word, axis=1 if axis is None else int(axis))


def prelu(context: Context) -> None:
    """A rectifier with a learned slope."""
    count = context.channels if context.kind.per_channel else 1
    context.write("PRelu", context.weight("weight", [count, *context.ones], 0.25))


ACTIVATIONS: dict[str, Writer] = {
    **dict.fromkeys(PLAIN, plain),
    "function": function,
    "dropout": dropout,
    "relu6": relu6,
    "leaky_relu": sloped,
    "elu": sloped,
    "gelu": gelu,
    "silu": silu,
    "hard_sigmoid": hard_sigmoid,
    "softmax": softmax,
    "log_softmax": softmax,
    "prelu": prelu,
}
