"""Slices and padding of traced PyTorch tensors."""

from __future__ import annotations

from math import isfinite
from typing import Any

from ..tensors.call import Call
from ..tensors.cuts import cut, select, split
from ..tensors.graph import Graph, Handler
from ..tensors.layout import CHANNELS
from ..tensors.maps import as_map, axis_at, resized
from ..tensors.values import Unreadable, Value, exact
from .composites import FUNCTION
from .names import place

CONVOLUTIONS = ("conv1d", "conv2d", "conv3d")


def sliced(graph: Graph, call: Call) -> Value:
    """`x[:, a:b]`; a step along an axis is a pooling of single units."""
    value: Value = call["self"]
    dim = call["dim"] % len(value.dims)
    length = value.shape[dim]
    start, end, step = slice(call["start"], call["end"], call["step"]).indices(length)
    size = max(end - start, 0)
    if value.layer.type == "crop" and value.axis(dim) not in (None, CHANNELS):
        value = _cropped_further(graph, call, value, dim, start, size)
    else:
        value = cut(graph, call, value, dim, start, size)
    if step == 1:
        return value
    axis = axis_at(value, dim)
    if axis == CHANNELS:
        raise Unreadable("it takes channels by steps")
    stride = [step if one == axis else 1 for one in range(len(value.sizes))]
    name = graph.names.of(call.node, "max_pool")
    layer = graph.emit("max_pool", name, [value], kernel_size=1, stride=stride)
    return resized(value, value.but(layer=layer), {axis: call.shape[dim]})


def _cropped_further(
    graph: Graph, call: Call, value: Value, dim: int, start: int, size: int
) -> Value:
    """`x[:, :, a:b, c:d]` comes as one cut after the other: they are one crop."""
    before = call.node.all_input_nodes[0]
    if before.meta.get(FUNCTION) != call.node.meta.get(FUNCTION) or len(before.users) > 1:
        return cut(graph, call, value, dim, start, size)
    axis = axis_at(value, dim)
    amount = [list(pair) for pair in value.layer.attributes["amount"]]
    amount[axis][0] += start
    amount[axis][1] += value.shape[dim] - start - size
    value.layer.attributes["amount"] = amount
    return resized(value, value, {axis: size})


def pad(graph: Graph, call: Call) -> Value:
    """Units added around a map, or taken off where amounts are negative."""
    value: Value = call["self"]
    amounts = call["pad"]
    last = len(value.dims) - 1
    padded = [last - number // 2 for number, amount in enumerate(amounts) if amount]
    if any(value.axis(dim) is None for dim in padded):
        value = as_map(graph, value)
    pairs = [[0, 0] for _ in value.sizes]
    for place_, (before, after) in enumerate(zip(amounts[::2], amounts[1::2])):
        if before or after:
            axis = axis_at(value, last - place_)
            if axis == CHANNELS:
                raise Unreadable("it pads the channels")
            pairs[axis] = [before, after]
    if call.arguments.get("mode", "constant") == "constant" and _belongs_to_convolution(call):
        value = as_map(graph, value)
        grown = _grown(value, pairs)
        return grown.but(padding=tuple((before, after) for before, after in pairs))
    for type_name, key, sign in (("crop", "amount", -1), ("pad", "padding", 1)):
        wanted = [[max(sign * amount, 0) for amount in pair] for pair in pairs]
        if any(amount for pair in wanted for amount in pair):
            attributes: dict[str, Any] = {key: wanted}
            if type_name == "pad":
                attributes |= _filling(call)
            name = graph.names.of(call.node, type_name)
            layer = graph.emit(type_name, name, [value], **attributes)
            signed = [[sign * amount for amount in pair] for pair in wanted]
            value = _grown(value.but(layer=layer), signed)
    return value


def _filling(call: Call) -> dict[str, Any]:
    """What a pad layer says of the numbers around the map, where it is not zeros."""
    mode, value = call.arguments.get("mode", "constant"), call.arguments.get("value")
    if mode != "constant":
        return {"mode": mode}
    return {"value": exact(value)} if value and isfinite(value) else {}


def _grown(value: Value, pairs: list[list[int]]) -> Value:
    sizes = {axis: size + sum(pairs[axis]) for axis, size in enumerate(value.sizes) if pairs[axis]}
    return resized(value, value, sizes)


def _belongs_to_convolution(call: Call) -> bool:
    """Whether zeros are padded by no module of its own, for one convolution alone."""
    users = list(call.node.users)
    if len(users) != 1 or min(call["pad"]) < 0 or call.arguments.get("value"):
        return False
    if "torch.nn.modules.padding" in place(call.node)[2]:
        return False
    user = users[0]
    name = getattr(getattr(user.target, "_schema", None), "name", "").partition("::")[2]
    if name not in CONVOLUTIONS or user.args[0] is not call.node:
        return False
    return not any(isinstance(argument, str) for argument in user.args)


CUTS: dict[str, Handler] = {
    "slice": sliced,
    "select": select,
    **dict.fromkeys(
        ("chunk", "split", "split_with_sizes", "tensor_split", "unbind", "unsafe_chunk"), split
    ),
    **dict.fromkeys(("pad", "constant_pad_nd"), pad),
}
