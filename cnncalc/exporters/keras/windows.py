"""Layers with windows as Keras layers: paddings that Keras lacks are layers before or after."""

from __future__ import annotations

from typing import Any

from ...arithmetic import dilated_kernel, same_output_size, same_padding, split_padding
from ..layer_context import by_type
from ..python_code import once
from .layer_code import KerasContext, KerasStep, Writer, sides, unless

Sides = list[tuple[int, int]]


def _padding(context: KerasContext, pairs: Sides) -> KerasStep:
    return KerasStep(context.family("ZeroPadding"), (sides(pairs),), {}, "_pad")


def _is_same(context: KerasContext) -> bool:
    """Whether Keras' `same` pads as the layer does, whatever the size: always, or at stride 1."""
    if context.kind.padding == "same":
        return True
    kernel, stride, padding, dilation = context.geometry
    extents = map(dilated_kernel, kernel, dilation)
    alike = all(pair == split_padding(e - 1) for pair, e in zip(padding, extents))
    return set(stride) == {1} and alike


def _sliding(context: KerasContext, callee: str, *plain: Any, **more: Any) -> list[KerasStep]:
    """A convolution, and a padding before it where Keras has no word for it."""
    kernel, _, padding, _ = context.geometry
    _refuse_stride_with_dilation(context)
    context.require(context.report.in_shape[:1], "number of input channels")
    same = _is_same(context) and any(pair != (0, 0) for pair in padding)
    pairs = [] if same else list(context.padding)
    step = KerasStep(callee, (*plain, once(kernel)), _window_arguments(context, same, **more))
    return [_padding(context, pairs), step] if any(map(any, pairs)) else [step]


def _refuse_stride_with_dilation(context: KerasContext) -> None:
    _, stride, _, dilation = context.geometry
    if max(stride) > 1 and max(dilation) > 1:
        raise context.refuse("Keras takes no stride together with a dilation")


def _window_arguments(context: KerasContext, same: bool, **more: Any) -> dict[str, Any]:
    _, stride, _, dilation = context.geometry
    return {
        **unless(1, strides=once(stride)),
        **unless(False, padding="same" if same else False),
        **unless(1, dilation_rate=once(dilation)),
        **more,
        **unless(True, use_bias=context.kind.bias),
    }


def conv(context: KerasContext) -> list[KerasStep]:
    """A convolution."""
    groups = unless(1, groups=context.kind.groups)
    return _sliding(context, context.family("Conv"), context.out_channels, **groups)


def depthwise_conv(context: KerasContext) -> list[KerasStep]:
    """A depthwise convolution; where Keras has none, one with a group for every channel."""
    if context.axes < 3 and len(set(context.geometry.stride)) == 1:
        multiplier = unless(1, depth_multiplier=context.kind.multiplier)
        return _sliding(context, context.family("DepthwiseConv"), **multiplier)
    groups = context.channels
    return _sliding(context, context.family("Conv"), context.out_channels, groups=groups)


def conv_transpose(context: KerasContext) -> list[KerasStep]:
    """A transposed convolution; what Keras gives too much of is cropped after it."""
    kind = context.kind
    kernel, stride, padding, dilation = context.geometry
    if kind.groups != 1:
        raise context.refuse("Keras has no transposed convolution with groups")
    _refuse_stride_with_dilation(context)
    extents = list(map(dilated_kernel, kernel, dilation))
    totals = [max(e - s, 0) for e, s in zip(extents, stride)]
    halves = [split_padding(total) for total in totals]
    # Keras gives n·s units under same, (n − 1)·s + max(e, s) under valid.
    crops, same, whole = [], kind.padding == "same", kind.padding in ("same", "same_lower")
    for e, s, (before, after), more in zip(extents, stride, padding, kind.output_padding):
        crops.append((before, after - more + (0 if whole else max(s - e, 0))))
    same = same or (any(totals) and crops == halves)
    if not same and any(after < 0 for _, after in crops):
        raise context.refuse("its output_padding reaches further than Keras' transposed window")
    context.require(context.report.in_shape[:1], "number of input channels")
    plain = context.out_channels, once(kernel)
    callee = context.family("Conv", "Transpose")
    steps = [KerasStep(callee, plain, _window_arguments(context, same))]
    if not same and any(map(any, crops)):
        steps.append(KerasStep(context.family("Cropping"), (sides(crops),), {}, "_crop"))
    return steps


def _reach(context: KerasContext) -> Sides:
    """Padding per axis that the windows reach into, as rounding places them."""
    kernel, stride, padding, dilation = context.geometry
    if context.kind.ceil_mode is False:
        return list(context.padding)
    sizes = zip(context.in_sizes, context.out_sizes)
    reaches = []
    for (n, m), k, s, (before, _), d in zip(sizes, kernel, stride, padding, dilation):
        assert before is not None
        reaches.append((before, max((m - 1) * s + dilated_kernel(k, d) - n - before, 0)))
    return reaches


def _same_here(context: KerasContext, reaches: Sides) -> bool:
    """Whether Keras' `same` places the windows as they are, at this size of the input."""
    kernel, stride, _, _ = context.geometry
    pads = []
    sizes, outputs = context.report.in_shape[1:], context.report.out_shape[1:]
    for size, output, k, s in zip(sizes, outputs, kernel, stride):
        if size is None or same_output_size(size, s) != output:
            return False
        pads.append(split_padding(same_padding(size, k, s, 1)))
    return pads == reaches


def _pool(
    context: KerasContext, stem: str, padding: str = "", suffix: str = "", **window: Any
) -> KerasStep:
    kernel, stride, _, _ = context.geometry
    size, step = window.get("size", once(kernel)), window.get("stride", once(stride))
    named = {**unless(size, strides=step), **unless("", padding=padding)}
    return KerasStep(context.family(f"{stem}Pooling"), (size,), named, suffix)


def max_pool(context: KerasContext) -> list[KerasStep]:
    """A max pool: `same` where it places the windows alike, else zeros around what is ≥ 0."""
    kernel, _, _, dilation = context.geometry
    if max(dilation) > 1:
        raise context.refuse("Keras has no dilated pooling")
    if _is_same(context):
        return [_pool(context, "Max", "same" if max(kernel) > 1 else "")]
    reaches = _reach(context)
    if not any(map(any, reaches)):
        return [_pool(context, "Max")]
    if _same_here(context, reaches):
        return [_pool(context, "Max", "same")]
    if context.positive:
        return [_padding(context, reaches), _pool(context, "Max")]
    if all(pair == split_padding(k - 1) for pair, k in zip(reaches, kernel)):
        # A window at every unit, of which some are kept: nothing but the map is ever read.
        every = _pool(context, "Max", "same", "_window", stride=1)
        return [every, _pool(context, "Max", size=1)]
    raise context.refuse(
        f"Keras cannot place its windows, {reaches} beyond the map: what it reads may be below 0, "
        "where zeros around it would count; put the pool behind a relu"
    )


def avg_pool(context: KerasContext) -> list[KerasStep]:
    """An average pool; Keras' `same` averages over the map alone, zeros around it count."""
    if context.kind.padding == "same" and not context.kind.count_include_pad:
        return [_pool(context, "Average", "same")]
    padding = context.padding
    reaches = _reach(context)
    if any(reach[1] > pair[1] for reach, pair in zip(reaches, padding)):
        raise context.refuse(
            "Keras cannot average over windows that reach beyond the padding, "
            "as rounding up makes them; use ceil_mode: false"
        )
    if not any(map(any, reaches)):
        return [_pool(context, "Average")]
    if context.kind.count_include_pad:
        return [_padding(context, reaches), _pool(context, "Average")]
    if _is_same(context) or _same_here(context, reaches):
        return [_pool(context, "Average", "same")]
    raise context.refuse("Keras has no such padding that is left out of the average")


def global_pool(stem: str) -> Writer:
    """A pool over the whole map."""
    options = {"keepdims": True}
    return lambda context: [KerasStep(context.family(f"Global{stem}Pooling"), (), options)]


def adaptive_pool(stem: str) -> Writer:
    """A pool to a size, over the whole map where that is 1."""

    def write(context: KerasContext) -> list[KerasStep]:
        if set(context.out_sizes) == {1}:
            return global_pool(stem)(context)
        return [KerasStep(context.family(f"Adaptive{stem}Pooling"), (once(context.out_sizes),))]

    return write


def upsample(context: KerasContext) -> list[KerasStep]:
    """Resizing: by whole factors, or to a size."""
    kind = context.kind
    factors = _whole_factors(context)
    if kind.align_corners and context.report.in_shape[1:] != context.report.out_shape[1:]:
        if kind.mode == "bicubic":
            raise context.refuse("Keras has no cubic resizing that aligns corners; use bilinear")
        return [KerasStep("AlignedResizing", (context.out_sizes,))]
    smooth = kind.mode != "nearest"
    mode = "bilinear" if smooth and kind.mode != "bicubic" else kind.mode
    if (smooth or not factors) and context.axes != 2:
        raise context.refuse(f"Keras resizes so only along 2 axes, not {context.axes}")
    interpolation = {"interpolation": mode} if smooth else {}
    if factors:
        return [KerasStep(context.family("UpSampling"), (once(factors),), interpolation)]
    if not smooth:
        raise context.refuse("Keras' nearest takes other units than this one at broken factors")
    sizes = zip(context.in_sizes, context.out_sizes, kind.scale_factor or ())
    if any(n * top != m * bottom for n, m, (top, bottom) in sizes):
        raise context.refuse(
            "Keras resizes by the sizes' ratio, which is not the scale_factor here"
        )
    return [KerasStep("layers.Resizing", context.out_sizes, interpolation)]


def _whole_factors(context: KerasContext) -> list[int]:
    """Factors per axis, none where one is not whole."""
    factors = context.kind.scale_factor
    if factors is None:
        shapes = zip(context.report.in_shape[1:], context.report.out_shape[1:])
        factors = tuple((m, n) for n, m in shapes if n is not None and m is not None)
    if len(factors) < context.axes or any(top % bottom for top, bottom in factors):
        return []
    return [top // bottom for top, bottom in factors]


def pad(context: KerasContext) -> list[KerasStep]:
    """Zeros around the map."""
    kind = context.kind
    if kind.mode != "constant" or context.number("value"):
        raise context.refuse(f"Keras pads with zeros, not with {kind.mode} {kind.value}")
    return [KerasStep(context.family("ZeroPadding"), (sides(context.amounts),))]


def crop(context: KerasContext) -> list[KerasStep]:
    """Units taken off the map's sides."""
    amounts = context.kind.amount
    if amounts is None:
        sizes = zip(context.kind.offset, context.in_sizes, context.out_sizes)
        amounts = tuple((at, n - at - m) for at, n, m in sizes)
    return [KerasStep(context.family("Cropping"), (sides(amounts),))]


def shuffle(operation: str) -> Writer:
    """Space and channels exchanged; Keras has the channels in another order than PyTorch."""

    def write(context: KerasContext) -> list[KerasStep]:
        if context.axes != 2:
            raise context.refuse("Keras moves space and channels only along 2 axes")
        if context.kind.factor == 1:
            return [KerasStep("layers.Identity")]
        reads = f"keras.ops.{operation}({{0}}, {context.kind.factor})"
        return [KerasStep("layers.Identity", reads=reads)]

    return write


def channel_shuffle(context: KerasContext) -> list[KerasStep]:
    """Groups of channels interleaved."""
    channels, *sizes = context.require(context.report.in_shape, "shape")
    shape = (*sizes, channels)
    groups, last = context.kind.groups, len(shape)
    places = tuple(range(1, last))
    return [
        KerasStep("layers.Reshape", ((*sizes, groups, channels // groups),), {}, "_groups"),
        KerasStep("layers.Permute", ((*places, last + 1, last),), {}, "_swap"),
        KerasStep("layers.Reshape", (shape,)),
    ]


WINDOWS: dict[str, Writer] = {
    **by_type(conv, depthwise_conv, conv_transpose, max_pool, avg_pool),
    **by_type(upsample, pad, crop, channel_shuffle),
    "global_avg_pool": global_pool("Average"),
    "global_max_pool": global_pool("Max"),
    "adaptive_avg_pool": adaptive_pool("Average"),
    "adaptive_max_pool": adaptive_pool("Max"),
    "pixel_shuffle": shuffle("depth_to_space"),
    "space_to_depth": shuffle("space_to_depth"),
}
