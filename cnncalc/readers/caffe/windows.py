"""Caffe's convolutions and poolings."""

from __future__ import annotations

from functools import partial
from math import prod
from typing import Any

from ..builder import ALL
from .entry import CaffeLayer
from .net import REGIONS, Blob, CaffeNet
from .prototxt_message import Message

WEIGHTS = ("weight_filler", "bias_filler", "engine")
WINDOW = tuple(f"{name}{side}" for name in ("kernel", "pad", "stride") for side in ("_h", "_w"))
DEPTH = ("kernel_depth", "temporal_stride", "temporal_pad")
CONVOLUTION = (
    *("num_output", "bias_term", "kernel_size", "stride", "pad", "dilation", "group", "axis"),
    *(*WINDOW, *WEIGHTS, *DEPTH, "hole", "hole_h", "hole_w", "filter_group"),
    *("force_nd_im2col", "conv_algorithm"),
)
POOLING = (
    *("pool", "kernel_size", "stride", "pad", "global_pooling", "round_mode", "ceil_mode"),
    *(*WINDOW, *DEPTH, "engine"),
)
# The type of a layer that pools regions, and the fields of its parameters.
REGION_POOLS = {
    "roipooling": ("roi_pool", "roi_pooling_param", "pad_ratio"),
    "roialign": ("roi_align", "roi_align_param", "sampling_ratio", "pad_ratio"),
}
POSITION_SENSITIVE = "psroipooling"
# What proposes, picks or moves regions: Faster R-CNN's layer, and MS-CNN's.
PROPOSALS = ("proposal", "boxoutput", "proposaltarget", "decodebbox")
METHODS = ("MAX", "AVE", "STOCHASTIC")
ROUNDINGS = ("CEIL", "FLOOR")


def per_axis(
    net: CaffeNet, layer: CaffeLayer, param: Message, name: str, default: int | None, least: int = 1
) -> Any:
    """A number for all axes or a list with one per axis; None where it is not given."""
    numbers = param.wholes(name, least)
    stem = name.removesuffix("_size")
    sides = [f"{stem}_h", f"{stem}_w"]
    if any(side in param for side in sides):
        if numbers or net.axes != len(sides):
            other = f"and {name}" if numbers else f"for {net.axes} axes"
            line = next(param.line_of(side) for side in sides if side in param)
            raise layer.refuse(f"{' or '.join(sides)} {other} do not go together", line)
        if least and not all(side in param for side in sides):
            raise layer.refuse(f"{sides[0]} and {sides[1]} need each other; give both", param.line)
        return [param.whole(side, default, least) for side in sides]
    if len(numbers) not in (0, 1, net.axes):
        times = f"{len(numbers)} times; give it once, or once for each of {net.axes} axes"
        raise layer.refuse(f"{name} is given {times}", param.line_of(name))
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


def _window(net: CaffeNet, layer: CaffeLayer, param: Message) -> dict[str, Any]:
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
    number = param.whole("num_output", None, least=1)
    if number is None:
        raise layer.refuse(f"{layer.type} needs num_output")
    return number


def convolution(
    net: CaffeNet, layer: CaffeLayer, type_name: str = "conv", groups: int | None = None
) -> None:
    """Convolution, along as many axes as the data has."""
    param = _param(layer, "convolution", CONVOLUTION)
    layer.check_one(param, "axis", ", the channels")
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


def depthwise(net: CaffeNet, layer: CaffeLayer) -> None:
    """Convolution with a group for every channel that it reads."""
    channels = net.shape(net.source(layer))[0]
    if channels is None:
        raise layer.refuse(f"{layer.type} needs the number of channels; give --input")
    convolution(net, layer, groups=channels)


deconvolution = partial(convolution, type_name="conv_transpose")


def columns(net: CaffeNet, layer: CaffeLayer) -> None:
    """All that a convolution's unit reads, as that unit's channels."""
    param = layer.param("convolution_param", CONVOLUTION)
    layer.check_one(param, "axis", ", the channels")
    channels, *sizes = net.builder.known_shape(net.only(layer))
    window = {**_window(net, layer, param), "dilation": per_axis(net, layer, param, "dilation", 1)}
    per = {key: n if isinstance(n, list) else [n] * len(sizes) for key, n in window.items()}
    reaches = [d * (k - 1) + 1 for d, k in zip(per["dilation"], per["kernel_size"])]
    padded = [n + 2 * pad for n, pad in zip(sizes, per["padding"])]
    if any(reach > size for reach, size in zip(reaches, padded)):
        raise layer.refuse("its window is larger than its padded input", param.line)
    units = [(n - e) // stride + 1 for n, e, stride in zip(padded, reaches, per["stride"])]
    net.add_stated(layer, (channels * prod(per["kernel_size"]), *units), **window)


def pooling(net: CaffeNet, layer: CaffeLayer) -> None:
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


def pool_regions(net: CaffeNet, layer: CaffeLayer) -> None:
    """A pool of regions; how many there are is the network's argument `regions`."""
    type_name, field, *fields = REGION_POOLS[layer.key]
    param = layer.param(field, ("pooled_h", "pooled_w", "spatial_scale", *fields))
    sizes = [param.whole(name, None, least=1) for name in ("pooled_h", "pooled_w")]
    if None in sizes:
        raise layer.refuse(f"{layer.type} needs pooled_h and pooled_w")
    attributes: dict[str, Any] = {"output_size": sizes, "regions": _regions(net, layer)}
    scale = param.number("spatial_scale", 1)
    if ratio := param.whole("sampling_ratio", None):
        attributes["sampling_ratio"] = ratio
    net.add(layer, type_name, [net.source(layer)], **attributes, spatial_scale=scale)


def _regions(net: CaffeNet, layer: CaffeLayer) -> str:
    """The argument of how many regions there are, which the file may give."""
    count = net.blob(layer, 1).regions if len(layer.bottoms) > 1 else None
    net.builder.arguments.setdefault(REGIONS, count or 1)
    return f"${REGIONS}"


def pool_positions(net: CaffeNet, layer: CaffeLayer) -> None:
    """A pool of regions, each of whose bins has channels of its own (R-FCN)."""
    param = layer.param("psroi_pooling_param", ("output_dim", "group_size", "spatial_scale"))
    outputs, bins = (param.whole(name, None, least=1) for name in ("output_dim", "group_size"))
    if outputs is None or bins is None:
        raise layer.refuse(f"{layer.type} needs output_dim and group_size")
    source = net.source(layer)
    channels, wanted = net.builder.known_shape(source)[0], outputs * bins * bins
    if channels != wanted:
        sum_of = f"output_dim {outputs} × group_size {bins}² = {wanted}"
        raise layer.refuse(f"it reads {channels} channels, but {sum_of}", param.line)
    shape = (outputs, bins, bins)
    net.add_stated(layer, shape, [source], reads=ALL, regions=_regions(net, layer))


def proposal(net: CaffeNet, layer: CaffeLayer) -> None:
    """The regions that a detector proposes: what is computed from them on is per region."""
    count = layer.param("proposal_param").whole("post_nms_topn", None)
    for place in range(len(layer.tops)):
        net.give(layer, Blob(None, regions=count), place)
