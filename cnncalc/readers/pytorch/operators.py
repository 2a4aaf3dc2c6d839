"""What PyTorch's operators stand for: by their names, without overloads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..tensors import (
    attention,
    copies,
    elementwise,
    joins,
    norms,
    pooling,
    reductions,
    reshaping,
    weights,
)
from ..tensors import slicing as cuts
from ..tensors.call import Call
from ..tensors.graph import Graph
from ..tensors.maps import as_map
from ..tensors.rolling import roll
from ..tensors.values import Constant, Unreadable, Value, exact
from .call import TorchCall
from .slicing import pad, slice_range

FLATTEN_MODULE = "torch.nn.modules.flatten.Flatten"
MODES = {
    "nearest": "nearest",
    "_nearest_exact": "nearest",
    "linear": "bilinear",
    "bilinear": "bilinear",
    "trilinear": "bilinear",
    "bicubic": "bicubic",
}
FUNCTIONS = (
    *("abs", "acos", "asin", "atan", "atan2", "bitwise_not", "ceil", "celu", "clamp"),
    *("clamp_max", "clamp_min", "clip", "cos", "cosh", "erf", "erfc", "exp", "expm1", "floor"),
    *("frac", "hardshrink", "log", "log10", "log1p", "log2", "log_sigmoid", "logit", "neg"),
    *("negative", "pow", "reciprocal", "round", "rrelu", "rsqrt", "rsub", "selu", "sign"),
    *("sin", "sinh", "softplus", "softshrink", "softsign", "sqrt", "square", "tan", "threshold"),
    *("trunc", "nan_to_num", "remainder", "fmod", "floor_divide", "xlogy", "normalize"),
)


def view(graph: Graph, call: TorchCall) -> Value | Constant:
    """Another shape; a Flatten module's is a flatten layer at once."""
    flattening = call.module == FLATTEN_MODULE
    return reshaping.flatten(graph, call) if flattening else reshaping.view(graph, call)


def upsample(graph: Graph, call: Call) -> Value:
    """Resizing, by a factor or to a size."""
    mode = MODES.get(call.operator.removeprefix("upsample_").rstrip("d").rstrip("123"))
    value = as_map(graph, call["input"])
    if mode is None:
        raise Unreadable("no mode of resizing is like it")
    sizes = list(call.shape[2:])
    if "exact" in call.operator and any(new % old for new, old in zip(sizes, value.sizes)):
        raise Unreadable("it takes units from other places than nearest does")
    attributes: dict[str, Any] = {"mode": mode}
    if call.arguments.get("align_corners"):
        attributes["align_corners"] = True
    factors = call["scale_factors"]
    scales = [exact(factor) for factor in factors] if factors else []
    if scales and [int(size * scale) for size, scale in zip(value.sizes, scales)] == sizes:
        attributes["scale_factor"] = scales
    else:
        attributes["size"] = sizes
    return graph.layer(call, "upsample", value, **attributes)


def _each_rank(*names: str) -> tuple[str, ...]:
    """Names with 1, 2 and 3 axes in the place of an asterisk."""
    return tuple(name.replace("*", axes) for name in names for axes in "123")


Handler = Callable[[Graph, TorchCall], Any]
VIEWS: dict[str, Handler] = {
    **dict.fromkeys(
        ("view", "reshape", "flatten", "unflatten", "_unsafe_view", "view_as", "reshape_as"), view
    ),
    "permute": reshaping.permute,
    **dict.fromkeys(("transpose", "t", "swapaxes", "swapdims"), reshaping.transpose),
    **dict.fromkeys(("movedim", "moveaxis"), reshaping.moved_dimensions),
    "squeeze": reshaping.squeeze,
    "unsqueeze": reshaping.unsqueeze,
    **dict.fromkeys(("expand", "expand_as"), reshaping.expand),
    **dict.fromkeys(
        (
            *("contiguous", "clone", "detach", "alias", "to", "type_as", "_to_copy"),
            *("float", "half", "double", "bfloat16", "lift_fresh_copy"),
        ),
        reshaping.same,
    ),
    "slice": slice_range,
    "select": cuts.select,
    **dict.fromkeys(
        ("chunk", "split", "split_with_sizes", "tensor_split", "unbind", "unsafe_chunk"),
        cuts.split,
    ),
    **dict.fromkeys(("pad", "constant_pad_nd"), pad),
}

OPERATORS: dict[str, Handler] = {
    **VIEWS,
    **dict.fromkeys(_each_rank("conv*d"), weights.convolution),
    **dict.fromkeys(_each_rank("conv_transpose*d"), weights.transposed_convolution),
    "linear": weights.linear,
    "prelu": weights.prelu,
    **dict.fromkeys(("batch_norm", "instance_norm"), norms.batch_norm),
    "group_norm": norms.group_norm,
    "layer_norm": norms.layer_norm,
    **dict.fromkeys(
        _each_rank("max_pool*d", "max_pool*d_with_indices", "avg_pool*d"), pooling.pool
    ),
    **dict.fromkeys(("max_unpool2d", "max_unpool3d"), pooling.max_unpool),
    **dict.fromkeys(
        _each_rank("adaptive_avg_pool*d", "adaptive_max_pool*d"), pooling.adaptive_pool
    ),
    **dict.fromkeys(("mean", "amax"), reductions.reduced_map),
    "sum": reductions.summed_groups,
    **dict.fromkeys(
        (
            *_each_rank("upsample_nearest*d", "_upsample_nearest_exact*d"),
            *("upsample_linear1d", "upsample_bilinear2d", "upsample_trilinear3d"),
            "upsample_bicubic2d",
        ),
        upsample,
    ),
    "pixel_shuffle": pooling.pixel_shuffle,
    "pixel_unshuffle": pooling.pixel_unshuffle,
    "channel_shuffle": pooling.channel_shuffle,
    **dict.fromkeys(("roi_pool", "roi_align"), pooling.regions),
    **dict.fromkeys(("cat", "concat", "concatenate"), joins.concatenation),
    "stack": joins.stack,
    "repeat_interleave": copies.repeated_units,
    **dict.fromkeys(("repeat", "tile"), copies.copies),
    "im2col": copies.neighbourhoods,
    **dict.fromkeys(elementwise.ACTIVATIONS, elementwise.activation),
    **dict.fromkeys(FUNCTIONS, elementwise.function),
    **dict.fromkeys(("hardtanh", "clamp", "clip"), elementwise.clip),
    **dict.fromkeys(
        ("add", "sub", "mul", "div", "maximum", "minimum", "max", "min"), elementwise.arithmetic
    ),
    "glu": elementwise.gated_linear_unit,
    "scaled_dot_product_attention": attention.attention,
    **dict.fromkeys(("matmul", "bmm", "einsum"), attention.multiplication),
    **dict.fromkeys(("masked_fill", "where"), attention.mask),
    "roll": roll,
}
# These give what they read under another shape: to change them is to change it.
ALIASES = {*VIEWS} - {"clone", "pad", "constant_pad_nd"}
