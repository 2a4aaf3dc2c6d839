"""Slices and padding as PyTorch traces them: one dimension after the other."""

from __future__ import annotations

from math import isfinite
from typing import Any

from ..tensors.graph import Graph
from ..tensors.layout import CHANNELS
from ..tensors.maps import as_map, axis_at, changed_map, with_sizes
from ..tensors.slicing import cut, pad_amounts, pad_map
from ..tensors.values import Unreadable, Value, exact
from .call import TorchCall, operator_name

CONVOLUTIONS = ("conv1d", "conv2d", "conv3d")


def slice_range(graph: Graph, call: TorchCall) -> Value:
    """`x[:, a:b]`; a step along an axis is a pooling of single units."""
    value: Value = call["input"]
    dim = call["dim"] % len(value.dims)
    start, end, step = slice(call["start"], call["end"], call["step"]).indices(value.shape[dim])
    size = max(end - start, 0)
    axis = value.axis(dim)
    if value.layer.type == "crop" and axis not in (None, CHANNELS) and call.continues():
        value = _cropped_further(value, dim, start, size)
    else:
        value = cut(graph, call, value, dim, start, size)
    if step == 1:
        return value
    axis = axis_at(value, dim)
    if axis == CHANNELS:
        raise Unreadable("it takes channels by steps")
    stride = [step if one == axis else 1 for one in range(len(value.sizes))]
    return changed_map(graph, call, "max_pool", value, kernel_size=1, stride=stride)


def _cropped_further(value: Value, dim: int, start: int, size: int) -> Value:
    """`x[:, :, a:b, c:d]` comes as one cut after the other: they are one crop."""
    axis = axis_at(value, dim)
    amount = [list(pair) for pair in value.layer.attributes["amount"]]
    amount[axis][0] += start
    amount[axis][1] += value.shape[dim] - start - size
    value.layer.attributes["amount"] = amount
    return with_sizes(value, value, {axis: size})


def pad(graph: Graph, call: TorchCall) -> Value:
    """Units added around a map, or taken off where amounts are negative."""
    value: Value = call["input"]
    amounts = call["pad"]
    last = len(value.dims) - 1
    pairs = list(zip(amounts[::2], amounts[1::2]))
    columns = [(last - place, before, after) for place, (before, after) in enumerate(pairs)]
    value, wanted = pad_amounts(graph, value, columns)
    mode, number = call.arguments.get("mode", "constant"), call.arguments.get("value")
    if mode == "constant" and not number and min(amounts) >= 0 and _belongs_to_convolution(call):
        value = as_map(graph, value)
        sizes = {axis: value.sizes[axis] + sum(pair) for axis, pair in enumerate(wanted)}
        made = with_sizes(value, value, sizes)
        return made.but(padding=tuple((before, after) for before, after in wanted))
    filling: dict[str, Any] = {}
    if mode != "constant":
        filling["mode"] = mode
    elif number and isfinite(number):
        filling["value"] = exact(number)
    return pad_map(graph, call, value, wanted, **filling)


def _belongs_to_convolution(call: TorchCall) -> bool:
    """Whether what it gives is read by one convolution alone, and is no padding module's."""
    reader = call.only_reader()
    return (
        reader is not None
        and "torch.nn.modules.padding" not in call.module
        and operator_name(reader) in CONVOLUTIONS
        and reader.args[0] is call.node
        and not any(isinstance(argument, str) for argument in reader.args)
    )
