"""Convolutions, pools, resizing and shuffles as PyTorch modules."""

from __future__ import annotations

from typing import Any

from ...arithmetic import ceil_output_size, dilated_kernel
from ...layers.attributes import Pairs
from ...record import Record
from ..layer_context import by_type
from ..python_code import literal, once
from .constructor_calls import Argument, Build, positional
from .layer_code import PLAIN, TorchCode, TorchContext, Writer

LEAST = 'float("-inf")'
REGION_CLASSES = {"roi_pool": "RegionPool", "roi_align": "RegionAlign"}
PADS = {
    "reflect": "ReflectionPad",
    "replicate": "ReplicationPad",
    "edge": "ReplicationPad",
    "circular": "CircularPad",
    "wrap": "CircularPad",
}
# How much less than the map a padding must be.
SPARE = {"reflect": 1, "circular": 0, "wrap": 0}


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
    if context.kind.padding != "same" or set(context.geometry.stride) != {1}:
        pairs = context.padding
        own = once([before for before, _ in pairs])
        if not is_even(pairs):
            own, forward = 0, f"{{module}}({padding_call(pairs)})"
    return TorchCode(_convolution(context, "Conv", Argument("padding", own, 0)), forward)


def _convolution(context: TorchContext, family: str, *padding: Argument) -> Build:
    """The module of a convolution, plain or transposed."""
    geometry = context.geometry
    out_channels = positional("out_channels", context.out_channels)
    arguments = (
        positional("in_channels", context.channels),
        out_channels,
        Argument("kernel_size", once(geometry.kernel)),
        Argument("stride", once(geometry.stride), 1),
        *padding,
        Argument("dilation", once(geometry.dilation), 1),
        Argument("groups", context.require((context.report.groups,), "number of groups")[0], 1),
        Argument("bias", context.kind.bias, True),
    )
    return Build(context.module(family), arguments)


def conv_transpose(context: TorchContext) -> TorchCode:
    """A transposed convolution; what PyTorch's padding cannot take off is cut behind it."""
    pairs, extra = context.padding, list(context.kind.output_padding)
    kernel, stride, _, dilation = context.geometry
    if context.kind.padding in ("same", "same_lower"):
        extents = map(dilated_kernel, kernel, dilation)
        extra = [max(step - extent, 0) for step, extent in zip(stride, extents)]
    # Padding p with output padding o takes p off before and p − o after.
    after = [more + before - last for (before, last), more in zip(pairs, extra)]
    bounds = map(max, stride, dilation)
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
    mode = str(kind.mode)
    if mode in PADS:
        if mode in SPARE:
            context.check_padding_within(mode, SPARE[mode])
        return TorchCode(Build(context.module(PADS[mode]), (amounts,)))
    if mode != "constant":
        raise context.refuse(f"PyTorch has no padding of mode {mode!r}")
    number = context.number("value")
    if number:
        value = Argument("value", number)
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
    if context.axes != 2:
        raise context.refuse(f"PyTorch pools regions of maps of 2 axes, not {context.axes}")
    scale: Any = context.number("spatial_scale")
    stride, *others = set(context.in_stride)
    if scale == 1 and not others and stride is not None:
        scale = 1 / stride
    arguments = (
        Argument("output_size", once(kind.output_size)),
        Argument("spatial_scale", scale, 1),
        Argument("regions", kind.regions, 1),
        *(
            Argument(name, getattr(kind, name), default)
            for name, default in (("sampling_ratio", -1), ("aligned", False))
            if hasattr(kind, name)
        ),
    )
    return TorchCode(Build(REGION_CLASSES[type_name], arguments), PLAIN, type_name)


class PoolPadding(Record):
    """A pool's own padding on both sides, what is padded before it, and its rounding."""

    own: tuple[int, ...]
    before: Pairs
    ceil: bool


def max_pool(context: TorchContext) -> TorchCode:
    """A max pool; one that is undone later gives its indices."""
    padding = _pool_padding(context)
    if padding.before and context.undone:
        raise context.refuse(
            "PyTorch cannot undo a pool whose padding differs by side, or is over half its kernel"
        )
    options = [
        Argument("dilation", once(context.geometry.dilation), 1),
        Argument("return_indices", context.undone, False),
        Argument("ceil_mode", padding.ceil, False),
    ]
    return _pool(context, "MaxPool", padding, options, LEAST)


def avg_pool(context: TorchContext) -> TorchCode:
    """An average pool."""
    padding = _pool_padding(context, _is_too_wide(context))
    counts_padding = bool(context.kind.count_include_pad)
    if not counts_padding and any(map(any, padding.before)):
        raise context.refuse(
            "PyTorch's average pool cannot leave out padding that differs by side, or is over "
            "half its kernel; use count_include_pad: true, or padding alike on both sides"
        )
    options = [
        Argument("ceil_mode", padding.ceil, False),
        Argument("count_include_pad", counts_padding, True),
    ]
    return _pool(context, "AvgPool", padding, options, "")


def _pool(
    context: TorchContext, family: str, padding: PoolPadding, options: list[Argument], value: str
) -> TorchCode:
    kernel = once(context.geometry.kernel)
    arguments = (
        Argument("kernel_size", kernel),
        Argument("stride", once(context.geometry.stride), kernel),
        Argument("padding", once(padding.own), 0),
        *options,
    )
    reads = padding_call(padding.before, value=value) if padding.before else "{0}"
    build = Build(context.module(family), arguments)
    return TorchCode(build, f"{{module}}({reads})", pair=context.undone)


def _is_too_wide(context: TorchContext) -> bool:
    """Whether PyTorch refuses a pool by its kernel: an average pool on three axes, unpadded."""
    sizes = context.report.in_shape[1:]
    return context.axes == 3 and any(
        size is not None and size < kernel for size, kernel in zip(sizes, context.geometry.kernel)
    )


def _pool_padding(context: TorchContext, explicit: bool = False) -> PoolPadding:
    """Padding and rounding as PyTorch has them; what it has not is padded before the pool."""
    pairs, ceil_mode = context.padding, context.kind.ceil_mode
    own, none = tuple(before for before, _ in pairs), (0,) * len(pairs)
    fits = all(size <= k // 2 for size, k in zip(own, context.geometry.kernel))
    even = not explicit and fits and is_even(pairs)
    if even and isinstance(ceil_mode, bool):
        return PoolPadding(own, (), ceil_mode)
    if ceil_mode is False:
        return PoolPadding(none, pairs, False)
    sizes = context.require(context.report.in_shape[1:], "input size")
    outputs = context.require(context.report.out_shape[1:], "output size")
    kernel, stride, _, dilation = context.geometry
    windows = list(zip(map(dilated_kernel, kernel, dilation), stride))
    rounded = [
        ceil_output_size(size, extent, step, before, after)
        for size, (extent, step), (before, after) in zip(sizes, windows, pairs)
    ]
    if even and rounded == list(outputs):
        return PoolPadding(own, (), True)
    reaches = [(output - 1) * step + extent for output, (extent, step) in zip(outputs, windows)]
    wider = tuple(
        (before, max(reach - size - before, 0))
        for reach, size, (before, _) in zip(reaches, sizes, pairs)
    )
    return PoolPadding(none, wider, False)


def adaptive_pool(family: str, whole: bool = False) -> Writer:
    """A pool to a size; over the whole map to 1."""

    def write(context: TorchContext) -> TorchCode:
        size = 1 if whole else once(context.kind.output_size)
        if size is None:  # the input's: PyTorch takes it per axis, of one axis not at all
            own = (None,) * context.axes
            size = own if context.axes > 1 else once(context.in_sizes)
        return TorchCode(Build(context.module(family), (positional("output_size", size),)))

    return write


def max_unpool(context: TorchContext) -> TorchCode:
    """A max unpool, by the indices of the pool that it undoes."""
    geometry = context.geometry
    pairs = context.padding
    if set(geometry.dilation) != {1} or not is_even(pairs):
        raise context.refuse(
            "PyTorch undoes no pool with dilation, or padding that differs by side"
        )
    kernel = once(geometry.kernel)
    arguments = (
        Argument("kernel_size", kernel),
        Argument("stride", once(geometry.stride), kernel),
        Argument("padding", once([before for before, _ in pairs]), 0),
    )
    build = Build(context.module("MaxUnpool"), arguments)
    return TorchCode(build, "{module}({0}, {indices}, output_size={size})")


WINDOWS: dict[str, Writer] = {
    **by_type(conv, conv_transpose, upsample, pad, crop, max_pool, avg_pool, max_unpool),
    "depthwise_conv": conv,
    "pixel_shuffle": shuffle("nn.PixelShuffle", "upscale_factor", "pixel_shuffle"),
    "space_to_depth": shuffle("nn.PixelUnshuffle", "downscale_factor", "space_to_depth"),
    "roi_pool": regions,
    "roi_align": regions,
    "global_avg_pool": adaptive_pool("AdaptiveAvgPool", whole=True),
    "global_max_pool": adaptive_pool("AdaptiveMaxPool", whole=True),
    "adaptive_avg_pool": adaptive_pool("AdaptiveAvgPool"),
    "adaptive_max_pool": adaptive_pool("AdaptiveMaxPool"),
}
