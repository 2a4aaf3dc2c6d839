"""Operators that do what standard ones do: on quantized tensors, or of onnxruntime's own.

Beside every quantized tensor stand its scale and its zero point, which are no parameters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onnx import NodeProto

MICROSOFT = "com.microsoft"
MOST_INPUTS = 10_000
# The standard operator, and which inputs it takes.
ALIASES: dict[tuple[str, str], tuple[str, Sequence[int]]] = {
    (MICROSOFT, "FusedConv"): ("Conv", (0, 1, 2)),
    (MICROSOFT, "FusedGemm"): ("Gemm", (0, 1, 2)),
    (MICROSOFT, "DynamicQuantizeMatMul"): ("MatMul", (0, 1)),
    (MICROSOFT, "MatMulIntegerToFloat"): ("MatMul", (0, 1)),
    (MICROSOFT, "QLinearConv"): ("Conv", (0, 3, 8)),
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
# The input that such a node adds to what the standard operator gives.
ADDENDS = {"FusedConv": 3, "DynamicQuantizeMatMul": 4, "MatMulIntegerToFloat": 6}
# What the numbers of an activation within a node are called on its own.
PARAMETERS = {"LeakyRelu": ("alpha",), "Clip": ("min", "max"), "HardSigmoid": ("alpha", "beta")}


def standard(proto: NodeProto) -> list[NodeProto]:
    """The standard nodes that do what a node does, one after the other: mostly itself."""
    alias = ALIASES.get((proto.domain, proto.op_type))
    if alias is None:
        return [proto]
    operator, places = alias
    made = type(proto)()
    made.CopyFrom(proto)
    made.op_type, made.domain = operator, ""
    read = list(proto.input)
    _set_inputs(made, [read[place] for place in places if place < len(read)])
    return _in_a_row(proto, [*_steps_around(proto, made)])


def _steps_around(proto: NodeProto, made: NodeProto) -> Iterator[NodeProto]:
    """The node, and what else the one that it stands for does, before and behind it."""
    from onnx import helper

    told = {one.name: helper.get_attribute_value(one) for one in proto.attribute}
    last, axes = bool(told.get("channels_last")), len(told.get("kernel_shape", (0, 0)))
    if last:
        order = [0, axes + 1, *range(1, axes + 1)]
        yield helper.make_node("Transpose", [made.input[0]], [], perm=order)
    yield made
    addend = ADDENDS.get(proto.op_type, len(proto.input))
    if addend < len(proto.input) and proto.input[addend]:
        yield helper.make_node("Add", ["", proto.input[addend]], [])
    if activation := told.get("activation", b"").decode(errors="replace"):
        numbers = zip(PARAMETERS.get(activation, ()), told.get("activation_params", ()))
        yield helper.make_node(activation, [""], [], **dict(numbers))
    if last:
        yield helper.make_node("Transpose", [""], [], perm=[0, *range(2, axes + 2), 1])


def _in_a_row(proto: NodeProto, nodes: list[NodeProto]) -> list[NodeProto]:
    """Nodes each of which reads first what the one before gives; the last gives the outputs."""
    for place, node in enumerate(nodes):
        if place:
            _set_inputs(node, [nodes[place - 1].output[0], *list(node.input)[1:]])
        if node.name != proto.name:
            node.name = f"{proto.name}.{node.op_type}"
        del node.output[:]
        node.output.append(f"{proto.output[0]}/{node.op_type}{place}")
    del nodes[-1].output[:]
    nodes[-1].output.extend(proto.output)
    return nodes


def _set_inputs(node: NodeProto, names: list[str]) -> None:
    del node.input[:]
    node.input.extend(names)
