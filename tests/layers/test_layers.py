"""Every layer kind: shapes and costs, with the arithmetic and its source in the row."""

from __future__ import annotations

import pytest

import cnncalc
from cnncalc import arithmetic
from cnncalc.layers import KINDS, kind
from cnncalc.layers.base import Layer

SMALL = (3, 32, 32)


def analysed(layers, shape):
    """The report of layers, each the inside of a YAML mapping that begins with its type."""
    sizes = ", ".join("null" if size is None else str(size) for size in shape)
    rows = "".join(f"  - {{type: {layer}}}\n" for layer in layers)
    return cnncalc.analyze(cnncalc.loads(f"name: t\ninput: [{sizes}]\nlayers:\n{rows}"))


def last(*layers, shape=SMALL):
    return analysed(layers, shape).layers[-1]


def row(*layers, shape=SMALL, out, params=0, buffers=0, macs=0, weight=None, keras=None):
    """A test of the last layer's shape and costs; `keras` is its weight's shape channels last."""
    return pytest.param(layers, shape, (out, params, buffers, macs, weight, keras), id=layers[-1])


CONVOLUTIONS = [
    # ⌊(n + 2p − k)/s⌋ + 1 a side, O·C·k² + O parameters, a MAC per weight and output unit
    row(
        "conv, out_channels: 16, kernel_size: 5",
        out=(16, 28, 28),
        params=1_216,  # 16·3·25 + 16, as every framework counts a 5×5 from 3 to 16 channels
        macs=28 * 28 * 16 * 3 * 25,
        weight=(16, 3, 5, 5),
        keras=(5, 5, 3, 16),
    ),
    row(
        "conv, out_channels: 64, kernel_size: 7, stride: 2, padding: 3, bias: false",
        shape=(3, 224, 224),
        out=(64, 112, 112),  # ResNet's conv1, arXiv:1512.03385, table 1
        params=64 * 3 * 49,
        macs=112 * 112 * 64 * 3 * 49,
        weight=(64, 3, 7, 7),
    ),
    row(
        "conv, out_channels: 33, kernel_size: [3, 5], stride: [2, 1], padding: [4, 2], "
        "dilation: [3, 1]",
        shape=(16, 50, 100),
        out=(33, 26, 100),  # torch.nn.Conv2d's own example
        params=33 * 16 * 15 + 33,
        macs=26 * 100 * 33 * 16 * 15,
        weight=(33, 16, 3, 5),
        keras=(3, 5, 16, 33),
    ),
    row(
        "conv, out_channels: 256, kernel_size: 5, padding: 2, groups: 2",
        shape=(96, 27, 27),
        out=(256, 27, 27),  # AlexNet's conv2: two halves that do not see each other
        params=256 * 48 * 25 + 256,
        macs=27 * 27 * 256 * 48 * 25,
        weight=(256, 48, 5, 5),
    ),
    row(
        "conv, out_channels: 8, kernel_size: 3, padding: same, stride: 2",
        shape=(3, 7, 8),
        out=(8, 4, 4),  # ⌈7/2⌉, ⌈8/2⌉
        params=8 * 27 + 8,
        macs=4 * 4 * 8 * 27,
        weight=(8, 3, 3, 3),
    ),
    row(
        "conv, out_channels: 8, kernel_size: 3, padding: same_lower, stride: 3, dilation: 2",
        shape=(3, 10, 9),
        out=(8, 4, 3),
        params=8 * 27 + 8,
        macs=4 * 3 * 8 * 27,
        weight=(8, 3, 3, 3),
    ),
    row(
        "conv, out_channels: 8, kernel_size: 3, padding: valid, dilation: 2",
        out=(8, 28, 28),  # the kernel reaches 2·(3 − 1) + 1 = 5
        params=224,
        macs=28 * 28 * 8 * 27,
        weight=(8, 3, 3, 3),
    ),
    row(
        "conv, out_channels: 8, kernel_size: 3, padding: [[0, 1], [2, 0]]",
        out=(8, 31, 32),
        params=224,
        macs=31 * 32 * 8 * 27,
        weight=(8, 3, 3, 3),
    ),
    row(
        "conv, out_channels: 4, kernel_size: 8, stride: 4",
        shape=(1, 100),
        out=(4, 24),
        params=4 * 8 + 4,
        macs=24 * 4 * 8,
        weight=(4, 1, 8),
        keras=(8, 1, 4),
    ),
    row(
        "conv, out_channels: 64, kernel_size: [3, 7, 7], stride: [1, 2, 2], padding: [1, 3, 3], "
        "bias: false",
        shape=(3, 16, 112, 112),
        out=(64, 16, 56, 56),  # R3D-18's stem, arXiv:1711.11248
        params=64 * 3 * 147,
        macs=16 * 56 * 56 * 64 * 3 * 147,
        weight=(64, 3, 3, 7, 7),
        keras=(3, 7, 7, 3, 64),
    ),
    row("conv, kernel_size: 3", out=(None, 30, 30), params=None, macs=None, weight=(None, 3, 3, 3)),
    row(
        "conv, out_channels: 8, kernel_size: 3",
        shape=(None, 32, 32),
        out=(8, 30, 30),
        params=None,
        macs=None,
        weight=(8, None, 3, 3),
    ),
    row(
        "conv, out_channels: 8, kernel_size: 3",
        shape=(3, None, 32),
        out=(8, None, 30),
        params=224,
        macs=None,
        weight=(8, 3, 3, 3),
    ),
    row(
        "depthwise_conv, kernel_size: 3, padding: 1, bias: false",
        shape=(32, 112, 112),
        out=(32, 112, 112),  # MobileNet's first depthwise layer, arXiv:1704.04861, table 1
        params=32 * 9,
        macs=112 * 112 * 32 * 9,
        weight=(32, 1, 3, 3),
        keras=(3, 3, 32, 1),
    ),
    row(
        "depthwise_conv, kernel_size: 3, multiplier: 4, stride: 2, dilation: 2",
        out=(12, 14, 14),  # ⌊(32 − 5)/2⌋ + 1
        params=3 * 4 * 9 + 12,
        macs=14 * 14 * 12 * 9,
        weight=(12, 1, 3, 3),
        keras=(3, 3, 3, 4),
    ),
    row(
        "depthwise_conv, kernel_size: 3",
        shape=(None, 32, 32),
        out=(None, 30, 30),
        params=None,
        macs=None,
        weight=(None, 1, 3, 3),
    ),
    row(
        "conv_transpose, out_channels: 5, kernel_size: 4, stride: 3",
        shape=(2, 2),
        out=(5, 7),  # (2 − 1)·3 + 4
        params=2 * 5 * 4 + 5,
        macs=2 * 2 * 5 * 4,  # every unit read is multiplied into its window
        weight=(2, 5, 4),
        keras=(4, 5, 2),
    ),
    row(
        "conv_transpose, out_channels: 21, kernel_size: 64, stride: 32, bias: false",
        shape=(21, 16, 16),
        out=(21, 544, 544),  # FCN-32s' upscore, arXiv:1411.4038: 15·32 + 64
        params=21 * 21 * 64 * 64,
        macs=16 * 16 * 21 * 21 * 64 * 64,
        weight=(21, 21, 64, 64),
    ),
    row(
        "conv_transpose, out_channels: 4, kernel_size: 3, stride: 2, padding: 1, "
        "output_padding: 1, groups: 2",
        shape=(6, 5, 5),
        out=(4, 10, 10),  # 4·2 − 2 + 3 + 1
        params=6 * 2 * 9 + 4,
        macs=5 * 5 * 6 * 2 * 9,
        weight=(6, 2, 3, 3),
    ),
    row(
        "conv_transpose, out_channels: 4, kernel_size: 3, dilation: 3, padding: [[1, 2]]",
        shape=(6, 10),
        out=(4, 13),  # 9 − 3 + 7
        params=6 * 4 * 3 + 4,
        macs=10 * 6 * 4 * 3,
        weight=(6, 4, 3),
    ),
    row(
        "conv_transpose, out_channels: 4, kernel_size: 3, stride: 2, padding: same",
        shape=(6, 5, 7),
        out=(4, 10, 14),  # n·s
        params=6 * 4 * 9 + 4,
        macs=5 * 7 * 6 * 4 * 9,
        weight=(6, 4, 3, 3),
    ),
    row(
        "conv_transpose, out_channels: 4, kernel_size: 1, stride: 3, padding: same_lower",
        shape=(6, 5),
        out=(4, 15),  # also where the kernel is under the stride
        params=6 * 4 + 4,
        macs=5 * 6 * 4,
        weight=(6, 4, 1),
    ),
    row(
        "linear, out_features: 4096",
        shape=(512, 7, 7),
        out=(4096,),
        params=4096 * 25_088 + 4096,  # VGG-16's fc6 reads 512·7·7 numbers
        macs=4096 * 25_088,
        weight=(4096, 25_088),
        keras=(25_088, 4096),
    ),
    row(
        "flatten",
        "linear, out_features: 10, bias: false",
        out=(10,),
        params=30_720,
        macs=30_720,
        weight=(10, 3072),
    ),
    row(
        "linear, out_features: 10",
        shape=(3, None, 32),
        out=(10,),
        params=None,
        macs=None,
        weight=(10, None),
    ),
    row("window, kernel_size: 11, stride: 4", out=(None, 6, 6), params=None, macs=None),
]

POOLINGS = [
    row(
        "max_pool, kernel_size: 3, stride: 2, padding: 1",
        shape=(64, 112, 112),
        out=(64, 56, 56),  # ResNet's pool1
    ),
    row("max_pool, kernel_size: [3, 2], stride: [2, 1]", shape=(4, 50, 32), out=(4, 24, 31)),
    row("max_pool, kernel_size: 3, stride: 2, padding: 1", shape=(1, 50, 32), out=(1, 25, 16)),
    row("max_pool, kernel_size: 2", out=(3, 16, 16)),  # the stride is the kernel's size
    row("max_pool, kernel_size: 2, dilation: 3, stride: 2", out=(3, 15, 15)),  # ⌊(32 − 4)/2⌋ + 1
    row("max_pool, kernel_size: 3, padding: same, stride: 2", shape=(2, 7), out=(2, 4)),
    row("max_pool, kernel_size: [1, 2, 2]", shape=(2, 8, 8, 8), out=(2, 8, 4, 4)),
    row("max_pool, kernel_size: 3, stride: 2", shape=(1, 6), out=(1, 2)),
    row("max_pool, kernel_size: 3, stride: 2, ceil_mode: true", shape=(1, 6), out=(1, 3)),
    row(
        "avg_pool, kernel_size: 4, stride: 4, padding: 2, ceil_mode: true", shape=(1, 9), out=(1, 3)
    ),
    # 9 + 4 padded: ⌈9/4⌉ + 1 = 4 windows, but the fourth would start at 12 ≥ 9 + 2
    row("max_pool, kernel_size: 2, stride: 3, ceil_mode: true", shape=(1, 6), out=(1, 2)),
    # ⌈4/3⌉ + 1 = 3 windows, the third would start at 6: PyTorch takes it away,
    row("max_pool, kernel_size: 2, stride: 3, ceil_mode: caffe", shape=(1, 6), out=(1, 3)),
    # Caffe only where there is padding
    row(
        "max_pool, kernel_size: 2, stride: 3, padding: 1, ceil_mode: caffe",
        shape=(1, 7),
        out=(1, 3),  # ⌈7/3⌉ + 1 = 4, the fourth would start at 9 ≥ 8
    ),
    row(
        "max_pool, kernel_size: 2, stride: 3, padding: [0, 1], ceil_mode: caffe",
        shape=(1, 6, 7),
        out=(1, 2, 3),  # padding on one axis has Caffe look at both
    ),
    row("avg_pool, kernel_size: 7", shape=(2048, 7, 7), out=(2048, 1, 1)),
    row("global_avg_pool", out=(3, 1, 1)),
    row("global_max_pool", shape=(3, None, None), out=(3, 1, 1)),
    row("adaptive_avg_pool, output_size: 6", out=(3, 6, 6)),
    row("adaptive_avg_pool, output_size: [null, 7]", out=(3, 32, 7)),
    row("adaptive_max_pool, output_size: 1", shape=(3, 5), out=(3, 1)),
    row(
        "max_pool, kernel_size: 2, name: pool",
        "conv, out_channels: 3, kernel_size: 1",
        "max_unpool, pool: pool",
        shape=(3, 33, 32),
        out=(3, 33, 32),  # SegNet: the size that the pool read, not twice what it gave
    ),
    row("roi_pool, output_size: 7, regions: 300", shape=(512, 37, 50), out=(512, 7, 7)),
    row("roi_align, output_size: [7, 14]", shape=(256, 50, 50), out=(256, 7, 14)),
]

RESIZINGS = [
    row("upsample, scale_factor: 2", out=(3, 64, 64)),
    row("upsample, scale_factor: [1.5, 0.7]", shape=(3, 5, 10), out=(3, 7, 7)),  # ⌊7.5⌋, ⌊7⌋
    row("upsample, scale_factor: $(1/3)", shape=(3, 10), out=(3, 3)),
    row("upsample, size: [20, 40], mode: bilinear", out=(3, 20, 40)),
    row("upsample, size: 20, mode: linear, align_corners: true", shape=(3, 5), out=(3, 20)),
    row("upsample, size: 4, mode: trilinear", shape=(3, 2, 2, 2), out=(3, 4, 4, 4)),
    row("upsample, scale_factor: 2, mode: bicubic", out=(3, 64, 64)),
    row(
        "conv, out_channels: 8, kernel_size: 3, stride: 2", "upsample, like: input", out=(8, 32, 32)
    ),
    row("upsample, scale_factor: 2", shape=(None, None, 4), out=(None, None, 8)),
    row("pad, padding: [[1, 2], [0, 3]]", out=(3, 35, 35)),
    row("pad, padding: 3", shape=(1, 10), out=(1, 16)),
    row("crop, amount: [[1, 2], [0, 3]]", out=(3, 29, 29)),
    row("crop, amount: 2", shape=(1, 10), out=(1, 6)),
    row(
        "max_pool, kernel_size: 2, name: p",
        "crop, like: p, offset: [3, 16], from: input",
        out=(3, 16, 16),
    ),
    row("pixel_shuffle, factor: 3", shape=(27, 4, 5), out=(3, 12, 15)),  # 3² channels make one
    row("pixel_shuffle, factor: 2", shape=(8, 4, 4, 4), out=(1, 8, 8, 8)),  # 2³
    row("pixel_shuffle, factor: 2", shape=(8, 4), out=(4, 8)),  # 2¹
    row("space_to_depth, factor: 2", shape=(3, 4, 6), out=(12, 2, 3)),
    row("space_to_depth, factor: 2", shape=(3, 4, 4, 4), out=(24, 2, 2, 2)),
    row("space_to_depth, factor: 2", shape=(None, 4), out=(None, 2)),
]

NORMALIZATIONS = [
    row("batch_norm", shape=(64, 8, 8), out=(64, 8, 8), params=128, buffers=128, weight=(64,)),
    row("batch_norm, affine: false", out=SMALL, buffers=6),
    row("batch_norm, track_running_stats: false", out=SMALL, params=6, weight=(3,)),
    row("batch_norm", shape=(None, 8), out=(None, 8), params=None, buffers=None, weight=(None,)),
    row("group_norm, num_groups: 3", out=SMALL, params=6, weight=(3,)),
    row("layer_norm", out=SMALL, params=6, weight=(3,)),
    row("layer_norm, affine: false", out=SMALL),
    row("instance_norm", out=SMALL),
    row("instance_norm, affine: true", out=SMALL, params=6, weight=(3,)),
    row("scale", out=SMALL, params=6, weight=(3,)),
    row("scale, bias: false", out=SMALL, params=3, weight=(3,)),
    row("lrn, size: 5, alpha: 0.0001, beta: 0.75, k: 2", out=SMALL),
]

ELEMENTWISE = (
    *("identity", "dropout", "relu", "relu6", "leaky_relu", "elu", "gelu", "silu", "mish"),
    *("sigmoid", "hard_sigmoid", "hard_swish", "tanh", "softmax", "log_softmax"),
)
ACTIVATIONS = [
    *(row(kind, out=SMALL) for kind in ELEMENTWISE),
    *(row("flatten", kind, out=(3072,)) for kind in ELEMENTWISE),
    row("prelu", out=SMALL, params=1, weight=(1,)),
    row("prelu, per_channel: true", out=SMALL, params=3, weight=(3,)),
    row("prelu, per_channel: true", shape=(None, 4), out=(None, 4), params=None, weight=(None,)),
]

GATE = ("global_avg_pool, name: gate",)
MERGES = [
    row("relu, name: a", "add, from: [a, input]", out=SMALL),
    row("relu, name: a", "add, from: [a, input, a]", out=SMALL),
    row(*GATE, "mul, from: [input, gate]", out=SMALL),  # a 1×1 map stands for every unit,
    row(*GATE, "mul, from: [gate, input]", out=SMALL),  # also if it comes first
    row("conv, out_channels: 1, kernel_size: 1, name: map", "mul, from: [input, map]", out=SMALL),
    row(
        "conv, out_channels: 1, kernel_size: 32, name: one",
        "add, from: [one, input]",
        out=SMALL,
    ),
    row(
        "conv, kernel_size: 1, name: any",
        "add, from: [any, input]",
        out=SMALL,  # what is unknown of one is known of the other
    ),
    row("flatten, name: v", "add, from: [v, v]", out=(3072,)),
    row("relu, name: a", "concat, from: [a, input, a]", out=(9, 32, 32)),
    row("concat", out=SMALL),
    row("conv, kernel_size: 1, name: any", "concat, from: [any, input]", out=(None, 32, 32)),
    row("flatten, name: v", "concat, from: [v, v]", out=(6144,)),
    row(
        "max_pool, kernel_size: [2, 1], name: p",
        "concat, axis: h, from: [p, input]",
        out=(3, 48, 32),
    ),
    row("concat, axis: w, from: [input, input, input]", out=(3, 32, 96)),
    row(
        "tokens, name: t", "take, index: [0, 5]", "concat, axis: l, from: [take1, t]", out=(3, 1029)
    ),
    row("concat, axis: h, from: [input, input]", shape=(3, None, 4), out=(3, None, 4)),
    row("slice, channels: [1, 3]", out=(2, 32, 32)),
    row("slice, channels: [1, 3]", shape=(None, 4), out=(2, 4)),
    row("channel_shuffle, groups: 3", out=SMALL),
    row("flatten", out=(3072,)),
    row("flatten", "flatten", out=(3072,)),
    row("flatten", shape=(3, None, 2), out=(None,)),
]

# ViT-B/16 (arXiv:2010.11929, table 1): patches of 16, width 768, 12 heads, 86M parameters.
PATCHES = ("conv, out_channels: 768, kernel_size: 16, stride: 16", "tokens")
VIT = (3, 224, 224)
# Swin-T (arXiv:2103.14030, table 7): windows of 7 on maps of 56, width 96, 3 heads.
SWIN = (96, 56, 56)
TOKENS = [
    row(*PATCHES, shape=VIT, out=(768, 14 * 14)),
    row("tokens", shape=(3, 9), out=(3, 9)),
    row("tokens", shape=(3, 2, 5, 7), out=(3, 2 * 5 * 7)),
    row("tokens", shape=(3, None, 5), out=(3, None)),
    row(
        *(*PATCHES, "prepend"),
        shape=VIT,
        out=(768, 197),
        params=768,  # the class token
        weight=(768, 1),
        keras=(1, 768),
    ),
    row("prepend, count: 5", shape=(8, 6), out=(8, 11), params=8 * 5, weight=(8, 5)),
    row("prepend", shape=(None, 6), out=(None, 7), params=None, weight=(None, 1)),
    row(
        *(*PATCHES, "prepend", "position"),
        shape=VIT,
        out=(768, 197),
        params=768 * 197,
        weight=(768, 197),
        keras=(197, 768),
    ),
    row("position", shape=(8, 3, 5), out=(8, 3, 5), params=120, weight=(8, 3, 5), keras=(3, 5, 8)),
    row("position", shape=(8, None, 5), out=(8, None, 5), params=None, weight=(8, None, 5)),
    row(*PATCHES, "prepend", "take, index: 0", shape=VIT, out=(768, 1)),
    row(*PATCHES, "prepend", "take, index: [1, 197]", shape=VIT, out=(768, 196)),
    row("take, index: 4", shape=(8, 5), out=(8, 1)),
    row(*PATCHES, "untokens, like: conv1", shape=VIT, out=(768, 14, 14)),
    row("tokens", "untokens, like: input", shape=(8, 2, 3, 4), out=(8, 2, 3, 4)),
    row(
        "tokens, name: a",
        "matmul, from: [a, a], transpose: true",
        shape=(64, 14, 14),
        out=(196, 196),
        macs=196 * 64 * 196,
    ),
    row(  # 196 units × 196 times 196 units × 64
        "tokens, name: a",
        "matmul, name: s, from: [a, a], transpose: true",
        "matmul, from: [s, a]",
        shape=(64, 14, 14),
        out=(64, 196),
        macs=196 * 196 * 64,
    ),
    row(
        *(*PATCHES, "prepend", "attention, heads: 12"),
        shape=VIT,
        out=(768, 197),
        params=768 * 3 * 768 + 3 * 768 + 768 * 768 + 768,
        macs=197 * 768 * 4 * 768 + 2 * 197 * 197 * 768,
    ),
    row(
        "attention, heads: 3, window: 7, shift: 3, position_bias: true",
        shape=SWIN,
        out=SWIN,
        params=96 * 288 + 288 + 96 * 96 + 96 + 3 * 13 * 13,
        # Ω(W-MSA) = 4hwC² + 2M²hwC, arXiv:2103.14030, equation 2
        macs=4 * 56 * 56 * 96 * 96 + 2 * 49 * 56 * 56 * 96,
    ),
    row(
        "attention, heads: 3, window: 7",
        shape=(96, 50, 10),
        out=(96, 50, 10),
        params=96 * 288 + 288 + 96 * 96 + 96,
        macs=4 * 56 * 14 * 96 * 96 + 2 * 49 * 56 * 14 * 96,  # padded to 56×14
    ),
    row(
        "attention, heads: 2, key_dim: 5, qkv_bias: false, bias: false",
        shape=(8, 3, 4),
        out=(8, 3, 4),
        params=8 * (10 + 10 + 8) + 8 * 8,
        macs=12 * 8 * 28 + 12 * 8 * 8 + 12 * 12 * 10 + 12 * 12 * 8,
    ),
    row(
        "attention, heads: 2, window: [2, 3, 4], position_bias: true",
        shape=(8, 4, 4, 4),
        out=(8, 4, 4, 4),
        params=8 * 24 + 24 + 64 + 8 + 2 * 3 * 5 * 7,
        macs=4 * 4 * 6 * 4 * 64 + 2 * 4 * 6 * 4 * 24 * 8,  # padded to 4×6×4, of 2·3·4 a window
    ),
    row(
        "attention, heads: 2, position_bias: true",
        shape=(8, 3, 4),
        out=(8, 3, 4),
        params=8 * 24 + 24 + 64 + 8 + 2 * 5 * 7,  # offsets from -2 to 2 and from -3 to 3
        macs=4 * 12 * 64 + 2 * 144 * 8,
    ),
    row(
        "attention, heads: 2, window: 4",
        shape=(8, None, 4),
        out=(8, None, 4),
        params=8 * 24 + 24 + 64 + 8,
        macs=None,
    ),
    row("attention, heads: 2", shape=(None, 4), out=(None, 4), params=None, macs=None),
]

ROWS = [*CONVOLUTIONS, *POOLINGS, *RESIZINGS, *NORMALIZATIONS, *ACTIVATIONS, *MERGES, *TOKENS]


@pytest.mark.parametrize("layers, shape, expected", ROWS)
def test_shape_and_costs(layers, shape, expected):
    out, params, buffers, macs, weight, keras = expected
    layer = last(*layers, shape=shape)
    found = (layer.out_shape, layer.params, layer.buffers, layer.macs, layer.weight_shape)
    assert found == (out, params, buffers, macs, weight)
    assert layer.flops == (None if macs is None else 2 * macs)
    if keras is not None:
        assert layer.node.kind.weight_channels_last(layer.weight_shape) == keras


# What operators of other formats become; the tests of their readers have them.
OF_OTHER_FORMATS = {"unknown", "function", "maximum", "reshape"}


def test_every_kind_has_a_row():
    kinds = {layers[-1].partition(",")[0] for layers, *_ in (param.values for param in ROWS)}
    assert {*KINDS} - OF_OTHER_FORMATS == kinds


def test_kinds_compare_and_hash_by_value():
    values = {"kernel_size": 3, "out_channels": 8}
    conv, other = kind("conv")(2, values), kind("conv")(2, {**values, "kernel_size": [3, 3]})
    assert conv == other and len({conv, other}) == 1
    assert conv != kind("conv")(2, {**values, "stride": 2})
    assert conv != kind("window")(2, {"kernel_size": 3})
    assert hash(kind("softmax")(2, {"dim": [1, 2]})) == hash(kind("softmax")(2, {"dim": [1, 2]}))


def test_a_kind_is_named_as_its_class_says():
    assert {name: kind(name).type for name in KINDS} == {name: name for name in KINDS}


SIZES = [
    (n, k, s, pb, pe, d)
    for n in (1, 2, 5, 9, 10)
    for k in (1, 2, 3)
    for s in (1, 2, 3, 4)
    for pb in (0, 1)
    for pe in (0, 1, 2)
    for d in (1, 2, 3)
]


def refused_or(function, *arguments):
    try:
        return function(*arguments)
    except arithmetic.Impossible:
        return None


def test_output_size_counts_windows_that_fit():
    for n, k, s, pb, pe, d in SIZES:
        last_tap = d * (k - 1)
        windows = sum(start + last_tap < n + pb + pe for start in range(0, n + pb + pe, s))
        found = refused_or(arithmetic.output_size, n, k, s, pb, pe, d)
        assert found == (windows or None), (n, k, s, pb, pe, d)


@pytest.mark.parametrize("drop", [True, False])
def test_ceil_output_size_counts_windows_that_cover(drop):
    """As few windows as reach the padded input's end; a last one past the input is dropped."""
    for n, k, s, pb, pe, d in SIZES:
        reach = d * (k - 1) + 1
        windows = -20
        while (windows - 1) * s + reach < n + pb + pe:
            windows += 1
        if drop and (windows - 1) * s >= n + pb:
            windows -= 1
        found = refused_or(arithmetic.ceil_output_size, n, k, s, pb, pe, d, drop)
        assert found == (windows if windows >= 1 else None), (n, k, s, pb, pe, d)


@pytest.mark.parametrize(
    "function",
    [arithmetic.output_size, arithmetic.ceil_output_size, arithmetic.transposed_output_size],
)
def test_the_least_input_that_a_refusal_names_is_the_least_that_fits(function):
    refusals = 0
    for n, *window in SIZES:
        try:
            function(n, *window)
        except arithmetic.Impossible as refusal:
            refusals += 1
            least = next(size for size in range(1, 99) if refused_or(function, size, *window))
            assert f"at least {least}" in refusal.remedy, (n, *window)
    assert refusals > 10


@pytest.mark.parametrize("output_padding", [0, 1])
def test_transposed_output_size_counts_units_reached(output_padding):
    """From the first tap of the first unit to the last tap of the last one, less the padding."""
    for n, k, s, pb, pe, d in SIZES:
        reached = [unit * s + tap * d for unit in range(n) for tap in range(k)]
        expected = max(reached) + 1 + output_padding - pb - pe
        found = refused_or(arithmetic.transposed_output_size, n, k, s, pb, pe, d, output_padding)
        assert found == (expected if expected >= 1 else None), (n, k, s, pb, pe, d)


def test_same_padding_is_the_least_with_a_window_for_every_stride_of_units():
    for n, k, s, _, _, d in SIZES:
        windows = len(range(0, n, s))
        assert arithmetic.same_output_size(n, s) == windows
        enough = (
            total
            for total in range(99)
            if refused_or(arithmetic.output_size, n, k, s, total, 0, d) == windows
        )
        assert arithmetic.same_padding(n, k, s, d) == next(enough), (n, k, s, d)


class TestFields:
    """Figures that the literature gives; the oracle's tests have the rest."""

    def test_dilated_stack_doubles(self):
        layers = [f"conv, out_channels: 1, kernel_size: 3, dilation: {d}" for d in (1, 2, 4)]
        report = analysed(layers, (1, 64))
        assert [layer.rf for layer in report] == [(3,), (7,), (15,)]  # arXiv:1511.07122, figure 1

    def test_dilated_kernel_alone(self):
        assert last("conv, out_channels: 1, kernel_size: 3, dilation: 2").rf == (5, 5)

    def test_axes_differ(self):
        layer = last("conv, out_channels: 1, kernel_size: [1, 7], stride: [2, 3]")
        assert (layer.rf, layer.eff_stride) == ((1, 7), (2, 3))


VGG16 = """
conv1_1 224,1,3 conv1_2 224,1,5 pool1 112,2,6 conv2_1 112,2,10 conv2_2 112,2,14 pool2 56,4,16
conv3_1 56,4,24 conv3_2 56,4,32 conv3_3 56,4,40 pool3 28,8,44 conv4_1 28,8,60 conv4_2 28,8,76
conv4_3 28,8,92 pool4 14,16,100 conv5_1 14,16,132 conv5_2 14,16,164 conv5_3 14,16,196
pool5 7,32,212
"""
ZF5 = """
conv1 112,2,7 pool1 56,4,11 conv2 28,8,27 pool2 14,16,43 conv3 14,16,75 conv4 14,16,107
conv5 14,16,139
"""
ALEXNET = """
conv1 54,4,11 pool1 26,8,19 conv2 26,8,51 pool2 12,16,67 conv3 12,16,99 conv4 12,16,131
conv5 12,16,163 pool5 5,32,195
"""


@pytest.mark.parametrize("name, table", [("vgg16", VGG16), ("zf5", ZF5), ("alexnet", ALEXNET)])
def test_fields_at_224(name, table):
    """Size, effective stride and field as the detection literature tabulates them."""
    words = table.split()
    expected = {
        layer: tuple(map(int, figures.split(",")))
        for layer, figures in zip(words[::2], words[1::2])
    }
    report = cnncalc.analyze(cnncalc.load(name), input=224)
    found = {
        layer: (report[layer].out_shape[1], report[layer].eff_stride[0], report[layer].rf[0])
        for layer in expected
    }
    assert found == expected
    assert all(len(set(report[layer].rf)) == 1 for layer in expected)


def test_alexnet_at_its_own_input():
    report = cnncalc.analyze(cnncalc.load("alexnet"))
    names = ("conv1", "pool1", "conv2", "pool2", "conv3", "conv4", "conv5", "pool5")
    assert [report[name].out_shape[1] for name in names] == [55, 27, 27, 13, 13, 13, 13, 6]


TOTALS = [
    ("vgg16", 138_357_544, 15_470_264_320),
    ("alexnet", 60_965_224, 724_406_816),
    ("zf5", 3_726_464, None),
]


@pytest.mark.parametrize("name, params, macs", TOTALS)
def test_totals(name, params, macs):
    totals = cnncalc.analyze(cnncalc.load(name)).totals
    assert totals.params == params
    assert macs in (None, totals.macs)
    assert totals.flops == 2 * totals.macs


class TestRegions:
    """What follows a pooling of regions is computed once per region."""

    LAYERS = (
        "conv, out_channels: 8, kernel_size: 1",
        "roi_align, output_size: 7, regions: 100",
        "linear, out_features: 10",
    )

    def test_costs_are_per_region(self):
        conv, roi, linear = analysed(self.LAYERS, (3, 20, 20)).layers
        assert (conv.macs, conv.activations) == (20 * 20 * 8 * 3, 8 * 20 * 20)
        assert (roi.macs, roi.activations) == (0, 100 * 8 * 7 * 7)
        assert (linear.macs, linear.activations) == (100 * 10 * 392, 100 * 10)
        assert linear.params == 10 * 392 + 10

    def test_batch_and_regions_multiply(self):
        network = cnncalc.loads(
            "name: t\ninput: [3, 20, 20]\nlayers:\n"
            + "".join(f"  - {{type: {layer}}}\n" for layer in self.LAYERS)
        )
        linear = cnncalc.analyze(network, batch=2).layers[-1]
        assert (linear.macs, linear.activations) == (2 * 100 * 10 * 392, 2 * 100 * 10)
        assert linear.params == 10 * 392 + 10


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_says_what_autograd_keeps(name):
    """An answer of its own or of its family; unknown is one too, where it is said."""
    found = kind(name)
    declared = any("keeps" in vars(owner) for owner in found.__mro__)
    assert declared or found.autograd_rule is not Layer.autograd_rule
