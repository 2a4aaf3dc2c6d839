"""Multiply–accumulates of operators on matrices, from the shapes of what they read and give."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

from .call import Call, flat
from .values import Constant, Value

Shape = tuple[int, ...]
DOTS, DIGITS = "...", "9876543210"


def product_macs(call: Call) -> int | None:
    """Multiply–accumulates of an operator that is one of products; None where not known."""
    macs: int | None = PRODUCTS[call.operator](call)
    return macs


def between_activations(call: Call) -> bool:
    """Whether an operator multiplies activations with each other, not with constants."""
    operands = [one for one in flat(call.arguments.values()) if isinstance(one, (Value, Constant))]
    return sum(isinstance(one, Value) for one in operands[:2]) == 2


def _matrices(first: str, second: str) -> Callable[[Call], Any]:
    """Of a product of matrices, one for each of a batch: numbers that it gives × inner side."""

    def count(call: Call) -> Any:
        one, other = call[first].shape, call[second].shape
        batches = prod(_broadcast(one[:-2], other[:-2]))
        rows = one[-2] if len(one) > 1 else 1
        columns = other[-1] if len(other) > 1 else 1
        return batches * rows * one[-1] * columns

    return count


def _broadcast(one: Shape, other: Shape) -> Shape:
    rank = max(len(one), len(other))
    pairs = zip((1,) * (rank - len(one)) + one, (1,) * (rank - len(other)) + other)
    return tuple(max(pair) if 0 not in pair else 0 for pair in pairs)


def _attention(call: Call) -> Any:
    """Queries with keys, and their weights with values: Q·K·(D + V) a head."""
    query, key, value = (call[name].shape for name in ("query", "key", "value"))
    return prod(query[:-1]) * key[-2] * (query[-1] + value[-1])


def _linear(call: Call) -> Any:
    """Numbers that it gives × numbers that each of them is made of."""
    return prod(call["input"].shape[:-1]) * prod(call["weight"].shape)


def _convolution(call: Call) -> Any:
    weight = call["weight"].shape
    return prod(call.shape) * prod(weight[1:])


def _transposed_convolution(call: Call) -> Any:
    weight = call["weight"].shape
    return prod(call["input"].shape) * prod(weight[1:])


def _recurrence(call: Call) -> Any:
    """Of every step, all its weights: 4·h·(x + h) a layer and direction of an LSTM."""
    return prod(call["input"].shape[:2]) * sum(
        one.count for one in call["params"] if len(one.shape) == 2
    )


def _einsum(call: Call) -> int | None:
    """Of two operands: sizes of all indices, but for those that one alone sums up beforehand.

    Where no index is summed up over both, the numbers are multiplied one by one, as in a layer
    that scales, which counts none; nothing is summed up over an index of size 1.
    """
    operands = call["tensors"]
    reads, arrow, gives = call["equation"].replace(" ", "").partition("->")
    terms = reads.split(",")
    if len(operands) != 2 or len(terms) != 2:
        return None
    if not arrow:
        once = sorted(one for one in reads if one.isalpha() and reads.count(one) == 1)
        gives = "".join((DOTS if DOTS in reads else "", *once))
    shapes = [one.shape for one in operands]
    terms, gives = _without_dots(terms, shapes, gives)
    sizes: dict[str, int] = {}
    for term, shape in zip(terms, shapes):
        for index, size in zip(term, shape):
            sizes[index] = max(size, sizes.get(index, 1))
    both = set(terms[0]) & set(terms[1])
    if not any(sizes[index] > 1 for index in both - set(gives)):
        return 0
    return prod(sizes[index] for index in both | set(gives))


def _without_dots(terms: list[str], shapes: list[Shape], gives: str) -> tuple[list[str], str]:
    """The terms with digits in the place of dots, the last dimension's 0, as they are aligned."""
    ranks = [
        len(shape) - len(term) + len(DOTS) for term, shape in zip(terms, shapes) if DOTS in term
    ]
    digits = [DIGITS[-rank:] if rank else "" for rank in ranks]
    left = iter(digits)
    found = [term.replace(DOTS, next(left)) if DOTS in term else term for term in terms]
    return found, gives.replace(DOTS, max(digits, key=len, default=""))


PRODUCTS: dict[str, Callable[[Call], Any]] = {
    "matmul": _matrices("input", "other"),
    "mm": _matrices("input", "mat2"),
    "bmm": _matrices("input", "mat2"),
    "addmm": _matrices("mat1", "mat2"),
    "baddbmm": _matrices("batch1", "batch2"),
    "einsum": _einsum,
    "scaled_dot_product_attention": _attention,
    "linear": _linear,
    **dict.fromkeys(("lstm", "gru", "rnn_tanh", "rnn_relu"), _recurrence),
    **dict.fromkeys(("conv1d", "conv2d", "conv3d"), _convolution),
    **dict.fromkeys(
        ("conv_transpose1d", "conv_transpose2d", "conv_transpose3d"), _transposed_convolution
    ),
}
