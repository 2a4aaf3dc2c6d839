"""Layers with windows as Keras layers: paddings that Keras lacks are layers before or after."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...arithmetic import dilated_kernel, same_output_size, same_padding, split_padding
from .step import Context, Step, channels_last, once, sides, unless

Writer = Callable[[Context], list[Step]]
Sides = list[tuple[int, int]]


def _padded(context: Context, pairs: Sides) -> Step:
    return Step(context.family("ZeroPadding"), (sides(pairs),), {}, "_pad")


def _is_same(context: Context) -> bool:
    """Whether Keras' `same` pads as the layer does, whatever the size: always, or at stride 1."""
    if context.kind.padding == "same":
        return True
    kernel, stride, padding, dilation = context.geometry
    extents = map(dilated_kernel, kernel, dilation)
    alike = all(pair == split_padding(e - 1) for pair, e in zip(padding, extents))
    return set(stride) == {1} and alike


def _filters(context: Context) -> int:
    return context.known(context.report.out_shape[:1], "number of output channels")[0]


def _sliding(context: Context, callee: str, *plain: Any, **more: Any) -> list[Step]:
    """A convolution, and a padding before it where Keras has no word for it."""
    kernel, stride, padding, dilation = context.geometry
    _refuse_stride_with_dilation(context)
    context.known(context.report.in_shape[:1], "number of input channels")
    same = _is_same(context) and any(pair != (0, 0) for pair in padding)
    pairs = [] if same else [context.known(pair, "padding") for pair in padding]
    named = {
        **unless(1, strides=once(stride)),
        **unless(False, padding="same" if same else False),
        **unless(1, dilation_rate=once(dilation)),
        **more,
        **unless(True, use_bias=context.kind.bias),
    }
    step = Step(callee, (*plain, once(kernel)), named)
    if any(map(any, pairs)):
        return [_padded(context, [(before, after) for before, after in pairs]), step]
    return [step]


def _refuse_stride_with_dilation(context: Context) -> None:
    _, stride, _, dilation = context.geometry
    if max(stride) > 1 and max(dilation) > 1:
        raise context.refuse("Keras takes no stride together with a dilation")


def conv(context: Context) -> list[Step]:
    """A convolution."""
    groups = unless(1, groups=context.kind.groups)
    return _sliding(context, context.family("Conv"), _filters(context), **groups)


def depthwise_conv(context: Context) -> list[Step]:
    """A depthwise convolution; where Keras has none, one with a group for every channel."""
    if context.axes < 3 and len(set(context.geometry.stride)) == 1:
        multiplier = unless(1, depth_multiplier=context.kind.multiplier)
        return _sliding(context, context.family("DepthwiseConv"), **multiplier)
    channels = context.known(context.report.in_shape[:1], "number of input channels")[0]
    return _sliding(context, context.family("Conv"), _filters(context), groups=channels)


def conv_transpose(context: Context) -> list[Step]:
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
    if not same:
        same = any(totals) and crops == halves
    if not same and any(after < 0 for _, after in crops):
        raise context.refuse("its output_padding reaches further than Keras' transposed window")
    named = {
        **unless(1, strides=once(stride)),
        **unless(False, padding="same" if same else False),
        **unless(1, dilation_rate=once(dilation)),
        **unless(True, use_bias=kind.bias),
    }
    context.known(context.report.in_shape[:1], "number of input channels")
    callee = context.family("Conv", "Transpose")
    steps = [Step(callee, (_filters(context), once(kernel)), named)]
    if not same and any(map(any, crops)):
        steps.append(Step(context.family("Cropping"), (sides(crops),), {}, "_crop"))
    return steps


def _reach(context: Context) -> Sides:
    """Padding per axis that the windows reach into, as rounding places them."""
    kernel, stride, padding, dilation = context.geometry
    if context.kind.ceil_mode is False:
        return [(b, a) for b, a in (context.known(pair, "padding") for pair in padding)]
    inputs = context.known(context.report.in_shape[1:], "input's size")
    outputs = context.known(context.report.out_shape[1:], "output's size")
    reaches = []
    for n, m, k, s, (before, _), d in zip(inputs, outputs, kernel, stride, padding, dilation):
        assert before is not None
        reaches.append((before, max((m - 1) * s + dilated_kernel(k, d) - n - before, 0)))
    return reaches


def _same_here(context: Context, reaches: Sides) -> bool:
    """Whether Keras' `same` places the windows as they are, at this size of the input."""
    kernel, stride, _, _ = context.geometry
    sizes = list(zip(context.report.in_shape[1:], context.report.out_shape[1:]))
    if any(
        n is None or m is None or same_output_size(n, s) != m for (n, m), s in zip(sizes, stride)
    ):
        return False
    pads = [same_padding(n, k, s, 1) for (n, _), k, s in zip(sizes, kernel, stride)]  # type: ignore[arg-type]
    return [split_padding(pad) for pad in pads] == reaches


def _pool(context: Context, stem: str, padding: str = "", suffix: str = "", **window: Any) -> Step:
    kernel, stride, _, _ = context.geometry
    size, step = window.get("size", once(kernel)), window.get("stride", once(stride))
    named = {**unless(size, strides=step), **unless("", padding=padding)}
    return Step(context.family(f"{stem}Pooling"), (size,), named, suffix)


def max_pool(context: Context) -> list[Step]:
    """A max pool: `same` where it places the windows alike, else zeros around what is ≥ 0."""
    kernel, _, _, dilation = context.geometry
    if max(dilation) > 1:
        raise context.refuse("Keras has no dilated pooling")
    if context.kind.padding == "same" or _is_same(context):
        return [_pool(context, "Max", "same" if max(kernel) > 1 else "")]
    reaches = _reach(context)
    if not any(map(any, reaches)):
        return [_pool(context, "Max")]
    if _same_here(context, reaches):
        return [_pool(context, "Max", "same")]
    if context.positive:
        return [_padded(context, reaches), _pool(context, "Max")]
    if all(pair == split_padding(k - 1) for pair, k in zip(reaches, kernel)):
        # A window at every unit, of which some are kept: nothing but the map is ever read.
        every = _pool(context, "Max", "same", "_window", stride=1)
        return [every, _pool(context, "Max", size=1)]
    raise context.refuse(
        f"Keras cannot place its windows, {reaches} beyond the map: what it reads may be below 0, "
        "where zeros around it would count; put the pool behind a relu"
    )


def avg_pool(context: Context) -> list[Step]:
    """An average pool; Keras' `same` averages over the map alone, zeros around it count."""
    if context.kind.padding == "same" and not context.kind.count_include_pad:
        return [_pool(context, "Average", "same")]
    padding = [context.known(pair, "padding") for pair in context.geometry.padding]
    reaches = _reach(context)
    if any(reach[1] > pair[1] for reach, pair in zip(reaches, padding)):
        raise context.refuse(
            "Keras cannot average over windows that reach beyond the padding, "
            "as rounding up makes them; use ceil_mode: false"
        )
    if not any(map(any, reaches)):
        return [_pool(context, "Average")]
    if context.kind.count_include_pad:
        return [_padded(context, reaches), _pool(context, "Average")]
    if _is_same(context) or _same_here(context, reaches):
        return [_pool(context, "Average", "same")]
    raise context.refuse("Keras has no such padding that is left out of the average")


def _global(stem: str) -> Writer:
    def write(context: Context) -> list[Step]:
        return [Step(context.family(f"Global{stem}Pooling"), (), {"keepdims": True})]

    return write


def _adaptive(stem: str) -> Writer:
    def write(context: Context) -> list[Step]:
        sizes = context.known(context.report.out_shape[1:], "output's size")
        if set(sizes) == {1}:
            return _global(stem)(context)
        return [Step(context.family(f"Adaptive{stem}Pooling"), (once(sizes),))]

    return write


def upsample(context: Context) -> list[Step]:
    """Resizing: by whole factors, or to a size."""
    kind = context.kind
    factors = _whole_factors(context)
    if kind.align_corners and context.report.in_shape[1:] != context.report.out_shape[1:]:
        if kind.mode == "bicubic":
            raise context.refuse("Keras has no cubic resizing that aligns corners; use bilinear")
        size = context.known(context.report.out_shape[1:], "output's size")
        return [Step("AlignedResizing", (tuple(size),))]
    smooth = kind.mode != "nearest"
    mode = "bilinear" if smooth and kind.mode != "bicubic" else kind.mode
    if (smooth or not factors) and context.axes != 2:
        raise context.refuse(f"Keras resizes so only along 2 axes, not {context.axes}")
    interpolation = {"interpolation": mode} if smooth else {}
    if factors:
        return [Step(context.family("UpSampling"), (once(factors),), interpolation)]
    if not smooth:
        raise context.refuse("Keras' nearest takes other units than this one at broken factors")
    old = context.known(context.report.in_shape[1:], "input's size")
    size = context.known(context.report.out_shape[1:], "output's size")
    given = kind.scale_factor or ()
    if any(n * top != m * bottom for n, m, (top, bottom) in zip(old, size, given)):
        raise context.refuse(
            "Keras resizes by the sizes' ratio, which is not the scale_factor here"
        )
    return [Step("layers.Resizing", size, interpolation)]


def _whole_factors(context: Context) -> list[int]:
    """Factors per axis, none where one is not whole."""
    given = context.kind.scale_factor
    if given is not None:
        return [top for top, bottom in given] if all(b == 1 for _, b in given) else []
    pairs = list(zip(context.report.in_shape[1:], context.report.out_shape[1:]))
    if any(n is None or m is None or m % n for n, m in pairs):
        return []
    return [m // n for n, m in pairs]  # type: ignore[operator]


def pad(context: Context) -> list[Step]:
    """Zeros around the map."""
    kind = context.kind
    if kind.mode != "constant" or kind.value:
        raise context.refuse(f"Keras pads with zeros, not with {kind.mode} {kind.value}")
    return [Step(context.family("ZeroPadding"), (sides(kind.padding),))]


def crop(context: Context) -> list[Step]:
    """Units taken off the map's sides."""
    kind, amounts = context.kind, context.kind.amount
    if amounts is None:
        inputs = context.known(context.report.in_shape[1:], "input's size")
        outputs = context.known(context.report.out_shape[1:], "output's size")
        ends = [n - at - m for n, at, m in zip(inputs, kind.offset, outputs)]
        amounts = list(zip(kind.offset, ends))
    return [Step(context.family("Cropping"), (sides(amounts),))]


def _shuffle(operation: str) -> Writer:
    """Space and channels exchanged; Keras has the channels in another order than PyTorch."""

    def write(context: Context) -> list[Step]:
        if context.axes != 2:
            raise context.refuse("Keras moves space and channels only along 2 axes")
        reads = f"keras.ops.{operation}({{0}}, {context.kind.factor})"
        return [Step("layers.Identity", reads=reads)]

    return write


def channel_shuffle(context: Context) -> list[Step]:
    """Groups of channels interleaved."""
    shape = channels_last(context.known(context.report.in_shape, "shape"))
    *sizes, channels = shape
    groups = context.kind.groups
    places = tuple(range(1, len(sizes) + 1))
    last = len(shape)
    return [
        Step("layers.Reshape", ((*sizes, groups, channels // groups),), {}, "_groups"),
        Step("layers.Permute", ((*places, last + 1, last),), {}, "_swap"),
        Step("layers.Reshape", (shape,)),
    ]


WINDOWS: dict[str, Writer] = {
    "conv": conv,
    "depthwise_conv": depthwise_conv,
    "conv_transpose": conv_transpose,
    "max_pool": max_pool,
    "avg_pool": avg_pool,
    "global_avg_pool": _global("Average"),
    "global_max_pool": _global("Max"),
    "adaptive_avg_pool": _adaptive("Average"),
    "adaptive_max_pool": _adaptive("Max"),
    "upsample": upsample,
    "pad": pad,
    "crop": crop,
    "pixel_shuffle": _shuffle("depth_to_space"),
    "space_to_depth": _shuffle("space_to_depth"),
    "channel_shuffle": channel_shuffle,
}
