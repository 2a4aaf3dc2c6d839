"""Caffe's layer types: what each becomes. Types go by their names in small letters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import reorder, shapes, windows
from .entry import CaffeLayer
from .net import Net

Operator = Callable[[Net, CaffeLayer], None]

INNER_PRODUCT = (
    *("num_output", "bias_term", "weight_filler", "bias_filler", "axis", "transpose"),
    "engine",
)
SCALE = ("axis", "num_axes", "filler", "bias_term", "bias_filler")
# Layers of Python code that py-faster-rcnn and its heirs propose and sample regions with.
PROPOSALS = ("ProposalLayer", "AnchorTargetLayer", "ProposalTargetLayer")


def inner_product(net: Net, layer: CaffeLayer) -> None:
    """A fully connected layer."""
    param = layer.param("inner_product_param", INNER_PRODUCT)
    if param.whole("axis", 1, least=-10) != 1:
        line = param.fields["axis"][0].line
        raise layer.refuse("axis must be 1: everything but the batch is one vector", line)
    bias = param.flag("bias_term", True)
    features = windows.outputs(layer, param)
    read = net.only(layer, any_order=True)
    net.add_weighted(layer, "linear", 1 + bias, read, out_features=features, bias=bias)


def batch_norm(net: Net, layer: CaffeLayer) -> None:
    """Caffe's own batch normalization: statistics only; a Scale learns what follows them."""
    param = layer.message.message("batch_norm_param")
    net.add_weighted(layer, "batch_norm", 3, affine=False, **_numbers(param, eps="eps"))


def learned_norm(net: Net, layer: CaffeLayer) -> None:
    """The batch normalization of some forks, with slope and bias; at bn_mode without statistics."""
    param = layer.message.message("bn_param")
    kept = "bn_mode" not in param
    parameters = 4 if kept else 2
    eps = _numbers(param, eps="eps")
    net.add_weighted(layer, "batch_norm", parameters, track_running_stats=kept, **eps)


def scale(net: Net, layer: CaffeLayer) -> None:
    """A learned factor per channel; with two bottoms, the product of both."""
    param = layer.param("scale_param", SCALE)
    bias = param.flag("bias_term", False)
    if len(layer.bottoms) > 1:
        if bias:
            raise layer.refuse("bias_term does not go with two bottoms", param.line)
        shapes.product(net, layer, param.whole("axis", 1, least=-10) or 0)
        return
    for name in ("axis", "num_axes"):
        if param.whole(name, 1, least=-10) != 1:
            line = param.fields[name][0].line
            raise layer.refuse(f"{name} must be 1: a factor per channel", line)
    net.add_weighted(layer, "scale", 1 + bias, bias=bias)


def normalize(net: Net, layer: CaffeLayer) -> None:
    """Length of each unit made 1, then a learned factor per channel."""
    param = layer.message.message("norm_param")
    if param.flag("channel_shared", True):
        net.add_unknown(layer)
    else:
        net.add_weighted(layer, "scale", 1, bias=False)


def mean_variance(net: Net, layer: CaffeLayer) -> None:
    """Each channel, or all of them, made of mean 0 and variance 1."""
    param = layer.message.message("mvn_param")
    if param.flag("across_channels", False):
        net.add(layer, "group_norm", num_groups=1, affine=False)
    else:
        net.add(layer, "instance_norm")


def local_response(net: Net, layer: CaffeLayer) -> None:
    """Local response normalization."""
    param = layer.message.message("lrn_param")
    numbers = _numbers(param, size="local_size", alpha="alpha", beta="beta", k="k")
    net.add(layer, "lrn", **{"alpha": 1, **numbers})


def prelu(net: Net, layer: CaffeLayer) -> None:
    """A learned slope below 0."""
    shared = layer.message.message("prelu_param").flag("channel_shared", False)
    net.add_weighted(layer, "prelu", 1, per_channel=not shared)


def relu(net: Net, layer: CaffeLayer) -> None:
    """max(x, 0), or a slope below 0."""
    slope = layer.message.message("relu_param").number("negative_slope", 0)
    given = {"negative_slope": slope} if slope else {}
    shapes.unit_by_unit(net, layer, "leaky_relu" if slope else "relu", **given)


def clip(net: Net, layer: CaffeLayer) -> None:
    """Numbers cut off at both ends."""
    param = layer.message.message("clip_param")
    if (param.number("min"), param.number("max")) == (0, 6):
        shapes.unit_by_unit(net, layer, "relu6")
    else:
        shapes.unit_by_unit(net, layer, "function", operator=layer.type)


def elu(net: Net, layer: CaffeLayer) -> None:
    """x, or alpha·(exp x − 1) below 0."""
    numbers = _numbers(layer.message.message("elu_param"), alpha="alpha")
    shapes.unit_by_unit(net, layer, "elu", **numbers)


def dropout(net: Net, layer: CaffeLayer) -> None:
    """Dropout, which does nothing in the test phase."""
    numbers = _numbers(layer.message.message("dropout_param"), p="dropout_ratio")
    shapes.unit_by_unit(net, layer, "dropout", **numbers)


def python(net: Net, layer: CaffeLayer) -> None:
    """A layer of Python code: known only where it proposes regions."""
    if layer.message.message("python_param").text("layer") in PROPOSALS:
        windows.proposal(net, layer)
    else:
        net.add_unknown(layer)


def _numbers(param: Any, **fields: str) -> dict[str, Any]:
    """Numbers of a message by the names that they have here; those that are not given are left."""
    return {name: param.number(field) for name, field in fields.items() if field in param}


def _as(type_name: str) -> Operator:
    def activation(net: Net, layer: CaffeLayer) -> None:
        shapes.unit_by_unit(net, layer, type_name)

    return activation


def function(net: Net, layer: CaffeLayer) -> None:
    """A function of each number by itself."""
    shapes.unit_by_unit(net, layer, "function", operator=layer.type)


# Losses, measures and what prepares data or draws results: nothing that has figures.
ASIDE = frozenset(
    {
        "accuracy",
        "argmax",
        "boxannotatorohem",
        "contrastiveloss",
        "detectionevaluate",
        "detectionoutput",
        "euclideanloss",
        "hdf5output",
        "hingeloss",
        "infogainloss",
        "multiboxloss",
        "multinomiallogisticloss",
        "priorbox",
        "segaccuracy",
        "sigmoidcrossentropyloss",
        "silence",
        "smoothl1loss",
        "smoothl1lossohem",
        "softmaxloss",
        "softmaxwithloss",
        "softmaxwithlossohem",
    }
)

WEIGHTED: dict[str, Operator] = {
    "convolution": windows.convolution,
    "convolution3d": windows.convolution,
    "convolutiondepthwise": windows.depthwise,
    "deconvolution": windows.deconvolution,
    "deconvolution3d": windows.deconvolution,
    "depthwiseconvolution": windows.convolution,
    "innerproduct": inner_product,
    "batchnorm": batch_norm,
    "bn": learned_norm,
    "scale": scale,
    "normalize": normalize,
    "prelu": prelu,
}

PLAIN: dict[str, Operator] = {
    "pooling": windows.pooling,
    "pooling3d": windows.pooling,
    "roipooling": windows.roi_pooling,
    "roialign": windows.roi_align,
    "proposal": windows.proposal,
    "python": python,
    "lrn": local_response,
    "mvn": mean_variance,
    "relu": relu,
    "relu6": _as("relu6"),
    "clip": clip,
    "elu": elu,
    "sigmoid": _as("sigmoid"),
    "tanh": _as("tanh"),
    "swish": _as("silu"),
    "softmax": _as("softmax"),
    "dropout": dropout,
    **dict.fromkeys(("absval", "bnll", "exp", "log", "power", "threshold", "selu"), function),
    "axpy": shapes.axpy,
    "concat": shapes.concat,
    "crop": shapes.crop,
    "eltwise": shapes.eltwise,
    "flatten": reorder.flatten,
    "interp": shapes.interp,
    "permute": reorder.permute,
    "reshape": reorder.reshape,
    "shufflechannel": shapes.shuffle,
    "slice": shapes.channel_slices,
    "split": shapes.split,
    "upsample": shapes.upsample,
}

OPERATORS: dict[str, Operator] = {**WEIGHTED, **PLAIN}
