"""Layers without windows as PyTorch modules and expressions, and the table of all kinds."""

from __future__ import annotations

from ..layer_context import by_type
from ..python_code import literal
from .constructor_calls import Argument, Build, positional
from .layer_code import PLAIN, TorchCode, TorchContext, Writer
from .tokens import TOKENS
from .windows import WINDOWS

EPS, MOMENTUM = 1e-05, 0.1
# Inputs of a merge that are written into each other.
MOST_NESTED = 20
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


def linear(context: TorchContext) -> TorchCode:
    """A linear layer; a map is flattened before it."""
    features, length = context.require(context.report.weight_shape, "input's length")
    sizes = positional("in_features", length), positional("out_features", features)
    build = Build("nn.Linear", (*sizes, Argument("bias", context.kind.bias, True)))
    return TorchCode(build, PLAIN if context.is_vector else "{module}({0}.flatten(1))")


def reshape(context: TorchContext) -> TorchCode:
    """The same numbers under another shape."""
    shape = context.require(context.report.out_shape, "shape")
    return TorchCode(None, f"{{0}}.reshape(-1, {', '.join(map(str, shape))})")


def _number(context: TorchContext, name: str, default: float) -> Argument:
    return Argument(name, context.number(name), default)


def _running(context: TorchContext, default: bool) -> tuple[Argument, ...]:
    eps, tracks = context.number("eps"), context.kind.track_running_stats
    if eps < 0 or (eps == 0 and not tracks):
        raise context.refuse(f"PyTorch takes no eps {eps:g} here; give one over 0, such as 0.00001")
    whole = context.kind.momentum is None  # an average of all batches
    return (
        positional("num_features", context.channels),
        _number(context, "eps", EPS),
        Argument("affine", context.kind.affine, default),
        *([Argument("momentum", None)] if whole else [_number(context, "momentum", MOMENTUM)]),
        Argument("track_running_stats", tracks, default),
    )


def batch_norm(context: TorchContext) -> TorchCode:
    """Batch normalization."""
    family = "nn.BatchNorm1d" if context.is_vector else context.module("BatchNorm")
    return TorchCode(Build(family, _running(context, True)))


def instance_norm(context: TorchContext) -> TorchCode:
    """Instance normalization."""
    if context.is_vector:
        raise context.refuse("PyTorch normalizes instances of maps, not of a vector")
    if not context.kind.track_running_stats and set(context.report.in_shape[1:]) == {1}:
        raise context.refuse("PyTorch normalizes no map of a single unit; leave the layer out")
    return TorchCode(Build(context.module("InstanceNorm"), _running(context, False)))


def group_norm(context: TorchContext) -> TorchCode:
    """Group normalization."""
    groups = positional("num_groups", context.kind.num_groups)
    if set(context.report.in_shape[1:]) <= {1} and context.channels == context.kind.num_groups:
        raise context.refuse("PyTorch normalizes no group of a single number; leave the layer out")
    channels = positional("num_channels", context.channels)
    options = _number(context, "eps", EPS), Argument("affine", context.kind.affine, True)
    return TorchCode(Build("nn.GroupNorm", (groups, channels, *options)))


def layer_norm(context: TorchContext) -> TorchCode:
    """Layer normalization over the channels of every unit."""
    shape = positional("normalized_shape", context.channels)
    affine = Argument("elementwise_affine", context.kind.affine, True)
    build = Build("nn.LayerNorm", (shape, _number(context, "eps", EPS), affine))
    moved = "{module}({0}.movedim(1, -1)).movedim(-1, 1)"
    return TorchCode(build, PLAIN if context.is_vector else moved)


def scale(context: TorchContext) -> TorchCode:
    """A learned factor per channel."""
    arguments = positional("channels", context.channels), Argument("bias", context.kind.bias, True)
    return TorchCode(Build("Scale", arguments), PLAIN, "scale")


def lrn(context: TorchContext) -> TorchCode:
    """Local response normalization."""
    defaults = {"alpha": 0.0001, "beta": 0.75, "k": 1.0}
    size = positional("size", context.count("size"))
    options = (_number(context, name, default) for name, default in defaults.items())
    forward = "{module}({0}.unsqueeze(2)).squeeze(2)" if context.is_vector else PLAIN
    return TorchCode(Build("nn.LocalResponseNorm", (size, *options)), forward)


def prelu(context: TorchContext) -> TorchCode:
    """A rectifier with learned slopes."""
    count = context.channels if context.kind.per_channel else 1
    return TorchCode(Build("nn.PReLU", (Argument("num_parameters", count, 1),)))


def module(name: str, **defaults: float) -> Writer:
    """A module whose attributes are numbers that change no figure, with their defaults."""

    def write(context: TorchContext) -> TorchCode:
        arguments = tuple(_number(context, *default) for default in defaults.items())
        return TorchCode(Build(name, arguments))

    return write


def overwriting(name: str, **defaults: float) -> Writer:
    """A module that may write over what it reads, and numbers that change no figure."""

    def write(context: TorchContext) -> TorchCode:
        arguments = tuple(_number(context, *default) for default in defaults.items())
        return TorchCode(Build(name, (*arguments, _in_place(context))))

    return write


def _in_place(context: TorchContext) -> Argument:
    return Argument("inplace", context.kind.is_in_place, False)


def dropout(context: TorchContext) -> TorchCode:
    """Dropout."""
    rate = Argument("p", context.probability, 0.5)
    return TorchCode(Build("nn.Dropout", (rate, _in_place(context))))


def gelu(context: TorchContext) -> TorchCode:
    """GELU, at times approximated."""
    how = Argument("approximate", context.approximation, "none")
    return TorchCode(Build("nn.GELU", (how,)))


def softmax(name: str) -> Writer:
    """Softmax over the channels, or another axis."""
    return lambda context: TorchCode(Build(name, (Argument("dim", context.softmax_axis),)))


def function(context: TorchContext) -> TorchCode:
    """A function of every number: PyTorch's of that name, or a placeholder for it."""
    operator = context.kind.operator
    known = FUNCTIONS.get(str(operator).lower())
    if known is None:
        return TorchCode(Build("nn.Identity"), note=f"stands for the function {operator}")
    if known.startswith("nn."):
        return TorchCode(Build(known.removesuffix("()")))
    return TorchCode(None, f"{known}({{0}})")


def merge(sign: str, name: str) -> Writer:
    """Inputs joined by an operator."""

    def write(context: TorchContext) -> TorchCode:
        count = len(context.report.in_shapes)
        if count > MOST_NESTED:
            return TorchCode(None, f"reduce({name}, [{{all}}])")
        return TorchCode(None, f" {sign} ".join(f"{{{place}}}" for place in range(count)))

    return write


def maximum(context: TorchContext) -> TorchCode:
    """The largest of the inputs, number by number."""
    if len(context.report.in_shapes) > MOST_NESTED:
        return TorchCode(None, "reduce(torch.maximum, [{all}])")
    text = "{0}"
    for place in range(1, len(context.report.in_shapes)):
        text = f"torch.maximum({text}, {{{place}}})"
    return TorchCode(None, text)


def channel_range(context: TorchContext) -> TorchCode:
    """A range of the channels."""
    start, end = context.kind.channels
    return TorchCode(None, f"{{0}}[:, {start or ''}:{end}]")


def channel_shuffle(context: TorchContext) -> TorchCode:
    """Groups of channels interleaved."""
    groups = context.kind.groups
    if context.is_vector:
        return TorchCode(None, f"{{0}}.unflatten(1, ({groups}, -1)).transpose(1, 2).flatten(1)")
    return TorchCode(Build("nn.ChannelShuffle", (positional("groups", groups),)))


def window(context: TorchContext) -> TorchCode:
    """A window of unknown weights: refused."""
    raise context.refuse(
        "PyTorch needs to know what a window computes and its channels; "
        "give the layer a type such as conv or max_pool"
    )


def unknown(context: TorchContext) -> TorchCode:
    """An operator that was passed on: refused."""
    operator = literal(context.kind.operator or "?")
    raise context.refuse(
        f"nothing is known of its operator {operator}, so there is no module for it"
    )


LAYERS: dict[str, Writer] = {
    **WINDOWS,
    **TOKENS,
    **by_type(linear, reshape, batch_norm, instance_norm, group_norm, layer_norm, scale, lrn),
    **by_type(prelu, function, maximum, channel_shuffle, window, unknown, dropout, gelu),
    "flatten": module("nn.Flatten"),
    "identity": module("nn.Identity"),
    "relu": overwriting("nn.ReLU"),
    "relu6": overwriting("nn.ReLU6"),
    "leaky_relu": overwriting("nn.LeakyReLU", negative_slope=0.01),
    "elu": overwriting("nn.ELU", alpha=1.0),
    "silu": overwriting("nn.SiLU"),
    "mish": overwriting("nn.Mish"),
    "sigmoid": module("nn.Sigmoid"),
    "hard_sigmoid": overwriting("nn.Hardsigmoid"),
    "hard_swish": overwriting("nn.Hardswish"),
    "tanh": module("nn.Tanh"),
    "softmax": softmax("nn.Softmax"),
    "log_softmax": softmax("nn.LogSoftmax"),
    "add": merge("+", "torch.add"),
    "mul": merge("*", "torch.mul"),
    "concat": lambda context: TorchCode(
        None, f"torch.cat([{{all}}], dim={1 + context.kind.place})"
    ),
    "slice": channel_range,
}


def torch_code(context: TorchContext) -> TorchCode:
    """What a layer is in PyTorch code; a kind that PyTorch has nothing for is refused."""
    writer = LAYERS.get(context.report.type)
    if writer is None:
        raise context.refuse(f"there is no PyTorch module for type {context.report.type}")
    return writer(context)
