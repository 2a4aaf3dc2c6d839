"""Caffe's layers that merge, cut and resize. Axes count from the batch: 1 is the channels."""

from __future__ import annotations

from typing import Any

from ...wording import quote, shape_text
from ..builder import fits
from .entry import CaffeLayer
from .net import Blob, CaffeNet
from .prototxt_message import Message

ELTWISE = {"SUM": "add", "PROD": "mul", "MAX": "maximum"}
CHANNELS = 1


def axis_of(param: Message, rank: int, default: int, *names: str) -> int:
    """An axis that a layer's parameters name, counted from the batch."""
    name = next((name for name in names if name in param), "")
    axis = param.whole(name, default, least=-rank)
    return axis + rank if axis < 0 else axis


def rank_of(net: CaffeNet, source: str) -> int:
    """How many axes the blob of a layer has, with the batch."""
    return len(net.shape(source)) + 1


def unit_by_unit(net: CaffeNet, layer: CaffeLayer, type_name: str, **attributes: Any) -> None:
    """A layer that works on each number, whatever their order."""
    read = net.only(layer, any_order=True)
    order = net.blob(layer).order
    net.add(layer, type_name, [read], order, **attributes)


def eltwise(net: CaffeNet, layer: CaffeLayer) -> None:
    """Sum, product or maximum of equal blobs."""
    param = layer.param("eltwise_param", ("operation", "coeff", "stable_prod_grad"))
    operation = param.choice("operation", ("SUM", "PROD", "MAX"))
    sources = net.sources(layer)
    shapes = [net.shape(source) for source in sources]
    for name, shape in zip(layer.bottoms, shapes):
        if not fits(shape, shapes[0]):
            first = f"{quote(layer.bottoms[0])} of {shape_text(shapes[0])}"
            other = f"{quote(name)} of {shape_text(shape)}"
            raise layer.refuse(f"its inputs {first} and {other} differ; they must be equal")
    net.add(layer, ELTWISE[operation], sources)


def product(net: CaffeNet, layer: CaffeLayer, axis: int) -> None:
    """A map times a factor per channel, or times an equal map."""
    base, factor = net.source(layer), net.source(layer, 1)
    vector = len(net.shape(factor)) == 1 < len(net.shape(base))
    if vector and axis != 0:
        raise layer.refuse("axis must be 0: the factors have a batch and channels")
    if vector:
        ones = [-1, *[1] * net.axes]
        factor = net.builder.add(
            "reshape", f"{layer.name}.factors", [factor], layer.line, shape=ones
        )
    net.add(layer, "mul", [base, factor])


def axpy(net: CaffeNet, layer: CaffeLayer) -> None:
    """A factor per channel times a map, plus another map."""
    factor, base, other = (net.source(layer, place) for place in range(3))
    scaled = net.builder.add("mul", f"{layer.name}.scaled", [base, factor], layer.line)
    net.add(layer, "add", [scaled, other])


def concat(net: CaffeNet, layer: CaffeLayer) -> None:
    """Joins channels; of maps that a Permute moved, whatever axis the channels are on."""
    param = layer.param("concat_param", ("axis", "concat_dim"))
    orders = [net.blob(layer, place).order for place in range(len(layer.bottoms))]
    order, same = orders[0], all(other == orders[0] for other in orders)
    sources = [net.source(layer, place, same) for place in range(len(orders))]
    rank = rank_of(net, sources[0])
    axis = axis_of(param, rank, CHANNELS, "axis", "concat_dim")
    place = order[axis] if order and axis < len(order) else axis
    if axis == 0 or (place != CHANNELS and rank > 2):
        raise layer.refuse(f"axis {axis} is not the channels; only channels are joined", param.line)
    net.add(layer, "concat", sources, order)


def channel_slices(net: CaffeNet, layer: CaffeLayer) -> None:
    """Runs of channels, one for each top."""
    param = layer.param("slice_param", ("axis", "slice_dim", "slice_point"))
    source = net.only(layer)
    axis = axis_of(param, rank_of(net, source), CHANNELS, "axis", "slice_dim")
    if axis != CHANNELS:
        raise layer.refuse(f"axis {axis} is not the channels; only channels are cut", param.line)
    channels, parts = net.shape(source)[0], len(layer.tops)
    points = param.wholes("slice_point", least=1)
    if channels is None:
        raise layer.refuse("where it ends depends on the number of channels; give --input")
    if not points:
        if not parts or channels % parts:
            raise layer.refuse(f"its {channels} channels do not divide into {parts} tops")
        points = [channels // parts * number for number in range(1, parts)]
    ends = [*points, channels]
    if len(ends) != parts or ends != sorted(set(ends)):
        raise layer.refuse(
            f"slice_point {points} does not cut {channels} channels into {parts} tops: "
            "give one point less than tops, rising"
        )
    for place, (first, end) in enumerate(zip([0, *ends], ends)):
        name = f"{layer.name}.{layer.tops[place]}"
        cut = net.builder.add("slice", name, [source], layer.line, channels=[first, end])
        net.give(layer, Blob(cut), place)


def split(net: CaffeNet, layer: CaffeLayer) -> None:
    """The same blob under several names."""
    for place in range(len(layer.tops)):
        net.give(layer, net.blob(layer), place)


def shuffle(net: CaffeNet, layer: CaffeLayer) -> None:
    """Interleaves groups of channels."""
    param = layer.param("shuffle_channel_param", ("group",))
    net.add(layer, "channel_shuffle", groups=param.whole("group", 1, least=1))


def crop(net: CaffeNet, layer: CaffeLayer) -> None:
    """Cuts a map to the size of another one."""
    param = layer.param("crop_param", ("axis", "offset"))
    if layer.type.isupper():
        # The first generation has it in forks only, which find the offset by themselves.
        net.add_unknown(layer)
        return
    source, like = net.source(layer), net.source(layer, 1)
    axis = axis_of(param, rank_of(net, source), 2, "axis")
    offsets = param.wholes("offset")
    count = net.axes + 2 - axis
    if axis not in (CHANNELS, 2) or len(offsets) not in (0, 1, count):
        raise layer.refuse(
            f"axis {axis} with {len(offsets)} offsets; give axis 2, and one offset or "
            f"{net.axes}, for all or each of the map's axes",
            param.line,
        )
    offsets = offsets * count if len(offsets) == 1 else offsets or [0] * count
    if axis == CHANNELS:
        source = _first_channels(net, layer, source, like, offsets.pop(0))
    net.add(layer, "crop", [source], like=like, offset=offsets)


def _first_channels(net: CaffeNet, layer: CaffeLayer, source: str, like: str, first: int) -> str:
    """The channels from an offset on, as many as the other map has."""
    channels, wanted = net.shape(source)[0], net.shape(like)[0]
    if channels is None or wanted is None:
        raise layer.refuse("how many channels it keeps is not known; give --input")
    if channels == wanted and not first:
        return source
    run = [first, first + wanted]
    return net.builder.add("slice", f"{layer.name}.channels", [source], layer.line, channels=run)


def upsample(net: CaffeNet, layer: CaffeLayer) -> None:
    """SegNet's unpooling by the mask of a pooling; with one bottom, nearest resizing."""
    if len(layer.bottoms) > 1:
        pool = net.blob(layer, 1).pool
        if pool is None:
            name = quote(layer.bottoms[1])
            raise layer.refuse(f"{name} is not the mask of a pooling, its second top")
        net.add(layer, "max_unpool", [net.source(layer)], pool=pool)
        return
    factor = layer.param("upsample_param").whole("scale", None, least=1)
    if factor is None:
        net.add_unknown(layer)
    else:
        net.add(layer, "upsample", scale_factor=factor)


def interp(net: CaffeNet, layer: CaffeLayer) -> None:
    """Bilinear resizing with corners aligned, to a size or to that of another map."""
    param = layer.param("interp_param")
    sizes = [param.whole(name, None, least=1) for name in ("height", "width")]
    factors = ("zoom_factor", "shrink_factor", "pad_beg", "pad_end")
    if len(layer.bottoms) > 1:
        target: dict[str, Any] = {"sources": [net.source(layer)], "like": net.source(layer, 1)}
    elif None not in sizes and not any(param.whole(name, 0, least=-1000) for name in factors):
        target = {"size": sizes}
    else:
        net.add_unknown(layer)
        return
    net.add(layer, "upsample", **target, mode="bilinear", align_corners=True)
