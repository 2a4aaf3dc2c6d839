"""Keras' convolutions, poolings, and what pads, crops and resizes."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

from ..builder import Unreadable
from .activations import with_activation
from .call import KerasCall, KerasValue, Operator
from .input import CHANNELS

PADDINGS = {"valid": 0, "same": "same"}
MODES = ("nearest", "bilinear", "bicubic")


SIDES = ("height", "width")


def _padding(call: KerasCall, causal: bool = False) -> Any:
    words = (*PADDINGS, "causal") if causal else tuple(PADDINGS)
    word = call.config.word("padding", "valid", *words)
    if word != "causal":
        return PADDINGS[word]
    # All padding comes before the first unit, so that none reads later ones.
    kernel = call.config.per_axis("kernel_size", 1)[0]
    dilation = call.config.per_axis("dilation_rate", 1, 1)[0]
    return [[dilation * (kernel - 1), 0]]


def _window(call: KerasCall) -> dict[str, Any]:
    config, axes = call.config, call.axes
    return {
        "kernel_size": config.per_axis("kernel_size", axes),
        "stride": config.per_axis("strides", axes, 1),
        "padding": _padding(call, causal=axes == 1),
        "dilation": config.per_axis("dilation_rate", axes, 1),
    }


def conv(call: KerasCall) -> KerasValue:
    """Convolution; an activation within it becomes a layer of its own, `conv1.relu`."""
    read, filters = call.map(), call.config.whole("filters")
    return _convolution(call, "conv", read, filters, _window(call))


def _convolution(
    call: KerasCall, type_name: str, read: KerasValue, filters: int, window: dict[str, Any]
) -> KerasValue:
    groups, bias = call.config.whole("groups", 1), call.config.flag("use_bias", True)
    value = call.emit_weighted(
        type_name, read, out_channels=filters, **window, groups=groups, bias=bias
    )
    return with_activation(call, value)


def depthwise(call: KerasCall) -> KerasValue:
    """Depthwise convolution."""
    read, window = call.map(), _window(call)
    window["multiplier"] = call.config.whole("depth_multiplier", 1)
    bias = call.config.flag("use_bias", True)
    return with_activation(call, call.emit_weighted("depthwise_conv", read, **window, bias=bias))


def separable(call: KerasCall) -> KerasValue:
    """Depthwise and 1×1 convolution: two layers, `conv1.depthwise`, then `conv1`."""
    config = call.config
    multiplier = config.whole("depth_multiplier", 1)
    window = _window(call)
    depth = call.emit_weighted(
        "depthwise_conv", call.map(), ".depthwise", **window, multiplier=multiplier, bias=False
    )
    filters, bias = config.whole("filters"), config.flag("use_bias", True)
    value = call.emit_weighted("conv", depth, out_channels=filters, kernel_size=1, bias=bias)
    return with_activation(call, value)


def conv_transpose(call: KerasCall) -> KerasValue:
    """Transposed convolution."""
    read, config, axes = call.map(), call.config, call.axes
    window = _window(call)
    if window["padding"] == [[0, 0]]:
        window["padding"] = 0
    if config.get("output_padding") is not None:
        extra = config.per_axis("output_padding", axes, least=0)
        beyond = any(more > 2 * (reach // 2) for more, reach in zip(extra, _reaches(window)))
        if beyond and window["padding"] == "same":
            return with_activation(call, _beyond_reach(call, read, window, extra))
        window.update(_with_output_padding(window, extra))
    elif window["padding"] == 0:
        # Keras gives every unit read a stride's room, also where the window is shorter.
        window["output_padding"] = [
            max(stride - dilation * (kernel - 1) - 1, 0)
            for kernel, stride, dilation in zip(
                window["kernel_size"], window["stride"], window["dilation"]
            )
        ]
    return _convolution(call, "conv_transpose", read, config.whole("filters"), window)


def _with_output_padding(window: dict[str, Any], extra: list[int]) -> dict[str, Any]:
    """Padding where output_padding is given: Keras then sizes `same` by half the window.

    The output has (n − 1)·s + e − 2·⌊e/2⌋ + output_padding units, and the window is placed as in
    the convolution that it transposes: what is cut off in all, the odd one after.
    """
    if window["padding"] == 0:
        return {"output_padding": extra}
    totals = [2 * (reach // 2) - more for reach, more in zip(_reaches(window), extra)]
    return {"padding": [[total // 2, total - total // 2] for total in totals]}


def _reaches(window: dict[str, Any]) -> list[int]:
    """Extents of the dilated kernel."""
    return [d * (k - 1) + 1 for k, d in zip(window["kernel_size"], window["dilation"])]


def _beyond_reach(
    call: KerasCall, read: KerasValue, window: dict[str, Any], extra: list[int]
) -> KerasValue:
    """A transposed convolution with more output_padding than its kernel reaches: units of bias."""
    channels, *sizes = call.net.builder.known_shape(read.layer)
    filters, groups = call.config.whole("filters"), call.config.whole("groups", 1)
    given = [
        (size - 1) * stride + reach % 2 + more
        for size, stride, reach, more in zip(sizes, window["stride"], _reaches(window), extra)
    ]
    weights = channels * (filters // groups) * prod(window["kernel_size"])
    named = dict(zip((CHANNELS, *range(call.axes)), (filters, *given)))
    return call.state(
        [named[axis] for axis in read.order],
        [read],
        params=weights + filters * call.config.flag("use_bias", True),
        macs=weights * prod(sizes),
    )


def pool(call: KerasCall) -> KerasValue:
    """A sliding max or average pool."""
    config, axes = call.config, call.axes
    word = "max" if call.layer.operator.startswith("Max") else "avg"
    kernel = config.per_axis("pool_size", axes, 2)
    strides = config.get("strides")
    stride = kernel if strides is None else config.per_axis("strides", axes)
    padding = _padding(call)
    # Keras averages over what lies within the map.
    counting = {"count_include_pad": False} if word == "avg" and padding else {}
    window = {"kernel_size": kernel, "stride": stride, "padding": padding, **counting}
    return call.emit(f"{word}_pool", [call.map()], **window)


def global_pool(call: KerasCall) -> KerasValue:
    """A pool over the whole map; without keepdims a vector."""
    word = "max" if "Max" in call.layer.operator else "avg"
    value = call.emit(f"global_{word}_pool", [call.map()])
    return value if call.config.flag("keepdims", False) else KerasValue(value.layer, (CHANNELS,))


def adaptive_pool(call: KerasCall) -> KerasValue:
    """A pool to a given size."""
    word = "max" if "Max" in call.layer.operator else "avg"
    sizes = call.config.per_axis("output_size", call.axes)
    return call.emit(f"adaptive_{word}_pool", [call.map()], output_size=sizes)


def on_map(type_name: str, attribute: str, value: Callable[[KerasCall], Any]) -> Operator:
    """A layer without parameters that reads a map and has one attribute."""
    return lambda call: call.emit(type_name, [call.map()], **{attribute: value(call)})


zero_padding = on_map("pad", "padding", lambda call: call.config.pairs("padding", call.axes))
cropping = on_map("crop", "amount", lambda call: call.config.pairs("cropping", call.axes))
space_to_depth = on_map("space_to_depth", "factor", lambda call: call.config.whole("block_size"))
depth_to_space = on_map("pixel_shuffle", "factor", lambda call: call.config.whole("block_size"))


def center_crop(call: KerasCall) -> KerasValue:
    """The middle of a map; one that is smaller is resized first."""
    value, config = call.map(), call.config
    wanted = [config.whole("height"), config.whole("width")]
    sizes = call.net.builder.known_shape(value.layer)[1:]
    over = [size - one for size, one in zip(sizes, wanted)]
    if min(over) >= 0:
        return call.emit("crop", [value], amount=[[n // 2, n - n // 2] for n in over])
    return _resize(call, value, wanted)


def _resize(call: KerasCall, value: KerasValue, wanted: list[int]) -> KerasValue:
    """A map of other sizes, made as no kind does."""
    channels = call.net.builder.known_shape(value.layer)[0]
    named = dict(zip((CHANNELS, 0, 1), (channels, *wanted)))
    return call.state([named[axis] for axis in value.order], [value])


def embedding(call: KerasCall) -> KerasValue:
    """A row of a learned table for every whole number."""
    config = call.config
    rows, width = config.whole("input_dim"), config.whole("output_dim")
    return call.state([*call.net.dims(call.value), width], params=rows * width)


def upsampling(call: KerasCall) -> KerasValue:
    """Resizing by whole factors."""
    factors = call.config.per_axis("size", call.axes, 2)
    return call.emit("upsample", [call.map()], scale_factor=factors, mode=_mode(call, "nearest"))


def _mode(call: KerasCall, default: str) -> str:
    word = str(call.config.get("interpolation", default)).lower()
    if word not in MODES:
        raise Unreadable(f"no mode of resizing is like {word!r}")
    return word


def resizing(call: KerasCall) -> KerasValue:
    """Resizing to a size."""
    config = call.config
    read, mode = call.map(), _mode(call, "bilinear")
    target = [config.whole("height"), config.whole("width")]
    sizes = call.net.shape(read)[1:]
    pairs = list(zip(sizes, target))
    fits = not any(config.flag(f"{word}_to_aspect_ratio", False) for word in ("crop", "pad"))
    # Antialiasing reads more units than interpolation, nearest takes other ones than upsample.
    if config.flag("antialias", False):
        fits &= all(old is not None and old <= new for old, new in pairs)
    if mode == "nearest":
        fits &= all(old is not None and new % old == 0 for old, new in pairs)
    if not fits:
        return _resize(call, read, target)
    return call.emit("upsample", [read], size=target, mode=mode)


def resize(call: KerasCall) -> KerasValue:
    """`keras.ops.image.resize`, which says the size otherwise."""
    values = call.layer.values
    size = values.get("size")
    if not isinstance(size, list) or len(size) != 2 or len(call.value.order) != 3:
        raise Unreadable("the size that it gives is not told")
    return resizing(call.but(layer=call.layer.but(values={**values, **dict(zip(SIDES, size))})))


def aligned_resizing(call: KerasCall) -> KerasValue:
    """Resizing that aligns corners, as files that this program exports define it."""
    size = call.config.per_axis("size", call.axes)
    return call.emit("upsample", [call.map()], size=size, mode="bilinear", align_corners=True)
