"""Layers with windows as ONNX nodes: convolutions, pools, resizing, regions."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from operator import ge
from typing import Any

from ...arithmetic import Impossible, Pair, ceil_output_size, dilated_kernel
from ...wording import quote
from ..layer_context import by_type
from .graph_builder import INTEGERS, OnnxContext, Writer, operator

AUTO_PAD = {"same": "SAME_UPPER", "same_lower": "SAME_LOWER"}
MODES = {"nearest": "nearest", "bicubic": "cubic"}
PADS = {
    **{mode: mode for mode in ("constant", "reflect", "edge", "wrap")},
    "replicate": "edge",
    "circular": "wrap",
}
# How much less than the map a padding must be.
SPARE = {"reflect": 1, "circular": 0, "wrap": 0}
ADAPTIVE = {"adaptive_avg_pool": "Average", "adaptive_max_pool": "Max"}
LAST = 2**62


def _window(context: OnnxContext, auto: bool = True) -> dict[str, Any]:
    """Kernel, strides, dilations and pads of the layer's window; `same` by its word if `auto`."""
    geometry = context.geometry
    extents = map(dilated_kernel, geometry.kernel, geometry.dilation)
    # onnxruntime takes the word for no dilated window, and none within its stride.
    auto = auto and max(geometry.dilation) == 1 and all(map(ge, extents, geometry.stride))
    word = AUTO_PAD.get(str(context.kind.padding)) if auto else None
    pads = [] if word else _pads(context.padding)
    return {
        "kernel_shape": list(geometry.kernel),
        "strides": list(geometry.stride),
        "dilations": list(geometry.dilation),
        **({"auto_pad": word} if word else {"pads": pads}),
    }


def _pads(pairs: Sequence[Pair]) -> list[Any]:
    """Padding as ONNX lists it: before each axis, then after each."""
    return [before for before, _ in pairs] + [after for _, after in pairs]


def weight_and_bias(context: OnnxContext) -> list[str]:
    """The tensors of a layer's weight, and of its bias if it has one."""
    shape = context.require(context.report.weight_shape, "weight's shape")
    weights = [context.weight("weight", shape)]
    if context.kind.bias:
        channels = context.require(context.report.out_shape[:1], "number of channels")
        weights.append(context.weight("bias", channels))
    return weights


def conv(context: OnnxContext) -> None:
    """A convolution; a depthwise one has a group per channel."""
    groups = context.require((context.report.groups,), "number of groups")[0]
    context.write("Conv", *weight_and_bias(context), group=groups, **_window(context))


def conv_transpose(context: OnnxContext) -> None:
    """A transposed convolution; what `same` adds is written in numbers."""
    geometry = context.geometry
    extra = list(context.kind.output_padding)
    if context.kind.padding in AUTO_PAD:
        reaches = map(dilated_kernel, geometry.kernel, geometry.dilation)
        extra = [max(stride - reach, 0) for stride, reach in zip(geometry.stride, reaches)]
    window = _window(context, auto=False)
    axes, pads, strides = context.axes, window["pads"], geometry.stride
    for axis, (more, stride) in enumerate(zip(extra, strides)):
        # onnxruntime adds less than a stride; what padding takes off is not added first.
        less = min(more, pads[axes + axis]) if more >= stride else 0
        if more - less >= stride:
            raise context.refuse("onnxruntime takes an output_padding below the stride")
        pads[axes + axis] -= less
        extra[axis] -= less
    window["output_padding"] = extra
    context.write("ConvTranspose", *weight_and_bias(context), group=context.kind.groups, **window)


def pool(context: OnnxContext) -> None:
    """A sliding pool; one that is undone gives where its maxima are, too."""
    window = _window(context)
    if context.kind.ceil_mode is not False and "pads" in window:
        window.update(_rounding_up(context))
    inputs = context.inputs
    if any(map(ge, window.get("pads", ()), window["kernel_shape"] * 2)):
        inputs = [_padded_before(context)]
        window = {name: window[name] for name in ("kernel_shape", "strides", "dilations")}
    if context.report.type == "avg_pool":
        del window["dilations"]
        included = int(bool(context.kind.count_include_pad))
        context.join("AveragePool", inputs, count_include_pad=included, **window)
        return
    outputs = [context.name]
    if context.report.index in context.graph.undone:
        outputs.append(context.graph.names.of(f"{context.name}/indices"))
        context.graph.indices[context.report.index] = outputs[1]
    context.graph.node("MaxPool", inputs, context.name, outputs, **window)


def _padded_before(context: OnnxContext) -> str:
    """A pool's input, padded as far as its windows reach: ONNX's pads are less than the kernel."""
    geometry, is_max = context.geometry, context.report.type == "max_pool"
    counts = bool(context.kind.count_include_pad) if not is_max else True
    if not counts or context.report.index in context.graph.undone:
        raise context.refuse(
            "ONNX pads a pool by less than its kernel, unless padding counts in averages and the "
            "pool is not undone; use less padding"
        )
    extents = map(dilated_kernel, geometry.kernel, geometry.dilation)
    windows = zip(context.in_sizes, context.out_sizes, context.padding, extents, geometry.stride)
    pairs = [
        (before, max((output - 1) * step + extent - size - before, 0))
        for size, output, (before, _), extent, step in windows
    ]
    graph, axes = context.graph, range(2, context.rank)
    more = [graph.integers(_pads(pairs)), graph.number(-inf if is_max else 0.0)]
    return context.step("padded", "Pad", [*context.inputs, *more, graph.integers(axes)])


def _rounding_up(context: OnnxContext) -> dict[str, Any]:
    """ONNX's rounding up where it gives the layer's size, else padding that makes up for it.

    It leaves out windows that start past the map, which Caffe does only where a map is padded.
    """
    kernel, stride, padding, dilation = context.geometry
    extents = list(map(dilated_kernel, kernel, dilation))
    within = all(extent >= s for extent, s in zip(extents, stride))
    if context.kind.ceil_mode is True or any(map(any, padding)) or within:
        return {"ceil_mode": 1}
    windows = list(zip(context.in_sizes, context.out_sizes, extents, stride))
    if all(_whole_windows(size, extent, s) == output for size, output, extent, s in windows):
        return {"ceil_mode": 1}
    pairs = [(0, (output - 1) * s + extent - size) for size, output, extent, s in windows]
    return {"pads": _pads(pairs)}


def _whole_windows(size: int, extent: int, stride: int) -> int | None:
    """Output size where windows that start past the map are left out."""
    try:
        return ceil_output_size(size, extent, stride, 0, 0)
    except Impossible:
        return None


def adaptive_pool(context: OnnxContext) -> None:
    """An adaptive pool whose size divides its input's: a sliding one."""
    word = ADAPTIVE[context.report.type]
    if set(context.report.out_shape[1:]) == {1}:
        context.write(f"Global{word}Pool")
        return
    sizes, targets = context.in_sizes, context.out_sizes
    if any(size % target for size, target in zip(sizes, targets)):
        raise context.refuse(
            f"ONNX pools to {targets} only from multiples of it, not from {sizes}; "
            "give an input of another size"
        )
    kernel = [size // target for size, target in zip(sizes, targets)]
    context.write(f"{word}Pool", kernel_shape=kernel, strides=kernel)


def max_unpool(context: OnnxContext) -> None:
    """The undoing of a max pool, to the size that the pool read.

    The operator uses its kernel for that size alone, (n − 1)·s + k − pads, which leaves out what
    rounding took away. A kernel that makes up for it says more than a size in an input, of which
    ONNX infers nothing.
    """
    referred = context.report.node.referred
    assert referred is not None
    _, stride, padding, _ = context.geometry
    if any(None in pair for pair in padding):
        raise context.refuse("ONNX undoes only pools of known padding; give the whole input")
    pads = _pads(padding)
    totals = [before + after for before, after in zip(pads, pads[context.axes :])]
    columns = zip(context.in_sizes, context.out_sizes, stride, totals)
    kernel = [output - (n - 1) * s + total for n, output, s, total in columns]
    window = {"kernel_shape": kernel, "strides": list(stride), "pads": pads}
    context.write("MaxUnpool", context.graph.indices[referred], **window)


# By whether regions are aligned, that is moved by half a unit.
COORDINATES = {False: "output_half_pixel", True: "half_pixel"}


def regions(context: OnnxContext) -> None:
    """Regions of interest, whose places are an input of the model."""
    kind: Any = context.kind
    count, sizes = kind.regions, list(kind.output_size)
    if context.axes != 2:
        raise context.refuse("ONNX pools regions of maps of two axes")
    scale = context.number("spatial_scale")
    if context.report.type == "roi_pool":
        rois = context.graph.add_input(f"{context.name}.rois", [count, 5])
        context.write("MaxRoiPool", rois, pooled_shape=sizes, spatial_scale=scale)
    else:
        rois = context.graph.add_input(f"{context.name}.rois", [count, 4])
        of_maps = context.graph.add_input(f"{context.name}.batch_indices", [count], INTEGERS)
        size = dict(zip(("output_height", "output_width"), sizes))
        sampling = {
            "sampling_ratio": max(kind.sampling_ratio, 0),
            "coordinate_transformation_mode": COORDINATES[kind.aligned],
        }
        context.write("RoiAlign", rois, of_maps, spatial_scale=scale, **size, **sampling)
    context.graph.batches[context.report.index] = count


def upsample(context: OnnxContext) -> None:
    """Resizing by a factor, or to a size."""
    kind, axes = context.kind, list(range(2, context.rank))
    if kind.mode == "bicubic" and context.axes != 2:
        raise context.refuse("ONNX resizes by bicubic interpolation on maps of two axes")
    mode = MODES.get(kind.mode, "linear")
    options: dict[str, Any] = {"mode": mode, "axes": axes}
    if mode == "nearest":
        options.update(coordinate_transformation_mode="asymmetric", nearest_mode="floor")
    else:
        word = "align_corners" if kind.align_corners else "half_pixel"
        options["coordinate_transformation_mode"] = word
    if mode == "cubic":
        options["cubic_coeff_a"] = -0.75
    if kind.scale_factor is not None:
        factors = [units / pixels for units, pixels in kind.scale_factor]
        context.write("Resize", "", context.graph.numbers(factors), **options)
    else:
        context.write("Resize", "", "", context.graph.integers(context.out_sizes), **options)


def pad(context: OnnxContext) -> None:
    """Units around the map."""
    mode = str(context.kind.mode)
    if mode not in PADS:
        raise context.refuse(f"ONNX has no padding of mode {quote(mode)}")
    if mode in SPARE:
        context.check_padding_within(mode, SPARE[mode])
    axes = context.graph.integers(range(2, context.rank))
    pads = context.graph.integers(_pads(context.amounts))
    number = context.number("value") if mode == "constant" else 0
    value = context.graph.number(number) if number else ""
    context.write("Pad", pads, value, axes, mode=PADS[mode])


def crop(context: OnnxContext) -> None:
    """A range of every axis."""
    amount = context.kind.amount
    if amount is not None:
        starts = [before for before, _ in amount]
        ends = [-after or LAST for _, after in amount]
    else:
        starts = list(context.kind.offset)
        ends = [start + size for start, size in zip(starts, context.out_sizes)]
    lists = [starts, ends, list(range(2, context.rank))]
    context.write("Slice", *map(context.graph.integers, lists))


WINDOWS: dict[str, Writer] = {
    **by_type(conv, conv_transpose, max_unpool, upsample, pad, crop),
    "depthwise_conv": conv,
    "max_pool": pool,
    "avg_pool": pool,
    "global_avg_pool": operator("GlobalAveragePool"),
    "global_max_pool": operator("GlobalMaxPool"),
    "adaptive_avg_pool": adaptive_pool,
    "adaptive_max_pool": adaptive_pool,
    "roi_pool": regions,
    "roi_align": regions,
}
