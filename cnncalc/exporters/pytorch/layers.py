"""Layers without windows as PyTorch modules and expressions, and the table of all kinds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..python_code import literal
from .build import Build
from .part import PLAIN, Context, Part, argument, first
from .pools import POOLS
from .windows import WINDOWS

EPS, MOMENTUM = 1e-05, 0.1
FUNCTIONS = {
    "celu": "nn.CELU()",
    "log_sigmoid": "nn.LogSigmoid()",
    "selu": "nn.SELU()",
    "softplus": "nn.Softplus()",
    "softsign": "nn.Softsign()",
    **{
        name: f"torch.{name}"
        for name in (
            *("abs", "ceil", "cos", "erf", "exp", "floor", "log", "neg", "reciprocal", "round"),
            *("rsqrt", "sign", "sin", "sqrt", "square"),
        )
    },
}


def linear(context: Context) -> Part:
    """A linear layer; a map is flattened before it."""
    kind = context.kind
    weight = context.report.weight_shape or (None, None)
    features, length = context.known(weight, "input's length")
    build = Build(
        "nn.Linear",
        (
            first("in_features", length),
            first("out_features", features),
            argument("bias", kind.bias, True),
        ),
    )
    return Part(build, PLAIN if context.is_vector else "{module}({0}.flatten(1))")


def flatten(context: Context) -> Part:
    """A map as a vector."""
    return Part(Build("nn.Flatten"))


def reshape(context: Context) -> Part:
    """The same numbers under another shape."""
    shape = context.known(context.report.out_shape, "shape")
    return Part(None, f"{{0}}.reshape(-1, {', '.join(map(str, shape))})")


def _affine(context: Context, *more: Any, name: str = "affine", default: bool = True) -> Any:
    kind = context.kind
    eps = float(kind.eps)
    return (*more, argument("eps", eps, EPS), argument(name, kind.affine, default))


def batch_norm(context: Context) -> Part:
    """Batch normalization."""
    family = "nn.BatchNorm1d" if context.is_vector else context.module("BatchNorm")
    return Part(Build(family, _running(context, True)))


def instance_norm(context: Context) -> Part:
    """Instance normalization."""
    if context.is_vector:
        raise context.refuse("PyTorch normalizes instances of maps, not of a vector")
    return Part(Build(context.module("InstanceNorm"), _running(context, False)))


def _running(context: Context, default: bool) -> Any:
    kind = context.kind
    return (
        *_affine(context, first("num_features", context.channels), default=default),
        argument("momentum", float(kind.momentum), MOMENTUM),
        argument("track_running_stats", kind.track_running_stats, default),
    )


def group_norm(context: Context) -> Part:
    """Group normalization."""
    groups = first("num_groups", context.kind.num_groups)
    channels = first("num_channels", context.channels)
    return Part(Build("nn.GroupNorm", _affine(context, groups, channels)))


def layer_norm(context: Context) -> Part:
    """Layer normalization over the channels of every unit."""
    shape = first("normalized_shape", context.channels)
    build = Build("nn.LayerNorm", _affine(context, shape, name="elementwise_affine"))
    moved = "{module}({0}.movedim(1, -1)).movedim(-1, 1)"
    return Part(build, PLAIN if context.is_vector else moved)


def scale(context: Context) -> Part:
    """A learned factor per channel."""
    arguments = (first("channels", context.channels), argument("bias", context.kind.bias, True))
    return Part(Build("Scale", arguments), PLAIN, "scale")


def lrn(context: Context) -> Part:
    """Local response normalization."""
    kind = context.kind
    return Part(
        Build(
            "nn.LocalResponseNorm",
            (
                first("size", int(kind.size)),
                argument("alpha", float(kind.alpha), 0.0001),
                argument("beta", float(kind.beta), 0.75),
                argument("k", float(kind.k), 1.0),
            ),
        )
    )


def prelu(context: Context) -> Part:
    """A rectifier with learned slopes."""
    count = context.channels if context.kind.per_channel else 1
    return Part(Build("nn.PReLU", (argument("num_parameters", count, 1),)))


def plain(module: str, **kept: Any) -> Callable[[Context], Part]:
    """A module whose attributes are numbers or words that change no figure, with their defaults."""

    def made(context: Context) -> Part:
        arguments = []
        for name, default in kept.items():
            given = getattr(context.kind, name)
            given = given if isinstance(given, (str, bool)) else float(given)
            arguments.append(argument(name, given, default))
        return Part(Build(module, tuple(arguments)))

    return made


def softmax(module: str) -> Callable[[Context], Part]:
    """Softmax over the channels."""
    return lambda context: Part(Build(module, (argument("dim", 1),)))


def function(context: Context) -> Part:
    """A function of every number: PyTorch's of that name, or a placeholder for it."""
    operator = context.kind.operator
    known = FUNCTIONS.get(str(operator).lower())
    if known is None:
        return Part(Build("nn.Identity"), PLAIN, note=f"stands for the function {operator}")
    if known.startswith("nn."):
        return Part(Build(known.removesuffix("()")))
    return Part(None, f"{known}({{0}})")


def merge(sign: str) -> Callable[[Context], Part]:
    """Inputs joined by an operator."""
    return lambda context: Part(
        None, f" {sign} ".join(f"{{{place}}}" for place in range(len(context.report.in_shapes)))
    )


def maximum(context: Context) -> Part:
    """The largest of the inputs, number by number."""
    text = "{0}"
    for place in range(1, len(context.report.in_shapes)):
        text = f"torch.maximum({text}, {{{place}}})"
    return Part(None, text)


def concat(context: Context) -> Part:
    """Channels joined."""
    return Part(None, "torch.cat([{all}], dim=1)")


def channels(context: Context) -> Part:
    """A range of the channels."""
    start, end = context.kind.channels
    return Part(None, f"{{0}}[:, {start or ''}:{end}]")


def channel_shuffle(context: Context) -> Part:
    """Groups of channels interleaved."""
    groups = context.kind.groups
    if context.is_vector:
        return Part(None, f"{{0}}.unflatten(1, ({groups}, -1)).transpose(1, 2).flatten(1)")
    return Part(Build("nn.ChannelShuffle", (first("groups", groups),)))


def window(context: Context) -> Part:
    """A window of unknown weights: refused."""
    raise context.refuse(
        "PyTorch needs to know what a window computes and its channels; "
        "give the layer a type such as conv or max_pool"
    )


def unknown(context: Context) -> Part:
    """An operator that was passed on: refused."""
    operator = literal(context.kind.operator or "?")
    raise context.refuse(
        f"nothing is known of its operator {operator}, so there is no module for it"
    )


KINDS: dict[str, Callable[[Context], Part]] = {
    **WINDOWS,
    **POOLS,
    "linear": linear,
    "flatten": flatten,
    "reshape": reshape,
    "batch_norm": batch_norm,
    "instance_norm": instance_norm,
    "group_norm": group_norm,
    "layer_norm": layer_norm,
    "scale": scale,
    "lrn": lrn,
    "prelu": prelu,
    "identity": plain("nn.Identity"),
    "dropout": plain("nn.Dropout", p=0.5),
    "relu": plain("nn.ReLU"),
    "relu6": plain("nn.ReLU6"),
    "leaky_relu": plain("nn.LeakyReLU", negative_slope=0.01),
    "elu": plain("nn.ELU", alpha=1.0),
    "gelu": plain("nn.GELU", approximate="none"),
    "silu": plain("nn.SiLU"),
    "mish": plain("nn.Mish"),
    "sigmoid": plain("nn.Sigmoid"),
    "hard_sigmoid": plain("nn.Hardsigmoid"),
    "hard_swish": plain("nn.Hardswish"),
    "tanh": plain("nn.Tanh"),
    "softmax": softmax("nn.Softmax"),
    "log_softmax": softmax("nn.LogSoftmax"),
    "function": function,
    "add": merge("+"),
    "mul": merge("*"),
    "maximum": maximum,
    "concat": concat,
    "slice": channels,
    "channel_shuffle": channel_shuffle,
    "window": window,
    "unknown": unknown,
}


def part(context: Context) -> Part:
    """What a layer is in PyTorch code; a kind that PyTorch has nothing for is refused."""
    made = KINDS.get(context.report.type)
    if made is None:
        raise context.refuse(f"there is no PyTorch module for type {context.report.type}")
    return made(context)
