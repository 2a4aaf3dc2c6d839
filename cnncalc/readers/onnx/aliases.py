"""Operators that do what standard ones do: on quantized tensors, or of onnxruntime's own.

Beside every quantized tensor stand its scale and its zero point, which are no parameters.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onnx import NodeProto

MICROSOFT = "com.microsoft"
MOST_INPUTS = 10_000
# The standard operator, and which inputs it takes.
ALIASES: dict[tuple[str, str], tuple[str, Sequence[int]]] = {
    ("", "ConvInteger"): ("Conv", (0, 1)),
    ("", "QLinearConv"): ("Conv", (0, 3, 8)),
    ("", "MatMulInteger"): ("MatMul", (0, 1)),
    ("", "QLinearMatMul"): ("MatMul", (0, 3)),
    ("", "SimplifiedLayerNormalization"): ("RMSNormalization", (0, 1)),
    (MICROSOFT, "QLinearAdd"): ("Add", (0, 3)),
    (MICROSOFT, "QLinearMul"): ("Mul", (0, 3)),
    (MICROSOFT, "QLinearSigmoid"): ("Sigmoid", (0,)),
    (MICROSOFT, "QLinearLeakyRelu"): ("LeakyRelu", (0,)),
    (MICROSOFT, "QLinearSoftmax"): ("Softmax", (0,)),
    (MICROSOFT, "QLinearGlobalAveragePool"): ("GlobalAveragePool", (0,)),
    (MICROSOFT, "QLinearAveragePool"): ("AveragePool", (0,)),
    (MICROSOFT, "QLinearReduceMean"): ("ReduceMean", (0,)),
    (MICROSOFT, "QLinearConcat"): ("Concat", range(2, MOST_INPUTS, 3)),
    (MICROSOFT, "QGemm"): ("Gemm", (0, 3, 6)),
    (MICROSOFT, "Gelu"): ("Gelu", (0,)),
}


def standard(proto: NodeProto) -> NodeProto:
    """The node with the standard operator in the place of one that does the same."""
    alias = ALIASES.get((proto.domain, proto.op_type))
    if alias is None:
        return proto
    operator, places = alias
    made = type(proto)()
    made.CopyFrom(proto)
    made.op_type, made.domain = operator, ""
    del made.input[:]
    made.input.extend(proto.input[place] for place in places if place < len(proto.input))
    return made
