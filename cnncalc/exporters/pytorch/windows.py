"""Convolutions, resizing, shuffles and pools of regions as PyTorch modules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...arithmetic import Pair, dilated_kernel
from ..python_code import literal
from .build import Argument, Build
from .part import PLAIN, Context, Part, argument, first, once

Pairs = tuple[tuple[int, int], ...]

REGION_CLASSES = {"roi_pool": "RegionPool", "roi_align": "RegionAlign"}
PADS = {
    "reflect": "ReflectionPad",
    "replicate": "ReplicationPad",
    "edge": "ReplicationPad",
    "circular": "CircularPad",
    "wrap": "CircularPad",
}


def pairs_of(context: Context, padding: tuple[Pair, ...] | None) -> Pairs:
    """Padding before and after per axis, refused where it is unknown."""
    numbers = tuple(number for pair in padding or ((None, None),) for number in pair)
    known = context.known(numbers, "padding")
    return tuple(zip(known[::2], known[1::2]))


def _flat(pairs: Pairs) -> tuple[int, ...]:
    """Pairs per axis as F.pad takes them: the last axis first."""
    return tuple(number for pair in reversed(pairs) for number in pair)


def padded(pairs: Pairs, text: str = "{0}", value: str = "") -> str:
    """The expression of an input padded by pairs; negative ones cut."""
    told = f", value={value}" if value else ""
    return f"F.pad({text}, {literal(_flat(pairs))}{told})"


def is_even(pairs: Pairs) -> bool:
    """Whether padding is alike on both sides of every axis."""
    return all(before == after for before, after in pairs)


def conv(context: Context) -> Part:
    """A convolution; padding that differs by side is added before it."""
    padding, forward = _padding(context)
    return Part(_convolution(context, "Conv", argument("padding", padding, 0)), forward)


def _convolution(context: Context, family: str, *padding: Argument) -> Build:
    """The module of a convolution, plain or transposed."""
    kind = context.kind
    out_channels = context.known(context.report.out_shape[:1], "number of output channels")[0]
    arguments = (
        first("in_channels", context.channels),
        first("out_channels", out_channels),
        argument("kernel_size", once(kind.kernel_size)),
        argument("stride", once(kind.stride), 1),
        *padding,
        argument("dilation", once(kind.dilation), 1),
        argument("groups", context.known((context.report.groups,), "number of groups")[0], 1),
        argument("bias", kind.bias, True),
    )
    return Build(context.module(family), arguments)


def _padding(context: Context) -> tuple[Any, str]:
    """The module's own padding, and the expression with what it cannot add itself."""
    kind = context.kind
    if kind.padding == "same" and set(kind.stride) == {1}:
        return "same", PLAIN
    pairs = pairs_of(context, context.report.padding)
    if is_even(pairs):
        return once([before for before, _ in pairs]), PLAIN
    return 0, f"{{module}}({padded(pairs)})"


def conv_transpose(context: Context) -> Part:
    """A transposed convolution; what PyTorch's padding cannot take off is cut behind it."""
    kind = context.kind
    pairs = pairs_of(context, context.report.padding)
    extents = [dilated_kernel(*axis) for axis in zip(kind.kernel_size, kind.dilation)]
    extra = list(kind.output_padding)
    if kind.padding in ("same", "same_lower"):
        extra = [max(stride - extent, 0) for stride, extent in zip(kind.stride, extents)]
    # Padding p with output padding o takes p off before and p − o after.
    after = [more + before - last for (before, last), more in zip(pairs, extra)]
    bounds = map(max, kind.stride, kind.dilation)
    padding, forward = [before for before, _ in pairs], PLAIN
    if not all(0 <= more < bound for more, bound in zip(after, bounds)):
        cut = tuple((-before, more - last) for (before, last), more in zip(pairs, extra))
        padding, after, forward = [0] * len(pairs), [0] * len(pairs), padded(cut, PLAIN)
    own = argument("padding", once(padding), 0), argument("output_padding", once(after), 0)
    return Part(_convolution(context, "ConvTranspose", *own), forward)


def upsample(context: Context) -> Part:
    """Resizing, by a factor, to a size or to that of another layer."""
    kind = context.kind
    mode = {"linear": "bilinear", "trilinear": "bilinear"}.get(kind.mode, kind.mode)
    if mode == "bicubic" and context.axes != 2:
        raise context.refuse(f"PyTorch resizes bicubically along 2 axes, not {context.axes}")
    if mode == "bilinear":
        mode = {1: "linear", 2: "bilinear", 3: "trilinear"}[context.axes]
    options = [
        argument("mode", mode, "nearest"),
        argument("align_corners", kind.align_corners, False),
    ]
    if kind.like is not None:
        corners = ", align_corners=True" if kind.align_corners else ""
        return Part(None, f'F.interpolate({{0}}, size={{like}}.shape[2:], mode="{mode}"{corners})')
    if kind.scale_factor is not None and _scales(context):
        factors = [top if under == 1 else top / under for top, under in kind.scale_factor]
        return Part(Build("nn.Upsample", (argument("scale_factor", once(factors)), *options)))
    size = context.known(context.report.out_shape[1:], "output size")
    return Part(Build("nn.Upsample", (argument("size", once(size)), *options)))


def _scales(context: Context) -> bool:
    """Whether the factor as PyTorch has it, a double, gives the size that it gives exactly."""
    sizes, outputs = context.report.in_shape[1:], context.report.out_shape[1:]
    for size, output, (top, under) in zip(sizes, outputs, context.kind.scale_factor):
        if under != 1 and (size is None or int(size * (top / under)) != output):
            return False
    return True


def pad(context: Context) -> Part:
    """Units around a map."""
    kind = context.kind
    amounts = first("padding", once(_flat(kind.padding)))
    if kind.mode in PADS:
        return Part(Build(context.module(PADS[kind.mode]), (amounts,)))
    if kind.mode != "constant":
        raise context.refuse(f"PyTorch has no padding of mode {kind.mode!r}")
    if kind.value:
        value = argument("value", kind.value)
        return Part(Build(context.module("ConstantPad"), (amounts, value)))
    return Part(Build(context.module("ZeroPad"), (amounts,)))


def crop(context: Context) -> Part:
    """Units taken off a map's sides."""
    kind = context.kind
    if kind.like is None:
        ranges = [f"{before or ''}:{-after if after else ''}" for before, after in kind.amount]
        return Part(None, f"{{0}}[:, :, {', '.join(ranges)}]")
    ranges = []
    for axis, start in enumerate(kind.offset):
        end = f"{{like}}.shape[{axis + 2}]"
        ranges.append(f"{start}:{start} + {end}" if start else f":{end}")
    return Part(None, f"{{0}}[:, :, {', '.join(ranges)}]")


def pixel_shuffle(context: Context) -> Part:
    """Channels moved into space; a function of its own in other than two dimensions."""
    return _shuffled(context, "nn.PixelShuffle", "upscale_factor", "pixel_shuffle")


def space_to_depth(context: Context) -> Part:
    """Space moved into channels; a function of its own in other than two dimensions."""
    return _shuffled(context, "nn.PixelUnshuffle", "downscale_factor", "space_to_depth")


def _shuffled(context: Context, module: str, name: str, function: str) -> Part:
    factor = context.kind.factor
    if context.axes == 2:
        return Part(Build(module, (first(name, factor),)))
    return Part(None, f"{function}({{0}}, {factor})", function)


def regions(function: str) -> Callable[[Context], Part]:
    """Regions of interest pooled, with a placeholder for the regions."""

    def made(context: Context) -> Part:
        kind = context.kind
        scale: Any = kind.spatial_scale
        strides = set(context.stride)
        if scale == 1 and len(strides) == 1 and None not in strides:
            scale = 1 / strides.pop()
        arguments = (
            argument("output_size", once(kind.output_size)),
            argument("spatial_scale", scale, 1),
            argument("regions", kind.regions, 1),
        )
        return Part(Build(REGION_CLASSES[function], arguments), PLAIN, function)

    return made


WINDOWS: dict[str, Callable[[Context], Part]] = {
    "conv": conv,
    "depthwise_conv": conv,
    "conv_transpose": conv_transpose,
    "upsample": upsample,
    "pad": pad,
    "crop": crop,
    "pixel_shuffle": pixel_shuffle,
    "space_to_depth": space_to_depth,
    "roi_pool": regions("roi_pool"),
    "roi_align": regions("roi_align"),
}
