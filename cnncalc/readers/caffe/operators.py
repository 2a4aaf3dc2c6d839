"""Caffe's layer types: what each becomes. Types go by their names in small letters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

from ..builder import UNIT
from . import matching, recurrent, reorder, shapes, windows
from .entry import CaffeLayer
from .net import CaffeNet
from .prototxt_message import Message

Operator = Callable[[CaffeNet, CaffeLayer], None]

INNER_PRODUCT = (
    *("num_output", "bias_term", "weight_filler", "bias_filler", "axis", "transpose"),
    "engine",
)
SCALE = ("axis", "num_axes", "filler", "bias_term", "bias_filler")
# Layers of Python code that py-faster-rcnn and its heirs propose and sample regions with.
PROPOSALS = ("ProposalLayer", "AnchorTargetLayer", "ProposalTargetLayer")


def inner_product(net: CaffeNet, layer: CaffeLayer) -> None:
    """A fully connected layer."""
    param = layer.param("inner_product_param", INNER_PRODUCT)
    layer.check_one(param, "axis", ": everything but the batch is one vector")
    bias = param.flag("bias_term", True)
    features = windows.outputs(layer, param)
    read = net.only(layer, any_order=True)
    net.add_weighted(layer, "linear", 1 + bias, read, out_features=features, bias=bias)


def batch_norm(net: CaffeNet, layer: CaffeLayer) -> None:
    """Caffe's own batch normalization: statistics only; a Scale learns what follows them."""
    param = layer.param("batch_norm_param")
    net.add_weighted(layer, "batch_norm", 3, affine=False, **_numbers(param, eps="eps"))


def learned_norm(net: CaffeNet, layer: CaffeLayer) -> None:
    """The batch normalization of some forks, with slope and bias; at bn_mode without statistics."""
    param = layer.param("bn_param")
    tracks = "bn_mode" not in param
    eps = _numbers(param, eps="eps")
    net.add_weighted(layer, "batch_norm", 4 if tracks else 2, track_running_stats=tracks, **eps)


def scale(net: CaffeNet, layer: CaffeLayer) -> None:
    """A learned factor per channel; with two bottoms, the product of both."""
    param = layer.param("scale_param", SCALE)
    bias = param.flag("bias_term", False)
    if len(layer.bottoms) > 1:
        if bias:
            raise layer.refuse("bias_term does not go with two bottoms", param.line)
        shapes.product(net, layer, param.whole("axis", 1, least=-10))
        return
    if all(param.whole(name, 1, least=-10) == 1 for name in ("axis", "num_axes")):
        net.add_weighted(layer, "scale", 1 + bias, bias=bias)
        return
    shape = net.builder.known_shape(net.source(layer))
    params = (1 + bias) * _factors(layer, param, shape)
    net.add_stated(layer, shape, parameters=1 + bias, params=params, reads=UNIT)


def _factors(layer: CaffeLayer, param: Message, shape: Sequence[int]) -> int:
    """How many learned numbers there are along the axes that a layer's parameters name."""
    axis = shapes.axis_of(param, len(shape) + 1, 1, "axis")
    count = param.whole("num_axes", 1, least=-1)
    last = len(shape) if count == -1 else axis - 1 + count
    if count and not 1 <= axis <= last <= len(shape):
        told = "axis and num_axes reach past its input, or into the batch"
        raise layer.refuse(told, param.line)
    return prod(shape[axis - 1 : last]) if count else 1


def bias(net: CaffeNet, layer: CaffeLayer) -> None:
    """A learned number added to each channel; with two bottoms, their sum."""
    param = layer.param("bias_param", ("axis", "num_axes", "filler"))
    shape = net.builder.known_shape(net.source(layer))
    if len(layer.bottoms) > 1:
        net.add_stated(layer, shape, reads=UNIT)
        return
    net.add_stated(layer, shape, parameters=1, params=_factors(layer, param, shape), reads=UNIT)


def normalize(net: CaffeNet, layer: CaffeLayer) -> None:
    """Length of each unit made 1, then a learned factor per channel."""
    param = layer.param("norm_param")
    if param.flag("channel_shared", True):
        shape = net.builder.known_shape(net.only(layer))
        net.add_stated(layer, shape, parameters=1, params=1, reads=UNIT)
    else:
        net.add_weighted(layer, "scale", 1, bias=False)


def mean_variance(net: CaffeNet, layer: CaffeLayer) -> None:
    """Each channel, or all of them, made of mean 0 and variance 1."""
    param = layer.param("mvn_param")
    if param.flag("across_channels", False):
        net.add(layer, "group_norm", num_groups=1, affine=False)
    else:
        net.add(layer, "instance_norm")


def local_response(net: CaffeNet, layer: CaffeLayer) -> None:
    """Local response normalization."""
    numbers = {"size": "local_size", "alpha": "alpha", "beta": "beta", "k": "k"}
    net.add(layer, "lrn", **{"alpha": 1, **_numbers(layer.param("lrn_param"), **numbers)})


def prelu(net: CaffeNet, layer: CaffeLayer) -> None:
    """A learned slope below 0."""
    shared = layer.param("prelu_param").flag("channel_shared", False)
    net.add_weighted(layer, "prelu", 1, per_channel=not shared)


def relu(net: CaffeNet, layer: CaffeLayer) -> None:
    """max(x, 0), or a slope below 0."""
    slope = layer.param("relu_param").number("negative_slope", 0)
    if slope:
        shapes.unit_by_unit(net, layer, "leaky_relu", negative_slope=slope)
    else:
        shapes.unit_by_unit(net, layer, "relu")


def dropout(net: CaffeNet, layer: CaffeLayer) -> None:
    """Dropout, of numbers or of whole channels, which does nothing outside training."""
    fields = [name for name in layer.message.fields if name.endswith("dropout_param")]
    param = layer.param(fields[0] if fields else "dropout_param")
    shapes.unit_by_unit(net, layer, "dropout", **_numbers(param, p="dropout_ratio"))


def clip(net: CaffeNet, layer: CaffeLayer) -> None:
    """Numbers cut off at both ends."""
    param = layer.param("clip_param")
    if (param.number("min"), param.number("max")) == (0, 6):
        shapes.unit_by_unit(net, layer, "relu6")
    else:
        shapes.unit_by_unit(net, layer, "function", operator=layer.type)


def python(net: CaffeNet, layer: CaffeLayer) -> None:
    """A layer of Python code: known only where it proposes regions."""
    if layer.param("python_param").text("layer") in PROPOSALS:
        windows.proposal(net, layer)
    else:
        net.add_unknown(layer)


def _numbers(param: Message, **fields: str) -> dict[str, Any]:
    """Numbers of a message by the names that they have here; those that are not given are left."""
    return {name: param.number(field) for name, field in fields.items() if field in param}


def _as(type_name: str, **fields: str) -> Operator:
    """A layer that works on each number, whose own numbers are in fields of its parameters."""

    def operator(net: CaffeNet, layer: CaffeLayer) -> None:
        numbers = _numbers(layer.param(f"{layer.key}_param"), **fields) if fields else {}
        shapes.unit_by_unit(net, layer, type_name, **numbers)

    return operator


def function(net: CaffeNet, layer: CaffeLayer) -> None:
    """A function of each number by itself."""
    shapes.unit_by_unit(net, layer, "function", operator=layer.type)


# Losses, measures and what prepares data or draws results: nothing that has figures.
ASIDE = frozenset(
    (
        *("accuracy", "argmax", "boxannotatorohem", "contrastiveloss", "detectionevaluate"),
        *(
            "detectionoutput",
            "evaldetection",
            "euclideanloss",
            "hdf5output",
            "hingeloss",
            "infogainloss",
        ),
        *("multiboxloss", "multinomiallogisticloss", "priorbox", "segaccuracy", "silence"),
        *("sigmoidcrossentropyloss", "smoothl1loss", "smoothl1lossohem"),
        *("softmaxloss", "softmaxwithloss", "softmaxwithlossohem"),
    )
)


def is_aside(layer: CaffeLayer) -> bool:
    """Whether it has no figures: losses and measures of any name, or of Python code, have none."""
    if layer.key in ASIDE:
        return True
    named = layer.key.endswith(("loss", "accuracy")) or "loss_weight" in layer.message
    return named and (layer.key not in OPERATORS or layer.key == "python")


WEIGHTED: dict[str, Operator] = {
    **dict.fromkeys(("convolution", "convolution3d"), windows.convolution),
    "convolutiondepthwise": windows.depthwise,
    "depthwiseconvolution": windows.convolution,
    **dict.fromkeys(("deconvolution", "deconvolution3d"), windows.deconvolution),
    "innerproduct": inner_product,
    "batchnorm": batch_norm,
    "bn": learned_norm,
    "scale": scale,
    "normalize": normalize,
    "embed": shapes.embed,
    **dict.fromkeys(recurrent.GATES, recurrent.recurrent),
    "bias": bias,
    "prelu": prelu,
}

PLAIN: dict[str, Operator] = {
    **dict.fromkeys(("pooling", "pooling3d"), windows.pooling),
    "im2col": windows.columns,
    **dict.fromkeys(windows.REGION_POOLS, windows.pool_regions),
    windows.POSITION_SENSITIVE: windows.pool_positions,
    **dict.fromkeys(windows.PROPOSALS, windows.proposal),
    "python": python,
    "lrn": local_response,
    "mvn": mean_variance,
    "relu": relu,
    "relu6": _as("relu6"),
    "clip": clip,
    "elu": _as("elu", alpha="alpha"),
    "sigmoid": _as("sigmoid"),
    "tanh": _as("tanh"),
    "swish": _as("silu"),
    "softmax": _as("softmax"),
    **dict.fromkeys(("dropout", "seludropout", "spatialdropout"), dropout),
    **dict.fromkeys(("absval", "bnll", "exp", "log", "power", "threshold", "selu"), function),
    "axpy": shapes.axpy,
    "concat": shapes.concat,
    "correlation": matching.correlation,
    **dict.fromkeys(("warp", "flowwarp"), matching.warp),
    "crop": shapes.crop,
    "eltwise": shapes.eltwise,
    **dict.fromkeys(("filter", "batchreindex"), shapes.selection),
    "flatten": reorder.flatten,
    "interp": shapes.interp,
    "permute": reorder.permute,
    "reorg": shapes.reorg,
    "reshape": reorder.reshape,
    "shufflechannel": shapes.shuffle,
    "slice": shapes.channel_slices,
    "tile": shapes.tile,
    "reduction": shapes.reduction,
    "spp": shapes.pyramid,
    "split": shapes.split,
    "upsample": shapes.upsample,
}

OPERATORS: dict[str, Operator] = {**WEIGHTED, **PLAIN}
