"""PyTorch's equivalent of one layer of a network description.

The layers are the dicts that the oracle takes. What PyTorch has no module for (asymmetric
padding, crops, shuffles in other than two dimensions) is built of its tensor functions.
"""

import pytest
from oracle_windows import along, explicit_padding, reach, sliding_padding, split

torch = pytest.importorskip("torch", reason="the differential tests need PyTorch")
nn, functional = torch.nn, torch.nn.functional

ACTIVATIONS = {
    "relu": nn.ReLU,
    "relu6": nn.ReLU6,
    "leaky_relu": nn.LeakyReLU,
    "elu": nn.ELU,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "mish": nn.Mish,
    "sigmoid": nn.Sigmoid,
    "hard_sigmoid": nn.Hardsigmoid,
    "hard_swish": nn.Hardswish,
    "tanh": nn.Tanh,
    "dropout": nn.Dropout,
    "identity": nn.Identity,
    "flatten": nn.Flatten,
}


def each_axis(layer, name, axes, default):
    """An attribute as a tuple with one value per axis."""
    return tuple(along(layer.get(name, default), axis) for axis in range(axes))


def flat_padding(pairs):
    """(before, after) pairs in the order of functional.pad: last axis first."""
    return [amount for pair in reversed(pairs) for amount in pair]


def module_of(family, axes):
    """nn.Conv2d for ("Conv", 2) and so on."""
    return getattr(nn, f"{family}{axes}d")


class Padded(nn.Module):
    """A module after explicit padding of its input; `amount` may be negative to crop."""

    def __init__(self, amount, module, value=0.0):
        super().__init__()
        self.amount, self.module, self.value = amount, module, value

    def forward(self, x):
        return self.module(functional.pad(x, self.amount, value=self.value))


class Function(nn.Module):
    """A module without parameters from a function of one tensor."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


class Scale(nn.Module):
    """A learned factor per channel, and a shift unless left out: Caffe's Scale."""

    def __init__(self, channels, bias):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels)) if bias else None

    def forward(self, x):
        return x * self.weight.reshape(-1, *(1,) * (x.dim() - 2))


def paddings(layer, sizes):
    """(before, after) per axis of a sliding window over this input."""
    return [sliding_padding(layer, axis, size) for axis, size in enumerate(sizes)]


def with_padding(pairs, build, value=0.0):
    """build(padding) with the module's own padding where it is symmetric, else padded before."""
    if all(before == after for before, after in pairs):
        return build(tuple(before for before, _ in pairs))
    return Padded(flat_padding(pairs), build(0), value)


def conv(layer, shape):
    """Convolution, depthwise or not."""
    axes, depthwise = len(shape) - 1, layer["type"] == "depthwise_conv"
    channels = shape[0]
    out = channels * layer.get("multiplier", 1) if depthwise else layer["out_channels"]

    def build(padding):
        return module_of("Conv", axes)(
            channels,
            out,
            each_axis(layer, "kernel_size", axes, None),
            each_axis(layer, "stride", axes, 1),
            padding,
            each_axis(layer, "dilation", axes, 1),
            channels if depthwise else layer.get("groups", 1),
            layer.get("bias", True),
        )

    return with_padding(paddings(layer, shape[1:]), build)


def conv_transpose(layer, shape):
    """Transposed convolution: PyTorch's own, or the full one cropped for uneven padding."""
    axes, value = len(shape) - 1, layer.get("padding", 0)
    kernel, stride, dilation = (
        each_axis(layer, name, axes, 1) for name in ("kernel_size", "stride", "dilation")
    )
    extra = each_axis(layer, "output_padding", axes, 0)

    def build(padding, extra):
        groups, bias = layer.get("groups", 1), layer.get("bias", True)
        return module_of("ConvTranspose", axes)(
            shape[0], layer["out_channels"], kernel, stride, padding, extra, groups, bias, dilation
        )

    if value in ("same", "same_lower"):
        extents = [reach(*each) for each in zip(kernel, dilation, strict=True)]
        pairs = [split(max(e - s, 0), value) for e, s in zip(extents, stride, strict=True)]
        extra = tuple(max(s - e, 0) for e, s in zip(extents, stride, strict=True))
    elif value == "valid":
        pairs = [(0, 0)] * axes
    else:
        pairs = [explicit_padding(value, axis) for axis in range(axes)]
    if all(before == after for before, after in pairs):
        return build(tuple(before for before, _ in pairs), extra)
    cut = [(-before, more - after) for (before, after), more in zip(pairs, extra, strict=True)]
    full = build(0, 0)
    return nn.Sequential(full, Function(lambda x: functional.pad(x, flat_padding(cut))))


def pool(layer, shape):
    """Max or average pool; a max pool's indices are kept for its unpooling."""
    axes = len(shape) - 1
    kernel = each_axis(layer, "kernel_size", axes, None)
    stride = each_axis(layer, "stride", axes, layer["kernel_size"])
    ceil = layer.get("ceil_mode", False)

    def build(padding):
        # AvgPool3d alone refuses a window larger than the input before padding
        if layer["type"] == "avg_pool" and axes < 3:
            return module_of("AvgPool", axes)(kernel, stride, padding, ceil)
        dilation, indices = each_axis(layer, "dilation", axes, 1), layer["type"] == "max_pool"
        return module_of("MaxPool", axes)(kernel, stride, padding, dilation, indices, ceil)

    return with_padding(paddings(layer, shape[1:]), build, -1e9)


def upsample(layer, shape, trace):
    """Interpolation; linear modes by number of axes."""
    axes, mode = len(shape) - 1, layer.get("mode", "nearest")
    options = {"mode": mode}
    if mode not in ("nearest", "bicubic"):
        options["mode"] = {1: "linear", 2: "bilinear", 3: "trilinear"}[axes]
    if mode != "nearest":
        options["align_corners"] = layer.get("align_corners", False)
    if "scale_factor" in layer:
        options["scale_factor"] = tuple(map(float, each_axis(layer, "scale_factor", axes, None)))
    elif "like" in layer:
        options["size"] = trace.layers[layer["like"]].shape[1:]
    else:
        options["size"] = each_axis(layer, "size", axes, None)
    return Function(lambda x: functional.interpolate(x, **options))


def crop(layer, shape, trace):
    """Slices of the spatial axes."""
    axes = len(shape) - 1
    if "like" in layer:
        sizes = trace.layers[layer["like"]].shape[1:]
        starts = each_axis(layer, "offset", axes, 0)
        spans = [slice(start, start + size) for start, size in zip(starts, sizes, strict=True)]
    else:
        pairs = [explicit_padding(layer["amount"], axis) for axis in range(axes)]
        spans = [slice(b, n - a) for (b, a), n in zip(pairs, shape[1:], strict=True)]
    return Function(lambda x: x[(slice(None), slice(None), *spans)])


def pad(layer, shape, _trace=None):
    """Zero padding."""
    pairs = [explicit_padding(layer["padding"], axis) for axis in range(len(shape) - 1)]
    return Function(lambda x: functional.pad(x, flat_padding(pairs)))


def pixel_shuffle(layer, shape):
    """Channels into space, on any number of axes."""
    factor, axes = layer["factor"], len(shape) - 1

    def run(x):
        blocks = x.reshape(1, -1, *(factor,) * axes, *shape[1:])
        order = [place for axis in range(axes) for place in (2 + axes + axis, 2 + axis)]
        return blocks.permute(0, 1, *order).reshape(1, -1, *(size * factor for size in shape[1:]))

    return Function(run)


def space_to_depth(layer, shape):
    """Space into channels, on any number of axes."""
    factor, axes = layer["factor"], len(shape) - 1

    def run(x):
        split_sizes = [part for size in shape[1:] for part in (size // factor, factor)]
        blocks = x.reshape(1, shape[0], *split_sizes)
        order = [*range(3, 2 + 2 * axes, 2), *range(2, 2 + 2 * axes, 2)]
        return blocks.permute(0, 1, *order).reshape(1, -1, *split_sizes[::2])

    return Function(run)


def norm(layer, shape):
    """A normalization; over a single unit PyTorch refuses to run some, which change no shape."""
    kind, axes, channels = layer["type"], max(len(shape) - 1, 1), shape[0]
    affine = layer.get("affine", kind != "instance_norm")
    if kind == "batch_norm":
        return module_of("BatchNorm", axes)(channels, affine=affine)
    if kind == "group_norm":
        return nn.GroupNorm(layer["num_groups"], channels, affine=affine)
    if kind == "layer_norm":
        return nn.LayerNorm(channels, elementwise_affine=affine)
    if kind == "instance_norm":
        return module_of("InstanceNorm", axes)(channels, affine=affine)
    if kind == "scale":
        return Scale(channels, layer.get("bias", True))
    return nn.LocalResponseNorm(layer.get("size", 5))


NORMS = ("batch_norm", "group_norm", "layer_norm", "instance_norm", "scale", "lrn")


def build_plain(layer, shape):
    """Kinds that need neither the trace nor a window over the input."""
    kind, axes = layer["type"], len(shape) - 1
    if kind in NORMS:
        return norm(layer, shape)
    if kind in ACTIVATIONS:
        return ACTIVATIONS[kind]()
    if kind in ("softmax", "log_softmax"):
        return nn.Softmax(1) if kind == "softmax" else nn.LogSoftmax(1)
    if kind == "prelu":
        return nn.PReLU(shape[0] if layer.get("per_channel", False) else 1)
    if kind == "linear":
        elements = torch.Size(shape).numel()
        linear = nn.Linear(elements, layer["out_features"], layer.get("bias", True))
        return nn.Sequential(nn.Flatten(), linear)
    if kind == "slice":
        return Function(lambda x: x[:, slice(*layer["channels"])])
    if kind == "channel_shuffle":
        return Function(
            lambda x: x.unflatten(1, (layer["groups"], -1)).transpose(1, 2).flatten(1, 2)
        )
    family = "AdaptiveAvgPool" if "avg" in kind else "AdaptiveMaxPool"
    size = 1 if kind.startswith("global") else each_axis(layer, "output_size", axes, None)
    return module_of(family, axes)(size)


WINDOWED = {
    "conv": conv,
    "depthwise_conv": conv,
    "conv_transpose": conv_transpose,
    "max_pool": pool,
    "avg_pool": pool,
    "pixel_shuffle": pixel_shuffle,
    "space_to_depth": space_to_depth,
}
RELATIVE = {"upsample": upsample, "crop": crop, "pad": pad}


def build(layer, shape, trace):
    """The module of one layer that reads one map of this shape."""
    if layer["type"] in RELATIVE:
        return RELATIVE[layer["type"]](layer, shape, trace)
    return WINDOWED.get(layer["type"], build_plain)(layer, shape)
