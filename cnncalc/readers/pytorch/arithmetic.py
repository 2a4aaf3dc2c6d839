"""Operators that work number by number: activations, sums and products."""

from __future__ import annotations

from typing import Any

from ..tensors.call import Call
from ..tensors.cuts import cut
from ..tensors.graph import Graph, Handler
from ..tensors.layout import CHANNELS
from ..tensors.maps import as_read
from ..tensors.merges import merged
from ..tensors.values import Constant, Unreadable, Value, exact

ACTIVATIONS = {
    "relu": "relu",
    "relu6": "relu6",
    "leaky_relu": "leaky_relu",
    "elu": "elu",
    "gelu": "gelu",
    "silu": "silu",
    "mish": "mish",
    "sigmoid": "sigmoid",
    "hardsigmoid": "hard_sigmoid",
    "hardswish": "hard_swish",
    "tanh": "tanh",
    "softmax": "softmax",
    "log_softmax": "log_softmax",
    "dropout": "dropout",
    "feature_dropout": "dropout",
    "alpha_dropout": "dropout",
    "feature_alpha_dropout": "dropout",
}
KEPT = {
    "leaky_relu": ("negative_slope", 0.01),
    "elu": ("alpha", 1),
    "gelu": ("approximate", "none"),
    "dropout": ("p", 0.5),
}
FUNCTIONS = (
    *("abs", "acos", "asin", "atan", "atan2", "bitwise_not", "ceil", "celu", "clamp"),
    *("clamp_max", "clamp_min", "clip", "cos", "cosh", "erf", "erfc", "exp", "expm1", "floor"),
    *("frac", "hardshrink", "log", "log10", "log1p", "log2", "log_sigmoid", "logit", "neg"),
    *("negative", "pow", "reciprocal", "round", "rrelu", "rsqrt", "rsub", "selu", "sign"),
    *("sin", "sinh", "softplus", "softshrink", "softsign", "sqrt", "square", "tan", "threshold"),
    *("trunc", "nan_to_num", "remainder", "fmod", "floor_divide", "xlogy", "normalize"),
)
SIX = (0, 6)


def activation(graph: Graph, call: Call) -> Value:
    """A function of each number by itself that is a layer kind of its own."""
    type_name = ACTIVATIONS[call.operator]
    attributes: dict[str, Any] = {}
    if type_name in KEPT:
        key, default = KEPT[type_name]
        given = call.arguments.get(key, default)
        if given != default:
            attributes[key] = given if isinstance(given, str) else exact(given)
    return _by_number(graph, call, type_name, **attributes)


def function(graph: Graph, call: Call) -> Value:
    """Any other function of each number by itself."""
    if len(call.values()) > 1 or graph.parameters(*call.constants()):
        raise Unreadable("no layer kind stands for it")
    return _by_number(graph, call, "function", operator=call.operator)


def clipped(graph: Graph, call: Call) -> Value:
    """Numbers held between two bounds; between 0 and 6 it is a relu6."""
    bounds = [call.arguments.get(key) for key in ("min", "max", "min_val", "max_val")]
    if tuple(bound for bound in bounds if bound is not None) == SIX:
        return _by_number(graph, call, "relu6")
    return function(graph, call)


def _by_number(graph: Graph, call: Call, type_name: str, **attributes: Any) -> Value:
    value = as_read(graph, call.values()[0])
    word = call.operator if type_name == "function" else type_name
    layer = graph.emit(type_name, graph.names.of(call.node, word), [value], **attributes)
    return value.but(layer=layer)


def gated(graph: Graph, call: Call) -> Value:
    """One half of the channels times the sigmoid of the other."""
    value: Value = call["self"]
    dim = call["dim"] % len(value.dims)
    half = value.shape[dim] // 2
    kept, gate = (cut(graph, call, value, dim, start, half) for start in (0, half))
    name = graph.names.within(call.scope, "sigmoid")
    gate = gate.but(layer=graph.emit("sigmoid", name, [gate]))
    layer = graph.emit("mul", graph.names.within(call.scope, "mul"), [kept, gate])
    return kept.but(layer=layer)


MERGES = {
    "add": "add",
    "sub": "add",
    "mul": "mul",
    "div": "mul",
    "maximum": "maximum",
    "minimum": "maximum",
    "max": "maximum",
    "min": "maximum",
}


def arithmetic(graph: Graph, call: Call) -> Value:
    """A sum, product or maximum of layers; with constants, a scale or a plain function."""
    values = call.values()
    if call.operator in ("max", "min") and len(values) != 2:
        raise Unreadable("no layer kind stands for it")
    if len(values) == 2:
        return merged(graph, call, MERGES[call.operator], values)
    constants = call.constants()
    if graph.parameters(*constants):
        return learned(graph, call, values[0], constants[0])
    if constants and tuple(call.shape) != values[0].shape:
        raise Unreadable(f"it spreads {values[0].shape} over constants of {constants[0].shape}")
    return _by_number(graph, call, "function", operator=call.operator)


def learned(graph: Graph, call: Call, value: Value, constant: Constant) -> Value:
    """A learned factor or bias per channel; other parameters have no layer kind to count them."""
    names = graph.parameters(constant)
    value = as_read(graph, value)
    per_channel = _along_channels(value, constant)
    if len(names) > 1 or graph.counts[names[0]] != value.channels or not per_channel:
        counts = ", ".join(f"{name} of {graph.counts[name]} numbers" for name in names)
        raise Unreadable(f"it uses {counts}, which no layer kind counts")
    if MERGES[call.operator] == "mul":
        layer = graph.emit(
            "scale",
            graph.names.of_weighted(call.node, names[0]),
            [value],
            frozenset(names),
            bias=False,
        )
        return value.but(layer=layer)
    if MERGES[call.operator] == "add" and _takes_bias(graph, call, value, names[0]):
        return value
    raise Unreadable(f"it adds {names[0]}, a bias that belongs to no layer before it")


def _along_channels(value: Value, constant: Constant) -> bool:
    """Whether a constant has one number per channel, and lies along them."""
    shape = (1,) * (len(value.dims) - len(constant.shape)) + constant.shape
    if constant.count != value.channels or len(shape) != len(value.dims):
        return False
    return all(size == 1 or value.axis(dim) == CHANNELS for dim, size in enumerate(shape))


def _takes_bias(graph: Graph, call: Call, value: Value, name: str) -> bool:
    """Let the layer before count a bias, where it has none and gives only to this call."""
    layer = value.layer
    read = next(node for node in call.node.all_input_nodes if graph.values.get(node) is value)
    alone = len(read.users) == 1 and not any(
        draft for draft in graph.drafts if layer in draft.sources
    )
    if (
        layer.attributes.get("bias") is not False
        or not alone
        or layer.shares
        or name in graph.owners
    ):
        return False
    layer.attributes["bias"] = True
    layer.names |= {name}
    graph.owners[name] = layer
    return True


ARITHMETIC: dict[str, Handler] = {
    **dict.fromkeys(ACTIVATIONS, activation),
    **dict.fromkeys(FUNCTIONS, function),
    **dict.fromkeys(("hardtanh", "clamp", "clip"), clipped),
    **dict.fromkeys(MERGES, arithmetic),
    "glu": gated,
}
