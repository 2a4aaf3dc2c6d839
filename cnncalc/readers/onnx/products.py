"""Operators that multiply matrices, as the calls whose multiply–accumulates are counted."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

from ..tensors import attention
from ..tensors.call import Call
from ..tensors.products import between_activations, product_macs
from ..tensors.values import Constant, Unreadable, Value
from .graph import Handler, OnnxGraph
from .node import OnnxNode

Shape = tuple[int, ...]


def multiplication(graph: OnnxGraph, node: OnnxNode) -> Value:
    """A product of activations in attention; others are of no kind."""
    # Of its shape no more is needed than the rank.
    shape = max((one.shape for one in node.inputs), key=len)
    return attention.multiplication(graph, CALLS[node.operator](node, shape))


def macs_of(node: OnnxNode, shape: Shape) -> int | None:
    """Multiply–accumulates of a product that gives a tensor of a shape; None where not known."""
    try:
        return product_macs(CALLS[node.operator](node, shape))
    except (Unreadable, LookupError, AttributeError, TypeError, ValueError):
        # Each has its ways of lacking what it multiplies.
        return None


def multiplies_activations(node: OnnxNode, shape: Shape) -> bool:
    """Whether an operator multiplies activations with each other, not with constants."""
    return between_activations(CALLS[node.operator](node, shape))


def _matrices(node: OnnxNode, shape: Shape) -> Call:
    one, other = node.input(0), node.input(1)
    one = _transpose_of(one) if node.integer("transA") else one
    other = _transpose_of(other) if node.integer("transB") else other
    return node.call("matmul", shape, input=one, other=other)


def _transpose_of(operand: Any) -> Any:
    """An operand with its last two dimensions exchanged."""
    if isinstance(operand, Value):
        *others, rows, columns = operand.dims
        return operand.but(dims=(*others, columns, rows))
    *sizes, height, width = operand.shape
    return operand.but(shape=(*sizes, width, height))


def _einsum(node: OnnxNode, shape: Shape) -> Call:
    return node.call("einsum", shape, equation=node.text("equation"), tensors=node.inputs)


def _recurrence(node: OnnxNode, shape: Shape) -> Call:
    """Every step and direction by its weights: two matrices, side by side in ONNX."""
    weights = [node.input(place) for place in (1, 2)]
    matrices = [one.but(shape=(prod(one.shape[:2]), one.shape[2])) for one in weights]
    return node.call("lstm", shape, input=node.input(0), params=matrices)


def _convolution(node: OnnxNode, shape: Shape) -> Call:
    operator = "conv_transpose2d" if node.operator == "ConvTranspose" else "conv2d"
    return node.call(operator, shape, input=node.input(0), weight=node.input(1))


def _attention(node: OnnxNode, shape: Shape) -> Call:
    """Queries, keys and values, those of several heads in a dimension or side by side."""
    query, key, value = (Constant(node.inputs[place].shape) for place in range(3))
    heads, groups = node.integer("q_num_heads"), node.integer("kv_num_heads")
    if len(query.shape) == 3 and heads > groups > 0:
        # A group of queries' heads shares what they attend to.
        value = value.but(shape=(*value.shape[:-1], value.shape[-1] // groups * heads))
    return node.call(ATTENTION, shape, query=query, key=key, value=value)


ATTENTION = "scaled_dot_product_attention"
CALLS: dict[str, Callable[[OnnxNode, Shape], Call]] = {
    **dict.fromkeys(("MatMul", "Gemm", "com.microsoft.FusedMatMul"), _matrices),
    "Einsum": _einsum,
    **dict.fromkeys(("LSTM", "GRU", "RNN"), _recurrence),
    **dict.fromkeys(("Conv", "ConvTranspose", "DeformConv"), _convolution),
    **dict.fromkeys(("Attention", "com.microsoft.MultiHeadAttention"), _attention),
}
MULTIPLYING: dict[str, Handler] = dict.fromkeys(
    ("Einsum", "com.microsoft.FusedMatMul"), multiplication
)
