"""What takes a part of Keras' tensors: channels, rows and columns, places, pieces."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from ...wording import is_whole
from ..builder import Unreadable
from .call import KerasCall, KerasValue
from .input import CHANNELS

ELLIPSIS, SLICE = "__ellipsis__", "__slice__"
MOST_PIECES = 1000

Wanted = range | int


def item(call: KerasCall) -> KerasValue:
    """`x[:, 2:6, ::2, 0]`: ranges of dimensions, and single places of them, which go."""
    value, rank = call.value, len(call.value.order)
    keys = next((each for each in call.use.everything if isinstance(each, list)), None)
    if not keys or sum(_is(key, ELLIPSIS) for key in keys) > 1:
        raise Unreadable("what it takes is not told")
    dots = next((place for place, key in enumerate(keys) if _is(key, ELLIPSIS)), len(keys))
    before, after = keys[:dots], keys[dots + 1 :]
    middle: list[Any] = [None] * (rank + 1 - len(before) - len(after))
    every: list[Any] = [*before, *middle, *after]
    batch, others = every[0], every[1:]
    if len(others) != rank or not (batch is None or _bounds(batch) == (None, None, 1)):
        raise Unreadable("it takes other than dimensions of the whole batch")
    return part(call, value, [_range_of(call, place, key) for place, key in enumerate(others)])


def part(
    call: KerasCall, value: KerasValue, wanted: Sequence[Wanted | None], suffix: str = ""
) -> KerasValue:
    """Layers that take ranges of a value's dimensions, None for all of one."""
    if value.groups:
        raise Unreadable("its channels are in two dimensions")
    ranges = {
        axis: range(each, each + 1) if isinstance(each, int) else each
        for axis, each in zip(value.order, wanted)
        if each is not None
    }
    axes = range(call.net.axes_of(value))
    steps = [ranges[axis].step if axis in ranges else 1 for axis in axes]
    shape, made = call.net.shape(value), value
    amount = [_amount(ranges[axis], shape[axis + 1]) if axis in ranges else [0, 0] for axis in axes]
    if channels := ranges.get(CHANNELS):
        if channels.step != 1:
            raise Unreadable("it takes channels by steps")
        # What is cut out of the map, too, has the layer's name.
        last = not any(map(any, amount)) and max(steps, default=1) == 1
        ends = [channels.start, channels.stop]
        made = call.emit("slice", [made], suffix if last else f"{suffix}.channels", channels=ends)
    if any(map(any, amount)):
        stem = suffix if max(steps) == 1 else f"{suffix}.crop"
        made = call.emit("crop", [made], stem, amount=amount)
    if max(steps, default=1) > 1:
        made = call.emit("max_pool", [made], suffix, kernel_size=1, stride=steps)
    kept = (axis for axis, each in zip(value.order, wanted) if not isinstance(each, int))
    return made.but(order=tuple(kept))


def split(call: KerasCall) -> list[KerasValue]:
    """A dimension in equal pieces, or in pieces that end at given places."""
    value, config = call.value, call.config
    axis = config.wholes("axis", 0)[0]
    place = axis - 1 if axis > 0 else axis + len(value.order)
    if not 0 <= place < len(value.order):
        raise Unreadable("it splits the batch, or a dimension that is none")
    size, parts = call.net.dims(value)[place], config.get("indices_or_sections")
    if is_whole(parts) and 0 < parts <= MOST_PIECES and size % parts == 0:
        ends = [size // parts * number for number in range(parts + 1)]
    elif isinstance(parts, list) and len(parts) < MOST_PIECES and all(map(is_whole, parts)):
        ends = [0, *parts, size]
    else:
        raise Unreadable("its pieces are not known")
    if any(first >= end for first, end in pairwise(ends)):
        raise Unreadable("a piece of it is empty")
    pieces = []
    for number, (first, end) in enumerate(pairwise(ends)):
        wanted: list[Wanted | None] = [None] * len(value.order)
        wanted[place] = range(first, end)
        pieces.append(part(call, value, wanted, f".{number}"))
    return pieces


def _range_of(call: KerasCall, place: int, key: Any) -> Wanted | None:
    """What a key takes of a dimension behind the batch; None where that is all of it."""
    bounds = (None, None, 1) if key is None else _bounds(key)
    if bounds == (None, None, 1):
        return None
    size = call.net.dims(call.value)[place]
    if is_whole(key) and -size <= key < size:
        return int(key) % size
    found = range(size)[slice(*bounds)] if bounds and bounds[2] > 0 else range(0)
    if not found:
        raise Unreadable("it takes nothing, or not a range")
    return None if len(found) == size else found


def _amount(taken: range, size: int | None) -> list[int]:
    """What is cut off an axis; a step takes what is left behind its last unit, and may pass it."""
    return [taken.start, max((size or 0) - taken[-1] - taken.step, 0)]


def _is(key: Any, name: str) -> bool:
    return isinstance(key, dict) and key.get("class_name") == name


def _bounds(key: Any) -> tuple[int | None, int | None, int] | None:
    """First, end and step of a slice; None for other keys."""
    config = key.get("config") if _is(key, SLICE) else None
    if not isinstance(config, dict):
        return None
    first, end, step = config.get("start"), config.get("stop"), config.get("step") or 1
    fits = all(number is None or is_whole(number) for number in (first, end, step))
    return (first, end, step) if fits else None
