"""Activations and norms that exporters write out as arithmetic, made one layer again."""

from __future__ import annotations

from typing import Any

from ..tensors.values import Draft, Value
from .graph import OnnxGraph
from .node import OnnxNode

X = "x"
ANY = None
CLOSE = 1e-3
COMMUTATIVE = ("Add", "Mul")


def _gelus() -> list[tuple[Any, ...]]:
    """0.5·x·(1 + erf(x/√2)), in the orders in which exporters multiply."""
    inner: list[Any] = [("Erf", ("Div", 1.41421, X)), ("Erf", ("Mul", 0.70711, X))]
    cube = ("Mul", 0.044715, ("Pow", 3.0, X))
    inner.append(("Tanh", ("Mul", 0.79788, ("Add", X, cube))))
    made: list[tuple[Any, ...]] = []
    for one in inner:
        rest = ("Add", 1.0, one)
        made += (
            ("Mul", 0.5, ("Mul", X, rest)),
            ("Mul", ("Mul", 0.5, X), rest),
            ("Mul", X, ("Mul", 0.5, rest)),
        )
    return made


def _layer_norms() -> list[tuple[Any, ...]]:
    centred = ("Sub", X, ("ReduceMean", X))
    squares: list[Any] = [("Pow", 2.0, centred), ("Mul", centred, centred)]
    return [("Div", centred, ("Sqrt", ("Add", ANY, ("ReduceMean", square)))) for square in squares]


def _unit_lengths() -> list[tuple[Any, ...]]:
    lengths: list[Any] = [("ReduceL2", X), ("Sqrt", ("ReduceSum", ("Pow", 2.0, X)))]
    lengths += [(operator, ANY, one) for one in list(lengths) for operator in ("Clip", "Add")]
    return [("Div", X, length) for length in lengths]


# An operator with the number that it computes with, if any, and what it reads.
SHIFTED = ("Clip", ANY, ("Add", 3.0, X))
PATTERNS: tuple[tuple[str, dict[str, Any], list[tuple[Any, ...]]], ...] = (
    ("silu", {}, [("Mul", X, ("Sigmoid", X))]),
    ("mish", {}, [("Mul", X, ("Tanh", ("Softplus", X)))]),
    (
        "hard_swish",
        {},
        [
            ("Mul", X, ("HardSigmoid", X)),
            ("Mul", X, ("Div", 6.0, SHIFTED)),
            ("Div", 6.0, ("Mul", X, SHIFTED)),
        ],
    ),
    ("hard_sigmoid", {}, [("Div", 6.0, SHIFTED)]),
    ("gelu", {}, _gelus()),
    ("layer_norm", {"affine": False}, _layer_norms()),
    ("function", {"operator": "normalize"}, _unit_lengths()),
)
LAST = {pattern[0] for _, _, patterns in PATTERNS for pattern in patterns}


def fuse(
    graph: OnnxGraph, node: OnnxNode, value: Value, operator: str = "", number: Any = None
) -> Value:
    """A node's value, its layer made the one that it is the last step of, if any.

    `operator` is what it does, where that is not the node's own, and `number` what it does it with.
    """
    draft = value.layer
    graph.origins[draft] = (operator or node.operator, number)
    if graph.origins[draft][0] not in LAST:
        return value
    for type_name, attributes, patterns in PATTERNS:
        for pattern in patterns:
            steps: dict[str, Draft] = {}
            if _fits(graph, draft, pattern, steps):
                draft.become(type_name, (steps[X],), **attributes)
                graph.origins[draft] = (type_name, None)
                return value
    return value


def _fits(graph: OnnxGraph, draft: Draft, pattern: Any, steps: dict[str, Draft]) -> bool:
    if pattern == X:
        return steps.setdefault(X, draft) is draft
    operator, *parts = pattern
    origin = graph.origins.get(draft)
    if origin is None or origin[0] != operator:
        return False
    if parts[0] is ANY or isinstance(parts[0], float):
        number = origin[1]
        if parts[0] is not ANY and (number is None or abs(float(number) - parts[0]) > CLOSE):
            return False
        parts = parts[1:]
    if len(draft.sources) != len(parts):
        return False
    orders = [parts, parts[::-1]] if operator in COMMUTATIVE and len(parts) > 1 else [parts]
    for order in orders:
        tried = dict(steps)
        if all(_fits(graph, one, part, tried) for one, part in zip(draft.sources, order)):
            steps.update(tried)
            return True
    return False
