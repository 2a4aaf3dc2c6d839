"""Layers with windows as ONNX nodes: convolutions, pools, resizing, regions."""

from __future__ import annotations

from typing import Any

from ...arithmetic import Impossible, ceil_output_size, dilated_kernel
from .sheet import Context, Writer

AUTO_PAD = {"same": "SAME_UPPER", "same_lower": "SAME_LOWER"}
MODES = {"nearest": "nearest", "bicubic": "cubic"}
ADAPTIVE = {"adaptive_avg_pool": "avg", "adaptive_max_pool": "max"}
POOLS = {"avg": "AveragePool", "max": "MaxPool"}
LAST = 2**62


def _window(context: Context) -> dict[str, Any]:
    """Kernel, strides, dilations and pads of the layer's window."""
    geometry = context.layer.measures.geometry
    assert geometry is not None
    window: dict[str, Any] = {
        "kernel_shape": list(geometry.kernel),
        "strides": list(geometry.stride),
        "dilations": list(geometry.dilation),
    }
    if context.kind.padding in AUTO_PAD:
        return {**window, "auto_pad": AUTO_PAD[context.kind.padding]}
    return {**window, "pads": _pads(geometry.padding)}


def _pads(pairs: Any) -> list[int]:
    """Padding as ONNX lists it: before each axis, then after each."""
    return [before for before, _ in pairs] + [after for _, after in pairs]


def _weights(context: Context) -> list[str]:
    shape = context.known(context.layer.weight_shape, "weight's shape")
    given = [context.weight("weight", shape)]
    if context.kind.bias:
        channels = context.known(context.layer.out_shape[:1], "number of channels")
        given.append(context.weight("bias", channels))
    return given


def conv(context: Context) -> None:
    """A convolution; a depthwise one has a group per channel."""
    groups = context.known((context.layer.groups,), "number of groups")[0]
    context.write("Conv", *_weights(context), group=groups, **_window(context))


def conv_transpose(context: Context) -> None:
    """A transposed convolution; what `same` adds is written in numbers."""
    geometry = context.layer.measures.geometry
    assert geometry is not None
    extra = list(context.kind.output_padding)
    if context.kind.padding in AUTO_PAD:
        reaches = map(dilated_kernel, geometry.kernel, geometry.dilation)
        extra = [max(stride - reach, 0) for stride, reach in zip(geometry.stride, reaches)]
    window = {
        "kernel_shape": list(geometry.kernel),
        "strides": list(geometry.stride),
        "dilations": list(geometry.dilation),
        "pads": _pads(geometry.padding),
        "output_padding": extra,
    }
    context.write("ConvTranspose", *_weights(context), group=context.kind.groups, **window)


def pool(context: Context) -> None:
    """A sliding pool; one that is undone gives where its maxima are, too."""
    window = _window(context)
    if context.kind.ceil_mode is not False and "pads" in window:
        window.update(_rounded_up(context))
    if context.layer.type == "avg_pool":
        del window["dilations"]
        included = int(bool(context.kind.count_include_pad))
        context.write("AveragePool", count_include_pad=included, **window)
        return
    outputs = [context.name]
    if context.layer.index in context.sheet.undone:
        outputs.append(context.sheet.unique(f"{context.name}/indices"))
        context.sheet.indices[context.layer.index] = outputs[1]
    context.sheet.node("MaxPool", context.inputs, context.name, outputs, **window)


def _rounded_up(context: Context) -> dict[str, Any]:
    """ONNX's rounding up where it gives the layer's size, else padding that makes up for it.

    It leaves out windows that start past the map, which Caffe does only where a map is padded.
    """
    geometry = context.layer.measures.geometry
    assert geometry is not None
    columns = list(zip(*geometry))
    padded = any(map(any, geometry.padding))
    within = all(dilated_kernel(k, d) >= s for k, s, _, d in columns)
    if context.kind.ceil_mode is True or padded or within:
        return {"ceil_mode": 1}
    sizes = context.known(context.layer.in_shape[1:], "input's size")
    outputs = context.known(context.layer.out_shape[1:], "size")
    if all(_kept(*column) == output for column, output in zip(zip(sizes, *geometry), outputs)):
        return {"ceil_mode": 1}
    pairs = [
        (before, (output - 1) * s + dilated_kernel(k, d) - size - before)
        for size, output, (k, s, (before, _), d) in zip(sizes, outputs, columns)
    ]
    return {"pads": _pads(pairs)}


def _kept(size: int, k: int, s: int, pair: Any, d: int) -> int | None:
    """Output size where windows that start past the map are left out."""
    before, after = pair
    try:
        return ceil_output_size(size, k, s, before, after, d)
    except Impossible:
        return None


def global_pool(context: Context) -> None:
    """A pool over the whole map."""
    word = "Average" if context.layer.type == "global_avg_pool" else "Max"
    context.write(f"Global{word}Pool")


def adaptive_pool(context: Context) -> None:
    """An adaptive pool whose size divides its input's: a sliding one."""
    outputs = context.layer.out_shape[1:]
    word = ADAPTIVE[context.layer.type]
    if set(outputs) == {1}:
        context.write("GlobalAveragePool" if word == "avg" else "GlobalMaxPool")
        return
    sizes = context.known(context.layer.in_shape[1:], "input's size")
    targets = context.known(outputs, "size")
    if any(size % target for size, target in zip(sizes, targets)):
        raise context.refuse(
            f"ONNX pools to {targets} only from multiples of it, not from {sizes}; "
            "give an input of another size"
        )
    kernel = [size // target for size, target in zip(sizes, targets)]
    context.write(POOLS[word], kernel_shape=kernel, strides=kernel)


def max_unpool(context: Context) -> None:
    """The undoing of a max pool, to the size that the pool read.

    The operator uses its kernel for that size alone, (n − 1)·s + k − pads, which leaves out what
    rounding took away. A kernel that makes up for it says more than a size in an input, of which
    ONNX infers nothing.
    """
    referred = context.layer.node.referred
    geometry = context.layer.measures.geometry
    assert referred is not None and geometry is not None
    if any(None in pair for pair in geometry.padding):
        raise context.refuse("ONNX undoes only pools of known padding; give the whole input")
    sizes = context.known(context.layer.in_shape[1:], "input's size")
    outputs = context.known(context.layer.out_shape[1:], "size")
    pads = _pads(geometry.padding)
    totals = map(sum, geometry.padding)  # type: ignore[arg-type]
    columns = zip(sizes, outputs, geometry.stride, totals)
    kernel = [output - (n - 1) * stride + total for n, output, stride, total in columns]
    window = {"kernel_shape": kernel, "strides": list(geometry.stride), "pads": pads}
    context.write("MaxUnpool", context.sheet.indices[referred], **window)


def regions(context: Context) -> None:
    """Regions of interest, whose places are an input of the model."""
    count, sizes = context.kind.regions, list(context.kind.output_size)
    if context.axes != 2:
        raise context.refuse("ONNX pools regions of maps of two axes")
    scale = float(context.kind.spatial_scale)
    if context.layer.type == "roi_pool":
        rois = context.sheet.add_input(f"{context.name}.rois", [count, 5])
        context.write("MaxRoiPool", rois, pooled_shape=sizes, spatial_scale=scale)
    else:
        rois = context.sheet.add_input(f"{context.name}.rois", [count, 4])
        of_maps = context.sheet.add_input(f"{context.name}.batch_indices", [count], whole=True)
        size = dict(zip(("output_height", "output_width"), sizes))
        context.write("RoiAlign", rois, of_maps, spatial_scale=scale, **size)
    context.sheet.batches[context.layer.index] = count


def upsample(context: Context) -> None:
    """Resizing by a factor, or to a size."""
    kind, axes = context.kind, list(range(2, context.rank))
    if kind.mode == "bicubic" and context.axes != 2:
        raise context.refuse("ONNX resizes by bicubic interpolation on maps of two axes")
    mode = MODES.get(kind.mode, "linear")
    given: dict[str, Any] = {"mode": mode, "axes": axes}
    if mode == "nearest":
        given.update(coordinate_transformation_mode="asymmetric", nearest_mode="floor")
    else:
        word = "align_corners" if kind.align_corners else "half_pixel"
        given["coordinate_transformation_mode"] = word
    if mode == "cubic":
        given["cubic_coeff_a"] = -0.75
    if kind.scale_factor is not None:
        factors = [units / pixels for units, pixels in kind.scale_factor]
        context.write("Resize", "", context.sheet.numbers(factors), **given)
    else:
        sizes = context.known(context.layer.out_shape[1:], "size")
        context.write("Resize", "", "", context.sheet.integers(sizes), **given)


def pad(context: Context) -> None:
    """Units around the map."""
    axes = context.sheet.integers(range(2, context.rank))
    pads = context.sheet.integers(_pads(context.kind.padding))
    context.write("Pad", pads, "", axes, mode=context.kind.mode)


def crop(context: Context) -> None:
    """A range of every axis."""
    if context.kind.like is None:
        starts = [before for before, _ in context.kind.amount]
        ends = [-after or LAST for _, after in context.kind.amount]
    else:
        starts = list(context.kind.offset)
        sizes = context.known(context.layer.out_shape[1:], "size")
        ends = [start + size for start, size in zip(starts, sizes)]
    lists = [starts, ends, list(range(2, context.rank))]
    context.write("Slice", *map(context.sheet.integers, lists))


WINDOWS: dict[str, Writer] = {
    "conv": conv,
    "depthwise_conv": conv,
    "conv_transpose": conv_transpose,
    "max_pool": pool,
    "avg_pool": pool,
    "global_avg_pool": global_pool,
    "global_max_pool": global_pool,
    "adaptive_avg_pool": adaptive_pool,
    "adaptive_max_pool": adaptive_pool,
    "max_unpool": max_unpool,
    "roi_pool": regions,
    "roi_align": regions,
    "upsample": upsample,
    "pad": pad,
    "crop": crop,
}
