"""Operators that cut channels and axes, or pad axes."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import Any

from ..pytorch.composites import FUNCTION
from ..pytorch.names import place
from .graph import Call, Graph, Handler
from .layout import CHANNELS
from .maps import as_map, as_read, axis_at, resized
from .values import Unreadable, Value, exact

CONVOLUTIONS = ("conv1d", "conv2d", "conv3d")


def cut(graph: Graph, call: Call, value: Value, dim: int, start: int, size: int) -> Value:
    """A range of the channels or of an axis: a slice or crop layer."""
    length = value.shape[dim]
    if (start, size) == (0, length):
        return value
    value = as_read(graph, value)
    if value.axis(dim) is None:
        value = as_map(graph, value)
    axis = axis_at(value, dim)
    attributes: dict[str, Any] = {"channels": [start, start + size]}
    if axis != CHANNELS:
        amount = [[0, 0] for _ in value.sizes]
        amount[axis] = [start, length - start - size]
        attributes = {"amount": amount}
    type_name = "slice" if axis == CHANNELS else "crop"
    layer = graph.emit(type_name, graph.names.of(call.node, type_name), [value], **attributes)
    return resized(value, value.but(layer=layer), {axis: size})


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


def select(graph: Graph, call: Call) -> Value:
    """`x[:, i]`: one place of a dimension, which goes."""
    value: Value = call["self"]
    dim = call["dim"] % len(value.dims)
    return _selected(graph, call, value, dim, call["index"] % value.shape[dim])


def _selected(graph: Graph, call: Call, value: Value, dim: int, index: int) -> Value:
    if value.shape[dim] > 1:
        value = cut(graph, call, value, dim, index, 1)
    return value.but(dims=value.dims[:dim] + value.dims[dim + 1 :], scope=call.scope)


class Pieces:
    """What a chunk or split gives: each piece becomes a layer when it is asked for."""

    def __init__(self, graph: Graph, call: Call) -> None:
        self.graph = graph
        self.call = call
        self.value: Value = call["self"]
        self.dim = call["dim"] % len(self.value.dims)
        self.made: dict[int, Value] = {}

    def __getitem__(self, index: int) -> Value:
        if index not in self.made:
            self.made[index] = self._piece(index)
        return self.made[index]

    def _piece(self, index: int) -> Value:
        if self.call.operator == "unbind":
            return _selected(self.graph, self.call, self.value, self.dim, index)
        lengths = [shape[self.dim] for shape in self.call.shapes]
        start = sum(lengths[:index])
        return cut(self.graph, self.call, self.value, self.dim, start, lengths[index])

    def __iter__(self) -> Iterator[Value]:
        return (self[index] for index in range(len(self.call.shapes)))


def split(graph: Graph, call: Call) -> Pieces:
    """Channels or an axis in pieces; refused here where no piece could be read."""
    pieces = Pieces(graph, call)
    value = pieces.value
    if value.axis(pieces.dim) is None and value.shape[pieces.dim] > 1:
        value = pieces.value = as_read(graph, value)
        if value.axis(pieces.dim) is None:
            pieces.value = as_map(graph, value)
        axis_at(pieces.value, pieces.dim)
    return pieces


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
