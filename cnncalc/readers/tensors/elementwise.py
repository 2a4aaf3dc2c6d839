"""Operators that work number by number: activations, sums and products, learned factors."""

from __future__ import annotations

from math import prod
from typing import Any

from .attention import biased_weights
from .call import Call
from .graph import Graph
from .layout import CHANNELS, Dims, axes_in, without_repeats
from .maps import as_map, as_read, flat_vector, lies_flat
from .slicing import cut
from .values import Constant, Unreadable, Value, exact

ACTIVATIONS = {
    **{
        name: name
        for name in (
            *("relu", "relu6", "leaky_relu", "elu", "gelu", "silu", "mish", "sigmoid", "tanh"),
            *("softmax", "log_softmax", "dropout", "identity", "hard_sigmoid", "hard_swish"),
        )
    },
    "hardsigmoid": "hard_sigmoid",
    "hardswish": "hard_swish",
    **dict.fromkeys(("feature_dropout", "alpha_dropout", "feature_alpha_dropout"), "dropout"),
}
SETTINGS = {
    "leaky_relu": ("negative_slope", 0.01),
    "elu": ("alpha", 1),
    "gelu": ("approximate", "none"),
    "dropout": ("p", 0.5),
}
MERGES = {
    **dict.fromkeys(("add", "sub", "sum", "mean"), "add"),
    **dict.fromkeys(("mul", "div"), "mul"),
    **dict.fromkeys(("maximum", "minimum", "max", "min"), "maximum"),
}
SIX = (0, 6)
# These are others where the constant comes first.
REVERSIBLE = ("sub", "div", "pow")


def activation(graph: Graph, call: Call) -> Value:
    """A function of each number by itself that is a layer kind of its own."""
    type_name = ACTIVATIONS[call.operator]
    attributes: dict[str, Any] = {}
    if type_name in SETTINGS:
        key, default = SETTINGS[type_name]
        setting = _exactly(call.arguments.get(key))
        if setting not in (None, _exactly(default)):
            attributes[key] = setting
    if call.operator.startswith("feature_"):
        attributes["per_channel"] = True
    return graph.alike(call, type_name, as_read(graph, call.values()[0]), **attributes)


def _exactly(setting: Any) -> Any:
    return exact(setting) if isinstance(setting, float) else setting


def function(graph: Graph, call: Call) -> Value:
    """Any other function of each number by itself."""
    if len(call.values()) > 1 or graph.parameters(*call.constants()):
        raise Unreadable("no layer kind stands for it")
    value = as_read(graph, call.values()[0])
    first = next(iter(call.arguments.values()), None)
    reverse = call.operator in REVERSIBLE and not isinstance(first, Value)
    operator = f"reverse {call.operator}" if reverse else call.operator
    return graph.alike(call, "function", value, operator=operator)


def clip(graph: Graph, call: Call) -> Value:
    """Numbers held between two bounds; between 0 and 6 it is a relu6."""
    bounds = [call.arguments.get(key) for key in ("min", "max", "min_val", "max_val")]
    if tuple(bound for bound in bounds if bound is not None) == SIX:
        return graph.alike(call, "relu6", as_read(graph, call.values()[0]))
    return function(graph, call)


def gated_linear_unit(graph: Graph, call: Call) -> Value:
    """One half of the channels times the sigmoid of the other."""
    value: Value = call["input"]
    dim = call["dim"] % len(value.dims)
    half = value.shape[dim] // 2
    passed, gate = (cut(graph, call, value, dim, start, half) for start in (0, half))
    name = graph.names.within(call.scope, "sigmoid")
    gate = graph.alike(call, "sigmoid", gate, name=name)
    name = graph.names.within(call.scope, "mul")
    return graph.alike(call, "mul", passed, name=name, sources=[passed, gate])


def arithmetic(graph: Graph, call: Call) -> Value:
    """A sum, product or maximum of layers; with constants, a scale or a plain function."""
    values, constants = call.values(), call.constants()
    if len(values) == 2:
        return merge(graph, call)
    if call.operator in ("max", "min"):
        raise Unreadable("no layer kind stands for it")
    weights = biased_weights(graph, call, values[0], constants) if constants else None
    if weights is not None:
        return weights
    if graph.parameters(*constants):
        return learned_scale(graph, call, values[0], constants[0])
    if constants and call.shape != values[0].shape:
        raise Unreadable(f"it spreads {values[0].shape} over constants of {constants[0].shape}")
    return function(graph, call)


def learned_scale(graph: Graph, call: Call, value: Value, constant: Constant) -> Value:
    """A learned factor or bias per channel; other parameters have no layer kind to count them.

    Where a format does not know what is learned, a bias that no layer before takes is a scale: it
    has the figures of one.
    """
    names = graph.parameters(constant)
    value = as_read(graph, value)
    if MERGES[call.operator] == "add" and _is_per_unit(graph, value, constant, names):
        name = graph.names.of_weighted(call, names[0])
        return graph.alike(call, "position", value, frozenset(names), name=name)
    counted = len(names) == 1 and graph.counts[names[0]] == value.channels
    if not along_channels(value, constant) or (graph.EXACT and not counted):
        counts = ", ".join(f"{name} of {graph.counts[name]} numbers" for name in names)
        raise Unreadable(f"it uses {counts}, which no layer kind counts")
    if MERGES[call.operator] == "add":
        if graph.takes_bias(call, value.layer, frozenset(names)):
            return value
        if graph.EXACT:
            raise Unreadable(f"it adds {names[0]}, a bias that belongs to no layer before it")
    name = graph.names.of_weighted(call, names[0])
    return graph.alike(call, "scale", value, frozenset(names), name=name, bias=False)


def _is_per_unit(graph: Graph, value: Value, constant: Constant, names: list[str]) -> bool:
    """Whether a constant is one parameter, with a number for every number of a map."""
    shape = (1,) * (len(value.dims) - len(constant.shape)) + constant.shape
    whole = not value.is_vector and not value.padding and shape == value.shape
    one = len(names) == 1 and graph.counts[names[0]] == constant.count
    return whole and one and constant.count == value.channels * prod(value.sizes)


def along_channels(value: Value, constant: Constant) -> bool:
    """Whether a constant has one number per channel, and lies along them."""
    shape = (1,) * (len(value.dims) - len(constant.shape)) + constant.shape
    if constant.count != value.channels or len(shape) != len(value.dims):
        return False
    return all(
        size == 1 or (size == other and axes_in(dim) == {CHANNELS})
        for size, other, dim in zip(shape, value.shape, value.dims)
    )


def merge(graph: Graph, call: Call) -> Value:
    """The layer that merges layers number by number; several at once where they lie alike."""
    type_name, values = MERGES[call.operator], call.values()
    made = values[0]
    if len(values) > 2 and _lie_alike(values):
        channels = max(value.channels for value in values)
        sizes = max(value.sizes for value in values)
        dims = tuple(max(column) for column in zip(*(value.dims for value in values)))
        layer = graph.emit(type_name, graph.names.of(call, type_name), values)
        return made.but(layer=layer, channels=channels, sizes=sizes, dims=dims)
    for value in values[1:]:
        made = _merge_pair(graph, call, type_name, made, value)
    return made


def _lie_alike(values: list[Value]) -> bool:
    """Whether maps differ only in that some are of one unit or of one channel."""
    channels = {value.channels for value in values} - {1}
    sizes = {value.sizes for value in values if not value.single}
    columns = zip(*(value.dims for value in values))
    return (
        not any(value.is_vector for value in values)
        and len({(len(value.dims), len(value.sizes)) for value in values}) == 1
        and len(channels) < 2
        and len(sizes) < 2
        and all(len({dim for dim in column if dim}) < 2 for column in columns)
    )


def _merge_pair(graph: Graph, call: Call, type_name: str, one: Value, other: Value) -> Value:
    """The layer that merges two layers."""
    plain = (value.but(dims=without_repeats(value.dims)) for value in (one, other))
    one, other = _alike(graph, *plain)
    dims = _common(one, other)
    if len(one.sizes) != len(other.sizes):
        raise Unreadable("it merges a map and tokens")
    sizes = tuple(map(max, one.sizes, other.sizes))
    channels = max(one.channels, other.channels)
    if channels > min(one.channels, other.channels) > 1:
        raise Unreadable(f"it merges {one.channels} and {other.channels} channels")
    sources = [_spread(graph, value, sizes) for value in (one, other)]
    made = one.but(channels=channels, sizes=sizes, dims=dims, scope=call.scope)
    return graph.alike(call, type_name, made, sources=sources)


def _alike(graph: Graph, one: Value, other: Value) -> tuple[Value, Value]:
    """Both as maps, or both as vectors."""
    one, other = as_read(graph, one), as_read(graph, other)
    if one.is_vector == other.is_vector:
        return one, other
    vector, mapped = (one, other) if one.is_vector else (other, one)
    if lies_flat(mapped):
        mapped = flat_vector(graph, mapped)
    else:
        vector = as_map(graph, vector)
    return (vector, mapped) if one.is_vector else (mapped, vector)


def _common(one: Value, other: Value) -> Dims:
    """The dimensions of what two tensors make; they agree where both are longer than 1."""
    rank = max(len(one.dims), len(other.dims))
    padded = (((),) * (rank - len(dims)) + dims for dims in (one.dims, other.dims))
    pairs = list(zip(*padded))
    if any(first and second and first != second for first, second in pairs):
        raise Unreadable(f"it lays {one.shape} and {other.shape} over each other unevenly")
    return tuple(first or second for first, second in pairs)


def _spread(graph: Graph, value: Value, sizes: tuple[int, ...]) -> Value:
    """The value, resized where it is spread along some of the axes only."""
    if value.sizes == sizes or value.single or value.is_vector:
        return value
    name = graph.names.within(value.scope, "upsample")
    return value.but(layer=graph.emit("upsample", name, [value], size=list(sizes)))
