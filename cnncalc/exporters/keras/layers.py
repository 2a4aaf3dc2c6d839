"""Layers without windows as Keras layers, and the table of all kinds."""

from __future__ import annotations

from typing import Any

from ...wording import quote
from .step import Context, Step, channels_last, unless
from .windows import WINDOWS, Writer

ACTIVATIONS = {
    **{name: name for name in ("relu", "relu6", "silu", "mish", "sigmoid", "hard_sigmoid")},
    **{name: name for name in ("tanh", "log_softmax")},
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

LAYER_SCALE = '''\
class LayerScale(layers.Layer):
    """A learned factor per channel, and a bias where `use_bias`."""

    def __init__(self, use_bias=False, **named):
        super().__init__(**named)
        self.use_bias = use_bias

    def build(self, input_shape):
        self.gamma = self.add_weight(name="gamma", shape=(input_shape[-1],), initializer="ones")
        if self.use_bias:
            self.beta = self.add_weight(name="beta", shape=(input_shape[-1],), initializer="zeros")

    def call(self, x):
        return x * self.gamma + self.beta if self.use_bias else x * self.gamma

    def get_config(self):
        return {**super().get_config(), "use_bias": self.use_bias}
'''
LOCAL_RESPONSE_NORM = '''\
class LocalResponseNormalization(layers.Layer):
    """x / (k + alpha · mean of the squares of `size` neighbouring channels) ** beta."""

    def __init__(self, size=5, alpha=0.0001, beta=0.75, k=1.0, **named):
        super().__init__(**named)
        self.size, self.alpha, self.beta, self.k = size, alpha, beta, k

    def call(self, x):
        before = self.size // 2
        around = [(0, 0)] * (len(x.shape) - 1) + [(before, self.size - 1 - before)]
        squares = keras.ops.pad(keras.ops.square(x), around)
        channels = x.shape[-1]
        total = sum(squares[..., place : place + channels] for place in range(self.size))
        return x / (self.k + self.alpha * total / self.size) ** self.beta

    def get_config(self):
        own = {"size": self.size, "alpha": self.alpha, "beta": self.beta, "k": self.k}
        return {**super().get_config(), **own}
'''
ALIGNED_RESIZING = '''\
class AlignedResizing(layers.Layer):
    """Linear resizing that maps the first and last units of every axis onto each other."""

    def __init__(self, size, **named):
        super().__init__(**named)
        self.size = tuple(size)

    def call(self, x):
        for axis, new in enumerate(self.size, 1):
            old = x.shape[axis]
            places = [unit * (old - 1) / max(new - 1, 1) for unit in range(new)]
            first = [int(place) for place in places]
            after = [min(unit + 1, old - 1) for unit in first]
            share = [1] * len(x.shape)
            share[axis] = new
            rest = [place - unit for place, unit in zip(places, first)]
            rest = keras.ops.reshape(keras.ops.convert_to_tensor(rest, x.dtype), share)
            near, far = (keras.ops.take(x, units, axis=axis) for units in (first, after))
            x = near * (1 - rest) + far * rest
        return x

    def get_config(self):
        return {**super().get_config(), "size": self.size}
'''
# Classes that a file defines where it uses them.
CLASSES = {
    "LayerScale": LAYER_SCALE,
    "LocalResponseNormalization": LOCAL_RESPONSE_NORM,
    "AlignedResizing": ALIGNED_RESIZING,
}


def steps(context: Context) -> list[Step]:
    """The Keras layers that a layer is; refused where Keras has none."""
    type_name = context.report.type
    if type_name not in WRITERS:
        raise context.refuse(f"Keras has no layer for type {type_name}; use another, or PyTorch")
    return WRITERS[type_name](context)


def linear(context: Context) -> list[Step]:
    """A fully connected layer; a map is flattened before it."""
    weight = context.known(context.report.weight_shape or (None,), "input's length")
    bias = unless(True, use_bias=context.kind.bias)
    flat = [] if context.is_vector else [Step("layers.Flatten", suffix="_flatten")]
    return [*flat, Step("layers.Dense", weight[:1], bias)]


def flatten(context: Context) -> list[Step]:
    """A map as a vector."""
    return [Step("layers.Flatten")]


def reshape(context: Context) -> list[Step]:
    """The same numbers, in their order, under another shape: channels are moved first and back."""
    read = context.known(context.report.in_shape, "input's shape")
    made = context.known(context.report.out_shape, "shape")
    axes = context.axes
    first = (axes + 1, *range(1, axes + 1))
    back = (*range(2, axes + 2), 1)
    if set(read[1:]) <= {1} and set(made[1:]) <= {1}:
        return [Step("layers.Reshape", (channels_last(made),))]
    written = []
    if len(read) > 1 and set(read[1:]) != {1}:
        written.append(Step("layers.Permute", (first,), {}, "_first"))
    moves = len(made) > 1 and set(made[1:]) != {1}
    target = made if moves else channels_last(made)
    written.append(Step("layers.Reshape", (target,), {}, "_shape" if moves else ""))
    if moves:
        written.append(Step("layers.Permute", (back,)))
    return written


def _affine(context: Context) -> dict[str, Any]:
    off = {} if context.kind.affine else {"scale": False, "center": False}
    return {"epsilon": float(context.kind.eps), **off}


def batch_norm(context: Context) -> list[Step]:
    """Batch normalization with its moving statistics."""
    if not context.kind.track_running_stats:
        raise context.refuse(
            "Keras' batch normalization keeps statistics; keep them, or use instance_norm"
        )
    momentum = 1 - float(context.kind.momentum)
    named = {"momentum": round(momentum, 12), **_affine(context)}
    return [Step("layers.BatchNormalization", (), named)]


def instance_norm(context: Context) -> list[Step]:
    """Instance normalization: a group for every channel."""
    if context.kind.track_running_stats:
        raise context.refuse("Keras' instance normalization keeps no statistics")
    return [Step("layers.GroupNormalization", (-1,), _affine(context))]


def group_norm(context: Context) -> list[Step]:
    """Group normalization."""
    return [Step("layers.GroupNormalization", (context.kind.num_groups,), _affine(context))]


def layer_norm(context: Context) -> list[Step]:
    """Normalization of the channels of each unit."""
    return [Step("layers.LayerNormalization", (), _affine(context))]


def scale(context: Context) -> list[Step]:
    """A learned factor per channel, by a class that the file defines."""
    return [Step("LayerScale", (), unless(False, use_bias=context.kind.bias))]


def local_response_norm(context: Context) -> list[Step]:
    """Local response normalization, by a class that the file defines."""
    kind = context.kind
    defaults = {"alpha": 0.0001, "beta": 0.75, "k": 1.0}
    given = {name: float(getattr(kind, name)) for name in defaults}
    named = {name: value for name, value in given.items() if value != defaults[name]}
    return [Step("LocalResponseNormalization", (int(kind.size),), named)]


def activation(context: Context) -> list[Step]:
    """An activation by its name."""
    return [Step("layers.Activation", (ACTIVATIONS[context.report.type],))]


def function(context: Context) -> list[Step]:
    """A function that Keras has an activation for."""
    operator = context.kind.operator
    if operator not in FUNCTIONS:
        raise context.refuse(f"Keras has no activation {quote(operator)}")
    return [Step("layers.Activation", (operator,))]


def gelu(context: Context) -> list[Step]:
    """GELU without an approximation."""
    if context.kind.approximate != "none":
        raise context.refuse("Keras' gelu by name is not approximated; use approximate: none")
    return [Step("layers.Activation", ("gelu",))]


def softmax(context: Context) -> list[Step]:
    """Softmax over the channels."""
    return [Step("layers.Softmax")]


def leaky_relu(context: Context) -> list[Step]:
    """A slope below 0."""
    slope = float(context.kind.negative_slope)
    return [Step("layers.LeakyReLU", (), {"negative_slope": slope})]


def elu(context: Context) -> list[Step]:
    """ELU."""
    return [Step("layers.ELU", (), {"alpha": float(context.kind.alpha)})]


def prelu(context: Context) -> list[Step]:
    """A learned slope: one, or one per channel."""
    dims = 1 if context.is_vector else context.axes + 1
    shared = tuple(range(1, dims if context.kind.per_channel else dims + 1))
    return [Step("layers.PReLU", (), {"shared_axes": shared} if shared else {})]


def dropout(context: Context) -> list[Step]:
    """Dropout."""
    return [Step("layers.Dropout", (float(context.kind.p),))]


def identity(context: Context) -> list[Step]:
    """What is read."""
    return [Step("layers.Identity")]


def _merge(callee: str) -> Writer:
    def write(context: Context) -> list[Step]:
        if len(context.report.sources) == 1:
            return identity(context)
        return [Step(callee, reads="[{all}]")]

    return write


def slice_(context: Context) -> list[Step]:
    """Some channels."""
    first, end = context.kind.channels
    return [Step("layers.Identity", reads=f"{{0}}[..., {first}:{end}]")]


WRITERS: dict[str, Writer] = {
    **WINDOWS,
    **dict.fromkeys(ACTIVATIONS, activation),
    "linear": linear,
    "flatten": flatten,
    "reshape": reshape,
    "batch_norm": batch_norm,
    "instance_norm": instance_norm,
    "group_norm": group_norm,
    "layer_norm": layer_norm,
    "scale": scale,
    "lrn": local_response_norm,
    "function": function,
    "gelu": gelu,
    "softmax": softmax,
    "leaky_relu": leaky_relu,
    "elu": elu,
    "prelu": prelu,
    "dropout": dropout,
    "identity": identity,
    "add": _merge("layers.Add"),
    "mul": _merge("layers.Multiply"),
    "maximum": _merge("layers.Maximum"),
    "concat": _merge("layers.Concatenate"),
    "slice": slice_,
}
