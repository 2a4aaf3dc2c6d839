"""Convolutions, resizing, shuffles and pools of regions as PyTorch modules."""

from __future__ import annotations

from ...arithmetic import dilated_kernel
from ...layers.attributes import Pairs
from ..layer_context import by_type
from ..python_code import literal, once
from .constructor_calls import Argument, Build, positional
from .layer_code import PLAIN, TorchCode, TorchContext, Writer

REGION_CLASSES = {"roi_pool": "RegionPool", "roi_align": "RegionAlign"}
PADS = {
    "reflect": "ReflectionPad",
    "replicate": "ReplicationPad",
    "edge": "ReplicationPad",
    "circular": "CircularPad",
    "wrap": "CircularPad",
}


def _last_axis_first(pairs: Pairs) -> tuple[int, ...]:
    """Pairs per axis as F.pad takes them."""
    return tuple(number for pair in reversed(pairs) for number in pair)


def padding_call(pairs: Pairs, text: str = "{0}", value: str = "") -> str:
    """The expression of an input padded by pairs; negative ones cut."""
    more = f", value={value}" if value else ""
    return f"F.pad({text}, {literal(_last_axis_first(pairs))}{more})"


def is_even(pairs: Pairs) -> bool:
    """Whether padding is alike on both sides of every axis."""
    return all(before == after for before, after in pairs)


def conv(context: TorchContext) -> TorchCode:
    """A convolution; padding that differs by side is added before it."""
    forward = PLAIN
    own: int | tuple[int, ...] | str = "same"
    if context.kind.padding != "same" or set(context.kind.stride) != {1}:
        pairs = context.padding
        own = once([before for before, _ in pairs])
        if not is_even(pairs):
            own, forward = 0, f"{{module}}({padding_call(pairs)})"
    return TorchCode(_convolution(context, "Conv", Argument("padding", own, 0)), forward)


def _convolution(context: TorchContext, family: str, *padding: Argument) -> Build:
    """The module of a convolution, plain or transposed."""
    kind = context.kind
    out_channels = positional("out_channels", context.out_channels)
    arguments = (
        positional("in_channels", context.channels),
        out_channels,
        Argument("kernel_size", once(kind.kernel_size)),
        Argument("stride", once(kind.stride), 1),
        *padding,
        Argument("dilation", once(kind.dilation), 1),
        Argument("groups", context.require((context.report.groups,), "number of groups")[0], 1),
        Argument("bias", kind.bias, True),
    )
    return Build(context.module(family), arguments)


def conv_transpose(context: TorchContext) -> TorchCode:
    """A transposed convolution; what PyTorch's padding cannot take off is cut behind it."""
    kind = context.kind
    pairs = context.padding
    extra = list(kind.output_padding)
    if kind.padding in ("same", "same_lower"):
        extents = map(dilated_kernel, kind.kernel_size, kind.dilation)
        extra = [max(stride - extent, 0) for stride, extent in zip(kind.stride, extents)]
    # Padding p with output padding o takes p off before and p − o after.
    after = [more + before - last for (before, last), more in zip(pairs, extra)]
    bounds = map(max, kind.stride, kind.dilation)
    padding, forward = [before for before, _ in pairs], PLAIN
    if not all(0 <= more < bound for more, bound in zip(after, bounds)):
        cut = tuple((-before, more - last) for (before, last), more in zip(pairs, extra))
        padding, after, forward = [0] * len(pairs), [0] * len(pairs), padding_call(cut, PLAIN)
    own = Argument("padding", once(padding), 0), Argument("output_padding", once(after), 0)
    return TorchCode(_convolution(context, "ConvTranspose", *own), forward)


def upsample(context: TorchContext) -> TorchCode:
    """Resizing, by a factor, to a size or to that of another layer."""
    kind = context.kind
    mode = {"linear": "bilinear", "trilinear": "bilinear"}.get(kind.mode, kind.mode)
    if mode == "bicubic" and context.axes != 2:
        raise context.refuse(f"PyTorch resizes bicubically along 2 axes, not {context.axes}")
    if mode == "bilinear":
        mode = {1: "linear", 2: "bilinear", 3: "trilinear"}[context.axes]
    if kind.like is not None:
        corners = ", align_corners=True" if kind.align_corners else ""
        text = f'F.interpolate({{0}}, size={{like}}.shape[2:], mode="{mode}"{corners})'
        return TorchCode(None, text)
    if kind.scale_factor is not None and _scales_exactly(context, kind.scale_factor):
        factors = [top if under == 1 else top / under for top, under in kind.scale_factor]
        extent = Argument("scale_factor", once(factors))
    else:
        extent = Argument(
            "size", once(context.require(context.report.out_shape[1:], "output size"))
        )
    corners_aligned = Argument("align_corners", kind.align_corners, False)
    return TorchCode(
        Build("nn.Upsample", (extent, Argument("mode", mode, "nearest"), corners_aligned))
    )


def _scales_exactly(context: TorchContext, factors: Pairs) -> bool:
    """Whether the factor as PyTorch has it, a double, gives the size that it gives exactly."""
    sizes, outputs = context.report.in_shape[1:], context.report.out_shape[1:]
    return all(
        under == 1 or (size is not None and int(size * (top / under)) == output)
        for size, output, (top, under) in zip(sizes, outputs, factors)
    )


def pad(context: TorchContext) -> TorchCode:
    """Units around a map."""
    kind = context.kind
    amounts = positional("padding", once(_last_axis_first(context.amounts)))
    if kind.mode in PADS:
        return TorchCode(Build(context.module(PADS[kind.mode]), (amounts,)))
    if kind.mode != "constant":
        raise context.refuse(f"PyTorch has no padding of mode {kind.mode!r}")
    if kind.value:
        value = Argument("value", kind.value)
        return TorchCode(Build(context.module("ConstantPad"), (amounts, value)))
    return TorchCode(Build(context.module("ZeroPad"), (amounts,)))


def crop(context: TorchContext) -> TorchCode:
    """Units taken off a map's sides."""
    kind = context.kind
    ranges = [f"{before or ''}:{-after if after else ''}" for before, after in kind.amount or ()]
    if kind.like is not None:
        for axis, start in enumerate(kind.offset, 2):
            end = f"{{like}}.shape[{axis}]"
            ranges.append(f"{start}:{start} + {end}" if start else f":{end}")
    return TorchCode(None, f"{{0}}[:, :, {', '.join(ranges)}]")


def shuffle(module: str, name: str, function: str) -> Writer:
    """Space and channels exchanged; a function of its own in other than two dimensions."""

    def write(context: TorchContext) -> TorchCode:
        factor = context.kind.factor
        if context.axes == 2:
            return TorchCode(Build(module, (positional(name, factor),)))
        return TorchCode(None, f"{function}({{0}}, {factor})", function)

    return write


def regions(context: TorchContext) -> TorchCode:
    """Regions of interest pooled, with a placeholder for the regions."""
    kind, type_name = context.kind, context.report.type
    scale = kind.spatial_scale
    stride, *others = set(context.in_stride)
    if scale == 1 and not others and stride is not None:
        scale = 1 / stride
    arguments = (
        Argument("output_size", once(kind.output_size)),
        Argument("spatial_scale", scale, 1),
        Argument("regions", kind.regions, 1),
    )
    return TorchCode(Build(REGION_CLASSES[type_name], arguments), PLAIN, type_name)


WINDOWS: dict[str, Writer] = {
    **by_type(conv, conv_transpose, upsample, pad, crop),
    "depthwise_conv": conv,
    "pixel_shuffle": shuffle("nn.PixelShuffle", "upscale_factor", "pixel_shuffle"),
    "space_to_depth": shuffle("nn.PixelUnshuffle", "downscale_factor", "space_to_depth"),
    "roi_pool": regions,
    "roi_align": regions,
}
