"""Caffe's layers that merge, cut and resize. Axes count from the batch: 1 is the channels."""

from __future__ import annotations

from typing import Any

from ...wording import quote, shape_text
from ..builder import ALL, fits
from .entry import CaffeLayer
from .net import Blob, CaffeNet
from .prototxt_message import Message

ELTWISE = {"SUM": "add", "PROD": "mul", "MAX": "maximum"}
CHANNELS = 1
VECTOR_RANK = 2
MOST_LEVELS = 20


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
    if len(layer.bottoms) == 1:
        # As FlowNet's fork scales by a coefficient.
        unit_by_unit(net, layer, "function", operator=layer.type)
        return
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
    if not 1 <= axis < max(rank, VECTOR_RANK):
        raise layer.refuse(f"axis {axis} is the batch, or none of {rank} axes", param.line)
    if place != CHANNELS and rank > VECTOR_RANK:
        _join_maps(net, layer, axis - 1)
        return
    net.add(layer, "concat", sources, order)


def _join_maps(net: CaffeNet, layer: CaffeLayer, place: int) -> None:
    """Maps joined along one of their axes."""
    sources = net.sources(layer)
    first, *others = (list(net.builder.known_shape(source)) for source in sources)
    for other in others:
        if [*other[:place], *other[place + 1 :]] != [*first[:place], *first[place + 1 :]]:
            raise layer.refuse("its inputs differ in more than the axis that they are joined along")
        first[place] += other[place]
    net.add_stated(layer, tuple(first), sources)


def channel_slices(net: CaffeNet, layer: CaffeLayer) -> None:
    """Runs of channels, one for each top."""
    param = layer.param("slice_param", ("axis", "slice_dim", "slice_point"))
    source = net.only(layer)
    axis = axis_of(param, rank_of(net, source), CHANNELS, "axis", "slice_dim")
    if not 1 <= axis < rank_of(net, source):
        raise layer.refuse(f"axis {axis} is the batch, or none of its input's", param.line)
    channels, parts = net.shape(source)[axis - 1], len(layer.tops)
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
        if axis == CHANNELS:
            cut = net.builder.add("slice", name, [source], layer.line, channels=[first, end])
        else:
            amount = [[0, 0]] * (rank_of(net, source) - 2)
            amount[axis - 2] = [first, channels - end]
            cut = net.builder.add("crop", name, [source], layer.line, amount=amount)
        net.give(layer, Blob(cut), place)


def split(net: CaffeNet, layer: CaffeLayer) -> None:
    """The same blob under several names."""
    for place in range(len(layer.tops)):
        net.give(layer, net.blob(layer), place)


def selection(net: CaffeNet, layer: CaffeLayer) -> None:
    """Images of the batch, by another blob that says which; figures are of each that passes."""
    for place in range(max(1, len(layer.bottoms) - 1)):
        blob = net.blob(layer, place)
        if blob.layer is not None:
            source = net.source(layer, place)
            blob = Blob(net.builder.add("identity", layer.name, [source], layer.line))
        net.give(layer, blob, place)


def reorg(net: CaffeNet, layer: CaffeLayer) -> None:
    """Space moved into channels, or back where `reverse` (YOLOv2)."""
    param = layer.param("reorg_param", ("stride", "reverse"))
    kind = "pixel_shuffle" if param.flag("reverse", False) else "space_to_depth"
    net.add(layer, kind, factor=param.whole("stride", 1, least=1))


def shuffle(net: CaffeNet, layer: CaffeLayer) -> None:
    """Interleaves groups of channels."""
    param = layer.param("shuffle_channel_param", ("group",))
    net.add(layer, "channel_shuffle", groups=param.whole("group", 1, least=1))


def crop(net: CaffeNet, layer: CaffeLayer) -> None:
    """Cuts a map to the size of another one."""
    param = layer.param("crop_param", ("axis", "offset"))
    if layer.type.isupper():
        # The first generation has it in forks only, which find the offset by themselves.
        source, like = net.source(layer), net.source(layer, 1)
        sizes = net.builder.known_shape(like)[1:]
        net.add_stated(layer, (net.builder.known_shape(source)[0], *sizes), [source, like])
        return
    source, like = net.source(layer), net.source(layer, 1)
    rank = rank_of(net, source)
    axis = axis_of(param, rank, 2, "axis")
    offsets = param.wholes("offset")
    count = rank - axis
    if count < 1 or len(offsets) not in (0, 1, count):
        raise layer.refuse(
            f"axis {axis} of {rank} with {len(offsets)} offsets; give one for all the axes from "
            "it on, or one for each",
            param.line,
        )
    offsets = offsets * count if len(offsets) == 1 else offsets or [0] * count
    if axis == 0 and offsets.pop(0):
        raise layer.refuse("the batch must stay whole: axis 1 or more, or 0 first", param.line)
    if axis <= CHANNELS:
        source = _first_channels(net, layer, source, like, offsets.pop(0))
    if not offsets:
        net.give(layer, Blob(source))
    elif len(offsets) == rank - VECTOR_RANK:
        net.add(layer, "crop", [source], like=like, offset=offsets)
    else:
        net.add(layer, "crop", [source], amount=_amounts(net, layer, source, like, offsets))


def _amounts(
    net: CaffeNet, layer: CaffeLayer, source: str, like: str, offsets: list[int]
) -> list[list[int]]:
    """What a crop to another map's size takes off its last axes; nothing off those before."""
    sizes, targets = (net.builder.known_shape(name)[1:] for name in (source, like))
    left = len(sizes) - len(offsets)
    amounts = [[0, 0] for _ in range(left)]
    for size, target, first in zip(sizes[left:], targets[left:], offsets):
        if first + target > size:
            raise layer.refuse(f"{target} units from {first} on do not fit its {size}")
        amounts.append([first, size - first - target])
    return amounts


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
    source = net.source(layer)
    margins = [param.whole(name, 0, least=-1000) for name in ("pad_beg", "pad_end")]
    if len(layer.bottoms) > 1:
        target: dict[str, Any] = {"like": net.source(layer, 1)}
    else:
        target = {"size": _interp_sizes(net, layer, param, sum(margins))}
    if any(margins):
        if max(margins) > 0:
            raise layer.refuse("pad_beg and pad_end must be 0 or less, which crops", param.line)
        pair = [-margins[0], -margins[1]]
        name = f"{layer.name}.margin"
        source = net.builder.add("crop", name, [source], layer.line, amount=[pair] * net.axes)
    net.add(layer, "upsample", [source], **target, mode="bilinear", align_corners=True)


def _interp_sizes(net: CaffeNet, layer: CaffeLayer, param: Message, margin: int) -> list[int]:
    """The sizes that it resizes to: n, shrunk to ⌊(n − 1)/f⌋ + 1, then grown by (n − 1)·(z − 1)."""
    shrink = param.whole("shrink_factor", 1, least=1)
    zoom = param.whole("zoom_factor", 1, least=1)
    given = [param.whole(name, None, least=1) for name in ("height", "width")]
    factors = {"shrink_factor", "zoom_factor"} & param.fields.keys()
    # Of both ways one factor counts first, as in the layer's own code.
    if None not in given and len(factors) != 1:
        return [size for size in given if size is not None]
    if not factors:
        raise layer.refuse("Interp needs zoom_factor, shrink_factor, or height and width")
    read = [size + margin for size in net.builder.known_shape(net.source(layer))[1:]]
    sizes = [(size - 1) // shrink + 1 for size in read]
    return [size + (size - 1) * (zoom - 1) for size in sizes]


def tile(net: CaffeNet, layer: CaffeLayer) -> None:
    """A blob again and again along an axis."""
    param = layer.param("tile_param", ("axis", "tiles"))
    shape = list(net.builder.known_shape(net.only(layer)))
    place = axis_of(param, len(shape) + 1, CHANNELS, "axis") - 1
    if not 0 <= place < len(shape):
        raise layer.refuse("axis must be one behind the batch", param.line)
    shape[place] *= param.whole("tiles", 1, least=1)
    net.add_stated(layer, tuple(shape))


def reduction(net: CaffeNet, layer: CaffeLayer) -> None:
    """One number of all from an axis on; of everything it is a loss, aside."""
    param = layer.param("reduction_param", ("operation", "axis", "coeff"))
    shape = net.builder.known_shape(net.only(layer))
    axis = axis_of(param, len(shape) + 1, 0, "axis")
    kept = shape[: axis - 1] if axis else ()
    net.add_stated(layer, kept or (1,), reads=ALL if axis <= 2 else None)


def embed(net: CaffeNet, layer: CaffeLayer) -> None:
    """A row of a learned table for every whole number."""
    param = layer.param("embed_param")
    width, rows = (param.whole(name, None, least=1) for name in ("num_output", "input_dim"))
    if width is None or rows is None:
        raise layer.refuse("Embed needs num_output and input_dim")
    count = net.builder.known_shape(net.only(layer))[0]
    bias = param.flag("bias_term", True)
    params = rows * width + bias * width
    net.add_stated(layer, (width, count), parameters=1 + bias, params=params)


def pyramid(net: CaffeNet, layer: CaffeLayer) -> None:
    """Maps pooled to 1, 2, 4, … units a side, all in one vector (SPP)."""
    param = layer.param("spp_param", ("pyramid_height", "pool", "engine"))
    channels, *sizes = net.builder.known_shape(net.only(layer))
    height = param.whole("pyramid_height", None, least=1)
    if height is None or height > MOST_LEVELS:
        raise layer.refuse(f"SPP needs pyramid_height, of at most {MOST_LEVELS}", param.line)
    units = sum(2 ** (level * len(sizes)) for level in range(height))
    net.add_stated(layer, (channels * units,), reads=ALL)
