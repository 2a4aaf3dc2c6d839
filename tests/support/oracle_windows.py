"""What one unit of a layer reads of the layer before it, counted tap by tap on one axis.

Part of the oracle: every window is listed unit by unit, and sizes are counted from the
windows that fit. Units are integers and may lie beyond the map on either side.
"""

import math
from collections.abc import Callable, Collection
from fractions import Fraction
from typing import NamedTuple

DOWNSAMPLING = ("conv", "depthwise_conv", "max_pool", "avg_pool")
POOLS = ("max_pool", "avg_pool")


class Refused(ValueError):
    """The description is not a valid network."""


class Window(NamedTuple):
    """One layer on one axis: what its units read, and how many units there are.

    reads: the input units that one output unit reads; None where each unit reads the whole map.
    period, shift: reads(u + period) is reads(u) moved by shift input units.
    size: real output units.
    corners: whether shift and period come from laying first on first and last on last unit.
    """

    reads: Callable[[int], Collection[int]] | None
    period: int
    shift: int
    size: int
    corners: bool = False


def along(value, axis):
    """The axis's share of an attribute that holds one value for all axes or a list of them."""
    return value[axis] if isinstance(value, list) else value


def reach(kernel, dilation):
    """Input units from a kernel's first tap to its last, both counted."""
    return max(tap * dilation for tap in range(kernel)) + 1


def split(total, rule):
    """(before, after) of a total padding; `same` puts the odd unit after, `same_lower` before."""
    small, large = total // 2, total - total // 2
    return (small, large) if rule == "same" else (large, small)


def explicit_padding(value, axis):
    """(before, after) units of a padding given in numbers."""
    value = along(value, axis)
    return tuple(value) if isinstance(value, list) else (value, value)


def sliding_padding(layer, axis, size):
    """(before, after) units of a convolution or pool; `same` depends on the input's size."""
    value = layer.get("padding", 0)
    if value == "valid":
        return 0, 0
    if not isinstance(value, str):
        return explicit_padding(value, axis)
    stride = stride_of(layer, axis)
    units = len(range(0, size, stride))
    extent = reach(along(layer["kernel_size"], axis), along(layer.get("dilation", 1), axis))
    return split(max((units - 1) * stride + extent - size, 0), value)


def stride_of(layer, axis):
    """Input units from one window to the next; a pool's is its kernel where none is given."""
    default = layer["kernel_size"] if layer["type"] in POOLS else 1
    return along(layer.get("stride", default), axis)


def floor_count(size, before, after, extent, stride):
    """Windows that lie wholly within the padded input."""
    starts = range(-before, size + after, stride)
    return sum(start + extent <= size + after for start in starts)


def ceil_count(size, before, after, extent, stride, drop):
    """Windows until the padded input's end is reached, the last one perhaps ragged.

    drop: whether a last window that starts past the input and its front padding is left out.
    """
    count = 0
    while (count - 1) * stride + extent < size + before + after:
        count += 1
    if drop and count and (count - 1) * stride >= size + before:
        count -= 1
    return count


def window_count(layer, axis, sizes, extent, stride):
    """Real units of a convolution or pool, by its rounding rule."""
    before, after = sliding_padding(layer, axis, sizes[axis])
    given = layer["type"] in POOLS and not isinstance(layer.get("padding"), str)
    if given and max(before, after) > along(layer["kernel_size"], axis) // 2:
        raise Refused("pooling padding over half the kernel")
    mode = layer.get("ceil_mode", False)
    if not mode:
        return floor_count(sizes[axis], before, after, extent, stride)
    paddings = [sliding_padding(layer, other, size) for other, size in enumerate(sizes)]
    drop = mode != "caffe" or any(map(any, paddings))
    return ceil_count(sizes[axis], before, after, extent, stride, drop)


def sliding(layer, axis, sizes, _lookup):
    """Convolution or pool: unit u reads the taps of the window that starts at u·stride."""
    kernel = along(layer["kernel_size"], axis)
    dilation = along(layer.get("dilation", 1), axis)
    stride = stride_of(layer, axis)
    before, _ = sliding_padding(layer, axis, sizes[axis])
    count = window_count(layer, axis, sizes, reach(kernel, dilation), stride)

    def reads(unit):
        return {unit * stride - before + tap * dilation for tap in range(kernel)}

    return Window(reads, 1, stride, count)


def scattering(kernel, stride, before, dilation, size):
    """Transpose of a sliding window: the units whose window hits this one."""

    def reads(unit):
        places = [unit + before - tap * dilation for tap in range(kernel)]
        return {place // stride for place in places if place % stride == 0}

    return Window(reads, stride, 1, size)


def transposed(layer, axis, sizes, _lookup):
    """Transposed convolution: each input unit writes its taps, some of them cut away."""
    kernel = along(layer["kernel_size"], axis)
    stride = along(layer.get("stride", 1), axis)
    dilation = along(layer.get("dilation", 1), axis)
    extent = reach(kernel, dilation)
    value = layer.get("padding", 0)
    written = max(
        unit * stride + tap * dilation for unit in range(sizes[axis]) for tap in range(kernel)
    )
    if value in ("same", "same_lower"):
        before, _ = split(max(extent - stride, 0), value)
        return scattering(kernel, stride, before, dilation, sizes[axis] * stride)
    before, after = (0, 0) if value == "valid" else explicit_padding(value, axis)
    extra = along(layer.get("output_padding", 0), axis)
    if extra >= max(stride, dilation):
        raise Refused("output_padding not below max(stride, dilation)")
    size = written + 1 - before - after + extra
    return scattering(kernel, stride, before, dilation, size)


def unpooled(layer, axis, _sizes, lookup):
    """Max unpooling: the pooled units whose window covers the unit; size of what was pooled."""
    pool, pooled_sizes, _ = lookup(layer["pool"])
    kernel = along(pool["kernel_size"], axis)
    dilation = along(pool.get("dilation", 1), axis)
    before, _ = sliding_padding(pool, axis, pooled_sizes[axis])
    return scattering(kernel, stride_of(pool, axis), before, dilation, pooled_sizes[axis])


def whole(_layer, _axis, _sizes, _lookup):
    """Global pool, flatten or linear: one unit that reads all."""
    return Window(None, 1, 0, 1)


def adaptive(layer, axis, sizes, _lookup):
    """Adaptive pool: unit i reads from ⌊i·n/m⌋ up to, not including, ⌈(i + 1)·n/m⌉."""
    units = along(layer["output_size"], axis)
    if units == 1:
        return Window(None, 1, 0, 1)
    step = Fraction(sizes[axis], units)

    def reads(unit):
        return set(range(math.floor(unit * step), math.ceil((unit + 1) * step)))

    return Window(reads, step.denominator, step.numerator, units)


def resized_size(layer, axis, size, lookup):
    """Units of a resized axis: asked for, another layer's, or those that fit in size·scale."""
    if "like" in layer:
        return lookup(layer["like"])[2][1 + axis]
    if "size" in layer:
        return along(layer["size"], axis)
    extent = size * Fraction(along(layer["scale_factor"], axis))
    count = 0
    while count + 1 <= extent:
        count += 1
    return count


def resize_step(layer, axis, size, units):
    """Input units per output unit; a given scale_factor is used as it is, as PyTorch does."""
    if layer.get("align_corners", False):
        return Fraction(size - 1, units - 1) if units > 1 else Fraction(0)
    if "scale_factor" in layer:
        return 1 / Fraction(along(layer["scale_factor"], axis))
    return Fraction(size, units)


def resized(layer, axis, sizes, lookup):
    """Nearest, linear or cubic resizing: the neighbours of a unit's place with a weight."""
    size = sizes[axis]
    units = resized_size(layer, axis, size, lookup)
    if units < 1:
        raise Refused("output size below 1")
    step = resize_step(layer, axis, size, units)
    if size == 1 and step == 0:
        return Window(None, 1, 0, units)  # every unit reads the one unit that is there
    mode = layer.get("mode", "nearest")
    offset = Fraction(0) if layer.get("align_corners", False) else (step - 1) / 2

    def reads(unit):
        if mode == "nearest":
            return {math.floor(unit * step)}
        place = unit * step + offset
        first = math.floor(place)
        if place == first:
            return {first}
        return set(range(first - 1, first + 3)) if mode == "bicubic" else {first, first + 1}

    corners = layer.get("align_corners", False)
    return Window(reads, step.denominator, step.numerator, units, corners)


def shifted(offset, size):
    """A window of one tap at a fixed offset."""
    return Window(lambda unit: {unit + offset}, 1, 1, size)


def padded(layer, axis, sizes, _lookup):
    """Explicit padding: the map moves by the padding before it."""
    before, after = explicit_padding(layer["padding"], axis)
    return shifted(-before, before + sizes[axis] + after)


def cropped(layer, axis, sizes, lookup):
    """Crop by amounts, or to another layer's size from an offset."""
    if "like" in layer:
        offset, size = along(layer.get("offset", 0), axis), lookup(layer["like"])[2][1 + axis]
        if offset + size > sizes[axis]:
            raise Refused("crop beyond its input")
        return shifted(offset, size)
    before, after = explicit_padding(layer["amount"], axis)
    return shifted(before, len(range(before, sizes[axis] - after)))


def depth_to_space(layer, axis, sizes, _lookup):
    """Pixel shuffle: the units of a block all come from one input unit."""
    factor = layer["factor"]
    return Window(lambda unit: {unit // factor}, factor, 1, sizes[axis] * factor)


def space_to_depth(layer, axis, sizes, _lookup):
    """Space to depth: one unit holds a block of input units."""
    factor = layer["factor"]
    if sizes[axis] % factor:
        raise Refused("size is no multiple of the factor")
    blocks = len(range(0, sizes[axis], factor))
    return Window(lambda unit: {unit * factor + at for at in range(factor)}, 1, factor, blocks)


def attended(layer, axis, sizes, _lookup):
    """Attention: the units of the window that holds the unit; without windows, all of them."""
    size = sizes[axis]
    if "window" not in layer:
        return Window(None, 1, 0, size)
    side, shift = along(layer["window"], axis), along(layer.get("shift", 0), axis)
    shift = 0 if side >= size else shift

    def reads(unit):
        (start,) = [at for at in range(unit - side + 1, unit + 1) if (at - shift) % side == 0]
        return set(range(start, start + side))

    return Window(reads, side, side, size)


def unchanged(_layer, axis, sizes, _lookup):
    """Elementwise and channel-wise kinds: unit u reads unit u."""
    return shifted(0, sizes[axis])


WINDOWS = {
    **dict.fromkeys(DOWNSAMPLING, sliding),
    **dict.fromkeys(("global_avg_pool", "global_max_pool", "linear", "flatten"), whole),
    **dict.fromkeys(("adaptive_avg_pool", "adaptive_max_pool"), adaptive),
    "conv_transpose": transposed,
    "max_unpool": unpooled,
    "upsample": resized,
    "pad": padded,
    "crop": cropped,
    "pixel_shuffle": depth_to_space,
    "space_to_depth": space_to_depth,
    "attention": attended,
}
ELEMENTWISE = (
    *("batch_norm", "group_norm", "layer_norm", "instance_norm", "scale", "lrn", "dropout"),
    *("identity", "relu", "relu6", "leaky_relu", "elu", "gelu", "silu", "mish", "sigmoid"),
    *("hard_sigmoid", "hard_swish", "tanh", "softmax", "log_softmax", "prelu"),
    *("slice", "channel_shuffle"),
)
WINDOWS.update(dict.fromkeys(ELEMENTWISE, unchanged))
