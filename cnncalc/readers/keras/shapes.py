"""What brings Keras' tensors together, and what gives them other dimensions."""

from __future__ import annotations

from typing import Any

from ...wording import is_whole
from ..builder import ALL, Unreadable
from .activations import with_activation
from .call import KerasCall, KerasValue
from .input import CHANNELS, Order

MERGES = {"Multiply": "mul", "Maximum": "maximum", "Minimum": "maximum"}


def dense(call: KerasCall) -> KerasValue:
    """A fully connected layer; on a map, one for every unit: a 1×1 convolution."""
    config = call.config
    units, bias = config.whole("units"), config.flag("use_bias", True)
    return with_activation(call, dense_of(call, call.value, units, bias))


def dense_of(call: KerasCall, value: KerasValue, units: int, bias: bool) -> KerasValue:
    """The product of the last dimension with a kernel."""
    if value.order == (CHANNELS,):
        return call.emit_weighted("linear", value, out_features=units, bias=bias)
    if value.order[-1] != CHANNELS:
        value = call.arrange(value, channels_first=False)
    return call.emit_weighted("conv", value, out_channels=units, kernel_size=1, bias=bias)


def _uniform_values(call: KerasCall) -> list[KerasValue]:
    """What a merge reads, vectors and maps of one unit made alike."""
    values = call.values
    orders = {value.order for value in values}
    full = call.map_order
    if len(orders - {(CHANNELS,)}) > 1 or (len(orders) > 1 and full not in orders):
        raise Unreadable("its inputs have their channels and axes in different places")
    ranks = [len(call.net.shape(value)) for value in values]
    if full in orders:
        return [_as_map(call, value) if rank == 1 else value for value, rank in zip(values, ranks)]
    if len(set(ranks)) == 1:
        return values
    return [
        call.emit("flatten", [value], ".flatten") if rank > 1 else value
        for value, rank in zip(values, ranks)
    ]


def _as_map(call: KerasCall, value: KerasValue) -> KerasValue:
    reshaped = call.emit("reshape", [value], ".map", shape=[0, *[1] * call.axes])
    return KerasValue(reshaped.layer, call.map_order)


def merge(call: KerasCall) -> KerasValue:
    """A sum, a difference, a mean, a product or an extreme of layers."""
    values = _uniform_values(call)
    widest = max(values, key=lambda value: len(value.order))
    merged = call.emit(MERGES.get(call.layer.operator, "add"), values)
    return widest.but(layer=merged.layer)


def operation(call: KerasCall) -> KerasValue:
    """Arithmetic written as an operation: of layers as a layer would, else with constants."""
    if len(call.values) > 1:
        return merge(call)
    if any(isinstance(each, (list, dict)) for each in call.use.everything):
        raise Unreadable("it computes with constants that may have a shape of their own")
    return function(call)


def function(call: KerasCall) -> KerasValue:
    """A function of each number by itself."""
    return call.emit("function", [call.value], operator=call.layer.operator.lower())


def concatenate(call: KerasCall) -> KerasValue:
    """Channels joined."""
    values = _uniform_values(call)
    order = values[0].order
    axis = call.use.named.get("axis", call.config.get("axis", -1))
    if _dimension(axis, order) != CHANNELS:
        return _join_along(call, values, axis)
    return KerasValue(call.emit("concat", values).layer, order)


def _join_along(call: KerasCall, values: list[KerasValue], axis: Any) -> KerasValue:
    """Numbers joined along an axis of the map."""
    all_dims = [call.net.dims(value) for value in values]
    dims = list(all_dims[0])
    if _dimension(axis, values[0].order) is None:
        raise Unreadable("it joins along the batch, or along a dimension that is none")
    place = axis - 1 if axis > 0 else axis + len(dims)
    for other in all_dims[1:]:
        if other[:place] + other[place + 1 :] != dims[:place] + dims[place + 1 :]:
            raise Unreadable("its inputs differ in more than the dimension that they are joined by")
        dims[place] += other[place]
    return call.state(dims, values)


def repeat_vector(call: KerasCall) -> KerasValue:
    """A vector at every step of a sequence."""
    return call.state([call.config.whole("n"), *call.net.dims(call.value)], reads=ALL)


def _dimension(place: Any, order: Order) -> int | None:
    """What a dimension holds, counted with the batch; None for the batch and beyond."""
    if not is_whole(place) or not -len(order) <= place <= len(order):
        return None
    number = int(place)
    if number > 0:
        return order[number - 1]
    return order[number] if number else None


def holds_channels(axis: Any, order: Order) -> bool:
    """Whether an axis, alone in a list or not, is that of the channels."""
    alone = axis[0] if isinstance(axis, list) and len(axis) == 1 else axis
    return _dimension(alone, order) == CHANNELS


def flatten(call: KerasCall) -> KerasValue:
    """A vector of all numbers."""
    return KerasValue(call.emit("flatten", [call.value]).layer, (CHANNELS,))
