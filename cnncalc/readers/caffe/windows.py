"""Caffe's convolutions and poolings."""

from __future__ import annotations

from typing import Any

from .entry import CaffeLayer
from .net import REGIONS, Blob, Net
from .prototxt_message import Message

WEIGHTS = ("weight_filler", "bias_filler", "engine")
WINDOW = tuple(f"{name}{side}" for name in ("kernel", "pad", "stride") for side in ("_h", "_w"))
DEPTH = ("kernel_depth", "temporal_stride", "temporal_pad")
CONVOLUTION = (
    *("num_output", "bias_term", "kernel_size", "stride", "pad", "dilation", "group", "axis"),
    *(*WINDOW, *WEIGHTS, *DEPTH, "force_nd_im2col", "filter_group", "hole", "hole_h", "hole_w"),
)
POOLING = (
    *("pool", "kernel_size", "stride", "pad", "global_pooling", "round_mode", "ceil_mode"),
    *(*WINDOW, *DEPTH, "engine"),
)
METHODS = ("MAX", "AVE", "STOCHASTIC")
ROUNDINGS = ("CEIL", "FLOOR")


def per_axis(
    net: Net, layer: CaffeLayer, param: Message, name: str, default: int | None, least: int = 1
) -> Any:
    """A number for all axes or a list with one per axis; None where it is not given."""
    numbers = param.wholes(name, least)
    stem = name.removesuffix("_size")
    sides = [f"{stem}_h", f"{stem}_w"]
    if any(side in param for side in sides):
        if numbers or net.axes != len(sides):
            given = f"and {name}" if numbers else f"for {net.axes} axes"
            line = next(param.fields[side][0].line for side in sides if side in param)
            raise layer.refuse(f"{' or '.join(sides)} {given} do not go together", line)
        if least and not all(side in param for side in sides):
            raise layer.refuse(f"{sides[0]} and {sides[1]} need each other; give both", param.line)
        return [param.whole(side, default, least) for side in sides]
    if len(numbers) not in (0, 1, net.axes):
        line = param.fields[name][0].line
        told = f"given {len(numbers)} times; give it once, or once for each of {net.axes} axes"
        raise layer.refuse(f"{name} is {told}", line)
    if len(numbers) == 1 and layer.key.endswith("3d"):
        return _with_depth(param, name, numbers[0], least)
    return numbers if len(numbers) > 1 else numbers[0] if numbers else default


def _with_depth(param: Message, name: str, number: int, least: int) -> list[int | None]:
    """A window of networks on video: depth by fields of its own, the same number on both sides."""
    depth, default = {
        "kernel_size": ("kernel_depth", 1),
        "stride": ("temporal_stride", 1),
        "pad": ("temporal_pad", 0),
    }.get(name, ("", number))
    return [param.whole(depth, default, least) if depth else number, number, number]


def _param(layer: CaffeLayer, stem: str, known: tuple[str, ...]) -> Message:
    """The parameters of a window; those on video go by another name in some files."""
    video = f"{stem}3d_param"
    return layer.param(video if video in layer.message else f"{stem}_param", known)


def _window(net: Net, layer: CaffeLayer, param: Message) -> dict[str, Any]:
    kernel = per_axis(net, layer, param, "kernel_size", None)
    if kernel is None:
        raise layer.refuse(f"{layer.type} needs kernel_size, or kernel_h and kernel_w")
    return {
        "kernel_size": kernel,
        "stride": per_axis(net, layer, param, "stride", 1),
        "padding": per_axis(net, layer, param, "pad", 0, least=0),
    }


def outputs(layer: CaffeLayer, param: Message) -> int:
    """The number of outputs, which has to be given."""
    number = param.whole("num_output", least=1)
    if number is None:
        raise layer.refuse(f"{layer.type} needs num_output")
    return number


def _convolution(net: Net, layer: CaffeLayer, type_name: str, groups: int | None = None) -> None:
    param = _param(layer, "convolution", CONVOLUTION)
    if param.whole("axis", 1, least=-10) != 1:
        raise layer.refuse("axis must be 1, the channels", param.fields["axis"][0].line)
    name = "dilation" if "dilation" in param else "hole"
    bias = param.flag("bias_term", True)
    attributes = {
        "out_channels": outputs(layer, param),
        **_window(net, layer, param),
        "dilation": per_axis(net, layer, param, name, 1),
        "groups": groups or param.whole("group", 1, least=1),
        "bias": bias,
    }
    first = net.add_weighted(layer, type_name, 1 + bias, net.source(layer), **attributes)
    # Several bottoms go through the same weights, each to a top of its own.
    for place, source in enumerate(net.sources(layer)[1:], start=1):
        name = net.builder.add(type_name, layer.name, [source], layer.line, first, **attributes)
        net.give(layer, Blob(name), place)


def convolution(net: Net, layer: CaffeLayer) -> None:
    """Convolution, along as many axes as the data has."""
    _convolution(net, layer, "conv")


def depthwise(net: Net, layer: CaffeLayer) -> None:
    """Convolution with a group for every channel that it reads."""
    channels = net.shape(net.source(layer))[0]
    if channels is None:
        raise layer.refuse(f"{layer.type} needs the number of channels; give --input")
    _convolution(net, layer, "conv", channels)


def deconvolution(net: Net, layer: CaffeLayer) -> None:
    """Transposed convolution."""
    _convolution(net, layer, "conv_transpose")


def pooling(net: Net, layer: CaffeLayer) -> None:
    """Pooling, which rounds up; its second top is the mask that an unpooling reads."""
    param = _param(layer, "pooling", POOLING)
    # Stochastic pooling is a weighted mean over its window in the test phase.
    stem = "max_pool" if param.choice("pool", METHODS) == "MAX" else "avg_pool"
    if param.flag("global_pooling", False):
        name = net.add(layer, f"global_{stem}")
    else:
        up = param.choice("round_mode", ROUNDINGS) == "CEIL" and param.flag("ceil_mode", True)
        window = _window(net, layer, param)
        name = net.add(layer, stem, **window, ceil_mode="caffe" if up else False)
    net.give(layer, Blob(None, pool=name), place=1)


def _regions(
    net: Net, layer: CaffeLayer, type_name: str, field: str, extra: tuple[str, ...]
) -> None:
    param = layer.param(field, ("pooled_h", "pooled_w", "spatial_scale", *extra))
    sizes = [param.whole(name, least=1) for name in ("pooled_h", "pooled_w")]
    if None in sizes:
        raise layer.refuse(f"{layer.type} needs pooled_h and pooled_w")
    count = net.blob(layer, 1).regions if len(layer.bottoms) > 1 else None
    net.builder.arguments.setdefault(REGIONS, count or 1)
    scale = param.number("spatial_scale", 1)
    given = {"output_size": sizes, "regions": f"${REGIONS}", "spatial_scale": scale}
    net.add(layer, type_name, [net.source(layer)], **given)


def roi_pooling(net: Net, layer: CaffeLayer) -> None:
    """Pooling of regions; how many there are is the network's argument `regions`."""
    _regions(net, layer, "roi_pool", "roi_pooling_param", ("pad_ratio",))


def roi_align(net: Net, layer: CaffeLayer) -> None:
    """Interpolated samples of regions."""
    _regions(net, layer, "roi_align", "roi_align_param", ("sampling_ratio", "pad_ratio"))


def proposal(net: Net, layer: CaffeLayer) -> None:
    """The regions that a detector proposes: what is computed from them on is per region."""
    count = layer.message.message("proposal_param").whole("post_nms_topn")
    for place in range(len(layer.tops)):
        net.give(layer, Blob(None, regions=count), place)
