"""What operators without a layer kind are known to do: what they count, and what a unit reads."""

from __future__ import annotations

from ..tensors.layout import CHANNELS, Dim, axes_in
from ..tensors.traced import ALL, Form, what_units_read
from ..tensors.values import Value
from .aliases import MICROSOFT
from .constants import Array
from .elementwise import ELEMENTWISE
from .node import OnnxNode
from .pooling import OVER_CHANNELS
from .products import CALLS

# What has a body, which is not looked at, and what multiplies by numbers of its own.
BODIES = ("If", "Loop", "Scan", "SequenceMap")
TRANSFORMS = ("DFT", "STFT")
# What these are given beside the map is not learned: bounds, conditions, sizes, statistics.
UNLEARNED = (
    *("Sub", "Div", "Pow", "Mod", "Max", "Min", "Clip", "Where", "Equal", "Greater", "Less", "Pad"),
    *("GreaterOrEqual", "LessOrEqual", "Resize", "GridSample", "OneHot", "RoiAlign", "ScatterND"),
    *("ScatterElements", "TopK", "CumSum", "QuantizeLinear", "DequantizeLinear"),
)
# Where the weights of a node stand that reads other constants, too.
WEIGHTS = {
    **dict.fromkeys(("Conv", "ConvTranspose", "BatchNormalization"), (1, 2)),
    **dict.fromkeys(("LSTM", "GRU", "RNN"), (1, 2, 3, 7)),
}
POINTWISE = {*ELEMENTWISE, "Where", "And", "Or", "Xor", "BitwiseNot", "Cast"} - {"Softmax"}
REDUCTIONS = {*OVER_CHANNELS, "ReduceProd", "ArgMax", "ArgMin", "Softmax", "LogSoftmax"}
NORMS = {"LayerNormalization", "RMSNormalization", "GroupNormalization", "InstanceNormalization"}


ATTENTION = {"Attention", f"{MICROSOFT}.Attention", f"{MICROSOFT}.MultiHeadAttention"}
CHANNEL, UNITS, MIXED = "channels", "units", "units and channels"


def statistics(node: OnnxNode) -> int:
    """How many numbers of running statistics a node reads."""
    read = (node.input(place) for place in (3, 4) if node.operator == "BatchNormalization")
    return sum(one.count for one in read if isinstance(one, Array))


def parameters_read(node: OnnxNode) -> frozenset[str]:
    """The constants that a node reads as parameters."""
    if node.operator in UNLEARNED:
        return frozenset()
    read = [node.input(place) for place in WEIGHTS.get(node.operator, range(len(node.inputs)))]
    arrays = [one for one in read if isinstance(one, Array)]
    arrays = [one for one in arrays if one.count > 1 or one.is_learned_number]
    return frozenset().union(*(one.names for one in arrays))


# Of onnxruntime's own operators, those that multiply no matrices.
COSTLESS = {
    f"{MICROSOFT}.{name}"
    for name in (
        *("BiasGelu", "FastGelu", "QuickGelu", "BiasSoftmax", "BiasAdd", "Trilu", "GroupNorm"),
        *("SkipLayerNormalization", "SkipSimplifiedLayerNormalization", "SkipGroupNorm"),
        *("RotaryEmbedding", "QLinearWhere", "QuantizeLinear", "DequantizeLinear"),
    )
}


def is_costless(node: OnnxNode) -> bool:
    """Whether a node that is no product of matrices is known to multiply nothing."""
    own = "." not in node.operator and node.operator not in (*BODIES, *TRANSFORMS)
    return own or node.operator in COSTLESS


def is_product_of_constants(node: OnnxNode) -> bool:
    """Whether a node multiplies matrices none of which depends on the input."""
    arrays = [one for one in node.inputs if isinstance(one, Array)]
    return node.operator in CALLS and sum(len(one.shape) > 1 for one in arrays) > 1


def _attends(node: OnnxNode) -> bool:
    """Whether every row of a product is a unit's, and made of all units of the second matrix."""
    values = node.values()
    if len(values) != 2 or any(len(value.dims) < 2 for value in values):
        return False
    one, other = ([_holds(dim) for dim in value.dims] for value in values)
    outer = [*one[:-2], *other[:-2]]
    inner = sorted(other[-2:])
    return one[-2:] == [UNITS, CHANNEL] and inner == [CHANNEL, UNITS] and UNITS not in outer


def _holds(dim: Dim) -> str:
    """What a dimension of a tensor counts: units, channels, or both or neither."""
    axes = axes_in(dim)
    if not axes or axes == {CHANNELS}:
        return CHANNEL
    return UNITS if min(axes) >= 0 else MIXED


def what_a_unit_reads(node: OnnxNode, sources: list[Value], output: Form, axes: int) -> str | None:
    """Whether a unit reads the units at its own place or all; None where that is not known."""
    if node.operator in ATTENTION or (node.operator in CALLS and _attends(node)):
        return ALL
    pointwise, reduces = node.operator in POINTWISE, node.operator in REDUCTIONS | NORMS
    return what_units_read(sources, output, axes, pointwise, reduces)
