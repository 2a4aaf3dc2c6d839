"""Layers without windows as Keras layers, and the table of all kinds."""

from __future__ import annotations

from ...wording import quote
from ..layer_context import by_type
from .layer_code import KerasContext, KerasStep, Writer, channels_last, unless
from .windows import WINDOWS

ACTIVATIONS = {
    **{name: name for name in ("relu", "relu6", "silu", "mish", "sigmoid", "hard_sigmoid", "tanh")},
    "hard_swish": "hard_silu",
}
FUNCTIONS = (
    *("selu", "celu", "softplus", "softsign", "squareplus", "exponential", "log_sigmoid"),
    *("hard_tanh", "hard_shrink", "soft_shrink", "tanh_shrink", "sparse_plus", "sparse_sigmoid"),
)
# Kinds that give no number below 0, and those that do not where they read none.
POSITIVE = ("relu", "relu6", "sigmoid", "hard_sigmoid", "softmax")
KEEPS_POSITIVE = (
    *("max_pool", "avg_pool", "global_avg_pool", "global_max_pool", "adaptive_avg_pool"),
    *("adaptive_max_pool", "dropout", "identity", "add", "mul", "maximum", "concat", "slice"),
    *("channel_shuffle", "pixel_shuffle", "space_to_depth", "pad", "crop", "flatten", "reshape"),
    "lrn",
)


def keras_steps(context: KerasContext) -> list[KerasStep]:
    """The Keras layers that a layer is; refused where Keras has none."""
    type_name = context.report.type
    if type_name not in LAYERS:
        raise context.refuse(f"Keras has no layer for type {type_name}; use another, or PyTorch")
    return LAYERS[type_name](context)


def layer(callee: str, *attributes: str) -> Writer:
    """A layer made with numbers that are called as the kind's attributes are."""

    def write(context: KerasContext) -> list[KerasStep]:
        named = {name: context.number(name) for name in attributes}
        return [KerasStep(callee, (), named)]

    return write


identity = layer("layers.Identity")


def linear(context: KerasContext) -> list[KerasStep]:
    """A fully connected layer; a map is flattened before it."""
    weight = context.require(context.report.weight_shape, "input's length")
    bias = unless(True, use_bias=context.kind.bias)
    flat = [] if context.is_vector else [KerasStep("layers.Flatten", suffix="_flatten")]
    return [*flat, KerasStep("layers.Dense", weight[:1], bias)]


def reshape(context: KerasContext) -> list[KerasStep]:
    """The same numbers, in their order, under another shape: channels are moved first and back."""
    read = context.require(context.report.in_shape, "input's shape")
    target = context.require(context.report.out_shape, "shape")
    axes = context.axes
    first = (axes + 1, *range(1, axes + 1))
    back = (*range(2, axes + 2), 1)
    if set(read[1:]) <= {1} and set(target[1:]) <= {1}:
        return [KerasStep("layers.Reshape", (channels_last(target),))]
    steps = []
    if len(read) > 1 and set(read[1:]) != {1}:
        steps.append(KerasStep("layers.Permute", (first,), {}, "_first"))
    if len(target) > 1 and set(target[1:]) != {1}:
        steps.append(KerasStep("layers.Reshape", (target,), {}, "_shape"))
        return [*steps, KerasStep("layers.Permute", (back,))]
    return [*steps, KerasStep("layers.Reshape", (channels_last(target),))]


def _norm(context: KerasContext, name: str, *plain: int, **more: float) -> list[KerasStep]:
    off = {} if context.kind.affine else {"scale": False, "center": False}
    named = {**more, "epsilon": context.number("eps"), **off}
    return [KerasStep(f"layers.{name}Normalization", plain, named)]


def batch_norm(context: KerasContext) -> list[KerasStep]:
    """Batch normalization with its moving statistics."""
    if not context.kind.track_running_stats:
        raise context.refuse(
            "Keras' batch normalization keeps statistics; keep them, or use instance_norm"
        )
    momentum = 1 - context.number("momentum")
    return _norm(context, "Batch", momentum=round(momentum, 12))


def instance_norm(context: KerasContext) -> list[KerasStep]:
    """Instance normalization: a group for every channel."""
    if context.kind.track_running_stats:
        raise context.refuse("Keras' instance normalization keeps no statistics")
    return _norm(context, "Group", -1)


def group_norm(context: KerasContext) -> list[KerasStep]:
    """Group normalization."""
    return _norm(context, "Group", context.kind.num_groups)


def layer_norm(context: KerasContext) -> list[KerasStep]:
    """Normalization of the channels of each unit."""
    return _norm(context, "Layer")


def scale(context: KerasContext) -> list[KerasStep]:
    """A learned factor per channel, by a class that the file defines."""
    return [KerasStep("LayerScale", (), unless(False, use_bias=context.kind.bias))]


def lrn(context: KerasContext) -> list[KerasStep]:
    """Local response normalization, by a class that the file defines."""
    named = {
        **unless(0.0001, alpha=context.number("alpha")),
        **unless(0.75, beta=context.number("beta")),
        **unless(1.0, k=context.number("k")),
    }
    return [KerasStep("LocalResponseNormalization", (context.count("size"),), named)]


def activation(name: str) -> Writer:
    """An activation by its name."""
    return lambda context: [KerasStep("layers.Activation", (name,))]


def function(context: KerasContext) -> list[KerasStep]:
    """A function that Keras has an activation for."""
    operator = context.kind.operator
    if operator not in FUNCTIONS:
        raise context.refuse(f"Keras has no activation {quote(operator)}")
    return activation(operator)(context)


def gelu(context: KerasContext) -> list[KerasStep]:
    """GELU without an approximation."""
    if context.approximation != "none":
        raise context.refuse("Keras' gelu by name is not approximated; use approximate: none")
    return activation("gelu")(context)


def prelu(context: KerasContext) -> list[KerasStep]:
    """A learned slope: one, or one per channel."""
    dims = 1 if context.is_vector else context.axes + 1
    shared = tuple(range(1, dims if context.kind.per_channel else dims + 1))
    return [KerasStep("layers.PReLU", (), unless((), shared_axes=shared))]


def _softmax_axis(context: KerasContext) -> int:
    axis = context.softmax_axis
    return -1 if axis == 1 else axis - 1


def softmax(context: KerasContext) -> list[KerasStep]:
    """Softmax over the channels, or another axis."""
    return [KerasStep("layers.Softmax", (), unless(-1, axis=_softmax_axis(context)))]


def log_softmax(context: KerasContext) -> list[KerasStep]:
    """Logarithm of the softmax, which Keras takes over the channels alone."""
    if _softmax_axis(context) != -1:
        raise context.refuse("Keras' log_softmax is over the channels; use that, or PyTorch")
    return activation("log_softmax")(context)


def dropout(context: KerasContext) -> list[KerasStep]:
    """Dropout."""
    return [KerasStep("layers.Dropout", (context.probability,))]


def merge(callee: str) -> Writer:
    """Inputs joined; one alone stays as it is."""

    def write(context: KerasContext) -> list[KerasStep]:
        if len(context.report.sources) == 1:
            return identity(context)
        return [KerasStep(callee, reads="[{all}]")]

    return write


def concat(context: KerasContext) -> list[KerasStep]:
    """Channels joined, which are last, or maps along an axis."""
    steps = merge("layers.Concatenate")(context)
    axis = context.kind.place
    return [step.but(named={"axis": axis}) for step in steps] if axis else steps


def channel_range(context: KerasContext) -> list[KerasStep]:
    """Some channels."""
    first, end = context.kind.channels
    return [KerasStep("layers.Identity", reads=f"{{0}}[..., {first}:{end}]")]


LAYERS: dict[str, Writer] = {
    **WINDOWS,
    **{type_name: activation(name) for type_name, name in ACTIVATIONS.items()},
    **by_type(linear, reshape, batch_norm, instance_norm, group_norm, layer_norm, scale, lrn),
    **by_type(function, gelu, prelu, dropout),
    "flatten": layer("layers.Flatten"),
    "softmax": softmax,
    "log_softmax": log_softmax,
    "leaky_relu": layer("layers.LeakyReLU", "negative_slope"),
    "elu": layer("layers.ELU", "alpha"),
    "identity": identity,
    "add": merge("layers.Add"),
    "mul": merge("layers.Multiply"),
    "maximum": merge("layers.Maximum"),
    "concat": concat,
    "slice": channel_range,
}
