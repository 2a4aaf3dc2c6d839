"""Layer kinds by the name they have in a definition. A family is imported when first used."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from .base import Layer

KINDS = {
    "conv": "weighted.Conv",
    "depthwise_conv": "weighted.DepthwiseConv",
    "conv_transpose": "weighted.ConvTranspose",
    "window": "weighted.WindowOnly",
    "linear": "weighted.Linear",
    "max_pool": "pooling.MaxPool",
    "avg_pool": "pooling.AvgPool",
    "global_avg_pool": "pooling.GlobalAvgPool",
    "global_max_pool": "pooling.GlobalMaxPool",
    "adaptive_avg_pool": "pooling.AdaptiveAvgPool",
    "adaptive_max_pool": "pooling.AdaptiveMaxPool",
    "max_unpool": "pooling.MaxUnpool",
    "roi_pool": "pooling.RoiPool",
    "roi_align": "pooling.RoiAlign",
    "upsample": "resize.Upsample",
    "pad": "resize.Pad",
    "crop": "resize.Crop",
    "pixel_shuffle": "rearrange.PixelShuffle",
    "space_to_depth": "rearrange.SpaceToDepth",
    "batch_norm": "normalization.BatchNorm",
    "group_norm": "normalization.GroupNorm",
    "layer_norm": "normalization.LayerNorm",
    "instance_norm": "normalization.InstanceNorm",
    "scale": "normalization.Scale",
    "lrn": "normalization.LocalResponseNorm",
    "identity": "activation.Identity",
    "dropout": "activation.Dropout",
    "relu": "activation.ReLU",
    "relu6": "activation.ReLU6",
    "leaky_relu": "activation.LeakyReLU",
    "elu": "activation.ELU",
    "gelu": "activation.GELU",
    "silu": "activation.SiLU",
    "mish": "activation.Mish",
    "sigmoid": "activation.Sigmoid",
    "hard_sigmoid": "activation.HardSigmoid",
    "hard_swish": "activation.HardSwish",
    "tanh": "activation.Tanh",
    "softmax": "activation.Softmax",
    "log_softmax": "activation.LogSoftmax",
    "prelu": "activation.PReLU",
    "function": "activation.Function",
    "add": "merge.Add",
    "mul": "merge.Mul",
    "maximum": "merge.Maximum",
    "concat": "merge.Concat",
    "slice": "rearrange.Slice",
    "channel_shuffle": "rearrange.ChannelShuffle",
    "flatten": "rearrange.Flatten",
    "reshape": "rearrange.Reshape",
    "attention": "attention.Attention",
    "matmul": "attention.MatMul",
    "tokens": "tokens.Tokens",
    "prepend": "tokens.Prepend",
    "position": "tokens.Position",
    "take": "tokens.Take",
    "untokens": "tokens.Untokens",
    "unknown": "unknown.Unknown",
}


@cache
def kind(type_name: str) -> type[Layer]:
    """The class of a layer type; KeyError where there is none of that name."""
    module, name = KINDS[type_name].split(".")
    return getattr(import_module(f".{module}", __name__), name)  # type: ignore[no-any-return]


def family(type_name: str) -> str:
    """The family of a layer type, as its module is called: `weighted`, `pooling`, …; else empty."""
    return KINDS.get(type_name, "").partition(".")[0]
