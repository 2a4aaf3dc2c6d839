"""Keras' Reshape and Permute: where they leave channels and axes."""

from __future__ import annotations

from math import prod

from ..builder import Unreadable
from .call import KerasCall, KerasValue
from .input import CHANNELS, INNER, OUTER, Order, default_order
from .shapes import flatten

LEFT = -1


def permute(call: KerasCall) -> KerasValue:
    """Dimensions in another order."""
    value = call.value
    dims = call.config.wholes("dims", least=1)
    if sorted(dims) != list(range(1, len(value.order) + 1)):
        raise call.config.refuse(f"dims {dims} do not name each of {len(value.order)} dimensions")
    order = tuple(value.order[place - 1] for place in dims)
    if not value.groups:
        return KerasValue(call.emit("identity", [value]).layer, order)
    swapped = tuple({OUTER: INNER, INNER: OUTER}.get(axis, axis) for axis in value.order)
    channels = call.net.shape(value)[0]
    if order != swapped or channels is None:
        return call.state([call.net.dims(value)[place - 1] for place in dims])
    shuffled = call.emit("channel_shuffle", [value], groups=value.groups)
    return shuffled.but(groups=channels // value.groups)


def reshape(call: KerasCall) -> KerasValue:
    """Other dimensions for the same numbers."""
    if call.layer.is_operation:
        batch, *target = call.config.wholes("newshape")
        if batch != LEFT:
            raise Unreadable("it reshapes the batch")
    else:
        target = call.config.wholes("target_shape")
    try:
        return _reshape_apart(call, target)
    except Unreadable:
        total, known = prod(call.net.dims(call.value)), prod(n for n in target if n != LEFT)
        sizes = [total // known if n == LEFT and known else n for n in target]
        if prod(sizes) != total or min(sizes) < 1:
            raise call.config.refuse(f"it makes {target} of {total} numbers") from None
        return call.state(sizes)


def _reshape_apart(call: KerasCall, target: list[int]) -> KerasValue:
    """The same numbers where channels and axes stay apart; raises Unreadable where not."""
    value = call.value
    if len(target) == 1:
        return flatten(call)
    if len(target) > call.axes + 1 or value.groups:
        return _regroup(call, value, target)
    if len(value.order) == len(target):
        order = value.order
    else:
        order = default_order(len(target) - 1, call.net.channels_first)
    sizes = dict(zip(order, target))
    shape = [sizes.get(axis, 1) for axis in (CHANNELS, *range(call.axes))]
    if not _keeps_its_axes(call, value, order, shape):
        raise Unreadable("it moves numbers between axes, or between axes and channels")
    return KerasValue(call.emit("reshape", [value], shape=shape).layer, order)


def _keeps_its_axes(call: KerasCall, value: KerasValue, order: Order, shape: list[int]) -> bool:
    """Whether what a reshape says of fields, channels first, holds for Keras' order too."""
    read = call.net.shape(value)
    if len(read) == 1 or value.order == (CHANNELS,):
        return True
    single = all(size == 1 for size in read[1:]) or all(size == 1 for size in shape[1:])
    first = default_order(call.axes, True)
    return (
        single
        or value.order == order == first
        or list(read[1:]) == shape[1:]
        or read[-1] != shape[-1]
    )


def _regroup(call: KerasCall, value: KerasValue, target: list[int]) -> KerasValue:
    """Channels as groups of them, or groups as channels again; the axes stay."""
    full = call.map_order
    place = full.index(CHANNELS)
    split = (*full[:place], OUTER, INNER, *full[place + 1 :])
    wanted, order = (split, full) if value.groups else (full, split)
    read = call.net.shape(value)
    if value.order != wanted or len(target) != len(order) or None in read:
        raise Unreadable(f"it gives {len(target)} dimensions that are no map's")
    total, known = prod(n for n in read if n is not None), prod(n for n in target if n > 0)
    sizes = [total // known if n == LEFT and known else n for n in target]
    named = dict(zip(order, sizes))
    channels = named.get(CHANNELS, named.get(OUTER, 0) * named.get(INNER, 0))
    if (channels, *(named[axis] for axis in range(call.axes))) != read:
        raise Unreadable("it moves numbers between axes, or between axes and channels")
    return KerasValue(call.emit("identity", [value]).layer, order, named.get(OUTER, 0))
