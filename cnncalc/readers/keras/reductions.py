"""Keras' operations that join the numbers along dimensions: means, sums and extremes."""

from __future__ import annotations

from typing import Any

from ..builder import ALL, UNIT
from .call import KerasCall, KerasValue
from .input import CHANNELS

POOLS = {"Mean": "global_avg_pool", "Max": "global_max_pool", "Amax": "global_max_pool"}


def reduction(call: KerasCall) -> KerasValue:
    """What joins the numbers along some dimensions; over a whole map a global pool."""
    value, config = call.value, call.config
    rank = len(value.order)
    given = config.get("axis")
    axes = list(range(1, rank + 1)) if given is None else config.wholes("axis")
    places = {axis - 1 if axis > 0 else axis + rank for axis in axes}
    if not places <= set(range(rank)):
        raise config.refuse(f"axis {axes} is none of the {rank} dimensions behind the batch")
    gone = {value.order[place] for place in places}
    kept = config.flag("keepdims", False)
    order = tuple(axis for axis in value.order if kept or axis not in gone)
    along = set(range(call.net.axes_of(value)))
    if gone == along and not value.groups and call.layer.operator in POOLS:
        return KerasValue(call.emit(POOLS[call.layer.operator], [value]).layer, order)
    shape = call.net.builder.known_shape(value.layer)
    sizes = [1 if axis in gone else n for axis, n in zip((CHANNELS, *sorted(along)), shape)]
    reads = UNIT if gone == {CHANNELS} else ALL if along <= gone else None
    return _reduction_layer(call, value, sizes, order, reads)


def _reduction_layer(
    call: KerasCall, value: KerasValue, sizes: list[int], order: Any, reads: str | None
) -> KerasValue:
    """A layer whose output keeps the axes that are joined, with one unit."""
    layer = call.net.builder.add_stated(
        call.layer.operator, call.name, [value.layer], tuple(sizes), reads=reads
    )
    return KerasValue(layer, order)
